package registrarstest_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/registrarstest"
)

// clerk is a registrar that serves every kind and files each request as it comes, on paper of
// its own.
type clerk struct {
	*notes

	filed map[registrars.Kind]map[domains.Name]registrars.Request
	// writes changes what is filed, and reads what is read.
	writes func(*registrars.Request)
	reads  func(*registrars.Domain)
}

func (*clerk) Describe() registrars.Descriptor {
	return registrars.Descriptor{
		Name: "clerk", Title: "Clerk", Kinds: registrars.Kinds(), Synchronous: true, Reads: registrars.ReadsRegistrar,
		RenewalGuard: registrars.GuardNative, Duplicates: "filed again", DomainPassword: true,
	}
}

func (*clerk) Check(context.Context, registrars.Request) error { return nil }

func (c *clerk) Submit(_ context.Context, request registrars.Request) (registrars.Operation, error) {
	request.NameServers, request.Contacts = slices.Clone(request.NameServers), maps.Clone(request.Contacts)
	for role, contact := range request.Contacts {
		contact.Extra = maps.Clone(contact.Extra)
		request.Contacts[role] = contact
	}
	if d := request.Settings.DNSSEC; d != nil {
		request.Settings.DNSSEC = &domains.DNSSEC{Sign: d.Sign, Key: d.Key, DS: slices.Clone(d.DS)}
	}
	if c.writes != nil {
		c.writes(&request)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.filed[request.Kind] == nil {
		c.filed[request.Kind] = map[domains.Name]registrars.Request{}
	}
	c.filed[request.Kind][request.Domain] = request
	return registrars.Operation{Kind: request.Kind, Domain: request.Domain, Status: registrars.StatusDone, Word: "filed"}, nil
}

func (c *clerk) ReadDomain(_ context.Context, name domains.Name) (registrars.Domain, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	domain := registrars.Domain{Name: name, Active: len(c.filed[registrars.Deletion]) == 0, Handles: map[registrars.Role]string{}}
	for kind, filed := range c.filed {
		request := filed[name]
		domain.NameServers, domain.Settings = request.NameServers, request.Settings
		for role, contact := range request.Contacts {
			domain.Handles[role] = contact.Handle
		}
		from := request.Expires
		if kind == registrars.Registration {
			from = time.Now()
		}
		domain.Expires = from.AddDate(request.Years, 0, 0)
	}
	if c.reads != nil {
		c.reads(&domain)
	}
	return domain, nil
}

// clerkWorld is the registrar outside of clerk.
type clerkWorld struct {
	world

	of *clerk
	// asks changes the requests, and finds what is found of them.
	asks  func(*registrars.Request)
	finds func(registrars.Request, bool) (registrars.Request, bool)
}

func (w clerkWorld) Request(kind registrars.Kind, number int) registrars.Request {
	request := registrarstest.Request(kind, number, "example")
	for role, contact := range request.Contacts {
		contact.Handle = "handle-of-" + string(role)
		if role == registrars.Owner {
			contact.Extra = map[string]string{"taxId": "55", "birthDate": "1955-05-25"}
		}
		request.Contacts[role] = contact
	}
	request.AuthCode, request.DomainPassword = domains.NewSecret("code-1"), domains.NewSecret("password-2")
	if w.asks != nil {
		w.asks(&request)
	}
	return request
}

func (w clerkWorld) Arrived(kind registrars.Kind, name domains.Name) (registrars.Request, bool) {
	filed, ok := w.of.filed[kind][name]
	if w.finds != nil {
		return w.finds(filed, ok)
	}
	return filed, ok
}

// careless is what is wrong with a clerk, its world, or what is said about both.
type careless struct {
	writes  func(*registrars.Request)
	reads   func(*registrars.Domain)
	asks    func(*registrars.Request)
	finds   func(registrars.Request, bool) (registrars.Request, bool)
	subject func(*registrarstest.Subject)
}

// about returns the findings about content and about what is read back.
func (c careless) about(t *testing.T) string {
	t.Helper()
	subject := registrarstest.Subject{Language: "GER", New: func(testing.TB) (registrars.Registrar, registrarstest.World) {
		of := &clerk{notes: newNotes(), filed: map[registrars.Kind]map[domains.Name]registrars.Request{}, writes: c.writes, reads: c.reads}
		return of, clerkWorld{world{of.notes}, of, c.asks, c.finds}
	}}
	if c.subject != nil {
		c.subject(&subject)
	}
	var found []string
	for _, finding := range registrarstest.Findings(t, subject) {
		if strings.HasPrefix(finding, "what is requested arrives") || strings.HasPrefix(finding, "what was carried out is read back") {
			found = append(found, finding)
		}
	}
	return strings.Join(found, "\n")
}

func TestAnHonestClerkPasses(t *testing.T) {
	if found := (careless{}).about(t); found != "" {
		t.Error(found)
	}
}

// contact changes the contact of a role, if the request has one.
func contact(role registrars.Role, change func(*registrars.Contact)) func(*registrars.Request) {
	return func(r *registrars.Request) {
		if one, has := r.Contacts[role]; has {
			change(&one)
			r.Contacts[role] = one
		}
	}
}

func swap(r *registrars.Request, one, other registrars.Role) {
	if _, has := r.Contacts[one]; has {
		r.Contacts[one], r.Contacts[other] = r.Contacts[other], r.Contacts[one]
	}
}

// TestTheSuiteFindsWhatIsLostOnTheWay: each way to lose, mix up or change content is found.
func TestTheSuiteFindsWhatIsLostOnTheWay(t *testing.T) {
	on := true
	for name, c := range map[string]struct {
		writes func(*registrars.Request)
		want   string
	}{
		"a contact is dropped":  {func(r *registrars.Request) { delete(r.Contacts, registrars.Tech) }, "registration: tech.email does not arrive"},
		"of a change of owner":  {func(r *registrars.Request) { delete(r.Contacts, registrars.Owner) }, "owner-change: owner.lastName does not arrive"},
		"of a change":           {func(r *registrars.Request) { delete(r.Contacts, registrars.Billing) }, "contact-change: billing.lastName does not arrive"},
		"two roles are swapped": {func(r *registrars.Request) { swap(r, registrars.Admin, registrars.Tech) }, `contact-change: admin.firstName arrives as "Tim", want "Andrée"`},
		"all are the owner": {func(r *registrars.Request) {
			if _, has := r.Contacts[registrars.Owner]; has {
				r.Contacts[registrars.Billing] = r.Contacts[registrars.Owner]
			}
		}, `transfer: billing.city arrives as "New York", want "Roma"`},
		"a middle name is dropped": {contact(registrars.Admin, func(c *registrars.Contact) { c.Details.MiddleName = "" }), "admin.middleName does not arrive"},
		"a second line is dropped": {contact(registrars.Owner, func(c *registrars.Contact) { c.Details.Address2 = "" }), "owner.address2 does not arrive"},
		"lines are swapped": {contact(registrars.Tech, func(c *registrars.Contact) {
			c.Details.Address1, c.Details.Address2 = c.Details.Address2, c.Details.Address1
		}), `tech.address1 arrives as "Hall 33"`},
		"a fax is dropped":          {contact(registrars.Billing, func(c *registrars.Contact) { c.Details.Fax = domains.Phone{} }), "billing.fax does not arrive"},
		"an extension is dropped":   {contact(registrars.Billing, func(c *registrars.Contact) { c.Details.Phone.Extension = "" }), "billing.phone.extension does not arrive"},
		"a number is that inside":   {contact(registrars.Tech, func(c *registrars.Contact) { c.Details.Phone.CountryCode = "" }), `tech.phone arrives as`},
		"an extra field is dropped": {contact(registrars.Owner, func(c *registrars.Contact) { delete(c.Extra, "taxId") }), "owner-change: owner.extra.taxId does not arrive"},
		"all of them are":           {contact(registrars.Owner, func(c *registrars.Contact) { c.Extra = nil }), "registration: owner.extra.birthDate does not arrive"},
		"extra fields are swapped": {contact(registrars.Owner, func(c *registrars.Contact) {
			c.Extra["taxId"], c.Extra["birthDate"] = c.Extra["birthDate"], c.Extra["taxId"]
		}), `owner.extra.taxId arrives as "1955-05-25"`},
		"an extra field is invented":     {contact(registrars.Owner, func(c *registrars.Contact) { c.Extra["gender"] = "x" }), "owner.extra.gender arrives, and was not requested"},
		"the last name server":           {func(r *registrars.Request) { r.NameServers = r.NameServers[:max(len(r.NameServers)-1, 0)] }, "name-server-change: nameServers.4 does not arrive"},
		"name servers in another order":  {func(r *registrars.Request) { slices.Sort(r.NameServers) }, `transfer: nameServers.0 arrives as "ns1.dns.example", want "ns3.dns.example"`},
		"a name server more":             {func(r *registrars.Request) { r.NameServers = append(r.NameServers, "ns9.dns.example") }, "nameServers.5 arrives, and was not requested"},
		"always a year":                  {func(r *registrars.Request) { r.Years = 1 }, `registration: years arrives as "1", want "2"`},
		"a year more":                    {func(r *registrars.Request) { r.Years++ }, `renewal: years arrives as "3", want "2"`},
		"another date":                   {func(r *registrars.Request) { r.Expires = r.Expires.AddDate(0, 0, 1) }, "renewal: expires arrives as"},
		"the auth code is dropped":       {func(r *registrars.Request) { r.AuthCode = domains.Secret{} }, "transfer: authCode does not arrive"},
		"the password is dropped":        {func(r *registrars.Request) { r.DomainPassword = domains.Secret{} }, "deletion: domainPassword does not arrive"},
		"code and password are swapped":  {func(r *registrars.Request) { r.AuthCode = r.DomainPassword }, `transfer: authCode arrives as "password-2"`},
		"the language is dropped":        {func(r *registrars.Request) { r.Language = "" }, "registration: language does not arrive"},
		"the settings are dropped":       {func(r *registrars.Request) { r.Settings = domains.Settings{} }, "lock-change: settings.lock does not arrive"},
		"the lock is only turned on":     {func(r *registrars.Request) { r.Settings.Lock = &on }, `lock-change: settings.lock arrives as "true", want "false"`},
		"privacy is only turned on":      {func(r *registrars.Request) { r.Settings.Privacy = &on }, "privacy-change: settings.privacy arrives as"},
		"auto-renewal is only turned on": {func(r *registrars.Request) { r.Settings.AutoRenewal = &on }, "auto-renewal-change: settings.autoRenewal arrives as"},
		"always one template":            {func(r *registrars.Request) { r.Settings.ZoneTemplate = new(3) }, `zone-reset: settings.zoneTemplate arrives as "3", want "7"`},
		"signing is not ended":           {dnssec(func(d *domains.DNSSEC) { d.Sign = true }), `dnssec-change: settings.dnssec.sign arrives as "true", want "false"`},
		"the key is dropped":             {dnssec(func(d *domains.DNSSEC) { d.Key = nil }), "settings.dnssec.key.publicKey does not arrive"},
		"another algorithm":              {dnssec(func(d *domains.DNSSEC) { setAlgorithm(d) }), `settings.dnssec.key.algorithm arrives as "8", want "13"`},
		"a record is dropped":            {dnssec(func(d *domains.DNSSEC) { d.DS = d.DS[:min(len(d.DS), 1)] }), "settings.dnssec.ds.1.digest does not arrive"},
		"key tags are swapped": {dnssec(func(d *domains.DNSSEC) {
			if len(d.DS) == 2 {
				d.DS[0].KeyTag, d.DS[1].KeyTag = d.DS[1].KeyTag, d.DS[0].KeyTag
			}
		}), `settings.dnssec.ds.0.keyTag arrives as "4712"`},
	} {
		if found := (careless{writes: c.writes}).about(t); !strings.Contains(found, c.want) {
			t.Errorf("%s: found %q, want %q", name, found, c.want)
		}
	}
}

func dnssec(change func(*domains.DNSSEC)) func(*registrars.Request) {
	return func(r *registrars.Request) {
		if r.Settings.DNSSEC != nil {
			change(r.Settings.DNSSEC)
		}
	}
}

func setAlgorithm(d *domains.DNSSEC) {
	if d.Key != nil {
		key := *d.Key
		key.Algorithm = 8
		d.Key = &key
	}
}

// TestTheSuiteFindsWhatAPluginMisreads in a domain that is right.
func TestTheSuiteFindsWhatAPluginMisreads(t *testing.T) {
	for name, c := range map[string]struct {
		reads func(*registrars.Domain)
		want  string
	}{
		"a name server less": {func(d *registrars.Domain) { d.NameServers = d.NameServers[:max(len(d.NameServers)-1, 0)] }, "transfer: the name servers are read as"},
		"another's contact":  {func(d *registrars.Domain) { d.Handles[registrars.Tech] = d.Handles[registrars.Admin] }, `contact-change: the contact tech is read as "handle-of-admin"`},
		"day and month":      {func(d *registrars.Domain) { d.Expires = d.Expires.AddDate(0, 1, 0) }, "renewal: it is read as expiring on"},
		"the lock":           {func(d *registrars.Domain) { d.Settings.Lock = new(true) }, "lock-change: it is read as true"},
		"the signature":      {func(d *registrars.Domain) { d.Settings.DNSSEC = &domains.DNSSEC{} }, "dnssec-change: it is read as signed: false"},
		"a deleted domain":   {func(d *registrars.Domain) { d.Active = true }, "deletion: the domain is still read as registered"},
		"another domain":     {func(d *registrars.Domain) { d.Name = domains.MustParseName("other.example") }, "registration: ReadDomain: other.example"},
	} {
		if found := (careless{reads: c.reads}).about(t); !strings.Contains(found, c.want) {
			t.Errorf("%s: found %q, want %q", name, found, c.want)
		}
	}
}

// TestNothingIsSkippedSilently: a field is compared, or said not to be carried with a reason.
func TestNothingIsSkippedSilently(t *testing.T) {
	left := func(pattern, reason string) func(*registrarstest.Subject) {
		return func(s *registrarstest.Subject) { s.NotCarried = map[string]string{pattern: reason} }
	}
	for name, c := range map[string]struct {
		careless
		want string
	}{
		"the World requests no auth code": {careless{asks: func(r *registrars.Request) { r.AuthCode = domains.Secret{} }}, "transfer: the request of the World has no authCode, and nothing says"},
		"nor a fax":                       {careless{asks: contact(registrars.Owner, func(c *registrars.Contact) { c.Details.Fax = domains.Phone{} })}, "the request of the World has no owner.fax"},
		"nor extra fields":                {careless{asks: contact(registrars.Owner, func(c *registrars.Contact) { c.Extra = nil })}, "the request of the World has no owner.extra"},
		"nor a contact":                   {careless{asks: func(r *registrars.Request) { delete(r.Contacts, registrars.Billing) }}, "the request of the World has no billing.email"},
		"nor a language":                  {careless{subject: func(s *registrarstest.Subject) { s.Language = "" }}, "registration: the request of the World has no language"},
		"one contact in two roles": {careless{asks: func(r *registrars.Request) {
			if owner, has := r.Contacts[registrars.Owner]; has {
				r.Contacts[registrars.Admin] = owner
			}
		}}, "registration: the request has one value in admin.address1 and owner.address1"},
		"the World finds nothing":  {careless{finds: func(registrars.Request, bool) (registrars.Request, bool) { return registrars.Request{}, false }}, "registration: nameServers.0 does not arrive"},
		"what is left out arrives": {careless{subject: left("*.fax", "no field")}, "admin.fax arrives, and is said not to be carried"},
		"no reason":                {careless{subject: left("*.fax", " ")}, "*.fax is not carried, and no reason is given"},
		"a field that nobody has":  {careless{subject: left("*.shoeSize", "no field")}, "*.shoeSize is not carried, and no request has it"},
		"two fields as one": {careless{subject: func(s *registrarstest.Subject) { s.Joined = [][]string{{"firstName", "lastName"}} }, finds: func(r registrars.Request, ok bool) (registrars.Request, bool) {
			r.Contacts = maps.Clone(r.Contacts)
			contact(registrars.Owner, func(c *registrars.Contact) {
				c.Details.FirstName, c.Details.LastName = c.Details.LastName+" "+c.Details.FirstName, ""
			})(&r)
			return r, ok
		}}, `owner.firstName arrives as "Holder Olga", want "Olga Holder"`},
	} {
		if found := c.about(t); !strings.Contains(found, c.want) {
			t.Errorf("%s: found %q, want %q", name, found, c.want)
		}
	}
}
