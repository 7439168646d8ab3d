// Package terminal shows an order's checklist: redrawn in place on a terminal, and line
// by line in a log file.
package terminal

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"golang.org/x/term"

	"domainprovisioning/messages"
)

// Live shows one order until it has ended. It is not safe for concurrent use.
type Live struct {
	out     io.Writer
	redraw  bool
	title   string
	width   func() int // columns of the terminal; 0 if unknown
	drawn   int        // lines on the screen
	last    string
	states  map[int]messages.StepState
	overall messages.State
	now     func() time.Time
}

// Is reports whether a reader or writer is a terminal.
func Is(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// NewLive shows on out. If out is a terminal it redraws in place, otherwise it writes one
// line per change.
func NewLive(out io.Writer, title string) *Live {
	live := newLive(out, title)
	if file, ok := out.(*os.File); ok && Is(out) {
		live.redraw = true
		live.width = func() int {
			width, _, err := term.GetSize(int(file.Fd()))
			if err != nil {
				return 0
			}
			return width
		}
	}
	return live
}

// newLive returns a Live that writes line by line.
func newLive(out io.Writer, title string) *Live {
	return &Live{
		out: out, title: printable(title), states: make(map[int]messages.StepState), now: time.Now,
		width: func() int { return 0 },
	}
}

// Show updates what is shown.
func (l *Live) Show(progress messages.Progress) {
	if l.redraw {
		l.draw(wrap(Checklist(progress), l.width()))
		return
	}
	for _, line := range progress.Steps {
		if l.states[line.Number] == line.State || line.State == messages.StepOpen || line.State == messages.StepRunning {
			continue
		}
		l.states[line.Number] = line.State
		l.log("%s", strings.TrimRight(row(line), " "))
	}
	if l.overall != progress.State && (progress.State.Closed() || progress.State == messages.NeedsAttention) {
		if progress.Attention != nil && !progress.State.Closed() {
			l.log("order %s %s", progress.OrderNumber, attention(progress.Attention))
		} else {
			l.log("order %s is %s", progress.OrderNumber, progress.State)
		}
	}
	l.overall = progress.State
}

func (l *Live) log(format string, args ...any) {
	fmt.Fprintf(l.out, "%s %s %s\n", l.now().Format("15:04:05"), l.title, printable(fmt.Sprintf(format, args...)))
}

// draw writes over what was drawn before.
func (l *Live) draw(lines []string) {
	text := strings.Join(lines, "\n")
	if text == l.last {
		return
	}
	var b strings.Builder
	if l.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", l.drawn)
	}
	for _, line := range lines {
		// Clear to the end of the line, so that a shorter text leaves nothing behind.
		b.WriteString(line + "\x1b[K\n")
	}
	b.WriteString("\x1b[J")
	_, _ = io.WriteString(l.out, b.String())
	l.drawn, l.last = len(lines), text
}

// wrap breaks lines at the width of the terminal. The terminal would do so too, but then
// there would be more lines than were written, and drawing over them would miss some.
func wrap(lines []string, width int) []string {
	if width <= 0 {
		return lines
	}
	wrapped := make([]string, 0, len(lines))
	for _, line := range lines {
		runes := []rune(line)
		for len(runes) > width {
			wrapped = append(wrapped, string(runes[:width]))
			runes = runes[width:]
		}
		wrapped = append(wrapped, string(runes))
	}
	return wrapped
}

// Checklist formats an order as aligned lines of text without control characters.
func Checklist(progress messages.Progress) []string {
	title := "order " + progress.OrderNumber
	if progress.Domain != "" {
		title += "  " + progress.Domain
	}
	lines := []string{fmt.Sprintf("%s  %s", title, progress.State)}
	for _, line := range progress.Steps {
		lines = append(lines, "  "+row(line))
	}
	if progress.Attention != nil {
		lines = append(lines, "  ! "+attention(progress.Attention))
		for _, action := range progress.Attention.Actions {
			lines = append(lines, fmt.Sprintf("    %-15s %s", action, messages.CommandLine(action, progress.OrderNumber)))
		}
	}
	for _, past := range progress.Troubles {
		lines = append(lines, fmt.Sprintf("  - step %d needed a person from %s to %s because of %s: %s",
			past.Step, past.Since.UTC().Format(time.DateTime), past.Until.UTC().Format(time.DateTime), past.Reason, past.Cure))
	}
	for _, note := range progress.Notes {
		lines = append(lines, "  * "+note)
	}
	for i, line := range lines {
		lines[i] = strings.TrimRight(printable(line), " ")
	}
	return lines
}

func attention(a *messages.Attention) string {
	return fmt.Sprintf("needs attention at step %d since %s: %s: %s",
		a.Step, a.Since.UTC().Format(time.DateTime), a.Reason, a.Message)
}

func row(line messages.StepProgress) string {
	number := fmt.Sprintf("%2d", line.Number)
	if line.Number > 12 {
		number = " +"
	}
	return fmt.Sprintf("%s %s %-36s %s", number, mark(line.State), line.Title, line.Note)
}

// mark returns a mark that is one column wide in every terminal.
func mark(state messages.StepState) string {
	switch state {
	case messages.StepDone:
		return "[x]"
	case messages.StepSkipped:
		return "[-]"
	case messages.StepRunning:
		return "[>]"
	case messages.StepWaiting:
		return "[~]"
	case messages.StepParked:
		return "[!]"
	default:
		return "[ ]"
	}
}

// printable removes the characters by which a text from an outside system could control
// the terminal: C0 and C1 control characters, line separators, and changes of direction.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
			return ' '
		}
		return r
	}, text)
}
