package page

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// domains is GET /desk/domains.
func (p *Page) domains(w http.ResponseWriter, r *http.Request, who visitor) error {
	query := r.URL.Query()
	filter := desk.DomainFilter{
		State: messages.LifeState(query.Get("state")), Registrar: strings.TrimSpace(query.Get("registrar")), Text: strings.TrimSpace(query.Get("text")),
		Attention: query.Get("attention") != "", Cursor: query.Get("cursor"),
	}
	found, err := p.Desk.Domains(r.Context(), filter)
	if err != nil {
		return err
	}
	older := url.Values{}
	if found.Next != "" {
		older = query
		older.Set("cursor", found.Next)
	}
	data := struct {
		desk.DomainPage

		Filter desk.DomainFilter
		States []messages.LifeState
		More   string
	}{found, filter, messages.LifeStates(), older.Encode()}
	p.render(w, r, http.StatusOK, "domains", view{Title: "Domains", Visitor: who, Data: data})
	return nil
}

// domain is GET /desk/domains/{domain}.
func (p *Page) domain(w http.ResponseWriter, r *http.Request, who visitor) error {
	return p.showDomain(w, r, who, http.StatusOK, nil)
}

func (p *Page) showDomain(w http.ResponseWriter, r *http.Request, who visitor, status int, said *notice) error {
	found, err := p.Desk.Domain(r.Context(), r.PathValue("domain"))
	if err != nil {
		return err
	}
	data := struct {
		desk.WholeDomain

		MayOperate bool
		Missing    bool
		Form       form
	}{found, who.may(store.ScopeOperate) && found.EndedAt == nil, found.State == messages.LifeMissing, form{ID: rand.Text()}}
	p.render(w, r, status, "domain", view{Title: found.Name, Visitor: who, Path: "/desk/domains", Notice: said, Data: data})
	return nil
}

// domainCommand is POST /desk/domains/{domain}/{command}.
func (p *Page) domainCommand(w http.ResponseWriter, r *http.Request, who visitor) error {
	if err := r.ParseForm(); err != nil {
		return errForm
	}
	name, id, actor, reason := r.PathValue("domain"), r.PostForm.Get("id"), who.by.Actor, reasonOf(r.PostForm)
	said := &notice{Kind: "done"}
	var err error
	switch r.PathValue("command") {
	case "us", "none":
		mode := messages.RenewalMode(r.PathValue("command"))
		_, err = p.Desk.ChangeRenewal(r.Context(), name, id, messages.ChangeRenewal{Mode: mode, Actor: actor, Reason: reason})
		said.Text = fmt.Sprintf("From now on it is renewed by: %s.", mode)
	case "look":
		var looked desk.Looked
		looked, err = p.Desk.Look(r.Context(), name, actor, reason)
		said.Text = "Asked: " + looked.Next + "."
	case "transferred-away", "gone":
		_, err = p.Desk.MarkLeft(r.Context(), name, id, messages.MarkLeft{State: messages.LifeState(r.PathValue("command")), Actor: actor, Reason: reason})
		said.Text = "It has left."
	default:
		return errNoPage
	}
	if errors.Is(err, desk.ErrNoDomain) {
		return err
	}
	status := http.StatusOK
	if err != nil {
		status, said = p.refused(err)
	}
	return p.showDomain(w, r, who, status, said)
}
