package workflows

import (
	"fmt"
	"strings"

	"domainprovisioning/messages"
	"domainprovisioning/registrars"
)

// left says what a cancelled or failed order leaves behind and which steps are missing; ""
// if it leaves nothing. A person has to settle it. It is added to the notes of the order too.
func (u *unitRun) left() string {
	switch {
	case u.state == messages.Done || u.withdrawn:
		return ""
	case u.givenUp != nil && !u.givenUp.Keep:
		return u.leftOver()
	case u.again || u.reset:
		return "left behind: an earlier run of the workflow may have made anything of the order; its history in Temporal shows what"
	}
	var made, missing []string
	for n, line := range u.steps {
		switch {
		case u.plan[n].reads:
		case line.State == messages.StepDone:
			made = append(made, fmt.Sprintf("%s (%s)", line.Title, line.Note))
		case line.State == messages.StepRunning && u.request == nil:
			made = append(made, line.Title+" (was under way, and may have been carried out)")
		case line.State != messages.StepSkipped:
			missing = append(missing, line.Title)
		}
	}
	if open := u.openRequest(); open != "" {
		made = append(made, open)
	}
	if len(made) == 0 {
		return ""
	}
	text := "left behind: " + strings.Join(made, "; ") + ". Not done: " + strings.Join(missing, ", ")
	u.notes = append(u.notes, text)
	return trim(text, 4000)
}

// openRequest describes the request of the step that was cut short, if it may exist at the
// registrar and no finished step mentions it.
func (u *unitRun) openRequest() string {
	r := u.request
	if r == nil || !r.handed {
		return ""
	}
	switch r.state.Status {
	case "":
		return r.what() + " may have reached the registrar; the ledger knows more"
	case registrars.StatusPending, registrars.StatusUnknown:
		if r != u.main {
			return fmt.Sprintf("%s is pending at the registrar (operation %s)", r.what(), r.state.Reference)
		}
	}
	return ""
}
