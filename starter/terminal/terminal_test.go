package terminal

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"domainprovisioning/messages"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// order is an order in the middle of its steps.
func order() messages.Progress {
	return messages.Progress{
		OrderNumber: "DP00000001", Domain: "shop.example", Registrar: "netim-main", State: messages.Running, Step: 3,
		Steps: []messages.StepProgress{
			{Number: 1, Title: "Add account", State: messages.StepSkipped, Note: "the order is for existing account 7"},
			{Number: 2, Title: "Add staff member", State: messages.StepDone, Note: "user 1048576"},
			{Number: 3, Title: "Activate domain subscription", State: messages.StepRunning},
			{Number: 10, Title: "Registrar confirms the registration", State: messages.StepOpen},
			{Number: 13, Title: "Record the domain in Billing", State: messages.StepOpen},
		},
	}
}

func waiting() messages.Progress {
	progress := order()
	progress.State, progress.Step = messages.Waiting, 10
	progress.Steps[2].State, progress.Steps[2].Note = messages.StepDone, "subscription 1048576"
	progress.Steps[3].State, progress.Steps[3].Note = messages.StepWaiting, "operation 17 is pending"
	return progress
}

func parked() messages.Progress {
	progress := waiting()
	progress.State = messages.NeedsAttention
	progress.Steps[3].State, progress.Steps[3].Note = messages.StepParked, ""
	progress.Attention = &messages.Attention{
		Step: 10, Reason: "registration-failed", Message: "Province : Invalid value", Since: noon, Actions: []messages.Action{"retry", "cancel"},
	}
	progress.Notes = []string{"the registrar holds other name servers"}
	return progress
}

func done() messages.Progress {
	progress := waiting()
	progress.State = messages.Done
	for i := range progress.Steps[3:] {
		progress.Steps[3+i].State, progress.Steps[3+i].Note = messages.StepDone, ""
	}
	return progress
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go test ./terminal -update writes it", err)
	}
	if got != string(want) {
		t.Errorf("%s has changed; go test ./terminal -update rewrites it. got:\n%s\nwant:\n%s", path, got, want)
	}
}

func TestChecklist(t *testing.T) {
	for name, progress := range map[string]messages.Progress{
		"running": order(), "waiting": waiting(), "parked": parked(), "done": done(),
		"hosting-only": {OrderNumber: "DP00000002", State: messages.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			golden(t, name+".golden", strings.Join(Checklist(progress), "\n")+"\n")
		})
	}
}

// TestAttentionWithoutActionsPromisesNone: a parked order that only resumes by itself
// shows no empty list.
func TestAttentionWithoutActionsPromisesNone(t *testing.T) {
	progress := parked()
	progress.Attention.Actions = nil
	if text := strings.Join(Checklist(progress), "\n"); strings.Contains(text, "allowed") {
		t.Errorf("got %s", text)
	}
}

func TestControlCharactersOfOutsideSystemsAreMasked(t *testing.T) {
	const evil = "a\x1b[2Jb\rc\nd\x00e\u009b31mf\u202eg\u2028h\x7fi"
	progress := parked()
	progress.Attention.Message = evil
	progress.Notes = []string{evil}
	progress.Steps[3].Note = evil
	progress.OrderNumber = evil
	lines := Checklist(progress)
	if len(lines) != len(Checklist(parked())) {
		t.Errorf("%d lines: a line was forged", len(lines))
	}
	var log bytes.Buffer
	NewLive(&log, evil).Show(progress)
	for _, line := range append(lines, strings.Split(strings.TrimSuffix(log.String(), "\n"), "\n")...) {
		if i := strings.IndexFunc(line, func(r rune) bool {
			return r < ' ' || (r >= 0x7f && r < 0xa0) || r == 0x202e || r == 0x2028
		}); i >= 0 {
			t.Errorf("a control character is left in %q", line)
		}
	}
	if !strings.Contains(strings.Join(lines, "\n"), "a [2Jb c d e 31mf g h i") {
		t.Errorf("the text is lost: %q", lines)
	}
}

func TestWithoutTerminalEachChangeIsOneLine(t *testing.T) {
	var out bytes.Buffer
	live := NewLive(&out, "DP00000001 shop.example")
	live.now = func() time.Time { return noon }
	for _, progress := range []messages.Progress{order(), order(), waiting(), waiting(), parked(), parked(), done(), done()} {
		live.Show(progress)
	}
	golden(t, "log.golden", out.String())
	if strings.Contains(out.String(), "\x1b") {
		t.Error("an escape sequence in a log")
	}
}

