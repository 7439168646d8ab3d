package main

import (
	"strings"
	"testing"

	"domainprovisioning/config"
	"domainprovisioning/messages"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/store"
)

const (
	redeemedAtNetim    = redeemed + ".example"
	redeemedAtRealtime = redeemed + ".async"
	redeemedAtEPP      = redeemed + "." + eppLater
)

// redeeming is one of the registrars that restore a domain.
type redeeming struct {
	document, account, domain, call string
	restores                        func(w *world) int
	complete                        func(w *world) error
	fail                            func(w *world) error
	price                           func(w *world, cents int)
	paid                            func(w *world) int // since the start
}

func redeemings() map[string]redeeming {
	const balance = 10_000_00
	return map[string]redeeming{
		"Netim": {
			document: "restore.json", account: netimAccount, domain: redeemedAtNetim, call: "netim:domainRestore",
			restores: func(w *world) int { return w.netim.Count("domainRestore", redeemedAtNetim) },
			complete: func(w *world) error { return w.netim.Complete(redeemedAtNetim) },
			fail:     func(w *world) error { return w.netim.Fail(redeemedAtNetim, "refused by the registry") },
			price:    func(w *world, cents int) { w.netim.SetPrice(redeemedAtNetim, cents) },
			paid:     func(w *world) int { return balance - w.netim.Balance() },
		},
		"Realtime Register": {
			document: "realtime-9-restore.json", account: realtimeAccount, domain: redeemedAtRealtime, call: "realtimeregister:domains.restore",
			restores: func(w *world) int { return w.realtime.Count("restore", redeemedAtRealtime) },
			complete: func(w *world) error { return w.realtime.Complete(redeemedAtRealtime) },
			fail:     func(w *world) error { return w.realtime.Fail(redeemedAtRealtime, "refused by the registry") },
			price:    func(w *world, cents int) { w.realtime.SetPrice(redeemedAtRealtime, int64(cents)) },
			paid: func(w *world) int {
				left, _ := w.realtime.Balance()
				return balance - int(left)
			},
		},
		// Its price is that of the zone, and it is done when the registry has the report.
		"EPP": {
			document: "epp-9-restore.json", account: eppAccount, domain: redeemedAtEPP, call: "epp:domain.restore",
			restores: func(w *world) int { return w.epp.Count("restore", redeemedAtEPP) },
			complete: func(w *world) error { return w.epp.Complete(redeemedAtEPP) },
			fail:     func(w *world) error { return w.epp.Fail(redeemedAtEPP, "refused by the registry") },
			price:    func(w *world, cents int) { w.epp.SetPrice(redeemedAtEPP, "restore", int64(cents)) },
			paid:     func(w *world) int { return balance - int(w.epp.Balance()) },
		},
	}
}

// ofRestores examines each registrar in a world of its own, where the restore costs 40.00.
func ofRestores(t *testing.T, options worldOptions, examine func(*testing.T, *fixture, redeeming), changes ...func(*config.Config)) {
	t.Helper()
	for name, r := range redeemings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := seeded(t, options, changes...)
			r.price(f.world, 40_00)
			examine(t, f, r)
		})
	}
}

// TestARestoreHappensOnce: whatever becomes of the answer, the domain is restored and paid for
// once, and not renewed on the quiet.
func TestARestoreHappensOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault       string
		submissions int
	}{
		"answered": {"", 1}, "answer lost": {":cut-after", 1}, "never arrived": {":cut-before", 2}, "garbage": {":malformed", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for registrar, r := range redeemings() {
				t.Run(registrar, func(t *testing.T) {
					t.Parallel()
					var options worldOptions
					if c.fault != "" {
						options.faults = []faults.Fault{fault(t, r.call+c.fault)}
					}
					f := seeded(t, options)
					r.price(f.world, 40_00)
					placed := f.place(example(t, r.document))
					id, key := placed.Units[0].WorkflowID, placed.Number+"/0/restore"
					if id != "domain-restore/"+r.domain {
						t.Errorf("the workflow is %s", id)
					}
					f.eventually("it has been asked for", func() bool {
						return r.restores(f.world) == 1 && f.ledgerState(key) != store.Intended
					})
					f.watchAt(r.account)
					result := f.finish(id)
					if len(result.Differences) > 0 || result.Expires.IsZero() {
						t.Errorf("got %+v", result)
					}
					if n, paid := r.restores(f.world), r.paid(f.world); n != 1 || paid != 40_00 {
						t.Errorf("%d restores, %d paid", n, paid)
					}
					if row := f.ledger(key); row.State != store.Done || row.Submissions != c.submissions {
						t.Errorf("the ledger has %+v", row)
					}
					progress := f.progress(id)
					if last := progress.Steps[len(progress.Steps)-1]; !strings.Contains(last.Note, "restored, and not renewed: it expired on ") {
						t.Errorf("the last step says %q", last.Note)
					}
				})
			}
		})
	}
}

