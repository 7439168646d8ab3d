package registrarstest_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/registrarstest"
)

// notes is the smallest possible registrar: it registers names at once, in a map.
// docs/adding-a-registrar.md refers to it.
type notes struct {
	mu    sync.Mutex
	names map[domains.Name]int // registrations by name
	calls int
	fault registrarstest.Fault
	// sends is how often a request is sent: once in an honest plug-in.
	sends int
	// forgets makes Find deny what was registered.
	forgets bool
	// asks says when the claim is asked for: "" means before the request is sent.
	asks string
	// cut is the error of a request that was cut off before it arrived.
	cut registrars.Error
	// tells says that it tells prices, which it does not look at.
	tells bool
	// priced says that its world can set them.
	priced bool
	// takesAll makes Check overlook hosts and languages.
	takesAll bool
	// phase is what it tells of a domain, in a world that sets none.
	phase registrars.Phase
	// lists says that it lists domains: none; and lasts how long a phase lasts.
	lists bool
	lasts time.Duration
	// withdraws says that it withdraws operations, which are never pending.
	withdraws bool
	// bare says that transfers bring domains as they are.
	bare bool
}

// withdrawing is notes with the ability to withdraw.
type withdrawing struct{ *notes }

func (withdrawing) Cancel(context.Context, string) error { return nil }

// listing is notes with the abilities to list its domains, which it forgets, and to tell how long a
// phase lasts.
type listing struct{ *notes }

func (listing) ListDomains(context.Context, string) (registrars.DomainPage, error) {
	return registrars.DomainPage{}, nil
}

func (l listing) Phases(context.Context, string) (registrars.Phases, error) {
	return registrars.Phases{Redemption: &l.lasts}, nil
}

// listingWorld is the world of listing.
type listingWorld struct{ world }

func (listingWorld) GarbleDomain(domains.Name) {}

func newNotes() *notes {
	return &notes{names: map[domains.Name]int{}, sends: 1, cut: registrars.Error{
		Registrar: "notes", Call: "register", Class: registrars.ClassOutcomeUnknown, Rule: "the line is dead",
	}}
}

// Describe implements registrars.Registrar.
func (n *notes) Describe() registrars.Descriptor {
	return registrars.Descriptor{
		Prices: n.tells, BareTransfers: n.bare,
		Name: "notes", Title: "Notes", Kinds: []registrars.Kind{registrars.Registration}, Synchronous: true,
		Reads: registrars.ReadsRegistrar, RenewalGuard: registrars.GuardNone, Duplicates: "refused",
	}
}

func trouble(call string, class registrars.Class, field string) error {
	return &registrars.Error{Registrar: "notes", Call: call, Class: class, Field: field, Rule: "refused"}
}

