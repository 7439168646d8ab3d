package page

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// command is something that a person can do about an order: how it is called, what it needs, and
// what carries it out.
type command struct {
	Action messages.Action
	Label  string
	// Does says in one sentence what happens.
	Does   string
	Scope  store.Scope
	Grave  bool // nobody can take it back
	Fields []field
	// NoReason says that the command takes none.
	NoReason bool
	// read reads the fields; give gives the command to the desk.
	give func(g given) (string, error)
}

// field is what a command needs besides a reason.
type field struct {
	Name, Label, Hint, Kind string // Kind is that of an input, or select
	Required                bool
	Choices                 []string
}

// given is a command as it was given.
type given struct {
	*http.Request

	desk *desk.Desk
	unit desk.Unit
	id   string
	who  visitor
	form url.Values
}

func (g given) reason() string { return reasonOf(g.form) }

// reasonOf is the reason of a form, in one line.
func reasonOf(form url.Values) string {
	return strings.Join(strings.Fields(form.Get("reason")), " ")
}

// retried gives a retry with a choice.
func retried(choose func(g given, retry *messages.Retry)) func(g given) (string, error) {
	return func(g given) (string, error) {
		retry := messages.Retry{Actor: g.who.by.Actor, Reason: g.reason()}
		choose(g, &retry)
		answer, err := g.desk.Retry(g.Context(), g.unit, g.id, retry)
		return answer.Next, err
	}
}

