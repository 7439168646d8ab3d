package assembly

import (
	"slices"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"

	"domainprovisioning/config"
	"domainprovisioning/messages"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// Each account is walked over at a time of its own; without an interval none is, and nobody waits for
// a walk.
func TestTheWalksFollowTheConfiguration(t *testing.T) {
	m := assembled(t, func(c *config.Config) { c.Drift.Every = 12 * time.Hour })
	if err := m.EnsureWatches(t.Context(), m.temporal); err != nil {
		t.Fatal(err)
	}
	var offsets []time.Duration
	for _, name := range m.AccountNames() {
		schedule := m.frontend.Schedule(workflows.WalkID(name))
		var input workflows.WalkInput
		err := converter.GetDefaultDataConverter().FromPayloads(schedule.GetAction().GetStartWorkflow().GetInput(), &input)
		spec := schedule.GetSpec()
		if err != nil || input.Registrar != name || schedule.GetPolicies().GetOverlapPolicy() != enumspb.SCHEDULE_OVERLAP_POLICY_SKIP ||
			spec.GetInterval()[0].GetInterval().AsDuration() != 12*time.Hour || spec.GetJitter().AsDuration() != 72*time.Minute {
			t.Errorf("%s: %+v, %v", name, schedule, err)
		}
		offsets = append(offsets, spec.GetInterval()[0].GetPhase().AsDuration())
	}
	if slices.Sort(offsets); len(slices.Compact(offsets)) != len(m.AccountNames()) {
		t.Errorf("they begin at %v", offsets)
	}
	expected := func() (names []string) {
		walks, err := m.Store.Walks(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, walk := range walks {
			if walk.EverySeconds > 0 {
				names = append(names, walk.Account)
			}
		}
		return names
	}
	if got := expected(); !slices.Equal(got, m.AccountNames()) {
		t.Errorf("walks over %v are expected", got)
	}
	m.Config.Drift.Every = 0
	for range 2 { // the second one finds none
		if err := m.EnsureWatches(t.Context(), m.temporal); err != nil {
			t.Fatal(err)
		}
	}
	if got := m.frontend.Schedules(); strings.Contains(strings.Join(got, " "), "portfolio-walk") || len(expected()) != 0 {
		t.Errorf("left %v, expected %v", got, expected())
	}
	if err := m.GuardWalk(t.Context(), m.temporal, "netim-main"); err != nil || strings.Contains(strings.Join(m.frontend.Schedules(), " "), "portfolio-walk") {
		t.Errorf("guarded: %v, %v", m.frontend.Schedules(), err)
	}
}

func TestAWorkerLooksAfterTheWalks(t *testing.T) {
	m := assembled(t)
	if err := m.EnsureWatches(t.Context(), m.temporal); err != nil {
		t.Fatal(err)
	}
	before := len(m.frontend.Schedules())
	m.frontend.Pause(workflows.WalkID("a-second"))
	m.frontend.Delete(workflows.WalkID("netim-main"))
	for _, name := range []string{"a-second", "netim-main"} {
		if err := m.GuardWalk(t.Context(), m.temporal, name); err != nil {
			t.Fatal(err)
		}
	}
	if got := m.frontend.Schedules(); len(got) != before || !m.frontend.Schedule(workflows.WalkID("a-second")).GetState().GetPaused() {
		t.Errorf("schedules %v", got)
	}
	for _, want := range []string{"is paused: nobody learns what changes there", "the walk over a registrar account was missing and has been created again"} {
		if !strings.Contains(m.log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, m.log)
		}
	}
	m.frontend.SchedulesAway(true)
	if err := m.GuardWalk(t.Context(), m.temporal, "a-second"); err == nil {
		t.Error("a walk that could not be checked")
	}
}

// An account that was taken out of the configuration is not walked over, what waits there is ended,
// and its differences are gone; one that another worker serves is left alone.
func TestTheWalkOverAnAccountThatIsNotConfiguredIsDropped(t *testing.T) {
	m := assembled(t)
	if err := m.EnsureWatches(t.Context(), m.temporal); err != nil {
		t.Fatal(err)
	}
	before := m.frontend.Schedules()
	gone := workflows.WalkID("netim-main")
	m.frontend.Runs(gone, gone+"-2026-03-02T00:00:00Z")
	for _, account := range []string{"netim-main", "a-second"} {
		walk, err := m.Store.BeginWalk(t.Context(), account)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = m.Store.RecordDrift(t.Context(), store.Judged{
			Account: account, Round: walk.Round, Domains: []string{"x.example"}, Kinds: messages.ListedDifferences(),
			Facts: []store.Fact{{Domain: "x.example", Kind: messages.DiffersUnknown}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	delete(m.Accounts, "netim-main")
	drop := func() []string {
		t.Helper()
		if err := m.dropWalks(t.Context(), m.temporal); err != nil {
			t.Fatal(err)
		}
		facts, err := m.Store.Facts(t.Context(), store.FactFilter{})
		if err != nil {
			t.Fatal(err)
		}
		accounts := []string{}
		for _, fact := range facts {
			accounts = append(accounts, fact.Registrar)
		}
		return accounts
	}
	m.frontend.Serve(workflows.RegistrarTaskQueue("netim-main"), true)
	if got := drop(); len(got) != 2 || !slices.Equal(m.frontend.Schedules(), before) {
		t.Errorf("while another worker serves it: %v, schedules %v", got, m.frontend.Schedules())
	}
	m.frontend.Serve(workflows.RegistrarTaskQueue("netim-main"), false)
	for range 2 { // the second one finds none
		if got := drop(); !slices.Equal(got, []string{"a-second"}) {
			t.Errorf("differences of %v are left", got)
		}
	}
	if got := m.frontend.Schedules(); len(got) != len(before)-1 || slices.Contains(got, gone) {
		t.Errorf("schedules %v", got)
	}
	if got := m.frontend.Cancelled(); !slices.Equal(got, []string{gone + "-2026-03-02T00:00:00Z"}) {
		t.Errorf("cancelled %v", got)
	}
	walks, err := m.Store.Walks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, walk := range walks {
		if expected := walk.Account != "netim-main"; (walk.EverySeconds > 0) != expected {
			t.Errorf("a walk over %s every %d s", walk.Account, walk.EverySeconds)
		}
	}
}
