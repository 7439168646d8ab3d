package frames

import (
	"strconv"

	"domainprovisioning/registrars/epp/internal/objects"
)

// readEvents reads what the answer to a login says of the account.
func readEvents(answer *objects.Answer, extension *node) {
	for _, one := range extension.child(LoginSecurity, "loginSecData").all(LoginSecurity, "event") {
		answer.Events = append(answer.Events, objects.Event{
			Type: one.attribute("type"), Name: one.attribute("name"), Level: one.attribute("level"), Expires: readMoment(one.attribute("exDate")),
			Value: one.attribute("value"), Duration: one.attribute("duration"), Text: one.words(),
		})
	}
}

// readObject reads what kind of object a message is about, and what has ended there.
func readObject(message *objects.Message, data *node) {
	for _, kind := range []struct {
		object    objects.Object
		space, id string
	}{{objects.ObjectDomain, Domains, "name"}, {objects.ObjectContact, Contacts, "id"}, {objects.ObjectHost, Hosts, "name"}} {
		about := kind.object == objects.ObjectDomain && message.Domain != ""
		if !about && !data.has(kind.space) {
			continue
		}
		message.Object = kind.object
		if ended := data.child(kind.space, "panData"); ended != nil {
			named := ended.child(kind.space, kind.id)
			message.Action = &objects.Action{Done: isTrue(named.attribute("paResult"))}
			if kind.object == objects.ObjectDomain {
				message.Action.Domain = named.value()
			}
			message.Action.Server, message.Action.Client = transactions(ended.child(kind.space, "paTRID"))
		}
		if moved := data.child(kind.space, "trnData"); moved != nil && message.Transfer == nil {
			message.Transfer = &objects.Transfer{Status: moved.of(kind.space, "trStatus")}
		}
		return
	}
}

func messageOf(queue, data, extension *node, answer *objects.Answer) *objects.Message {
	message := &objects.Message{
		ID: queue.attribute("id"), Queued: readMoment(queue.of(nsEPP, "qDate")), Text: queue.child(nsEPP, "msg").words(), Transfer: answer.Transfer,
	}
	message.Count, _ = strconv.Atoi(queue.attribute("count"))
	if answer.Domain != nil {
		message.Grace = answer.Domain.Grace
	}
	// Whatever a message is about, such as what was created, its domain bears the same element.
	message.Domain = data.under(Domains, "name")
	readObject(message, data)
	if changed := extension.child(ChangePoll, "changeData"); changed != nil {
		message.Change = &objects.Change{
			Operation: changed.child(ChangePoll, "operation").words(), Who: changed.of(ChangePoll, "who"), Reason: changed.child(ChangePoll, "reason").words(),
		}
	}
	if planned := data.child(Maintenance, "infData"); planned != nil {
		planned = planned.child(Maintenance, "item")
		message.Maintenance = &objects.Maintenance{
			ID: planned.of(Maintenance, "id"), Type: planned.of(Maintenance, "pollType"),
			Start: readMoment(planned.of(Maintenance, "start")), End: readMoment(planned.of(Maintenance, "end")),
		}
	}
	return message
}
