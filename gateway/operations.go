package gateway

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"domainprovisioning/desk"
	"domainprovisioning/store"
)

// operationRoutes are the routes about what registrars have not finished, and what no order
// takes care of.
func (g *Gateway) operationRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/v1/operations", scope: store.ScopeRead, operators: true, handle: g.listOperations, doc: docListOperations()},
		{method: http.MethodPost, path: "/v1/operations/check", scope: store.ScopeOperate, operators: true, handle: g.checkOperation, doc: docCheckOperation()},
		{method: http.MethodPost, path: "/v1/operations/withdraw", scope: store.ScopeOperate, operators: true, handle: g.withdrawOperation, doc: docWithdrawOperation()},
		{method: http.MethodGet, path: "/v1/loose-ends", scope: store.ScopeRead, operators: true, handle: g.listLooseEnds, doc: docListLooseEnds()},
		{method: http.MethodPost, path: "/v1/loose-ends/settle", scope: store.ScopeOperate, operators: true, handle: g.settleLooseEnd, doc: docSettleLooseEnd()},
		{method: http.MethodGet, path: "/v1/inbox", scope: store.ScopeRead, operators: true, handle: g.listInbox, doc: docListInbox()},
		{method: http.MethodGet, path: "/v1/watches", scope: store.ScopeRead, operators: true, handle: g.listWatches, doc: docListWatches()},
	}
}

// Operations is the answer to GET /v1/operations.
type Operations struct {
	Operations []desk.Operation `json:"operations"`
}

// LooseEnds is the answer to GET /v1/loose-ends.
type LooseEnds struct {
	LooseEnds []desk.LooseEnd `json:"looseEnds"`
}

// Watches is the answer to GET /v1/watches.
type Watches struct {
	Watches []desk.Watch `json:"watches"`
}

// CheckOperationCommand is the body of POST /v1/operations/check.
type CheckOperationCommand struct {
	Reference string `json:"reference" jsonschema:"minLength=1,maxLength=200,description=The registrar's id of the operation"`
	Registrar string `json:"registrar,omitempty" jsonschema:"description=The registrar account\\, where several have the reference"`
}

// WithdrawOperationCommand is the body of POST /v1/operations/withdraw.
type WithdrawOperationCommand struct {
	Reference string `json:"reference" jsonschema:"minLength=1,maxLength=200,description=The registrar's id of the operation"`
	Registrar string `json:"registrar,omitempty" jsonschema:"description=The registrar account\\, where several have the reference"`
	Reason    string `json:"reason" jsonschema:"minLength=1,maxLength=1000,description=Why\\, for the record; no personal data"`
}

// SettleCommand is the body of POST /v1/loose-ends/settle.
type SettleCommand struct {
	ID     string `json:"id" jsonschema:"minLength=1,maxLength=300,description=The field id of the loose end"`
	Reason string `json:"reason" jsonschema:"minLength=1,maxLength=1000,description=How it was settled\\, for the record; no personal data"`
}

// maxLooseEnd is the length of the longest id of a loose end, in bytes: it holds a key of the
// ledger.
const maxLooseEnd = 300

// parameters reads the parameters of a list: each once, and only those that are known.
func parameters(query url.Values, known ...string) error {
	for name, values := range query {
		switch {
		case !slices.Contains(known, name):
			return refusedParameter("query", "holds an unknown parameter; known are "+strings.Join(known, ", "))
		case len(values) != 1:
			return refusedParameter(name, "must be given once")
		}
	}
	return nil
}

func limitOf(query url.Values, most int) (int, error) {
	text := query.Get("limit")
	if text == "" {
		return 0, nil
	}
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 || limit > most {
		return 0, refusedParameter("limit", "must be 1 to "+strconv.Itoa(most))
	}
	return limit, nil
}

func truthOf(query url.Values, name string) (bool, error) {
	text := query.Get(name)
	if text == "" {
		return false, nil
	}
	truth, err := strconv.ParseBool(text)
	if err != nil {
		return false, refusedParameter(name, "must be true or false")
	}
	return truth, nil
}

