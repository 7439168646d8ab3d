package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/intake"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/store"
	"domainprovisioning/wire/xmlrpc"
)

const (
	headerIdempotency = "Idempotency-Key"
	// headerReplayed marks the answer to a repeated request.
	headerReplayed = "Idempotent-Replayed"
	// maxIdempotencyKey is the maximum length of an Idempotency-Key.
	maxIdempotencyKey = 200
)

// idempotency reads the header Idempotency-Key. It returns nil if there is none.
func idempotency(r *http.Request, body []byte) (*store.Idempotency, error) {
	values := r.Header.Values(headerIdempotency)
	if len(values) == 0 {
		return nil, nil
	}
	key := values[0]
	visible := strings.IndexFunc(key, func(c rune) bool { return c <= ' ' || c > '~' }) < 0
	if len(values) > 1 || key == "" || len(key) > maxIdempotencyKey || !visible {
		return nil, refusedParameter(headerIdempotency, fmt.Sprintf("must be given once, as 1 to %d visible ASCII characters", maxIdempotencyKey))
	}
	digest := sha256.New()
	_, _ = fmt.Fprintf(digest, "%s %s\n", r.Method, r.URL.Path)
	_, _ = digest.Write(body)
	return &store.Idempotency{Client: keyOf(r.Context()).Client, Key: key, Request: hex.EncodeToString(digest.Sum(nil))}, nil
}

// readOrder reads an order document: JSON, or an XML-RPC call, which it turns into UTF-8. body
// is what was sent.
func readOrder(w http.ResponseWriter, r *http.Request) (kind string, body, document []byte, err error) {
	kind = mediaType(r)
	if kind != "" && kind != mediaJSON && kind != mediaXML {
		return kind, nil, nil, newProblem(http.StatusUnsupportedMediaType, "media-type", "The order must be JSON, or an XML-RPC call",
			"send Content-Type: application/json, or text/xml for a call of Execute")
	}
	if charset := declaredCharset(r); kind == mediaJSON && charset != "" && !strings.EqualFold(charset, "utf-8") {
		return kind, nil, nil, newProblem(http.StatusUnsupportedMediaType, "media-type", "JSON is UTF-8", "send it without another charset (RFC 8259)")
	}
	body, err = readAll(w, r, orders.MaxJSONSize)
	document = body
	if err == nil && kind == mediaXML {
		document, err = xmlrpc.CallText(body, r.Header.Get("Content-Type"))
		if err != nil {
			err = newProblem(http.StatusBadRequest, "malformed", "The order cannot be read", err.Error())
		}
	}
	return kind, body, document, err
}

// rehearseOrder is POST /v1/orders/rehearsal.
func (g *Gateway) rehearseOrder(w http.ResponseWriter, r *http.Request) error {
	_, _, document, err := readOrder(w, r)
	if err != nil {
		return err
	}
	plan, err := g.Desk.Rehearse(r.Context(), document)
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, plan)
}

// placeOrder is POST /v1/orders.
func (g *Gateway) placeOrder(w http.ResponseWriter, r *http.Request) error {
	kind, body, document, err := readOrder(w, r)
	if err != nil {
		return err
	}
	once, err := idempotency(r, body)
	if err != nil {
		return err
	}
	place, source := g.Desk.Intake.PlaceJSON, "json"
	if kind == mediaXML {
		place, source = g.Desk.Intake.PlaceXML, "xml"
	}
	placed, err := place(r.Context(), document, once)
	g.count(source, placed, err)
	if err != nil {
		return err
	}
	answer := g.Desk.Placed(placed)
	status := placed.Answered
	if status == 0 && placed.Keyed && placed.KeyedFor < underWay {
		p := newProblem(http.StatusConflict, "under-way", "The same request is under way", "ask again for its answer")
		p.retryAfter = time.Second
		return p
	}
	if status == 0 {
		status = statusOf(placed)
		g.recordAnswer(r, once, placed.Number, status, nil)
	}
	if placed.Keyed {
		// The status is that of the first answer; the state of the order is the current
		// one.
		w.Header().Set(headerReplayed, "true")
		answer.Existing = status == http.StatusOK
	}
	id := placed.Label
	if keyOf(r.Context()).May(store.ScopeAll) { // it may find the number at several clients
		id = placed.Client + ":" + id
	}
	w.Header().Set("Location", "/v1/orders/"+id)
	return g.answer(w, r, status, answer)
}

// underWay is how long a request without an answer is considered to be in progress. It is
// longer than the start of an order may take, so after it the answer was lost with its
// process.
const underWay = 15 * time.Second

// recordAnswer records an answer for repeats of its request; body is nil where it follows from the
// order.
func (g *Gateway) recordAnswer(r *http.Request, once *store.Idempotency, number string, status int, body any) {
	if once == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), healthTimeout)
	defer cancel()
	var document []byte
	var err error
	if body != nil {
		document, err = json.Marshal(body)
	}
	if err == nil {
		err = g.Desk.Store.RecordAnswer(ctx, *once, number, status, document)
	}
	if err != nil {
		g.Log.WarnContext(ctx, "an answer could not be recorded for its repeats", "request", requestID(ctx), "error", err)
	}
}

