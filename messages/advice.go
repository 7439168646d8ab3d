package messages

import "strings"

// advice says what a person does first about each reason, in one sentence. The table in
// docs/operating.md has the same reasons, each with the command and its proof.
var advice = map[Reason]string{ //nolint:gosec // no credential is in it
	ReasonInvalid:          "Ask the customer for the right value and amend the order; a value that another system holds is corrected there, then retry.",
	ReasonUnavailable:      "The name is taken: agree on another one with the customer, and cancel this order.",
	ReasonRejected:         "Ask the customer for what the registrar accepts and amend the order; if it accepts nothing, cancel.",
	ReasonConflict:         "Resolve the conflict in the system that the message names, then retry.",
	ReasonAuth:             "Correct the login or its rights in the configuration and restart the worker, then retry.",
	ReasonBalance:          "Pay into the registrar account, then retry.",
	ReasonPrice:            "Agree on the price with the customer and accept it, or cancel.",
	ReasonNotFound:         "Create or activate what is missing, or correct the plan, then retry.",
	ReasonOutcomeUnknown:   "Look at the registrar whether it has the request, and say what you have found.",
	ReasonDeadlinePassed:   "Ask the registrar how long it takes, and extend the deadline; the order goes on by itself.",
	ReasonPerhapsPaidTwice: "Find out at the registrar whether both operations were paid for, and settle it.",
	ReasonTerminated:       "Resume the order: what was made is found, and nothing is done twice.",
	ReasonDeleted:          "Resume the order: what was made is found, and nothing is done twice.",
	ReasonFailed:           "Resume the order: what was made is found, and nothing is done twice.",
	ReasonTimedOut:         "Resume the order: what was made is found, and nothing is done twice.",
	ReasonEnded:            "Look at the workflow in the Temporal Web UI, then close the order.",
	ReasonPaused:           "Unpause the workflow, or its call, in the Temporal Web UI.",
	ReasonStuck:            "Deploy a worker whose version and keys fit; the Temporal Web UI shows why its tasks fail.",
	ReasonUnserved:         "Run a worker whose configuration has the registrar account, and whose build is current if workers have versions.",
	ReasonForeign:          "Wait until the other order's workflow has ended, or close this order.",
}

// Advice says in one sentence what to do first about a reason; "" if nobody raises it.
func (r Reason) Advice() string {
	switch text := string(r); {
	case advice[r] != "":
		return advice[r]
	case strings.HasPrefix(text, string(Trying(""))):
		return "Correct what the message names, in the system that it names: the order goes on with the first try that succeeds."
	case strings.HasSuffix(text, "-failed"), strings.HasSuffix(text, "-cancelled"):
		return "Put the cause right at the registrar and retry, or cancel if it will not change its mind."
	}
	return ""
}