func TestNewLiveOfAFileWritesALog(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	NewLive(file, "title").Show(done())
	content, err := os.ReadFile(file.Name())
	if err != nil || !strings.Contains(string(content), "order DP00000001 is done") || strings.Contains(string(content), "\x1b") {
		t.Errorf("got %q, %v", content, err)
	}
}

// screen is a terminal: it understands what Live sends and knows what is visible.
type screen struct {
	t      *testing.T
	lines  []string
	row    int
	writes int
}

func (s *screen) Write(p []byte) (int, error) {
	s.writes++
	text := string(p)
	for text != "" {
		switch {
		case strings.HasPrefix(text, "\x1b[K"):
			text = text[3:]
		case strings.HasPrefix(text, "\x1b[J"):
			s.lines, text = s.lines[:s.row], text[3:]
		case strings.HasPrefix(text, "\x1b["):
			digits, rest, ok := strings.Cut(text[2:], "A")
			up := 0
			for _, digit := range digits {
				up = up*10 + int(digit-'0')
			}
			if !ok || up > s.row {
				s.t.Fatalf("bad sequence %q at row %d", text, s.row)
			}
			s.row, text = s.row-up, rest
		default:
			line, rest, ok := strings.Cut(text, "\n")
			if !ok {
				s.t.Fatalf("a line without its end: %q", text)
			}
			line, cleared := strings.CutSuffix(line, "\x1b[K")
			if !cleared && s.row < len(s.lines) {
				s.t.Errorf("the rest of line %q is not cleared", line)
			}
			if s.row == len(s.lines) {
				s.lines = append(s.lines, "")
			}
			s.lines[s.row] = line
			s.row, text = s.row+1, rest
		}
	}
	return len(p), nil
}

func redrawing(t *testing.T, width int) (*Live, *screen) {
	t.Helper()
	s := &screen{t: t}
	live := NewLive(s, "title")
	live.screen.redraw, live.screen.width = true, func() int { return width }
	return live, s
}

func TestATerminalIsDrawnOverInPlace(t *testing.T) {
	live, s := redrawing(t, 0)
	for _, progress := range []messages.Progress{order(), waiting(), parked(), done()} {
		live.Show(progress)
		if got, want := strings.Join(s.lines, "\n"), strings.Join(Checklist(progress), "\n"); got != want {
			t.Errorf("the screen shows\n%s\nwant\n%s", got, want)
		}
	}
	before := s.writes
	live.Show(done())
	if s.writes != before {
		t.Error("written though nothing changed")
	}
}

// TestNarrowTerminal: a line that the terminal breaks counts as two when it is drawn
// over.
func TestNarrowTerminal(t *testing.T) {
	live, s := redrawing(t, 20)
	for _, progress := range []messages.Progress{order(), parked(), order()} {
		live.Show(progress)
		for _, line := range s.lines {
			if len([]rune(line)) > 20 {
				t.Errorf("the terminal breaks %q", line)
			}
		}
		if got, want := strings.Join(s.lines, ""), strings.Join(Checklist(progress), ""); got != want {
			t.Errorf("the screen shows\n%s\nwant\n%s", got, want)
		}
	}
}

// TestALogStandsAboveTheChecklist: what others write while an order is shown breaks nothing, and
// what is shown of an order that has ended stays.
func TestALogStandsAboveTheChecklist(t *testing.T) {
	live, s := redrawing(t, 20)
	write := func(text string) {
		t.Helper()
		if n, err := io.WriteString(live.screen, text); n != len(text) || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	want := ""
	expect := func(more string) {
		t.Helper()
		want += more
		if got := strings.Join(s.lines, ""); got != want {
			t.Errorf("the screen shows\n%s\nwant\n%s", got, want)
		}
	}
	write("level=ERROR first\n")
	expect("level=ERROR first")
	live.Show(order())
	write("level=ERROR second\n")
	write("without an end")
	want += "level=ERROR second" + "without an end"
	log := want
	expect(strings.Join(Checklist(order()), ""))
	live.Show(parked())
	want = log
	expect(strings.Join(Checklist(parked()), ""))
	live.End()
	write("the next one\n")
	expect("the next one")
}

func TestExactEscapeSequences(t *testing.T) {
	var out bytes.Buffer
	live := NewLive(&out, "title")
	live.screen.redraw = true
	live.Show(messages.Progress{OrderNumber: "1", State: messages.Running})
	live.Show(messages.Progress{OrderNumber: "1", State: messages.Done})
	if got, want := out.String(), "order 1  running\x1b[K\n\x1b[J\x1b[1Aorder 1  done\x1b[K\n\x1b[J"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
