package epp

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp/internal/objects"
)

// variants is how many handles one contact may have: the next one is used if somebody has
// changed the contact under the one before.
const variants = 3

// longestHandle is that of the schema.
const longestHandle = 16

// FindContacts implements registrars.ContactKeeper: each contact has a handle that is derived
// from its data. One command tells which of them exist. At a registry without contacts there are
// none, and nothing is asked.
func (e *EPP) FindContacts(ctx context.Context, contacts []registrars.Contact) ([]string, error) {
	const name = "contact:check"
	found := make([]string, len(contacts))
	if len(e.settings.Contacts) == 0 || len(contacts) == 0 {
		return found, nil
	}
	values := make([]objects.Contact, len(contacts))
	asked := make([]string, len(contacts))
	var handles []string // that are asked for
	for i, contact := range contacts {
		var err error
		if values[i], err = e.contactOf(name, contact); err != nil {
			return nil, err
		}
		if asked[i] = e.handle(values[i], 0); !slices.Contains(handles, asked[i]) {
			handles = append(handles, asked[i])
		}
	}
	answer, err := e.ask(ctx, objects.CheckContacts{Handles: handles})
	if err != nil {
		return nil, err
	}
	free := map[string]bool{}
	for _, one := range answer.Available {
		free[strings.ToUpper(one.Name)] = one.Free
	}
	for i := range contacts {
		isFree, told := free[asked[i]]
		if !told {
			return nil, errs.NoAnswer(name, false, &objects.MalformedError{Why: "it does not say whether a handle is free"})
		}
		if isFree {
			continue
		}
		if found[i], err = e.findContact(ctx, values[i]); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// findContact looks through the handles of a contact of which the first is taken.
func (e *EPP) findContact(ctx context.Context, contact objects.Contact) (string, error) {
	for variant := range variants {
		handle := e.handle(contact, variant)
		kept, err := e.readContact(ctx, handle)
		switch {
		case hasCode(err, objects.NotThere):
			return "", nil
		case err != nil && registrars.ClassOf(err) != registrars.ClassNotFound:
			return "", err
		case err == nil && same(contact, kept):
			return handle, nil
		}
	}
	return "", nil
}

// CreateContact implements registrars.ContactKeeper. A repeat finds that the same contact
// already has the handle, and is done. At a registry without contacts there is no handle.
func (e *EPP) CreateContact(ctx context.Context, contact registrars.Contact) (string, error) {
	const name = "contact:create"
	if len(e.settings.Contacts) == 0 {
		return "", nil // the registry has none
	}
	value, err := e.contactOf(name, contact)
	if err != nil {
		return "", err
	}
	for variant := range variants + 1 {
		value.Handle = e.handle(value, variant)
		if variant == variants {
			// The registry keeps other data than it was given, each time. One that is not found again
			// is better than none.
			value.Handle = strings.ToUpper(e.settings.HandlePrefix) + rand.Text()[:longestHandle-len(e.settings.HandlePrefix)]
		}
		command := objects.CreateContact{Contact: value, AuthInfo: e.NewAuthCode()}
		answer, err := e.ask(ctx, command, command.AuthInfo.Reveal())
		if made := answer.Created; err == nil && made != nil && plainHandle.MatchString(made.Name) {
			return made.Name, nil // some registries assign handles
		}
		if hasCode(err, objects.Exists) {
			kept, readErr := e.readContact(ctx, value.Handle)
			if readErr == nil && same(value, kept) {
				return value.Handle, nil
			}
			if readErr != nil && registrars.ClassOf(readErr) != registrars.ClassNotFound {
				return "", readErr
			}
			continue
		}
		if refused, ok := registrars.AsError(err); ok && refused.Class == registrars.ClassInvalid && refused.Field != "" && !strings.Contains(refused.Field, ".") {
			refused.Field = string(contact.Role) + "." + refused.Field
		}
		return value.Handle, err
	}
	return "", &registrars.Error{
		Registrar: pluginName, Call: name, Class: registrars.ClassConflict, Field: string(contact.Role),
		Rule: "contacts of other data stand under its handles",
	}
}

func (e *EPP) readContact(ctx context.Context, handle string) (objects.Contact, error) {
	command := objects.InfoContact{Handle: handle}
	answer, err := e.ask(ctx, command)
	if err != nil {
		return objects.Contact{}, err
	}
	if answer.Contact == nil || !strings.EqualFold(answer.Contact.Handle, handle) {
		return objects.Contact{}, errs.NoAnswer(objects.CallOf(command), false, &objects.MalformedError{Why: "it is not about the contact"})
	}
	return *answer.Contact, nil
}

// handle is derived from the data alone. It is a digest, so it reveals nothing about them.
func (e *EPP) handle(contact objects.Contact, variant int) string {
	contact.Handle = ""
	encoded, err := json.Marshal([]any{e.settings.RegistrarID, contact, variant})
	if err != nil {
		return "" // texts can always be encoded
	}
	sum := sha256.Sum256(encoded)
	prefix := strings.ToUpper(e.settings.HandlePrefix)
	return prefix + base32.StdEncoding.EncodeToString(sum[:])[:longestHandle-len(prefix)]
}

// same compares the data of a contact with those that the registry keeps, in the form that we use.
// Registries may write letters in another case, and disclose what they like: that makes nobody
// another person.
func same(want, kept objects.Contact) bool {
	if kept.Postal != want.Postal && kept.Also != nil {
		kept = *kept.Also
	}
	if kept.Postal != want.Postal || len(kept.Streets) != len(want.Streets) || kept.Phone != want.Phone || kept.Fax != want.Fax {
		return false
	}
	texts := func(c objects.Contact) []string {
		return append([]string{c.Name, c.Organisation, c.City, c.State, c.PostalCode, c.Country, c.Email}, c.Streets...)
	}
	return slices.EqualFunc(texts(want), texts(kept), func(a, b string) bool { return strings.EqualFold(a, norm.NFC.String(b)) })
}

var plainNumber = regexp.MustCompile(`^\+[0-9]{1,3}\.[0-9]{1,14}$`)

// contactOf converts a contact, and checks it against the limits of RFC 5733. Its errors name
// the field and the rule, never the value.
func (e *EPP) contactOf(call string, contact registrars.Contact) (objects.Contact, error) {
	d := contact.Details.Normalised()
	broken := append(contact.Missing(), contact.UntakenExtra()...)
	text := func(field, value string, most int) string {
		value = norm.NFC.String(strings.Join(strings.Fields(value), " "))
		if rule := registrars.AtMost(most, value); rule != "" {
			broken.Add(contact.Breaks(field, rule))
		}
		return value
	}
	const line, code = 255, 16
	made := objects.Contact{
		Name:         text("lastName", strings.Join([]string{d.FirstName, d.MiddleName, d.LastName}, " "), line),
		Organisation: text("organisation", d.Organisation, line), City: text("city", d.City, line), State: text("state", d.State, line),
		PostalCode: text("postalCode", d.PostalCode, code), Country: d.Country, Email: text("email", d.Email, line),
		Phone: number(d.Phone), Fax: number(d.Fax), Hidden: e.settings.Hide,
	}
	for i, street := range []string{d.Address1, d.Address2} {
		if street = text("address"+strconv.Itoa(i+1), street, line); street != "" {
			made.Streets = append(made.Streets, street)
		}
	}
	const numberForm = "a country code of 1 to 3 digits and a number of 1 to 14"
	if made.Phone.Number != "" && !plainNumber.MatchString(made.Phone.Number) {
		broken.Add(contact.Breaks("phone", numberForm))
	}
	if made.Fax.Number != "" && !plainNumber.MatchString(made.Fax.Number) {
		broken.Add(contact.Breaks("fax", numberForm))
	}
	if made.Country != "" && len(made.Country) != 2 {
		broken.Add(contact.Breaks("country", "a code of two letters"))
	}
	switch foreign := foreign(contact, made); e.settings.Postal {
	case objects.PostalInt:
		made.Postal, broken = objects.PostalInt, append(broken, foreign...)
	case postalAuto:
		if made.Postal = objects.PostalInt; len(foreign) > 0 {
			made.Postal = objects.PostalLoc
		}
	default:
		made.Postal = objects.PostalLoc
	}
	return made, broken.In(pluginName, call)
}

// foreign are the fields of an address that have other letters than those of ASCII.
func foreign(contact registrars.Contact, made objects.Contact) registrars.Breaches {
	var broken registrars.Breaches
	values := map[string]string{"lastName": made.Name, "organisation": made.Organisation, "city": made.City, "state": made.State, "postalCode": made.PostalCode}
	for i, street := range made.Streets {
		values["address"+strconv.Itoa(i+1)] = street
	}
	for _, field := range []string{"lastName", "organisation", "address1", "address2", "postalCode", "city", "state"} {
		if strings.ContainsFunc(values[field], func(r rune) bool { return r > '~' }) {
			broken.Add(contact.Breaks(field, "ASCII letters alone at this registry"))
		}
	}
	return broken
}

func number(phone domains.Phone) objects.Phone {
	text := phone.EPP()
	if text == "" {
		return objects.Phone{}
	}
	return objects.Phone{Number: text, Extension: phone.International().Extension}
}

// checkContacts checks the given contacts that have not been created yet.
func (e *EPP) checkContacts(request registrars.Request) error {
	var all []error
	for _, role := range request.Kind.Roles() {
		contact, given := request.Contacts[role]
		if !given || contact.Handle != "" && len(contact.Extra) == 0 || !e.hasRole(role) {
			continue
		}
		contact.Role = role
		if contact.Handle != "" {
			all = append(all, contact.UntakenExtra().In(pluginName, "check"))
			continue
		}
		_, err := e.contactOf("check", contact)
		all = append(all, err)
	}
	return registrars.Join(all...)
}
