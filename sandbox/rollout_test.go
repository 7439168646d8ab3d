package main

import (
	"context"
	"testing"
	"time"

	historypb "go.temporal.io/api/history/v1"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/desk"
	"domainprovisioning/internal/histories"
	"domainprovisioning/messages"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// historiesKey is a setting of the programs: the keys that they know, and that which seals.
func historiesKey(seals string, known ...string) config.Histories {
	h := config.Histories{Seal: seals != "", Key: known[0], Keys: map[string]config.Secret{}}
	for _, id := range known {
		h.Keys[id] = config.Secret(fixedKeys()[id])
	}
	if seals != "" {
		h.Key = seals
	}
	return h
}

func fixedKeys() map[string]string {
	return map[string]string{"h1": "b25lIG9uZSBvbmUgb25lIG9uZSBvbmUgb25lIG9uZSE=", "h2": "dHdvIHR3byB0d28gdHdvIHR3byB0d28gdHdvIHR3byE="}
}

func plainHistories(c *config.Config) { c.Histories = config.Histories{} }

// reads replaces the worker by one with another setting.
func (f *fixture) reads(h config.Histories) {
	f.t.Helper()
	f.workers.Stop()
	cfg := f.Config
	cfg.Histories = h
	a, err := assembly.New(f.t.Context(), cfg, f.Log)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { a.Close(context.Background()) })
	c, err := dial(f.t.Context(), server.HostPort(), f.namespace, h, f.Log)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(c.Close)
	// In a new namespace the server begins to answer for schedules after some seconds.
	f.eventually("the watches are brought in line", func() bool { return a.EnsureWatches(f.t.Context(), c) == nil })
	f.workers = a.Workers(c, func(err error) { f.t.Error(err) })
	if err := f.workers.Start(); err != nil {
		f.t.Fatal(err)
	}
}

// sends gives everything else, gateway, relay and commands, another setting.
func (f *fixture) sends(h config.Histories) {
	f.t.Helper()
	c, err := dial(f.t.Context(), server.HostPort(), f.namespace, h, f.Log)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(c.Close)
	f.temporal, f.intake = c, f.Intake(c)
	if f.Codec, err = assembly.NewCodec(h); err != nil {
		f.t.Fatal(err)
	}
}

// orders places an order for a domain, and waits until the registrar has it.
func (f *fixture) orders(label string) (workflowID string) {
	f.t.Helper()
	order := alter(f.t, shop(f.t), "DomainID=shop", "DomainID="+label, "jane@shop", "jane@"+label)
	id := f.place(order).Units[0].WorkflowID
	f.until(id, messages.Waiting)
	return id
}

// sealedBy checks which keys have sealed the payloads of a history. "" is none.
func (f *fixture) sealedBy(workflowID string, want ...string) {
	f.t.Helper()
	counts, err := histories.Keys(f.t.Context(), &historypb.History{Events: f.events(workflowID)})
	if err != nil {
		f.t.Fatal(err)
	}
	for _, id := range want {
		if counts[id] == 0 {
			f.t.Errorf("in %s nothing is sealed by %q", workflowID, id)
		}
	}
	if len(counts) != len(want) {
		f.t.Errorf("%s is sealed by %v, want %q", workflowID, counts, want)
	}
}

// TestHistoriesBecomeSealedWhileOrdersWait plays the rollout and the rotation of docs/operating.md:
// orders of each stage wait through all that follow, and each is carried out once.
func TestHistoriesBecomeSealedWhileOrdersWait(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true}, plainHistories)
	before := f.orders("before")
	f.sealedBy(before, "")

	opens := historiesKey("", "h1") // every program knows the key, and none seals
	f.reads(opens)
	f.sends(opens)
	knows := f.orders("knows")
	f.sealedBy(knows, "")

	first := historiesKey("h1", "h1") // one after the other begins to seal
	f.sends(first)
	begun := f.orders("begun")
	f.sealedBy(begun, "", "h1")
	f.reads(first)
	sealed := f.orders("sealed")
	f.sealedBy(sealed, "h1")

	both := historiesKey("h1", "h1", "h2") // every program knows the next key
	f.reads(both)
	f.sends(both)
	second := historiesKey("h2", "h1", "h2") // and one after the other seals by it
	f.reads(second)
	turning := f.orders("turning")
	f.sealedBy(turning, "h1", "h2")
	f.sends(second)
	rotated := f.orders("rotated")
	f.sealedBy(rotated, "h2")

	ids := []string{before, knows, begun, sealed, turning, rotated}
	labels := []string{"before", "knows", "begun", "sealed", "turning", "rotated"}
	for _, label := range labels {
		if err := f.world.netim.Complete(label + ".example"); err != nil {
			t.Fatal(err)
		}
	}
	f.watch()
	for _, id := range ids {
		f.finish(id)
	}
	for _, label := range labels {
		f.want(label+".example", wholeOf(len(ids)))
	}
}

