package terminal

import (
	"bytes"
	"strings"
	"testing"
)

func TestABarInAFileIsALineForEachTenth(t *testing.T) {
	var out bytes.Buffer
	bar := NewScreen(&out).Bar("batch\x1b[2J 1")
	for n := range 101 {
		bar.Show(n, 100, "placing")
	}
	bar.Show(100, 100, "placing")
	bar.End()
	if lines := strings.Split(strings.TrimSpace(out.String()), "\n"); len(lines) != 11 || !strings.HasSuffix(lines[3], "30%  placing") || strings.Contains(out.String(), "\x1b") {
		t.Errorf("got %q", lines)
	}
}

func TestABarOnATerminalIsRedrawn(t *testing.T) {
	var out bytes.Buffer
	screen := NewScreen(&out)
	screen.redraw = true
	bar := screen.Bar("batch")
	bar.Show(1, 3, "one")
	bar.Show(3, 3, "three")
	bar.Show(0, 0, "none")
	for _, want := range []string{"batch [##########....................]  33%  one", "[" + strings.Repeat("#", 30) + "] 100%  three", "100%  none"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("lacks %q: %q", want, out.String())
		}
	}
}
