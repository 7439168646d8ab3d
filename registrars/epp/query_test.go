package epp

import (
	"testing"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp/internal/objects"
)

// TestARegistryThatAnswersNoQueryOfATransfer: some demand the auth code in a query, some have no
// queries, or answer by saying that none was ever asked for. The domain shows then what became of the
// request, if its status is seen; but that what was accepted has failed is only concluded from a
// registry that says that there is no transfer. A failure shows nothing.
func TestARegistryThatAnswersNoQueryOfATransfer(t *testing.T) {
	moving := domain("other", func(d *objects.Domain) { d.Statuses = []string{objects.PendingTransfer} })
	unanswered := []objects.Code{objects.WrongAuthInfo, objects.Missing, objects.NoCommand, objects.NoOption, objects.WrongOrder, objects.NotAllowed}
	hidden := domain("other", func(d *objects.Domain) { d.Statuses = nil })
	for name, c := range map[string]struct {
		info   objects.Answer
		none   []objects.Code // queries that show nothing
		found  registrars.FindingState
		class  registrars.Class // of a request that was refused for its auth code
		status registrars.Status
	}{
		"at another registrar": {
			domain("other", nil), []objects.Code{objects.NotInTransfer, objects.NotThere}, registrars.FoundNothing, registrars.ClassInvalid, registrars.StatusFailed,
		},
		"at another registrar, and no answer": {domain("other", nil), unanswered, registrars.FoundNothing, registrars.ClassInvalid, registrars.StatusUnknown},
		"without its status, and no answer":   {hidden, unanswered, registrars.Unclear, registrars.ClassInvalid, registrars.StatusUnknown},
		"without its status": {
			hidden, []objects.Code{objects.NotInTransfer, objects.NotThere}, registrars.FoundNothing, registrars.ClassInvalid, registrars.StatusFailed,
		},
		"on its way": {moving, []objects.Code{objects.WrongAuthInfo, objects.NoOption}, registrars.Unclear, registrars.ClassInvalid, registrars.StatusPending},
		"here":       {domain("us", nil), []objects.Code{objects.WrongAuthInfo, objects.Failed}, registrars.FoundObject, registrars.ClassOutcomeUnknown, registrars.StatusDone},
		"no look":    {domain("other", nil), []objects.Code{objects.Failed}, "", registrars.ClassOutcomeUnknown, ""},
	} {
		for _, query := range c.none {
			e, s := scriptedBy(func(command objects.Command) objects.Answer {
				switch command := command.(type) {
				case objects.InfoDomain:
					return c.info
				case objects.TransferDomain:
					if command.Op == objects.TransferQuery {
						return code(query)
					}
					return code(objects.WrongAuthInfo)
				}
				return code(objects.Done)
			})
			request := lagRequest(registrars.Transfer)
			finding, err := e.Find(t.Context(), request)
			if finding.State != c.found || (err != nil) != (c.found == "") {
				t.Errorf("%s, %d: found %q, %v, want %q", name, query, finding.State, err, c.found)
			}
			accepted := reference{kind: registrars.Transfer, domain: request.Domain, transaction: "SV-1"}
			operation, err := e.Operation(t.Context(), accepted.String())
			if operation.Status != c.status || (err != nil) != (c.status == "") {
				t.Errorf("%s, %d: it is %q, %v, want %q", name, query, operation.Status, err, c.status)
			}
			_, err = e.Submit(t.Context(), request)
			if refused, _ := registrars.AsError(err); refused == nil || refused.Class != c.class || refused.Field != "authCode" || s.count("domain:transfer") != 1 {
				t.Errorf("%s, %d: %v, want %s", name, query, err, c.class)
			}
		}
	}
}
