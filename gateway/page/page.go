// Package page is the desk page: what people see of the orders in a browser, and the forms with
// which they give commands. It is rendered on the server, works without script, and decides
// nothing: every answer and every command is that of the package desk, as for the command line
// and the API. What happens inside a workflow is shown by the Temporal Web UI, to which it links.
package page

import (
	"context"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/domains"
	"domainprovisioning/store"
)

// Options are the parts of a page. All but Proxy are required.
type Options struct {
	Desk *desk.Desk
	Log  *slog.Logger
	// Secure says that browsers reach the page by TLS, whoever ends it.
	Secure bool
	// Proxy says which proxy in front logs people in; zero for none.
	Proxy Proxy
	// Wait takes a request from somebody's allowance, or returns how long to wait for one.
	Wait func(name string) time.Duration
	// Called notes for the access log who has made a request.
	Called func(ctx context.Context, name string)
	// Events answers with the event stream of an order, as long as the caller is permitted.
	Events func(w http.ResponseWriter, r *http.Request, found []desk.Unit, caller string, permitted func(ctx context.Context) bool) error
	// Explain says what an error means to a caller: the HTTP status, and one sentence.
	Explain func(err error) (status int, title, detail string)
	// Now is the clock for ages.
	Now func() time.Time
}

// Page serves the desk page.
type Page struct {
	Options

	cross     *http.CrossOriginProtection
	templates map[string]*template.Template
	figures   figures
}

// New returns a page.
func New(options Options) *Page {
	return &Page{Options: options, cross: http.NewCrossOriginProtection(), templates: parse()}
}

// Route is a path of the page.
type Route struct {
	Pattern string
	// Stream is true if the answer does not end by itself.
	Stream bool
	Handle http.Handler
}

// handler answers a request of somebody who may make it.
type handler func(w http.ResponseWriter, r *http.Request, who visitor) error

// Routes lists the paths. What the API asks a scope for needs the same scope here.
func (p *Page) Routes() []Route {
	read := func(pattern string, handle handler) Route {
		return Route{Pattern: pattern, Handle: p.permitted(store.ScopeRead, handle)}
	}
	return []Route{
		{Pattern: "GET /desk/assets/{file}", Handle: http.HandlerFunc(serveAsset)},
		{Pattern: "GET /desk/login", Handle: p.open(p.loginForm)},
		{Pattern: "POST /desk/login", Handle: p.open(p.login)},
		{Pattern: "POST /desk/logout", Handle: p.open(p.logout)},
		read("GET /desk", func(w http.ResponseWriter, r *http.Request, _ visitor) error {
			http.Redirect(w, r, "/desk/", http.StatusSeeOther)
			return nil
		}),
		read("GET /desk/{$}", p.overview),
		read("GET /desk/search", p.search),
		read("GET /desk/orders", p.list),
		read("GET /desk/orders/{id}", p.order),
		read("GET /desk/orders/{id}/live", p.live),
		{Pattern: "GET /desk/orders/{id}/events", Stream: true, Handle: p.permitted(store.ScopeRead, p.events)},
		{Pattern: "POST /desk/orders/{id}/{item}/contacts", Handle: p.permitted(store.ScopeOperate, p.contacts)},
		{Pattern: "POST /desk/orders/{id}/{item}/said", Handle: p.permitted(store.ScopeOperate, p.said)},
		read("GET /desk/orders/{id}/{item}/{command}", p.commandForm),
		read("POST /desk/orders/{id}/{item}/{command}", p.command),
		{Pattern: "POST /desk/operations/check", Handle: p.permitted(store.ScopeOperate, p.checkOperation)},
		{Pattern: "GET /desk/operations/withdraw", Handle: p.permitted(store.ScopeOperate, p.withdrawForm)},
		{Pattern: "POST /desk/operations/withdraw", Handle: p.permitted(store.ScopeOperate, p.withdraw)},
		{Pattern: "GET /desk/loose-ends/settle", Handle: p.permitted(store.ScopeOperate, p.settleForm)},
		{Pattern: "POST /desk/loose-ends/settle", Handle: p.permitted(store.ScopeOperate, p.settle)},
		read("GET /desk/registrars", p.registrars),
		read("GET /desk/domains", p.domains),
		read("GET /desk/domains/{domain}", p.domain),
		{Pattern: "POST /desk/domains/{domain}/{command}", Handle: p.permitted(store.ScopeOperate, p.domainCommand)},
		read("GET /desk/batches", p.batches),
		read("GET /desk/batches/{batch}", p.batch),
		{Pattern: "POST /desk/batches/{batch}/cancel", Handle: p.permitted(store.ScopeCancel, p.batchCommand)},
		{Pattern: "POST /desk/batches/{batch}/{command}", Handle: p.permitted(store.ScopeOperate, p.batchCommand)},
		read("GET /desk/inbox", p.inbox),
		{Pattern: "POST /desk/inbox/said", Handle: p.permitted(store.ScopeOperate, p.inboxSaid)},
		read("GET /desk/news", p.news),
		{Pattern: "POST /desk/news/{hook}/{command}", Handle: p.permitted(store.ScopeHooks, p.newsCommand)},
		read("GET /desk/figures", p.chart),
		read("GET /desk/{rest...}", func(http.ResponseWriter, *http.Request, visitor) error { return errNoPage }),
	}
}

