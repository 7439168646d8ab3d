package internal

import (
	"encoding/json"
	"regexp"
	"strings"
	"time"
)

// APIError is an error that the API has typed.
type APIError struct {
	Status int
	Type   string
	// Field is the field that the error is about, as the API names it; "" if the API
	// does not say, or if its text could quote what we sent.
	Field string
	// Rule is the broken rule in the API's words; "" in the same cases.
	Rule string
	// Detail is the full text of the error. It may quote personal data.
	Detail string
	// Quote is what must be acknowledged, for TypeAcknowledge.
	Quote *Quote
	// RetryAfter is how long to wait: until the end of a maintenance, or as the header
	// says; zero if there is neither.
	RetryAfter time.Duration
	// EndDate is when a maintenance ends; zero if the API does not say.
	EndDate time.Time
}

// Error contains only the type.
func (e *APIError) Error() string { return e.Type }

// MalformedError says that the reply is unusable: the server has probably acted, but
// it is unknown how.
type MalformedError struct{ Why string }

func (e *MalformedError) Error() string { return "unusable reply: " + e.Why }

// errorDocument is the flat object of an error. Only the type is needed; all members but type
// and message belong to particular types.
type errorDocument struct {
	Type       string          `json:"type"`
	Message    string          `json:"message"`
	Property   string          `json:"property"`
	EndDate    string          `json:"endDate"`
	Violations violations      `json:"violations"`
	Quote      json.RawMessage `json:"quote"`
	Billables  []Billable      `json:"billables"`
	Errors     json.RawMessage `json:"errors"`
}

// violations are the broken rules of an error, without those that cannot be read.
type violations []violation

type violation struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (v *violations) UnmarshalJSON(raw []byte) error {
	*v = nil
	_, _ = items(raw, func(one violation) { *v = append(*v, one) })
	return nil
}

// Unreadable says that the same call would most likely get the same reply.
func (e *MalformedError) Unreadable() bool { return true }

var (
	plainType  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{2,59}$`)
	plainField = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.\[\]]{0,59}$`)
	plainRule  = regexp.MustCompile(`^[A-Za-z0-9 ,.()'-]{1,80}$`)
)

// read returns the document as an *APIError. scrub removes our key from texts, in
// case one quotes it.
func (d errorDocument) read(status int, wait time.Duration, sent string, scrub func(string) string) *APIError {
	e := &APIError{Status: status, Type: d.Type, RetryAfter: wait, Detail: scrub(d.Message)}
	plain := func(form *regexp.Regexp, text string) string {
		if text = scrub(text); !form.MatchString(text) {
			return ""
		}
		return text
	}
	e.Field = plain(plainField, d.Property)
	for i, violation := range d.Violations {
		if field := plain(plainField, violation.Field); i == 0 && field != "" {
			e.Field = field
			if !quotes(violation.Message, sent) {
				e.Rule = plain(plainRule, violation.Message)
			}
		}
		e.Detail += "; " + scrub(violation.Field+": "+violation.Message)
	}
	if len(d.Errors) > 0 && len(d.Errors) < maxErrors {
		e.Detail += "; " + scrub(string(d.Errors))
	}
	if at, err := time.Parse(time.RFC3339, d.EndDate); err == nil {
		e.EndDate = at
	}
	e.Quote = d.quote()
	return e
}

const maxErrors = 4 << 10

// quote takes the list from quote.billables, or else from billables
// (docs/protocols/realtime-register.md, section 19). Only quote has a total: billables alone
// have no price.
func (d errorDocument) quote() *Quote {
	var quote Quote
	_, _ = lenient(d.Quote, &quote) // what cannot be read is not known
	if len(quote.Billables) == 0 {
		quote.Billables = d.Billables
	}
	if len(quote.Billables) == 0 {
		return nil
	}
	return &quote
}

// quotes reports whether a rule contains a word of what was sent. It ignores words
// of up to two letters, which are too common to reveal anything.
func quotes(rule, sent string) bool {
	sent = strings.ToLower(sent)
	for word := range strings.FieldsFuncSeq(strings.ToLower(rule), func(r rune) bool { return strings.ContainsRune(" ,.()'", r) }) {
		if len(word) > 2 && strings.Contains(sent, `"`+word) {
			return true
		}
	}
	return false
}
