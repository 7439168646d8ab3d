package netim_test

import (
	"strconv"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	standin "domainprovisioning/sandbox/standin/netim"
)

// Arrived implements registrarstest.World from the registration, its contacts, and what was done
// to it.
func (w *conformanceWorld) Arrived(kind registrars.Kind, name domains.Name) (registrars.Request, bool) {
	r, ok := w.standin.Registration(name.String())
	done := w.standin.Effects(name.String())
	arrived := registrars.Request{
		Years: r.Years, NameServers: r.NameServers, AuthCode: domains.NewSecret(r.AuthID), Settings: settingsOf(r),
		Contacts: map[registrars.Role]registrars.Contact{},
	}
	if n := len(done.Renewals); kind == registrars.Renewal && n > 0 {
		arrived.Years = done.Renewals[n-1]
	}
	if n := len(done.ZoneInits); n > 0 {
		arrived.Settings.ZoneTemplate = &done.ZoneInits[n-1]
	}
	for role, id := range map[registrars.Role]string{
		registrars.Owner: r.Owner, registrars.Admin: r.Admin, registrars.Tech: r.Tech, registrars.Billing: r.Billing,
	} {
		for _, c := range w.standin.Contacts() {
			if c.ID == id {
				arrived.Contacts[role] = contactOf(c, name)
			}
		}
	}
	return arrived, ok
}

func settingsOf(r standin.Registration) domains.Settings {
	on := func(preference string) *bool { return new(r.Preferences[preference] == "1") }
	settings := domains.Settings{
		Lock: on("registrar_lock"), Privacy: on("whois_privacy"), AutoRenewal: on("auto_renew"), DNSSEC: &domains.DNSSEC{Sign: r.Signed, DS: r.DS},
	}
	if key := r.DNSSEC["pubKey"]; key != "" {
		number := func(name string) int {
			value, _ := strconv.Atoi(r.DNSSEC[name])
			return value
		}
		settings.DNSSEC.Key = &domains.DNSKEY{Flags: number("flags"), Protocol: number("protocol"), Algorithm: number("algo"), PublicKey: key}
	}
	return settings
}

// contactOf returns a contact of the registrar; of what it keeps for each domain, that of one.
func contactOf(c standin.Contact, name domains.Name) registrars.Contact {
	f := c.Fields
	contact := registrars.Contact{Extra: map[string]string{}, Details: domains.Contact{
		FirstName: f["firstName"], LastName: f["lastName"], Organisation: f["bodyName"], Address1: f["address1"], Address2: f["address2"],
		PostalCode: f["zipCode"], City: f["city"], State: f["area"], Country: f["country"],
		Phone: domains.Phone{Number: f["phone"]}, Fax: domains.Phone{Number: f["fax"]}, Email: f["email"],
	}}
	for _, member := range []string{
		"tmName", "tmNumber", "tmType", "tmDate", "companyNumber", "vatNumber", "birthDate", "birthZipCode", "birthCity", "birthCountry", "idNumber",
	} {
		if f[member] != "" {
			contact.Extra[member] = f[member]
		}
	}
	for field, value := range c.Additional {
		field, of, bound := strings.Cut(field, "/")
		_, member := f[field]
		// In another place than its own the registry does not see it.
		if !member && bound == (field == boundField) && (!bound || of == name.String()) {
			contact.Extra[field] = value
		}
	}
	return contact
}
