package workflows

import (
	"fmt"
	"strings"

	"domainprovisioning/messages"
	"domainprovisioning/registrars"
)

// The steps that only read: they leave nothing behind.
const (
	readStep           = "Read the domain at the registrar"
	getNameServersStep = "Get name servers"
	verifyStep         = "Verify at the registrar"
)

// left says what an order that was given up, or failed, has made and leaves behind, and
// which steps are missing; "" for nothing. It is what a person has to settle, and goes into
// the notes of the order as well.
func (p *provisioning) left() string {
	if p.state == messages.Done || p.withdrawn {
		return ""
	}
	var made, missing []string
	for _, line := range p.steps {
		switch {
		case line.Title == readStep || line.Title == getNameServersStep || line.Title == verifyStep:
		case line.State == messages.StepDone:
			made = append(made, fmt.Sprintf("%s (%s)", line.Title, line.Note))
		case line.State == messages.StepRunning && p.request == nil:
			made = append(made, line.Title+" (was under way, and may have been carried out)")
		case line.State != messages.StepSkipped:
			missing = append(missing, line.Title)
		}
	}
	if open := p.openRequest(); open != "" {
		made = append(made, open)
	}
	if len(made) == 0 {
		return ""
	}
	text := "left behind: " + strings.Join(made, "; ") + ". Not done: " + strings.Join(missing, ", ")
	p.notes = append(p.notes, text)
	return trim(text, 4000)
}

// openRequest is the request of the step that was cut short, where it may exist at the
// registrar and no step that is done tells of it.
func (p *provisioning) openRequest() string {
	r := p.request
	if r == nil || !r.handed {
		return ""
	}
	switch r.state.Status {
	case "":
		return r.what() + " may have reached the registrar; the ledger knows more"
	case registrars.StatusPending, registrars.StatusUnknown:
		if r != p.main {
			return fmt.Sprintf("%s is pending at the registrar (operation %s)", r.what(), r.state.Reference)
		}
	}
	return ""
}
