package internal

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// This file holds every assumption that the package makes about Realtime Register
// beyond its documentation (docs/protocols/realtime-register.md, section 20).

const (
	// WriteTimeout is the time-out of an exchange that changes something. Assumed: the
	// vendor's clients set none.
	WriteTimeout = time.Minute
	// ReadTimeout is the time-out of an exchange that reads. Assumed likewise.
	ReadTimeout = 30 * time.Second

	// RequestsPerSecond is the rate of requests for one key. Assumed: no number is
	// published.
	RequestsPerSecond = 5

	// RateLimitWait is how long to wait after 429 without Retry-After. Assumed.
	RateLimitWait = 10 * time.Second

	// LoginLimitWait is how long to wait after too many failed logins. Assumed.
	LoginLimitWait = 15 * time.Minute

	// LongestMaintenance limits how long we wait for the end of a maintenance. Assumed: a
	// later end is a mistake.
	LongestMaintenance = 24 * time.Hour

	// ShortestPoll is the shortest interval of the watch. Assumed: no minimum is
	// published; the vendor's reference polls more often.
	ShortestPoll = time.Minute

	// BusyWait is how long to wait while another change of the domain is in progress.
	// Assumed.
	BusyWait = time.Minute

	// PageSize is the page size of a list. 1000 is the largest in the vendor's reference.
	PageSize = 1000
	// RecentProcesses is how many processes of a domain are read. Assumed: ours is among
	// the newest.
	RecentProcesses = 100

	// TLDLifetime is how long TLD data are believed. Assumed.
	TLDLifetime = 24 * time.Hour

	// PricesLifetime is how long the price list is believed. Assumed: it only judges an
	// order that arrives; what is paid is quoted just before.
	PricesLifetime = 10 * time.Minute

	// TemplatePrefix is put before the number of a zone template to form its handle,
	// because handles have at least three characters. Assumed: the account names its
	// templates so; the prefix is a setting of the plug-in.
	TemplatePrefix = "template-"

	// PropertyDate is the form of a property of type Date. Assumed.
	PropertyDate = time.DateOnly
)

// Finished says what the HTTP status of a change means: done if done is set, otherwise
// pending. ok is false for any other status. Assumed: updates answer 200 or 202,
// deletions 200, 202 or 204; 200, 201 and 204 are done. 203 and others are never
// success.
func Finished(status int) (done, ok bool) {
	switch status {
	case http.StatusOK, http.StatusCreated, http.StatusNoContent:
		return true, true
	case http.StatusAccepted:
		return false, true
	}
	return false, false
}

// Product is the product of a top-level domain in the price list and in quotes. Observed in
// the vendor's clients, for suffixes of one label; assumed for others.
func Product(suffix string) string { return "domain_" + suffix }

// PremiumProduct reports whether a charge is that of a premium name. Observed in the
// vendor's billing module for registrations; assumed for transfers and renewals.
func PremiumProduct(product string) bool { return strings.HasSuffix(product, "_premium") }

// TotalOf is what a request for some years costs. Assumed: the prices of a registration and a
// renewal are those of one year, in the price list as for a premium name, and a transfer
// and a change of holder have one price.
func TotalOf(price int64, perYear bool, years int) int64 {
	if perYear && years > 1 {
		return price * int64(years)
	}
	return price
}

// Words of a process's status. The names are documented, and so is that IN_DOUBT is "in
// unresolved error state"; the meanings of VALIDATED, SCHEDULED and INVALID are assumed.
const (
	processCompleted = "COMPLETED"
	processFailed    = "FAILED"
	processInvalid   = "INVALID"
	processCancelled = "CANCELLED"
)

// Fate is what became of a process.
type Fate int

// The fates. FateOpen is that of IN_DOUBT, which is neither success nor failure, and of every
// unknown word.
const (
	FateOpen Fate = iota
	FatePending
	FateDone
	FateFailed
	FateCancelled
)

// FateOf returns the fate that the status of a process means.
func FateOf(word string) Fate {
	switch word {
	case "NEW", "VALIDATED", "SCHEDULED", "RUNNING", "SUSPENDED":
		return FatePending
	case processCompleted:
		return FateDone
	case processFailed, processInvalid:
		return FateFailed
	case processCancelled:
		return FateCancelled
	}
	return FateOpen
}

// FinalStatuses are those that a list of open processes excludes, so that the list
// includes unknown words.
func FinalStatuses() string {
	return strings.Join([]string{processCompleted, processFailed, processInvalid, processCancelled}, ",")
}

