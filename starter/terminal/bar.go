package terminal

import (
	"fmt"
	"strings"
)

// Bar shows how far something has come: redrawn in place on a terminal, and otherwise in a line for
// each change of its text that is worth one. It is not safe for concurrent use.
type Bar struct {
	screen *Screen
	title  string
	shown  int // the last tenth that was written as a line
	last   string
}

// Bar shows progress on the screen.
func (s *Screen) Bar(title string) *Bar { return &Bar{screen: s, title: Printable(title), shown: -1} }

// barWidth is the number of columns between the brackets.
const barWidth = 30

// Show says that so many of all are done, with a text beside the bar.
func (b *Bar) Show(done, all int, text string) {
	share := 1.0
	if all > 0 {
		share = float64(min(done, all)) / float64(all)
	}
	if b.screen.redraw {
		full := int(share * barWidth)
		b.screen.draw([]string{fmt.Sprintf("%s [%s%s] %3d%%  %s", b.title, strings.Repeat("#", full), strings.Repeat(".", barWidth-full), int(share*100), Printable(text))})
		return
	}
	tenth := int(share * 10)
	if tenth == b.shown && (done < all || text == b.last) {
		return
	}
	b.shown, b.last = tenth, text
	_, _ = fmt.Fprintf(b.screen, "%s %d%%  %s\n", b.title, int(share*100), Printable(text))
}

// End leaves what is shown where it stands.
func (b *Bar) End() { b.screen.leave() }
