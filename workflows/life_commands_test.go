package workflows_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/testsuite"

	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// tell sends an update to the life and keeps why it was refused; "" if it was accepted.
func (l *lived) tell(update, id string, command any) *string {
	refused := new(string)
	l.UpdateWorkflow(update, id, &testsuite.TestUpdateCallback{
		OnAccept: func() {}, OnReject: func(err error) { *refused = err.Error() }, OnComplete: func(any, error) {},
	}, command)
	return refused
}

// acts are those about the domain.
func (l *lived) acts() []store.Act {
	l.t.Helper()
	acts, err := l.store.Acts(context.WithoutCancel(l.t.Context()), store.ActFilter{OrderNumber: store.DomainSubject + shop})
	if err != nil {
		l.t.Fatal(err)
	}
	return acts
}

// The account does not have the domain any more: that is told, and a person says what has become
// of it. Until then the life goes on.
func TestADomainThatIsMissingNeedsAPerson(t *testing.T) {
	for state, want := range map[messages.LifeState]messages.LifeState{
		"": messages.LifeTransferred, messages.LifeTransferred: messages.LifeTransferred, messages.LifeGone: messages.LifeGone,
	} {
		t.Run("state "+string(state), func(t *testing.T) {
			l := bear(t, &registry{}, messages.RenewalByUs)
			l.in(100*day, func() {
				l.gone = true
				l.SignalWorkflow(messages.LookAgain().Name, messages.Look{Why: "it is not in the list"})
			})
			command := messages.MarkLeft{State: state, Actor: "jane", Reason: "the customer has moved it"}
			mark := func(id string, command messages.MarkLeft) *string {
				return l.tell(messages.MarkDomainLeft().Name, id, command)
			}
			var early, wrong, late *string
			l.in(50*day, func() { early = mark("early", command) })
			l.in(101*day, func() {
				if row := l.row(); row.State != messages.LifeMissing || row.Attention != messages.NotInAccount {
					t.Errorf("got %+v", row)
				}
				other := command
				other.State = messages.LifeActive
				wrong = mark("wrong", other)
			})
			l.in(200*day, func() { late = mark("late", command) })
			l.live(time.Time{})
			if !strings.Contains(*early, "the domain is active") || !strings.Contains(*wrong, "state must be") || *late != "" {
				t.Errorf("while it is there: %q; another state: %q; while it is missing: %q", *early, *wrong, *late)
			}
			if row := l.row(); row.State != want || row.EndedAt == nil || len(l.asked) != 0 {
				t.Errorf("got %+v, asked %d times", row, len(l.asked))
			}
			if told := l.news(); !slices.Equal(told, []string{"domain.attention missing", "domain.left"}) {
				t.Errorf("told %q", told)
			}
			if acts := l.acts(); len(acts) != 1 || acts[0].Actor != "jane" || acts[0].Command != "mark-left" || acts[0].Detail != string(want) {
				t.Errorf("acts %+v", acts)
			}
		})
	}
}

// A person decides who renews a domain, and the next renewal goes by that. What the desk has
// recorded is no second act.
func TestWhoRenewsIsChangedByCommand(t *testing.T) {
	for name, recorded := range map[string]bool{"in Temporal": false, "at the desk": true} {
		t.Run(name, func(t *testing.T) {
			l := bear(t, &registry{}, messages.RenewalByNobody)
			var asRegistrar, tooLate, asUs *string
			change := func(mode messages.RenewalMode, lasts time.Duration) *string {
				return l.tell(messages.ChangeRenewalMode().Name, string(mode)+lasts.String(), messages.ChangeRenewal{
					Mode: mode, Actor: "jane", Reason: "ordered by telephone", Sent: messages.Sent{Recorded: recorded, NotAfter: l.Now().Add(lasts)},
				})
			}
			l.in(300*day, func() {
				asRegistrar, tooLate = change(messages.RenewalByRegistrar, time.Minute), change(messages.RenewalByUs, -time.Minute)
				asUs = change(messages.RenewalByUs, time.Minute)
			})
			l.live(l.Now().AddDate(1, 0, 0))
			if !strings.Contains(*asRegistrar, "settings-change") || !strings.Contains(*tooLate, "too late") || *asUs != "" {
				t.Errorf("refused %q, %q and %q", *asRegistrar, *tooLate, *asUs)
			}
			if l.renewed != 1 || l.row().Sells.Renewal != messages.RenewalByUs || l.row().Renewal != messages.RenewalByUs {
				t.Errorf("%d renewals, %+v", l.renewed, l.row())
			}
			if acts := l.acts(); (len(acts) == 0) != recorded {
				t.Errorf("acts %+v", acts)
			}
		})
	}
}
