package main

import "testing"

// TestNoProgramStartsWithoutAKeyOfHistories: who seals leaves word of the key. It is let go once
// nothing in Temporal needs it.
func TestNoProgramStartsWithoutAKeyOfHistories(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	f.orders("shop")
	f.says("list", "shop.example")
	f.says("key forget h1", "histories.key names the key h1")
	f.Config.Histories = historiesKey("h2", "h2")
	f.says("list", "sealed by the key h1, which histories.keys lacks")
	f.Config.Histories = historiesKey("h2", "h2", "h1")
	f.says("list", "shop.example")
	f.says("key forget h1", "the key h1 is needed still: open runs: 1")
	f.says("key forget h9", "no history was sealed by a key h9")
	if err := f.Store.CheckHistoryKeys(t.Context(), []string{"h1", "h2", "h9"}, "h9"); err != nil {
		t.Fatal(err)
	}
	f.says("list", "sealed by the key h9, which")
	f.says("key forget h9", "no program needs the key h9 any more")
	f.says("list", "shop.example")
}