func statusOf(placed intake.Placed) int {
	switch {
	case placed.Existing && !placed.Keyed:
		return http.StatusOK
	case placed.Waiting():
		return http.StatusAccepted
	default:
		return http.StatusCreated
	}
}

// count counts an order by its outcome.
func (g *Gateway) count(source string, placed intake.Placed, err error) {
	outcome := "started"
	_, refused := errors.AsType[*intake.Refusal](err)
	switch {
	case refused:
		outcome = "refused"
	case err != nil:
		outcome = "failed"
	case placed.Existing:
		outcome = "existing"
	case placed.Waiting():
		outcome = "waiting"
	}
	g.Metrics.Orders.WithLabelValues(source, outcome).Inc()
}

// listOrders is GET /v1/orders.
func (g *Gateway) listOrders(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	if err := parameters(query, "domain", "state", "step", "reason", "registrar", "text", "olderThan", "cursor", "limit"); err != nil {
		return err
	}
	filter := desk.Filter{
		Domain: query.Get("domain"), State: query.Get("state"), Reason: query.Get("reason"), Registrar: query.Get("registrar"),
		Text: query.Get("text"), Cursor: query.Get("cursor"),
	}
	if text := query.Get("olderThan"); text != "" {
		age, err := time.ParseDuration(text)
		if err != nil || age <= 0 {
			return refusedParameter("olderThan", "must be an age such as 48h")
		}
		filter.OlderThan = age
	}
	if text := query.Get("step"); text != "" {
		step, err := strconv.Atoi(text)
		if err != nil || step < 1 {
			return refusedParameter("step", "must be the number of a step")
		}
		filter.Step = step
	}
	limit, err := limitOf(query, store.MostListed)
	if err != nil {
		return err
	}
	filter.Limit = limit
	page, err := g.Desk.List(r.Context(), filter)
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, page)
}

// Order is an order with the state of its units.
type Order struct {
	Number string       `json:"number" jsonschema:"description=Order number at its client"`
	Key    string       `json:"key" jsonschema:"description=The order's key\\, unique among the orders of all clients"`
	Client string       `json:"client" jsonschema:"description=Whose order it is"`
	Units  []UnitStatus `json:"units"`
}

// UnitStatus is a unit of work with its checklist.
type UnitStatus struct {
	desk.Unit

	// Progress is the checklist; absent while no worker answers.
	Progress *messages.Progress `json:"progress,omitempty"`
	// Unanswered is true if no worker answers for the checklist at the moment.
	Unanswered bool `json:"unanswered,omitempty" jsonschema:"description=No worker answers for the checklist at the moment"`
}

// getOrder is GET /v1/orders/{id}.
func (g *Gateway) getOrder(w http.ResponseWriter, r *http.Request) error {
	found, err := g.find(r)
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, g.stand(r.Context(), found))
}

// maxID is the length of a domain name, which is the longest {id}.
const maxID = 253

// find returns the units that {id} names: an order number or a domain.
func (g *Gateway) find(r *http.Request) ([]desk.Unit, error) {
	id := r.PathValue("id")
	if len(id) > maxID {
		return nil, desk.ErrNotFound
	}
	found, err := g.Desk.Find(r.Context(), id)
	if _, noName := errors.AsType[*desk.NameError](err); noName {
		return nil, desk.ErrNotFound
	}
	return found, err
}

// atOnce bounds how many workflows one request asks at once.
const atOnce = 8

// stand asks for the progress of each unit.
func (g *Gateway) stand(ctx context.Context, found []desk.Unit) Order {
	order := Order{Number: found[0].Number, Key: found[0].Order, Client: found[0].Client, Units: make([]UnitStatus, len(found))}
	var group sync.WaitGroup
	tokens := make(chan struct{}, atOnce)
	for n, unit := range found {
		group.Go(func() {
			tokens <- struct{}{}
			defer func() { <-tokens }()
			order.Units[n] = g.unitStatus(ctx, unit)
		})
	}
	group.Wait()
	return order
}

// getQuote is GET /v1/quotes/{reference}.
func (g *Gateway) getQuote(w http.ResponseWriter, r *http.Request) error {
	quote, err := g.Desk.Quote(r.Context(), r.PathValue("reference"))
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, quote)
}

func (g *Gateway) unitStatus(ctx context.Context, unit desk.Unit) UnitStatus {
	status := UnitStatus{Unit: unit}
	progress, err := g.Desk.Progress(ctx, unit)
	if err != nil {
		status.Unanswered = true
		return status
	}
	if progress.Steps == nil {
		progress.Steps = []messages.StepProgress{} // the checklist is a list, also without a line
	}
	progress.OrderNumber = unit.Number
	status.Unit, status.Progress = unit.With(progress), &progress
	return status
}
