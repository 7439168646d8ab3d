package epp

import (
	"context"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp/internal/objects"
)

// closed is a registry that lets us not in: no command is ever sent.
type closed struct {
	scripted

	refusal objects.LoginError
}

func (c *closed) Do(context.Context, objects.Transaction) (objects.Answer, error) {
	return objects.Answer{}, &c.refusal
}

func (c *closed) ChangePassword(context.Context, domains.Secret) error { return &c.refusal }

// TestWhoIsNotLetInConcludesNothing: whatever the code of a refused login is, or of a refusal in the
// place of the greeting, it says nothing about the object of the command, which was not sent.
func TestWhoIsNotLetInConcludesNothing(t *testing.T) {
	may := map[registrars.Class]bool{registrars.ClassAuth: true, registrars.ClassBalance: true, registrars.ClassRateLimited: true, registrars.ClassTemporary: true}
	for number := objects.Code(1000); number < 3100; number++ {
		if number.Success() {
			continue
		}
		for _, greeting := range []bool{false, true} {
			e, _ := scriptedBy(nil)
			e.registry = &closed{refusal: objects.LoginError{Answer: code(number), Greeting: greeting}}
			check := func(call string, concluded bool, err error) {
				t.Helper()
				failed, ok := registrars.AsError(err)
				if concluded || !ok || !may[failed.Class] || failed.Field != "" && failed.Field != "price" || failed.Refused {
					t.Errorf("%s after %d, greeting %v: concluded %v, %+v", call, number, greeting, concluded, err)
				}
			}
			for _, kind := range registrars.Kinds() {
				if _, served := serviceFor(kind); !served {
					continue
				}
				request := lagRequest(kind)
				request.Settings.DNSSEC = &domains.DNSSEC{}
				finding, err := e.Find(t.Context(), request)
				check("find "+string(kind), finding.State != "", err)
				operation, err := e.Operation(t.Context(), reference{kind: kind, domain: lagging, sign: "", transaction: "SV-1"}.String())
				check("operation "+string(kind), operation.Status != "", err)
				operation, err = e.Submit(t.Context(), request)
				check("submit "+string(kind), operation.Status != "", err)
			}
			_, err := e.ReadDomain(t.Context(), lagging)
			check("read", false, err)
			check("acknowledge", false, e.AcknowledgeNotice(t.Context(), "1"))
			host, err := e.FindHost(t.Context(), "ns1.a.example")
			check("host", host.State != "", err)
			// Of a new password nobody knows whether it is valid, unless nothing was sent.
			err = e.ChangePassword(t.Context(), domains.NewSecret("new-password-1"))
			failed, _ := registrars.AsError(err)
			if failed == nil || greeting && !may[failed.Class] || !greeting && !number.Certain() && failed.Class != registrars.ClassOutcomeUnknown {
				t.Errorf("password after %d, greeting %v: %v", number, greeting, err)
			}
		}
	}
}

// TestAMessageTellsThatATransferFailed of which the registry shows nothing else; one about an earlier
// transfer, or another registrar's, tells nothing.
func TestAMessageTellsThatATransferFailed(t *testing.T) {
	accepted := time.Now().Add(-time.Hour)
	for name, c := range map[string]struct {
		moved objects.Transfer
		want  registrars.Status
	}{
		"rejected":       {objects.Transfer{Status: "clientRejected", Requester: "us", Requested: accepted}, registrars.StatusFailed},
		"cancelled":      {objects.Transfer{Status: "serverCancelled", Requester: "US", Requested: accepted}, registrars.StatusCancelled},
		"at no time":     {objects.Transfer{Status: "clientRejected", Requester: "us"}, registrars.StatusFailed},
		"approved":       {objects.Transfer{Status: "clientApproved", Requester: "us", Requested: accepted}, registrars.StatusUnknown},
		"an earlier one": {objects.Transfer{Status: "clientRejected", Requester: "us", Requested: accepted.AddDate(0, -1, 0)}, registrars.StatusUnknown},
		"another's":      {objects.Transfer{Status: "clientRejected", Requester: "other", Requested: accepted}, registrars.StatusUnknown},
	} {
		for _, shown := range []objects.Answer{domain("other", nil), domain("other", func(d *objects.Domain) { d.Statuses = nil }), code(objects.WrongAuthInfo)} {
			e, _ := scriptedBy(func(command objects.Command) objects.Answer {
				if _, isInfo := command.(objects.InfoDomain); isInfo {
					return shown
				}
				return code(objects.NoOption)
			})
			c.moved.Domain = lagging.String()
			e.messageNotice(&objects.Message{ID: "1", Object: objects.ObjectDomain, Domain: c.moved.Domain, Transfer: &c.moved})
			text := reference{kind: registrars.Transfer, domain: lagging, at: accepted, transaction: "SV-1"}.String()
			if operation, err := e.Operation(t.Context(), text); err != nil || operation.Status != c.want {
				t.Errorf("%s: %s, %v, want %s", name, operation.Status, err, c.want)
			}
		}
	}
}
