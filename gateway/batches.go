package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/portfolio/batch"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

const (
	// batchTimeout bounds a batch, from its first byte to the answer.
	batchTimeout = 5 * time.Minute
	// batchesAtOnce bounds the memory that batches take: each is held until it is stored. A client
	// has one of them at a time, so that none keeps the others out.
	batchesAtOnce = 2
	// batchIdle bounds the wait for the next byte of a batch, unless Options say otherwise.
	batchIdle = 30 * time.Second
)

// taking are the clients whose batches are being taken.
type taking struct {
	lock    sync.Mutex
	clients map[string]bool
}

// begin takes a client's batch up, until end is called. Otherwise it says why not.
func (t *taking) begin(client string) (end func(), refusal string) {
	t.lock.Lock()
	defer t.lock.Unlock()
	switch {
	case t.clients[client]:
		return nil, "one of this client is being taken"
	case len(t.clients) >= batchesAtOnce:
		return nil, fmt.Sprintf("%d are being taken", batchesAtOnce)
	}
	t.clients[client] = true
	return func() {
		t.lock.Lock()
		defer t.lock.Unlock()
		delete(t.clients, client)
	}, ""
}

// The media types of batches.
const (
	mediaCSV       = "text/csv"
	mediaJSONLines = "application/jsonl"
)

// BatchCommand is the body of the commands about a batch.
type BatchCommand struct {
	Reason string `json:"reason" jsonschema:"minLength=1,maxLength=1000,description=Why\\, for the record; no personal data"`
}

func (g *Gateway) batchRoutes() []route {
	return []route{
		{method: http.MethodPost, path: "/v1/batches", scope: store.ScopePlace, stream: true, handle: g.placeBatch, doc: docPlaceBatch()},
		{method: http.MethodGet, path: "/v1/batches", scope: store.ScopeRead, handle: g.listBatches, doc: docListBatches()},
		{method: http.MethodGet, path: "/v1/batches/{batch}", scope: store.ScopeRead, handle: g.getBatch, doc: docGetBatch()},
		{method: http.MethodGet, path: "/v1/batches/{batch}/lines", scope: store.ScopeRead, handle: g.batchLines, doc: docBatchLines()},
		{method: http.MethodGet, path: "/v1/batches/{batch}/results", scope: store.ScopeRead, stream: true, handle: g.batchResults, doc: docBatchResults()},
		{method: http.MethodPost, path: "/v1/batches/{batch}/pause", scope: store.ScopeOperate, handle: g.onBatch(g.Desk.PauseBatch), doc: docPauseBatch()},
		{method: http.MethodPost, path: "/v1/batches/{batch}/resume", scope: store.ScopeOperate, handle: g.onBatch(g.Desk.ResumeBatch), doc: docResumeBatch()},
		{method: http.MethodPost, path: "/v1/batches/{batch}/cancel", scope: store.ScopeCancel, handle: g.onBatch(g.Desk.CancelBatch), doc: docCancelBatch()},
	}
}

// lasting gives a request more time than others have.
func lasting(w http.ResponseWriter, r *http.Request) (context.Context, context.CancelFunc) {
	until := time.Now().Add(batchTimeout)
	control := http.NewResponseController(w)
	// A server that cannot change them bounds the request by its own.
	_ = control.SetReadDeadline(until)
	_ = control.SetWriteDeadline(until.Add(batchTimeout))
	return context.WithDeadline(r.Context(), until)
}

// placeBatch is POST /v1/batches.
func (g *Gateway) placeBatch(w http.ResponseWriter, r *http.Request) error {
	wanted, err := wantedBatch(r)
	if err != nil {
		return err
	}
	if r.ContentLength > batch.MostBytes {
		return &http.MaxBytesError{Limit: batch.MostBytes}
	}
	end, err := g.beginBatch(r)
	if err != nil {
		return err
	}
	defer end()
	ctx, cancel := lasting(w, r)
	defer cancel()
	body := &watched{from: r.Body, control: http.NewResponseController(w), until: time.Now().Add(batchTimeout), idle: cmp.Or(g.BatchIdle, batchIdle)}
	report, err := g.Desk.PlaceBatch(ctx, wanted, body)
	switch {
	case err != nil && body.broke:
		return newProblem(http.StatusBadRequest, "broken-off", "The body could not be read", "it broke off, or came too slowly")
	case err != nil:
		return batchProblem(err)
	}
	status := http.StatusOK
	switch {
	case report.Existing:
		w.Header().Set(headerReplayed, "true")
	case report.Batch != nil:
		status = http.StatusCreated
	}
	if report.Batch != nil {
		w.Header().Set("Location", "/v1/batches/"+report.Batch.ID)
	}
	return g.answer(w, r, status, report)
}

