package names4ever_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/names4ever"
	"domainprovisioning/registrars/registrarstest"
	"domainprovisioning/sandbox/standin/faults"
	standin "domainprovisioning/sandbox/standin/names4ever"
)

func TestConformance(t *testing.T) {
	registrarstest.Run(t, registrarstest.Subject{
		New:     newConformanceWorld,
		Secrets: []string{conformancePassword, conformanceDomainPassword, "jane@holder.example", "Holderstreet"},
	})
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
	for _, role := range kind.Roles() {
		request.Contacts[role] = registrars.Contact{Role: role, Details: domains.Contact{
			Organisation: "Holder Ltd", FirstName: "Jane", LastName: "Holder", Address1: "1 Holderstreet", City: "Sampleton",
			PostalCode: "10001", Country: "us", State: "NY", Email: "jane@holder.example",
			Phone: domains.Phone{CountryCode: "1", AreaCode: "212", Number: "5550100"},
		}}
	}
	if kind != registrars.Registration {
		w.standin.AddRegistration(standin.Registration{
			Domain: request.Domain.String(), Organisation: "Holder Ltd", NameServers: []string{"ns1.old.example", "ns2.old.example"},
			Contacts: []string{"admin"}, Password: conformanceDomainPassword,
		})
	}
	return request
}

func (w *conformanceWorld) Effects(kind registrars.Kind, name domains.Name) int {
	return w.standin.Count(methods()[kind], name.String())
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
