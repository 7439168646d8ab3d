package gateway

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/store"
)

// orderActs is GET /v1/orders/{id}/acts.
func (g *Gateway) orderActs(w http.ResponseWriter, r *http.Request) error {
	filter, err := actFilter(r.URL.Query())
	if err != nil {
		return err
	}
	found, err := g.find(r)
	if err != nil {
		return err
	}
	page, err := g.Desk.Acts(r.Context(), found[0].Order, filter)
	if err != nil {
		return err
	}
	if !keyOf(r.Context()).May(store.ScopeAll) {
		for n := range page.Acts { // as the client calls the order
			page.Acts[n].OrderNumber = found[0].Number
		}
	}
	return g.answer(w, r, http.StatusOK, page)
}

func actFilter(query url.Values) (store.ActFilter, error) {
	var filter store.ActFilter
	for name, values := range query {
		if len(values) != 1 {
			return filter, refusedParameter(name, "must be given once")
		}
		var err error
		rule := ""
		switch value := values[0]; name {
		case "since":
			filter.Since, err = time.Parse(time.RFC3339, value)
			rule = "must be a time such as 2026-11-27T16:00:00Z"
		case "after":
			filter.After, err = strconv.ParseInt(value, 10, 64)
			rule = "must be the number of an act"
		case "limit":
			filter.Limit, err = strconv.Atoi(value)
			rule = "must be 1 to 1000"
			if filter.Limit == 0 {
				return filter, refusedParameter(name, rule)
			}
		case "latest":
			filter.Latest, err = strconv.ParseBool(value)
			rule = "must be true or false"
		default:
			return filter, refusedParameter("query", "holds an unknown parameter; known are since, after, limit and latest")
		}
		if err != nil {
			return filter, refusedParameter(name, rule)
		}
	}
	return filter, nil
}

// recordRefused records a command that was refused because the API key lacks the scope. A key
// that asks too often is not recorded each time.
func (g *Gateway) recordRefused(r *http.Request, route route, key store.APIKey, cause error) {
	problem, ok := errors.AsType[*Problem](cause)
	if !ok || problem.Status != http.StatusForbidden || route.scope != store.ScopeOperate && route.scope != store.ScopeCancel || g.keys.wait(key.Name) > 0 {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), healthTimeout)
	defer cancel()
	ctx = desk.WithBy(ctx, by(key))
	order := ""
	if found, err := g.find(r.WithContext(ctx)); err == nil {
		order = found[0].Order
	}
	command := path.Base(route.path)
	if strings.HasPrefix(route.path, "/v1/batches/") {
		command = "batch-" + command
	}
	g.Desk.Refused(ctx, order, command, problem.Detail)
}
