package workflows_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// registry is a registrar account with one domain, and the orders that renew it.
type registry struct {
	registrars.Registrar

	now  func() time.Time
	life *lived

	expires time.Time
	phases  registrars.Phases
	auto    bool // it renews by itself on the day of the expiry
	gone    bool
	word    registrars.Phase // what it tells of the phase; "" is nothing
	fails   error
	odd     func(*registrars.Domain) // how its answer differs from the usual one; nil: in nothing

	reads, renewed int
	queue          string // of the task that read it last
	asked          []time.Time
	refuses        func() activities.PlaceRenewalResult // what becomes of an order; nil: it renews at once
	placed         map[string]bool
}

func (r *registry) Describe() registrars.Descriptor {
	return registrars.Descriptor{Name: "registry", Reads: registrars.ReadsRegistrar}
}

func (r *registry) Phases(context.Context, string) (registrars.Phases, error) { return r.phases, nil }

func (r *registry) ReadDomain(ctx context.Context, name domains.Name) (registrars.Domain, error) {
	r.reads++
	r.queue = activity.GetInfo(ctx).TaskQueue
	for r.auto && !r.now().Before(r.expires) {
		r.expires = r.expires.AddDate(1, 0, 0)
	}
	if r.fails != nil {
		return registrars.Domain{}, r.fails
	}
	if r.gone {
		return registrars.Domain{}, &registrars.Error{Class: registrars.ClassNotFound}
	}
	held := registrars.Domain{
		Name: name, Expires: r.expires, Phase: r.word, Active: r.now().Before(r.expires), Word: "ACTIVE",
		Settings: domains.Settings{AutoRenewal: &r.auto},
	}
	if r.odd != nil {
		r.odd(&held)
	}
	return held, nil
}

// PlaceRenewal is the order system: one order for a date, which is carried out within the hour.
func (r *registry) PlaceRenewal(ctx context.Context, domain store.Domain, expires time.Time) (activities.PlaceRenewalResult, error) {
	r.asked = append(r.asked, r.now())
	if r.refuses != nil {
		if result := r.refuses(); result.Outcome != "" {
			return result, nil
		}
	}
	key := expires.Format(time.DateOnly)
	if r.placed[key] {
		return activities.PlaceRenewalResult{Outcome: activities.RenewalOver, Order: key}, nil
	}
	r.placed[key] = true
	r.life.RegisterDelayedCallback(func() {
		r.renewed++
		r.expires = r.expires.AddDate(1, 0, 0)
		r.life.SignalWorkflow(messages.LookAgain().Name, messages.Look{})
	}, time.Hour)
	return activities.PlaceRenewalResult{Outcome: activities.RenewalPlaced, Order: key}, nil
}

// lived is the life of shop.example, in skipped time.
type lived struct {
	*testsuite.TestWorkflowEnvironment
	*registry
	t     *testing.T
	store *store.Store
	input workflows.LifeInput

	policy activities.LifePolicy
}

const account = "registry-main"

// bear imports the domain and prepares the first run of its life.
func bear(t *testing.T, r *registry, renewal messages.RenewalMode) *lived {
	t.Helper()
	s := outside.New(t, outside.Options{}).Store
	if _, _, err := s.AddHook(t.Context(), store.NewHook{URL: "https://hooks.example/", Events: []string{"domain.*"}, By: "test"}); err != nil {
		t.Fatal(err)
	}
	added, err := s.Import(t.Context(), []store.NewDomain{{
		Name: shop, Registrar: account, Sells: store.Sells{TLD: "example", Vendor: 1, Plan: 5, Period: 1, Account: 7, Renewal: renewal},
	}})
	if err != nil || len(added) != 1 {
		t.Fatal(added, err)
	}
	r.placed = map[string]bool{}
	l := &lived{registry: r, t: t, store: s, input: workflows.LifeInput{Domain: shop, Registrar: account}}
	r.life = l
	l.policy = activities.LifePolicy{RenewBefore: 30 * day, AttentionBefore: 14 * day, Remind: []int{60, 30, 7, 1}}
	beginning, err := time.Parse(time.DateTime, startText)
	if err != nil {
		t.Fatal(err)
	}
	r.expires = beginning.AddDate(1, 0, 0)
	l.run(beginning)
	return l
}

// run prepares a run that begins at a time.
func (l *lived) run(at time.Time) {
	env := environment(at)
	env.SetTestTimeout(time.Minute)
	env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: workflows.LifeID(shop), TaskQueue: workflows.TaskQueue})
	env.SetWorkflowRunTimeout(100 * 366 * day)
	env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{&activities.FastLane{}}})
	workflows.Register(env)
	env.RegisterActivity(&activities.Lives{Store: l.store, Policy: func(string) activities.LifePolicy { return l.policy }, Renewals: l.registry})
	env.RegisterActivity(&activities.Registrar{Account: account, Registrar: l.registry, Log: slog.New(slog.DiscardHandler)})
	l.TestWorkflowEnvironment, l.now = env, env.Now
}

