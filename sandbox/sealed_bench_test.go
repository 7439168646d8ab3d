package main

import (
	"fmt"
	"testing"

	"domainprovisioning/config"
)

// BenchmarkSealing measures what it costs an order that its history is sealed: both kinds in turns,
// each round with servers of its own, and each kind first in every other round. Compare the
// cpu-ms/order. Run it with
//
//	go test -bench=Sealing ./sandbox -run=^$ -benchtime=300x
func BenchmarkSealing(b *testing.B) {
	kinds := []struct {
		name   string
		change func(*config.Config)
	}{
		{"plain", plainHistories},
		{"sealed", func(c *config.Config) { c.Histories = historiesKey("h1", "h1") }},
	}
	for round := range 6 {
		for n := range kinds {
			kind := kinds[(n+round)%len(kinds)]
			b.Run(fmt.Sprintf("%s/%d", kind.name, round), func(b *testing.B) { benchmarkOrdersWith(b, kind.change) })
		}
	}
}
