package portfolio_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/portfolio"
	standnetim "domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

func (w *walked) repairs() *portfolio.Repairs {
	return &portfolio.Repairs{Store: w.World.Store, Intake: w.Intake, Left: w.left, Log: slog.New(slog.DiscardHandler)}
}

func (w *walked) left(ctx context.Context, name, actor, reason string) error {
	_, err := messages.MarkDomainLeft().Send(ctx, w.Temporal, workflows.LifeID(name), "", messages.MarkLeft{Actor: actor, Reason: reason})
	return err
}

func (w *walked) fact(domain string) store.Fact {
	w.t.Helper()
	facts, err := w.World.Store.Facts(w.t.Context(), store.FactFilter{Domain: domain})
	if err != nil || len(facts) != 1 {
		w.t.Fatalf("it has %+v, %v", facts, err)
	}
	return facts[0]
}

func TestTheNameServersAreOrderedAgainOnce(t *testing.T) {
	w := walkNetim(t, "a.example")
	w.atNetim("a.example", func(r *standnetim.Registration) { r.NameServers = []string{"ns1.other.example", "ns2.other.example"} })
	w.round()
	plan := portfolio.PlanRepair(w.fact("a.example"), false)
	if plan.Action != portfolio.OrderNameServers || !plan.Safe || plan.Text != "order a name-server-change to ns1.dns.example ns2.dns.example" {
		t.Errorf("planned %+v", plan)
	}
	var done [2]string
	for i := range done {
		var err error
		if done[i], err = w.repairs().Do(t.Context(), plan, "ann", "changed by mistake"); err != nil {
			t.Fatal(err)
		}
	}
	starts := w.Temporal.Starts()
	if done[0] != done[1] || len(starts) != 1 || starts[0].Options.ID != "name-server-change/a.example" || len(starts[0].Input.Unit.Domain.NameServers) != 2 {
		t.Errorf("done %v, started %+v", done, starts)
	}
	// The difference stays until a walk finds it gone.
	w.round()
	w.want("ordered", "a.example name-servers "+otherServers, 1)
	if err := w.World.Store.CloseUnit(t.Context(), strings.TrimPrefix(done[0], "order "), 0, store.UnitDone, ""); err != nil {
		t.Fatal(err)
	}
	w.atNetim("a.example", func(*standnetim.Registration) {})
	w.live()
	w.round()
	w.want("set again", "", 1)
}

func TestWhatTheRegistrarHasIsAccepted(t *testing.T) {
	w := walkNetim(t, "a.example")
	w.atNetim("a.example", func(r *standnetim.Registration) { r.NameServers = []string{"ns1.other.example", "ns2.other.example"} })
	w.round()
	plan := portfolio.PlanRepair(w.fact("a.example"), true)
	if plan.Action != portfolio.AcceptTheirs || plan.Safe {
		t.Errorf("planned %+v", plan)
	}
	if _, err := w.repairs().Do(t.Context(), plan, "ann", "agreed"); err != nil {
		t.Fatal(err)
	}
	w.want("accepted", "", 1)
	w.live()
	w.round()
	w.want("accepted, the next day", "", 1)
	w.atNetim("a.example", func(*standnetim.Registration) {})
	w.round()
	w.want("changed again", "a.example name-servers ns1.other.example ns2.other.example|ns1.dns.example ns2.dns.example", 2)
	if n := len(w.Temporal.Starts()); n != 0 {
		t.Errorf("%d orders", n)
	}
}

func TestADomainThatHasLeftIsMarked(t *testing.T) {
	w := walkNetim(t, "a.example")
	if err := w.Netim.TransferOut("a.example", "key"); err != nil {
		t.Fatal(err)
	}
	w.round()
	plan := portfolio.PlanRepair(w.fact("a.example"), true)
	if plan.Action != portfolio.MarkAway || plan.Safe {
		t.Errorf("planned %+v", plan)
	}
	done, err := w.repairs().Do(t.Context(), plan, "ann", "the customer said so")
	commands := w.Temporal.Commands()
	if err != nil || done != "transferred away" || len(commands) != 1 || commands[0].WorkflowID != workflows.LifeID("a.example") ||
		commands[0].Args[0] != (messages.MarkLeft{Actor: "ann", Reason: "the customer said so"}) {
		t.Errorf("%q, %v: %+v", done, err, commands)
	}
	w.want("marked", "", 1)
	w.Temporal.End(workflows.LifeID("a.example"))
	if _, err := w.repairs().Do(t.Context(), plan, "ann", "x"); err == nil {
		t.Error("a life that does not run was told")
	}
}

// What no call of ours can put right is left to a person, with the values.
func TestAPersonIsToldTheValues(t *testing.T) {
	for _, kind := range messages.Differences() {
		fact := store.Fact{Domain: "a.example", Kind: kind, Ours: "this", Theirs: "that", FirstSeen: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
		plan := portfolio.PlanRepair(fact, false)
		done := kind == messages.DiffersNameServers || kind == messages.DiffersMissing
		if plan.Text == "" || (plan.Action == portfolio.ByPerson) == done {
			t.Errorf("%s: %+v", kind, plan)
		}
		if portfolio.RepairKey(fact) != "drift/a.example/"+string(kind)+"/2026-03-02T08:00:00Z" {
			t.Errorf("the key is %s", portfolio.RepairKey(fact))
		}
	}
	w := walkNetim(t, "a.example")
	// One without a plan cannot be ordered for.
	if _, err := w.World.Store.Import(t.Context(), []store.NewDomain{{Name: "b.example", Registrar: outside.Account}}); err != nil {
		t.Fatal(err)
	}
	plan := portfolio.PlanRepair(store.Fact{Domain: "b.example", Kind: messages.DiffersNameServers}, false)
	if _, err := w.repairs().Do(t.Context(), plan, "ann", "x"); !errors.Is(err, portfolio.ErrNotRepaired) || len(w.Temporal.Starts()) != 0 {
		t.Errorf("got %v", err)
	}
}
