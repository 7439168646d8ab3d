// Package registrarstest is the conformance suite of registrar plug-ins: it
// examines what package registrars promises, against a stand-in of the registrar
// that speaks the real wire format. Every plug-in passes it:
//
//	func TestConformance(t *testing.T) { registrarstest.Run(t, subject()) }
//
// A Subject is the plug-in with a World around it. The World prepares valid
// requests, makes the stand-in fail, counts the effects of requests, and says what of them
// has arrived. The World
// of a plug-in that takes news is also a CallingWorld or a QueueingWorld, that of one that
// tells prices a PricedWorld, that of one that registers hosts a HostWorld, that of one that
// withdraws operations a CancelWorld, that of one that lists them a GarblingWorld, that of one that
// lists domains a ListingWorld, and that of one that tells their phase a PhasedWorld.
package registrarstest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

// Subject is what the suite examines.
type Subject struct {
	// New makes the plug-in with its own world, which ends with the test.
	New func(t testing.TB) (registrars.Registrar, World)
	// Secrets are texts that no error may contain: passwords, auth codes, and what a World adds
	// to the contacts. The suite adds the data of Contact.
	Secrets []string
	// NotCarried names the fields of a request that do not arrive, each with the reason, such as
	// "*.fax": "the API has no field for a fax". The names are: years,
	// nameServers.0, language, authCode, domainPassword, owner.firstName and so on by role,
	// owner.phone.extension, owner.extra.NAME, settings.lock, settings.dnssec.key. A * stands for
	// any text. What is not named must arrive.
	NotCarried map[string]string
	// Joined are fields of a contact that the registrar keeps as one text, in its order, such as
	// firstName and middleName. Arrived returns the text in the first of them, with a blank
	// between the fields.
	Joined [][]string
	// Language is a code that the registry takes with an internationalised name. It is needed
	// unless "language" is not carried.
	Language string
}

// World is the registrar outside of the plug-in: a stand-in.
type World interface {
	// Request prepares a request of the kind that the registrar accepts, and returns
	// it. Each number is about another domain.
	Request(kind registrars.Kind, number int) registrars.Request
	// Effects counts the effects that requests of the kind have had on a domain,
	// finished or not.
	Effects(kind registrars.Kind, name domains.Name) int
	// Arrived returns what the registrar holds, or was sent, of the newest request of the kind
	// for a domain, in the terms of a request: contacts with their details and Extra, name
	// servers in their order, the value of the setting, and whatever else the kind has. A
	// telephone number may stand in Phone.Number as a whole. It reads the stand-in and never the
	// plug-in. It reports false if nothing has arrived.
	Arrived(kind registrars.Kind, name domains.Name) (registrars.Request, bool)
	// Break makes the next request of the kind meet the fault. It reports false if the
	// registrar has no such fault.
	Break(kind registrars.Kind, fault Fault) bool
	// Calls counts the calls that have reached the registrar.
	Calls() int
	// Hold makes requests about the domain stay pending until Finish. It reports false
	// if nothing is ever pending at the registrar.
	Hold(name domains.Name) bool
	Finish(name domains.Name) error
}

// PricedWorld is the World of a plug-in that tells prices.
type PricedWorld interface {
	World
	// Price sets what a request of the kind for one year of the domain costs, in cents, and
	// returns the currency.
	Price(kind registrars.Kind, name domains.Name, cents int64) (currency string)
}

// Fault is a way in which a request can go wrong.
type Fault string

// The faults.
const (
	CutBefore      Fault = "cut before"      // the connection ends before the effect
	CutAfter       Fault = "cut after"       // the effect happens, its answer is lost
	Malformed      Fault = "malformed"       // the effect happens, its answer is garbage
	HTTPError      Fault = "http error"      // status 503 instead of an answer, no effect
	RateLimited    Fault = "rate limited"    // status 429, no effect
	SessionExpired Fault = "session expired" // the session has ended, no effect
	UnknownStatus  Fault = "unknown status"  // the effect happens, its status is a new word
)

// Run examines a plug-in, each promise in a subtest.
func Run(t *testing.T, subject Subject) {
	t.Helper()
	for _, promise := range promises() {
		t.Run(promise.name, func(t *testing.T) {
			for _, finding := range findings(t, subject, promise) {
				t.Error(finding)
			}
		})
	}
}

// Findings examines a plug-in and returns the promises that it breaks, for tests of
// the suite itself.
func Findings(t testing.TB, subject Subject) []string {
	t.Helper()
	var all []string
	for _, promise := range promises() {
		for _, finding := range findings(t, subject, promise) {
			all = append(all, promise.name+": "+finding)
		}
	}
	return all
}

