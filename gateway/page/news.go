package page

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"domainprovisioning/desk"
	"domainprovisioning/store"
)

// news is GET /desk/news.
func (p *Page) news(w http.ResponseWriter, r *http.Request, who visitor) error {
	return p.showNews(w, r, who, http.StatusOK, nil)
}

func (p *Page) showNews(w http.ResponseWriter, r *http.Request, who visitor, status int, said *notice) error {
	query := r.URL.Query()
	filter := store.DeliveryFilter{
		State: store.NewsState(query.Get("state")), OrderNumber: strings.TrimSpace(query.Get("order")), Hook: strings.TrimSpace(query.Get("endpoint")),
	}
	if filter.State != "" && !slices.Contains(store.NewsStates(), filter.State) {
		return &desk.FilterError{Field: "state", Rule: "must be a state of a delivery"}
	}
	found, err := p.Desk.News(r.Context(), filter)
	if err != nil {
		return err
	}
	data := struct {
		desk.News

		Filter    store.DeliveryFilter
		States    []store.NewsState
		MayManage bool
	}{found, filter, store.NewsStates(), who.may(store.ScopeHooks)}
	p.render(w, r, status, "news", view{Title: "News", Visitor: who, Path: "/desk/news", Notice: said, Data: data})
	return nil
}

// newsCommand is POST /desk/news/{hook}/{command}.
func (p *Page) newsCommand(w http.ResponseWriter, r *http.Request, who visitor) error {
	if err := r.ParseForm(); err != nil {
		return errForm
	}
	id, said := r.PathValue("hook"), &notice{Kind: "done"}
	var err error
	switch r.PathValue("command") {
	case "enable":
		_, err = p.Desk.EnableHook(r.Context(), id)
		said.Text = "The endpoint is told news again."
	case "test":
		_, err = p.Desk.TestHook(r.Context(), id)
		said.Text = "A test event is on its way."
	case "resend":
		var resent desk.Resent
		resent, err = p.Desk.Resend(r.Context(), id, r.PostForm.Get("event"), "")
		said.Text = fmt.Sprintf("%d event is sent again.", resent.Events)
	default:
		return errNoPage
	}
	status := http.StatusOK
	if err != nil {
		status, said = p.refused(err)
	}
	return p.showNews(w, r, who, status, said)
}
