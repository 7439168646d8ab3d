package workflows_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"

	"domainprovisioning/activities"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// look tells the life to look.
func (l *lived) look() { l.SignalWorkflow(messages.LookAgain().Name, messages.Look{}) }

// brought is what a done order does that brings the domain to an account.
func (l *lived) brought(account string) {
	ctx := context.WithoutCancel(l.t.Context())
	accepted, err := l.store.AcceptOrder(ctx, store.Acceptance{Document: []byte("{}"), Units: []store.NewUnit{{
		Domain: shop, Registrar: account,
		Sells: func(map[store.IDRequest]int) store.Sells {
			return store.Sells{TLD: "example", Plan: 5, Account: 7, Renewal: messages.RenewalByUs}
		},
		Start: func(string, map[store.IDRequest]int) (string, []byte, error) {
			return "domain-transfer/" + shop, []byte("{}"), nil
		},
	}}})
	if err == nil {
		err = l.store.CloseUnit(ctx, accepted.Number, 0, store.UnitDone, "")
	}
	if err != nil {
		l.t.Error(err)
	}
	l.look()
}

// A domain on hold, in a status that nobody explains, has not expired: it is renewed in time, and
// nobody is told that it has.
func TestADomainOnHoldIsRenewed(t *testing.T) {
	l := bear(t, &registry{}, messages.RenewalByUs)
	held := l.Now().Add(100 * day)
	l.odd = func(d *registrars.Domain) { d.Active = d.Active && l.Now().Before(held) }
	l.in(101*day, l.look)
	var state messages.LifeState
	l.in(110*day, func() { state = l.row().State })
	l.live(l.Now().AddDate(1, 0, 20))
	if state != messages.LifeUnknown || l.renewed != 1 {
		t.Errorf("it is %s, and %d renewals", state, l.renewed)
	}
	if told := l.news(); slices.Contains(told, "domain.expired") || slices.Contains(told, "domain.expired expired") {
		t.Errorf("told %q", told)
	}
}

// A domain that is to be renewed by us, and of which nobody tells when it expires, needs a person.
func TestADomainWithoutADateNeedsAPerson(t *testing.T) {
	l := bear(t, &registry{odd: func(d *registrars.Domain) { d.Expires, d.Active = time.Time{}, true }}, messages.RenewalByUs)
	l.live(l.Now().AddDate(0, 3, 0))
	if row := l.row(); row.Attention != messages.NoDate || row.State != messages.LifeActive || len(l.asked) != 0 {
		t.Errorf("got %+v, asked %d times", row, len(l.asked))
	}
}

// That a registrar does not tell whether it renews by itself does not mean that it does not.
func TestAnUntoldRenewalOfTheRegistrarStaysWhatItWas(t *testing.T) {
	l := bear(t, &registry{auto: true, odd: func(d *registrars.Domain) { d.Settings.AutoRenewal = nil }}, messages.RenewalByRegistrar)
	l.live(l.Now().AddDate(1, 0, 20))
	if row := l.row(); row.Renewal != messages.RenewalByRegistrar || row.State != messages.LifeActive {
		t.Errorf("got %+v", row)
	}
}

// A domain that was released and is registered again by an order is not judged by what its life
// knows of the time before, although the registrar does not show it for an hour.
func TestADomainThatIsBroughtAgainIsNotJudgedByItsPast(t *testing.T) {
	l := bear(t, &registry{word: registrars.PhasePendingDelete}, messages.RenewalByUs)
	l.in(3*day, func() {
		l.word, l.expires, l.gone = registrars.PhaseActive, l.Now().AddDate(1, 0, 0), true
		l.brought(account)
	})
	l.in(3*day+time.Hour, func() { l.gone = false })
	l.live(l.Now().AddDate(0, 2, 0))
	if row := l.row(); row.EndedAt != nil || row.State != messages.LifeActive || row.Attention != "" {
		t.Errorf("got %+v", row)
	}
}

// A registrar that does not answer keeps nobody from hearing that the domain has moved to another
// account, and that it does not answer is shown.
func TestALifeHearsWhileItsRegistrarDoesNotAnswer(t *testing.T) {
	const other = "registry-other"
	l := bear(t, &registry{}, messages.RenewalByUs)
	at := func(account string) any {
		return mock.MatchedBy(func(in activities.ReadHoldingInput) bool { return in.Registrar == account })
	}
	l.OnActivity("ReadHolding", mock.Anything, at(account)).Return(activities.ReadHoldingResult{}, nil).After(300 * day)
	l.OnActivity("ReadHolding", mock.Anything, at(other)).Return(
		func(context.Context, activities.ReadHoldingInput) (activities.ReadHoldingResult, error) {
			return activities.ReadHoldingResult{Found: true, Active: true, Expires: l.expires}, nil
		})
	l.in(5*day, l.look)
	var waiting messages.LifeReason
	l.in(6*day, func() { waiting = l.row().Attention })
	l.in(20*day, func() { l.brought(other) })
	l.live(l.Now().AddDate(0, 0, 200))
	row := l.row()
	if waiting != messages.NotRead || row.Registrar != other || row.State != messages.LifeActive || row.Attention != "" || row.NextAt == nil {
		t.Errorf("attention %q while it did not answer; then %+v", waiting, row)
	}
}

// A status that nobody explains may mean that the domain has left, and a person can say so.
func TestADomainCanHaveLeftByAStatusThatNobodyExplains(t *testing.T) {
	l := bear(t, &registry{odd: func(d *registrars.Domain) { d.Active, d.Word = false, "TRANSFERRED OUT" }}, messages.RenewalByUs)
	l.in(day, func() {
		l.UpdateWorkflow(messages.MarkDomainLeft().Name, "", &mustAccept{t}, messages.MarkLeft{Actor: "jane", Reason: "it says so"})
	})
	l.live(time.Time{})
	if row := l.row(); row.State != messages.LifeTransferred || row.EndedAt == nil || row.Attention != "" {
		t.Errorf("got %+v", row)
	}
}

// mustAccept is told of a command that must be accepted.
type mustAccept struct{ t *testing.T }

func (r *mustAccept) Accept()          {}
func (r *mustAccept) Reject(err error) { r.t.Error(err) }
func (r *mustAccept) Complete(_ any, err error) {
	if err != nil {
		r.t.Error(err)
	}
}

// A domain that was renewed in the registrar's panel after our order was given up needs nobody: the
// date is read before a person is called.
func TestNobodyIsCalledForADateOfLongAgo(t *testing.T) {
	l := bear(t, &registry{}, messages.RenewalByUs)
	l.refuses = func() activities.PlaceRenewalResult {
		return activities.PlaceRenewalResult{Outcome: activities.RenewalOver, Order: "DP1"}
	}
	l.in(340*day, func() { l.expires = l.expires.AddDate(1, 0, 0) })
	l.live(l.Now().AddDate(0, 0, 360))
	if told := l.news(); slices.ContainsFunc(told, func(told string) bool { return told == "domain.attention not-renewed" }) || l.row().Attention != "" {
		t.Errorf("told %q", told)
	}
}
