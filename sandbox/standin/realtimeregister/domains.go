package realtimeregister

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

var newDomainFields = []string{
	"customer", "registrant", "contacts", "period", "ns", "zone", "privacyProtect", "autoRenew", "authcode", "keyData", "billables",
}

// contactRef is a contact in a role.
type contactRef struct {
	Role   string `json:"role"`
	Handle string `json:"handle"`
}

type keyData struct {
	Protocol  int    `json:"protocol"`
	Flags     int    `json:"flags"`
	Algorithm int    `json:"algorithm"`
	PublicKey string `json:"publicKey"`
}

type dsData struct {
	KeyTag     int    `json:"keyTag"`
	Algorithm  int    `json:"algorithm"`
	DigestType int    `json:"digestType"`
	Digest     string `json:"digest"`
}

// domain is a domain that is registered here.
type domain struct {
	name, registrant   string
	contacts           []contactRef
	ns                 []string
	zone               *zone
	privacy, autoRenew bool
	autoRenewPeriod    int      // in months; 0 means 12
	locks              []string // CLIENT_ and IRTPC ones
	created, expires   time.Time
	authcode           string
	keys               []keyData
	ds                 []dsData
	redemption         bool
	pendingDelete      bool // and not in redemption
	garbled            bool // see Server.GarbleDomain
	language           string
	held               []string // additional statuses that a test has set
}

// statuses returns the current statuses of a domain.
func (s *Server) statuses(d *domain) []string {
	var all []string
	if d.redemption {
		all = append(all, "PENDING_DELETE", "REDEMPTION_PERIOD")
	}
	for _, p := range s.state.processes {
		if p.identifier != d.name || p.final() {
			continue
		}
		if word := map[string]string{"update": "PENDING_UPDATE", "renew": "PENDING_RENEW", "delete": "DELETE_REQUESTED", "restore": "PENDING_RESTORE"}[p.action]; word != "" && !slices.Contains(all, word) {
			all = append(all, word)
		}
	}
	if d.pendingDelete {
		return append(all, "PENDING_DELETE")
	}
	if d.redemption {
		return all
	}
	all = append(append(all, d.held...), d.locks...)
	if len(d.ns) == 0 {
		all = append(all, "INACTIVE")
	}
	if len(all) == 0 {
		all = append(all, "OK")
	}
	if s.options.Calendar().Sub(d.created) < addPeriod {
		all = append(all, "ADD_PERIOD")
	}
	return all
}

const addPeriod = 5 * 24 * time.Hour

// stamp formats a Timestamp.
func stamp(at time.Time) string { return at.UTC().Truncate(time.Second).Format(time.RFC3339) }

func (s *Server) checkDomain(c *call) (answer, *problem) {
	name := c.vars[0]
	if _, _, ok := s.tldOf(name); !ok || !namePattern.MatchString(name) {
		return answer{}, bad("UnsupportedTld", "%s is not supported", name)
	}
	_, elsewhere := s.state.elsewhere[name]
	body := map[string]any{"available": true}
	if s.state.domains[name] != nil || elsewhere {
		body = map[string]any{"available": false, "reason": "In use"}
	}
	if s.premium(name) {
		body["premium"], body["currency"], body["price"] = true, "EUR", s.price(name, premiumPrice)
	}
	return answer{status: http.StatusOK, body: body}, nil
}

// newDomain checks what a registration and a transfer have in common.
func (s *Server) newDomain(c *call, f fields) (d *domain, t TLD, refused *problem) {
	name := c.vars[0]
	suffix, t, ok := s.tldOf(name)
	switch {
	case !ok:
		return nil, t, bad("UnsupportedTld", "%s is not supported", name)
	case !namePattern.MatchString(name) || strings.TrimSuffix(name, "."+suffix) == "":
		return nil, t, violation("domainName", "invalid format", name)
	}
	if refused := f.required("customer", "registrant"); refused != nil {
		return nil, t, refused
	}
	customer, p1 := f.handle("customer")
	registrant, p2 := f.handle("registrant")
	contacts, p3 := s.contacts(f, t)
	ns, p4 := s.nameServers(f, name, t)
	privacy, p5 := read[bool](f, "privacyProtect")
	authcode, p6 := f.text("authcode", 0, 64)
	renew := true
	var p7 *problem
	if f.has("autoRenew") {
		renew, p7 = read[bool](f, "autoRenew")
	}
	keys, p8 := readKeys(f, t)
	made, p9 := s.zoneOf(f)
	if refused := firstOf(p1, p2, p3, p4, p5, p6, p7, p8, p9); refused != nil {
		return nil, t, refused
	}
	if customer != s.options.Customer {
		return nil, t, refuse(http.StatusForbidden, "AuthorizationError", "Not your customer")
	}
	if privacy && slices.Contains(t.Without, "PRIVACY_PROTECT") {
		return nil, t, bad("ValidationError", "Privacy protection is not available")
	}
	if made != nil && len(ns) == 0 {
		ns = slices.Clone(ownNameServers)
	}
	return &domain{
		name: name, registrant: registrant, contacts: contacts, ns: ns, privacy: privacy, autoRenew: renew, authcode: authcode, keys: keys, zone: made,
	}, t, s.fits(t, registrant)
}

