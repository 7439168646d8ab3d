package store_test

import (
	"fmt"
	"testing"

	"domainprovisioning/store"
)

// lastBefore is the last migration of the release v0.8.0.
const lastBefore = 23

// acceptedByV080 stores an order by columns that the statements of the release v0.8.0
// name. The values are the test's: the sealed ones cannot be opened.
func acceptedByV080(t *testing.T, s *store.Store, client, number string) {
	t.Helper()
	for _, statement := range []string{
		`INSERT INTO orders (number, id, fingerprint, source, client, customer, document, received_at)
			VALUES ('%[2]s', (SELECT COALESCE(MAX(id), 0) + 1 FROM orders), 'fp/%[2]s', 'json', '%[1]s', '', 'k1:AAAA', CURRENT_TIMESTAMP)`,
		`INSERT INTO idempotency_keys (client, key, request, order_number, created_at)
			VALUES ('%[1]s', 'key-of-%[2]s', 'request-of-%[2]s', '%[2]s', CURRENT_TIMESTAMP)`,
		// The columns that it leaves at their defaults are left out.
		`INSERT INTO provisionings (order_number, item, workflow_id, domain, registrar, plan, state, created_at, start_after)
			VALUES ('%[2]s', 0, 'domain-provisioning/%[2]s.example', '%[2]s.example', 'netim-main', '{}', 'open', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)`,
		`INSERT INTO api_keys (id, name, client, hash, scopes, created_at)
			VALUES ('key-of-%[2]s', 'name-of-%[2]s', '%[1]s', 'hash', 'read', CURRENT_TIMESTAMP)`,
		`INSERT INTO quotes (reference, workflow_id, sealed, created_at)
			VALUES ('quote-of-%[2]s', 'domain-provisioning/%[2]s.example', 'k1:AAAA', CURRENT_TIMESTAMP)`,
		`INSERT INTO confirmations (event_id, source, account, domain, reference, claim, state, workflow_id, received_at, deliver_after, turn)
			VALUES ('event-of-%[2]s', 'queue', 'netim-main', '', '', 'message', 'received', '', CURRENT_TIMESTAMP, NULL, 1)`,
	} {
		if err := s.Raw(fmt.Sprintf(statement, client, number)); err != nil {
			t.Fatalf("an order %s of the older version: %v", number, err)
		}
	}
}

// Migrations run while the older version serves: what it stores before and after them is found by
// the newer one, by its client and under the number that its client gave it.
func TestAnOlderVersionGoesOnAcceptingAfterTheMigrations(t *testing.T) {
	onBothURLs(t, func(t *testing.T, open func(ids ...string) *store.Store) {
		s := open("k1")
		asBefore(t, s)
		if err := s.TakeBack(t.Context(), lastBefore); err != nil {
			t.Fatal(err)
		}
		acceptedByV080(t, s, "shop", "b1")
		if applied := must[[]string](t)(s.Migrate(t.Context())); len(applied) < 3 {
			t.Fatalf("applied %q", applied)
		}
		acceptedByV080(t, s, "shop", "b2")
		acceptedByV080(t, s, store.LocalClient, "b3")

		for number, client := range map[string]string{"b1": "shop", "b2": "shop", "b3": store.LocalClient} {
			again := acceptance(number, number+".example", number)
			again.Client = client
			if found, repeated, err := s.FindRepeat(t.Context(), again); err != nil || !repeated || found.Number != number || found.Label != number || found.Client != client {
				t.Errorf("%s again: %+v, %v, %v", number, found, repeated, err)
			}
			again.Client = "another"
			if found, repeated, err := s.FindRepeat(t.Context(), again); err != nil || repeated {
				t.Errorf("%s of another client: %+v, %v", number, found, err)
			}
			again.Client, again.Fingerprint = client, "fp/another"
			if _, _, err := s.FindRepeat(t.Context(), again); !isA[*store.NumberTakenError](err) {
				t.Errorf("another order under %s: %v", number, err)
			}
			keyed := acceptance("", number+".example", number)
			keyed.Client = client
			keyed.Idempotency = &store.Idempotency{Client: client, Key: "key-of-" + number, Request: "request-of-" + number}
			if found, repeated, err := s.FindRepeat(t.Context(), keyed); err != nil || !repeated || found.Number != number || !found.Keyed {
				t.Errorf("the key of %s: %+v, %v, %v", number, found, repeated, err)
			}
		}
		if counts := must[[]store.AccountNewsCount](t)(s.CountAccountNews(t.Context())); len(counts) != 0 {
			t.Errorf("what it reports counts as news about an account: %+v", counts)
		}
		// A number that another client has had from the older version is free.
		fresh := acceptance("b2", "fresh.example", "fresh")
		fresh.Client = "another"
		if accepted := must[store.Accepted](t)(s.AcceptOrder(t.Context(), fresh)); accepted.Label != "b2" || accepted.Number == "b2" {
			t.Errorf("accepted %+v", accepted)
		}
		// What the older version reads goes on: docs/operating.md says which orders it would not find.
		if hidden := must[[]string](t)(s.Column(`SELECT number FROM orders WHERE label <> '' AND label <> number`)); len(hidden) != 1 || hidden[0] != "another:b2" {
			t.Errorf("orders that the older version would not find by number: %q", hidden)
		}
		if read := must[[]string](t)(s.Column(`SELECT fingerprint FROM orders WHERE number IN ('b1', 'b2', 'b3') ORDER BY number`)); len(read) != 3 || read[1] != "fp/b2" {
			t.Errorf("it reads %q", read)
		}
	})
}
