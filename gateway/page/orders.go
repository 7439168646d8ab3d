package page

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/store"
)

// overview is GET /desk/: what needs a person first.
func (p *Page) overview(w http.ResponseWriter, r *http.Request, who visitor) error {
	shown, err := p.Desk.Overview(r.Context())
	if err != nil {
		return err
	}
	type need struct {
		desk.Standing

		Buttons []button
	}
	data := struct {
		desk.Overview

		Needs  []need
		Counts []count
	}{Overview: shown}
	for _, one := range shown.Needs {
		data.Needs = append(data.Needs, need{one, buttons(one, who)})
	}
	for _, state := range store.OpenStates() {
		data.Counts = append(data.Counts, count{string(state), shown.Open[state]})
	}
	p.render(w, r, http.StatusOK, "overview", view{Title: "Overview", Visitor: who, Data: data})
	return nil
}

// count is how many orders are in a state.
type count struct {
	State string
	Count int
}

// listed is what the list of orders shows.
type listed struct {
	desk.Page

	Filter     desk.Filter
	OlderThan  string
	States     []string
	Registrars []string
	Next       string // address of the next page; "" at the end
	First      string // address of the first page; "" on it
}

// list is GET /desk/orders.
func (p *Page) list(w http.ResponseWriter, r *http.Request, who visitor) error {
	query := r.URL.Query()
	data := listed{OlderThan: query.Get("olderThan"), States: desk.States(), Filter: desk.Filter{
		Text: query.Get("text"), State: query.Get("state"), Registrar: query.Get("registrar"), Reason: query.Get("reason"), Cursor: query.Get("cursor"), Limit: 50,
	}}
	var err error
	if data.OlderThan != "" {
		if data.Filter.OlderThan, err = time.ParseDuration(data.OlderThan); err != nil || data.Filter.OlderThan <= 0 {
			return &desk.FilterError{Field: "older than", Rule: "must be an age such as 48h"}
		}
	}
	if step := query.Get("step"); step != "" {
		if data.Filter.Step, err = strconv.Atoi(step); err != nil {
			return &desk.FilterError{Field: "step", Rule: "must be the number of a step"}
		}
	}
	if data.Page, err = p.Desk.List(r.Context(), data.Filter); err != nil {
		return err
	}
	accounts, err := p.Desk.Accounts(r.Context())
	if err != nil {
		return err
	}
	for _, account := range accounts {
		data.Registrars = append(data.Registrars, account.Registrar)
	}
	turn := func(cursor string) string {
		query.Del("cursor")
		if cursor != "" {
			query.Set("cursor", cursor)
		}
		return "/desk/orders?" + query.Encode()
	}
	if data.Filter.Cursor != "" {
		data.First = turn("")
	}
	if data.Page.Next != "" {
		data.Next = turn(data.Page.Next)
	}
	p.render(w, r, http.StatusOK, "orders", view{Title: "Orders", Visitor: who, Data: data})
	return nil
}

// search is GET /desk/search: it goes to the order that fits, or lists those that do.
func (p *Page) search(w http.ResponseWriter, r *http.Request, who visitor) error {
	text := r.URL.Query().Get("q")
	hits, err := p.Desk.Search(r.Context(), text)
	if err != nil {
		return err
	}
	same := len(hits) > 0
	for _, hit := range hits {
		same = same && hit.Order == hits[0].Order
	}
	if same {
		http.Redirect(w, r, "/desk/orders/"+url.PathEscape(hits[0].Address()), http.StatusSeeOther)
		return nil
	}
	p.render(w, r, http.StatusOK, "search", view{Title: "Search", Visitor: who, Search: text, Data: hits})
	return nil
}

// ordered is what the page of an order shows.
type ordered struct {
	Order, Address string
	// Open says that the page is worth following.
	Open  bool
	Units []unit
	Acts  []store.Act
}

// unit is a unit of work on the page of its order.
type unit struct {
	desk.Standing

	Buttons    []button
	Moments    []moment
	Operations []desk.Operation
	// Contacts says that the visitor may see personal data; People are these, once asked for.
	Contacts, MayOperate bool
	People               []desk.Person
}

// order is GET /desk/orders/{id}.
func (p *Page) order(w http.ResponseWriter, r *http.Request, who visitor) error {
	return p.showOrder(w, r, who, nil, nil)
}