// promise is one part of the contract.
type promise struct {
	name    string
	examine func(*examination)
}

func promises() []promise {
	return []promise{
		{"the descriptor is complete", describes},
		{"a request that is served has one effect", serves},
		{"what is requested arrives, field by field", arrives},
		{"additional fields that would be lost are refused", refusesExtra},
		{"what was carried out is read back", readsBack},
		{"a request that is not served is refused before any call", refuses},
		{"checking and looking change nothing", looksOnly},
		{"a lost answer is of unknown outcome, and found by looking", findsWhatWasLost},
		{"a request that never arrived is not found", findsNothing},
		{"a refusal of the transport leaves nothing", transportRefuses},
		{"an ended session is opened anew", reopens},
		{"a claim is asked for just before a request is sent", claims},
		{"a request that is not permitted is not sent", keepsToItsClaim},
		{"nothing is bought above what it may cost", keepsToItsPrice},
		{"an unknown word is never success", neverBelieves},
		{"the phase of a domain is told, or unknown", tellsPhases},
		{"a domain is restored out of redemption alone", restoresRedeemed},
		{"each domain is listed once, and one unreadable item hides no other", listsDomains},
		{"a pending operation is listed and can be read", pends},
		{"one unreadable item hides no other", hidesNoOther},
		{"what cannot be read is not taken for absent", takesNothingForAbsent},
		{"a withdrawn operation ends as cancelled, and a refused withdrawal leaves it pending", cancels},
		{"hosts below a domain are registered once, or refused", keepsHosts},
		{"a host whose answer was lost is found by looking", findsLostHosts},
		{"a language code that means nothing is refused", refusesLanguages},
		{"a callback proves where it comes from", provesCallbacks},
		{"news is kept until it is acknowledged", keepsNews},
		{"news by callback and by queue is one event", agrees},
		{"a context that has ended ends the call", ends},
		{"all methods may be called at once", concurs},
	}
}

// examination is one promise being examined.
type examination struct {
	t        testing.TB
	subject  Subject
	findings []string
}

func findings(t testing.TB, subject Subject, p promise) []string {
	t.Helper()
	e := &examination{t: t, subject: subject}
	p.examine(e)
	return e.findings
}

func (e *examination) find(format string, args ...any) {
	e.findings = append(e.findings, fmt.Sprintf(format, args...))
}

// each examines every kind that the plug-in serves, each in a fresh world.
func (e *examination) each(examine func(registrars.Registrar, World, registrars.Kind)) {
	first, _ := e.subject.New(e.t)
	for _, kind := range first.Describe().Kinds {
		r, w := e.subject.New(e.t)
		examine(r, w, kind)
	}
}

// trouble examines an error: it is classified, carries the plug-in's name, and holds
// no secret.
func (e *examination) trouble(r registrars.Registrar, what string, err error) registrars.Class {
	if err == nil {
		e.find("%s: no error", what)
		return ""
	}
	classified, ok := errors.AsType[*registrars.Error](err)
	if !ok {
		e.find("%s: the error is a %T, not a *registrars.Error", what, err)
		return ""
	}
	if name := r.Describe().Name; classified.Registrar != name || !strings.HasPrefix(err.Error(), name+": ") {
		e.find("%s: the error does not begin with the plug-in's name: %v", what, err)
	}
	if passes := classified.Class == registrars.ClassTemporary || classified.Class == registrars.ClassRateLimited; classified.Refused && !passes {
		e.find("%s: it is refused for a reason that should pass, but is of class %s", what, classified.Class)
	}
	if classified.Refused && classified.Rule == "" {
		e.find("%s: it is refused for a reason that is not named", what)
	}
	for _, secret := range e.secrets() {
		if strings.Contains(err.Error(), secret) {
			e.find("%s: the error holds a secret", what)
		}
	}
	return classified.Class
}

// secrets are the texts that nothing may contain that is shown.
func (e *examination) secrets() []string { return append(personal(), e.subject.Secrets...) }

// settles reports whether a finding says that the request was carried out, or is
// being carried out.
func settles(f registrars.Finding) bool {
	return f.State == registrars.FoundOperation || f.State == registrars.FoundObject
}

// harmless reports whether a kind may be submitted twice, because it only sets values.
func harmless(kind registrars.Kind) bool {
	switch kind {
	case registrars.ContactChange, registrars.NameServerChange, registrars.DNSSECChange, registrars.LockChange,
		registrars.PrivacyChange, registrars.AutoRenewalChange:
		return true
	default:
		return false
	}
}
