package activities_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// codeTaker is a registrar that takes auth codes from us, and notes those of each call.
type codeTaker struct {
	scripted

	takes           bool
	submitted, seen []domains.Secret
}

func (c *codeTaker) Describe() registrars.Descriptor {
	return registrars.Descriptor{Name: "scripted", Kinds: registrars.Kinds(), TakesAuthCodes: c.takes}
}

func (c *codeTaker) Submit(ctx context.Context, request registrars.Request) (registrars.Operation, error) {
	c.submitted = append(c.submitted, request.NewAuthCode)
	return c.scripted.Submit(ctx, request)
}

func (c *codeTaker) Find(ctx context.Context, request registrars.Request) (registrars.Finding, error) {
	c.seen = append(c.seen, request.NewAuthCode)
	return c.scripted.Find(ctx, request)
}

// maker is one whose account says how long codes are.
type maker struct{ codeTaker }

func (*maker) NewAuthCode() domains.Secret { return registrars.NewAuthCode(31) }

// Whatever becomes of the tries, each sends the one auth code that is sealed in the store, each look
// compares with it, and what Temporal is told does not have it.
func TestEveryTryHasTheSameAuthCode(t *testing.T) {
	for _, kind := range []registrars.Kind{registrars.Registration, registrars.AuthCodeChange} {
		t.Run(string(kind), func(t *testing.T) {
			now := outside.NewClock()
			w, in := placed(t, outside.Options{Now: now.Now}, outside.NewCustomer)
			in.Kind = kind
			registrar := &codeTaker{takes: true}
			answers := []error{ofClass(registrars.ClassOutcomeUnknown), ofClass(registrars.ClassTemporary)}
			registrar.submit = func(context.Context, registrars.Request) (registrars.Operation, error) {
				if len(answers) == 0 {
					return registrars.Operation{Kind: kind, Status: registrars.StatusDone, Word: "done"}, nil
				}
				err := answers[0]
				answers = answers[1:]
				return registrars.Operation{}, err
			}
			registrar.finding = registrars.Finding{State: registrars.FoundNothing}
			r := w.RegistrarActivities(registrar, nil)
			var told []any
			for range 3 {
				state, err := r.SubmitRequest(t.Context(), in)
				told = append(told, state)
				if err != nil {
					application, trouble := failure(t, err)
					told = append(told, application.Message(), trouble)
				}
				now.Advance(time.Minute)
			}
			key := activities.RequestKey(in.OrderNumber, in.Item, kind)
			row, err := w.Store.LedgerRow(t.Context(), key)
			if err != nil || row.State != store.Done || row.Submissions != 3 {
				t.Fatalf("the ledger has %+v, %v", row, err)
			}
			if _, err := r.ConfirmRequest(t.Context(), activities.ConfirmRequestInput{Key: key}); err != nil {
				t.Error(err)
			}
			kept, err := w.Store.Secret(t.Context(), "registrar/netim-1/shop.example/auth-code/"+key)
			if err != nil || len(kept.Reveal()) != registrars.AuthCodeLength {
				t.Fatalf("the store has %d characters, %v", len(kept.Reveal()), err)
			}
			if len(registrar.submitted) != 3 || len(registrar.seen) != 1 {
				t.Errorf("%d submissions, %d looks", len(registrar.submitted), len(registrar.seen))
			}
			for _, code := range append(registrar.submitted, registrar.seen...) {
				if code.Reveal() != kept.Reveal() {
					t.Error("a call had another auth code")
				}
			}
			document, err := json.Marshal([]any{told, row, in})
			if err != nil || strings.Contains(string(document), kept.Reveal()) {
				t.Errorf("the auth code is told: %v", err)
			}
		})
	}
}

