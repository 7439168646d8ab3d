package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/intake"
	"domainprovisioning/orders"
	"domainprovisioning/store"
)

// Problem is an error answer (RFC 9457, application/problem+json). It holds no secrets
// and no personal data.
type Problem struct { //nolint:errname // the name of RFC 9457
	Type   string `json:"type" jsonschema:"description=Which kind of problem it is; stable,example=urn:domainprovisioning:problem:order-refused"`
	Title  string `json:"title" jsonschema:"description=The kind in words"`
	Status int    `json:"status" jsonschema:"description=HTTP status"`
	Detail string `json:"detail,omitempty" jsonschema:"description=What is wrong this time"`
	// Instance identifies this occurrence: the id of the request, as in the access log.
	Instance string `json:"instance,omitempty" jsonschema:"description=The request's id\\, as in the header X-Request-Id and in the access log"`
	// Trace is the trace of the request, in which the trouble is shown where it arose.
	Trace  string       `json:"trace,omitempty" jsonschema:"description=Id of the request's trace (W3C Trace Context)\\, as in the access log; absent if nothing is traced"`
	Errors []FieldError `json:"errors,omitempty" jsonschema:"description=Everything that is wrong with the request"`
	// Batch is what was found about a batch that is refused.
	Batch *BatchFound `json:"batch,omitempty" jsonschema:"description=What was found about a batch that is refused; absent otherwise"`
	// Command and Until are set if a command was given that nobody has answered.
	Command string     `json:"command,omitempty" jsonschema:"description=Id of a command that nobody has answered yet; GET /v1/orders/{id}/commands asks what has become of it"`
	Until   *time.Time `json:"until,omitempty" jsonschema:"description=Until when that command may still be carried out"`

	retryAfter time.Duration
	challenge  string
	cause      error
}

// FieldError is one error in a request.
type FieldError struct {
	// Pointer is a JSON pointer (RFC 6901) into the request's body; "" is the whole body.
	Pointer   string `json:"pointer" jsonschema:"description=JSON pointer (RFC 6901) into the body of the request; empty for the whole"`
	Parameter string `json:"parameter,omitempty" jsonschema:"description=Name of the query parameter or header\\, where it is not in the body"`
	Detail    string `json:"detail"`
	// Line is that of a batch.
	Line   int    `json:"line,omitempty" jsonschema:"description=Number of the line\\, from 1\\, where the body is a batch; the pointer then points into its order"`
	Domain string `json:"domain,omitempty" jsonschema:"description=Domain of that line\\, if it could be read"`
}

// BatchFound is what was found about a batch besides its faults, as desk.BatchReport has it.
type BatchFound struct {
	Lines    int      `json:"lines" jsonschema:"description=How many orders were sent"`
	Costs    []string `json:"costs" jsonschema:"description=What the good lines may cost at the registrars in total\\, for each currency,example=1200.00 EUR"`
	Unpriced []int    `json:"unpriced,omitempty" jsonschema:"description=Good lines of which nobody can tell the price; they are among the errors too"`
}

// Error lists everything that is wrong, one reason per line.
func (p *Problem) Error() string {
	switch len(p.Errors) {
	case 0:
		return strings.TrimSuffix(p.Title+": "+p.Detail, ": ")
	case 1:
		return p.Title + ": " + p.Errors[0].Detail
	}
	lines := make([]string, len(p.Errors))
	for i, fault := range p.Errors {
		lines[i] = fault.Detail
	}
	return fmt.Sprintf("%s for %d reasons:\n  %s", p.Title, len(lines), strings.Join(lines, "\n  "))
}

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.cause }

const problemPrefix = "urn:domainprovisioning:problem:"