// listOperations is GET /v1/operations.
func (g *Gateway) listOperations(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	if err := parameters(query, "registrar", "domain", "all", "limit"); err != nil {
		return err
	}
	all, err := truthOf(query, "all")
	if err != nil {
		return err
	}
	limit, err := limitOf(query, store.MostOperations)
	if err != nil {
		return err
	}
	found, err := g.Desk.Operations(r.Context(), store.LedgerFilter{
		Account: query.Get("registrar"), Domain: query.Get("domain"), Open: !all, Limit: limit,
	})
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, Operations{Operations: found})
}

// listLooseEnds is GET /v1/loose-ends.
func (g *Gateway) listLooseEnds(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	if err := parameters(query, "kind", "registrar", "domain", "settled", "limit"); err != nil {
		return err
	}
	filter := store.LooseEndFilter{Kind: store.LooseEndKind(query.Get("kind")), Account: query.Get("registrar"), Domain: query.Get("domain")}
	if filter.Kind != "" && !slices.Contains(store.LooseEndKinds(), filter.Kind) {
		return refusedParameter("kind", "must be one of "+strings.Join(texts(store.LooseEndKinds()), ", "))
	}
	var err error
	if filter.Settled, err = truthOf(query, "settled"); err != nil {
		return err
	}
	if filter.Limit, err = limitOf(query, store.MostOperations); err != nil {
		return err
	}
	found, err := g.Desk.LooseEnds(r.Context(), filter)
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, LooseEnds{LooseEnds: found})
}

func texts[T ~string](values []T) []string {
	all := make([]string, len(values))
	for n, value := range values {
		all[n] = string(value)
	}
	return all
}

// checkOperation is POST /v1/operations/check.
func (g *Gateway) checkOperation(w http.ResponseWriter, r *http.Request) error {
	var command CheckOperationCommand
	if _, err := readCommand(w, r, &command); err != nil {
		return err
	}
	if err := checkReference(command.Reference, command.Registrar); err != nil {
		return err
	}
	checked, err := g.Desk.CheckOperation(r.Context(), command.Reference, command.Registrar)
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, checked)
}

// withdrawOperation is POST /v1/operations/withdraw.
func (g *Gateway) withdrawOperation(w http.ResponseWriter, r *http.Request) error {
	var command WithdrawOperationCommand
	if _, err := readCommand(w, r, &command); err != nil {
		return err
	}
	if err := checkReference(command.Reference, command.Registrar); err != nil {
		return err
	}
	if err := (Given{Reason: command.Reason}).check(); err != nil {
		return err
	}
	withdrawn, err := g.Desk.CancelOperation(r.Context(), command.Reference, command.Registrar, g.actor(r), command.Reason)
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, withdrawn)
}

func checkReference(reference, registrar string) error {
	if reference == "" {
		return refusedBody("/reference", "is missing: name the registrar's id of the operation")
	}
	return check(text{"/reference", reference, maxToken}, text{"/registrar", registrar, maxToken})
}

// settleLooseEnd is POST /v1/loose-ends/settle.
func (g *Gateway) settleLooseEnd(w http.ResponseWriter, r *http.Request) error {
	var command SettleCommand
	if _, err := readCommand(w, r, &command); err != nil {
		return err
	}
	if command.ID == "" {
		return refusedBody("/id", "is missing: name the loose end")
	}
	if err := check(text{"/id", command.ID, maxLooseEnd}); err != nil {
		return err
	}
	if err := (Given{Reason: command.Reason}).check(); err != nil {
		return err
	}
	end, err := g.Desk.Settle(r.Context(), command.ID, g.actor(r), command.Reason)
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, end)
}

// actor is who gives the commands of a request.
func (g *Gateway) actor(r *http.Request) string { return "api/" + keyOf(r.Context()).Name }

// listWatches is GET /v1/watches.
func (g *Gateway) listWatches(w http.ResponseWriter, r *http.Request) error {
	if err := parameters(r.URL.Query()); err != nil {
		return err
	}
	found, err := g.Desk.Watches(r.Context())
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, Watches{Watches: found})
}
