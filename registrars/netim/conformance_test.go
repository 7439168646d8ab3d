package netim_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim"
	"domainprovisioning/registrars/registrarstest"
	"domainprovisioning/sandbox/standin/faults"
	standin "domainprovisioning/sandbox/standin/netim"
)

// TestConformance runs the suite twice: against a WSDL with the names of parts that clients
// have been seen to send, and against one with names of its own.
func TestConformance(t *testing.T) {
	for name, own := range map[string]bool{"known names": false, "names of its own": true} {
		t.Run(name, func(t *testing.T) {
			registrarstest.Run(t, registrarstest.Subject{
				New: func(t testing.TB) (registrars.Registrar, registrarstest.World) {
					t.Helper()
					return newConformanceWorld(t, own)
				},
				Secrets:    []string{conformancePassword, conformanceKey},
				NotCarried: notCarried(), Joined: [][]string{{"firstName", "middleName"}},
			})
		})
	}
}

// notCarried lists what the API has no argument for.
func notCarried() map[string]string {
	return map[string]string{
		"*.title": "a contact has no member for a title", "*.extension": "a number has no extension",
		"language": "domainCreate has no argument for a language",
	}
}

const (
	conformancePassword = "conformance-password"
	conformanceKey      = "conformance-auth-code"
	// boundField is an additional field that is kept for each domain.
	boundField = "X_BOUND"
)

// functions returns Netim's function for each kind.
func functions() map[registrars.Kind]string {
	return map[registrars.Kind]string{
		registrars.Registration: "domainCreate", registrars.Transfer: "domainTransferIn", registrars.Renewal: "domainRenew",
		registrars.Restore:     "domainRestore",
		registrars.OwnerChange: "domainTransferOwner", registrars.ContactChange: "domainChangeContact",
		registrars.NameServerChange: "domainChangeDNS", registrars.AuthCodeChange: "domainAuthID",
		registrars.Deletion: "domainDelete", registrars.DNSSECChange: "domainSetDNSsec",
		registrars.LockChange: "domainSetPreference", registrars.PrivacyChange: "domainSetPreference",
		registrars.AutoRenewalChange: "domainSetPreference", registrars.ZoneReset: "domainZoneInit",
	}
}

func codes() map[registrars.Kind]string {
	all := functions()
	all[registrars.AuthCodeChange], all[registrars.DNSSECChange] = "domainAuthid", "domainSetDNSSEC"
	all[registrars.LockChange] = "domainSetPreference.registrar_lock"
	all[registrars.PrivacyChange] = "domainSetPreference.whois_privacy"
	all[registrars.AutoRenewalChange] = "domainSetPreference.auto_renew"
	return all
}

// conformanceWorld is the stand-in as the suite's World.
type conformanceWorld struct {
	t       testing.TB
	standin *standin.Server
	plugin  *netim.Netim
	calls   atomic.Int64
}

