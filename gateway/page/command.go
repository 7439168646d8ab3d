package page

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
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
	// give reads the fields, gives the command to the desk and says what happens next. It is nil
	// for an amendment, whose form is another one.
	give func(ctx context.Context, g given) (string, error)
}

// field is what a command needs besides a reason.
type field struct {
	Name, Label, Hint, Kind string // Kind is that of an input, or select
	Required                bool
	Choices                 []string
}

// given is a command as it was given.
type given struct {
	desk *desk.Desk
	unit desk.Unit
	id   string
	who  visitor
	now  time.Time
	form url.Values
}

func (g given) reason() string { return reasonOf(g.form) }

// reasonOf is the reason of a form, in one line.
func reasonOf(form url.Values) string {
	return strings.Join(strings.Fields(form.Get("reason")), " ")
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
			all = append(all, button{c, "/desk/orders/" + url.PathEscape(unit.Address()) + "/" + strconv.Itoa(unit.Item) + "/" + string(c.Action)})
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
	if filled.ID == "" {
		filled.ID = rand.Text()
	}
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
	next, err := c.give(r.Context(), given{desk: p.Desk, unit: one, id: "desk/" + once.Client + "/" + once.Key, who: who, now: p.Now(), form: r.PostForm})
	if err != nil {
		status, said := p.refused(err)
		filled.Refused, filled.ID = said.Text, sameForm(r, err)
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
	return p.showOrder(w, r, who, &notice{"done", text}, nil)
}

// told shows the answer that a command had the first time.
func (p *Page) told(w http.ResponseWriter, r *http.Request, who visitor, answer []byte) error {
	var text string
	if err := json.Unmarshal(answer, &text); err != nil {
		text = "The command was given before."
	}
	return p.showOrder(w, r, who, &notice{"done", text}, nil)
}

// refused says what became of a command that has failed: refused, or not known.
func (p *Page) refused(err error) (status int, said *notice) {
	status, title, detail := p.explain(err)
	text := sentence(title)
	if detail != "" {
		text = strings.TrimSuffix(title, ".") + ": " + sentence(detail)
	}
	if unanswered, given := errors.AsType[*desk.UnansweredError](err); given {
		return status, &notice{"unknown", "Not known yet: nobody has answered, and the command may still be carried out, until " +
			unanswered.Until.UTC().Format("15:04:05 UTC") + ". Send this form again to ask what has become of it; it stays one command."}
	}
	if status == http.StatusServiceUnavailable {
		return status, &notice{"unknown", "Not known yet: the command may still be carried out. " + text + " Look at the acts and the state of the order before you give it again."}
	}
	return status, &notice{"refused", text}
}

// sameForm is the id of the form that is shown after a command: its own while nobody has answered,
// so that sending it again asks about the same command; else "".
func sameForm(r *http.Request, err error) string {
	if _, given := errors.AsType[*desk.UnansweredError](err); given {
		return r.PostForm.Get("id")
	}
	return ""
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
