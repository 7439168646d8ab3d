package realtimeregister

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister/internal"
)

// variants is how many handles one contact may have: the next one is used if somebody
// has changed the contact under the one before.
const variants = 3

// contactValues is a contact in the API's terms.
type contactValues struct {
	contact    internal.Contact
	provider   string            // the registry that requires properties; "" for none
	properties map[string]string // never nil
}

// FindContacts implements registrars.ContactKeeper: each contact has a handle that is
// derived from its data.
func (r *RealtimeRegister) FindContacts(ctx context.Context, contacts []registrars.Contact) ([]string, error) {
	handles := make([]string, len(contacts))
	for i, contact := range contacts {
		var err error
		if handles[i], err = r.findContact(ctx, contact); err != nil {
			return nil, err
		}
	}
	return handles, nil
}

func (r *RealtimeRegister) findContact(ctx context.Context, contact registrars.Contact) (string, error) {
	values, err := r.contactValues(ctx, "contacts/get", contact)
	if err != nil {
		return "", err
	}
	for variant := range variants {
		handle := values.handle(r.customer, variant)
		kept, found, err := r.readContact(ctx, handle)
		switch {
		case err != nil:
			return "", err
		case !found:
			return "", nil
		case values.equal(kept):
			if values.lacksProperties(kept) {
				return "", nil // CreateContact adds them
			}
			return handle, nil
		}
	}
	return "", nil
}

// CreateContact implements registrars.ContactKeeper. A repeat finds that the same
// contact already has the handle, and is done.
func (r *RealtimeRegister) CreateContact(ctx context.Context, contact registrars.Contact) (string, error) {
	const name = "contacts/create"
	values, err := r.contactValues(ctx, name, contact)
	if err != nil {
		return "", err
	}
	for variant := range variants {
		handle := values.handle(r.customer, variant)
		_, err := r.do(ctx, call{Call: internal.Call{
			Method: http.MethodPost, Path: r.contactPath(handle), Body: values.contact, Writes: true,
		}, name: name})
		kept := internal.KeptContact{Contact: values.contact}
		if isType(err, typeExists) {
			var found bool
			if kept, found, err = r.readContact(ctx, handle); err == nil && !found {
				err = errs.UnknownOutcome(name, "the handle exists and cannot be read")
			}
		}
		if err != nil {
			return "", err
		}
		if !values.equal(kept) {
			continue
		}
		return handle, r.addProperties(ctx, handle, values, kept)
	}
	return "", &registrars.Error{
		Registrar: pluginName, Call: name, Class: registrars.ClassConflict, Field: string(contact.Role),
		Rule: fmt.Sprintf("%d contacts of other data stand under its handles", variants),
	}
}

func (r *RealtimeRegister) addProperties(ctx context.Context, handle string, values contactValues, kept internal.KeptContact) error {
	if !values.lacksProperties(kept) {
		return nil
	}
	_, err := r.do(ctx, call{Call: internal.Call{
		Method: http.MethodPost, Path: r.contactPath(handle, values.provider), Writes: true,
		Body: struct {
			Properties map[string]string `json:"properties"`
		}{values.properties},
	}, name: "contacts/properties/add"})
	return err
}

func (r *RealtimeRegister) contactPath(handle string, more ...string) string {
	return internal.Path(slices.Concat([]string{"customers", r.customer, "contacts", handle}, more)...)
}

func (r *RealtimeRegister) readContact(ctx context.Context, handle string) (kept internal.KeptContact, found bool, err error) {
	err = r.read(ctx, "contacts/get", r.contactPath(handle), &kept)
	if isType(err, typeMissing) {
		return kept, false, nil
	}
	return kept, err == nil, err
}

// contactValues converts a contact and checks it against the limits of the API and the
// rules of the registry. Its errors name the field and the rule, never the value.
func (r *RealtimeRegister) contactValues(ctx context.Context, name string, contact registrars.Contact) (contactValues, error) {
	values, err := plainContact(name, contact)
	// Registries require additional properties of the holder only.
	if err != nil || contact.Domain.IsZero() || contact.Role != registrars.Owner {
		return values, err
	}
	info, err := r.tldOf(ctx, contact.Domain)
	if err != nil {
		return values, err
	}
	if values.properties, err = properties(name, contact, info); err == nil && len(values.properties) > 0 {
		if values.provider = info.Provider; values.provider == "" { // they would be lost silently
			err = &registrars.Error{
				Registrar: pluginName, Call: nameTLD, Class: registrars.ClassTemporary,
				Err: &internal.MalformedError{Why: "it names no registry for the properties"},
			}
		}
	}
	return values, err
}