// section is an entry of the navigation.
type section struct{ Path, Title string }

func sections() []section {
	return []section{
		{"/desk/", "Overview"}, {"/desk/orders", "Orders"}, {"/desk/domains", "Domains"}, {"/desk/batches", "Batches"}, {"/desk/registrars", "Registrars"}, {"/desk/inbox", "Inbox"}, {"/desk/news", "News"}, {"/desk/figures", "Figures"},
	}
}

// problem is an error of the page's own, with its status.
type problem struct {
	status        int
	title, detail string
}

func (e *problem) Error() string { return e.title + ": " + e.detail }

var (
	errNoPage  = &problem{http.StatusNotFound, "There is nothing here", "The address is wrong, or the page has moved."}
	errForged  = &problem{http.StatusForbidden, "Refused", "The request came from another site. Open the desk page itself and repeat it there."}
	errTooFast = &problem{http.StatusTooManyRequests, "Too many requests", "Wait a moment, then try again."}
)

// open serves what needs no login. Who claims to come from the proxy must do so here as well.
func (p *Page) open(handle handler) http.Handler {
	return p.answered(func(w http.ResponseWriter, r *http.Request) (visitor, error) {
		if _, _, err := p.Proxy.user(r); err != nil {
			return visitor{}, err
		}
		return visitor{}, handle(w, r, visitor{})
	})
}

// permitted serves what needs a login with a scope.
func (p *Page) permitted(scope store.Scope, handle handler) http.Handler {
	return p.answered(func(w http.ResponseWriter, r *http.Request) (visitor, error) {
		who, err := p.visitor(r)
		if errors.Is(err, store.ErrNotLoggedIn) {
			return who, p.toLogin(w, r)
		}
		if err != nil {
			return who, err
		}
		p.Called(r.Context(), who.logged())
		if p.Wait(who.by.Key) > 0 {
			return who, errTooFast
		}
		r = r.WithContext(desk.WithBy(r.Context(), who.by))
		if !who.by.Operator {
			return who, errNotOperators
		}
		if err := p.demand(r, who, scope); err != nil {
			return who, err
		}
		return who, handle(w, r, who)
	})
}

// answered refuses requests that another site has made, sets the headers of every answer, and
// turns errors into pages.
func (p *Page) answered(handle func(w http.ResponseWriter, r *http.Request) (visitor, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header())
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		who, err := visitor{}, p.cross.Check(r)
		if err != nil {
			err = errForged
		} else {
			who, err = handle(w, r)
		}
		if err != nil {
			p.fail(w, r, who, err)
		}
	})
}

// maxForm is the size of a form, in bytes.
const maxForm = 128 << 10

// demand refuses who lacks a scope. A refused command is recorded, as that of the API is.
func (p *Page) demand(r *http.Request, who visitor, scope store.Scope) error {
	if who.may(scope) {
		return nil
	}
	detail := "This login lacks the scope " + string(scope) + "."
	if r.Method == http.MethodPost {
		order := ""
		if found, err := p.Desk.Find(r.Context(), r.PathValue("id")); err == nil {
			order = found[0].Order
		}
		p.Desk.Refused(r.Context(), order, last(r.URL), "the login lacks the scope "+string(scope))
	}
	return &problem{http.StatusForbidden, "Not permitted", detail}
}

// fail answers with what went wrong.
func (p *Page) fail(w http.ResponseWriter, r *http.Request, who visitor, err error) {
	status, title, detail := p.explain(err)
	switch status {
	case http.StatusServiceUnavailable:
		p.Log.WarnContext(r.Context(), "a page of the desk could not be answered", "error", err)
		w.Header().Set("Retry-After", "5")
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", "1")
	}
	p.render(w, r, status, "problem", view{Title: title, Visitor: who, Data: detail})
}

func (p *Page) explain(err error) (status int, title, detail string) {
	if own, ok := errors.AsType[*problem](err); ok {
		return own.status, own.title, own.detail
	}
	return p.Explain(err)
}

// find returns the units of the order in the path.
func (p *Page) find(r *http.Request) ([]desk.Unit, error) {
	found, err := p.Desk.Find(r.Context(), r.PathValue("id"))
	if _, noName := errors.AsType[*desk.NameError](err); noName {
		return nil, desk.ErrNotFound
	}
	return found, err
}

// last is the last part of a path.
func last(u *url.URL) string {
	path := u.Path
	for n := len(path) - 1; n >= 0; n-- {
		if path[n] == '/' {
			return path[n+1:]
		}
	}
	return path
}

// figures are kept for some minutes: they are the same for everybody.
type figures struct {
	mu    sync.Mutex
	kept  desk.Figures
	until time.Time
}

// visitor is who makes a request, and what it may do.
type visitor struct {
	by     desk.By
	scopes []store.Scope
	// session is the token of a login by key; zero for somebody whom a proxy has logged in.
	session domains.Secret
}
