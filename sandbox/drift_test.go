package main

import (
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"domainprovisioning/activities"
	"domainprovisioning/desk"
	"domainprovisioning/intake"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	standnetim "domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

const kept = "kept.example"

// walkInTest is the workflow of walkOver.
const walkInTest = "walk-in-test"

// walkOver walks over the account at Netim once.
func (f *fixture) walkOver() activities.WalkCounts {
	f.t.Helper()
	run, err := f.temporal.ExecuteWorkflow(f.t.Context(), client.StartWorkflowOptions{ID: walkInTest, TaskQueue: workflows.TaskQueue},
		workflows.PortfolioWalk, workflows.WalkInput{Registrar: netimAccount})
	if err != nil {
		f.t.Fatal(err)
	}
	var counts activities.WalkCounts
	if err := run.Get(f.t.Context(), &counts); err != nil {
		f.t.Fatal(err)
	}
	return counts
}

// holdsKept has the account and the product hold kept.example, whose life runs, and returns an
// endpoint that is told everything.
func (f *fixture) holdsKept() (hook string) {
	f.t.Helper()
	endpoint, _, err := f.Store.AddHook(f.t.Context(), store.NewHook{URL: "https://shop.example/hook", Events: []string{"domain.*"}})
	if err != nil {
		f.t.Fatal(err)
	}
	relay := intake.NewRelay(f.intake, f.Log)
	relay.Every = 20 * time.Millisecond
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		relay.Run(f.t.Context())
	}()
	f.t.Cleanup(func() { <-ended })
	f.world.netim.AddRegistration(standnetim.Registration{
		Domain: kept, Owner: "SB1", NameServers: []string{"ns1.dns.example", "ns2.dns.example"}, AuthID: "key",
	})
	_, err = f.Store.Import(f.t.Context(), []store.NewDomain{{Name: kept, Registrar: netimAccount, Sells: store.Sells{
		TLD: defaultNamesTLD, Vendor: 1, Plan: domainPlan, Period: orders.NoPeriod, Renewal: messages.RenewalByNobody,
	}}})
	if err != nil {
		f.t.Fatal(err)
	}
	f.stands(messages.LifeActive)
	return endpoint.ID
}

func (f *fixture) stands(state messages.LifeState) {
	f.t.Helper()
	f.eventually(kept+" is "+string(state), func() bool {
		row, err := f.Store.Domain(f.t.Context(), kept)
		return err == nil && row.State == state
	})
}

// differences lists what differs of kept.example.
func (f *fixture) differences() string {
	f.t.Helper()
	page, err := f.Desk(f.temporal).Drift(f.operator(), desk.DriftFilter{Domain: kept})
	if err != nil {
		f.t.Fatal(err)
	}
	var kinds []string
	for _, one := range page.Drift {
		kinds = append(kinds, string(one.Kind))
	}
	return strings.Join(kinds, " ")
}

// events counts what an endpoint was told, by type.
func (f *fixture) toldOf(hook string) map[messages.NewsType]int {
	f.t.Helper()
	sent, err := f.Store.Deliveries(f.t.Context(), store.DeliveryFilter{Hook: hook})
	if err != nil {
		f.t.Fatal(err)
	}
	counts := map[messages.NewsType]int{}
	for _, one := range sent {
		counts[one.Type]++
	}
	return counts
}

// TestTransferredAway: a domain leaves the account behind our back. The walk finds it, its life says
// that it is missing, and a person says that it was transferred away: once.
func TestTransferredAway(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{})
	hook := f.holdsKept()
	f.walkOver()
	if got := f.differences(); got != "" {
		t.Errorf("it differs by %s", got)
	}
	if err := f.world.netim.TransferOut(kept, "key"); err != nil {
		t.Fatal(err)
	}
	f.walkOver()
	f.stands(messages.LifeMissing)
	told := func() {
		t.Helper()
		f.eventually("its life has been told", func() bool {
			under, err := f.Store.Unjudged(t.Context(), []string{kept}, time.Now().Add(time.Hour))
			return err == nil && !under[kept]
		})
	}
	told()
	f.walkOver()
	if got := f.differences(); got != "missing-domain" {
		t.Errorf("it differs by %q", got)
	}
	// A signal that meets the end of a life makes Temporal repeat the task, and nobody answers the
	// command that has ended it until then.
	told()
	f.eventually("its life sleeps", func() bool {
		described, err := f.temporal.DescribeWorkflowExecution(t.Context(), workflows.LifeID(kept), "")
		return err == nil && described.GetPendingWorkflowTask() == nil && len(described.GetPendingActivities()) == 0
	})
	wish := desk.RepairWish{Actor: "ann", Reason: "the customer said so"}
	plan, err := f.Desk(f.temporal).Repair(f.operator(), kept, wish)
	if err != nil || len(plan) != 1 || plan[0].Done != "" {
		t.Errorf("without its kind it did %+v, %v", plan, err)
	}
	wish.Kind = messages.DiffersMissing
	if done, err := f.Desk(f.temporal).Repair(f.operator(), kept, wish); err != nil || len(done) != 1 || done[0].Done != "transferred away" {
		t.Fatalf("it did %+v, %v", done, err)
	}
	f.stands(messages.LifeTransferred)
	f.walkOver()
	if got := f.differences(); got != "" {
		t.Errorf("it still differs by %s", got)
	}
	if news := f.toldOf(hook); news[messages.NewsDrift] != 1 || news[messages.NewsLeft] != 1 || news[messages.NewsDomainAttention] != 1 {
		t.Errorf("it was told %v", news)
	}
}

// TestDeletedBehindOurBack: somebody changes a domain at the registrar, and then deletes it. Each is
// found and told once; when it is there again as we hold it, nothing differs.
func TestDeletedBehindOurBack(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{})
	hook := f.holdsKept()
	before, _ := f.world.netim.Registration(kept)
	changed := before
	changed.NameServers = []string{"ns1.other.example", "ns2.other.example"}
	f.world.netim.AddRegistration(changed)
	f.walkOver()
	f.walkOver()
	if got := f.differences(); got != "name-servers" {
		t.Errorf("it differs by %q", got)
	}
	if err := f.world.netim.TransferOut(kept, "key"); err != nil {
		t.Fatal(err)
	}
	f.walkOver()
	f.stands(messages.LifeMissing)
	if got := f.differences(); got != "missing-domain name-servers" {
		t.Errorf("it differs by %q", got)
	}
	f.world.netim.AddRegistration(before)
	if err := f.Store.LookAt(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	f.stands(messages.LifeActive)
	f.eventually("nothing differs", func() bool {
		f.walkOver()
		return f.differences() == ""
	})
	if told := f.toldOf(hook); told[messages.NewsDrift] != 2 || told[messages.NewsLeft] != 0 {
		t.Errorf("it was told %v", told)
	}
	if n := f.world.netim.Creates(kept); n != 0 {
		t.Errorf("%d registrations", n)
	}
}