// Check implements registrars.Registrar.
func (n *notes) Check(_ context.Context, request registrars.Request) error {
	if !n.Describe().Serves(request.Kind) {
		return trouble("check", registrars.ClassInvalid, "kind")
	}
	for _, broken := range []*registrars.Broken{request.UnkeptHosts(), request.UntakenLanguage()} {
		if broken != nil && !n.takesAll {
			return broken.In("notes", "check")
		}
	}
	if err := request.Contacts[registrars.Owner].UntakenExtra().In("notes", "check"); err != nil && !n.takesAll {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.calls++
	if n.names[request.Domain] > 0 {
		return trouble("check", registrars.ClassUnavailable, "domain")
	}
	return nil
}

// Submit implements registrars.Registrar.
func (n *notes) Submit(ctx context.Context, request registrars.Request) (registrars.Operation, error) {
	if !n.Describe().Serves(request.Kind) {
		return registrars.Operation{}, trouble("register", registrars.ClassInvalid, "kind")
	}
	if ctx.Err() != nil {
		return registrars.Operation{}, trouble("register", registrars.ClassOutcomeUnknown, "")
	}
	if request.Claim != nil && n.asks == "" {
		if err := request.Claim(ctx); err != nil {
			return registrars.Operation{}, &registrars.Error{Registrar: "notes", Call: "register", Class: registrars.ClassTemporary, Err: err}
		}
	}
	if request.Claim != nil && n.asks == "too late" {
		defer func() { _ = request.Claim(ctx) }()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.calls++
	fault := n.fault
	n.fault = ""
	if fault == registrarstest.CutBefore {
		cut := n.cut
		return registrars.Operation{}, &cut
	}
	n.names[request.Domain] += n.sends
	if fault == registrarstest.CutAfter {
		return registrars.Operation{}, trouble("register", registrars.ClassOutcomeUnknown, "")
	}
	return registrars.Operation{Kind: request.Kind, Domain: request.Domain, Status: registrars.StatusDone, Word: "noted"}, nil
}

// Operation implements registrars.Registrar.
func (*notes) Operation(context.Context, string) (registrars.Operation, error) {
	return registrars.Operation{}, trouble("operation", registrars.ClassInvalid, "reference")
}

// Find implements registrars.Registrar.
func (n *notes) Find(_ context.Context, request registrars.Request) (registrars.Finding, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.calls++
	if n.names[request.Domain] == 0 || n.forgets {
		return registrars.Finding{State: registrars.FoundNothing}, nil
	}
	return registrars.Finding{State: registrars.FoundObject, Operation: registrars.Operation{Status: registrars.StatusDone}}, nil
}

// ReadDomain implements registrars.Registrar.
func (n *notes) ReadDomain(_ context.Context, name domains.Name) (registrars.Domain, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.calls++
	if n.names[name] == 0 && n.phase == registrars.PhaseUnknown {
		return registrars.Domain{}, trouble("read", registrars.ClassNotFound, "domain")
	}
	return registrars.Domain{Name: name, Active: true, Word: "noted", Phase: n.phase}, nil
}

// world is the registrar outside of notes, here the plug-in itself.
type world struct{ *notes }

func (w world) Request(kind registrars.Kind, number int) registrars.Request {
	return registrarstest.Request(kind, number, "example")
}

func (w world) Effects(_ registrars.Kind, name domains.Name) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.names[name]
}

// Arrived implements registrarstest.World: of a request only the name is noted.
func (w world) Arrived(kind registrars.Kind, name domains.Name) (registrars.Request, bool) {
	return registrars.Request{}, w.Effects(kind, name) > 0
}

// nothingElse says that a registrar holds no more of a request.
var nothingElse = map[string]string{"*": "only the name is noted"}

func (w world) Break(_ registrars.Kind, fault registrarstest.Fault) bool {
	w.fault = fault
	return fault == registrarstest.CutBefore || fault == registrarstest.CutAfter
}

func (w world) Calls() int                { return w.calls }
func (w world) Hold(domains.Name) bool    { return false }
func (w world) Finish(domains.Name) error { return errors.New("nothing is pending") }

type pricedWorld struct{ world }

func (pricedWorld) Price(registrars.Kind, domains.Name, int64) string { return "EUR" }

func subject(change func(*notes)) registrarstest.Subject {
	return registrarstest.Subject{NotCarried: nothingElse, New: func(testing.TB) (registrars.Registrar, registrarstest.World) {
		n := newNotes()
		change(n)
		if n.withdraws {
			return withdrawing{n}, world{n}
		}
		if n.lists {
			return listing{n}, listingWorld{world{n}}
		}
		if n.priced {
			return n, pricedWorld{world{n}}
		}
		return n, world{n}
	}}
}

func TestASmallPluginPasses(t *testing.T) {
	registrarstest.Run(t, subject(func(*notes) {}))
}

func TestTheSuiteFindsWhatAPluginBreaks(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*notes)
		want   string
	}{
		"it sends twice":          {func(n *notes) { n.sends = 2 }, "2 effects"},
		"it sends nothing":        {func(n *notes) { n.sends = 0 }, "0 effects"},
		"it denies what it holds": {func(n *notes) { n.forgets = true }, "a second request would follow"},
		"it asks for no claim":    {func(n *notes) { n.asks = "never" }, "asked 0 times, want 1"},
		"it asks too late":        {func(n *notes) { n.asks = "too late" }, "asked after the request"},
		"a dead line is treated as a refusal": {func(n *notes) {
			n.cut.Class, n.cut.Refused = registrars.ClassTemporary, true
		}, "a registrar that does not answer is treated as one that refuses"},
		"a permanent refusal is treated as one that passes": {func(n *notes) {
			n.cut.Refused = true
		}, "a reason that should pass, but is of class outcome-unknown"},
		"it takes no notice of prices":              {func(n *notes) { n.tells, n.priced = true, true }, "registration above the limit: 1 effects"},
		"it asks for permission at the wrong price": {func(n *notes) { n.tells, n.priced = true, true }, "permission asked for: true"},
		"it tells prices that nobody examines":      {func(n *notes) { n.tells = true }, "it tells prices: true, and its world sets them: false"},
		"it takes hosts that it cannot register":    {func(n *notes) { n.takesAll = true }, "its refusal does not name the name server: <nil>"},
		"it withdraws what is never pending":        {func(n *notes) { n.withdraws = true }, "it withdraws operations, but its World does not refuse to"},
		"it leaves a domain as it came":             {func(n *notes) { n.bare = true }, "it cannot set the rest"},
		"it makes up a phase":                       {func(n *notes) { n.phase = registrars.PhaseActive }, "it tells the phase \"active\", and its World sets none"},
		"it lists no domain":                        {func(n *notes) { n.lists = true }, "d1.example is listed 0 times"},
		"it hides what it cannot read":              {func(n *notes) { n.lists = true }, "and 0 unreadable items, want 1"},
		"a phase lasts less than nothing":           {func(n *notes) { n.lists, n.lasts = true, -time.Hour }, "Redemption lasts -1h0m0s"},
		"it loses additional fields":                {func(n *notes) { n.takesAll = true }, "an additional field would be lost, and its refusal does not name it: <nil>"},
		"it overlooks a language":                   {func(n *notes) { n.takesAll = true }, "a code of a language for a name of ASCII is not refused"},
		"a refusal without a reason": {func(n *notes) {
			n.cut.Class, n.cut.Refused, n.cut.Rule = registrars.ClassTemporary, true, ""
		}, "a reason that is not named"},
	} {
		if found := strings.Join(registrarstest.Findings(t, subject(c.change)), "\n"); !strings.Contains(found, c.want) {
			t.Errorf("%s: found %q, want %q", name, found, c.want)
		}
	}
}
