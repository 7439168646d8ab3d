//go:build unix

package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"domainprovisioning/sandbox/standin/calls"
)

// summary prints what was done and what was found.
func (c *chaos) summary(f findings, took time.Duration) error {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-14s"+format+"\n", append([]any{name}, args...)...)
	}
	answered, tries := c.callers.counts()
	b.WriteString("\n")
	line("seed", "%d", c.settings.seed)
	line("orders", "%d answered in %d tries, %d done, %d for a person with a true reason", answered, tries, f.done, f.waiting)
	line("disturbances", "%d", c.disturber.happened())
	counts := c.disturber.counts
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		line("", "%4d %s", counts[name], name)
	}
	ended := 0
	for _, p := range c.system.processes() {
		ended += p.endedByItself()
	}
	line("", "%4d processes ended by themselves, because something was away", ended)
	struck := c.struck()
	total := 0
	for _, n := range struck {
		total += n
	}
	line("faults", "%d", total)
	for _, name := range slices.Sorted(maps.Keys(struck)) {
		line("", "%4d %s", struck[name], name)
	}
	line("effects", "%d in the systems outside", f.effects)
	line("paid calls", "%d, begun again after a look %d times", f.calls, f.again)
	line("histories", "%d", f.histories)
	line("duration", "%s", took.Round(time.Second))
	line("logs", "%s", c.settings.logs)
	if len(f.violations) == 0 {
		line("verdict", "every order done, every effect once")
	} else {
		line("verdict", "%d violations", len(f.violations))
		for _, violation := range f.violations {
			fmt.Fprintf(&b, "  %s\n", violation)
		}
	}
	if _, err := fmt.Fprint(c.out, b.String()); err != nil {
		return err
	}
	if len(f.violations) > 0 {
		return errors.New("violations were found")
	}
	return nil
}

// struck counts the faults that hit a call, by system and kind.
func (c *chaos) struck() map[string]int {
	w := c.system.world
	counts := map[string]int{}
	for system, log := range map[string][]calls.Call{
		"operations": w.operations.Log(), "billing": w.billing.Log(), "netim": w.netim.Log(),
		"names4ever": w.names4ever.Log(), "realtimeregister": w.realtime.Log(), "epp": w.epp.Log(),
	} {
		for _, call := range log {
			if call.Outcome != "" && call.Outcome != calls.OK && call.Outcome != calls.Refused {
				counts[system+" "+call.Outcome]++
			}
		}
	}
	return counts
}
