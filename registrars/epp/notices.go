package epp

import (
	"context"
	"encoding/base64"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp/internal/objects"
	"domainprovisioning/wire/exchange"
)

// NextNotice implements registrars.NoticeQueue. A message with a domain is a hint to look at it; one
// about no object, such as a planned maintenance, is kept for people. What logins have said needs no
// command: it comes before the messages, but after one of it the queue is asked, because each
// command may need a login that says something else.
func (e *EPP) NextNotice(ctx context.Context) (registrars.Notice, bool, error) {
	if notice, found := e.said.next(); found {
		return notice, true, nil
	}
	answer, err := e.ask(ctx, objects.Poll{})
	e.said.queueAsked()
	if err == nil && answer.Code() != objects.NoMessages {
		if message := answer.Message; message != nil && message.ID != "" {
			return e.messageNotice(message), true, nil
		}
		err = errs.NoAnswer(objects.CallOf(objects.Poll{}), false, &objects.MalformedError{Why: "it has no message"})
	}
	if notice, found := e.said.next(); found {
		return notice, true, nil // of the login for this command, even if it was refused
	}
	return registrars.Notice{}, false, err
}

// messageNotice makes a notice of a message of the queue.
func (e *EPP) messageNotice(message *objects.Message) registrars.Notice {
	if action := message.Action; message.Object == objects.ObjectDomain && action != nil && !action.Done && action.Server != "" {
		remember(e, e.refused, action.Server, true)
	}
	notice := registrars.Notice{ID: noticeID(message.ID), Claim: claim(message)}
	if name, err := domains.ParseName(message.Domain); err == nil {
		if moved := message.Transfer; moved != nil && e.isUs(moved.Requester) && unsuccessful(transferStatus(moved.Status)) {
			remember(e, e.moved, name.String(), *moved)
		}
		notice.Domain = name
		return notice
	}
	switch {
	case message.Object != "":
		return notice // of people behind contacts nothing is kept
	case message.Maintenance != nil:
		notice.Account = registrars.AccountMaintenance
	default:
		notice.Account = registrars.AccountOther
	}
	notice.Text = registrars.NoticeText(exchange.Secrets{e.password.Reveal()}.Scrub(message.Text))
	return notice
}

// AcknowledgeNotice implements registrars.NoticeQueue. A message that is gone was acknowledged. What
// a login has said is acknowledged here alone.
func (e *EPP) AcknowledgeNotice(ctx context.Context, id string) error {
	if strings.HasPrefix(id, atLogin) {
		e.said.take(id)
		return nil
	}
	command := objects.Acknowledge{ID: messageID(id)}
	if command.ID == "" {
		return errs.Invalid(objects.CallOf(command), "id", "required")
	}
	_, err := e.ask(ctx, command)
	if hasCode(err, objects.NotThere) {
		return nil
	}
	return err
}

// coded begins the id of a notice whose message has an id that is no plain word, or one like ours.
const coded = "base64:"

func noticeID(id string) string {
	odd := strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' })
	if odd || strings.HasPrefix(id, coded) || strings.HasPrefix(id, atLogin) {
		return coded + base64.RawURLEncoding.EncodeToString([]byte(id))
	}
	return id
}

func messageID(id string) string {
	if text, isCoded := strings.CutPrefix(id, coded); isCoded {
		if raw, err := base64.RawURLEncoding.DecodeString(text); err == nil {
			return string(raw)
		}
	}
	return id
}

// longestClaim is in bytes.
const longestClaim = 40

// claim is what a message says, in one word. It is not believed.
func claim(message *objects.Message) string {
	const day = "2006-01-02T15:04Z"
	said, happened := "message", happened(message)
	switch {
	case message.Object == objects.ObjectContact, message.Object == objects.ObjectHost:
		if said = string(message.Object); happened != "" {
			said += "/" + happened
		}
	case message.Action != nil:
		said = "pending-action/" + happened
	case happened != "":
		said = happened
	case message.Maintenance != nil && !message.Maintenance.Start.IsZero():
		said = "maintenance/" + message.Maintenance.Start.Format(day)
	case message.Maintenance != nil:
		said = "maintenance"
	case len(message.Grace) > 0:
		said = "grace/" + plain(message.Grace[0])
	case message.Object == objects.ObjectDomain:
		said = "domain"
	}
	return said[:min(len(said), longestClaim)]
}

// happened is what has happened to the object of a message; "" if it does not say.
func happened(message *objects.Message) string {
	switch {
	case message.Action != nil && message.Action.Done:
		return "done"
	case message.Action != nil:
		return "refused"
	case message.Transfer != nil:
		return "transfer/" + plain(message.Transfer.Status)
	case message.Change != nil:
		return "changed/" + plain(message.Change.Operation)
	}
	return ""
}
