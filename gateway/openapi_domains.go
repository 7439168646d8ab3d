package gateway

import (
	"net/http"
	"slices"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

var domainMissing = answer{status: http.StatusNotFound, text: "There is no such domain"}

func docListDomains() operation {
	return operation{
		id: "listDomains", tag: "domains", summary: "List the domains that are held",
		text: "By their names; those that expire before a day by their expiry, and those that need a person by since when. Domains that have left are listed only if the parameter state asks for them. " +
			"With the parameter format, or by Accept: text/csv, all of them come as CSV instead of a page.",
		parameters: []parameter{
			inQuery("expiringBefore", "Only domains that are known to expire before a day, a time, or a number of days from now", map[string]any{"type": "string", "example": "30d"}),
			inQuery("state", "Only domains in a state", wordSchema(messages.LifeStates())),
			inQuery("registrar", "Only domains of a registrar account", text1()),
			inQuery("accountId", "Only domains of a customer's account in Operations", map[string]any{"type": "integer", "minimum": 1}),
			inQuery("attention", "Only domains that need a person", truthSchema),
			inQuery("reason", "Only domains that need a person for this reason", wordSchema(messages.LifeReasons())),
			inQuery("drift", "Only domains of which something differs between us and the registrar, Billing or Operations", truthSchema),
			inQuery("text", "Only domains whose name contains this text, in ASCII form", text1()),
			inQuery("cursor", "The field next of the previous page", text1()), limitParameter(store.MostListed),
			inQuery("format", "The form of the answer", map[string]any{"type": "string", "enum": []string{"json", "csv"}}),
		},
		answers: []answer{{status: http.StatusOK, text: "A page; or all, as CSV", value: desk.DomainPage{}, orCSV: true}, brokenQuery},
	}
}

func docGetDomain() operation {
	return operation{
		id: "getDomain", tag: "domains", summary: "All that is known of a domain",
		text: "How it stands by its record and by its workflow, what it was sold with, its orders, what was asked for at registrars, and the commands that were given. " +
			"Orders of other clients are left out.",
		answers: []answer{{status: http.StatusOK, text: "The domain", value: desk.WholeDomain{}}, domainMissing},
	}
}

// docOnDomain describes a command about a domain.
func docOnDomain(id, summary, text string, body, value any, done string) operation {
	command := docCommand(id, summary, text, body, value, done)
	command.tag = "domains"
	command.parameters = []parameter{{
		name: headerIdempotency, in: "header", schema: idempotencyParameter.schema,
		text: "Makes a repeat of the request harmless: the same key with the same body is one command",
	}}
	command.answers = slices.DeleteFunc(command.answers, func(a answer) bool { return a.status == http.StatusUnprocessableEntity })
	for n := range command.answers {
		switch command.answers[n].status {
		case http.StatusNotFound:
			command.answers[n].text = domainMissing.text
		case http.StatusServiceUnavailable:
			command.answers[n].text = "Nobody answers. If the type is command-unanswered, the command may still be carried out, until the time in until: repeat it under its Idempotency-Key. Else it was not given"
		}
	}
	return command
}

func docChangeRenewal() operation {
	return docOnDomain("changeRenewal", "Change who renews a domain", "It changes nothing at the registrar.", RenewalCommand{}, messages.Life{}, "How the domain stands")
}

func docMarkLeft() operation {
	return docOnDomain("markLeft", "State that a missing domain has left",
		"Only of a domain that the registrar account does not have. It ends the life of the domain.", LeftCommand{}, messages.Life{}, "How the domain stands")
}

func docLookAtDomain() operation {
	return docOnDomain("lookAtDomain", "Read a domain at its registrar now", "A life that was ended in Temporal is begun again.", LookCommand{}, desk.Looked{}, "It is read soon")
}

func docRestoreDomain() operation {
	restore := docOnDomain("restoreDomain", "Take a domain out of redemption",
		"An order of the type restore is placed for the client whose domain it is, at a price of at most acceptPrice. For one date of expiry that is one order, however often it is asked for.",
		RestoreCommand{}, desk.Placed{}, "The order is stored, now or before")
	restore.answers = append(restore.answers, answer{
		status: http.StatusUnprocessableEntity, text: "The order breaks rules, or the registrar says that the domain is in no redemption",
	})
	return restore
}
