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
	// WriteTimeout of an exchange that changes something. Assumed: the vendor's clients
	// set none.
	WriteTimeout = time.Minute
	// ReadTimeout of one that reads. Assumed likewise.
	ReadTimeout = 30 * time.Second

	// RequestsPerSecond of one key. Assumed: no number is published.
	RequestsPerSecond = 5

	// RateLimitWait is how long to wait after 429 without Retry-After. Assumed.
	RateLimitWait = 10 * time.Second

	// LoginLimitWait is how long to wait after too many failed logins. Assumed.
	LoginLimitWait = 15 * time.Minute

	// LongestMaintenance bounds the end of a maintenance that is waited for. Assumed:
	// a later one is a mistake.
	LongestMaintenance = 24 * time.Hour

	// ShortestPoll is the smallest interval of the watch. Assumed: no floor is
	// published; the vendor's reference polls more often.
	ShortestPoll = time.Minute

	// BusyWait is how long to wait while another change of the domain is under way.
	// Assumed.
	BusyWait = time.Minute

	// PageSize of a list. 1000 is the largest in the vendor's reference.
	PageSize = 1000
	// RecentProcesses is how many processes of a domain are looked at. Assumed: ours
	// is among the newest.
	RecentProcesses = 100

	// TLDLifetime is how long TLD data are believed. Assumed.
	TLDLifetime = 24 * time.Hour

	// TemplatePrefix makes the handle of a zone template of its number: handles have
	// letters and at least three characters. Assumed: the account names its templates
	// so; it is a setting of the plug-in.
	TemplatePrefix = "template-"

	// PropertyDate is the form of a property of type Date. Assumed.
	PropertyDate = time.DateOnly
)

// Finished says what the status of a change means: done, and otherwise pending. ok is
// false for any other one. Assumed: updates answer 200 or 202, deletions 200, 202 or
// 204; 200, 201 and 204 are done. 203 and others are never success.
func Finished(status int) (done, ok bool) {
	switch status {
	case http.StatusOK, http.StatusCreated, http.StatusNoContent:
		return true, true
	case http.StatusAccepted:
		return false, true
	}
	return false, false
}

// Words of a process's status. The names are documented, the meanings of VALIDATED,
// SCHEDULED, INVALID and IN_DOUBT assumed.
const (
	processCompleted = "COMPLETED"
	processFailed    = "FAILED"
	processInvalid   = "INVALID"
	processCancelled = "CANCELLED"
)

// Fate is what became of a process.
type Fate int

// The fates. FateOpen is that of IN_DOUBT and of every word that is not known.
const (
	FateOpen Fate = iota
	FatePending
	FateDone
	FateFailed
	FateCancelled
)

// FateOf reads the status of a process.
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

// FinalStatuses are those that a list of open processes leaves out, so that it holds
// words that nobody knows.
func FinalStatuses() string {
	return strings.Join([]string{processCompleted, processFailed, processInvalid, processCancelled}, ",")
}

// FateOfTransfer reads the status in the result of a transfer. Assumed: the words are
// compared without case; one that is not known is still under way.
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

// Words of a process's type and action. incomingTransfer, update and type domain have
// been seen; assumed: create, renew and delete are called so.
const (
	TypeDomain     = "domain"
	ActionCreate   = "create"
	ActionRenew    = "renew"
	ActionDelete   = "delete"
	ActionUpdate   = "update"
	ActionIncoming = "incomingTransfer"
	ActionInternal = "incomingInternalTransfer"
)

// Leaves reports an action after whose completion the domain is not here any more.
func Leaves(action string) bool {
	switch action {
	case ActionDelete, "outgoingTransfer", "outgoingInternalTransfer":
		return true
	}
	return false
}

// UpdateOf finds the member of an update's command that says what it changes; "" for
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

// ZoneUpdateOf tells whether a zone is changed to another template or signed; ""
// for neither or both.
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

// Statuses of a domain, by what they say. The names are documented, what follows from
// them assumed.
const (
	StatusLock       = "CLIENT_TRANSFER_PROHIBITED"
	statusValidation = "PENDING_VALIDATION"
)

