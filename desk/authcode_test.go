package desk_test

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

const leaving = "leaving.example"

// asked is a request in the ledger, with its auth code unless that is "".
type asked struct {
	kind  string
	state store.LedgerState
	code  string
	note  string // of what was learned last; "" is the registrar's answer
}

// requests puts requests about a domain into the ledger, one after the other.
func (r *registry) requests(clock *outside.Clock, account string, all ...asked) {
	r.t.Helper()
	for n, one := range all {
		key := string(rune('A'+n)) + "-1/0/" + one.kind
		_, _, err := r.World.Store.Intend(r.t.Context(), store.Intention{Key: key, Account: account, Kind: one.kind, Domain: leaving, WorkflowID: "w"})
		if err == nil && one.state != store.Intended {
			_, err = r.World.Store.Learn(r.t.Context(), key, store.LedgerChange{State: one.state, Note: cmp.Or(one.note, store.AnswerNote)})
		}
		if err == nil && one.code != "" {
			_, err = r.World.Store.KeepSecret(r.t.Context(), store.AuthCodeReference(account, leaving, key), domains.NewSecret(one.code))
		}
		if err != nil {
			r.t.Fatal(err)
		}
		clock.Advance(time.Hour)
	}
}

// The auth code of a domain is that of the newest request that was carried out, and those of newer
// ones whose outcome nobody knows may be it.
func TestTheAuthCodeOfADomain(t *testing.T) {
	registered := asked{"registration", store.Done, "first", ""}
	for name, c := range map[string]struct {
		requests []asked
		want     []string // "" of nothing
		certain  bool
		refused  string
	}{
		"registered":             {[]asked{registered}, []string{"first"}, true, ""},
		"changed":                {[]asked{registered, {"auth-code-change", store.Done, "second", ""}}, []string{"second"}, true, ""},
		"a change was refused":   {[]asked{registered, {"auth-code-change", store.Failed, "second", ""}}, []string{"first"}, true, ""},
		"a change is to be made": {[]asked{registered, {"auth-code-change", store.Refused, "second", ""}}, []string{"first"}, true, ""},
		"a change is unknown":    {[]asked{registered, {"auth-code-change", store.Unknown, "second", ""}}, []string{"second", "first"}, false, ""},
		"two changes are not done": {
			[]asked{registered, {"auth-code-change", store.Intended, "second", ""}, {"auth-code-change", store.Pending, "third", ""}}, []string{"third", "second", "first"}, false, "",
		},
		"what came between is nothing":              {[]asked{registered, {"renewal", store.Done, "", ""}, {"transfer", store.Failed, "", ""}}, []string{"first"}, true, ""},
		"came back by a transfer":                   {[]asked{registered, {"transfer", store.Done, "", ""}}, nil, false, "no auth code of ours is known for leaving.example"},
		"and got a new one":                         {[]asked{registered, {"transfer", store.Done, "", ""}, {"auth-code-change", store.Done, "second", ""}}, []string{"second"}, true, ""},
		"deleted":                                   {[]asked{registered, {"deletion", store.Done, "", ""}}, nil, false, "no auth code of ours is known"},
		"registered before codes":                   {[]asked{{"registration", store.Done, "", ""}}, nil, false, "no auth code of ours is known"},
		"the registration was found by looking":     {[]asked{{"registration", store.Done, "first", "found by looking"}}, []string{"first"}, false, ""},
		"a change was stated by a person":           {[]asked{registered, {"auth-code-change", store.Done, "second", "ann states it: seen"}}, []string{"second"}, false, ""},
		"found by looking, and changed":             {[]asked{{"registration", store.Done, "first", "found by looking"}, {"auth-code-change", store.Done, "second", ""}}, []string{"second"}, true, ""},
		"found, and nobody has its code":            {[]asked{registered, {"auth-code-change", store.Done, "", "found by looking"}}, nil, false, "no auth code of ours is known"},
		"a change is pending whose code nobody has": {[]asked{registered, {"auth-code-change", store.Pending, "", ""}}, []string{"first"}, false, ""},
		"a transfer is pending":                     {[]asked{registered, {"transfer", store.Pending, "", ""}}, []string{"first"}, false, ""},
		"of a transfer nobody knows the outcome":    {[]asked{registered, {"transfer", store.Unknown, "", ""}}, []string{"first"}, false, ""},
		"only an unknown one":                       {[]asked{{"transfer", store.Done, "", ""}, {"auth-code-change", store.Unknown, "second", ""}}, []string{"second"}, false, ""},
		"imported":                                  {nil, nil, false, "no order has registered it at netim-1, or has changed its auth code since it came; set one at the registrar"},
	} {
		t.Run(name, func(t *testing.T) {
			clock := outside.NewClock()
			w := outside.New(t, outside.Options{Now: clock.Now})
			r := &registry{w, &desk.Desk{Store: w.Store, Temporal: w.Temporal, Intake: w.Intake}, t}
			w.UseRegistry(t)
			r.holds(leaving, "shop", store.LifeChange{})
			r.requests(clock, outside.Account, c.requests...)
			found, err := r.AuthCode(operator(t), "Leaving.example", "ann", "the customer leaves")
			if c.refused != "" {
				if refused, ok := errors.AsType[*desk.NotAllowedError](err); !ok || !strings.Contains(refused.Reason, c.refused) {
					t.Errorf("got %+v, %v", found, err)
				}
				return
			}
			var codes []string
			for _, code := range found.Codes {
				codes = append(codes, code.Code)
			}
			if err != nil || !slices.Equal(codes, c.want) || found.Certain != c.certain || found.Registrar != outside.Account || found.Domain != leaving {
				t.Errorf("got %+v, certain %t, %v", found, found.Certain, err)
			}
		})
	}
}

