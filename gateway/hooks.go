package gateway

import (
	"net/http"
	"slices"
	"strings"

	"domainprovisioning/desk"
	"domainprovisioning/store"
)

// Hooks is the answer to GET /v1/hooks.
type Hooks struct {
	Hooks []store.Hook `json:"hooks"`
}

// Deliveries is the answer to GET /v1/hooks/{hook}/deliveries.
type Deliveries struct {
	Deliveries []store.Delivery `json:"deliveries"`
}

// ResendCommand is the body of POST /v1/hooks/{hook}/resend.
type ResendCommand struct {
	EventID string `json:"eventId,omitempty" jsonschema:"maxLength=100,description=The event; this or order"`
	Order   string `json:"order,omitempty" jsonschema:"maxLength=253,description=All events that are kept of the order; this or eventId"`
}

func (g *Gateway) hookRoutes() []route {
	return []route{
		{method: http.MethodPost, path: "/v1/hooks", scope: store.ScopeHooks, handle: g.addHook, doc: docAddHook()},
		{method: http.MethodGet, path: "/v1/hooks", scope: store.ScopeHooks, handle: g.listHooks, doc: docListHooks()},
		{method: http.MethodGet, path: "/v1/hooks/{hook}", scope: store.ScopeHooks, handle: g.getHook, doc: docGetHook()},
		{method: http.MethodPatch, path: "/v1/hooks/{hook}", scope: store.ScopeHooks, handle: g.changeHook, doc: docChangeHook()},
		{method: http.MethodDelete, path: "/v1/hooks/{hook}", scope: store.ScopeHooks, handle: g.removeHook, doc: docRemoveHook()},
		{method: http.MethodPost, path: "/v1/hooks/{hook}/rotate", scope: store.ScopeHooks, handle: g.rotateHook, doc: docRotateHook()},
		{method: http.MethodPost, path: "/v1/hooks/{hook}/enable", scope: store.ScopeHooks, handle: g.enableHook, doc: docEnableHook()},
		{method: http.MethodPost, path: "/v1/hooks/{hook}/test", scope: store.ScopeHooks, handle: g.testHook, doc: docTestHook()},
		{method: http.MethodGet, path: "/v1/hooks/{hook}/deliveries", scope: store.ScopeHooks, handle: g.listDeliveries, doc: docListDeliveries()},
		{method: http.MethodPost, path: "/v1/hooks/{hook}/resend", scope: store.ScopeHooks, handle: g.resend, doc: docResend()},
	}
}

func (g *Gateway) addHook(w http.ResponseWriter, r *http.Request) error {
	var wanted desk.NewHook
	if _, err := readCommand(w, r, &wanted); err != nil {
		return err
	}
	made, err := g.Desk.AddHook(r.Context(), wanted, "")
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/v1/hooks/"+made.ID)
	return g.answer(w, r, http.StatusCreated, made)
}

func (g *Gateway) listHooks(w http.ResponseWriter, r *http.Request) error {
	hooks, err := g.Desk.Hooks(r.Context())
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, Hooks{Hooks: hooks})
}

func (g *Gateway) getHook(w http.ResponseWriter, r *http.Request) error {
	hook, err := g.Desk.Hook(r.Context(), r.PathValue("hook"))
	return g.hook(w, r, hook, err)
}

func (g *Gateway) hook(w http.ResponseWriter, r *http.Request, hook any, err error) error {
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, hook)
}

func (g *Gateway) changeHook(w http.ResponseWriter, r *http.Request) error {
	var change desk.ChangedHook
	if _, err := readCommand(w, r, &change); err != nil {
		return err
	}
	hook, err := g.Desk.ChangeHook(r.Context(), r.PathValue("hook"), change)
	return g.hook(w, r, hook, err)
}

func (g *Gateway) removeHook(w http.ResponseWriter, r *http.Request) error {
	if err := g.Desk.RemoveHook(r.Context(), r.PathValue("hook")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (g *Gateway) rotateHook(w http.ResponseWriter, r *http.Request) error {
	made, err := g.Desk.RotateHook(r.Context(), r.PathValue("hook"))
	return g.hook(w, r, made, err)
}

func (g *Gateway) enableHook(w http.ResponseWriter, r *http.Request) error {
	hook, err := g.Desk.EnableHook(r.Context(), r.PathValue("hook"))
	return g.hook(w, r, hook, err)
}

func (g *Gateway) testHook(w http.ResponseWriter, r *http.Request) error {
	sent, err := g.Desk.TestHook(r.Context(), r.PathValue("hook"))
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusAccepted, sent)
}

func (g *Gateway) listDeliveries(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	if err := parameters(query, "state", "order", "event", "limit"); err != nil {
		return err
	}
	filter := store.DeliveryFilter{
		Hook: r.PathValue("hook"), State: store.NewsState(query.Get("state")), OrderNumber: query.Get("order"), EventID: query.Get("event"),
	}
	if filter.State != "" && !slices.Contains(store.NewsStates(), filter.State) {
		return refusedParameter("state", "must be one of "+strings.Join(texts(store.NewsStates()), ", "))
	}
	var err error
	if filter.Limit, err = limitOf(query, store.MostListed); err != nil {
		return err
	}
	found, err := g.Desk.Deliveries(r.Context(), filter)
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, Deliveries{Deliveries: found})
}

func (g *Gateway) resend(w http.ResponseWriter, r *http.Request) error {
	var command ResendCommand
	if _, err := readCommand(w, r, &command); err != nil {
		return err
	}
	resent, err := g.Desk.Resend(r.Context(), r.PathValue("hook"), command.EventID, command.Order)
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusAccepted, resent)
}