// FateOfTransfer returns the fate that the status in the result of a transfer means.
// Assumed: the words are compared without case; an unknown word is still in progress.
func FateOfTransfer(word string) Fate {
	switch strings.ToLower(word) {
	case "completed":
		return FateDone
	case "rejected", "failed":
		return FateFailed
	case "cancelled":
		return FateCancelled
	case "pendingwhois", "pendingfoa", "pendingvalidation", "pending", "approved":
		return FatePending
	}
	return FateOpen
}

// Words of a process's type and action. create and update are documented, incomingTransfer and
// the types domain and host have been seen; assumed: renew, delete and restore have these names.
const (
	TypeDomain     = "domain"
	TypeHost       = "host"
	ActionCreate   = "create"
	ActionRenew    = "renew"
	ActionDelete   = "delete"
	ActionRestore  = "restore"
	ActionUpdate   = "update"
	ActionIncoming = "incomingTransfer"
	ActionInternal = "incomingInternalTransfer"
)

// Leaves reports whether the domain is no longer here after the action is completed.
func Leaves(action string) bool {
	switch action {
	case ActionDelete, "outgoingTransfer", "outgoingInternalTransfer":
		return true
	}
	return false
}

// UpdateOf returns the member of an update's command that says what it changes; "" for
// none or several. Assumed: command has the members of the request.
func UpdateOf(command map[string]json.RawMessage) string {
	found := ""
	for _, member := range []string{"registrant", "contacts", "ns", "zone", "status", "authcode", "autoRenew", "privacyProtect", "keyData", "dsData"} {
		value, there := command[member]
		if !there || string(value) == "null" {
			continue
		}
		if found != "" {
			return ""
		}
		found = member
	}
	return found
}

// ZoneUpdateOf says whether a zone gets another template or is signed; "" for neither
// or both.
func ZoneUpdateOf(zone json.RawMessage) string {
	var members map[string]json.RawMessage
	if json.Unmarshal(zone, &members) != nil {
		return ""
	}
	_, template := members["template"]
	_, signed := members["dnssec"]
	switch {
	case template && !signed:
		return "template"
	case signed && !template:
		return "dnssec"
	}
	return ""
}

// Statuses of a domain, by their meaning. The names are documented; our conclusions
// are assumed.
const (
	StatusLock       = "CLIENT_TRANSFER_PROHIBITED"
	statusValidation = "PENDING_VALIDATION"
)

// registered are the statuses of a domain that is in order, or that only waits for
// some other change.
var registered = map[string]bool{
	"OK": true, "INACTIVE": true, "PENDING_RENEW": true, "PENDING_UPDATE": true,
	"ADD_PERIOD": true, "RENEW_PERIOD": true, "AUTO_RENEW_PERIOD": true, "TRANSFER_PERIOD": true,
	"PRIVACY_PROTECT_PROHIBITED": true, "IRTPC_TRANSFER_PROHIBITED": true,
}

// leaving are the statuses of a domain that was deleted or has expired.
var leaving = map[string]bool{
	"PENDING_DELETE": true, "DELETE_REQUESTED": true, "REDEMPTION_PERIOD": true, "EXPIRED": true,
}

func isLock(status string) bool {
	for _, who := range []string{"CLIENT_", "REGISTRAR_", "SERVER_"} {
		if rest, ok := strings.CutPrefix(status, who); ok {
			switch rest {
			case "HOLD", "DELETE_PROHIBITED", "UPDATE_PROHIBITED", "RENEW_PROHIBITED", "TRANSFER_PROHIBITED":
				return true
			}
		}
	}
	return false
}

// Active reports whether a domain is registered and not leaving. An unknown status is
// not active.
func Active(statuses []string) bool {
	for _, status := range statuses {
		if !registered[status] && !isLock(status) {
			return false
		}
	}
	return len(statuses) > 0
}

// Arrived reports whether a registration or transfer has brought the domain here: it
// is in order, or waits for the validation of its holder.
func Arrived(statuses []string) bool {
	var others []string
	for _, status := range statuses {
		if status != statusValidation {
			others = append(others, status)
		}
	}
	return Active(others) || len(others) == 0 && len(statuses) > 0
}

// Deleted reports whether the deletion of a domain was carried out or is scheduled. A
// domain that has merely expired does not count.
func Deleted(statuses []string) bool {
	for _, status := range statuses {
		if leaving[status] && status != "EXPIRED" {
			return true
		}
	}
	return false
}

