package desk_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"domainprovisioning/desk"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// names returns the domains of a page in order.
func names(page desk.Page) string {
	var all []string
	for _, unit := range page.Orders {
		all = append(all, strings.TrimSuffix(unit.Domain, ".example"))
	}
	return strings.Join(all, " ")
}

func (c *counter) list(filter desk.Filter) desk.Page {
	c.t.Helper()
	page, err := c.List(operator(c.t), filter)
	if err != nil {
		c.t.Fatalf("%+v: %v", filter, err)
	}
	return page
}

// shops places an order for each of n domains, shop0 first.
func (c *counter) shops(n int) {
	c.t.Helper()
	for i := range n {
		c.order(outside.Alter(c.t, outside.DomainOnly, `"shop"`, fmt.Sprintf(`"shop%d"`, i)))
		c.clock.Advance(1e9)
	}
}

// Orders come and go while a reader turns the pages. No order that existed all the time
// is left out, and none is shown twice.
func TestPagesGoOnWhereTheOneBeforeEnded(t *testing.T) {
	c := begin(t)
	c.shops(4)
	first := c.list(desk.Filter{Limit: 2})
	c.order(twoDomains(t))
	if err := c.World.Store.CloseUnit(operator(t), "DP00000002", 0, store.UnitDone, ""); err != nil {
		t.Fatal(err)
	}
	second := c.list(desk.Filter{Limit: 2, Cursor: first.Next})
	if names(first) != "shop3 shop2" || first.Next == "" || names(second) != "shop1 shop0" || second.Next != "" {
		t.Errorf("%s, then %s and %q", names(first), names(second), second.Next)
	}
	// Units of one order were accepted at the same time.
	one := c.list(desk.Filter{Limit: 1})
	if two := c.list(desk.Filter{Limit: 1, Cursor: one.Next}); names(one) != "shop" || names(two) != "store" {
		t.Errorf("%s, then %s", names(one), names(two))
	}
}