// What takes a request back, and what asks how it stands, looks with the code that was sent; and
// what the registrar says of it is kept without the code.
func TestLooksOfLaterHaveTheAuthCode(t *testing.T) {
	now := outside.NewClock()
	w, in := placed(t, outside.Options{Now: now.Now}, outside.NewCustomer)
	registrar := &codeTaker{takes: true}
	registrar.submit = func(context.Context, registrars.Request) (registrars.Operation, error) {
		return registrars.Operation{}, ofClass(registrars.ClassOutcomeUnknown)
	}
	r := w.RegistrarActivities(registrar, nil)
	if _, err := r.SubmitRequest(t.Context(), in); err == nil {
		t.Fatal("the outcome is known")
	}
	sent := registrar.submitted[0]
	registrar.finding = registrars.Finding{State: registrars.FoundOperation, Operation: registrars.Operation{
		Kind: in.Kind, Status: registrars.StatusFailed, Word: "failed", Reason: "the code " + sent.Reveal() + " is not liked",
	}}
	key := activities.RequestKey(in.OrderNumber, in.Item, in.Kind)
	state, err := r.ConfirmRequest(t.Context(), activities.ConfirmRequestInput{Key: key})
	if err != nil || state.Status != registrars.StatusFailed || strings.Contains(state.Told, sent.Reveal()) || !strings.Contains(state.Told, "is not liked") {
		t.Errorf("told %+v, %v", state, err)
	}
	w, in = placed(t, outside.Options{Now: now.Now}, outside.NewCustomer)
	r = w.RegistrarActivities(registrar, nil)
	if _, err := r.SubmitRequest(t.Context(), in); err == nil {
		t.Fatal("the outcome is known")
	}
	now.Advance(time.Minute)
	if _, err := r.WithdrawRequest(t.Context(), activities.WithdrawRequestInput{Key: key}); err != nil {
		t.Error(err)
	}
	if len(registrar.submitted) != 2 || len(registrar.seen) != 2 ||
		registrar.seen[0].Reveal() != sent.Reveal() || registrar.seen[1].Reveal() != registrar.submitted[1].Reveal() || registrar.submitted[1].Reveal() == sent.Reveal() {
		t.Errorf("%d submissions, %d looks, or not with their codes", len(registrar.submitted), len(registrar.seen))
	}
}

// A code is as long as the account says, and nobody makes one that is not asked for.
func TestOnlyWhatTakesAnAuthCodeGetsOne(t *testing.T) {
	for name, c := range map[string]struct {
		kind   registrars.Kind
		takes  bool
		length int
	}{
		"a registration":                     {registrars.Registration, true, 31},
		"a new auth code":                    {registrars.AuthCodeChange, true, 31},
		"a registrar that makes them itself": {registrars.Registration, false, 0},
		"a change of name servers":           {registrars.NameServerChange, true, 0},
	} {
		w, in := placed(t, outside.Options{}, outside.NewCustomer)
		in.Kind = c.kind
		registrar := &maker{codeTaker{takes: c.takes}}
		if _, err := w.RegistrarActivities(registrar, nil).SubmitRequest(t.Context(), in); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := len(registrar.submitted[0].Reveal()); got != c.length {
			t.Errorf("%s: %d characters, want %d", name, got, c.length)
		}
		key := activities.RequestKey(in.OrderNumber, in.Item, c.kind)
		_, err := w.Store.Secret(t.Context(), store.AuthCodeReference(outside.Account, shop, key))
		if (c.length == 0) != errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: the store says %v", name, err)
		}
	}
}

// codeless is a store that keeps no secrets.
type codeless struct{ activities.Secrets }

func (codeless) KeepSecret(context.Context, string, domains.Secret) (domains.Secret, error) {
	return domains.Secret{}, errors.New("the store is away")
}

// Nothing is sent whose auth code is not kept.
func TestNoRequestWithoutItsKeptAuthCode(t *testing.T) {
	w, in := placed(t, outside.Options{}, outside.NewCustomer)
	registrar := &codeTaker{takes: true}
	r := w.RegistrarActivities(registrar, nil)
	r.Secrets = codeless{w.Store}
	if _, err := r.SubmitRequest(t.Context(), in); err == nil || registrar.submits != 0 {
		t.Errorf("%v, %d submissions", err, registrar.submits)
	}
}