// problemTypes lists the types of problems.
func problemTypes() []string {
	kinds := []string{
		"amendment-refused", "bad-parameter", "batch-refused", "broken-off", "command-unanswered", "customer-known", "domain-open", "given-up", "idempotency-key-reused", "internal",
		"key-refused", "malformed", "media-type", "method", "no-key", "no-such-account", "no-such-batch", "no-such-domain", "no-such-hook", "no-such-order", "no-such-path", "not-allowed", "not-found",
		"number-taken", "order-erased", "order-refused", "registrar-away", "scope-missing", "several-orders", "several-units", "signature", "stale", "store-away", "temporal-away", "too-fast",
		"too-large", "too-many-streams", "too-slow", "under-way",
	}
	for n := range kinds {
		kinds[n] = problemPrefix + kinds[n]
	}
	return kinds
}

func newProblem(status int, kind, title, detail string) *Problem {
	return &Problem{Type: problemPrefix + kind, Title: title, Status: status, Detail: detail}
}

// refusedBody is the answer to a body that breaks a rule. The detail repeats the field,
// as for orders, because people often see only the detail.
func refusedBody(pointer, rule string) *Problem {
	p := newProblem(http.StatusBadRequest, "malformed", "The request cannot be read", "see errors")
	p.Errors = []FieldError{{Pointer: pointer, Detail: strings.TrimPrefix(strings.TrimPrefix(pointer, "/")+" "+rule, " ")}}
	return p
}

// refusedParameter is the answer to a query parameter or header that breaks a rule.
func refusedParameter(name, rule string) *Problem {
	p := newProblem(http.StatusBadRequest, "bad-parameter", "A parameter breaks its rule", name+" "+rule)
	p.Errors = []FieldError{{Parameter: name, Detail: p.Detail}}
	return p
}

func unavailable(kind, detail string, cause error) *Problem {
	p := newProblem(http.StatusServiceUnavailable, kind, "Try again later", detail)
	p.retryAfter, p.cause = 5*time.Second, cause
	return p
}

// problemOf returns the answer to an error.
func problemOf(err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	if refusal, ok := errors.AsType[*intake.Refusal](err); ok {
		return problemOfRefusal(refusal)
	}
	if erased, ok := errors.AsType[*store.ErasedError](err); ok {
		return newProblem(http.StatusGone, "order-erased", "The order was erased", strings.TrimPrefix(erased.Error(), "store: "))
	}
	if reused, ok := errors.AsType[*store.IdempotencyError](err); ok {
		return newProblem(http.StatusUnprocessableEntity, "idempotency-key-reused", "The Idempotency-Key was used with another body", reused.Error())
	}
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return newProblem(http.StatusRequestEntityTooLarge, "too-large", "The body is too large",
			"at most "+strconv.FormatInt(tooLarge.Limit, 10)+" bytes")
	}
	if filter, ok := errors.AsType[*desk.FilterError](err); ok {
		return refusedParameter(filter.Field, filter.Rule)
	}
	if field, ok := errors.AsType[*desk.FieldError](err); ok {
		return refusedBody("/"+field.Field, field.Rule)
	}
	if refused, ok := errors.AsType[*desk.NotAllowedError](err); ok {
		return newProblem(http.StatusConflict, "not-allowed", "Not allowed now", refused.Reason)
	}
	if unanswered, ok := errors.AsType[*desk.UnansweredError](err); ok {
		p := unavailable("command-unanswered", strings.TrimPrefix(unanswered.Error(), "not known yet: "), err)
		p.Title, p.Command, p.Until = "Not known yet", unanswered.Command, &unanswered.Until
		return p
	}
	if several, ok := errors.AsType[*desk.SeveralOrdersError](err); ok {
		return newProblem(http.StatusConflict, "several-orders", "Several clients have an order of this number", several.Error())
	}
	switch {
	case errors.Is(err, desk.ErrNoHook):
		return newProblem(http.StatusNotFound, "no-such-hook", "There is no such endpoint", "")
	case errors.Is(err, desk.ErrNoBatch):
		return newProblem(http.StatusNotFound, "no-such-batch", "There is no such batch", "")
	case errors.Is(err, desk.ErrNoDomain):
		return newProblem(http.StatusNotFound, "no-such-domain", "There is no such domain", "")
	case errors.Is(err, desk.ErrNotFound):
		return newProblem(http.StatusNotFound, "no-such-order", "There is no such order", "")
	case errors.Is(err, store.ErrNotFound):
		return newProblem(http.StatusNotFound, "not-found", "There is nothing of that name", "")
	case errors.Is(err, desk.ErrRegistrarAway):
		return unavailable("registrar-away", "the registrar does not answer", err)
	case errors.Is(err, desk.ErrSeveral):
		return newProblem(http.StatusConflict, "several-units", "The order has several units of work", "say which in the field domain or item")
	case errors.Is(err, desk.ErrUnavailable):
		return unavailable("temporal-away", "Temporal or its workers do not answer", err)
	case errors.Is(err, context.DeadlineExceeded):
		return unavailable("too-slow", "the request took too long", err)
	}
	// All other errors come from the store. Their text goes to the log only.
	return unavailable("store-away", "the store does not answer; nothing was lost and nothing was half done", err)
}

