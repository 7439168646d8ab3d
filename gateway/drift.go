package gateway

import (
	"errors"
	"net/http"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// driftRoutes are the routes about what differs between us and the registrars.
func (g *Gateway) driftRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/v1/drift", scope: store.ScopeRead, handle: g.listDrift, doc: docListDrift()},
		{method: http.MethodGet, path: "/v1/domains/{name}/repair", scope: store.ScopeRead, handle: g.planRepair, doc: docPlanRepair()},
		{method: http.MethodPost, path: "/v1/domains/{name}/repair", scope: store.ScopeOperate, handle: g.repair, doc: docRepair()},
	}
}

// Repairs is the answer to GET and POST /v1/domains/{name}/repair.
type Repairs struct {
	Repairs []desk.Repair `json:"repairs"`
}

// RepairCommand is the body of POST /v1/domains/{name}/repair.
type RepairCommand struct {
	Fact   messages.Difference `json:"fact,omitempty" jsonschema:"description=Which difference is settled; absent: all that can be settled without taking anything from anybody,example=name-servers"`
	Accept bool                `json:"accept,omitempty" jsonschema:"description=What the registrar has is right\\, and ours from now on; fact must be given"`
	Reason string              `json:"reason" jsonschema:"minLength=1,maxLength=1000,description=Why\\, for the record; no personal data"`
}

// listDrift is GET /v1/drift.
func (g *Gateway) listDrift(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	if err := parameters(query, "registrar", "domain", "kind", "severity", "cursor", "limit"); err != nil {
		return err
	}
	limit, err := limitOf(query, 1000)
	if err != nil {
		return err
	}
	page, err := g.Desk.Drift(r.Context(), desk.DriftFilter{
		Registrar: query.Get("registrar"), Domain: query.Get("domain"), Kind: messages.Difference(query.Get("kind")),
		Severity: messages.Severity(query.Get("severity")), Cursor: query.Get("cursor"), Limit: limit,
	})
	if name, noName := errors.AsType[*desk.NameError](err); noName {
		return refusedParameter("domain", name.Error())
	}
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, page)
}

// planRepair is GET /v1/domains/{name}/repair.
func (g *Gateway) planRepair(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	if err := parameters(query, "fact", "accept"); err != nil {
		return err
	}
	accept, err := truthOf(query, "accept")
	if err != nil {
		return err
	}
	plan, err := g.Desk.RepairPlan(r.Context(), r.PathValue("name"), desk.RepairWish{Kind: messages.Difference(query.Get("fact")), Accept: accept})
	if err != nil {
		return noDomain(err)
	}
	return g.answer(w, r, http.StatusOK, Repairs{plan})
}

// repair is POST /v1/domains/{name}/repair.
func (g *Gateway) repair(w http.ResponseWriter, r *http.Request) error {
	var command RepairCommand
	if _, err := readCommand(w, r, &command); err != nil {
		return err
	}
	if err := (Given{Reason: command.Reason}).check(); err != nil {
		return err
	}
	if command.Accept && command.Fact == "" {
		return refusedBody("/fact", "is missing: say what is accepted")
	}
	done, err := g.Desk.Repair(r.Context(), r.PathValue("name"), desk.RepairWish{
		Kind: command.Fact, Accept: command.Accept, Actor: g.actor(r), Reason: command.Reason,
	})
	if err != nil {
		return noDomain(err)
	}
	return g.answer(w, r, http.StatusOK, Repairs{done})
}

// noDomain answers that there is no domain of a name that is none.
func noDomain(err error) error {
	if _, noName := errors.AsType[*desk.NameError](err); noName {
		return desk.ErrNoDomain
	}
	return err
}

func docListDrift() operation {
	return operation{
		id: "listDrift", tag: "domains", summary: "What differs between us and the registrars",
		text: "Differences of the caller's domains, by domain, as the latest walks over the registrar accounts have found them. A key with the scope " +
			"all sees those of every client, and the domains of an account that nobody holds.",
		parameters: []parameter{
			registrarQuery, domainQuery, inQuery("kind", "Only differences of a kind", wordSchema(messages.Differences())),
			inQuery("severity", "Only differences of a severity", wordSchema(messages.Severities())),
			inQuery("cursor", "The field next of the previous page", text1()), limitParameter(1000),
		},
		answers: []answer{{status: http.StatusOK, text: "A page", value: desk.DriftPage{}}, brokenQuery},
	}
}

func docPlanRepair() operation {
	return operation{
		id: "planRepair", tag: "domains", summary: "What would settle the differences of a domain",
		text: "Nothing is changed.",
		parameters: []parameter{
			inQuery("fact", "Only this difference", wordSchema(messages.Differences())), inQuery("accept", "What the registrar has is right", truthSchema),
		},
		answers: []answer{{status: http.StatusOK, text: "The plan", value: Repairs{}}, brokenQuery, domainMissing},
	}
}

func docRepair() operation {
	return operation{
		id: "repairDomain", tag: "domains", summary: "Settle differences of a domain",
		text: "What takes something from somebody is only done if its kind is named. A repeat does nothing twice: an order that sets name servers again " +
			"is placed once for a difference.",
		body: RepairCommand{},
		answers: []answer{
			{status: http.StatusOK, text: "What was done, and what is left to a person", value: Repairs{}}, brokenBody, domainMissing,
			{status: http.StatusConflict, text: "It cannot be done now, or the domain is in another open order"},
			{status: http.StatusUnprocessableEntity, text: "The order is refused"},
		},
	}
}
