package page

import (
	"cmp"
	"context"
	"crypto/rand"
	"net/http"
	"net/url"

	"domainprovisioning/desk"
	"domainprovisioning/store"
)

// batches is GET /desk/batches.
func (p *Page) batches(w http.ResponseWriter, r *http.Request, who visitor) error {
	found, err := p.Desk.Batches(r.Context(), r.URL.Query().Get("state"), r.URL.Query().Get("cursor"), 0)
	if err != nil {
		return err
	}
	data := struct {
		desk.BatchPage

		State  string
		States []store.BatchState
	}{found, r.URL.Query().Get("state"), store.BatchStates()}
	p.render(w, r, http.StatusOK, "batches", view{Title: "Batches", Visitor: who, Data: data})
	return nil
}

// batchCommands are what a person may do about a batch in a state, with the words of the buttons.
func batchCommands(state string) []batchCommand {
	switch store.BatchState(state) {
	case store.BatchRunning:
		return []batchCommand{{"pause", "Pause", store.ScopeOperate}, {cancelBatch, "Cancel", store.ScopeCancel}}
	case store.BatchPaused:
		return []batchCommand{{"resume", "Resume", store.ScopeOperate}, {cancelBatch, "Cancel", store.ScopeCancel}}
	}
	return nil
}

type batchCommand struct {
	Name, Title string
	scope       store.Scope
}

// cancelBatch has a path of its own, because it has a scope of its own.
const cancelBatch = "cancel"

// batch is GET /desk/batches/{batch}.
func (p *Page) batch(w http.ResponseWriter, r *http.Request, who visitor) error {
	return p.showBatch(w, r, who, http.StatusOK, nil)
}

// shownLines is how many lines of a batch the page shows that have come to nothing; the rest is in
// its results.
const shownLines = 100

func (p *Page) showBatch(w http.ResponseWriter, r *http.Request, who visitor, status int, said *notice) error {
	found, err := p.Desk.Batch(r.Context(), r.PathValue("batch"))
	if err != nil {
		return err
	}
	refused, err := p.Desk.BatchLines(r.Context(), found.ID, string(store.LineRefused), 0, shownLines)
	if err != nil {
		return err
	}
	data := struct {
		desk.Batch

		Refused  []desk.BatchLine
		More     bool
		Commands []batchCommand
		Form     form
	}{found, refused.Lines, refused.Next != 0, nil, form{ID: rand.Text()}}
	for _, command := range batchCommands(found.State) {
		if who.may(command.scope) {
			data.Commands = append(data.Commands, command)
		}
	}
	p.render(w, r, status, "batch", view{Title: "Batch", Visitor: who, Path: "/desk/batches", Notice: said, Data: data})
	return nil
}

// batchCommand is POST /desk/batches/{batch}/{command}.
func (p *Page) batchCommand(w http.ResponseWriter, r *http.Request, who visitor) error {
	if err := r.ParseForm(); err != nil {
		return errForm
	}
	commands := map[string]func(ctx context.Context, id, actor, reason string) (desk.Batch, error){
		"pause": p.Desk.PauseBatch, "resume": p.Desk.ResumeBatch, cancelBatch: p.Desk.CancelBatch,
	}
	command, known := commands[cmp.Or(r.PathValue("command"), cancelBatch)]
	if !known {
		return errNoPage
	}
	done, err := command(r.Context(), r.PathValue("batch"), who.by.Actor, reasonOf(r.PostForm))
	if err != nil {
		status, said := p.refused(err)
		return p.showBatch(w, r, who, status, said)
	}
	http.Redirect(w, r, "/desk/batches/"+url.PathEscape(done.ID), http.StatusSeeOther)
	return nil
}
