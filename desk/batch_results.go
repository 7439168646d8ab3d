package desk

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"domainprovisioning/portfolio/batch"
)

// resultLines is how many lines are read at once for a result.
const resultLines = 250

// WriteResults writes every line of a batch with its result, as CSV with a first row of names or as
// JSON lines. page reads the lines after a line, at most limit of them.
func WriteResults(out io.Writer, form batch.Form, page func(after, limit int) (BatchLines, error)) error {
	buffered := bufio.NewWriter(out)
	write := jsonResults(buffered)
	if form == batch.CSV {
		write = csvResults(buffered)
	}
	for after := 0; ; {
		lines, err := page(after, resultLines)
		if err != nil {
			return err
		}
		if after == 0 && form == batch.CSV && len(lines.Lines) == 0 {
			err = write()
		}
		for _, line := range lines.Lines {
			if err = write(line); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
		if lines.Next == 0 {
			return buffered.Flush()
		}
		after = lines.Next
	}
}

func jsonResults(out io.Writer) func(...BatchLine) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return func(lines ...BatchLine) error {
		for _, line := range lines {
			if err := encoder.Encode(line); err != nil {
				return err
			}
		}
		return nil
	}
}

func csvResults(out io.Writer) func(...BatchLine) error {
	rows := csv.NewWriter(out)
	named := false
	return func(lines ...BatchLine) error {
		if !named {
			named = true
			_ = rows.Write([]string{"line", "domain", "registrar", "state", "order", "orderState", "reasons"})
		}
		for _, line := range lines {
			reasons := make([]string, 0, len(line.Reasons)+1)
			for _, reason := range line.Reasons {
				reasons = append(reasons, reason.Message)
			}
			if line.Trouble != "" {
				reasons = append(reasons, line.Trouble)
			}
			_ = rows.Write([]string{strconv.Itoa(line.Line), line.Domain, line.Registrar, line.State, line.Order, string(line.Shown), strings.Join(reasons, "; ")})
		}
		rows.Flush()
		return rows.Error()
	}
}