// TestAKeyThatComesLateCostsNothing: senders seal before the worker has the key. A new order and one
// that waits block, are shown as stuck, and go on when the key comes.
func TestAKeyThatComesLateCostsNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped in short mode: a failed task is tried again after ten seconds")
	}
	t.Parallel()
	f := begin(t, worldOptions{manual: true}, plainHistories)
	told, asked := f.orders("shop"), f.orders("asked")
	sealing := historiesKey("h1", "h1")
	f.sends(sealing)
	order := alter(t, shop(t), "DomainID=shop", "DomainID=fresh", "jane@shop", "jane@fresh")
	fresh := f.place(order).Units[0].WorkflowID
	if err := f.world.netim.Complete("shop.example"); err != nil {
		t.Fatal(err)
	}
	f.confirm("told-once", "done")
	later := messages.Extend{Actor: "ann", Reason: "it takes long", Until: time.Now().Add(240 * time.Hour)}
	extend := func() error {
		extending, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
		defer cancel()
		_, err := messages.ExtendDeadline().Send(extending, f.temporal, asked, "extend-once", later)
		return err
	}
	answer := make(chan error, 1)
	go func() { answer <- extend() }()
	for _, id := range []string{told, asked, fresh} {
		f.eventually("the tasks of "+id+" fail", func() bool {
			described, err := f.temporal.DescribeWorkflowExecution(t.Context(), id, "")
			return err == nil && described.GetPendingWorkflowTask().GetAttempt() > 1
		})
	}
	f.noticed(store.RunStuck)
	f.reads(sealing)
	f.finish(told)
	// The server tells whoever commands a workflow whose tasks keep failing that it is not ready:
	// they repeat the command.
	if err := <-answer; err != nil && !notYet(err) {
		t.Errorf("the command that came without the key: %v", err)
	}
	f.eventually("the command is answered", func() bool { return extend() == nil })
	if until := f.until(asked, messages.Waiting).Deadline; !until.Equal(later.Until) {
		t.Errorf("the order waits until %v, want %v", until, later.Until)
	}
	f.until(fresh, messages.Waiting)
	for _, label := range []string{"asked", "fresh"} {
		if err := f.world.netim.Complete(label + ".example"); err != nil {
			t.Fatal(err)
		}
	}
	f.watch()
	f.finish(asked)
	f.finish(fresh)
	for _, label := range []string{"shop", "asked", "fresh"} {
		f.want(label+".example", wholeOf(3))
		if creates := f.world.netim.Creates(label + ".example"); creates != 1 {
			t.Errorf("%s: %d registrations", label, creates)
		}
	}
}

// TestAnOrderWhoseKeyIsLostGoesOnAfterItsTermination: nobody has the key any more by which the history
// of a waiting order is sealed, and the registrar has finished. Its workflow is terminated, the order
// resumed, and the schedules deleted, as docs/operating.md says: it is carried out from the store, and
// nothing twice.
func TestAnOrderWhoseKeyIsLostGoesOnAfterItsTermination(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	f.orders("shop")
	another := historiesKey("h2", "h2")
	var schedules []string // the SDK cannot even update what it cannot open
	for account := range f.WatchEvery() {
		schedules = append(schedules, workflows.WatchID(account))
	}
	for _, account := range f.AccountNames() {
		schedules = append(schedules, workflows.WalkID(account))
	}
	for _, schedule := range schedules {
		if err := f.temporal.ScheduleClient().GetHandle(t.Context(), schedule).Delete(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	f.reads(another)
	f.sends(another)
	if err := f.world.netim.Complete("shop.example"); err != nil {
		t.Fatal(err)
	}
	f.confirm("told-once", "done")
	f.eventually("its tasks fail", func() bool {
		described, err := f.temporal.DescribeWorkflowExecution(t.Context(), shopWorkflow, "")
		return err == nil && described.GetPendingWorkflowTask().GetAttempt() > 1
	})
	if err := f.temporal.TerminateWorkflow(t.Context(), shopWorkflow, "", "its key is lost"); err != nil {
		t.Fatal(err)
	}
	f.noticed(store.RunTerminated)
	f.give(func(ctx context.Context, d *desk.Desk, unit desk.Unit) error {
		_, err := d.Retry(ctx, unit, "", messages.Retry{Actor: "ann", Reason: "its key is lost"})
		return err
	})
	f.until(shopWorkflow, messages.Waiting) // the confirmation was lost with the run that it was sent to
	f.watch()
	f.finish(shopWorkflow)
	f.want("shop.example", whole())
	if creates := f.world.netim.Creates("shop.example"); creates != 1 {
		t.Errorf("%d registrations", creates)
	}
	f.sealedBy(shopWorkflow, "h2")
}

// wholeOf is what many whole orders have made, of which only the registrar's part is counted by name.
func wholeOf(orders int) effects {
	all := whole()
	for _, n := range []*int{&all.accounts, &all.members, &all.subscriptions, &all.domains, &all.registered, &all.bindings, &all.contacts} {
		*n *= orders
	}
	return all
}