// live runs the life until a day, from run to run; or until it ends, if the day is zero.
func (l *lived) live(until time.Time) (runs int) {
	l.t.Helper()
	for {
		env := l.TestWorkflowEnvironment
		stop := false
		if !until.IsZero() {
			env.RegisterDelayedCallback(func() { stop = true; env.CancelWorkflow() }, until.Sub(env.Now()))
		}
		env.ExecuteWorkflow(workflows.DomainLife, l.input)
		runs++
		err := env.GetWorkflowError()
		if again, ok := asContinued(err); ok && !stop {
			var input workflows.LifeInput
			if err := converter.GetDefaultDataConverter().FromPayloads(again.Input, &input); err != nil {
				l.t.Fatal(err)
			}
			l.input = input
			l.run(env.Now())
			continue
		}
		if err != nil && !stop {
			l.t.Fatal(err)
		}
		return runs
	}
}

func asContinued(err error) (*workflow.ContinueAsNewError, bool) {
	for err != nil {
		if again, ok := err.(*workflow.ContinueAsNewError); ok { //nolint:errorlint // unwrapped here
			return again, true
		}
		unwrap, ok := err.(interface{ Unwrap() error })
		if !ok {
			return nil, false
		}
		err = unwrap.Unwrap()
	}
	return nil, false
}

// row is the domain as lists show it.
func (l *lived) row() store.Domain {
	l.t.Helper()
	row, err := l.store.Domain(l.t.Context(), shop)
	if err != nil {
		l.t.Fatal(err)
	}
	return row
}

// news lists what was told of the domain, in its order.
func (l *lived) news() []string {
	l.t.Helper()
	rows, err := l.store.Deliveries(l.t.Context(), store.DeliveryFilter{OrderNumber: store.DomainSubject + shop, Limit: store.MostListed})
	if err != nil {
		l.t.Fatal(err)
	}
	var told []string
	for _, row := range rows {
		var news messages.News
		if err := json.Unmarshal([]byte(row.Body), &news); err != nil {
			l.t.Fatal(err)
		}
		text := string(news.Type)
		if news.Data.Days != nil {
			text += fmt.Sprint(" ", *news.Data.Days)
		}
		if news.Data.Attention != "" {
			text += " " + string(news.Data.Attention)
		}
		told = append(told, text)
	}
	slices.Reverse(told)
	return told
}

func (l *lived) in(passed time.Duration, happens func()) { l.RegisterDelayedCallback(happens, passed) }

// Ten years of a domain that is renewed by us: one renewal a year, each placed once, thirty days
// before it expires.
func TestADomainIsRenewedByUsForTenYears(t *testing.T) {
	l := bear(t, &registry{}, messages.RenewalByUs)
	began := l.Now()
	l.live(began.AddDate(10, 0, 0))
	if l.renewed != 10 || len(l.asked) != 10 {
		t.Fatalf("%d renewals, asked %d times", l.renewed, len(l.asked))
	}
	for n, at := range l.asked {
		due := began.AddDate(n+1, 0, -30)
		if late := at.Sub(due); late < 0 || late > time.Hour {
			t.Errorf("renewal %d was asked for at %s, due %s", n, at, due)
		}
	}
	row := l.row()
	if row.State != messages.LifeActive || row.Attention != "" || row.Expires == nil || !row.Expires.Equal(began.AddDate(11, 0, 0)) {
		t.Errorf("got %+v", row)
	}
	if l.reads > 3*10 {
		t.Errorf("the registrar was read %d times", l.reads)
	}
	if told := l.news(); len(told) != 30 || told[0] != "domain.expiring 60" || told[1] != "domain.expiring 30" || told[2] != "domain.renewed" {
		t.Errorf("told %q", told)
	}
}

// The registrar's own renewal comes first: nobody orders a second one.
func TestWhatTheRegistrarRenewsIsNotRenewedAgain(t *testing.T) {
	l := bear(t, &registry{auto: true}, messages.RenewalByUs)
	began := l.Now()
	l.live(began.AddDate(3, 0, 2))
	if row := l.row(); len(l.asked) != 0 || row.Renewal != messages.RenewalByRegistrar || !row.Expires.Equal(began.AddDate(4, 0, 0)) {
		t.Fatalf("asked %d times, got %+v", len(l.asked), row)
	}
}

// Renewed by somebody else on the day before ours is due: the date is read before we order.
func TestARenewalByOthersIsSeenBeforeOurs(t *testing.T) {
	l := bear(t, &registry{}, messages.RenewalByUs)
	l.in(334*day, func() { l.expires = l.expires.AddDate(1, 0, 0) })
	l.live(l.Now().AddDate(1, 0, 0))
	if len(l.asked) != 0 || l.row().Attention != "" {
		t.Fatalf("asked %d times, %+v", len(l.asked), l.row())
	}
}

