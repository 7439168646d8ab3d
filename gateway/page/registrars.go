package page

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"domainprovisioning/desk"
	"domainprovisioning/store"
)

// registrars is GET /desk/registrars.
func (p *Page) registrars(w http.ResponseWriter, r *http.Request, who visitor) error {
	return p.showRegistrars(w, r, who, http.StatusOK, nil)
}

func (p *Page) showRegistrars(w http.ResponseWriter, r *http.Request, who visitor, status int, said *notice) error {
	accounts, err := p.Desk.Accounts(r.Context())
	if err != nil {
		return err
	}
	pending, err := p.Desk.Operations(r.Context(), store.LedgerFilter{Open: true, Limit: 200})
	if err != nil {
		return err
	}
	data := struct {
		Accounts   []desk.Account
		Operations []desk.Operation
		MayOperate bool
	}{accounts, pending, who.may(store.ScopeOperate)}
	p.render(w, r, status, "registrars", view{Title: "Registrars", Visitor: who, Path: "/desk/registrars", Notice: said, Data: data})
	return nil
}

// inbox is GET /desk/inbox.
func (p *Page) inbox(w http.ResponseWriter, r *http.Request, who visitor) error {
	return p.showInbox(w, r, who, http.StatusOK, nil)
}

// inboxSaid is POST /desk/inbox/said: what a registrar has written about its account. That somebody
// looked is recorded.
func (p *Page) inboxSaid(w http.ResponseWriter, r *http.Request, who visitor) error {
	if err := r.ParseForm(); err != nil {
		return errForm
	}
	quote, err := p.Desk.Quote(r.Context(), r.PostForm.Get("quote"))
	if errors.Is(err, store.ErrNotFound) {
		return p.showInbox(w, r, who, http.StatusNotFound, &notice{"refused", "What the registrar has written is no longer kept."})
	}
	if err != nil {
		return err
	}
	return p.showInbox(w, r, who, http.StatusOK, &notice{"done", "The registrar has written: " + quote.Text})
}

func (p *Page) showInbox(w http.ResponseWriter, r *http.Request, who visitor, status int, said *notice) error {
	query := r.URL.Query()
	filter := store.ConfirmationFilter{
		State: store.ConfirmationState(query.Get("state")), Account: query.Get("registrar"), Domain: strings.TrimSpace(query.Get("domain")), Latest: true,
	}
	if filter.State != "" && !slices.Contains(store.ConfirmationStates(), filter.State) {
		return &desk.FilterError{Field: "state", Rule: "must be a state of a confirmation"}
	}
	reports, err := p.Desk.Inbox(r.Context(), filter)
	if err != nil {
		return err
	}
	shown, err := p.Desk.Waiting(r.Context())
	if err != nil {
		return err
	}
	data := struct {
		Reports []desk.Report
		Backlog store.Backlog
		Filter  store.ConfirmationFilter
		States  []store.ConfirmationState

		MayOperate bool
	}{reports, shown, filter, store.ConfirmationStates(), who.may(store.ScopeOperate)}
	p.render(w, r, status, "inbox", view{Title: "Inbox", Visitor: who, Path: "/desk/inbox", Notice: said, Data: data})
	return nil
}

// named is an operation or a loose end that a form is about.
type named struct {
	Registrar, Reference string // of an operation
	ID                   string // of a loose end
	Form                 form
}

// checkOperation is POST /desk/operations/check: it asks the registrar at once.
func (p *Page) checkOperation(w http.ResponseWriter, r *http.Request, who visitor) error {
	if err := r.ParseForm(); err != nil {
		return errForm
	}
	checked, err := p.Desk.CheckOperation(r.Context(), r.PostForm.Get("reference"), r.PostForm.Get("registrar"))
	said := &notice{"done", "Operation " + checked.Reference + " is " + checked.State + "."}
	if checked.Word != "" {
		said.Text += " The registrar says: " + checked.Word + "."
	}
	return p.toldRegistrars(w, r, who, said, err)
}

// withdrawForm is GET /desk/operations/withdraw.
func (p *Page) withdrawForm(w http.ResponseWriter, r *http.Request, who visitor) error {
	query := r.URL.Query()
	return p.showNamed(w, r, who, "withdraw", "Withdraw an operation", named{Registrar: query.Get("registrar"), Reference: query.Get("reference")})
}

// settleForm is GET /desk/loose-ends/settle.
func (p *Page) settleForm(w http.ResponseWriter, r *http.Request, who visitor) error {
	return p.showNamed(w, r, who, "settle", "Settle a loose end", named{ID: r.URL.Query().Get("id")})
}

func (p *Page) showNamed(w http.ResponseWriter, r *http.Request, who visitor, name, title string, data named) error {
	data.Form.ID = rand.Text()
	p.render(w, r, http.StatusOK, name, view{Title: title, Visitor: who, Data: data})
	return nil
}

// withdraw is POST /desk/operations/withdraw.
func (p *Page) withdraw(w http.ResponseWriter, r *http.Request, who visitor) error {
	if err := r.ParseForm(); err != nil {
		return errForm
	}
	cancelled, err := p.Desk.CancelOperation(r.Context(), r.PostForm.Get("reference"), r.PostForm.Get("registrar"), who.by.Actor, reasonOf(r.PostForm))
	return p.toldRegistrars(w, r, who, &notice{"done", "The registrar was asked to withdraw operation " + cancelled.Reference + "; its order learns from the watch how it has ended."}, err)
}

// toldRegistrars shows the registrars with what became of a command about an operation.
func (p *Page) toldRegistrars(w http.ResponseWriter, r *http.Request, who visitor, said *notice, err error) error {
	status := http.StatusOK
	if err != nil {
		status, said = p.refused(err)
	}
	return p.showRegistrars(w, r, who, status, said)
}

// settle is POST /desk/loose-ends/settle. A repeat changes nothing.
func (p *Page) settle(w http.ResponseWriter, r *http.Request, who visitor) error {
	if err := r.ParseForm(); err != nil {
		return errForm
	}
	end, err := p.Desk.Settle(r.Context(), r.PostForm.Get("id"), who.by.Actor, reasonOf(r.PostForm))
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/desk/orders/"+url.PathEscape(end.Address), http.StatusSeeOther)
	return nil
}