// registered are the statuses of a domain that is in order, or only waits for a change
// of something else.
var registered = map[string]bool{
	"OK": true, "INACTIVE": true, "PENDING_RENEW": true, "PENDING_UPDATE": true,
	"ADD_PERIOD": true, "RENEW_PERIOD": true, "AUTO_RENEW_PERIOD": true, "TRANSFER_PERIOD": true,
	"PRIVACY_PROTECT_PROHIBITED": true, "IRTPC_TRANSFER_PROHIBITED": true,
}

// leaving are the statuses of a domain that has been deleted, or has run out.
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

// Active reports a domain that is registered and not on its way out. A status that is
// not known is not active.
func Active(statuses []string) bool {
	for _, status := range statuses {
		if !registered[status] && !isLock(status) {
			return false
		}
	}
	return len(statuses) > 0
}

// Arrived reports a domain that a registration or transfer has brought here: in order,
// or waiting for the validation of its holder.
func Arrived(statuses []string) bool {
	var others []string
	for _, status := range statuses {
		if status != statusValidation {
			others = append(others, status)
		}
	}
	return Active(others) || len(others) == 0 && len(statuses) > 0
}

// Deleted reports a domain that a deletion has been carried out or is noted for. A
// domain that has only run out does not count.
func Deleted(statuses []string) bool {
	for _, status := range statuses {
		if leaving[status] && status != "EXPIRED" {
			return true
		}
	}
	return false
}

// Leaving reports a domain whose contents say nothing any more.
func Leaving(statuses []string) bool {
	for _, status := range statuses {
		if leaving[status] {
			return true
		}
	}
	return false
}

// Busy reports a domain on which a change is under way.
func Busy(statuses []string) bool {
	for _, status := range statuses {
		if strings.HasPrefix(status, "PENDING_") && !leaving[status] && status != statusValidation {
			return true
		}
	}
	return false
}

// Forbidding are the statuses that forbid something, in the registrar's words. Only
// plain words are told.
func Forbidding(statuses []string) string {
	var words []string
	for _, status := range statuses {
		if isLock(status) || leaving[status] || status == statusValidation || strings.HasSuffix(status, "_PROHIBITED") {
			words = append(words, status)
		}
	}
	return strings.Join(words, ", ")
}

// Spendable is what an account may spend, in cents. Assumed: the balance holds what is
// reserved for running processes, and a debt is allowed only as far as the plug-in's
// setting says.
func Spendable(a Account, creditLimit int64) int64 {
	return *a.Balance - a.Reservation + creditLimit
}

// Assumptions lists the above for people.
func Assumptions() []string {
	return []string{
		"200, 201 and 204 answer a change that is done, 202 one that goes on; any other status is neither",
		"the header X-Process-Id bears the process; a member processId of the body counts where the header is missing",
		"NEW, VALIDATED, SCHEDULED, RUNNING and SUSPENDED are pending, INVALID is failed, CANCELLED cancelled",
		"IN_DOUBT and words that are not known are neither success nor failure; the process is watched on",
		"a process of a registration, renewal or deletion has the action create, renew or delete, and its command the members of the request",
		"a process's error has type and message",
		"a type of error that is not known refuses for good with a status of 4xx, and leaves the outcome unknown with 5xx",
		"InternalSRSError and ProviderConnectionError leave the outcome of a change unknown; ProviderUnavailable refuses it for now",
		"after ProcessError and ObjectExists the registrar is asked what there is before the request counts as refused",
		"the balance of an account holds what is reserved; no debt is allowed, unless the configuration says so",
		"the contacts of an update replace all; an empty list of keys takes them away",
		"properties are asked of the holder only, and their dates have the form YYYY-MM-DD",
		"a zone template has the handle template-N, N being the number in the order, unless the configuration says otherwise",
		"a domain in PENDING_VALIDATION is registered, and one in PENDING_DELETE, DELETE_REQUESTED or REDEMPTION_PERIOD deleted",
		"the lock is CLIENT_TRANSFER_PROHIBITED",
		"notifications may come twice, and both by webhook and by queue; their id is the same",
		"Signature is Base64 of the digest, of its hex text, or of a blank and its hex text: all are accepted",
		"5 requests a second of a process, 60 s for changes, 30 s for reads; TLD data are kept for a day",
	}
}
