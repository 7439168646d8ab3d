package epp_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp"
	"domainprovisioning/registrars/registrarstest"
	standin "domainprovisioning/sandbox/standin/epp"
	"domainprovisioning/sandbox/standin/epp/schemas"
	"domainprovisioning/sandbox/standin/faults"
)

// TestConformance runs with a zone that answers at once, with one that answers later, and with a
// registry whose hosts are attributes.
func TestConformance(t *testing.T) {
	for name, c := range map[string]struct {
		tld    string
		change func(*standin.Options, *epp.Config)
	}{
		"at once":         {"registry", func(*standin.Options, *epp.Config) {}},
		"later":           {"later", func(*standin.Options, *epp.Config) {}},
		"keys":            {"keys", func(*standin.Options, *epp.Config) {}},
		"with reports":    {"reports", func(*standin.Options, *epp.Config) {}},
		"host attributes": {"registry", func(o *standin.Options, c *epp.Config) { o.HostAttributes, c.Hosts = true, "attributes" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			notCarried := map[string]string{
				"*.title": "a contact has no element for a title", "owner.extra": "registries' own extensions are not served",
				"language": "no RFC says how a language is given", "settings.dnssec": "a registry signs no zone",
			}
			if c.tld == "keys" {
				notCarried["settings.dnssec.ds"] = "the registry keeps keys"
			} else {
				notCarried["settings.dnssec.key"] = "the registry keeps digests"
			}
			record := schemas.Record(t)
			registrarstest.Run(t, registrarstest.Subject{
				New: func(t testing.TB) (registrars.Registrar, registrarstest.World) {
					w := newWorld(t, c.tld, func(o *standin.Options, config *epp.Config) {
						o.Frame = record
						c.change(o, config)
					})
					return w.plugin, w
				},
				Secrets: []string{worldPassword, worldAuthCode}, NotCarried: notCarried,
				Joined: [][]string{{"firstName", "middleName", "lastName"}},
			})
		})
	}
}

const (
	worldLogin    = "registrar1"
	worldPassword = "world-password"
	worldAuthCode = "World-auth-code-1"
	// newWord is a status that no RFC has, so that no schema takes it.
	newWord = "dreaming"
)

// world is the stand-in, and a plug-in that speaks with it.
type world struct {
	t       testing.TB
	tld     string
	standin *standin.Server
	plugin  *epp.EPP
	config  epp.Config
	ahead   atomic.Int64 // how far the plug-in's clock is ahead
}

// certificates are made once: each world would make three keys.
var certificates = sync.OnceValue(func() *standin.Certificates {
	made, err := standin.NewCertificates(time.Now())
	if err != nil {
		panic(err)
	}
	return made
})

// newWorld starts a world.
func newWorld(t testing.TB, tld string, change func(*standin.Options, *epp.Config)) *world {
	t.Helper()
	settings := epp.DefaultSettings()
	w := &world{t: t, tld: tld, config: epp.Config{
		Login: worldLogin, Password: domains.NewSecret(worldPassword), Settings: settings, Timeout: 20 * time.Second, CallsPerSecond: 10_000,
	}}
	options := standin.Options{
		Login: worldLogin, Password: worldPassword, Certificates: certificates(),
		Zones: map[string]standin.Zone{"registry": {}, "later": {Async: true}, "keys": {KeyData: true}, "reports": {RestoreReport: true}},
	}
	change(&options, &w.config)
	record := options.Frame
	if record == nil {
		record = schemas.Record(t)
	}
	options.Frame = func(direction string, frame []byte) {
		if bytes.Contains(frame, []byte(newWord)) {
			direction = "broken"
		}
		record(direction, frame)
	}
	w.standin = standin.New(options)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- w.standin.Serve(listener) }()
	t.Cleanup(func() {
		_ = w.standin.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	w.config.Address = listener.Addr().String()
	if w.config.Now == nil {
		w.config.Now = func() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }
	}
	if w.config.TLS == nil {
		w.config.TLS = w.trust()
	}
	w.plugin = w.another()
	for _, role := range []string{"owner", "admin", "tech", "billing"} {
		w.standin.AddContact("old-" + role)
	}
	return w
}

// trust is the configuration of TLS that trusts the stand-in's authority.
func (w *world) trust() *tls.Config {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(w.standin.Certificates().CA)
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool, ServerName: "localhost"}
}

