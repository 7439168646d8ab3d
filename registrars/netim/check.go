package netim

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim/internal"
)

// tldLifetime is how long the rules of a TLD are believed.
const tldLifetime = time.Hour

// Check implements registrars.Registrar: our own rules first, then domainTldInfo,
// then domainCheck. Name servers and contacts that are not given are not checked:
// at intake they are not known yet.
func (n *Netim) Check(ctx context.Context, request registrars.Request) error {
	if err := checkRequest(request); err != nil {
		return err
	}
	if count := len(request.NameServers); count > 0 && count < domains.MinNameServers {
		return invalid("check", "nameServers", "at least 2")
	}
	for _, role := range registrars.Roles() {
		contact, given := request.Contacts[role]
		if !given {
			continue
		}
		contact.Role = role
		if _, err := n.contactValues("check", contact); err != nil {
			return err
		}
	}
	info, err := n.TLDInfo(ctx, suffix(request))
	if err != nil {
		return err
	}
	if !info.allows(request.Years) {
		return invalid("domainTldInfo", "years", "one of "+info.Periods+" for this top-level domain")
	}
	return n.checkAvailable(ctx, request.Domain)
}

// checkRequest holds the rules that need no question.
func checkRequest(request registrars.Request) error {
	const name = "check"
	tld, err := domains.ParseTLD(suffix(request))
	switch {
	case request.Kind != registrars.Registration:
		return invalid(name, "kind", "only registrations are served")
	case request.Domain.IsZero():
		return invalid(name, "domain", "required")
	case err != nil || !strings.HasSuffix(request.Domain.String(), "."+tld):
		return invalid(name, "tld", "must be the end of the domain")
	case request.Years < 1:
		return invalid(name, "years", "at least 1")
	case len(request.NameServers) > maxNameServers:
		return invalid(name, "nameServers", "at most 5")
	}
	return nil
}

// suffix is the registry suffix that the plan names, else the last label.
func suffix(request registrars.Request) string {
	if request.TLD == "" {
		return request.Domain.TLD()
	}
	return request.TLD
}

// checkAvailable asks whether the name can be had.
func (n *Netim) checkAvailable(ctx context.Context, name domains.Name) error {
	c := call{name: "domainCheck", field: "domain"}
	value, err := n.call(ctx, c, internal.String("domain", name.String()))
	if err != nil {
		return err
	}
	answers, err := internal.ReadChecks(value)
	if err != nil {
		return failure(c, err)
	}
	for _, answer := range answers {
		if got, err := domains.ParseName(answer.Domain); err == nil && got == name {
			return judge(answer)
		}
	}
	return failure(c, &internal.MalformedError{Why: "it says nothing of the domain"})
}

// judge turns result and reason of domainCheck into an error. A word that is not
// known is never a yes, and never a no.
func judge(answer internal.Check) error {
	result, reason := strings.ToUpper(answer.Result), strings.ToUpper(answer.Reason)
	e := &registrars.Error{
		Registrar: pluginName, Call: "domainCheck", Class: registrars.ClassTemporary, Field: "domain",
		Detail: strings.TrimSpace(answer.Result + " " + answer.Reason),
	}
	switch {
	case reason == "BAD_SYNTAX":
		e.Class, e.Rule = registrars.ClassInvalid, "not a name of this top-level domain"
	case reason == "TIMEOUT" || reason == "INTERNAL ERROR":
		e.Rule = "the registry did not answer"
	case result == "NOT SOLD" || result == "CLOSED":
		e.Class, e.Field, e.Rule = registrars.ClassRejected, "tld", "not sold, or closed, at the registrar"
	case reason == "PREMIUM":
		e.Class, e.Rule = registrars.ClassRejected, "a premium name: a person must accept its price"
	case result == "NOT AVAILABLE", reason == "RESERVED", reason == "PENDING APPLICATION":
		e.Class, e.Rule = registrars.ClassUnavailable, "not available"
	case result == "AVAILABLE" && reason == "":
		return nil
	default:
		e.Rule = "the registrar cannot say whether it is available"
	}
	return e
}

// TLDInfo is what Netim says of a registry suffix.
type TLDInfo struct {
	TLD string
	// Periods are the years of a registration as the API writes them, such as
	// "1-10"; "" when it does not say.
	Periods string
	// ZoneCheck says that the name servers must serve the zone before a domain is
	// registered.
	ZoneCheck bool
	// EPPCode says that a transfer needs an auth code.
	EPPCode bool
}

// allows reports whether a registration may last so many years. What cannot be
// read forbids nothing: domainCreate decides.
func (t TLDInfo) allows(years int) bool {
	readable := false
	for _, part := range strings.FieldsFunc(t.Periods, func(r rune) bool { return r == ',' || r == ';' }) {
		low, high, isRange := strings.Cut(part, "-")
		if !isRange {
			high = low
		}
		from, err1 := strconv.Atoi(strings.TrimSpace(low))
		to, err2 := strconv.Atoi(strings.TrimSpace(high))
		if err1 != nil || err2 != nil {
			return true
		}
		readable = true
		if from <= years && years <= to {
			return true
		}
	}
	return !readable
}

type tldEntry struct {
	info TLDInfo
	at   time.Time
}

type tldCache struct {
	now     func() time.Time
	lock    sync.Mutex
	entries map[string]tldEntry
}

func (c *tldCache) get(tld string) (TLDInfo, bool) {
	c.lock.Lock()
	defer c.lock.Unlock()
	entry, ok := c.entries[tld]
	return entry.info, ok && c.now().Sub(entry.at) < tldLifetime
}

func (c *tldCache) put(tld string, info TLDInfo) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.entries[tld] = tldEntry{info, c.now()}
}

// TLDInfo reads the rules of a registry suffix such as "com.au" with
// domainTldInfo; an answer is kept for an hour. A suffix that Netim refuses to
// know gives an error of ClassRejected.
func (n *Netim) TLDInfo(ctx context.Context, tld string) (TLDInfo, error) {
	c := call{name: "domainTldInfo", field: "tld"}
	suffix, err := domains.ParseTLD(tld)
	if err != nil {
		return TLDInfo{}, invalid(c.name, "tld", "not a top-level domain")
	}
	if info, ok := n.tlds.get(suffix); ok {
		return info, nil
	}
	value, err := n.call(ctx, c, internal.String("tld", internal.Suffix(suffix)))
	if err != nil {
		return TLDInfo{}, notSold(err)
	}
	info := TLDInfo{
		TLD: suffix, Periods: value.Field("PeriodCreate"),
		ZoneCheck: value.Field("HasZonecheck") == "1", EPPCode: value.Field("HasEppCode") == "1",
	}
	n.tlds.put(suffix, info)
	return info, nil
}

// notSold reads a refusal of domainTldInfo: there is nothing to refuse but the TLD.
func notSold(err error) error {
	const name = "domainTldInfo"
	if !refused(err, name) {
		return err
	}
	cause, _ := asError(err)
	return &registrars.Error{
		Registrar: pluginName, Call: name, Class: registrars.ClassRejected, Code: cause.Code, Detail: cause.Detail,
		Field: "tld", Rule: "the top-level domain is not sold",
	}
}
