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
	screen  *Screen
	title   string
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
func NewLive(out io.Writer, title string) *Live { return NewScreen(out).Live(title) }

// Show updates what is shown.
func (l *Live) Show(progress messages.Progress) {
	if l.screen.redraw {
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
		if progress.Attention != nil && !progress.State.Closed() {
			l.log("order %s %s", progress.OrderNumber, attention(progress.Attention))
		} else {
			l.log("order %s is %s", progress.OrderNumber, progress.State)
		}
	}
	l.overall = progress.State
}

func (l *Live) log(format string, args ...any) {
	_, _ = fmt.Fprintf(l.screen, "%s %s %s\n", l.now().Format("15:04:05"), l.title, Printable(fmt.Sprintf(format, args...)))
}

// End leaves what is shown where it stands.
func (l *Live) End() { l.screen.leave() }

// draw draws lines that are not those on the screen.
func (l *Live) draw(lines []string) {
	text := strings.Join(lines, "\n")
	if text == l.last {
		return
	}
	l.screen.draw(lines)
	l.last = text
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
		if reference := progress.Attention.Reference; reference != "" {
			lines = append(lines, fmt.Sprintf("    %-15s starter quote %s", "what it has said", reference))
		}
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
		lines[i] = strings.TrimRight(Printable(line), " ")
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

// Printable puts a blank in the place of each character by which a text from an outside system could
// control the terminal: C0 and C1 control characters, line separators, and changes of direction.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
			return ' '
		}
		return r
	}, text)
}