// showOrder answers with the page of the order in the path, with what became of a command, and
// with personal data by item if they were asked for.
func (p *Page) showOrder(w http.ResponseWriter, r *http.Request, who visitor, said *notice, people map[int][]desk.Person) error {
	found, err := p.find(r)
	if err != nil {
		return err
	}
	data, err := p.ordered(r.Context(), found, who)
	if err != nil {
		return err
	}
	for n := range data.Units {
		data.Units[n].People = people[data.Units[n].Item]
	}
	p.render(w, r, http.StatusOK, "order", view{Title: "Order " + data.Order, Visitor: who, Path: "/desk/orders", Notice: said, Data: data})
	return nil
}

// live is GET /desk/orders/{id}/live: the part of the page that changes.
func (p *Page) live(w http.ResponseWriter, r *http.Request, who visitor) error {
	found, err := p.find(r)
	if err != nil {
		return err
	}
	data, err := p.ordered(r.Context(), found, who)
	if err != nil {
		return err
	}
	p.execute(w, r, http.StatusOK, "order", "live", view{Visitor: who, Data: data})
	return nil
}

// latestActs is how many acts the page of an order shows.
const latestActs = 50

func (p *Page) ordered(ctx context.Context, found []desk.Unit, who visitor) (ordered, error) {
	data := ordered{Order: found[0].Order, Address: found[0].Address()}
	for _, standing := range p.Desk.Stand(ctx, found) {
		operations, err := p.Desk.OrderOperations(ctx, standing.Unit)
		if err != nil {
			return data, err
		}
		var reports []desk.Report
		if standing.Domain != "" {
			if reports, err = p.Desk.Inbox(ctx, store.ConfirmationFilter{Domain: standing.Domain, Latest: true}); err != nil {
				return data, err
			}
		}
		data.Open = data.Open || standing.Open()
		data.Units = append(data.Units, unit{
			Standing: standing, Buttons: buttons(standing, who), Moments: moments(standing, reports), Operations: operations,
			Contacts: who.may(store.ScopeOperate), MayOperate: who.may(store.ScopeOperate),
		})
	}
	acts, err := p.Desk.Acts(ctx, data.Order, store.ActFilter{Latest: true, Limit: latestActs})
	data.Acts = acts.Acts
	return data, err
}

// events is GET /desk/orders/{id}/events: the event stream of the API, for a session.
func (p *Page) events(w http.ResponseWriter, r *http.Request, who visitor) error {
	asking, cancel := context.WithTimeout(r.Context(), askTimeout)
	defer cancel()
	found, err := p.find(r.WithContext(asking))
	if err != nil {
		return err
	}
	return p.Events(w, r, found, who.by.Key, func(ctx context.Context) bool {
		ctx, cancel := context.WithTimeout(ctx, askTimeout)
		defer cancel()
		return p.stillMay(ctx, who, store.ScopeRead)
	})
}

// askTimeout bounds the questions of a stream to the store.
const askTimeout = 5 * time.Second

// contacts is POST /desk/orders/{id}/{item}/contacts: the personal data of an order. That somebody
// looked is recorded.
func (p *Page) contacts(w http.ResponseWriter, r *http.Request, who visitor) error {
	one, err := p.unit(r)
	if err != nil {
		return err
	}
	people, err := p.Desk.People(r.Context(), one)
	if erased, ok := errors.AsType[*store.ErasedError](err); ok {
		return p.showOrder(w, r, who, &notice{"refused", strings.TrimPrefix(erased.Error(), "store: ")}, nil)
	}
	if err != nil {
		return err
	}
	return p.showOrder(w, r, who, nil, map[int][]desk.Person{one.Item: people})
}

// said is POST /desk/orders/{id}/{item}/said: what an outside system has said about the trouble of
// an order. That somebody looked is recorded.
func (p *Page) said(w http.ResponseWriter, r *http.Request, who visitor) error {
	one, err := p.unit(r)
	if err != nil {
		return err
	}
	progress, err := p.Desk.Progress(r.Context(), one)
	if err != nil {
		return err
	}
	if progress.Attention == nil || progress.Attention.Reference == "" {
		return p.showOrder(w, r, who, &notice{"refused", "No system has said anything about it, or the trouble is over."}, nil)
	}
	quote, err := p.Desk.Quote(r.Context(), progress.Attention.Reference)
	if err != nil {
		return err
	}
	return p.showOrder(w, r, who, &notice{"done", "The system has said: " + quote.Text}, nil)
}

// unit returns the unit of work in the path.
func (p *Page) unit(r *http.Request) (desk.Unit, error) {
	found, err := p.find(r)
	if err != nil {
		return desk.Unit{}, err
	}
	item, err := strconv.Atoi(r.PathValue("item"))
	if err != nil {
		return desk.Unit{}, desk.ErrNotFound
	}
	return desk.One(found, desk.Which{Item: &item})
}