// plainContact converts what every registry gets. Its error names every field that breaks
// a limit.
func plainContact(name string, contact registrars.Contact) (contactValues, error) {
	d := contact.Details.Normalised()
	broken := contact.Missing()
	c := internal.Contact{
		Name: strings.Join(strings.Fields(d.FirstName+" "+d.MiddleName+" "+d.LastName), " "), Organization: d.Organisation,
		AddressLine: []string{d.Address1}, PostalCode: d.PostalCode, City: d.City, State: d.State, Country: d.Country,
		Email: d.Email, Voice: d.Phone.EPP(), Fax: d.Fax.EPP(),
	}
	if d.Address2 != "" {
		c.AddressLine = append(c.AddressLine, d.Address2)
	}
	if c.PostalCode == "" && !domains.HasPostalCode(c.Country) {
		broken.Add(contact.Breaks("postalCode", "required by this registrar, even where the country has none"))
	}
	for _, limit := range []struct {
		field string
		text  *string
		most  int
	}{
		{"organisation", &c.Organization, 255}, {"postalCode", &c.PostalCode, 16},
		{"city", &c.City, 255}, {"state", &c.State, 255}, {"email", &c.Email, 255},
	} {
		// Composed letters count as one character.
		*limit.text = norm.NFC.String(*limit.text)
		if rule := registrars.AtMost(limit.most, *limit.text); rule != "" {
			broken.Add(contact.Breaks(limit.field, rule))
		}
	}
	c.Name = norm.NFC.String(c.Name)
	if rule := registrars.AtMost(255, c.Name); rule != "" {
		broken.Add(contact.Breaks("lastName", "all names together: "+rule))
	}
	for i, line := range c.AddressLine {
		c.AddressLine[i] = norm.NFC.String(line)
		if rule := registrars.AtMost(255, c.AddressLine[i]); rule != "" {
			broken.Add(contact.Breaks("address"+strconv.Itoa(i+1), rule))
		}
	}
	const phoneForm = "a country code of 1 to 3 digits and a number of 1 to 14"
	if len(c.Country) != 2 && c.Country != "" {
		broken.Add(contact.Breaks("country", "a code of two letters"))
	}
	if !d.Phone.IsZero() && d.Phone.CountryCode != "" && !plainPhone.MatchString(c.Voice) {
		broken.Add(contact.Breaks("phone", phoneForm))
	}
	if c.Fax != "" && !plainPhone.MatchString(c.Fax) {
		broken.Add(contact.Breaks("fax", phoneForm))
	}
	return contactValues{contact: c, properties: map[string]string{}}, broken.In(pluginName, name)
}

var plainPhone = regexp.MustCompile(`^\+[0-9]{1,3}\.[0-9]{1,14}$`)

// properties picks the properties that the registry requires from the order's fields.
// A field that it does not ask for is refused, because it would be lost silently.
func properties(name string, contact registrars.Contact, info internal.TLD) (map[string]string, error) {
	given := map[string]string{}
	for field, value := range contact.Extra {
		if value = strings.TrimSpace(value); value != "" {
			given[field] = value
		}
	}
	var broken registrars.Breaches
	for _, property := range info.Metadata.ContactProperties.List {
		value, ok := given[property.Name]
		rule := ""
		switch {
		case !ok && property.Mandatory:
			rule = "required in this top-level domain"
		case ok:
			rule = propertyRule(property, value)
		}
		if rule != "" {
			broken.Add(contact.Breaks(property.Name, rule))
		}
	}
	for _, field := range slices.Sorted(maps.Keys(given)) {
		asked := slices.ContainsFunc(info.Metadata.ContactProperties.List, func(p internal.Property) bool { return p.Name == field })
		if !asked && !info.Metadata.ContactProperties.Partly {
			broken.Add(contact.Breaks(field, "not asked for in this top-level domain"))
		}
	}
	return given, broken.In(pluginName, name)
}

// propertyRule is the rule that a value of a property breaks, or "".
func propertyRule(property internal.Property, value string) string {
	if len(property.Values) > 0 && !hasKey(property.Values, value) {
		return "one of " + strings.Join(slices.Sorted(maps.Keys(property.Values)), ", ")
	}
	switch property.Type {
	case "Integer":
		if _, err := strconv.ParseInt(value, 10, 64); err != nil {
			return "a whole number"
		}
	case "Date":
		if _, err := time.Parse(internal.PropertyDate, value); err != nil {
			return "a date as 2026-01-31"
		}
	}
	return ""
}

func hasKey(values map[string]string, key string) bool {
	_, ok := values[key]
	return ok
}

// handle is derived from the data alone. It is a digest, so it reveals nothing about
// them. The first handle of a contact has no number.
func (v contactValues) handle(customer string, variant int) string {
	// Maps are encoded in the order of their keys.
	encoded, err := json.Marshal([]any{customer, v.contact, v.provider, v.properties})
	if err != nil {
		return "" // texts can always be encoded
	}
	sum := sha256.Sum256(encoded)
	handle := "dp-" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:20]))
	if variant > 0 {
		handle += "-" + strconv.Itoa(variant+1)
	}
	return handle
}

// equal compares the data with those of a contact at the registrar. Properties count
// if both have them. A contact that cannot be read in full is not taken for ours: a second one
// costs nothing, and a wrong holder does.
func (v contactValues) equal(kept internal.KeptContact) bool {
	for member := range kept.Odd {
		if member != "properties" || v.provider != "" {
			return false
		}
	}
	have, want := kept.Contact, v.contact
	if len(have.AddressLine) != len(want.AddressLine) {
		return false
	}
	for i, line := range have.AddressLine {
		if norm.NFC.String(line) != want.AddressLine[i] {
			return false
		}
	}
	for _, text := range []*string{&have.Name, &have.Organization, &have.PostalCode, &have.City, &have.State} {
		*text = norm.NFC.String(*text)
	}
	have.AddressLine, want.AddressLine = nil, nil
	if !reflect.DeepEqual(have, want) {
		return false
	}
	there := kept.Properties[v.provider]
	return v.provider == "" || len(there) == 0 || maps.Equal(there, v.properties)
}

func (v contactValues) lacksProperties(kept internal.KeptContact) bool {
	return v.provider != "" && len(kept.Properties[v.provider]) == 0
}
