package internal

import (
	"strings"
)

// This file holds every assumption that the package makes about Names4Ever beyond
// its manual. Neither DTD is public any more. The elements and attributes of
// types.go are the derived grammar: partly documented, partly seen in one client.

// DefaultContentType is the Content-Type of a request. Assumed: the client in use
// sends its library's default, and the type required is not known.
const DefaultContentType = "text/xml"

// Voice formats a telephone number. The form for country code 1 has been seen, with
// ten digits; assumed: others look similar, without fixed grouping, and there is no
// place for an extension. "" means that the number does not fit the form.
func Voice(country, area, number string) string {
	if country == "1" {
		digits := area + number
		if len(digits) != 10 {
			return ""
		}
		return "+1 (" + digits[:3] + ") " + digits[3:6] + "-" + digits[6:]
	}
	if area == "" {
		return "+" + country + " " + number
	}
	return "+" + country + " (" + area + ") " + number
}

// Organization returns the registrant's organisation. Assumed: a person without a
// company is sent by name, because the element is required.
func Organization(company, person string) string {
	if company != "" {
		return company
	}
	return person
}

// Street joins both lines of an address. Assumed: there is one street element.
func Street(first, second string) string {
	if second == "" {
		return first
	}
	return first + ", " + second
}

// FirstName joins first and middle name. Assumed: there is no element for the middle
// name.
func FirstName(first, middle string) string {
	return strings.TrimSpace(first + " " + middle)
}

// Hidden reports whether a name in RDAP hides the holder. Assumed: such texts
// contain one of these words, and no customer's company name does.
func Hidden(name string) bool {
	for _, word := range []string{"redacted", "privacy", "not disclosed", "withheld", "data protected"} {
		if strings.Contains(strings.ToLower(name), word) {
			return true
		}
	}
	return false
}

// Leaving reports whether a status in RDAP is that of a name that is being deleted.
// Assumed: the registry of a name deleted here uses the words of RFC 8056, or EPP's
// own.
func Leaving(word string) bool {
	switch compact(word) {
	case "pendingdelete", "redemptionperiod":
		return true
	}
	return false
}

// Coming reports whether a status in RDAP is that of a name that is not registered
// yet; see Leaving.
func Coming(word string) bool { return compact(word) == "pendingcreate" }

// Phase is where the statuses in RDAP say that a name is in its life.
type Phase int

// The phases, the later ones outweighing the others: a name in redemption is also pending
// deletion. PhaseUnknown is that of a status that is not known, and of one that does not tell.
const (
	PhaseUnknown Phase = iota
	PhaseActive
	PhaseGrace
	PhasePendingDelete
	PhaseRedemption
)

// PhaseOf returns the phase that the statuses of a name tell. Assumed: the registry uses the words
// of RFC 8056, or EPP's own (RFC 5731, RFC 3915); any other word tells nothing, and then nothing
// is concluded from the rest.
func PhaseOf(statuses []string) Phase {
	phase := PhaseUnknown
	if len(statuses) > 0 {
		phase = PhaseActive
	}
	for _, word := range statuses {
		switch compact(word) {
		case "active", "ok", "inactive", "locked", "addperiod", "renewperiod", "transferperiod",
			"clientdeleteprohibited", "clienthold", "clientrenewprohibited", "clienttransferprohibited", "clientupdateprohibited",
			"serverdeleteprohibited", "serverhold", "serverrenewprohibited", "servertransferprohibited", "serverupdateprohibited",
			"deleteprohibited", "renewprohibited", "transferprohibited", "updateprohibited":
		case "autorenewperiod":
			phase = max(phase, PhaseGrace)
		case "pendingdelete":
			phase = max(phase, PhasePendingDelete)
		case "redemptionperiod":
			phase = PhaseRedemption
		default:
			return PhaseUnknown
		}
	}
	return phase
}

func compact(word string) string {
	return strings.NewReplacer(" ", "", "-", "", "_", "").Replace(strings.ToLower(word))
}

// Assumptions lists the assumptions above, and those of the grammar and of the
// parser of replies, for docs/registrars.md.
func Assumptions() []string {
	return []string{
		"the derived grammar stands for the DTDs, which are not public; modify-domain and delete-domain have never been seen",
		"the content type is text/xml (configurable)",
		"answers are final: no pending state is described",
		"only the integer 0 is success; any other code is permanent unless the configuration says otherwise",
		"a domain node is matched by its fqdn without case; without it, or if the two levels of status contradict each other, the outcome is unknown",
		"an HTTP status other than 200, unreadable XML and a wrong requestid leave the outcome unknown",
		"a contact type must not be given twice; a modify-domain must change something",
		"the shortest registration period is one year",
		"a person without a company is sent as the organization by name",
		"every part of a contact but organization, fax and state must be filled; an empty state is sent as an empty element",
		"first-name holds the middle name too, street both lines of the address",
		"numbers outside country code 1 are written +CC (area) number; an extension is not sent",
		"modify-domain sets values and may be repeated",
		"RDAP texts that contain words like redacted or privacy hide the holder and are not treated as another holder",
		"where RDAP has the words of RFC 8056 alone, they tell where a name is in its life: redemption period (also beside pending delete), pending delete, auto renew period, or none of these",
		"a name whose RDAP status is pending delete or redemption period has been deleted",
	}
}
