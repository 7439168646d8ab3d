package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"domainprovisioning/messages"
	"domainprovisioning/sandbox/standin/epp/schemas"
	"domainprovisioning/sandbox/standin/names4ever"
	"domainprovisioning/store"
)

// elsewhere is a registration at a registrar other than Netim.
type elsewhere struct {
	account, order, domain, key string
	// waits is true if registrations stay pending until complete is called.
	waits       bool
	complete    func(f *fixture) error
	registered  func(f *fixture) int // requests that took effect
	nameServers func(f *fixture) []string
}

func (e elsewhere) workflow() string { return "domain-provisioning/" + e.domain }

// registrarsElsewhere returns the other registrars, each with its own way to answer.
func registrarsElsewhere() map[string]elsewhere {
	return map[string]elsewhere{
		"names4ever": {
			account: names4everAccount, order: "names4ever-1-registration.json", domain: kiosk, key: kioskKey,
			registered: func(f *fixture) int { return f.world.names4ever.Count(names4ever.AddDomain, kiosk) },
			nameServers: func(f *fixture) []string {
				registration, _ := f.world.names4ever.Registration(kiosk)
				return registration.NameServers
			},
		},
		"example": {
			account: exampleAccount, order: "example-1-registration.json", domain: pavilion, key: pavilionKey,
			waits:      true,
			complete:   func(f *fixture) error { return f.world.sample.Complete(pavilion) },
			registered: func(f *fixture) int { return f.world.sample.Count("register", pavilion) },
			nameServers: func(f *fixture) []string {
				name, _ := f.world.sample.Name(pavilion)
				return name.Servers
			},
		},
		"epp": {
			account: eppAccount, order: "epp-1-registration.json", domain: gallery, key: galleryKey,
			waits:      true,
			complete:   func(f *fixture) error { return f.world.epp.Complete(gallery) },
			registered: func(f *fixture) int { return f.world.epp.Count("create", gallery) },
			nameServers: func(f *fixture) []string {
				domain, _ := f.world.epp.Domain(gallery)
				return domain.NameServers
			},
		},
		"realtimeregister": {
			account: realtimeAccount, order: "realtime-1-registration.json", domain: atelier, key: atelierKey,
			waits:      true,
			complete:   func(f *fixture) error { return f.world.realtime.Complete(atelier) },
			registered: func(f *fixture) int { return f.world.realtime.Count("create", atelier) },
			nameServers: func(f *fixture) []string {
				domain, _ := f.world.realtime.Domain(atelier)
				return domain.NameServers
			},
		},
	}
}

// through carries an order to its end; if the registrar makes it wait, by a confirmation.
func (e elsewhere) through(f *fixture) {
	f.t.Helper()
	if e.waits {
		f.until(e.workflow(), messages.Waiting)
		if err := e.complete(f); err != nil {
			f.t.Fatal(err)
		}
		f.watchAt(e.account)
	}
	f.finish(e.workflow())
	if n := e.registered(f); n != 1 {
		f.t.Errorf("%d registrations", n)
	}
	if rows := f.world.billing.RowsOf(e.domain); len(rows) != 1 {
		f.t.Errorf("%d rows in Billing", len(rows))
	}
}

// TestScenariosAtEachRegistrar runs, at every other registrar, the scenarios that do not
// depend on how it answers.
func TestScenariosAtEachRegistrar(t *testing.T) {
	t.Parallel()
	for name, e := range registrarsElsewhere() {
		run := func(scenario string, options worldOptions, test func(*fixture)) {
			t.Run(name+"/"+scenario, func(t *testing.T) {
				t.Parallel()
				options.manual = true
				if e.account == eppAccount {
					options.eppFrame = schemas.Record(t)
				}
				test(begin(t, options))
			})
		}
		run("operations-answer-lost", worldOptions{faults: faultsOf(t,
			"operations:pem.addAccount:cut-after", "operations:pem.addAccountMember:cut-after", "operations:pem.activateSubscription:cut-after",
			"operations:pem.addDomainRequest:cut-after", "operations:pem.addDomain:cut-after",
		)}, func(f *fixture) {
			f.place(example(f.t, e.order))
			e.through(f)
			if accounts, domains := f.world.operations.Accounts(), f.world.operations.Domains(); len(accounts) != 1 || len(domains) != 1 {
				f.t.Errorf("%d accounts, %d domains", len(accounts), len(domains))
			}
		})
		run("double-click", worldOptions{}, func(f *fixture) {
			var group sync.WaitGroup
			for range 10 {
				group.Go(func() {
					if _, err := f.intake.Place(context.WithoutCancel(f.t.Context()), example(f.t, e.order)); err != nil {
						f.t.Error(err)
					}
				})
			}
			group.Wait()
			e.through(f)
		})
		run("own-name-servers", worldOptions{}, func(f *fixture) {
			f.place(alter(f.t, example(f.t, e.order), `"transferKey": ""`,
				`"transferKey": "", "nameServers": ["ns1.mine.example", "ns2.mine.example", "ns3.mine.example"]`))
			e.through(f)
			if got := strings.Join(strings.Fields(strings.Join(e.nameServers(f), " ")), " "); got != "ns1.mine.example ns2.mine.example ns3.mine.example" {
				f.t.Errorf("the registrar has %s", got)
			}
		})
		run("name-exists", worldOptions{}, func(f *fixture) {
			other := f.world.operations.AddExistingAccount(0)
			f.world.operations.AddExistingDomain(e.domain, other)
			f.place(example(f.t, e.order))
			if e.waits {
				f.until(e.workflow(), messages.Waiting)
				if err := e.complete(f); err != nil {
					f.t.Fatal(err)
				}
				f.watchAt(e.account)
			}
			progress := f.until(e.workflow(), messages.NeedsAttention)
			if domain, _ := f.world.operations.Domain(e.domain); progress.Step != 11 || domain.AccountID != other {
				f.t.Errorf("parked at step %d, the domain is account %d's", progress.Step, domain.AccountID)
			}
			f.retry(e.workflow(), messages.Retry{Actor: "tester", AllowTakeover: true})
			f.finish(e.workflow())
			if n := e.registered(f); n != 1 {
				f.t.Errorf("%d registrations", n)
			}
		})
		run("callback-twice-late-contradicting", worldOptions{}, func(f *fixture) {
			tell := func(event, claim string) store.ConfirmationState {
				state, err := f.intake.Inbox().TakeAndDeliver(f.t.Context(), store.Confirmation{
					EventID: event, Source: "test", Account: e.account, Domain: e.domain, Claim: claim,
				})
				if err != nil {
					f.t.Fatal(err)
				}
				return state
			}
			f.place(example(f.t, e.order))
			if e.waits {
				f.until(e.workflow(), messages.Waiting)
				tell("event-1", "done") // false: the registrar says that it is pending
				tell("event-1", "done")
			}
			e.through(f)
			if state := tell("event-2", "rejected"); state != store.Late {
				f.t.Errorf("after the end a confirmation is %s", state)
			}
			if row := f.ledger(e.key); row.State != store.Done || row.Submissions != 1 {
				f.t.Errorf("the ledger has %+v", row)
			}
		})
	}
}

func faultsOf(t *testing.T, texts ...string) (list faultList) {
	t.Helper()
	for _, text := range texts {
		if err := list.Set(text); err != nil {
			t.Fatal(fmt.Errorf("%s: %w", text, err))
		}
	}
	return list
}
