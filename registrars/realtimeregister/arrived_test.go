package realtimeregister_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	standin "domainprovisioning/sandbox/standin/realtimeregister"
)

// Arrived implements registrarstest.World from the domain, its contacts and its processes.
func (w *world) Arrived(kind registrars.Kind, name domains.Name) (registrars.Request, bool) {
	d, ok := w.standin.Domain(name.String())
	arrived := registrars.Request{
		NameServers: d.NameServers, Language: d.Language, AuthCode: domains.NewSecret(d.AuthCode), Contacts: w.contactsOf(d), Settings: settingsOf(d),
	}
	for _, p := range w.standin.Processes() {
		if p.Domain == name.String() && p.Label == label(kind) {
			arrived.Years = p.Period / 12
		}
	}
	return arrived, ok
}

func settingsOf(d standin.Domain) domains.Settings {
	lock := slices.Contains(d.Locks, "CLIENT_TRANSFER_PROHIBITED")
	settings := domains.Settings{Lock: &lock, Privacy: &d.Privacy, AutoRenewal: &d.AutoRenew, DNSSEC: &domains.DNSSEC{Sign: d.Signed}}
	if number, err := strconv.Atoi(strings.TrimPrefix(d.Template, "template-")); err == nil {
		settings.ZoneTemplate = &number
	}
	switch {
	case len(d.Keys) == 1:
		settings.DNSSEC = &domains.DNSSEC{Sign: true, Key: &d.Keys[0]}
	case len(d.DS) > 0:
		settings.DNSSEC = &domains.DNSSEC{Sign: true, DS: d.DS}
	}
	return settings
}

// contactsOf returns the contacts that a domain refers to.
func (w *world) contactsOf(d standin.Domain) map[registrars.Role]registrars.Contact {
	contacts := map[registrars.Role]registrars.Contact{}
	for role, handle := range map[registrars.Role]string{
		registrars.Owner: d.Registrant, registrars.Admin: d.Contacts["ADMIN"], registrars.Tech: d.Contacts["TECH"], registrars.Billing: d.Contacts["BILLING"],
	} {
		for _, c := range w.standin.Contacts() {
			if c.Handle == handle {
				contacts[role] = contactOf(c)
			}
		}
	}
	return contacts
}

func contactOf(c standin.Contact) registrars.Contact {
	text := func(member string) string {
		value, _ := c.Members[member].(string)
		return value
	}
	lines, _ := c.Members["addressLine"].([]string)
	contact := registrars.Contact{Extra: map[string]string{}, Details: domains.Contact{
		FirstName: text("name"), Organisation: text("organization"), PostalCode: text("postalCode"), City: text("city"), State: text("state"),
		Country: text("country"), Phone: domains.Phone{Number: text("voice")}, Fax: domains.Phone{Number: text("fax")}, Email: text("email"),
	}}
	if len(lines) > 0 {
		contact.Details.Address1, contact.Details.Address2 = lines[0], strings.Join(lines[1:], " ")
	}
	for _, properties := range c.Properties {
		maps.Copy(contact.Extra, properties)
	}
	return contact
}
