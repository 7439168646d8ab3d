package realtimeregister_test

import (
	"regexp"
	"strings"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/registrarstest"
	"domainprovisioning/sandbox/standin/faults"
)

var handlePattern = regexp.MustCompile(`^[a-zA-Z0-9\-_@.]{3,40}$`)

func TestAContactIsMadeOnce(t *testing.T) {
	w := newWorld(t, "sync")
	contact := jane(registrars.Owner)
	contact.Domain = domains.MustParseName("shop.sync")
	if handle, err := registrarstest.Find(t.Context(), w.plugin, contact); err != nil || handle != "" {
		t.Fatalf("found %q, %v", handle, err)
	}
	w.standin.Faults.Add(faults.Fault{Method: "contacts.create", Kind: faults.CutAfter})
	if _, err := w.plugin.CreateContact(t.Context(), contact); registrars.ClassOf(err) != registrars.ClassOutcomeUnknown {
		t.Fatalf("got %v", err)
	}
	// The answer was lost: looking finds the contact, and a repeat creates no second
	// one.
	found, err := registrarstest.Find(t.Context(), w.plugin, contact)
	if err != nil || found == "" {
		t.Fatalf("found %q, %v", found, err)
	}
	made, err := w.plugin.CreateContact(t.Context(), contact)
	if err != nil || made != found {
		t.Errorf("made %q, %v", made, err)
	}
	if n := len(w.standin.Contacts()); n != 4+1 {
		t.Errorf("%d contacts beside the old ones", n-4)
	}
	if !handlePattern.MatchString(made) {
		t.Errorf("the handle %q", made)
	}
	for _, part := range []string{"jane", "holder", "sampleton"} {
		if strings.Contains(strings.ToLower(made), part) {
			t.Errorf("the handle %q shows the contact", made)
		}
	}
}

// TestOtherDataAreAnotherContact, and the same data are the same contact, in any
// role.
func TestOtherDataAreAnotherContact(t *testing.T) {
	w := newWorld(t, "sync")
	handles := map[string]string{}
	for name, change := range map[string]func(*registrars.Contact){
		"as it is": func(*registrars.Contact) {}, "as tech": func(c *registrars.Contact) { c.Role = registrars.Tech },
		"blanks":      func(c *registrars.Contact) { c.Details.City = " Sampleton " },
		"inside":      func(c *registrars.Contact) { c.Details.Phone.AreaCode = "1 212" }, // as dialled inside the country
		"composed":    func(c *registrars.Contact) { c.Details.City = "Mu\u0308nchen" },
		"precomposed": func(c *registrars.Contact) { c.Details.City = "M\u00fcnchen" },
		"moved":       func(c *registrars.Contact) { c.Details.Address1 = "2 Holderstreet" },
		"company":     func(c *registrars.Contact) { c.Details.Organisation = "Example Ltd" },
		"second line": func(c *registrars.Contact) { c.Details.Address2 = "Back yard" },
	} {
		contact := jane(registrars.Owner)
		change(&contact)
		handle, err := w.plugin.CreateContact(t.Context(), contact)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		handles[name] = handle
	}
	if handles["as it is"] != handles["as tech"] || handles["as it is"] != handles["blanks"] ||
		handles["as it is"] != handles["inside"] || handles["composed"] != handles["precomposed"] {
		t.Errorf("the same data have several handles: %v", handles)
	}
	distinct := map[string]bool{}
	for _, handle := range handles {
		distinct[handle] = true
	}
	if len(distinct) != 5 || len(w.standin.Contacts()) != 4+5 {
		t.Errorf("handles %v", handles)
	}
}

// TestAContactThatSomebodyChangedIsNotUsed, nor changed back: other domains use it.
func TestAContactThatSomebodyChangedIsNotUsed(t *testing.T) {
	w := newWorld(t, "sync")
	first, err := w.plugin.CreateContact(t.Context(), jane(registrars.Owner))
	if err != nil {
		t.Fatal(err)
	}
	w.standin.ChangeContact(first, "city", "Elsewhere")
	if found, err := registrarstest.Find(t.Context(), w.plugin, jane(registrars.Owner)); err != nil || found != "" {
		t.Errorf("found %q, %v", found, err)
	}
	second, err := w.plugin.CreateContact(t.Context(), jane(registrars.Owner))
	if err != nil || second == first || !handlePattern.MatchString(second) {
		t.Errorf("made %q after %q, %v", second, first, err)
	}
	if found, err := registrarstest.Find(t.Context(), w.plugin, jane(registrars.Owner)); err != nil || found != second {
		t.Errorf("found %q, %v", found, err)
	}
	w.standin.ChangeContact(second, "city", "Elsewhere")
	third, err := w.plugin.CreateContact(t.Context(), jane(registrars.Owner))
	if err != nil {
		t.Fatal(err)
	}
	w.standin.ChangeContact(third, "city", "Elsewhere")
	_, err = w.plugin.CreateContact(t.Context(), jane(registrars.Owner))
	wantClass(t, err, registrars.ClassConflict)
}

