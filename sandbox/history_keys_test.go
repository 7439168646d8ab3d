package main

import (
	"strings"
	"testing"
)

// TestNoProgramStartsWithoutAKeyOfHistories: who seals leaves word of the key. It is let go once nothing in Temporal needs it.
func TestNoProgramStartsWithoutAKeyOfHistories(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	f.orders("shop")
	says := func(line, want string) {
		t.Helper()
		if got := string(f.starter(line)); !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
	says("list", "shop.example")
	says("key forget h1", "histories.key names the key h1")
	f.Config.Histories = historiesKey("h2", "h2")
	says("list", "sealed by the key h1, which histories.keys lacks")
	f.Config.Histories = historiesKey("h2", "h2", "h1")
	says("list", "shop.example")
	says("key forget h1", "the key h1 is needed still: open runs: 1")
	says("key forget h9", "no history was sealed by a key h9")
	if err := f.Store.CheckHistoryKeys(t.Context(), []string{"h1", "h2", "h9"}, "h9"); err != nil {
		t.Fatal(err)
	}
	says("list", "sealed by the key h9, which")
	says("key forget h9", "no program needs the key h9 any more")
	says("list", "shop.example")
}
