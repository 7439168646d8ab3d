package page

import (
	"fmt"
	"net/http"
	"time"

	"domainprovisioning/desk"
)

// figuresFor is how long figures are kept: they read many rows.
const figuresFor = 5 * time.Minute

// bar is a part of a column of the chart, in the units of its picture.
type bar struct {
	X, Y, Width, Height float64
	Kind                string
}

// column is a day of the chart. Label is under every fifth day.
type column struct {
	desk.Day

	Middle float64
	Label  string
}

// picture is the chart of the orders a day: 30 columns on a plane of 900 by 220.
type picture struct {
	Bars    []bar
	Columns []column
	Lines   []line
}

// line is a line of the scale.
type line struct {
	Y     float64
	Value int
}

const (
	planeWidth, planeHeight = 900.0, 220.0
	left, top               = 40.0, 10.0
)

// drawn is the chart of days.
func drawn(days []desk.Day) picture {
	most := 4
	for _, day := range days {
		most = max(most, day.All())
	}
	step := max(1, (most+3)/4)
	scale := planeHeight / float64(4*step)
	var shown picture
	for n := range 5 {
		shown.Lines = append(shown.Lines, line{top + planeHeight - float64(n*step)*scale, n * step})
	}
	width := (planeWidth - left) / float64(len(days))
	for n, day := range days {
		x, y := left+float64(n)*width, top+planeHeight
		for _, part := range []struct {
			kind  string
			count int
		}{{"done", day.Done}, {"open", day.Open}, {"cancelled", day.Cancelled}, {"failed", day.Failed}} {
			if part.count > 0 {
				height := float64(part.count) * scale
				y -= height
				shown.Bars = append(shown.Bars, bar{x + width*0.15, y, width * 0.7, height, part.kind})
			}
		}
		label := ""
		if (len(days)-1-n)%5 == 0 {
			label = day.Day.Format("2 Jan")
		}
		shown.Columns = append(shown.Columns, column{day, x + width/2, label})
	}
	return shown
}

// F is a number of a picture.
func (picture) F(value float64) string { return fmt.Sprintf("%.1f", value) }

// range of a registrar's waiting times: from the median to the ninth tenth, on a plane of 600.
type waited struct {
	desk.Waiting

	Median, P90 float64
}

func waits(all []desk.Waiting) []waited {
	longest := time.Second
	for _, one := range all {
		longest = max(longest, one.P90)
	}
	shown := make([]waited, len(all))
	for n, one := range all {
		shown[n] = waited{one, 600 * one.Median.Seconds() / longest.Seconds(), 600 * one.P90.Seconds() / longest.Seconds()}
	}
	return shown
}

// chart is GET /desk/figures.
func (p *Page) chart(w http.ResponseWriter, r *http.Request, who visitor) error {
	now := p.Now()
	p.figures.mu.Lock()
	defer p.figures.mu.Unlock()
	if !now.Before(p.figures.until) {
		read, err := p.Desk.Figures(r.Context(), now)
		if err != nil {
			return err
		}
		p.figures.kept, p.figures.until = read, now.Add(figuresFor)
	}
	data := struct {
		desk.Figures

		Picture picture
		Waited  []waited
		As      time.Time
	}{p.figures.kept, drawn(p.figures.kept.Days), waits(p.figures.kept.Waits), p.figures.until.Add(-figuresFor)}
	p.render(w, r, http.StatusOK, "figures", view{Title: "Figures", Visitor: who, Data: data})
	return nil
}