// beginBatch takes the batch of a request up, until end is called. Error: *Problem.
func (g *Gateway) beginBatch(r *http.Request) (end func(), err error) {
	end, refusal := g.batches.begin(keyOf(r.Context()).Client)
	if end == nil {
		p := newProblem(http.StatusTooManyRequests, "too-fast", "Too many batches at once", refusal)
		p.retryAfter = 5 * time.Second
		return nil, p
	}
	return end, nil
}

// watched notes that a body has broken off, which one is too whose next byte does not come.
type watched struct {
	from    io.Reader
	control *http.ResponseController
	until   time.Time // the end of the request
	idle    time.Duration
	broke   bool
}

func (b *watched) Read(p []byte) (int, error) {
	next := time.Now().Add(b.idle)
	if next.After(b.until) {
		next = b.until
	}
	_ = b.control.SetReadDeadline(next)
	n, err := b.from.Read(p)
	if err != nil {
		// After the body the server listens for the caller's going away, which no byte is due for.
		_ = b.control.SetReadDeadline(b.until)
	}
	b.broke = b.broke || err != nil && !errors.Is(err, io.EOF)
	return n, err
}

// wantedBatch reads what a request asks for besides its orders.
func wantedBatch(r *http.Request) (wanted batch.Wanted, err error) {
	switch mediaType(r) {
	case "", mediaJSON, mediaJSONLines, "application/x-ndjson", "application/ndjson", "application/json-lines":
		wanted.Form = batch.JSONLines
	case mediaCSV:
		wanted.Form = batch.CSV
	default:
		return wanted, newProblem(http.StatusUnsupportedMediaType, "media-type", "A batch is JSON lines or CSV",
			"send Content-Type: "+mediaJSONLines+" with an order in each line, or "+mediaCSV)
	}
	if charset := declaredCharset(r); charset != "" && !strings.EqualFold(charset, "utf-8") {
		return wanted, newProblem(http.StatusUnsupportedMediaType, "media-type", "A batch is UTF-8", "send it without another charset")
	}
	query := r.URL.Query()
	if err := parameters(query, "mode", "label", "dryRun", "maxPrice", "unpriced"); err != nil {
		return wanted, err
	}
	wanted.Mode, wanted.Label = batch.Mode(query.Get("mode")), query.Get("label")
	if wanted.DryRun, err = truthOf(query, "dryRun"); err != nil {
		return wanted, err
	}
	if text := query.Get("maxPrice"); text != "" {
		price, err := registrars.ParsePrice(text)
		if err != nil {
			return wanted, refusedParameter("maxPrice", "must be an amount with two decimals and its currency, such as 2500.00EUR")
		}
		wanted.Limit = &price
	}
	switch query.Get("unpriced") {
	case "":
	case "accept":
		wanted.AcceptUnpriced = true
	default:
		return wanted, refusedParameter("unpriced", "must be accept")
	}
	once, err := idempotency(r, nil)
	if once != nil {
		wanted.Key = once.Key
	}
	return wanted, err
}

