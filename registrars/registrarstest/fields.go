package registrarstest

import (
	"encoding/json"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

// fields are the content of a request by the names that errors use, such as "years",
// "nameServers.1", "owner.phone", "owner.extra.taxId" and "settings.dnssec.ds.0.keyTag". A field
// that the kind has and the request lacks is "".
type fields map[string]string

// fieldsOf takes a request apart. It fails for a field of the contract that it does not know, so
// that a new one cannot be overlooked.
func (s Subject) fieldsOf(request registrars.Request, d registrars.Descriptor) (fields, error) {
	found, kind := fields{}, request.Kind
	for _, part := range reflect.VisibleFields(reflect.TypeFor[registrars.Request]()) {
		switch part.Name {
		case "Key", "Submission", "Kind", "Domain", "TLD": // by these the World finds the rest
		case "Ordered", "Claim": // for us
		case "Hosts", "PriceLimit", "AcceptedPrice": // other promises examine them
		case "Years":
			if kind.HasPeriod() {
				found["years"] = strings.TrimPrefix(strconv.Itoa(request.Years), "0")
			}
		case "Expires":
			if kind == registrars.Renewal && d.RenewalGuard == registrars.GuardNative {
				found["expires"] = request.Expires.UTC().Format(time.DateOnly)
			}
		case "NameServers":
			for i, host := range request.NameServers {
				if kind.Delegates() && !bare(kind, d) {
					found[fmt.Sprintf("nameServers.%d", i)] = strings.ToLower(host)
				}
			}
		case "Language":
			if kind == registrars.Registration && !isASCII(request.Domain) {
				found["language"] = request.Language
			}
		case "Contacts":
			if bare(kind, d) {
				continue
			}
			if err := s.addContacts(found, request); err != nil {
				return nil, err
			}
		case "AuthCode", "NewAuthCode", "DomainPassword":
			addSecret(found, part.Name, request, d)
		case "Settings":
			if err := addSetting(found, kind, request.Settings); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("registrarstest: Request.%s is compared by nobody", part.Name)
		}
	}
	return found, nil
}

// addSecret adds a secret of the request, if the kind has it.
func addSecret(found fields, name string, request registrars.Request, d registrars.Descriptor) {
	kind := request.Kind
	switch {
	case name == "AuthCode" && kind == registrars.Transfer:
		found["authCode"] = request.AuthCode.Reveal()
	case name == "NewAuthCode" && d.TakesAuthCodes && kind.SetsAuthCode():
		found["newAuthCode"] = request.NewAuthCode.Reveal()
	case name == "DomainPassword" && d.DomainPassword:
		found["domainPassword"] = request.DomainPassword.Reveal()
	}
}

// bare reports whether a request brings a domain as it is, without contacts and name servers.
func bare(kind registrars.Kind, d registrars.Descriptor) bool {
	return kind == registrars.Transfer && d.BareTransfers
}

func isASCII(name domains.Name) bool { return name.String() == name.Unicode() }

// addContacts adds the contacts that the kind has. Those of the fields that the registrar keeps
// as one text are joined.
func (s Subject) addContacts(found fields, request registrars.Request) error {
	for _, role := range request.Kind.Roles() {
		contact, at := request.Contacts[role], string(role)+"."
		details := reflect.ValueOf(contact.Details.Normalised())
		for _, part := range reflect.VisibleFields(details.Type()) {
			name, _, _ := strings.Cut(part.Tag.Get("json"), ",")
			switch value := details.FieldByIndex(part.Index).Interface().(type) {
			case string:
				found[at+name] = value
			case domains.Phone:
				// How a number is divided does not matter.
				found[at+name], found[at+name+".extension"] = value.E164(), value.Extension
			default:
				return fmt.Errorf("registrarstest: Contact.%s is compared by nobody", part.Name)
			}
		}
		for _, names := range s.Joined {
			texts := make([]string, len(names))
			for i, name := range names {
				texts[i] = found[at+name]
				delete(found, at+name)
			}
			texts = slices.DeleteFunc(texts, func(text string) bool { return text == "" })
			found[at+names[0]] = strings.Join(texts, " ")
		}
		for name, value := range contact.Extra {
			found[at+"extra."+name] = value
		}
		if role == registrars.Owner && len(contact.Extra) == 0 {
			found[at+"extra"] = "" // the additional fields are about the holder
		}
	}
	return nil
}

// addSetting adds the one setting that the kind changes.
func addSetting(found fields, kind registrars.Kind, settings domains.Settings) error {
	field := kind.SettingField()
	if field == "" {
		return nil
	}
	document, err := json.Marshal(settings)
	if err != nil {
		return fmt.Errorf("registrarstest: settings: %w", err)
	}
	var all map[string]any
	if err := json.Unmarshal(document, &all); err != nil {
		return fmt.Errorf("registrarstest: settings: %w", err)
	}
	value, given := all[strings.TrimPrefix(field, "settings.")]
	if !given {
		found[field] = ""
		return nil
	}
	addValue(found, field, value)
	return nil
}

func addValue(found fields, name string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for member, inner := range value {
			addValue(found, name+"."+member, inner)
		}
	case []any:
		for i, inner := range value {
			addValue(found, fmt.Sprintf("%s.%d", name, i), inner)
		}
	default:
		text := fmt.Sprint(value)
		if strings.HasSuffix(name, ".digest") {
			text = strings.ToUpper(text) // hexadecimal
		}
		found[name] = text
	}
}

// left returns the patterns by which a field is not carried; there are none if it is.
func (s Subject) left(field string) []string {
	var patterns []string
	for pattern := range s.NotCarried {
		if matched, err := path.Match(pattern, field); err == nil && matched {
			patterns = append(patterns, pattern)
		}
	}
	return patterns
}