// What was requested before the domain left says nothing of it after it came again, by an import or by
// an adoption; what the order has requested that brought it does, although it is older than the holding.
func TestAnAuthCodeOfBeforeItLeftIsNotTold(t *testing.T) {
	clock := outside.NewClock()
	w := outside.New(t, outside.Options{Now: clock.Now})
	r := &registry{w, &desk.Desk{Store: w.Store, Temporal: w.Temporal, Intake: w.Intake}, t}
	w.UseRegistry(t)
	r.holds(leaving, "shop", store.LifeChange{})
	r.requests(clock, outside.Account, asked{"registration", store.Done, "stale", ""})
	if found, err := r.AuthCode(operator(t), leaving, "ann", "the customer leaves"); err != nil || !found.Certain {
		t.Fatalf("got %+v, %v", found, err)
	}
	r.holdsNoMore()
	clock.Advance(time.Hour)
	r.holds(leaving, "shop", store.LifeChange{})
	if found, err := r.AuthCode(operator(t), leaving, "ann", "it came again"); err == nil || !strings.Contains(err.Error(), "no auth code of ours is known") {
		t.Errorf("got %+v, %v", found, err)
	}
	r.requests(clock, outside.Account, asked{"transfer", store.Failed, "", ""}, asked{"auth-code-change", store.Done, "fresh", ""})
	if found, err := r.AuthCode(operator(t), leaving, "ann", "it has a new one"); err != nil || !found.Certain || found.Codes[0].Code != "fresh" {
		t.Errorf("got %+v, %v", found, err)
	}
}

// Of a request that was refused for good and retried, the newest code is told, and all of them while
// nobody knows what became of it.
func TestARetryShowsItsNewAuthCode(t *testing.T) {
	for note, certain := range map[string]bool{store.AnswerNote: true, "found by looking": false} {
		clock := outside.NewClock()
		w := outside.New(t, outside.Options{Now: clock.Now})
		r := &registry{w, &desk.Desk{Store: w.Store, Temporal: w.Temporal, Intake: w.Intake}, t}
		w.UseRegistry(t)
		r.holds(leaving, "shop", store.LifeChange{})
		r.requests(clock, outside.Account, asked{"registration", store.Failed, "disliked", ""})
		row, err := w.Store.LedgerRow(t.Context(), "A-1/0/registration")
		if err == nil {
			row, err = w.Store.BeginAgain(t.Context(), row, store.Again{Reopened: 1, Note: "asked anew by a person"})
		}
		if err == nil {
			_, err = w.Store.KeepSecret(t.Context(), row.AuthCodeReferences()[0], domains.NewSecret("liked"))
		}
		if err == nil {
			_, err = w.Store.Learn(t.Context(), row.Key, store.LedgerChange{State: store.Done, Note: note})
		}
		if err != nil {
			t.Fatal(err)
		}
		found, err := r.AuthCode(operator(t), leaving, "ann", "the customer leaves")
		if err != nil || found.Certain != certain || found.Codes[0].Code != "liked" || (len(found.Codes) == 1) != certain {
			t.Errorf("%s: got %+v, %v", note, found, err)
		}
	}
}

