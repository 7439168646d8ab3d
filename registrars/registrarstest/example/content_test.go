package example_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/registrarstest"
)

// TestTheSuiteFindsLostContent of a plug-in that is right but for what it does to a request
// before it is written to the wire.
func TestTheSuiteFindsLostContent(t *testing.T) {
	owner := func(change func(*registrars.Contact)) func(*registrars.Request) {
		return func(r *registrars.Request) {
			if one, has := r.Contacts[registrars.Owner]; has {
				one.Extra = maps.Clone(one.Extra)
				change(&one)
				r.Contacts = maps.Clone(r.Contacts)
				r.Contacts[registrars.Owner] = one
			}
		}
	}
	for name, c := range map[string]struct {
		submit func(*registrars.Request)
		want   string
	}{
		"the admin is sent as the holder": {func(r *registrars.Request) {
			r.Contacts = map[registrars.Role]registrars.Contact{registrars.Owner: {Details: r.Contacts[registrars.Admin].Details, Extra: r.Contacts[registrars.Owner].Extra}}
		}, `registration: owner.email arrives as "andree@manager.example", want "olga@holder.example"`},
		"a middle name is dropped":      {owner(func(c *registrars.Contact) { c.Details.MiddleName = "" }), `owner.firstName arrives as "Olga Holder", want "Olga Odile Holder"`},
		"an extra field is dropped":     {owner(func(c *registrars.Contact) { delete(c.Extra, "profession") }), "owner.extra.profession does not arrive"},
		"the last name server":          {func(r *registrars.Request) { r.NameServers = r.NameServers[:4] }, "name-server-change: nameServers.4 does not arrive"},
		"name servers in another order": {func(r *registrars.Request) { r.NameServers = slices.Sorted(slices.Values(r.NameServers)) }, `registration: nameServers.0 arrives as "ns1.dns.example"`},
		"another year":                  {func(r *registrars.Request) { r.Years = 1 }, `registration: years arrives as "1", want "2"`},
	} {
		found := registrarstest.Findings(t, registrarstest.Subject{New: func(t testing.TB) (registrars.Registrar, registrarstest.World) {
			w := newWorld(t)
			return careless{Registrar: w.plugin, submit: c.submit}, w
		}, NotCarried: notCarried(), Joined: joined()})
		if !strings.Contains(strings.Join(found, "\n"), c.want) {
			t.Errorf("%s: found %q, want %q", name, found, c.want)
		}
	}
}
