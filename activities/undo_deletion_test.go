package activities_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/names4ever"
	"domainprovisioning/registrars/realtimeregister"
	"domainprovisioning/sandbox/standin/faults"
	standnames4ever "domainprovisioning/sandbox/standin/names4ever"
	standnetim "domainprovisioning/sandbox/standin/netim"
	standrealtime "domainprovisioning/sandbox/standin/realtimeregister"
	"domainprovisioning/store"
)

// deleting is a plug-in with its stand-in, for deletions.
type deleting struct {
	registrar registrars.Registrar
	fault     func(faults.Kind) // of the next deletion
	deletions func() int        // that were carried out or are pending
	holds     func() bool       // the account holds the domain
	// hold keeps the next deletion pending until finish; nil where nothing is ever pending.
	hold   func()
	finish func() error
	// told says that the registrar can tell that there was no deletion.
	told bool
}

func serving(t *testing.T, handler http.Handler) string {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// deleters are the plug-ins that delete.
func deleters() map[string]func(t *testing.T, w *outside.World) deleting {
	return map[string]func(t *testing.T, w *outside.World) deleting{
		"netim": func(_ *testing.T, w *outside.World) deleting {
			return deleting{
				registrar: w.Registrar,
				fault:     func(kind faults.Kind) { w.Netim.Faults.Add(faults.Fault{Method: "domainDelete", Kind: kind}) },
				deletions: func() int { return w.Netim.Count("domainDelete", shop) },
				holds:     func() bool { _, ok := w.Netim.Registration(shop); return ok },
				hold:      func() { w.Netim.SetBehaviour(shop, standnetim.Behaviour{Manual: true}) },
				finish:    func() error { return w.Netim.Complete(shop) },
				told:      true,
			}
		},
		"realtimeregister": func(t *testing.T, _ *outside.World) deleting {
			t.Helper()
			s := standrealtime.New(standrealtime.Options{
				Customer: "shop", APIKey: "key", TLDs: map[string]standrealtime.TLD{"example": {}},
			})
			plugin, err := realtimeregister.New(realtimeregister.Config{
				URL: serving(t, s), Customer: "shop", APIKey: domains.NewSecret("key"), RequestsPerSecond: 10000,
			})
			if err != nil {
				t.Fatal(err)
			}
			return deleting{
				registrar: plugin,
				fault:     func(kind faults.Kind) { s.Faults.Add(faults.Fault{Method: "domains.delete", Kind: kind}) },
				deletions: func() int { return s.Count("delete", shop) },
				holds:     func() bool { _, ok := s.Domain(shop); return ok },
				hold:      func() { s.SetBehaviour(shop, standrealtime.Behaviour{Manual: true}) },
				finish:    func() error { return s.Complete(shop) },
				told:      true,
			}
		},
		"names4ever": func(t *testing.T, _ *outside.World) deleting {
			t.Helper()
			s := standnames4ever.New(standnames4ever.Options{Login: "4711", Password: "password", PlanID: "7"})
			url := serving(t, s)
			plugin, err := names4ever.New(names4ever.Config{
				URL: url + standnames4ever.Path, Login: "4711", Password: domains.NewSecret("password"), Resolver: s.Resolver(),
				Settings: names4ever.Settings{PlanID: "7", RDAPURL: url + standnames4ever.RDAPPath},
			})
			if err != nil {
				t.Fatal(err)
			}
			return deleting{
				registrar: plugin,
				fault: func(kind faults.Kind) {
					s.Faults.Add(faults.Fault{Method: standnames4ever.DeleteDomain, Kind: kind})
				},
				deletions: func() int { return s.Count(standnames4ever.DeleteDomain, shop) },
				holds:     func() bool { _, ok := s.Registration(shop); return ok },
			}
		},
	}
}

// A registration is given back at each registrar through the ledger, like any paid call: once,
// whatever is lost.
func TestARegistrationIsGivenBackOnce(t *testing.T) {
	for plugin, made := range deleters() {
		for _, fault := range []faults.Kind{faults.None, faults.CutAfter, faults.Malformed, faults.CutBefore} {
			t.Run(plugin+" "+string(fault), func(t *testing.T) {
				now := outside.NewClock()
				w, in := placed(t, outside.Options{Now: now.Now}, outside.NewCustomer)
				d := made(t, w)
				r := w.RegistrarActivities(d.registrar, &told{})
				if state, err := r.SubmitRequest(t.Context(), in); err != nil || state.Status != registrars.StatusDone || !d.holds() {
					t.Fatalf("registered: %+v, %v", state, err)
				}
				in.Kind, in.GiveBack = registrars.Deletion, time.Now().Add(time.Hour)
				if fault != faults.None {
					d.fault(fault)
					_, err := r.SubmitRequest(t.Context(), in)
					wantClass(t, err, registrars.ClassOutcomeUnknown)
					now.Advance(outside.Settle)
				}
				state, err := r.SubmitRequest(t.Context(), in)
				if fault == faults.CutBefore && !d.told {
					// It cannot be told from outside; a person looks, and it is deleted.
					wantClass(t, err, registrars.ClassOutcomeUnknown)
					in.NothingThere = true
					state, err = r.SubmitRequest(t.Context(), in)
				}
				if err != nil || state.Status != registrars.StatusDone {
					t.Fatalf("deleted: %+v, %v", state, err)
				}
				if d.deletions() != 1 || d.holds() {
					t.Errorf("%d deletions, and the account holds it: %t", d.deletions(), d.holds())
				}
				if again, err := r.SubmitRequest(t.Context(), in); err != nil || again.Status != registrars.StatusDone || d.deletions() != 1 {
					t.Errorf("again: %+v, %v, %d deletions", again, err, d.deletions())
				}
				row, err := w.Store.LedgerRow(t.Context(), activities.RequestKey(in.OrderNumber, in.Item, registrars.Deletion))
				if err != nil || row.State != store.Done || row.Kind != "deletion" {
					t.Errorf("the ledger: %+v, %v", row, err)
				}
			})
		}
	}
}

func TestADeletionThatIsPending(t *testing.T) {
	for plugin, made := range deleters() {
		t.Run(plugin, func(t *testing.T) {
			w, in := placed(t, outside.Options{}, outside.NewCustomer)
			d := made(t, w)
			if d.hold == nil {
				if !d.registrar.Describe().Synchronous {
					t.Error("it answers later, and the test does not know it")
				}
				return
			}
			r := w.RegistrarActivities(d.registrar, &told{})
			if _, err := r.SubmitRequest(t.Context(), in); err != nil {
				t.Fatal(err)
			}
			d.hold()
			in.Kind = registrars.Deletion
			state, err := r.SubmitRequest(t.Context(), in)
			if err != nil || state.Status != registrars.StatusPending || !d.holds() {
				t.Fatalf("submitted: %+v, %v", state, err)
			}
			if err := d.finish(); err != nil {
				t.Fatal(err)
			}
			state, err = r.ConfirmRequest(t.Context(), activities.ConfirmRequestInput{Key: state.Key})
			if err != nil || state.Status != registrars.StatusDone || d.deletions() != 1 || d.holds() {
				t.Errorf("confirmed: %+v, %v, %d deletions", state, err, d.deletions())
			}
		})
	}
}
