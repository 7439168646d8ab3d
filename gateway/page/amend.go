package page

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"domainprovisioning/desk"
	"domainprovisioning/intake"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// amending is what the form for an amendment shows.
type amending struct {
	asked

	// Checked is what the amendment would change; nil before it was checked.
	Checked *desk.Amended
	Reasons []string // why it would be refused
}

// Can reports whether an amendment can still replace a part of the order.
func (a amending) Can(change string) bool {
	return a.Progress != nil && slices.Contains(a.Progress.Amendable, messages.Change(change))
}

// Whose lists the contacts that can be replaced.
func (a amending) Whose() []string {
	var whose []string
	if a.Can("contacts") {
		whose = append(whose, "owner", "admin", "tech", "billing")
	}
	if a.Can("customer") {
		whose = append(whose, "customer")
	}
	return whose
}

// ContactFields are the parts of a contact, by their names in an order document.
func (amending) ContactFields() [][2]string {
	return [][2]string{
		{"organisation", "Organisation"}, {"firstName", "First name"}, {"lastName", "Last name"}, {"address1", "Address"}, {"postalCode", "Postal code"},
		{"city", "City"}, {"state", "State"}, {"country", "Country, such as DE"}, {"email", "E-mail"},
	}
}

// document makes the amendment of the fields of a form: only those that are filled in.
func (a amending) document(values url.Values) (document []byte, err error) {
	amendment := map[string]any{}
	if text := strings.TrimSpace(values.Get("document")); text != "" {
		if err := json.Unmarshal([]byte(text), &amendment); err != nil || amendment == nil {
			return nil, &desk.FilterError{Field: "document", Rule: "must be a JSON object with the fields that change"}
		}
	}
	add := func(name string, value any) {
		if _, twice := amendment[name]; twice {
			err = &desk.FilterError{Field: "document", Rule: fmt.Sprintf("must not hold %s, which a field of the form has too", name)}
		}
		amendment[name] = value
	}
	contact := map[string]any{}
	for _, field := range a.ContactFields() {
		if value := strings.TrimSpace(values.Get(field[0])); value != "" {
			contact[field[0]] = value
		}
	}
	if len(contact) > 0 {
		switch whose := values.Get("whose"); {
		case !slices.Contains(a.Whose(), whose):
			return nil, &desk.FilterError{Field: "whose contact", Rule: "must be chosen among those that can still be replaced"}
		case whose == "customer":
			add("customer", map[string]any{"contact": contact})
		default:
			add("contacts", map[string]any{whose: contact})
		}
	}
	if servers := strings.Fields(values.Get("nameServers")); len(servers) > 0 {
		add("nameServers", servers)
	}
	if key := values.Get("transferKey"); key != "" {
		add("transferKey", key)
	}
	switch {
	case err != nil:
		return nil, err
	case len(amendment) == 0:
		return nil, &desk.FilterError{Field: "the form", Rule: "must hold at least one field that changes"}
	}
	return json.Marshal(amendment)
}

func (p *Page) askAmendment(w http.ResponseWriter, r *http.Request, who visitor, status int, data amending) error {
	data.Form.Values = maps.Clone(data.Form.Values)
	delete(data.Form.Values, "transferKey") // a secret is in no page
	p.render(w, r, status, "amend", view{Title: "Amend: order " + data.Order, Visitor: who, Path: "/desk/orders", Data: data})
	return nil
}

// amend is POST /desk/orders/{id}/{item}/amend: it checks the amendment, or gives the command.
func (p *Page) amend(w http.ResponseWriter, r *http.Request, who visitor, c command, one desk.Unit) error {
	once := p.once(r, who)
	if known, err := p.known(r, once, one.Order); known != nil || err != nil {
		if err != nil {
			return err
		}
		return p.told(w, r, who, known)
	}
	data := amending{asked: asked{Standing: p.Desk.Stand(r.Context(), []desk.Unit{one})[0], command: c, Form: form{Values: r.PostForm}}}
	again := func(err error) error {
		status, said := p.refused(err)
		if refusal, ok := errors.AsType[*intake.Refusal](err); ok {
			said.Text, data.Reasons = "The amendment is refused, and nothing was changed.", refusal.Reasons
		}
		data.Form.Refused, data.Form.ID = said.Text, sameForm(r, err)
		return p.askAgain(w, r, who, status, data)
	}
	document, err := data.document(r.PostForm)
	if err != nil {
		return again(err)
	}
	if r.PostForm.Get("do") == "check" {
		checked, err := p.Desk.CheckAmendment(r.Context(), one, document)
		if err != nil {
			return again(err)
		}
		data.Checked = &checked
		return p.askAgain(w, r, who, http.StatusOK, data)
	}
	if reasonOf(r.PostForm) == "" {
		data.Form.Refused = "A reason is missing: say why, for the record."
		return p.askAgain(w, r, who, http.StatusBadRequest, data)
	}
	amended, err := p.Desk.Amend(r.Context(), one, "desk/"+once.Client+"/"+once.Key, document, who.by.Actor, reasonOf(r.PostForm))
	if err != nil {
		return again(err)
	}
	return p.accepted(w, r, who, once, one.Order, fmt.Sprintf("Amend: accepted as revision %d (%s). %s", amended.Revision, joined(amended.Changes), sentence(amended.Next)))
}

// known returns the answer that a form had before; nil for one that comes the first time, or that
// only asks for a check, which changes nothing and may be asked again.
func (p *Page) known(r *http.Request, once store.Idempotency, order string) ([]byte, error) {
	if r.PostForm.Get("do") == "check" {
		return nil, nil
	}
	return p.Desk.Store.KeepRequest(r.Context(), once, order)
}

// askAgain shows the form as it was filled in, with an id of its own unless it has one.
func (p *Page) askAgain(w http.ResponseWriter, r *http.Request, who visitor, status int, data amending) error {
	if data.Form.ID == "" {
		data.Form.ID = rand.Text()
	}
	return p.askAmendment(w, r, who, status, data)
}

func joined(changes []messages.Change) string {
	words := make([]string, len(changes))
	for n, change := range changes {
		words[n] = string(change)
	}
	return strings.Join(words, ", ")
}
