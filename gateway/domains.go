package gateway

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// DomainGiven is what the bodies of all commands about a domain have in common.
type DomainGiven struct {
	Reason string `json:"reason" jsonschema:"minLength=1,maxLength=1000,description=Why\\, for the record; no personal data"`
}

func (c DomainGiven) check() error { return Given{Reason: c.Reason}.check() }

// RenewalCommand is the body of POST /v1/domains/{name}/commands/renewal.
type RenewalCommand struct {
	DomainGiven

	Mode messages.RenewalMode `json:"mode" jsonschema:"description=Who renews the domain from now on: us or none. That the registrar renews it is a setting of the domain\\, changed by an order"`
}

// LeftCommand is the body of POST /v1/domains/{name}/commands/left.
type LeftCommand struct {
	DomainGiven

	State messages.LifeState `json:"state,omitempty" jsonschema:"description=transferred-away\\, which is the default\\, or gone"`
}

// LookCommand is the body of POST /v1/domains/{name}/commands/look.
type LookCommand struct {
	DomainGiven
}

// RestoreCommand is the body of POST /v1/domains/{name}/commands/restore.
type RestoreCommand struct {
	DomainGiven

	AcceptPrice string `json:"acceptPrice" jsonschema:"maxLength=20,example=80.00EUR,description=The most that the restore may cost at the registrar. A lower limit of the plan stays"`
}

func (g *Gateway) domainRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/v1/domains", scope: store.ScopeRead, stream: true, handle: g.listDomains, doc: docListDomains()},
		{method: http.MethodGet, path: "/v1/domains/{name}", scope: store.ScopeRead, handle: g.getDomain, doc: docGetDomain()},
		{method: http.MethodPost, path: "/v1/domains/{name}/commands/renewal", scope: store.ScopeOperate, handle: g.changeRenewal, doc: docChangeRenewal()},
		{method: http.MethodPost, path: "/v1/domains/{name}/commands/left", scope: store.ScopeOperate, handle: g.markLeft, doc: docMarkLeft()},
		{method: http.MethodPost, path: "/v1/domains/{name}/commands/look", scope: store.ScopeOperate, handle: g.lookAtDomain, doc: docLookAtDomain()},
		{method: http.MethodPost, path: "/v1/domains/{name}/commands/restore", scope: store.ScopeOperate, handle: g.restoreDomain, doc: docRestoreDomain()},
	}
}

// listDomains is GET /v1/domains.
func (g *Gateway) listDomains(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	if err := parameters(query, "expiringBefore", "state", "registrar", "accountId", "attention", "reason", "drift", "text", "cursor", "limit", "format"); err != nil {
		return err
	}
	filter := desk.DomainFilter{
		State: messages.LifeState(query.Get("state")), Registrar: query.Get("registrar"), Reason: messages.LifeReason(query.Get("reason")),
		Text: query.Get("text"), Cursor: query.Get("cursor"),
	}
	var err error
	if text := query.Get("expiringBefore"); text != "" {
		if filter.ExpiringBefore, err = desk.ParseBefore(text, g.Now()); err != nil {
			return refusedParameter("expiringBefore", err.Error())
		}
	}
	if text := query.Get("accountId"); text != "" {
		if filter.Account, err = strconv.Atoi(text); err != nil || filter.Account < 1 || filter.Account > math.MaxInt32 {
			return refusedParameter("accountId", "must be the id of an account in Operations")
		}
	}
	if filter.Drift, err = truthOf(query, "drift"); err != nil {
		return err
	}
	if filter.Attention, err = truthOf(query, "attention"); err != nil {
		return err
	}
	if filter.Limit, err = limitOf(query, store.MostListed); err != nil {
		return err
	}
	switch format := query.Get("format"); {
	case format == "csv", format == "" && strings.Contains(r.Header.Get("Accept"), mediaCSV):
		if query.Has("cursor") || query.Has("limit") {
			return refusedParameter("format", "csv has all domains, and goes with neither cursor nor limit")
		}
		return g.exportDomains(w, r, filter) //nolint:contextcheck // it has more time than a page
	case format != "" && format != "json":
		return refusedParameter("format", "must be json or csv")
	}
	ctx, cancel := context.WithTimeout(r.Context(), g.RequestTimeout)
	defer cancel()
	page, err := g.Desk.Domains(ctx, filter)
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, page)
}

