package page

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"domainprovisioning/desk"
	"domainprovisioning/domains"
	"domainprovisioning/store"
)

// Name is who is logged in, for people.
func (v visitor) Name() string { return v.by.Key }

// logged is who is logged in, for the access log: it names keys, but no people. The record of acts
// names those.
func (v visitor) logged() string {
	if v.Leaves() {
		return v.by.Key
	}
	return v.by.Client
}

// In reports whether somebody is logged in.
func (v visitor) In() bool { return v.by.Key != "" }

// May reports whether the visitor has a scope.
func (v visitor) May(scope string) bool { return v.may(store.Scope(scope)) }

func (v visitor) may(scope store.Scope) bool { return slices.Contains(v.scopes, scope) }

// Leaves reports whether the visitor can log out: whom a proxy has logged in leaves there.
func (v visitor) Leaves() bool { return v.session.Reveal() != "" }

// Proxy is a proxy in front that logs people in and names them in a header.
type Proxy struct {
	// UserHeader is the header with the user's name; "" if there is no such proxy.
	UserHeader string
	// Trusted are the addresses that the header is believed from.
	Trusted []netip.Prefix
	// Scopes is what every user may do.
	Scopes []store.Scope
	// GroupsHeader is the header with the user's groups, separated by commas; "" for none.
	// Groups says what the members of each may do in addition.
	GroupsHeader string
	Groups       map[string][]store.Scope
}

// maxUser is the length of a user's name, in bytes: with its prefix it fits into an act's actor.
const maxUser = 80

var errProxy = &problem{http.StatusForbidden, "Refused", "The request names a user, but does not come from the proxy that may do so."}

// user returns whom the proxy has logged in; ok is false if the request names nobody.
func (x Proxy) user(r *http.Request) (who visitor, ok bool, err error) {
	if x.UserHeader == "" {
		return who, false, nil
	}
	names := r.Header.Values(x.UserHeader)
	if len(names) == 0 && (x.GroupsHeader == "" || len(r.Header.Values(x.GroupsHeader)) == 0) {
		return who, false, nil
	}
	address, err := netip.ParseAddrPort(r.RemoteAddr)
	from := address.Addr().Unmap()
	if err != nil || !slices.ContainsFunc(x.Trusted, func(trusted netip.Prefix) bool { return trusted.Contains(from) }) {
		return who, false, errProxy
	}
	if len(names) != 1 || names[0] == "" || len(names[0]) > maxUser || strings.ContainsFunc(names[0], func(c rune) bool { return !unicode.IsPrint(c) }) {
		return who, false, &problem{http.StatusForbidden, "Refused", "The proxy must name one user, in at most " + strconv.Itoa(maxUser) + " characters."}
	}
	who = visitor{by: desk.By{Actor: "desk/" + names[0], Client: "desk-users", Key: "user:" + names[0], Via: "desk", Operator: true}, scopes: slices.Clone(x.Scopes)}
	if x.GroupsHeader != "" {
		for _, line := range r.Header.Values(x.GroupsHeader) {
			for group := range strings.SplitSeq(line, ",") {
				who.scopes = append(who.scopes, x.Groups[strings.TrimSpace(group)]...)
			}
		}
	}
	return who, true, nil
}

// visitor returns who makes a request, with the scopes that it has now. The error is
// store.ErrNotLoggedIn for nobody.
func (p *Page) visitor(r *http.Request) (visitor, error) {
	if who, ok, err := p.Proxy.user(r); ok || err != nil {
		return who, err
	}
	token, ok := p.token(r)
	if !ok {
		return visitor{}, store.ErrNotLoggedIn
	}
	ctx, cancel := context.WithTimeout(r.Context(), askTimeout)
	defer cancel()
	key, err := p.Desk.Store.DeskSession(ctx, token, true)
	if err != nil {
		return visitor{}, err
	}
	return visitor{
		by: desk.By{Actor: "desk/" + key.Name, Client: key.Client, Key: key.Name, Via: "desk", Operator: key.May(store.ScopeAll)}, scopes: key.Scopes, session: token,
	}, nil
}

// Asks says who makes a request to another part of the gateway, and whether they have a scope for
// what belongs to all clients. It notes the name for the access log. The error is store.ErrNotLoggedIn for nobody.
func (p *Page) Asks(r *http.Request, scope store.Scope) (name string, may bool, err error) {
	who, err := p.visitor(r)
	if refused, ok := errors.AsType[*problem](err); ok {
		return "", false, fmt.Errorf("%w: %s", store.ErrNotLoggedIn, refused.detail)
	}
	if err != nil {
		return "", false, err
	}
	p.Called(r.Context(), who.logged())
	return who.Name(), who.by.Operator && who.may(scope), nil
}

// stillMay repeats the check of visitor for an event stream, which keeps no session alive. It
// returns true if the store does not answer.
func (p *Page) stillMay(ctx context.Context, who visitor, scope store.Scope) bool {
	if !who.Leaves() {
		return true
	}
	key, err := p.Desk.Store.DeskSession(ctx, who.session, false)
	return !errors.Is(err, store.ErrNotLoggedIn) && (err != nil || key.May(scope))
}