func problemOfRefusal(refusal *intake.Refusal) *Problem {
	p := newProblem(http.StatusUnprocessableEntity, "order-refused", "The order is refused", "nothing was stored or started; see errors")
	if _, open := errors.AsType[*store.DomainOpenError](refusal); open {
		p = newProblem(http.StatusConflict, "domain-open", "The domain is in another open order", "")
	} else if _, taken := errors.AsType[*store.NumberTakenError](refusal); taken {
		p = newProblem(http.StatusConflict, "number-taken", "The order number belongs to another order", "")
	} else if _, givenUp := errors.AsType[*store.GivenUpError](refusal); givenUp {
		p = newProblem(http.StatusConflict, "given-up", "The order of this number was given up", "")
	} else if _, erased := errors.AsType[*store.ErasedError](refusal); erased {
		p = newProblem(http.StatusGone, "order-erased", "The order of this number was erased", "")
	} else if _, known := errors.AsType[*store.CustomerKnownError](refusal); known {
		p = newProblem(http.StatusConflict, "customer-known", "The customer has an account", "")
	} else if _, reused := errors.AsType[*store.IdempotencyError](refusal); reused {
		p = newProblem(http.StatusUnprocessableEntity, "idempotency-key-reused", "The Idempotency-Key was used with another body", "")
	} else if _, faults := errors.AsType[orders.Faults](refusal); !faults && refusal.Err != nil {
		p = newProblem(http.StatusBadRequest, "malformed", "The order cannot be read", "")
	}
	for n, reason := range refusal.Reasons {
		p.Errors = append(p.Errors, FieldError{Detail: reason, Pointer: refusal.Pointers[n]})
	}
	if p.Detail == "" && len(refusal.Reasons) > 0 {
		p.Detail = refusal.Reasons[0]
	}
	return p
}

// problem answers with an error. It logs the cause unless the caller is at fault.
func (g *Gateway) problem(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	answer := *p
	answer.Instance, answer.Trace = requestID(r.Context()), g.Tracing.TraceID(r.Context())
	if p.Status >= http.StatusInternalServerError && r.Context().Err() == nil {
		g.Log.ErrorContext(r.Context(), "a request failed", "request", answer.Instance, "error", err)
	}
	header := w.Header()
	if p.challenge != "" {
		header.Set("WWW-Authenticate", p.challenge)
	}
	if p.retryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(int(max(p.retryAfter.Round(time.Second), time.Second)/time.Second)))
	}
	header.Set("Content-Type", "application/problem+json")
	g.encode(w, r, p.Status, answer)
}

func (g *Gateway) answer(w http.ResponseWriter, r *http.Request, status int, value any) error {
	w.Header().Set("Content-Type", "application/json")
	g.encode(w, r, status, value)
	return nil
}

// encode writes an answer. If that fails, the client has gone.
func (g *Gateway) encode(w http.ResponseWriter, r *http.Request, status int, value any) {
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(value); err != nil {
		g.Log.DebugContext(r.Context(), "an answer was not read", "request", requestID(r.Context()), "error", err)
	}
}
