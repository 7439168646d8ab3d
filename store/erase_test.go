package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/store"
)

// personal are the values of a dump that open an order's data, are such data, sealed or not, or
// tell by their digest what the data are. digests are those that stood there before.
func personal(t *testing.T, s *store.Store, digests []string) []string {
	t.Helper()
	return slices.DeleteFunc(must[[]string](t)(s.Dump()), func(value string) bool {
		return !strings.HasPrefix(value, "~order/SO-1:") && !slices.Contains(digests, value)
	})
}

// Nothing of an order that was erased is left in any column of any table; the same search finds
// it before.
func TestAnErasedOrderIsGone(t *testing.T) {
	for name, resealed := range map[string]bool{"with a data key": true, "of an older version": false} {
		t.Run(name, func(t *testing.T) {
			onBothURLs(t, func(t *testing.T, open func(ids ...string) *store.Store) {
				s := open("k1")
				if !resealed {
					asBefore(t, s)
				}
				fill(t, s)
				const digestsOf = `SELECT fingerprint FROM orders WHERE number = 'SO-1' UNION ALL SELECT customer FROM orders WHERE number = 'SO-1'
					UNION ALL SELECT request FROM idempotency_keys UNION ALL SELECT digest FROM registrar_contacts
					UNION ALL SELECT digest FROM order_revisions UNION ALL SELECT wrapped FROM data_keys WHERE reference = 'order/SO-1'
					UNION ALL SELECT document FROM orders WHERE number = 'SO-1' UNION ALL SELECT document FROM order_revisions
					UNION ALL SELECT sealed FROM secrets WHERE reference LIKE 'order/%' UNION ALL SELECT answer FROM idempotency_keys
					UNION ALL SELECT sealed FROM quotes WHERE workflow_id = '` + workflow + `'`
				// A password that was generated for a user whose id was reserved, and a text in plain.
				reserved := must[[]string](t)(s.Column(`SELECT CAST(value AS text) FROM reserved_ids WHERE scope = 'SO-1' AND kind = 'user'`))[0]
				must[domains.Secret](t)(s.KeepSecret(t.Context(), "order/SO-1/user/"+reserved+"/password", domains.NewSecret("generated")))
				if err := s.Raw(`DELETE FROM secrets WHERE reference = 'order/SO-1/user/7/password'`); err != nil {
					t.Fatal(err)
				}
				// What gave the domain an auth code is a request of this order.
				codeReference := store.AuthCodeReference("a", "shop.example", "SO-1/0/registration")
				must[domains.Secret](t)(s.KeepSecret(t.Context(), codeReference, domains.NewSecret("code-of-the-domain")))
				before := must[[]string](t)(s.Column(digestsOf))
				document := must[[]string](t)(s.Column(`SELECT document FROM orders WHERE number = 'SO-1'`))[0]
				want := 10
				if resealed {
					want++ // the wrapped data key
				}
				if found := personal(t, s, before); len(before) != want || len(found) < len(before) || slices.Contains(before, "") {
					t.Fatalf("the search finds %d of %d values", len(found), len(before))
				}

				if _, err := s.Erase(t.Context(), store.Erasing{Number: "SO-1"}); !isA[*store.OpenOrderError](err) {
					t.Fatalf("an open order: %v", err)
				}
				if plain, err := s.OrderDocument(t.Context(), "SO-1"); err != nil || len(plain) == 0 {
					t.Fatalf("after the refusal: %v", err)
				}
				if err := s.CloseUnit(t.Context(), "SO-1", 0, store.UnitDone, ""); err != nil {
					t.Fatal(err)
				}
				at := must[time.Time](t)(s.Erase(t.Context(), store.Erasing{Number: "SO-1"}))
				if found := personal(t, s, before); len(found) > 0 {
					t.Errorf("left: %q", found)
				}
				if again := must[time.Time](t)(s.Erase(t.Context(), store.Erasing{Number: "SO-1"})); !again.Equal(at) {
					t.Errorf("erased at %s, and again at %s", at, again)
				}
				if _, err := s.Erase(t.Context(), store.Erasing{Number: "nowhere"}); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("no order: %v", err)
				}

				// All who read it are told plainly, and nothing is added to it.
				order := acceptance("SO-1", "shop.example", `{"secret":"hunter2"}`)
				byKey := order
				byKey.Number, byKey.Idempotency = "", request()
				for what, read := range map[string]func() error{
					"the document":  func() error { _, err := s.OrderDocument(t.Context(), "SO-1"); return err },
					"a revision":    func() error { _, err := s.RevisedDocument(t.Context(), "SO-1", 1); return err },
					"its repeat":    func() error { _, err := s.AcceptOrder(t.Context(), order); return err },
					"by its key":    func() error { _, _, err := s.FindRepeat(t.Context(), byKey); return err },
					"another order": func() error { _, _, err := s.FindRepeat(t.Context(), acceptance("SO-1", "", "{}")); return err },
					"a late text":   func() error { _, err := s.KeepQuote(t.Context(), workflow, "late"); return err },
				} {
					erased, ok := errors.AsType[*store.ErasedError](read())
					if !ok || erased.Number != "SO-1" || !erased.At.Equal(at) || !strings.Contains(erased.Error(), "was erased on "+at.Format("2006-01-02")) {
						t.Errorf("%s: %v", what, read())
					}
				}
				units := must[[]store.Unit](t)(s.Units(t.Context(), store.UnitFilter{Domain: "shop.example"}))
				if len(units) != 1 || units[0].ErasedAt == nil || !units[0].ErasedAt.Equal(at) {
					t.Errorf("the domain: %+v", units)
				}
				if secret, err := s.Secret(t.Context(), "registrar/a/shop.example/password"); err != nil || secret.Reveal() != "of-the-domain" {
					t.Errorf("the domain's own password: %v", err)
				}
				if code, err := s.Secret(t.Context(), codeReference); err != nil || code.Reveal() != "code-of-the-domain" {
					t.Errorf("the domain's auth code: %v", err)
				}
				// A copy from before opens no more, if a data key has sealed it.
				if err := s.Raw(fmt.Sprintf(`UPDATE orders SET document = '%s', erased_at = NULL WHERE number = 'SO-1'`, document)); err != nil {
					t.Fatal(err)
				}
				if plain, err := s.OrderDocument(t.Context(), "SO-1"); (err != nil) != resealed {
					t.Errorf("a copy: %q, %v", plain, err)
				}
				// Neither another order nor a rotation minds.
				if other, err := s.OrderDocument(t.Context(), "DP00000002"); err != nil || len(other) == 0 {
					t.Errorf("the other order: %v", err)
				}
				reseal(t, open("k2", "k1"))
			})
		})
	}
}
