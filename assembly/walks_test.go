package assembly

import (
	"slices"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"

	"domainprovisioning/config"
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
