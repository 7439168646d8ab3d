package internal

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// This file holds every assumption that the package makes about Netim beyond its
// documentation. No public copy of the WSDL is known.

const (
	// namespace of the operation elements. Assumed: some clients use it and some use
	// another, and the server checks neither.
	namespace = "urn:DRS"

	// partName is the name of every argument. PHP's SoapServer, which Netim's resembles, binds
	// by name as soon as the WSDL knows one of the names in a call, and then takes every other
	// argument for NULL; with no name that it knows, it binds by position. The names in the WSDL
	// are not public, and one wrong guess would lose its argument, while the order is documented.
	// Assumed: no part is called Item in the WSDL; a client in use sends all parts so.
	partName = "Item"

	// SessionLanguage is the language of every session. The status words and the texts that are
	// recognized below have been seen in English only; those of a French session are not known.
	SessionLanguage = "EN"

	// ContactFilterField is the second argument of queryContactList for a search
	// by e-mail. Assumed: this is the name of the address in StructContact.
	ContactFilterField = "email"

	// contactListID is the member of StructContactList that holds the id. Assumed: it
	// has the name that it has in StructContactReturn; the other members are not used.
	contactListID = "idContact"

	// ContactCandidates is how many of the contacts found are read and compared, the
	// last ones first. Assumed: the list is in the order of creation, so an orphan of a
	// lost answer stands at its end. A miss costs one more contact.
	ContactCandidates = 5

	// TooManySessionsWait is how long to wait when all sessions of the account are
	// taken. Assumed: a worker or script that ends frees a session soon; an abandoned
	// session ends by itself after 20 minutes.
	TooManySessionsWait = time.Minute

	// sessionIdle is how long a session may be unused before the server ends it, as
	// documented. Assumed: until then it serves every caller that knows its id, also
	// from another host. If it does not, the server answers with E02, and we open
	// another session.
	sessionIdle = 20 * time.Minute

	// DNSCheckWait is how long to wait after the DNS check has failed. Assumed: the
	// zone was just created and is on its way to the name servers.
	DNSCheckWait = 2 * time.Minute

	// RateLimitWait is how long to wait after HTTP 429 without Retry-After. Assumed;
	// no limit of requests per second is known.
	RateLimitWait = time.Minute

	// CodeSessionEnded is the fault of a session that is no longer valid. Its
	// occurrence is documented, its meaning assumed.
	CodeSessionEnded = "E02"
)

// Members of an element of queryHostList. Documented; assumed: name is the whole name of the
// host, and a filter without a wildcard finds the host with exactly that name.
const (
	hostName = "name"
	hostIPv4 = "ipv4"
	hostIPv6 = "ipv6"
)

// soapAction is the header's value. Assumed: the server does not check it.
func soapAction(function string) string { return `"` + function + `"` }

// Suffix returns a registry suffix in the form that domainTldInfo takes. The page
// says "no dot"; assumed to mean no leading dot, so that "com.au" is unchanged.
func Suffix(tld string) string { return strings.TrimPrefix(tld, ".") }

// faultCode finds the code at the start of a faultstring. Assumed: every fault of
// the application begins with it, as the captured ones do.
var faultCode = regexp.MustCompile(`^\s*(E\d{2}(?:-M\d{4})?)`)