// batchProblem is the answer to a batch that was not taken.
func batchProblem(err error) error {
	if refused, ok := errors.AsType[*batch.RefusedError](err); ok {
		p := newProblem(http.StatusUnprocessableEntity, "batch-refused", "The batch is refused", refused.Reason+"; nothing was stored")
		p.Batch = &BatchFound{Lines: refused.Report.Lines, Costs: []string{}, Unpriced: refused.Report.Unpriced}
		for _, sum := range refused.Report.Costs {
			p.Batch.Costs = append(p.Batch.Costs, sum.String())
		}
		for _, line := range refused.Report.Refused {
			for _, reason := range line.Reasons {
				p.Errors = append(p.Errors, FieldError{Line: line.Line, Domain: line.Domain, Pointer: reason.Pointer, Detail: reason.Message})
			}
		}
		for _, line := range refused.Report.Unpriced {
			p.Errors = append(p.Errors, FieldError{Line: line, Detail: "nobody can tell its price"})
		}
		return p
	}
	if input, ok := errors.AsType[*batch.InputError](err); ok {
		if input.TooLarge {
			return newProblem(http.StatusRequestEntityTooLarge, "too-large", "The batch is too large", input.Error())
		}
		p := newProblem(http.StatusBadRequest, "malformed", "The batch cannot be read", input.Error())
		p.Errors = []FieldError{{Line: input.Line, Detail: input.Error()}}
		return p
	}
	if option, ok := errors.AsType[*batch.OptionError](err); ok {
		return refusedParameter(option.Option, option.Rule)
	}
	if errors.Is(err, store.ErrBatchUnderWay) {
		p := newProblem(http.StatusConflict, "under-way", "The same request is under way", "ask again for its answer")
		p.retryAfter = 5 * time.Second
		return p
	}
	return err
}

// listBatches is GET /v1/batches.
func (g *Gateway) listBatches(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	if err := parameters(query, "state", "cursor", "limit"); err != nil {
		return err
	}
	limit, err := limitOf(query, store.MostListed)
	if err != nil {
		return err
	}
	page, err := g.Desk.Batches(r.Context(), query.Get("state"), query.Get("cursor"), limit)
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, page)
}

// getBatch is GET /v1/batches/{batch}.
func (g *Gateway) getBatch(w http.ResponseWriter, r *http.Request) error {
	found, err := g.Desk.Batch(r.Context(), r.PathValue("batch"))
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, found)
}

// lineOf reads the number of a line, which the store keeps in 32 bits.
func lineOf(text string) (int, error) {
	number, err := strconv.ParseUint(text, 10, 31)
	return int(number), err
}

// batchLines is GET /v1/batches/{batch}/lines.
func (g *Gateway) batchLines(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	if err := parameters(query, "state", "after", "limit"); err != nil {
		return err
	}
	limit, err := limitOf(query, store.MostListed)
	if err != nil {
		return err
	}
	after := 0
	if text := query.Get("after"); text != "" {
		if after, err = lineOf(text); err != nil {
			return refusedParameter("after", "must be the number of a line")
		}
	}
	page, err := g.Desk.BatchLines(r.Context(), r.PathValue("batch"), query.Get("state"), after, limit)
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, page)
}

// batchResults is GET /v1/batches/{batch}/results.
func (g *Gateway) batchResults(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	if err := parameters(query, "format"); err != nil {
		return err
	}
	form := batch.Form(query.Get("format"))
	switch {
	case form == "" && strings.Contains(r.Header.Get("Accept"), mediaCSV):
		form = batch.CSV
	case form == "":
		form = batch.JSONLines
	case form != batch.CSV && form != batch.JSONLines:
		return refusedParameter("format", "must be csv or jsonl")
	}
	ctx, cancel := lasting(w, r)
	defer cancel()
	id := r.PathValue("batch")
	if _, err := g.Desk.Batch(ctx, id); err != nil {
		return err
	}
	w.Header().Set("Content-Type", map[batch.Form]string{batch.CSV: mediaCSV + "; charset=utf-8", batch.JSONLines: mediaJSONLines}[form])
	w.Header().Set("Cache-Control", "no-store")
	err := desk.WriteResults(w, form, func(after, limit int) (desk.BatchLines, error) { return g.Desk.BatchLines(ctx, id, "", after, limit) })
	if err != nil {
		// A partial answer must not look like a complete one.
		g.Log.WarnContext(ctx, "the results of a batch broke off", "request", requestID(ctx), "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// onBatch is POST /v1/batches/{batch}/COMMAND.
func (g *Gateway) onBatch(do func(ctx context.Context, id, actor, reason string) (desk.Batch, error)) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		var command BatchCommand
		if _, err := readCommand(w, r, &command); err != nil {
			return err
		}
		if err := (Given{Reason: command.Reason}).check(); err != nil {
			return err
		}
		found, err := do(r.Context(), r.PathValue("batch"), g.actor(r), command.Reason)
		if err != nil {
			return err
		}
		return g.answer(w, r, http.StatusOK, found)
	}
}
