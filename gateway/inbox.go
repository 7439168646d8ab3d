package gateway

import (
	"net/http"
	"slices"
	"strings"

	"domainprovisioning/desk"
	"domainprovisioning/store"
)

// Inbox is the answer to GET /v1/inbox.
type Inbox struct {
	Reports []desk.Report `json:"reports"`
}

// listInbox is GET /v1/inbox.
func (g *Gateway) listInbox(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	if err := parameters(query, "state", "registrar", "domain", "limit"); err != nil {
		return err
	}
	filter := store.ConfirmationFilter{
		State: store.ConfirmationState(query.Get("state")), Account: query.Get("registrar"), Domain: query.Get("domain"),
	}
	if filter.State != "" && !slices.Contains(store.ConfirmationStates(), filter.State) {
		return refusedParameter("state", "must be one of "+strings.Join(texts(store.ConfirmationStates()), ", "))
	}
	var err error
	if filter.Limit, err = limitOf(query, store.MostListed); err != nil {
		return err
	}
	found, err := g.Desk.Inbox(r.Context(), filter)
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, Inbox{Reports: found})
}
