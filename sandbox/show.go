package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"domainprovisioning/config"
	"domainprovisioning/desk"
	"domainprovisioning/intake"
	"domainprovisioning/messages"
	"domainprovisioning/sandbox/embedded"
	"domainprovisioning/starter/terminal"
	"domainprovisioning/store"
)

// introduce prints the addresses of everything.
func (b *sandbox) introduce(out io.Writer) {
	_, _ = fmt.Fprintf(out, `Temporal         %s
Temporal Web UI  %s
Operations       %s (stand-in)
Billing          %s (stand-in)
Netim            %s (stand-in)
Names4Ever       %s (stand-in)
RealtimeRegister %s (stand-in)
EPP registry     %s (stand-in)
Gateway          %s
Desk             %s (logs in once)
Worker           http://%s/metrics
Configuration    %s

In another terminal:
  export TEMPORAL_ADDRESS=%s %s=%s
  go run ./starter list

Or over HTTP:
  export GATEWAY=%s KEY=%s
  curl -H "Authorization: Bearer $KEY" $GATEWAY/v1/orders

`, b.server.HostPort(), b.server.UIURL(), b.world.Operations, b.world.Billing, b.world.Netim, b.world.Names4ever,
		b.world.Realtime, b.world.EPP,
		b.serving.url(), b.deskURL, b.system.status.Address, configurationIn(b.dir), b.server.HostPort(), config.FileVariable, configurationIn(b.dir),
		b.serving.url(), b.serving.key)
}

// link returns the address of a workflow's page in the Web UI.
func (b *sandbox) link(workflowID, runID string) string {
	return fmt.Sprintf("%s/namespaces/%s/workflows/%s/%s", b.server.UIURL(), embedded.Namespace, url.PathEscape(workflowID), runID)
}

// place places the orders one after another and shows each one until it has ended.
func (b *sandbox) place(ctx context.Context, out *terminal.Screen, placings []placing) error {
	var failures []error
	var table summary
	for _, order := range placings {
		placed, err := b.system.intake.Place(ctx, order.content)
		switch {
		case err != nil && order.refused != "" && strings.Contains(err.Error(), order.refused):
			_, _ = fmt.Fprintf(out, "%s is refused, as it must be: %s\n\n", order.name, err)
			table.refused(order.name)
			continue
		case err != nil:
			failures = append(failures, fmt.Errorf("%s: %w", order.name, err))
			table.refused(order.name)
			continue
		case order.refused != "":
			failures = append(failures, fmt.Errorf("%s is accepted and must be refused: %s", order.name, order.refused))
		}
		for _, unit := range placed.Units {
			_, _ = fmt.Fprintf(out, "order %s from %s\n  %s\n\n", placed.Number, order.name, b.link(unit.WorkflowID, unit.RunID))
			if err := b.show(ctx, out, unit, cmp.Or(order.ends, messages.Done)); err != nil {
				failures = append(failures, err)
			}
			if err := b.summarise(ctx, &table, order.name, unit); err != nil {
				failures = append(failures, err)
			}
		}
	}
	if len(placings) > 1 {
		failures = append(failures, table.print(out))
	}
	return errors.Join(failures...)
}

// show follows a unit of work until it has ended, in the state that it must end in.
func (b *sandbox) show(ctx context.Context, out *terminal.Screen, unit intake.PlacedUnit, ends messages.State) error {
	title := unit.Domain
	if title == "" {
		title = "hosting"
	}
	number := unit.OrderNumber
	live := out.Live(title)
	defer live.End()
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	var before glance
	for {
		_, progress, err := b.look(ctx, unit)
		switch {
		case ctx.Err() != nil:
			return errors.New("stopped before the order had ended")
		case errors.Is(err, desk.ErrUnavailable):
			// The machine is busy, or the workflow was just reset: it answers later.
		case err != nil:
			return err
		default:
			live.Show(progress)
			if progress.State == ends {
				return nil
			}
			if progress.State.Closed() {
				return fmt.Errorf("order %s is %s", number, progress.State)
			}
			if now := glanceAt(progress); now != before {
				before = now
				if err := b.help(ctx, out, unit, progress); err != nil {
					return err
				}
			}
		}
		select {
		case <-ctx.Done():
			return errors.New("stopped before the order had ended")
		case <-ticker.C:
		}
	}
}