// commands lists what can be done about an order, in the order of the buttons. Settling has a form
// of its own, because it is about a loose end.
func commands() []command {
	return []command{
		{
			Action: messages.ActionAmend, Label: "Amend", Scope: store.ScopeOperate,
			Does: "Replaces what the order says and has still to be used, and tries the step again.",
		},
		{
			Action: messages.ActionRetry, Label: "Retry", Scope: store.ScopeOperate,
			Does: "Tries the step again, after the cause was corrected elsewhere. Nothing already done is repeated.",
			give: retried(func(given, *messages.Retry) {}),
		},
		{
			Action: messages.ActionResume, Label: "Resume", Scope: store.ScopeOperate,
			Does: "Starts the workflow of the order again. What was made is found, and nothing is done twice.",
			give: retried(func(given, *messages.Retry) {}),
		},
		{
			Action: messages.ActionAcceptPrice, Label: "Accept the price", Scope: store.ScopeOperate,
			Does:   "Sends the request at exactly the price that you accept.",
			Fields: []field{{Name: "price", Label: "Price", Hint: "As the message says it, such as 250.00EUR.", Kind: "text", Required: true}},
			give:   retried(func(g given, r *messages.Retry) { r.AcceptPrice = strings.TrimSpace(g.form.Get("price")) }),
		},
		{
			Action: messages.ActionTakeOver, Label: "Take over", Scope: store.ScopeOperate, Grave: true,
			Does: "Replaces a domain of another account. Make sure first that this account has lost the name.",
			give: retried(func(_ given, r *messages.Retry) { r.AllowTakeover = true }),
		},
		{
			Action: messages.ActionNothingThere, Label: "Nothing is there", Scope: store.ScopeOperate, Grave: true,
			Does: "Submits the request again. Look at the registrar first: if it has the request, it may be paid for twice.",
			give: retried(func(_ given, r *messages.Retry) { r.NothingThere = true }),
		},
		{
			Action: messages.ActionConfirm, Label: "Ask the registrar", Scope: store.ScopeOperate, NoReason: true,
			Does:   "Tells the order that the registrar may have finished. The order asks the registrar and acts on its answer.",
			Fields: []field{{Name: "reference", Label: "Operation at the registrar", Hint: "Its id there, if you know it.", Kind: "text"}},
			give: func(g given) (string, error) {
				confirmed, err := g.desk.Confirm(g.Context(), g.unit, desk.Confirmation{EventID: g.id, Reference: strings.TrimSpace(g.form.Get("reference"))})
				return "the order was told: " + confirmed.State, err
			},
		},
		{
			Action: messages.ActionConfirmByHand, Label: "State the outcome", Scope: store.ScopeOperate, Grave: true,
			Does: "States what the registrar has done, where it cannot be asked. The reason is the evidence.",
			Fields: []field{
				{Name: "outcome", Label: "Outcome", Kind: "select", Required: true, Choices: []string{string(messages.OutcomeDone), string(messages.OutcomeRefused)}},
				{Name: "expires", Label: "Expires", Hint: "When the domain expires, if that is known.", Kind: "date"},
			},
			give: func(g given) (string, error) {
				by := messages.ConfirmByHand{Actor: g.who.by.Actor, Reason: g.reason(), Outcome: messages.Outcome(g.form.Get("outcome"))}
				var err error
				if day := g.form.Get("expires"); day != "" {
					if by.Expires, err = time.Parse(time.DateOnly, day); err != nil {
						return "", &desk.FilterError{Field: "expires", Rule: "must be a day such as 2026-12-24"}
					}
				}
				if !slices.Contains(messages.Outcomes(), by.Outcome) {
					return "", &desk.FilterError{Field: "outcome", Rule: "must be done or refused"}
				}
				answer, err := g.desk.ConfirmByHand(g.Context(), g.unit, g.id, by)
				return answer.Next, err
			},
		},
		{
			Action: messages.ActionExtend, Label: "Extend", Scope: store.ScopeOperate,
			Does:   "Moves the deadline: the order goes on waiting, and a person is told later.",
			Fields: []field{{Name: "hours", Label: "Hours from now", Hint: "72 are three days.", Kind: "number", Required: true}},
			give: func(g given) (string, error) {
				hours, err := strconv.Atoi(strings.TrimSpace(g.form.Get("hours")))
				if err != nil || hours < 1 || hours > int(messages.MostExtended.Hours()) {
					return "", &desk.FilterError{Field: "hours", Rule: "must be 1 to 8784"}
				}
				answer, err := g.desk.Extend(g.Context(), g.unit, g.id, messages.Extend{
					Actor: g.who.by.Actor, Reason: g.reason(), Until: time.Now().Add(time.Duration(hours) * time.Hour),
				})
				return answer.Next, err
			},
		},
		{
			Action: messages.ActionSkip, Label: "Skip the step", Scope: store.ScopeOperate, Grave: true,
			Does: "Leaves out the step that the order is at.",
			Fields: []field{
				{Name: "step", Label: "Step", Hint: "The number of the step that you mean, so that no other is left out.", Kind: "number", Required: true},
				{Name: "billing", Label: "Domain in Billing", Hint: "Its id, if you have recorded it there by hand.", Kind: "number"},
			},
			give: func(g given) (string, error) {
				skip := messages.Skip{Actor: g.who.by.Actor, Reason: g.reason()}
				var err error
				if skip.Step, err = strconv.Atoi(g.form.Get("step")); err != nil || skip.Step < 1 {
					return "", &desk.FilterError{Field: "step", Rule: "must be the number of the step that the order is at"}
				}
				if id := g.form.Get("billing"); id != "" {
					if skip.BillingDomainID, err = strconv.Atoi(id); err != nil || skip.BillingDomainID < 1 {
						return "", &desk.FilterError{Field: "billing", Rule: "must be the id of a domain in Billing"}
					}
				}
				answer, err := g.desk.Skip(g.Context(), g.unit, g.id, skip)
				return answer.Next, err
			},
		},
		{
			Action: messages.ActionCancel, Label: "Cancel the order", Scope: store.ScopeCancel, Grave: true,
			Does: "Gives the order up and takes back what it made, the latest first. Nobody can undo that.",
			Fields: []field{
				{Name: "keep", Label: "Leave what the order made as it is, and only list it", Kind: "checkbox"},
				{Name: "delete", Label: "Delete a confirmed registration, as long as it can be given back", Kind: "checkbox"},
			},
			give: func(g given) (string, error) {
				cancel := messages.Cancel{Actor: g.who.by.Actor, Reason: g.reason(), Keep: g.form.Has("keep"), DeleteRegistration: g.form.Has("delete")}
				if cancel.Keep && cancel.DeleteRegistration {
					return "", &desk.FilterError{Field: "delete", Rule: "must not come together with keep"}
				}
				answer, err := g.desk.Cancel(g.Context(), g.unit, g.id, cancel)
				return answer.Next, err
			},
		},
		{
			Action: messages.ActionClose, Label: "Close the order", Scope: store.ScopeCancel, Grave: true,
			Does: "Ends the order as cancelled, as it is: what it made stays and is listed.",
			give: func(g given) (string, error) {
				answer, err := g.desk.Close(g.Context(), g.unit, g.who.by.Actor, g.reason())
				return answer.Next, err
			},
		},
	}
}

func commandOf(name string) (command, bool) {
	all := commands()
	n := slices.IndexFunc(all, func(c command) bool { return string(c.Action) == name })
	if n < 0 {
		return command{}, false
	}
	return all[n], true
}

// button leads to the form of a command that is allowed now.
type button struct {
	command

	Path string
}

// buttons are the commands that are allowed about a unit, and that the visitor may give.
func buttons(unit desk.Standing, who visitor) []button {
	var all []button
	for _, c := range commands() {
		if slices.Contains(unit.Allowed(), c.Action) && who.may(c.Scope) {
			all = append(all, button{c, "/desk/orders/" + url.PathEscape(unit.Order) + "/" + strconv.Itoa(unit.Item) + "/" + string(c.Action)})
		}
	}
	return all
}

// form is a form as it was filled in.
type form struct {
	// ID makes a form that is sent twice one command.
	ID     string
	Values url.Values
	// Refused says why it was not accepted.
	Refused string
}

// Value is what a field holds.
func (f form) Value(name string) string { return f.Values.Get(name) }

// asked is what the form of a command shows.
type asked struct {
	desk.Standing
	command

	Form form
	// Undo is what a cancellation would take back.
	Undo []messages.UndoLine
}

