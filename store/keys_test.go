package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/store"
	"domainprovisioning/vault"
)

// onBothURLs runs a test on a fresh, migrated database of each kind, which the test opens itself.
func onBothURLs(t *testing.T, test func(t *testing.T, open func(ids ...string) *store.Store)) {
	t.Helper()
	for name, url := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "store.db") },
		"postgres": func(t *testing.T) string { return migrated.URL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := url(t)
			open(t, at, nil)
			test(t, func(ids ...string) *store.Store {
				s, err := store.Open(t.Context(), store.Options{URL: at, Sealer: sealer(t, ids...), Ranges: store.DefaultRanges()})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = s.Close() })
				return s
			})
		})
	}
}

// asBefore makes the database one whose orders an older version has placed.
func asBefore(t *testing.T, s *store.Store) {
	t.Helper()
	if err := s.Raw(`DELETE FROM data_keys`); err != nil {
		t.Fatal(err)
	}
}

func must[T any](t *testing.T) func(value T, err error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

const (
	login     = "Erika@Muster.Example"
	amendment = `{"customer":{"email":"erika@muster.example"}}`
	workflow  = "domain-provisioning/shop.example"
)

func request() *store.Idempotency {
	return &store.Idempotency{Client: "shop", Key: "once-1", Request: "digest-of-the-body"}
}

// fill places an order and everything that is sealed for it, and some that belongs to no order.
func fill(t *testing.T, s *store.Store) {
	t.Helper()
	ctx := t.Context()
	order := acceptance("SO-1", "shop.example", `{"secret":"hunter2"}`)
	order.Customer, order.Idempotency = login, request()
	must[store.Accepted](t)(s.AcceptOrder(ctx, order))
	must[store.Accepted](t)(s.AcceptOrder(ctx, acceptance("", "other.example", `{"no":"number"}`)))
	must[store.Revision](t)(s.AddRevision(ctx, store.Revision{OrderNumber: "SO-1", Command: "c1", Amendment: []byte(amendment), Document: []byte(`{"revised":1}`)}))
	must[domains.Secret](t)(s.KeepSecret(ctx, "order/SO-1/user/7/password", domains.NewSecret("generated")))
	must[domains.Secret](t)(s.KeepSecret(ctx, "registrar/a/shop.example/password", domains.NewSecret("of-the-domain")))
	must[string](t)(s.KeepQuote(ctx, workflow, "Erika is unknown"))
	must[string](t)(s.KeepQuote(ctx, "watch/netim-main", "busy"))
	if err := s.RecordAnswer(ctx, *request(), "SO-1", 201, []byte(`{"answered":true}`)); err != nil {
		t.Fatal(err)
	}
	if err := s.KeepContact(ctx, "a", "SO-1/0/registration", "digest-of-erika", "C-1"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.AddHook(ctx, store.NewHook{URL: "https://shop.example/hook", Events: []string{"*"}, By: "test"}); err != nil {
		t.Fatal(err)
	}
}

// stillThere checks that all of fill is found and can be read.
func stillThere(t *testing.T, s *store.Store) {
	t.Helper()
	ctx := t.Context()
	order := acceptance("SO-1", "shop.example", `{"secret":"hunter2"}`)
	if found, repeated, err := s.FindRepeat(ctx, order); err != nil || !repeated || found.Number != "SO-1" {
		t.Errorf("by number: %+v, %v", found, err)
	}
	order.Number, order.Idempotency = "", request()
	if found, repeated, err := s.FindRepeat(ctx, order); err != nil || !repeated || !found.Keyed || found.Answered != 201 {
		t.Errorf("by the idempotency key: %+v, %v", found, err)
	}
	other := request()
	other.Request = "another"
	if _, _, err := s.FindRepeat(ctx, store.Acceptance{Idempotency: other}); !isA[*store.IdempotencyError](err) {
		t.Errorf("another body under the key: %v", err)
	}
	if _, _, err := s.FindRepeat(ctx, acceptance("SO-1", "", `{"else":1}`)); !isA[*store.NumberTakenError](err) {
		t.Errorf("another order under the number: %v", err)
	}
	if found, repeated, err := s.FindRepeat(ctx, acceptance("", "other.example", `{"no":"number"}`)); err != nil || !repeated || found.Number != "DP00000002" {
		t.Errorf("by its contents: %+v, %v", found, err)
	}
	if handles, err := s.Contacts(ctx, "a", "SO-1/0/registration", []string{"digest-of-erika", "of-another"}); err != nil || len(handles) != 1 || handles["digest-of-erika"] != "C-1" {
		t.Errorf("contacts: %v, %v", handles, err)
	}
	if err := s.Raw(`UPDATE provisionings SET plan = '{"accountId":1048576}' WHERE order_number = 'SO-1'`); err != nil {
		t.Fatal(err)
	}
	if err := s.FindCustomer(ctx, strings.ToUpper(login)); !isA[*store.CustomerKnownError](err) {
		t.Errorf("the login: %v", err)
	}
	revision := store.Revision{OrderNumber: "SO-1", Command: "c1", Amendment: []byte(amendment)}
	if found, err := s.FindRevision(ctx, revision); err != nil || found.Number != 1 {
		t.Errorf("the command: %+v, %v", found, err)
	}
	revision.Amendment = []byte("{}")
	if _, err := s.FindRevision(ctx, revision); !errors.Is(err, store.ErrCommandReused) {
		t.Errorf("another amendment under the command: %v", err)
	}
	for what, read := range map[string]func() (string, error){
		`{"secret":"hunter2"}`: func() (string, error) { plain, err := s.OrderDocument(ctx, "SO-1"); return string(plain), err },
		`{"revised":1}`:        func() (string, error) { plain, err := s.RevisedDocument(ctx, "SO-1", 1); return string(plain), err },
		`{"answered":true}`: func() (string, error) {
			plain, err := s.KeepRequest(ctx, *request(), "SO-1")
			return string(plain), err
		},
		"generated": func() (string, error) {
			secret, err := s.Secret(ctx, "order/SO-1/user/7/password")
			return secret.Reveal(), err
		},
		"of-the-domain": func() (string, error) {
			secret, err := s.Secret(ctx, "registrar/a/shop.example/password")
			return secret.Reveal(), err
		},
	} {
		if plain, err := read(); err != nil || plain != what {
			t.Errorf("%s: read %q, %v", what, plain, err)
		}
	}
	quotes := 0
	for _, reference := range must[[]string](t)(s.Column(`SELECT reference FROM quotes`)) {
		if text, err := s.Quote(ctx, reference, ""); err != nil || text != "Erika is unknown" && text != "busy" {
			t.Errorf("quote: %q, %v", text, err)
		}
		quotes++
	}
	if quotes != 2 {
		t.Errorf("%d quotes", quotes)
	}
	if _, err := s.TestHook(ctx, must[[]store.Hook](t)(s.Hooks(ctx, ""))[0].ID); err != nil {
		t.Error(err)
	}
	if due, err := s.DueHooks(ctx); err != nil || len(due) != 1 || len(due[0].Secrets) != 1 {
		t.Errorf("endpoints: %d, %v", len(due), err)
	}
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func reseal(t *testing.T, s *store.Store) []store.Resealed {
	t.Helper()
	var told []store.Resealed
	if err := s.Reseal(t.Context(), func(done store.Resealed) { told = append(told, done) }); err != nil {
		t.Fatal(err)
	}
	return told
}

// The story of a rotation: a database of a version before data keys is resealed under a new key,
// the old key is taken out of the configuration, and everything is found and read as before.
func TestAKeyIsRotatedToItsEnd(t *testing.T) {
	for name, before := range map[string]bool{"of an older version": true, "of this version": false} {
		t.Run(name, func(t *testing.T) {
			onBothURLs(t, func(t *testing.T, open func(ids ...string) *store.Store) {
				old := open("k1")
				if before {
					asBefore(t, old)
				}
				if err := old.CheckKeys(t.Context()); err != nil {
					t.Fatal(err)
				}
				fill(t, old)
				stillThere(t, old)
				if plain := must[[]string](t)(old.Column(`SELECT fingerprint FROM orders WHERE fingerprint LIKE 'fp/%'`)); (len(plain) > 0) != before {
					t.Errorf("%d plain digests", len(plain))
				}

				both := open("k2", "k1")
				if err := both.CheckKeys(t.Context()); err != nil {
					t.Fatal(err)
				}
				stillThere(t, both)
				if err := open("k2").CheckKeys(t.Context()); !isA[*store.MissingKeyError](err) || !strings.Contains(err.Error(), "the sealing key k1,") {
					t.Errorf("without the key that it needs: %v", err)
				}
				reseal(t, both)
				stillThere(t, both)
				stillThere(t, open("k1", "k2")) // that of a process which has the new key, and not as the first
				if before {
					if found, repeated, err := old.FindRepeat(t.Context(), acceptance("SO-1", "shop.example", `{"secret":"hunter2"}`)); err == nil && repeated {
						t.Errorf("without the new key: %+v", found)
					}
				}
				for _, use := range must[[]store.KeyUse](t)(both.KeyUses(t.Context())) {
					if use.Key != "k2" {
						t.Errorf("left: %+v", use)
					}
				}

				alone := open("k2")
				if err := alone.CheckKeys(t.Context()); err != nil {
					t.Error(err)
				}
				stillThere(t, alone)
				for _, done := range reseal(t, alone) {
					// The values that belong to no order are looked at each time.
					if done.Looked > 0 && !slices.Contains([]string{"secrets", "quotes", "secrets of endpoints"}, done.Kind) || done.Unreadable > 0 {
						t.Errorf("once more: %+v", done)
					}
				}
				stillThere(t, alone)
			})
		})
	}
}

// Reseal goes on where it was cut off, and passes over what nobody can open.
func TestResealMayBeCutOff(t *testing.T) {
	onBothURLs(t, func(t *testing.T, open func(ids ...string) *store.Store) {
		old := open("k1")
		asBefore(t, old)
		const orders = 120
		for n := range orders {
			must[store.Accepted](t)(old.AcceptOrder(t.Context(), acceptance(fmt.Sprint("SO-", n), fmt.Sprintf("shop%d.example", n), fmt.Sprint(n))))
		}
		if err := old.Raw(`UPDATE orders SET document = 'gone:AAAA' WHERE number = 'SO-7'`); err != nil {
			t.Fatal(err)
		}
		both := open("k2", "k1")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if err := both.Reseal(ctx, func(done store.Resealed) {
			if done.Kind == "orders" {
				cancel()
			}
		}); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
		left := must[[]string](t)(both.Column(`SELECT document FROM orders WHERE document NOT LIKE '~%'`))
		if len(left) == 0 || len(left) >= orders {
			t.Fatalf("%d orders left after the first step", len(left))
		}
		unreadable := 0
		for _, done := range reseal(t, both) {
			if done.Kind == "orders" {
				unreadable = done.Unreadable
			}
		}
		if unreadable != 1 {
			t.Errorf("%d unreadable", unreadable)
		}
		for _, use := range must[[]store.KeyUse](t)(both.KeyUses(t.Context())) {
			if use.Key != "k2" && use.Key != "gone" {
				t.Errorf("left: %+v", use)
			}
		}
		for n := range orders {
			document, err := open("k2").OrderDocument(t.Context(), fmt.Sprint("SO-", n))
			if n == 7 && !errors.Is(err, vault.ErrUnreadable) || n != 7 && (err != nil || string(document) != fmt.Sprint(n)) {
				t.Fatalf("order %d: %q, %v", n, document, err)
			}
		}
	})
}

// A release without data keys is upgraded, and taken back, with what it has stored; until Reseal
// nothing is written that it could not read.
func TestAReleaseWithoutDataKeysIsUpgraded(t *testing.T) {
	const before = 23 // the last migration of that release
	onBothURLs(t, func(t *testing.T, open func(ids ...string) *store.Store) {
		s := open("k1")
		asBefore(t, s)
		fill(t, s)
		if err := s.TakeBack(t.Context(), before); err != nil {
			t.Fatal(err)
		}
		must[[]string](t)(s.Migrate(t.Context()))
		if err := open("k2").CheckKeys(t.Context()); !isA[*store.MissingKeyError](err) {
			t.Errorf("without the key of what was there: %v", err)
		}
		must[store.Accepted](t)(s.AcceptOrder(t.Context(), acceptance("SO-2", "later.example", `{"later":1}`)))
		if envelopes := must[[]string](t)(s.Column(`SELECT reference FROM data_keys`)); len(envelopes) > 0 {
			t.Errorf("it has made %v", envelopes)
		}
		if later := must[[]string](t)(s.Column(`SELECT document || fingerprint FROM orders WHERE number = 'SO-2'`)); !strings.HasPrefix(later[0], "k1:") || !strings.HasSuffix(later[0], `fp/{"later":1}`) {
			t.Errorf("what the older release reads: %q", later)
		}
		stillThere(t, s)
		reseal(t, s)
		must[store.Accepted](t)(s.AcceptOrder(t.Context(), acceptance("SO-3", "latest.example", `{"latest":1}`)))
		if latest := must[[]string](t)(s.Column(`SELECT document FROM orders WHERE number = 'SO-3'`)); !strings.HasPrefix(latest[0], "~order/SO-3:") {
			t.Errorf("after the switch: %q", latest)
		}
		stillThere(t, s)
	})
}

// The keys of histories are in the configuration only; the database remembers which of them have
// sealed, so that no program starts without one.
func TestAKeyOfHistoriesIsMissed(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		for _, step := range []struct {
			have    []string
			seals   string
			missing []string
		}{
			{nil, "", nil},
			{[]string{"h1"}, "", nil}, // it opens, and nothing is sealed yet
			{nil, "", nil},
			{[]string{"h1"}, "h1", nil},
			{nil, "", []string{"h1"}},
			{[]string{"h2"}, "h2", []string{"h1"}}, // and h2 is not recorded
			{[]string{"h1"}, "h1", nil},
			{[]string{"h2", "h1"}, "h2", nil},
			{[]string{"h3"}, "h3", []string{"h1", "h2"}},
		} {
			missing, _ := errors.AsType[*store.MissingHistoryKeyError](s.CheckHistoryKeys(t.Context(), step.have, step.seals))
			if (missing == nil) != (step.missing == nil) || missing != nil && !slices.Equal(missing.IDs, step.missing) {
				t.Errorf("%+v: got %v", step, missing)
			}
		}
		if err := s.ForgetHistoryKey(t.Context(), "h1"); err != nil {
			t.Error(err)
		}
		if err := s.ForgetHistoryKey(t.Context(), "h1"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("twice: %v", err)
		}
		if err := s.CheckHistoryKeys(t.Context(), []string{"h2"}, "h2"); err != nil {
			t.Error(err)
		}
	})
}
