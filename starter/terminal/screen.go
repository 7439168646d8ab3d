package terminal

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"

	"domainprovisioning/messages"
)

// Screen is an output on which a checklist is redrawn in place, and to which others write lines
// meanwhile, such as a log: these come to stand above the checklist. It is safe for concurrent
// use.
type Screen struct {
	mu     sync.Mutex
	out    io.Writer
	redraw bool       // out is a terminal
	width  func() int // columns of the terminal; 0 if unknown
	drawn  []string   // the lines that can still be drawn over
}

// NewScreen returns a Screen. An output that is no terminal gets everything as it is written.
func NewScreen(out io.Writer) *Screen {
	s := &Screen{out: out, width: func() int { return 0 }}
	if file, ok := out.(*os.File); ok && Is(out) {
		s.redraw = true
		s.width = func() int {
			width, _, err := term.GetSize(int(file.Fd()))
			if err != nil {
				return 0
			}
			return width
		}
	}
	return s
}

// Live shows an order on the screen.
func (s *Screen) Live(title string) *Live {
	return &Live{screen: s, title: Printable(title), states: make(map[int]messages.StepState), now: time.Now}
}

// Write writes whole lines above the checklist.
func (s *Screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.drawn) == 0 {
		return s.out.Write(p)
	}
	var b bytes.Buffer
	s.back(&b)
	b.WriteString("\x1b[J")
	b.Write(p)
	if !bytes.HasSuffix(p, []byte{'\n'}) {
		b.WriteByte('\n')
	}
	s.put(&b, s.drawn)
	if _, err := s.out.Write(b.Bytes()); err != nil {
		return 0, err
	}
	return len(p), nil
}

// draw writes over what was drawn before.
func (s *Screen) draw(lines []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines = wrap(lines, s.width())
	var b bytes.Buffer
	s.back(&b)
	s.put(&b, lines)
	_, _ = s.out.Write(b.Bytes())
	s.drawn = lines
}

// leave makes what was drawn an ordinary text.
func (s *Screen) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drawn = nil
}

// back moves to the first line of what was drawn.
func (s *Screen) back(b *bytes.Buffer) {
	if len(s.drawn) > 0 {
		fmt.Fprintf(b, "\x1b[%dA", len(s.drawn))
	}
}

func (*Screen) put(b *bytes.Buffer, lines []string) {
	for _, line := range lines {
		// Clear to the end of the line, so that a shorter text leaves nothing behind.
		b.WriteString(line + "\x1b[K\n")
	}
	b.WriteString("\x1b[J")
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