// Each question is recorded with the domain, who asked and why, and without the code. Only the account
// that has the domain now counts, and whose domain it is.
func TestWhoAsksForAnAuthCodeIsRecorded(t *testing.T) {
	clock := outside.NewClock()
	w := outside.New(t, outside.Options{Now: clock.Now})
	r := &registry{w, &desk.Desk{Store: w.Store, Temporal: w.Temporal, Intake: w.Intake}, t}
	r.holds(leaving, "shop", store.LifeChange{})
	r.requests(clock, "another", asked{"registration", store.Done, "of-another-account", ""})
	_, err := r.AuthCode(operator(t), leaving, "ann", "the customer leaves")
	if err == nil || !strings.Contains(err.Error(), "registrar account netim-1 makes the auth codes of its domains itself") {
		t.Errorf("at a registrar that makes them: %v", err)
	}
	w.UseRegistry(t)
	if _, err := r.AuthCode(operator(t), leaving, "ann", "the customer leaves"); err == nil {
		t.Error("the code of another account was told")
	}
	r.requests(clock, outside.Account, asked{"renewal", store.Done, "", ""}, asked{"registration", store.Done, "of-this-account", ""})
	if _, err := r.AuthCode(as(t, "rival"), leaving, "ann", "mine"); !errors.Is(err, desk.ErrNoDomain) {
		t.Errorf("another client got %v", err)
	}
	if _, err := r.AuthCode(operator(t), leaving, "ann", ""); err == nil {
		t.Error("nobody has said why")
	}
	found, err := r.AuthCode(operator(t), leaving, "ann", "the customer leaves")
	if err != nil || !found.Certain || found.Codes[0].Code != "of-this-account" || found.Codes[0].Order != "B-1" {
		t.Errorf("got %+v, %v", found, err)
	}
	if _, err := r.AuthCode(operator(t), "nobody.example", "ann", "x"); !errors.Is(err, desk.ErrNoDomain) {
		t.Errorf("no domain: %v", err)
	}
	acts, err := w.Store.Acts(t.Context(), store.ActFilter{Limit: 100})
	if err != nil || len(acts) != 4 {
		t.Fatalf("%d acts, %v", len(acts), err)
	}
	for n, act := range acts {
		outcome := map[bool]store.ActOutcome{true: store.ActAccepted, false: store.ActRefused}[n == 3]
		if act.Command != "auth-code" || act.OrderNumber != store.DomainSubject+leaving || act.Outcome != outcome {
			t.Errorf("act %d: %+v", n, act)
		}
		if strings.Contains(act.Reason+act.Detail+act.Before+act.After, "of-this-account") {
			t.Errorf("act %d has the code", n)
		}
	}
	// A domain that has left has no code of ours any more.
	r.holdsNoMore()
	if _, err := r.AuthCode(operator(t), leaving, "ann", "too late"); err == nil || !strings.Contains(err.Error(), "has left") {
		t.Errorf("got %v", err)
	}
}

// holdsNoMore records that the domain was transferred away.
func (r *registry) holdsNoMore() {
	r.t.Helper()
	err := r.World.Store.RecordLife(r.t.Context(), store.LifeChange{Name: leaving, Registrar: outside.Account, Round: 1, State: messages.LifeTransferred, Since: time.Now()})
	if err != nil {
		r.t.Fatal(err)
	}
}
