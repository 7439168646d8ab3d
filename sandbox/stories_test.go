package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestStories runs every scenario with orders of its own as its reader does. The command
// counts the effects itself and ends with an error if one is not as it must be.
func TestStories(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Temporal servers of its own")
	}
	t.Parallel()
	for _, known := range stories() {
		t.Run(known.name, func(t *testing.T) {
			t.Parallel()
			var out, errOut output
			if err := run(t.Context(), []string{"-once", "-pending", "0", "-orders", "20", "-scenario", known.name}, &out, &errOut); err != nil {
				t.Fatalf("%v\n%s%s", err, out.String(), errOut.String())
			}
			_, table, counted := strings.Cut(out.String(), "COUNTED OUTSIDE")
			if lines := strings.Count(strings.TrimSpace(table), "\n"); !counted || lines < 3 {
				t.Errorf("%d effects are counted:\n%s", lines, out.String())
			}
		})
	}
}

func TestAWrongCountIsAnError(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	told := story{counts: func(*world) []count { return []count{effect("transfers", 2, 1), effect("rows", 1, 1)} }}
	if err := told.count(t.Context(), &out, &sandbox{}); err == nil || err.Error() != "transfers: found 2, must be 1" {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(out.String(), "rows             1      1") {
		t.Errorf("printed\n%s", out.String())
	}
}

// TestOwnFilesReplaceTheStory: its orders are not placed, so nothing is counted.
func TestOwnFilesReplaceTheStory(t *testing.T) {
	t.Parallel()
	for _, known := range stories() {
		own, err := parse([]string{"-scenario", known.name, "orders/shop.xml"}, &bytes.Buffer{})
		if err != nil || own.story != nil {
			t.Errorf("%s with a file: %+v, %v", known.name, own.story, err)
		}
		told, err := parse([]string{"-scenario", known.name}, &bytes.Buffer{})
		if err != nil {
			t.Fatal(err)
		}
		if placings, err := told.placings(); err != nil || len(placings) != len(known.story.orders) {
			t.Errorf("%s places %d orders, %v", known.name, len(placings), err)
		}
	}
}