func (s *Server) contacts(f fields, t TLD) ([]contactRef, *problem) {
	list, refused := read[[]contactRef](f, "contacts")
	if refused != nil {
		return nil, refused
	}
	count := map[string]int{}
	for _, ref := range list {
		switch {
		case !slices.Contains([]string{"ADMIN", "BILLING", "TECH"}, ref.Role):
			return nil, violation("contacts", "unknown role", ref.Role)
		case s.state.contacts[ref.Handle] == nil:
			return nil, missing("Contact " + ref.Handle)
		case slices.Contains(t.ForbiddenContacts, ref.Role):
			return nil, bad("ValidationError", "No %s contact is allowed", ref.Role)
		}
		if count[ref.Role]++; count[ref.Role] > 1 {
			return nil, bad("ValidationError", "One %s contact is allowed", ref.Role)
		}
	}
	for _, role := range t.RequiredContacts {
		if count[role] == 0 {
			return nil, bad("ValidationError", "A %s contact is required", role)
		}
	}
	return list, nil
}

func readPeriod(f fields, allowed []int) (int, *problem) {
	if !f.has("period") {
		return slices.Min(allowed), nil
	}
	period, refused := read[int](f, "period")
	if refused == nil && !slices.Contains(allowed, period) {
		refused = violation("period", "not allowed", period)
	}
	return period, refused
}

func (s *Server) createDomain(c *call) (answer, *problem) {
	f, refused := decode(c.body, append(slices.Clone(newDomainFields), "languageCode", "launchPhase", "skipValidation")...)
	if refused != nil {
		return answer{}, refused
	}
	d, t, refused := s.newDomain(c, f)
	if refused != nil {
		return answer{}, refused
	}
	period, refused := readPeriod(f, t.periods(t.CreatePeriods))
	if refused != nil {
		return answer{}, refused
	}
	language, refused := f.text("languageCode", 1, 10)
	if refused != nil {
		return answer{}, refused
	}
	suffix, _, _ := s.tldOf(d.name)
	if refused := t.takes(strings.TrimSuffix(d.name, "."+suffix), language); refused != nil {
		return answer{}, refused
	}
	d.language = language
	_, elsewhere := s.state.elsewhere[d.name]
	if s.state.domains[d.name] != nil || elsewhere {
		return answer{}, bad("ObjectExists", "Domain already exists")
	}
	charges := []billable{s.charge(d.name, t, "CREATE", period)}
	if d.privacy && t.PrivacyPrice > 0 {
		charges = append(charges, billable{Product: s.product(d.name), Action: "PRIVACY_PROTECT", Quantity: 1, Amount: t.PrivacyPrice})
	}
	return s.change(c, f, t, change{
		action: "create", label: "create", command: "CreateDomainCommand", billables: charges, status: http.StatusCreated,
		apply: func() string {
			if s.state.domains[d.name] != nil {
				return "Domain is registered already"
			}
			d.created = s.options.Calendar()
			d.expires = d.created.AddDate(0, period, 0)
			if d.authcode == "" {
				d.authcode = s.newAuthcode()
			}
			s.state.domains[d.name] = d
			return ""
		},
		result: func(done bool) map[string]any {
			if !done {
				return map[string]any{"domainName": d.name}
			}
			return map[string]any{"domainName": d.name, "expiryDate": stamp(d.expires), "status": s.statuses(d)}
		},
	})
}

func (s *Server) renewDomain(c *call) (answer, *problem) {
	f, refused := decode(c.body, "period", "billables")
	if refused != nil {
		return answer{}, refused
	}
	d, t, refused := s.ours(c, "RENEW")
	if refused != nil {
		return answer{}, refused
	}
	if refused := f.required("period"); refused != nil {
		return answer{}, refused
	}
	period, refused := readPeriod(f, t.periods(t.RenewPeriods))
	if refused != nil {
		return answer{}, refused
	}
	return s.change(c, f, t, change{
		action: "renew", label: "renew", command: "RenewDomainCommand", billables: []billable{s.charge(d.name, t, "RENEW", period)}, status: http.StatusOK,
		apply: func() string {
			d.expires = d.expires.AddDate(0, period, 0)
			s.unexpire(d)
			return ""
		},
		result: func(bool) map[string]any {
			return map[string]any{"domainName": d.name, "expiryDate": stamp(d.expires)}
		},
	})
}

func (s *Server) deleteDomain(c *call) (answer, *problem) {
	if len(c.body) > 0 {
		return answer{}, bad("InvalidMessage", "No body is expected")
	}
	d, t, refused := s.ours(c, "DELETE")
	if refused != nil {
		return answer{}, refused
	}
	return s.change(c, fields{}, t, change{
		action: "delete", label: "delete", status: http.StatusOK,
		apply: func() string {
			if t.Redemption {
				d.redemption = true
			} else {
				delete(s.state.domains, d.name)
			}
			return ""
		},
	})
}

// ours finds a domain of the account, and refuses actions that its locks forbid.
func (s *Server) ours(c *call, what string) (*domain, TLD, *problem) {
	d := s.state.domains[c.vars[0]]
	if d == nil {
		return nil, TLD{}, missing("Domain")
	}
	_, t, _ := s.tldOf(d.name)
	if slices.Contains(t.Without, what) {
		return nil, t, bad("ValidationError", "%s is not available", what)
	}
	if d.pendingDelete {
		return nil, t, bad("ObjectStatusProhibitsOperation", "%s is prohibited by PENDING_DELETE", what)
	}
	if d.redemption {
		return nil, t, bad("ObjectStatusProhibitsOperation", "%s is prohibited by REDEMPTION_PERIOD", what)
	}
	for _, word := range append(slices.Clone(d.held), d.locks...) {
		if strings.HasSuffix(word, "_"+what+"_PROHIBITED") || word == "PENDING_TRANSFER" {
			return nil, t, bad("ObjectStatusProhibitsOperation", "%s is prohibited by %s", what, word)
		}
	}
	return d, t, nil
}