// Leaving reports whether a domain is leaving, so that its data no longer prove
// anything.
func Leaving(statuses []string) bool {
	for _, status := range statuses {
		if leaving[status] {
			return true
		}
	}
	return false
}

// Busy reports whether a change of the domain is in progress.
func Busy(statuses []string) bool {
	for _, status := range statuses {
		if strings.HasPrefix(status, "PENDING_") && !leaving[status] && status != statusValidation {
			return true
		}
	}
	return false
}

// Forbidding returns the statuses that forbid something, in the registrar's words. It
// omits anything but plain words.
func Forbidding(statuses []string) string {
	var words []string
	for _, status := range statuses {
		if isLock(status) || leaving[status] || status == statusValidation || strings.HasSuffix(status, "_PROHIBITED") {
			words = append(words, status)
		}
	}
	return strings.Join(words, ", ")
}

// Spendable is what an account may spend, in cents. Assumed: the balance includes the
// amounts reserved for running processes, and a debt is allowed only as far as the
// plug-in's setting says. The member locked, in cents too, is credited once it is approved:
// it is not part of the balance yet.
func Spendable(a Account, creditLimit int64) int64 {
	return *a.Balance - a.Reservation + creditLimit
}

// Assumptions lists the assumptions above, for docs/registrars.md.
func Assumptions() []string {
	return []string{
		"200, 201 and 204 mean that a change is done, 202 that it is in progress; any other status means neither",
		"the header X-Process-Id has the number of the process; if it is missing, the member processId of the body counts",
		"NEW, VALIDATED, SCHEDULED, RUNNING and SUSPENDED are pending, INVALID is failed, CANCELLED cancelled",
		"unknown words are, like IN_DOUBT, neither success nor failure; the process is still watched",
		"a process of a renewal, deletion or restore has the action renew, delete or restore, and the command of a process the members of the request",
		"a process's error has message; a member of another type than documented is as if it were not there",
		"an unknown type of error is a permanent refusal with a 4xx status, and leaves the outcome unknown with 5xx",
		"InternalSRSError and ProviderConnectionError leave the outcome of a change unknown; ProviderUnavailable refuses it for now",
		"after ProcessError and ObjectExists the registrar is asked whether anything exists before the request is treated as refused",
		"the balance of an account includes reserved amounts, and not those that are locked until they are approved; no debt is allowed, unless the configuration says so",
		"a product is domain_ and the top-level domain, with _premium for a premium name; prices of registration and renewal, also the one in the answer to a check, are those of one year",
		"the price list is kept for ten minutes; it and the check judge only an order that arrives, and the quote what is paid",
		"acknowledging the quoted charges of a premium name buys it at the quoted price",
		"the contacts of an update replace all; an empty list of keys takes them away",
		"properties are required of the holder only, and their dates have the form YYYY-MM-DD",
		"a zone template has the handle template-N, N being the number in the order, unless the configuration says otherwise",
		"a domain in PENDING_VALIDATION is registered, and one in PENDING_DELETE, DELETE_REQUESTED or REDEMPTION_PERIOD deleted",
		"the lock is CLIENT_TRANSFER_PROHIBITED",
		"a host can be made once its domain is in the account; a second one of a name is refused; its process has the type host and the host's name",
		"the lengths in domainSyntax are those of the label; which form of an internationalised name counts is not known, so only what breaks them in both forms is refused",
		"where domainSyntax lists language codes, a registration of an internationalised name must give one of them; allowedCharacters are not compared, because their form is not known",
		"notifications may come twice, and both by webhook and by queue; their id is the same",
		"Signature is Base64 of the digest, of its hex text, or of a blank and its hex text: all are accepted",
		"the periods of the TLD data are in days below 1000, and otherwise in seconds, of which whole days count; an addGracePeriod of more than 60 days, and any other of more than a year, is not believed",
		"autoRenewGracePeriod is for how long after its expiry a domain can still be renewed; renewGracePeriod, which follows a renewal, is not used",
		"REDEMPTION_PERIOD means that a domain can be restored, also beside PENDING_DELETE; PENDING_DELETE without it, that nothing brings it back; EXPIRED and AUTO_RENEW_PERIOD, that it can still be renewed",
		"the order of domainName and its filter gt are those of one another, so that a list that goes on after a name leaves out no other",
		"5 requests per second and process, 60 s for changes, 30 s for reads; TLD data are kept for a day",
	}
}
