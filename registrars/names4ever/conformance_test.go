package names4ever_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/text/language"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/names4ever"
	"domainprovisioning/registrars/registrarstest"
	"domainprovisioning/sandbox/standin/faults"
	standin "domainprovisioning/sandbox/standin/names4ever"
)

func TestConformance(t *testing.T) {
	registrarstest.Run(t, registrarstest.Subject{
		New:        newConformanceWorld,
		Secrets:    []string{conformancePassword, conformanceDomainPassword},
		NotCarried: notCarried(), Joined: [][]string{{"firstName", "middleName"}},
	})
}

// notCarried lists what the derived grammar has no element for.
func notCarried() map[string]string {
	left := map[string]string{
		"*.title": "a contact has no element for a title", "*.extension": "a number has no extension",
		"language": "an operation has no element for a language", "owner.extra*": "an operation has no element for what a registry asks",
	}
	for _, field := range []string{
		"firstName", "lastName", "address1", "address2", "postalCode", "city", "state", "country", "phone", "fax", "email",
	} {
		left["owner."+field] = "of the holder only the organisation is sent"
	}
	return left
}

const (
	conformancePassword       = "conformance-password"
	conformanceDomainPassword = "conformance-domain-password"
)

// conformanceWorld is the stand-in as the suite's World.
type conformanceWorld struct {
	standin *standin.Server
	calls   atomic.Int64
}

func newConformanceWorld(t testing.TB) (registrars.Registrar, registrarstest.World) {
	t.Helper()
	w := &conformanceWorld{standin: standin.New(standin.Options{Login: "4711", Password: conformancePassword, PlanID: "7"})}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == standin.Path { // RDAP is not the registrar
			w.calls.Add(1)
		}
		w.standin.ServeHTTP(rw, r)
	}))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	server.Start()
	t.Cleanup(server.Close)
	plugin, err := names4ever.New(names4ever.Config{
		URL: server.URL + standin.Path, Login: "4711", Password: domains.NewSecret(conformancePassword),
		Settings: names4ever.Settings{PlanID: "7", RDAPURL: server.URL + standin.RDAPPath}, Resolver: w.standin.Resolver(), Timeout: 10 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	return plugin, w
}

func methods() map[registrars.Kind]string {
	return map[registrars.Kind]string{
		registrars.Registration: standin.AddDomain, registrars.NameServerChange: standin.ModifyDomain,
		registrars.ContactChange: standin.ModifyDomain, registrars.Deletion: standin.DeleteDomain,
	}
}

func (w *conformanceWorld) Request(kind registrars.Kind, number int) registrars.Request {
	request := registrarstest.Request(kind, number, "example")
	request.DomainPassword = domains.NewSecret(conformanceDomainPassword)
	if kind.Delegates() {
		request.NameServers = request.NameServers[:4] // the most that the registrar takes
	}
	if kind != registrars.Registration {
		w.standin.AddRegistration(standin.Registration{
			Domain: request.Domain.String(), Organisation: registrarstest.Contact(registrars.Owner).Details.Organisation, NameServers: []string{"ns1.old.example", "ns2.old.example"},
			Contacts: []string{"admin"}, Password: conformanceDomainPassword,
		})
	}
	return request
}

func (w *conformanceWorld) SetPhase(name domains.Name, phase registrars.Phase) bool {
	w.standin.SetStatuses(name.String(), map[registrars.Phase][]string{
		registrars.PhaseActive: {"client transfer prohibited"}, registrars.PhaseRenewGrace: {"active", "auto renew period"},
		registrars.PhaseRedemption: {"redemption period", "pending delete"}, registrars.PhasePendingDelete: {"pending delete", "server hold"},
		registrars.PhaseUnknown: {"active", "dreaming"},
	}[phase]...)
	return true
}

func (w *conformanceWorld) Effects(kind registrars.Kind, name domains.Name) int {
	return w.standin.Count(methods()[kind], name.String())
}

// Arrived implements registrarstest.World from the operation that was carried out.
func (w *conformanceWorld) Arrived(kind registrars.Kind, name domains.Name) (registrars.Request, bool) {
	sent, ok := w.standin.Sent(methods()[kind], name.String())
	arrived := registrars.Request{
		Years: sent.Years, NameServers: sent.NameServers, DomainPassword: domains.NewSecret(sent.Password),
		Contacts: map[registrars.Role]registrars.Contact{registrars.Owner: {Details: domains.Contact{Organisation: sent.Organization}}},
	}
	for _, c := range sent.Contacts {
		first, second, _ := strings.Cut(c.Street, ", ")
		arrived.Contacts[registrars.Role(c.Type)] = registrars.Contact{Details: domains.Contact{
			FirstName: c.FirstName, LastName: c.LastName, Organisation: c.Organization, Address1: first, Address2: second,
			PostalCode: c.PostalCode, City: c.City, State: c.State, Country: language.MustParseRegion(c.Country).String(),
			Phone: domains.Phone{Number: c.Voice}, Fax: domains.Phone{Number: c.Fax}, Email: c.Email,
		}}
	}
	return arrived, ok
}

// Break implements registrarstest.World. It has no fault for ended sessions and
// new status words, because there are neither.
func (w *conformanceWorld) Break(kind registrars.Kind, fault registrarstest.Fault) bool {
	known, ok := map[registrarstest.Fault]faults.Kind{
		registrarstest.CutBefore: faults.CutBefore, registrarstest.CutAfter: faults.CutAfter,
		registrarstest.Malformed: faults.Malformed, registrarstest.HTTPError: faults.HTTPError,
		registrarstest.RateLimited: faults.RateLimit,
	}[fault]
	if ok {
		w.standin.Faults.Add(faults.Fault{System: "names4ever", Method: methods()[kind], Kind: known, Times: 1})
	}
	return ok
}

func (w *conformanceWorld) Calls() int { return int(w.calls.Load()) }

func (w *conformanceWorld) Hold(domains.Name) bool { return false }

func (w *conformanceWorld) Finish(domains.Name) error { return errors.New("nothing is pending") }