// TestARestoreMayTakeDays, and may fail; a person then asks for another one.
func TestARestoreMayTakeDays(t *testing.T) {
	t.Parallel()
	ofRestores(t, worldOptions{manual: true}, func(t *testing.T, f *fixture, r redeeming) {
		id := f.place(example(t, r.document)).Units[0].WorkflowID
		f.until(id, messages.Waiting)
		f.watchAt(r.account)
		if progress := f.progress(id); progress.State != messages.Waiting || progress.Step != 3 {
			t.Errorf("%s in step %d", progress.State, progress.Step)
		}
		if err := r.fail(f.world); err != nil {
			t.Fatal(err)
		}
		f.watchAt(r.account)
		f.until(id, messages.NeedsAttention)
		if n, paid := r.restores(f.world), r.paid(f.world); n != 1 || paid != 0 {
			t.Errorf("%d restores, %d paid", n, paid)
		}
		f.retry(id, messages.Retry{Actor: "ann", Reason: "the registry says that it was a mistake"})
		f.until(id, messages.Waiting)
		if err := r.complete(f.world); err != nil {
			t.Fatal(err)
		}
		f.watchAt(r.account)
		f.finish(id)
		if n, paid := r.restores(f.world), r.paid(f.world); n != 2 || paid != 40_00 {
			t.Errorf("%d restores, %d paid", n, paid)
		}
	})
}

// TestWhatIsNotInRedemptionIsNotRestored: the order is refused when it comes, by field and rule.
// A domain that leaves redemption in between parks it.
func TestWhatIsNotInRedemptionIsNotRestored(t *testing.T) {
	t.Parallel()
	ofRestores(t, worldOptions{}, func(t *testing.T, f *fixture, r redeeming) {
		for name, want := range map[string]string{"renewed": "must be in redemption, and is registered", "stranger": "is not in this account"} {
			_, err := f.intake.Place(t.Context(), alter(t, example(t, r.document), `"`+redeemed+`"`, `"`+name+`"`))
			if err == nil || !strings.Contains(err.Error(), "items[0].domain ") || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n, paid := r.restores(f.world), r.paid(f.world); n != 0 || paid != 0 {
			t.Errorf("%d restores, %d paid", n, paid)
		}
	})
}

// TestARestoreAboveItsPriceIsNotSent: neither above the plan's limit, nor without a limit until a
// person accepts the price.
func TestARestoreAboveItsPriceIsNotSent(t *testing.T) {
	t.Parallel()
	ofRestores(t, worldOptions{}, func(t *testing.T, f *fixture, r redeeming) {
		r.price(f.world, 60_01)
		_, err := f.intake.Place(t.Context(), example(t, r.document))
		if err == nil || !strings.Contains(err.Error(), "the price of 60.01 EUR is above the plan's limit of 60.00 EUR") {
			t.Errorf("got %v", err)
		}
		if n, paid := r.restores(f.world), r.paid(f.world); n != 0 || paid != 0 {
			t.Errorf("%d restores, %d paid", n, paid)
		}
	})
}

func TestARestoreWithoutALimitNeedsAPerson(t *testing.T) {
	t.Parallel()
	ofRestores(t, worldOptions{}, func(t *testing.T, f *fixture, r redeeming) {
		id := f.place(example(t, r.document)).Units[0].WorkflowID
		progress := f.until(id, messages.NeedsAttention)
		if a := progress.Attention; a.Reason != messages.ReasonPrice || !strings.Contains(a.Message, "a restore for 40.00 EUR, and the plan has no price limit for it") {
			t.Errorf("got %+v", a)
		}
		if n, paid := r.restores(f.world), r.paid(f.world); n != 0 || paid != 0 {
			t.Errorf("%d restores, %d paid", n, paid)
		}
		f.retry(id, messages.Retry{Actor: "ann", Reason: "agreed with the customer", AcceptPrice: "40.00EUR"})
		f.eventually("it has been asked for", func() bool { return r.restores(f.world) == 1 })
		f.eventually("the order ends", func() bool {
			f.watchAt(r.account)
			return f.progress(id).State == messages.Done
		})
		if n, paid := r.restores(f.world), r.paid(f.world); n != 1 || paid != 40_00 {
			t.Errorf("%d restores, %d paid", n, paid)
		}
	}, func(cfg *config.Config) {
		for i := range cfg.Plans.Domains {
			cfg.Plans.Domains[i].PriceLimit = config.PriceLimit{}
		}
	})
}
