package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// The commands that people give in stories. Each is printed as it is typed.

func typed(command, reason string, flags []string) string {
	return strings.Join(append([]string{command, fmt.Sprintf("--reason %q", reason)}, flags...), " ")
}

// retries is the deed that tries again.
func retries(command messages.Retry, flags ...string) *deed {
	command.Actor = person
	return &deed{command: typed("retry ORDER", command.Reason, flags), give: func(ctx context.Context, d *desk.Desk, unit desk.Unit) error {
		_, err := d.Retry(ctx, unit, "", command)
		return err
	}}
}

// amends is the deed that replaces what the order said, by a file in sandbox/scenarios.
func amends(file, reason string) *deed {
	path := "scenarios/" + file
	return &deed{command: typed("amend ORDER sandbox/"+path, reason, nil), give: func(ctx context.Context, d *desk.Desk, unit desk.Unit) error {
		amendment, err := orderFiles.ReadFile(path)
		if err == nil {
			_, err = d.Amend(ctx, unit, "", amendment, person, reason)
		}
		return err
	}}
}

// cancels is the deed that gives the order up.
func cancels(command messages.Cancel) *deed {
	command.Actor = person
	return &deed{command: typed("cancel ORDER", command.Reason, nil), give: func(ctx context.Context, d *desk.Desk, unit desk.Unit) error {
		_, err := d.Cancel(ctx, unit, "", command)
		return err
	}}
}

// extends is the deed that waits longer for the registrar.
func extends(by time.Duration, reason string) *deed {
	return &deed{command: typed(fmt.Sprintf("extend ORDER %.0fh", by.Hours()), reason, nil), give: func(ctx context.Context, d *desk.Desk, unit desk.Unit) error {
		_, err := d.Extend(ctx, unit, "", messages.Extend{Actor: person, Reason: reason, Until: time.Now().Add(by)})
		return err
	}}
}

// happens is something that nobody commands.
func happens(says string, outside func(*world)) *deed { return &deed{says: says, outside: outside} }

// acts are the commands about an order that were accepted, oldest first.
func acts(ctx context.Context, b *sandbox, order string) (string, error) {
	all, err := b.system.Store.Acts(ctx, store.ActFilter{OrderNumber: order})
	var given []string
	for _, act := range all {
		if act.Outcome == store.ActAccepted && act.Actor != "" && act.Reason != "" {
			given = append(given, act.Command)
		}
	}
	return strings.Join(given, ", "), err
}

// undone are the things that a cancelled order made, in the order in which they were taken back,
// and the notes about them.
func undone(ctx context.Context, b *sandbox, order string) (things, notes string, err error) {
	d := b.system.Desk(b.client)
	units, err := d.Find(ctx, order)
	if err != nil {
		return "", "", err
	}
	lines, err := d.Undo(ctx, units[0])
	all, texts := make([]string, len(lines)), make([]string, len(lines))
	for n, line := range lines {
		all[n], texts[n] = fmt.Sprintf("%s %s", line.Title, line.State), line.Note
	}
	return strings.Join(all, ", "), strings.Join(texts, "; "), err
}

// lists reports whether an order is among those that left something behind.
func lists(ctx context.Context, b *sandbox, order string) (bool, error) {
	ends, err := b.system.Store.LooseEnds(ctx, store.LooseEndFilter{Kind: store.Left})
	for _, end := range ends {
		if end.OrderNumber == order {
			return true, err
		}
	}
	return false, err
}