// cookie is the cookie of a session. A browser takes one with the prefix __Host- only by TLS, and
// from this host alone; that needs the path /. The codec is asked with it too. The other one is
// not called desk: a browser may still hold one of that name for /desk, of a version before, and
// would send it first.
func (p *Page) cookie(value string) *http.Cookie {
	cookie := &http.Cookie{Name: "desk-session", Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode}
	if p.Secure {
		cookie.Name, cookie.Secure = "__Host-desk", true
	}
	if value == "" {
		cookie.MaxAge = -1
	}
	return cookie
}

func (p *Page) token(r *http.Request) (domains.Secret, bool) {
	cookie, err := r.Cookie(p.cookie("").Name)
	if err != nil || cookie.Value == "" {
		return domains.Secret{}, false
	}
	return domains.NewSecret(cookie.Value), true
}

// loginData is what the page for logging in shows.
type loginData struct{ Next, Ticket, Refused string }

// within keeps the way back after a login on the desk page.
func within(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || strings.ContainsAny(next, "\\\r\n") || !strings.HasPrefix(next, "/desk/") {
		return "/desk/"
	}
	return next
}

// toLogin sends somebody who is not logged in to do that.
func (p *Page) toLogin(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet {
		return p.showLogin(w, r, http.StatusUnauthorized, loginData{Refused: "You are not logged in any more. Nothing was done."})
	}
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" && r.Header.Get("Sec-Fetch-Mode") == "navigate" {
		// A link on another site: the browser keeps the cookie back until the page itself asks.
		p.render(w, r, http.StatusOK, "again", view{Title: "One moment", Data: within(r.URL.RequestURI())})
		return nil
	}
	http.Redirect(w, r, "/desk/login?next="+url.QueryEscape(within(r.URL.RequestURI())), http.StatusSeeOther)
	return nil
}

// loginForm is GET /desk/login. With a ticket it is a page that posts it: only a POST uses a
// ticket up, so nothing that merely looks at links does.
func (p *Page) loginForm(w http.ResponseWriter, r *http.Request, _ visitor) error {
	query := r.URL.Query()
	return p.showLogin(w, r, http.StatusOK, loginData{Next: within(query.Get("next")), Ticket: query.Get("ticket")})
}

func (p *Page) showLogin(w http.ResponseWriter, r *http.Request, status int, data loginData) error {
	if data.Ticket != "" {
		w.Header().Set("Referrer-Policy", "no-referrer")
	}
	p.render(w, r, status, "login", view{Title: "Log in", Data: data})
	return nil
}

// login is POST /desk/login, with a key or a ticket.
func (p *Page) login(w http.ResponseWriter, r *http.Request, _ visitor) error {
	if p.Wait(attempts(r)) > 0 {
		return errTooFast
	}
	if err := r.ParseForm(); err != nil {
		return errForm
	}
	var key store.APIKey
	var err error
	refused := "The API key is not accepted: it is unknown or revoked."
	if ticket := r.PostForm.Get("ticket"); ticket != "" {
		key, err = p.Desk.Store.UseDeskTicket(r.Context(), domains.NewSecret(ticket))
		refused = "This link has been used, or is too old. Log in with an API key, or ask for another link."
	} else {
		key, err = p.Desk.Store.Authenticate(r.Context(), domains.NewSecret(strings.TrimSpace(r.PostForm.Get("key"))))
	}
	next := within(r.PostForm.Get("next"))
	switch {
	case errors.Is(err, store.ErrKeyRefused), errors.Is(err, store.ErrNotLoggedIn):
		return p.showLogin(w, r, http.StatusUnauthorized, loginData{Next: next, Refused: refused})
	case err != nil:
		return err
	}
	if !key.May(store.ScopeAll) {
		return p.showLogin(w, r, http.StatusForbidden, loginData{Next: next, Refused: errNotOperators.detail})
	}
	p.Called(r.Context(), key.Name)
	token, err := p.Desk.Store.BeginDeskSession(r.Context(), key)
	if err != nil {
		return err
	}
	http.SetCookie(w, p.cookie(token.Reveal()))
	http.Redirect(w, r, next, http.StatusSeeOther) //nolint:gosec // it stays within the desk page
	return nil
}

var errNotOperators = &problem{http.StatusForbidden, "Not permitted",
	"The API key lacks the scope all: the desk shows the orders of all clients. Log in with a key of the operator."}

// attempts names the allowance of an address for logging in. There are few, so that nobody can
// make many of them.
func attempts(r *http.Request) string {
	from, _ := netip.ParseAddrPort(r.RemoteAddr)
	address, bits := from.Addr().Unmap(), 32
	if address.Is6() {
		bits = 64 // what one customer of a provider has
	}
	network, _ := address.Prefix(bits)
	return "login/" + strconv.Itoa(int(sha256.Sum256([]byte(network.String()))[0]))
}

// logout is POST /desk/logout.
func (p *Page) logout(w http.ResponseWriter, r *http.Request, _ visitor) error {
	if token, ok := p.token(r); ok {
		if err := p.Desk.Store.EndDeskSession(r.Context(), token); err != nil {
			return err
		}
	}
	http.SetCookie(w, p.cookie(""))
	http.Redirect(w, r, "/desk/login", http.StatusSeeOther)
	return nil
}