// plainCode matches a faultcode that may be shown. Assumed: anything longer or
// stranger is text.
var plainCode = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,40}$`)

// LoginRefused reports whether the fault is E01: bad login or password. The sub-code
// M0101 has been seen; assumed: all of E01 is about the login.
func LoginRefused(code string) bool { return strings.HasPrefix(code, "E01") }

// InvalidValue reports whether the fault is E13. Assumed: all of E13 is about a
// value that we sent.
func InvalidValue(code string) bool { return strings.HasPrefix(code, "E13") }

// NotManaged reports whether a fault says that a domain is not managed by this
// account. E15-M1502 is documented; assumed: a bare E15 means the same.
func NotManaged(code string) bool { return code == "E15-M1502" || code == "E15" }

// SessionEnded reports whether a fault proves that the call was not carried out
// because its session has ended.
func SessionEnded(code string) bool {
	return code == CodeSessionEnded || strings.HasPrefix(code, CodeSessionEnded+"-")
}

// TooManySessions recognizes the fault of a sessionOpen beyond the tenth session.
// Assumed: its text names sessions; the fault itself is not known.
func TooManySessions(text string) bool { return contains(text, "session") }

// LacksFunds recognizes the fault of a paid call without funds. Assumed: its text
// names the balance or the funds; the code is not known.
func LacksFunds(text string) bool { return contains(text, "balance") || contains(text, "funds") }

// DNSCheckFailed recognizes the fault or message of a registration that failed the
// DNS check. Assumed: its text names DNS and a check or precheck; the code is not
// known.
func DNSCheckFailed(text string) bool { return contains(text, "dns") && contains(text, "check") }

// ServerTrouble reports whether a fault comes from the SOAP server and not from
// Netim's own rules: the faultcode "Server" of SOAP 1.1. Assumed: unlike a refusal
// with one of Netim's codes, it may come after the work was done.
func ServerTrouble(code string) bool {
	_, local, prefixed := strings.Cut(code, ":")
	if !prefixed {
		local = code
	}
	return strings.EqualFold(local, "Server") || strings.HasPrefix(strings.ToLower(local), "server.")
}

// status is a domain status in the form that is compared.
func status(text string) string { return strings.Join(strings.Fields(strings.ToUpper(text)), " ") }

// Expired reports whether a domain status says that the domain has expired. Assumed: until it is
// in quarantine, it can still be renewed.
func Expired(text string) bool {
	word := status(text)
	return word == "EXPIRED" || word == "EXPIRED, HOLD, NOT DELEGATED"
}

// Quarantined reports whether a domain status is that of a deleted domain that domainRestore
// brings back. Assumed from its name; RESERVED and HOLD tell nothing of the domain's life.
func Quarantined(text string) bool { return status(text) == "QUARANTINE, NOT DELEGATED" }

var plainStatus = regexp.MustCompile(`^[A-Z]+(, [A-Z]+( [A-Z]+)?){0,2}$`)

// PlainStatus returns a domain status that may be shown, or "" for anything else.
func PlainStatus(text string) string {
	if word := status(text); len(word) <= 60 && plainStatus.MatchString(word) {
		return word
	}
	return ""
}

// Active reports whether a domain status means registered and in order. Assumed: of
// the words seen, only these two mean that. RESERVED is left out because it is not
// known what is reserved, and for whom.
func Active(text string) bool {
	switch status(text) {
	case "ACTIVE, DELEGATED", "ACTIVE, NOT DELEGATED":
		return true
	}
	return false
}

// Gone reports whether a domain status, one of the words seen, says that the domain
// has left the account. Assumed: a domain in quarantine can still be restored and is
// not gone.
func Gone(text string) bool {
	switch status(text) {
	case "DELETED", "TRANSFERRED OUT":
		return true
	}
	return false
}

// Deleted reports whether a domain status is the one after a deletion. Assumed from
// its name.
func Deleted(status string) bool { return strings.EqualFold(strings.TrimSpace(status), "DELETED") }

// NeverCame reports whether a domain status is the one after a failed registration
// or transfer. Assumed from its name: only the word itself has been seen.
func NeverCame(status string) bool { return strings.EqualFold(strings.TrimSpace(status), "ERROR") }

// OtherTransferCodes are the codes of operations that also bring a domain in but
// that we never ask for. Assumed: the registrar may report a transfer as one of
// them, so they must not be overlooked in the list of pending operations.
func OtherTransferCodes() []string { return []string{"domainTransferTrade", "domainInternalTransfer"} }

// Years is the number of years by which a fee of queryDomainPrice is multiplied.
// Assumed: the fees of registration and renewal are for one year, and the other fees
// are total. The registrar refuses a request that is not covered, but a wrong
// guess misjudges the limit of a plan for several years.
func Years(perYear bool, years int) int {
	if perYear && years > 1 {
		return years
	}
	return 1
}

// Premium reads IsPremium of queryDomainPrice. Assumed: 1 says that the fees are those of a
// premium name, and that domainCreate, domainTransferIn and domainRenew charge them.
func Premium(flag string) bool { return flag == "1" }

// The flags and the protocol that domainSetDNSSecExt gets with DS records alone.
// Assumed: DS records are made of key-signing keys (RFC 4034: 257), and the protocol
// of every key is 3.
const (
	DSFlags    = 257
	DSProtocol = 3
)

// ProvesDNSSEC reports whether the member DNSSEC of domainInfo contains every one of
// the digests or keys. Its structure is not known; assumed: if exactly this digest
// or key is in it, the domain has it. Its absence proves nothing.
func ProvesDNSSEC(member *Node, wanted []string) bool {
	texts := member.Texts()
	for i, text := range texts {
		texts[i] = strings.Join(strings.Fields(text), "")
	}
	for _, want := range wanted {
		if !slices.ContainsFunc(texts, func(text string) bool { return strings.EqualFold(text, want) }) {
			return false
		}
	}
	return len(wanted) > 0
}

// NeedsArea reports whether contacts of the country (two letters, upper case)
// need a province code. Documented for Italy, seen for the others.
func NeedsArea(country string) bool {
	switch country {
	case "AU", "BR", "CA", "IE", "IT", "JP", "MX", "GB", "US":
		return true
	}
	return false
}

func contains(text, lower string) bool { return strings.Contains(strings.ToLower(text), lower) }

// Assumptions lists the assumptions above, for docs/registrars.md.
func Assumptions() []string {
	return []string{
		"arguments are bound by their order, as documented, because no part of the WSDL, which is not public, has the name Item under which all are sent",
		"namespace urn:DRS and SOAPAction follow clients in use",
		"an Apache Map, a SOAP-ENC:Struct and a struct of the WSDL mean the same; a list with gaps in its keys is a list",
		"fault E02 means that the session has ended and nothing was done; the call is repeated once in a new session",
		"a fault at sessionOpen whose text names sessions means too many sessions; tried again after a minute",
		"a session serves the next process that knows its id, also from another host; if it does not, another one is opened",
		"a fault whose text names balance or funds means that the account lacks funds",
		"a refusal whose text names DNS and a check is a failed DNS test; tried again after two minutes",
		"a fault without a code of Netim and with the SOAP code Server leaves the outcome unknown",
		"E13 and other faults are permanent; a bare E15 means the same as E15-M1502",
		"HTTP 429 refuses a call; after HTTP 503 the outcome of a paid call is unknown",
		"only ACTIVE, DELEGATED and ACTIVE, NOT DELEGATED are active",
		"queryContactList takes email as its field and lists contacts by idContact, in order of creation",
		"EXPIRED, and EXPIRED, HOLD, NOT DELEGATED can still be renewed, and QUARANTINE, NOT DELEGATED can be restored; no other word but the active ones tells where a domain is in its life",
		"DelaiRestoreAfterDelete has no documented unit either, so how long a domain can be restored is not known; Fee4Restore is the whole price of a restore",
		"a filter * of queryDomainList finds every domain of the account, whatever its status",
		"DELETED and TRANSFERRED OUT have left the account; ERROR is a registration or transfer that failed",
		"domainTransferTrade and domainInternalTransfer among pending operations are transfers",
		"the account may spend BALANCE_AMOUNT down to BALANCE_HARD_LIMIT",
		"the fees of registration and renewal in queryDomainPrice are those of one year",
		"a premium name is ordered like any other, and charged at the fee that queryDomainPrice gives with IsPremium 1",
		"a bare domainSetPreference may be any setting; a digest or key found in DNSSEC of domainInfo is in force",
		"domainSetDNSSecExt with DS records alone takes flags 257 and protocol 3",
		"no additional field is bound to a domain, unless the configuration names it",
		"hostCreate takes an empty list of ipv4 or ipv6; a host can be made once its domain is in the account, and a second one of a name is refused",
		"a filter of queryHostList without a wildcard finds the host of that name; a pending hostCreate has the host's name in data_ope",
		"limits of contact fields count characters",
		"domainTldInfo takes a suffix of two labels as com.au",
		"whether a contact is an owner's never changes; an answer about it is believed for an hour",
		"HasEppCode 0 means that a domain has no auth code to change either",
		"no argument of API 2.0 asks for the trustee or the local contact service (3.0 has options), so no order can, and HasTrusteeService and HasLocalContactService refuse nothing",
		"the renewal window (DelaiRenewBeforeExpiration, DelaiRenewAfterExpiration, dateMinRenew, dateMaxRenew) has no documented unit and meaning and is not compared: Netim refuses a renewal outside of it",
		"a name server that refuses, denies the name or answers without authority does not pass the DNS test of a registry",
	}
}