// exportDomains answers with all domains of a list as CSV.
func (g *Gateway) exportDomains(w http.ResponseWriter, r *http.Request, filter desk.DomainFilter) error {
	ctx, cancel := lasting(w, r)
	defer cancel()
	filter.Limit = store.MostListed
	first, err := g.Desk.Domains(ctx, filter)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", mediaCSV+"; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	err = desk.WriteDomains(w, func(cursor string) (desk.DomainPage, error) {
		if cursor == "" {
			return first, nil
		}
		filter.Cursor = cursor
		return g.Desk.Domains(ctx, filter)
	})
	if err != nil {
		// A partial answer must not look like a complete one.
		g.Log.WarnContext(ctx, "a list of domains broke off", "request", requestID(ctx), "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// getDomain is GET /v1/domains/{name}.
func (g *Gateway) getDomain(w http.ResponseWriter, r *http.Request) error {
	whole, err := g.Desk.Domain(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, whole)
}

// onDomain reads the body of a command about a domain, and gives the command. With an Idempotency-Key
// the same request again is one command: its id follows from both, because the keys that are kept are
// those of requests about orders.
func onDomain[C interface{ check() error }, A any](
	g *Gateway, w http.ResponseWriter, r *http.Request, command *C, give func(name, id, actor string) (A, error),
) error {
	body, err := readCommand(w, r, command)
	if err != nil {
		return err
	}
	if err := (*command).check(); err != nil {
		return err
	}
	once, err := idempotency(r, body)
	if err != nil {
		return err
	}
	id := ""
	if once != nil {
		id = "api/" + once.Client + "/" + once.Key + "/" + once.Request[:16]
	}
	answer, err := give(r.PathValue("name"), id, g.actor(r))
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, answer)
}

// changeRenewal is POST /v1/domains/{name}/commands/renewal.
func (g *Gateway) changeRenewal(w http.ResponseWriter, r *http.Request) error {
	var c RenewalCommand
	return onDomain(g, w, r, &c, func(name, id, actor string) (messages.Life, error) {
		return g.Desk.ChangeRenewal(r.Context(), name, id, messages.ChangeRenewal{Mode: c.Mode, Actor: actor, Reason: c.Reason})
	})
}

// markLeft is POST /v1/domains/{name}/commands/left.
func (g *Gateway) markLeft(w http.ResponseWriter, r *http.Request) error {
	var c LeftCommand
	return onDomain(g, w, r, &c, func(name, id, actor string) (messages.Life, error) {
		return g.Desk.MarkLeft(r.Context(), name, id, messages.MarkLeft{State: c.State, Actor: actor, Reason: c.Reason})
	})
}

// lookAtDomain is POST /v1/domains/{name}/commands/look.
func (g *Gateway) lookAtDomain(w http.ResponseWriter, r *http.Request) error {
	var c LookCommand
	return onDomain(g, w, r, &c, func(name, _, actor string) (desk.Looked, error) {
		looked, err := g.Desk.Look(r.Context(), name, actor, c.Reason)
		if err == nil {
			g.Nudge()
		}
		return looked, err
	})
}

// restoreDomain is POST /v1/domains/{name}/commands/restore.
func (g *Gateway) restoreDomain(w http.ResponseWriter, r *http.Request) error {
	var c RestoreCommand
	return onDomain(g, w, r, &c, func(name, _, actor string) (desk.Placed, error) {
		return g.Desk.RestoreDomain(r.Context(), name, c.AcceptPrice, actor, c.Reason)
	})
}