// another returns another plug-in value for the account.
func (w *world) another() *epp.EPP {
	w.t.Helper()
	made, err := epp.New(w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	return made
}

func (w *world) Request(kind registrars.Kind, number int) registrars.Request {
	request := registrarstest.Request(kind, number, w.tld)
	for _, role := range kind.Roles() {
		contact := request.Contacts[role]
		contact.Domain = request.Domain
		request.Contacts[role] = registrarstest.Keep(w.t, w.plugin, contact)
	}
	name, expires := request.Domain.String(), registrarstest.Expires()
	if kind == registrars.DNSSECChange {
		request.Settings.DNSSEC = &domains.DNSSEC{Sign: true, DS: []domains.DS{{KeyTag: 1, Algorithm: 13, DigestType: 2, Digest: strings.Repeat("AB", 32)}}}
		if w.tld == "keys" {
			request.Settings.DNSSEC = &domains.DNSSEC{Sign: true, Key: &domains.DNSKEY{Flags: 257, Protocol: 3, Algorithm: 13, PublicKey: "AwEAAa=="}}
		}
	}
	switch kind {
	case registrars.Registration:
		request.NewAuthCode = domains.NewSecret(worldAuthCode)
	case registrars.Transfer:
		request.AuthCode = domains.NewSecret(worldAuthCode)
		w.standin.AddElsewhere(name, worldAuthCode, false)
	default:
		w.standin.AddDomain(standin.Domain{
			Name: name, Registrant: "old-owner", Created: expires.AddDate(-1, 0, 0), Expires: expires,
			Contacts:    map[string]string{"admin": "old-admin", "tech": "old-tech", "billing": "old-billing"},
			NameServers: []string{"ns1.old.example", "ns2.old.example"},
		})
	}
	switch kind {
	case registrars.Restore:
		w.standin.SetPhase(name, standin.Redemption)
	case registrars.AuthCodeChange:
		request.NewAuthCode = domains.NewSecret(worldAuthCode)
	}
	return request
}

// label is the stand-in's name for the effect of a request of the kind.
func label(kind registrars.Kind) string {
	return map[registrars.Kind]string{
		registrars.Registration: "create", registrars.Transfer: "transfer", registrars.Renewal: "renew", registrars.Restore: "restore",
		registrars.Deletion: "delete", registrars.OwnerChange: "update:registrant", registrars.ContactChange: "update:contact",
		registrars.NameServerChange: "update:ns", registrars.AuthCodeChange: "update:authInfo", registrars.DNSSECChange: "update:secDNS",
		registrars.LockChange: "update:status",
	}[kind]
}

// call is the stand-in's name for the command of the kind.
func call(kind registrars.Kind) string {
	switch kind {
	case registrars.Registration:
		return "domain.create"
	case registrars.Renewal:
		return "domain.renew"
	case registrars.Transfer, registrars.Restore:
		return "domain." + string(kind)
	case registrars.Deletion:
		return "domain.delete"
	}
	return "domain.update"
}

func (w *world) Effects(kind registrars.Kind, name domains.Name) int {
	return w.standin.Count(label(kind), name.String())
}

func (w *world) Break(kind registrars.Kind, fault registrarstest.Fault) bool {
	return w.breakCall(call(kind), fault)
}

func (w *world) breakCall(name string, fault registrarstest.Fault) bool {
	known, ok := map[registrarstest.Fault]faults.Kind{
		registrarstest.CutBefore: faults.CutBefore, registrarstest.CutAfter: faults.CutAfter, registrarstest.Malformed: faults.Malformed,
		registrarstest.HTTPError: faults.HTTPError, registrarstest.RateLimited: faults.RateLimit, registrarstest.UnknownStatus: faults.UnknownStatus,
		registrarstest.SessionExpired: faults.SessionExpired,
	}[fault]
	if ok {
		w.standin.Faults.Add(faults.Fault{Method: name, Kind: known, Times: 1})
	}
	return ok
}

func (w *world) Hosts(name string) int {
	if w.config.Hosts == "attributes" {
		for _, held := range w.standin.Domains() {
			if domain, _ := w.standin.Domain(held); domain.HostAddresses[name] != nil {
				return 1
			}
		}
		return 0
	}
	return w.standin.Count("host:create", name)
}

func (w *world) BreakHost(fault registrarstest.Fault) bool {
	if w.config.Hosts == "attributes" {
		return w.breakCall("domain.update", fault)
	}
	return w.breakCall("host.create", fault)
}

func (w *world) Calls() int { return w.standin.Calls("") }

func (w *world) Hold(name domains.Name) bool {
	w.standin.SetBehaviour(name.String(), standin.Behaviour{Manual: true})
	return true
}

func (w *world) HoldFast(name domains.Name) {
	w.standin.SetBehaviour(name.String(), standin.Behaviour{Manual: true, NoCancel: true})
}

func (w *world) Withdraws(kind registrars.Kind) bool { return kind == registrars.Transfer }

func (w *world) Finish(name domains.Name) error { return w.standin.Complete(name.String()) }

func (w *world) SetPhase(name domains.Name, phase registrars.Phase) bool {
	w.standin.SetPhase(name.String(), map[registrars.Phase]standin.Phase{
		registrars.PhaseActive: standin.Active, registrars.PhaseRenewGrace: standin.AutoRenew, registrars.PhaseRedemption: standin.Redemption,
		registrars.PhasePendingDelete: standin.PendingDelete, registrars.PhaseUnknown: standin.Active,
	}[phase])
	if phase == registrars.PhaseUnknown {
		w.standin.SetStatuses(name.String(), newWord)
	}
	return true
}

// Announce completes a registration, of which the registry puts a message into its queue.
func (w *world) Announce(number int) domains.Name {
	w.t.Helper()
	request := w.Request(registrars.Registration, number)
	w.Hold(request.Domain)
	if _, err := w.plugin.Submit(w.t.Context(), request); err != nil {
		w.t.Fatal(err)
	}
	if err := w.Finish(request.Domain); err != nil {
		w.t.Fatal(err)
	}
	return request.Domain
}

// AnnounceAccount has the registry write about the account.
func (w *world) AnnounceAccount(length int) { w.standin.AnnounceText(strings.Repeat("é", length/2)) }

// fee is the command of the fee extension that a kind is charged by.
func fee(kind registrars.Kind) string {
	return map[registrars.Kind]string{
		registrars.Registration: "create", registrars.Transfer: "transfer", registrars.Renewal: "renew", registrars.Restore: "restore",
		registrars.OwnerChange: "update",
	}[kind]
}

func (w *world) Price(kind registrars.Kind, name domains.Name, cents int64) string {
	w.standin.SetPrice(name.String(), fee(kind), cents)
	return "EUR"
}

// Arrived reads what the registry holds.
func (w *world) Arrived(kind registrars.Kind, name domains.Name) (registrars.Request, bool) {
	domain, ok := w.standin.Domain(name.String())
	if !ok || kind == registrars.Deletion {
		return registrars.Request{}, ok
	}
	on := func(status string) *bool {
		has := strings.Contains(strings.Join(domain.Statuses, " "), status)
		return &has
	}
	request := registrars.Request{
		Years: domain.Period, NameServers: domain.NameServers, Contacts: map[registrars.Role]registrars.Contact{},
		AuthCode: domains.NewSecret(worldAuthCode), NewAuthCode: domains.NewSecret(domain.AuthInfo),
	}
	if kind == registrars.Renewal {
		request.Expires = domain.Expires.AddDate(-domain.Period, 0, 0)
	}
	for role, handle := range map[registrars.Role]string{
		registrars.Owner: domain.Registrant, registrars.Admin: domain.Contacts["admin"],
		registrars.Tech: domain.Contacts["tech"], registrars.Billing: domain.Contacts["billing"],
	} {
		if contact, found := w.standin.Contact(handle); found {
			request.Contacts[role] = registrars.Contact{Role: role, Details: detailsOf(contact)}
		}
	}
	switch kind {
	case registrars.LockChange:
		request.Settings.Lock = on("clientTransferProhibited")
	case registrars.DNSSECChange:
		request.Settings.DNSSEC = &domains.DNSSEC{Sign: len(domain.DS)+len(domain.Keys) > 0, DS: domain.DS}
		if len(domain.Keys) > 0 {
			request.Settings.DNSSEC.Key = &domain.Keys[0]
		}
	}
	return request, true
}

// detailsOf is a contact in the terms of an order.
func detailsOf(c standin.Contact) domains.Contact {
	details := domains.Contact{
		FirstName: c.Name, Organisation: c.Org, City: c.City, State: c.SP, PostalCode: c.PC, Country: c.CC, Email: c.Email,
		Phone: phone(c.Voice, c.VoiceX), Fax: phone(c.Fax, c.FaxX),
	}
	streets := append(append([]string{}, c.Streets...), "", "")
	details.Address1, details.Address2 = streets[0], streets[1]
	return details
}

func phone(number, extension string) domains.Phone {
	country, rest, _ := strings.Cut(strings.TrimPrefix(number, "+"), ".")
	return domains.Phone{CountryCode: country, Number: rest, Extension: extension}
}

// wantClass fails the test for an error of another class.
func wantClass(t testing.TB, err error, want registrars.Class) *registrars.Error {
	t.Helper()
	e, ok := errors.AsType[*registrars.Error](err)
	if !ok {
		t.Fatalf("got %v, want class %s", err, want)
	}
	if e.Class != want {
		t.Errorf("class %s, want %s: %v (%s)", e.Class, want, err, e.Detail)
	}
	return e
}