// TestPropertiesOfTheRegistry are added once; if a try ended before them, the next
// one finishes it.
func TestPropertiesOfTheRegistry(t *testing.T) {
	w := newWorld(t, "sync", strict)
	contact := strictRequest(registrars.OwnerChange).Contacts[registrars.Owner]
	contact.Domain = domains.MustParseName("shop.strict")
	w.standin.Faults.Add(faults.Fault{Method: "contacts.properties", Kind: faults.CutBefore})
	if _, err := w.plugin.CreateContact(t.Context(), contact); err == nil {
		t.Fatal("a contact without its properties was taken")
	}
	if found, err := registrarstest.Find(t.Context(), w.plugin, contact); err != nil || found != "" {
		t.Errorf("found %q, %v, without its properties", found, err)
	}
	handle, err := w.plugin.CreateContact(t.Context(), contact)
	if err != nil {
		t.Fatal(err)
	}
	if found, err := registrarstest.Find(t.Context(), w.plugin, contact); err != nil || found != handle {
		t.Errorf("found %q, %v", found, err)
	}
	all := w.standin.Contacts()
	last := all[len(all)-1]
	if len(all) != 5 || last.Handle != handle || last.Properties["strict-registry"]["companyNumber"] != "12345" {
		t.Errorf("%d contacts, the last %+v", len(all), last.Properties)
	}
	contact.Extra = map[string]string{"companyNumber": "99999"}
	if other, err := w.plugin.CreateContact(t.Context(), contact); err != nil || other == handle {
		t.Errorf("other properties: %q, %v", other, err)
	}
}

// TestTheRegistryOfALongName: it is also found below the second level.
func TestTheRegistryOfALongName(t *testing.T) {
	w := newWorld(t, "sync", strict)
	contact := strictRequest(registrars.OwnerChange).Contacts[registrars.Owner]
	contact.Domain = domains.MustParseName("shop.second.strict")
	if _, err := w.plugin.CreateContact(t.Context(), contact); err != nil {
		t.Error(err)
	}
	contact.Domain = domains.MustParseName("shop.second.unsold")
	_, err := w.plugin.CreateContact(t.Context(), contact)
	wantClass(t, err, registrars.ClassRejected)
}

func TestContactsThatBreakALimit(t *testing.T) {
	w := newWorld(t, "sync")
	for _, c := range []struct {
		field  string
		change func(*domains.Contact)
	}{
		{"owner.lastName", func(c *domains.Contact) { c.LastName = " " }},
		{"owner.lastName", func(c *domains.Contact) { c.LastName = strings.Repeat("x", 256) }},
		{"owner.organisation", func(c *domains.Contact) { c.Organisation = strings.Repeat("x", 256) }},
		{"owner.address2", func(c *domains.Contact) { c.Address2 = strings.Repeat("x", 256) }},
		{"owner.postalCode", func(c *domains.Contact) { c.PostalCode = strings.Repeat("1", 17) }},
		{"owner.city", func(c *domains.Contact) { c.City = strings.Repeat("x", 256) }},
		{"owner.state", func(c *domains.Contact) { c.State = strings.Repeat("x", 256) }},
		{"owner.country", func(c *domains.Contact) { c.Country = "USA" }},
		{"owner.email", func(c *domains.Contact) { c.Email = strings.Repeat("x", 256) }},
		{"owner.phone", func(c *domains.Contact) { c.Phone.Number = strings.Repeat("1", 15) }},
		{"owner.fax", func(c *domains.Contact) { c.Fax = domains.Phone{CountryCode: "1234", Number: "1"} }},
	} {
		contact := jane(registrars.Owner)
		c.change(&contact.Details)
		_, err := w.plugin.CreateContact(t.Context(), contact)
		if e := wantClass(t, err, registrars.ClassInvalid); e.Field != c.field {
			t.Errorf("field %s, want %s", e.Field, c.field)
		}
	}
	if n := len(w.standin.Contacts()); n != 4 {
		t.Errorf("%d contacts were made", n-4)
	}
}