// look returns how the desk shows a unit of work, whatever was done to its workflow.
func (b *sandbox) look(ctx context.Context, unit intake.PlacedUnit) (desk.Unit, messages.Progress, error) {
	d := b.system.Desk(b.client)
	units, err := d.Find(ctx, unit.OrderNumber)
	if err != nil {
		return desk.Unit{}, messages.Progress{}, err
	}
	found, err := desk.One(units, desk.Which{Item: &unit.Item})
	if err != nil {
		return desk.Unit{}, messages.Progress{}, err
	}
	progress, err := d.Progress(ctx, found)
	return found, progress, err
}

// glance is what a person sees of an order at a glance.
type glance struct {
	state  messages.State
	step   int
	began  time.Time // of the step
	notes  int
	reason messages.Reason
	since  time.Time
}

func glanceAt(progress messages.Progress) glance {
	now := glance{state: progress.State, step: progress.Step, notes: len(progress.Notes)}
	if n := progress.Step; n > 0 && n <= len(progress.Steps) {
		now.began = progress.Steps[n-1].StartedAt
	}
	if progress.Attention != nil {
		now.reason, now.since = progress.Attention.Reason, progress.Attention.Since
	}
	return now
}

// help does what a person would do about an order, and says so. Without -once it only says what
// to do, and somebody does it in another terminal. The error says that an order needs a person
// and the scenario has nobody who helps.
func (b *sandbox) help(ctx context.Context, out io.Writer, unit intake.PlacedUnit, progress messages.Progress) error {
	var does *deed
	if b.story != nil && b.story.person != nil {
		var err error
		if does, err = b.story.person(b.world, progress); err != nil {
			return err
		}
	}
	switch {
	case does != nil:
	case progress.Attention != nil && progress.Attention.Reason != messages.ReasonDeadlinePassed && len(progress.Attention.Actions) > 0:
		return fmt.Errorf("order %s needs attention: %s; correct the cause, then: go run ./%s",
			unit.OrderNumber, progress.Attention.Reason, messages.CommandLine(messages.ActionRetry, unit.OrderNumber))
	default:
		return nil
	}
	if progress.Attention != nil {
		_, _ = fmt.Fprintf(out, "\nneeds attention: %s\n", progress.Attention.Message)
	}
	if does.says != "" {
		_, _ = fmt.Fprintf(out, "\n%s\n", does.says)
	}
	if does.outside != nil {
		does.outside(b.world)
	}
	if does.inside != nil {
		if err := does.inside(ctx, b, unit); err != nil {
			return err
		}
	}
	if does.command == "" {
		return nil
	}
	command := "go run ./starter " + strings.ReplaceAll(does.command, "ORDER", unit.OrderNumber)
	if !b.once {
		_, _ = fmt.Fprintf(out, "\nin another terminal, give the command\n  %s\n\n", command)
		return nil
	}
	_, _ = fmt.Fprintf(out, "\n%s: %s\n\n", person, command)
	found, _, err := b.look(ctx, unit)
	if err != nil {
		return err
	}
	return does.give(ctx, b.system.Desk(b.client), found)
}

// finished reports whether the registrar has finished an operation whose order does not
// know it yet. A registry that speaks EPP says so in its queue.
func (b *sandbox) finished(account string, open []store.LedgerRow) bool {
	if account == eppAccount {
		return len(open) > 0 && b.world.epp.QueueLength() > 0
	}
	done := make(map[string]bool)
	for _, operation := range b.world.netim.Operations() {
		done[strconv.Itoa(operation.ID)] = operation.Status != pendingAtNetim
	}
	for _, process := range b.world.realtime.Processes() {
		done[strconv.FormatInt(process.ID, 10)] = process.Ended
	}
	for _, order := range b.world.sample.Orders() {
		done[strconv.FormatInt(order.Number, 10)] = order.State != "open"
	}
	for _, operation := range open {
		if operation.Reference != "" && done[operation.Reference] {
			return true
		}
	}
	return false
}

func configurationIn(dir string) string { return filepath.Join(dir, config.DefaultFile) }

// writeConfiguration writes the file that lets starter and worker reach this sandbox. It
// holds the sandbox's key and passwords, which open nothing else.
func writeConfiguration(dir string, cfg config.Config) error {
	content, err := yaml.Marshal(cfg)
	if err != nil {
		return fmt.Errorf("sandbox: configuration: %w", err)
	}
	return os.WriteFile(configurationIn(dir), content, 0o600)
}

// pendingAtNetim is the registrar's word for an operation in progress.
const pendingAtNetim = "Pending"