// commandForm is GET /desk/orders/{id}/{item}/{command}.
func (p *Page) commandForm(w http.ResponseWriter, r *http.Request, who visitor) error {
	c, ok := commandOf(r.PathValue("command"))
	if !ok {
		return errNoPage
	}
	if err := p.demand(r, who, c.Scope); err != nil {
		return err
	}
	one, err := p.unit(r)
	if err != nil {
		return err
	}
	return p.ask(w, r, who, c, one, http.StatusOK, form{})
}

// ask answers with the form of a command.
func (p *Page) ask(w http.ResponseWriter, r *http.Request, who visitor, c command, one desk.Unit, status int, filled form) error {
	filled.ID = rand.Text()
	data := asked{Standing: p.Desk.Stand(r.Context(), []desk.Unit{one})[0], command: c, Form: filled}
	name := "command"
	switch {
	case c.Action == messages.ActionAmend:
		return p.askAmendment(w, r, who, status, amending{asked: data})
	case c.Action == messages.ActionCancel && data.Progress != nil:
		data.Undo, _ = p.Desk.Undo(r.Context(), one) // the form is complete without
	}
	p.render(w, r, status, name, view{Title: c.Label + ": order " + one.Order, Visitor: who, Path: "/desk/orders", Data: data})
	return nil
}

var errForm = &problem{http.StatusBadRequest, "The form cannot be read", "It is too large, or broke off. Nothing was done."}

// formID is the form of the ids of forms.
var formID = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// command is POST /desk/orders/{id}/{item}/{command}. A form that is sent twice is one command:
// the second time it is answered as the first time.
func (p *Page) command(w http.ResponseWriter, r *http.Request, who visitor) error {
	c, ok := commandOf(r.PathValue("command"))
	if !ok {
		return errNoPage
	}
	if err := p.demand(r, who, c.Scope); err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil || !formID.MatchString(r.PostForm.Get("id")) {
		return errForm
	}
	one, err := p.unit(r)
	if err != nil {
		return err
	}
	if c.Action == messages.ActionAmend {
		return p.amend(w, r, who, c, one)
	}
	once := p.once(r, who)
	known, err := p.Desk.Store.KeepRequest(r.Context(), once, one.Order)
	if err != nil {
		return err
	}
	if known != nil {
		return p.told(w, r, who, known)
	}
	filled := form{Values: r.PostForm}
	if !c.NoReason && reasonOf(r.PostForm) == "" {
		filled.Refused = "A reason is missing: say why, for the record."
		return p.ask(w, r, who, c, one, http.StatusBadRequest, filled)
	}
	next, err := c.give(given{Request: r, desk: p.Desk, unit: one, id: "desk/" + once.Client + "/" + once.Key, who: who, form: r.PostForm})
	if err != nil {
		status, said := p.refused(err)
		filled.Refused = said.Text
		return p.ask(w, r, who, c, one, status, filled)
	}
	return p.accepted(w, r, who, once, one.Order, c.Label+": accepted. "+sentence(next))
}

// once names a form, so that it is one command however often it is sent.
func (p *Page) once(r *http.Request, who visitor) store.Idempotency {
	sum := sha256.Sum256([]byte(r.URL.Path + "\n" + r.PostForm.Encode()))
	return store.Idempotency{Client: "desk/" + who.by.Key, Key: r.PostForm.Get("id"), Request: hex.EncodeToString(sum[:])}
}

// accepted keeps the answer to a command for its repeats, and shows it on the page of the order.
func (p *Page) accepted(w http.ResponseWriter, r *http.Request, who visitor, once store.Idempotency, order, text string) error {
	answer, err := json.Marshal(text)
	if err == nil {
		err = p.Desk.Store.RecordAnswer(r.Context(), once, order, http.StatusOK, answer)
	}
	if err != nil {
		p.Log.WarnContext(r.Context(), "an answer could not be recorded for its repeats", "error", err)
	}
	return p.showOrder(w, r, who, http.StatusOK, &notice{"done", text}, nil)
}

// told shows the answer that a command had the first time.
func (p *Page) told(w http.ResponseWriter, r *http.Request, who visitor, answer []byte) error {
	var text string
	if err := json.Unmarshal(answer, &text); err != nil {
		text = "The command was given before."
	}
	return p.showOrder(w, r, who, http.StatusOK, &notice{"done", text}, nil)
}

// refused says what became of a command that has failed: refused, or not known.
func (p *Page) refused(err error) (status int, said *notice) {
	status, title, detail := p.explain(err)
	text := sentence(title)
	if detail != "" {
		text = strings.TrimSuffix(title, ".") + ": " + sentence(detail)
	}
	if status == http.StatusServiceUnavailable {
		return status, &notice{"unknown", "Not known yet: the command may still be carried out. " + text + " Look at the acts and the state of the order before you give it again."}
	}
	return status, &notice{"refused", text}
}

// sentence makes a sentence of a text.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "`") {
		return text
	}
	return text + "."
}
