// Package terminal shows an order's checklist to a person at a terminal, redrawn
// in place, and to a log file line by line.
package terminal

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"domainprovisioning/messages"
)

// Live shows one order until it has ended. It is not safe for concurrent use.
type Live struct {
	out     io.Writer
	redraw  bool
	title   string
	drawn   int // lines on the screen
	last    string
	states  map[int]messages.StepState
	overall messages.State
	now     func() time.Time
}

// NewLive shows on out: redrawn in place when out is a terminal, otherwise a line
// for each change.
func NewLive(out io.Writer, title string) *Live {
	redraw := false
	if file, ok := out.(*os.File); ok {
		redraw = term.IsTerminal(int(file.Fd()))
	}
	return &Live{
		out: out, redraw: redraw, title: title, states: make(map[int]messages.StepState),
		now: time.Now,
	}
}

// Show brings what is shown up to date.
func (l *Live) Show(progress messages.Progress) {
	if l.redraw {
		l.draw(Checklist(progress))
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
		l.log("order %s is %s", progress.OrderNumber, progress.State)
		if progress.Attention != nil {
			l.log("  %s", attention(progress.Attention))
		}
	}
	l.overall = progress.State
}

func (l *Live) log(format string, args ...any) {
	fmt.Fprintf(l.out, "%s %s %s\n", l.now().Format("15:04:05"), l.title, fmt.Sprintf(format, args...))
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

// Checklist is an order as aligned lines of text.
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
		lines = append(lines, "  ! "+attention(progress.Attention),
			"    allowed: "+strings.Join(progress.Attention.Actions, ", "))
	}
	for _, note := range progress.Notes {
		lines = append(lines, "  * "+note)
	}
	return lines
}

func attention(a *messages.Attention) string {
	return fmt.Sprintf("needs attention at step %d since %s: %s: %s",
		a.Step, a.Since.UTC().Format(time.DateTime), a.Reason, printable(a.Message))
}

func row(line messages.StepProgress) string {
	number := fmt.Sprintf("%2d", line.Number)
	if line.Number > 12 {
		number = " +"
	}
	return fmt.Sprintf("%s %s %-36s %s", number, mark(line.State), line.Title, line.Note)
}

// mark is one column wide in every terminal.
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

// printable keeps control characters of an outside system off the terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
}