// tell records a state of an order, as its workflow does.
func (c *counter) tell(number string, item int, state messages.State, step int, reason string) {
	c.t.Helper()
	err := c.World.Store.RecordState(operator(c.t), store.StateChange{
		OrderNumber: number, Item: item, At: c.clock.Now(), State: state, Step: step, Reason: reason,
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *counter) run(number string, item int, run store.RunState) {
	c.t.Helper()
	if _, err := c.World.Store.RecordRun(operator(c.t), number, item, run); err != nil {
		c.t.Fatal(err)
	}
}

// standings prepares an order of each kind, shop0 to shop7, a second apart, and one of hosting.
func standings(t *testing.T) *counter {
	t.Helper()
	c := begin(t)
	c.shops(8)
	c.tell("DP00000002", 0, messages.Waiting, 10, "")
	c.tell("DP00000003", 0, messages.NeedsAttention, 6, "balance")
	c.tell("DP00000004", 0, messages.NeedsAttention, 11, "conflict")
	c.tell("DP00000005", 0, messages.Undoing, 6, "")
	c.tell("DP00000006", 0, messages.Waiting, 10, "")
	c.run("DP00000006", 0, store.RunTerminated)
	for number, state := range map[string]store.UnitState{"DP00000007": store.UnitFailed, "DP00000008": store.UnitDone} {
		c.tell(number, 0, messages.NeedsAttention, 6, "balance")
		if err := c.World.Store.CloseUnit(operator(t), number, 0, state, ""); err != nil {
			t.Fatal(err)
		}
		c.run(number, 0, store.RunTerminated) // an order that has ended is not stopped
	}
	c.order(outside.HostingOnly)
	return c
}

func TestAListTellsHowEachOrderStands(t *testing.T) {
	c := standings(t)
	now := c.clock.Now()
	accepted := func(n int) time.Time { return now.Add(time.Duration(n-9) * time.Second) }
	page := c.list(desk.Filter{})
	if page.Note != "" || len(page.Orders) != 9 {
		t.Fatalf("got %+v", page)
	}
	for n, want := range []desk.Unit{
		{State: messages.Running, Step: 1, Since: &now}, // the hosting
		{State: messages.Done, Since: &now},
		{State: messages.Failed, Step: 6, Since: &now},
		{State: messages.NeedsAttention, Step: 10, Reason: "terminated", Run: "terminated", Since: &now},
		{State: messages.Undoing, Step: 6, Since: &now},
		{State: messages.NeedsAttention, Step: 11, Reason: "conflict", Since: &now},
		{State: messages.NeedsAttention, Step: 6, Reason: "balance", Since: &now},
		{State: messages.Waiting, Step: 10, Since: &now},
		{State: messages.Running, Step: 1, Since: new(accepted(1))},
	} {
		got := page.Orders[n]
		if got.State != want.State || got.Step != want.Step || got.Reason != want.Reason || got.Run != want.Run || got.Since == nil || !got.Since.Equal(*want.Since) {
			t.Errorf("%s is %s at %d, reason %q, run %q, since %v; want %+v since %s", got.Order, got.State, got.Step, got.Reason, got.Run, got.Since, want, want.Since)
		}
		if got.Open() == want.State.Closed() {
			t.Errorf("%s is open: %t", got.Order, got.Open())
		}
	}
}

func TestAListIsNarrowed(t *testing.T) {
	c := standings(t)
	c.clock.Advance(time.Hour)
	c.tell("DP00000003", 0, messages.NeedsAttention, 6, "auth") // since now
	for _, k := range []struct {
		filter desk.Filter
		want   string
	}{
		{desk.Filter{State: "running"}, " shop0"}, // the hosting has no domain
		{desk.Filter{State: "waiting"}, "shop1"},
		{desk.Filter{State: "attention"}, "shop5 shop3 shop2"},
		{desk.Filter{State: "undoing"}, "shop4"},
		{desk.Filter{State: "failed"}, "shop6"}, {desk.Filter{State: "done"}, "shop7"}, {desk.Filter{State: "cancelled"}, ""},
		{desk.Filter{State: "open", Registrar: outside.Account}, "shop5 shop4 shop3 shop2 shop1 shop0"},
		{desk.Filter{State: "stopped"}, "shop5"},
		{desk.Filter{Reason: "conflict"}, "shop3"}, {desk.Filter{Reason: "terminated"}, "shop5"}, {desk.Filter{Reason: "balance"}, ""},
		{desk.Filter{Reason: "auth", State: "attention", Registrar: outside.Account}, "shop2"}, {desk.Filter{Reason: "auth", State: "waiting"}, ""},
		{desk.Filter{Text: "OP3.ex"}, "shop3"}, {desk.Filter{Text: "DP00000003"}, "shop2"}, {desk.Filter{Text: "DP0000000"}, ""},
		{desk.Filter{Text: "%"}, ""}, {desk.Filter{Text: "shop_"}, ""}, {desk.Filter{Text: "!"}, ""}, {desk.Filter{Text: "' OR 1=1 --"}, ""},
		{desk.Filter{OlderThan: time.Hour, State: "attention"}, "shop5 shop3"},
		{desk.Filter{OlderThan: time.Hour + 2*time.Second}, "shop0"},
		{desk.Filter{Domain: "SHOP2.example."}, "shop2"},
		{desk.Filter{Domain: "shop2.example", State: "done"}, ""},
		{desk.Filter{Registrar: "two words"}, ""}, {desk.Filter{Registrar: "nowhere"}, ""},
	} {
		page := c.list(k.filter)
		if names(page) != k.want || page.Orders == nil || page.Next != "" {
			t.Errorf("%+v: %q", k.filter, names(page))
		}
	}
	// Every filter turns pages.
	first := c.list(desk.Filter{State: "attention", Text: "shop", Limit: 2})
	if second := c.list(desk.Filter{State: "attention", Text: "shop", Limit: 2, Cursor: first.Next}); names(first) != "shop5 shop3" || names(second) != "shop2" || second.Next != "" {
		t.Errorf("%s, then %s", names(first), names(second))
	}
}

func TestAFilterThatIsWrongNamesItsField(t *testing.T) {
	c := begin(t)
	c.shops(1)
	const ofAnother = "cursor must come from the previous page"
	const text = " must be at most 253 characters long, and hold no control character"
	for _, k := range []struct {
		filter desk.Filter
		want   string
	}{
		{desk.Filter{Limit: -1}, "limit must be 1 to 1000"}, {desk.Filter{Limit: 1001}, "limit must be 1 to 1000"},
		{desk.Filter{Domain: "a..b"}, "domain must be a domain name"},
		{desk.Filter{State: "lost"}, "state must be one of open, stopped, running, waiting, attention, undoing, done, cancelled, failed"},
		{desk.Filter{Reason: "a\x00"}, "reason" + text}, {desk.Filter{Text: "\xff"}, "text" + text}, {desk.Filter{Text: strings.Repeat("x", 254)}, "text" + text},
		{desk.Filter{OlderThan: -time.Hour}, "olderThan must be an age such as 48h"},
		{desk.Filter{Cursor: "!"}, ofAnother}, {desk.Filter{Cursor: "e30"}, ofAnother}, // {}: not a position
	} {
		_, err := c.List(operator(t), k.filter)
		if wrong, ok := errors.AsType[*desk.FilterError](err); !ok || wrong.Error() != k.want {
			t.Errorf("%+v: %v", k.filter, err)
		}
	}
}

func TestAListWhileSomethingIsAway(t *testing.T) {
	c := standings(t)
	known := c.list(desk.Filter{})
	c.World.Temporal.SetDown(true)
	for _, state := range append(desk.States(), "") {
		page := c.list(desk.Filter{State: state})
		if !strings.HasPrefix(page.Note, "Temporal does not answer") {
			t.Errorf("%s: the list does not say that Temporal is away: %q", state, page.Note)
		}
		if state == "" && !reflect.DeepEqual(page.Orders, known.Orders) {
			t.Errorf("what the store knows has changed: %+v", page.Orders)
		}
	}
	if err := c.World.Store.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.List(operator(t), desk.Filter{}); err == nil || errors.Is(err, desk.ErrUnavailable) {
		t.Errorf("the store is away: %v", err)
	}
	if _, err := c.Find(operator(t), "DP00000001"); err == nil || errors.Is(err, desk.ErrNotFound) {
		t.Errorf("the store is away: %v", err)
	}
}

// silent is a Temporal that accepts calls and never answers.
type silent struct{ client.Client }

func (silent) CheckHealth(ctx context.Context, _ *client.CheckHealthRequest) (*client.CheckHealthResponse, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestAListDoesNotWaitForTemporal(t *testing.T) {
	c := begin(t)
	c.shops(1)
	c.Desk.Temporal = silent{}
	began := time.Now()
	if page := c.list(desk.Filter{}); names(page) != "shop0" || page.Note == "" {
		t.Errorf("got %+v", page)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it has taken %s", took)
	}
}

// What the workflow tells now may be newer than what the store knows; one answer holds both.
func TestAnAnswerAboutOneOrderDoesNotContradictItself(t *testing.T) {
	c := begin(t)
	c.shops(1)
	at := c.clock.Now()
	c.tell("DP00000001", 0, messages.Waiting, 10, "")
	const workflow = "domain-provisioning/shop0.example"
	show := func(state messages.State, step int, attention *messages.Attention) {
		c.World.Temporal.Show(workflow, messages.Progress{OrderNumber: "DP00000001", State: state, Step: step, Attention: attention})
	}
	agrees := func(what string, want desk.Unit, since *time.Time) {
		t.Helper()
		unit := c.unit("shop0.example")
		progress := c.stands(unit)
		got := unit.With(progress)
		if got.State != want.State || got.Step != want.Step || got.Reason != want.Reason || got.Run != want.Run {
			t.Errorf("%s: %+v", what, got)
		}
		if (got.Since == nil) != (since == nil) || since != nil && !got.Since.Equal(*since) {
			t.Errorf("%s: since %v, want %v", what, got.Since, since)
		}
		reason := ""
		if progress.Attention != nil {
			reason = string(progress.Attention.Reason)
		}
		if got.State != progress.State || got.Reason != reason || got.State != messages.Done && got.Step != progress.Step {
			t.Errorf("%s: %+v contradicts %+v", what, got, progress)
		}
	}
	show(messages.Waiting, 10, nil)
	agrees("as in the store", desk.Unit{State: messages.Waiting, Step: 10}, &at)
	show(messages.Running, 11, nil)
	agrees("further", desk.Unit{State: messages.Running, Step: 11}, nil)
	since := at.Add(time.Minute)
	show(messages.NeedsAttention, 11, &messages.Attention{Step: 11, Reason: "conflict", Since: since})
	agrees("parked", desk.Unit{State: messages.NeedsAttention, Step: 11, Reason: "conflict"}, &since)
	c.clock.Advance(time.Hour)
	found := c.clock.Now()
	c.run("DP00000001", 0, store.RunStuck)
	agrees("stuck", desk.Unit{State: messages.NeedsAttention, Step: 11, Reason: "stuck", Run: "stuck"}, &found)
	c.run("DP00000001", 0, store.RunTerminated) // it was, and has been placed again since
	show(messages.Waiting, 10, nil)
	agrees("goes on", desk.Unit{State: messages.Waiting, Step: 10}, nil)
	c.run("DP00000001", 0, store.RunsWell)
	c.World.Temporal.Terminate(workflow)
	agrees("terminated just now", desk.Unit{State: messages.NeedsAttention, Step: 10, Reason: "terminated", Run: "terminated"}, nil)
	if err := c.World.Store.CloseUnit(operator(t), "DP00000001", 0, store.UnitCancelled, ""); err != nil {
		t.Fatal(err)
	}
	agrees("given up", desk.Unit{State: messages.Cancelled, Step: 10}, &found)
}