// A person has given the renewal up: it is not ordered again, and the domain needs somebody.
func TestARenewalThatWasGivenUpIsNotPlacedAgain(t *testing.T) {
	l := bear(t, &registry{}, messages.RenewalByUs)
	l.refuses = func() activities.PlaceRenewalResult {
		return activities.PlaceRenewalResult{Outcome: activities.RenewalOver, Order: "DP1"}
	}
	l.live(l.Now().AddDate(0, 0, 355))
	if len(l.asked) != 1 || l.row().Attention != messages.NotRenewed {
		t.Fatalf("asked %d times, attention %q", len(l.asked), l.row().Attention)
	}
}

// A domain whose customer's hosting is terminated is left to expire, and nobody is called for it.
func TestADomainOfATerminatedCustomerIsNotRenewed(t *testing.T) {
	l := bear(t, &registry{phases: registrars.Phases{RenewGrace: new(30 * day), Redemption: new(30 * day), PendingDelete: new(5 * day)}}, messages.RenewalByUs)
	l.refuses = func() activities.PlaceRenewalResult {
		return activities.PlaceRenewalResult{Outcome: activities.RenewalUnpaid}
	}
	l.in(440*day, func() { l.gone = true })
	l.live(time.Time{})
	row := l.row()
	if len(l.placed) != 0 || row.State != messages.LifeGone || row.EndedAt == nil {
		t.Fatalf("%d orders, %+v", len(l.placed), row)
	}
	if told := l.news(); slices.ContainsFunc(told, func(told string) bool { return strings.HasPrefix(told, "domain.attention") }) {
		t.Errorf("a person was called: %q", told)
	}
}

// A domain that was in redemption and is not there any more is gone, whatever the registrar has
// called it in between.
func TestADomainIsGoneAfterItsRedemption(t *testing.T) {
	l := bear(t, &registry{}, messages.RenewalByNobody)
	expires := l.expires.Sub(l.Now())
	l.in(expires+20*day, func() { l.word = registrars.PhaseRedemption })
	l.in(expires+50*day, func() { l.word = registrars.PhaseUnknown })
	l.in(expires+65*day, func() { l.gone = true })
	l.live(time.Time{})
	if row := l.row(); row.State != messages.LifeGone || row.Attention != "" {
		t.Errorf("got %+v", row)
	}
}

// A registrar that refuses to tell is asked again tomorrow, and shown.
func TestARegistrarThatRefusesToTellIsAskedAgain(t *testing.T) {
	l := bear(t, &registry{fails: &registrars.Error{Class: registrars.ClassAuth}}, messages.RenewalByUs)
	l.in(day/2, func() {
		if got := l.row().Attention; got != messages.NotRead {
			t.Errorf("attention %q", got)
		}
	})
	l.in(10*day+day/2, func() { l.fails = nil })
	l.live(l.Now().Add(20 * day))
	if row := l.row(); row.Attention != "" || row.State != messages.LifeActive || l.reads != 12 {
		t.Errorf("got %+v after %d reads", row, l.reads)
	}
}

// Only the sandbox has calendars of its own.
func TestAnotherCalendarIsRefused(t *testing.T) {
	l := bear(t, &registry{}, messages.RenewalByUs)
	l.input.Pace = &workflows.Pace{Origin: l.Now(), Factor: 1000}
	l.ExecuteWorkflow(workflows.DomainLife, l.input)
	if err := l.GetWorkflowError(); err == nil || l.reads != 0 {
		t.Fatalf("%v after %d reads", err, l.reads)
	}
}

// A domain that an order has brought to another registrar account is looked at there.
func TestALifeFollowsItsDomainToAnotherAccount(t *testing.T) {
	const other = "registry-other"
	l := bear(t, &registry{}, messages.RenewalByUs)
	l.in(100*day, func() {
		ctx := context.WithoutCancel(t.Context())
		accepted, err := l.store.AcceptOrder(ctx, store.Acceptance{Document: []byte("{}"), Units: []store.NewUnit{{
			Domain: shop, Registrar: other,
			Sells: func(map[store.IDRequest]int) store.Sells {
				return store.Sells{TLD: "example", Renewal: messages.RenewalByUs}
			},
			Start: func(string, map[store.IDRequest]int) (string, []byte, error) {
				return "domain-transfer/" + shop, []byte("{}"), nil
			},
		}}})
		if err == nil {
			err = l.store.CloseUnit(ctx, accepted.Number, 0, store.UnitDone, "")
		}
		if err != nil {
			t.Error(err)
		}
		l.SignalWorkflow(messages.LookAgain().Name, messages.Look{})
	})
	l.live(l.Now().AddDate(0, 0, 200))
	row := l.row()
	if row.Registrar != other || row.State != messages.LifeActive || row.Attention != "" || row.ReadAt == nil || l.queue != workflows.RegistrarTaskQueue(other) {
		t.Errorf("got %+v, read by %s", row, l.queue)
	}
}