func newConformanceWorld(t testing.TB, ownPartNames bool) (registrars.Registrar, registrarstest.World) {
	t.Helper()
	w := &conformanceWorld{t: t, standin: standin.New(standin.Options{
		Login: "SB001", Password: conformancePassword, TLDs: map[string]standin.TLD{"example": {PeriodCreate: "1-10", PeriodRenew: "1-9"}},
		OwnPartNames: ownPartNames,
	})}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.calls.Add(1)
		w.standin.ServeHTTP(rw, r)
	}))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	server.Start()
	t.Cleanup(server.Close)
	var err error
	w.plugin, err = netim.New(netim.Config{
		URL: server.URL + standin.Path, Login: "SB001", Password: domains.NewSecret(conformancePassword), Timeout: 10 * time.Second,
		Settings: netim.Settings{DomainBoundFields: []string{boundField}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w.plugin, w
}

func (w *conformanceWorld) Request(kind registrars.Kind, number int) registrars.Request {
	request := registrarstest.Request(kind, number, "example")
	for _, role := range kind.Roles() {
		contact := request.Contacts[role]
		contact.Domain = request.Domain
		if role == registrars.Owner {
			// One is a member of contacts, and of the others one is kept for each domain.
			contact.Extra = map[string]string{"companyNumber": "COMP-11", "R_ID": "ID-22", boundField: "BOUND-33"}
		}
		request.Contacts[role] = registrarstest.Keep(w.t, w.plugin, contact)
	}
	name, expires := request.Domain.String(), registrarstest.Expires()
	switch kind {
	case registrars.Registration:
	case registrars.Transfer:
		request.AuthCode = domains.NewSecret(conformanceKey)
		w.standin.AddTaken(name, conformanceKey)
	default:
		w.standin.AddRegistration(standin.Registration{
			Domain: name, Created: expires.AddDate(-1, 0, 0), Expires: expires, NameServers: []string{"ns1.old.example", "ns2.old.example"},
			// All off, so that switching them on is a change.
			Preferences: map[string]string{"registrar_lock": "0", "whois_privacy": "0", "auto_renew": "0"},
		})
	}
	if kind == registrars.Restore {
		w.standin.SetStatus(name, standin.StatusQuarantine)
	}
	return request
}

func (w *conformanceWorld) SetPhase(name domains.Name, phase registrars.Phase) bool {
	switch phase {
	case registrars.PhaseActive:
		w.standin.SetStatus(name.String(), "")
	case registrars.PhaseRenewGrace:
		w.standin.Expire(name.String())
	case registrars.PhaseRedemption:
		w.standin.SetStatus(name.String(), standin.StatusQuarantine)
	case registrars.PhaseUnknown:
		w.standin.SetStatus(name.String(), "DREAMING, DELEGATED")
	default:
		return false
	}
	return true
}

func (w *conformanceWorld) GarbleDomain(name domains.Name) { w.standin.GarbleDomain(name.String()) }

func (w *conformanceWorld) Effects(kind registrars.Kind, name domains.Name) int {
	return w.standin.Count(codes()[kind], name.String())
}

func (w *conformanceWorld) Break(kind registrars.Kind, fault registrarstest.Fault) bool {
	return w.breakCall(functions()[kind], fault)
}

func (w *conformanceWorld) breakCall(function string, fault registrarstest.Fault) bool {
	known, ok := map[registrarstest.Fault]faults.Kind{
		registrarstest.CutBefore: faults.CutBefore, registrarstest.CutAfter: faults.CutAfter,
		registrarstest.Malformed: faults.Malformed, registrarstest.HTTPError: faults.HTTPError,
		registrarstest.RateLimited: faults.RateLimit, registrarstest.SessionExpired: faults.SessionExpired,
		registrarstest.UnknownStatus: faults.UnknownStatus,
	}[fault]
	if ok {
		w.standin.Faults.Add(faults.Fault{System: "netim", Method: function, Kind: known, Times: 1})
	}
	return ok
}

func (w *conformanceWorld) Hosts(name string) int { return w.standin.Count("hostCreate", name) }

func (w *conformanceWorld) BreakHost(fault registrarstest.Fault) bool {
	return w.breakCall("hostCreate", fault)
}

func (w *conformanceWorld) Calls() int { return int(w.calls.Load()) }

func (w *conformanceWorld) Hold(name domains.Name) bool {
	w.standin.SetBehaviour(name.String(), standin.Behaviour{Manual: true})
	return true
}

func (w *conformanceWorld) HoldFast(name domains.Name) {
	w.standin.SetBehaviour(name.String(), standin.Behaviour{Manual: true, RefuseCancel: true})
}

func (w *conformanceWorld) Withdraws(registrars.Kind) bool { return true }

func (w *conformanceWorld) Finish(name domains.Name) error { return w.standin.Complete(name.String()) }

func (w *conformanceWorld) Garble(name domains.Name) error { return w.standin.Garble(name.String()) }

func (w *conformanceWorld) Price(_ registrars.Kind, name domains.Name, cents int64) string {
	w.standin.SetPrice(name.String(), int(cents))
	return "EUR"
}
