package gateway

import (
	"net/http"

	"domainprovisioning/desk"
	"domainprovisioning/store"
)

// These functions describe the routes about operations and the inbox.

func inQuery(name, text string, schema map[string]any) parameter {
	return parameter{name: name, in: "query", text: text, schema: schema}
}

func limitParameter(most int) parameter {
	return inQuery("limit", "The maximum number of entries", map[string]any{"type": "integer", "minimum": 1, "maximum": most, "default": 100})
}

func wordSchema[T ~string](values []T) map[string]any {
	return map[string]any{"type": "string", "enum": texts(values)}
}

var (
	truthSchema       = map[string]any{"type": "boolean", "default": false}
	registrarQuery    = inQuery("registrar", "Only entries of a registrar account", text1())
	domainQuery       = inQuery("domain", "Only entries of a domain", text1())
	brokenQuery       = answer{status: http.StatusBadRequest, text: "A parameter breaks its rule"}
	brokenBody        = answer{status: http.StatusBadRequest, text: "The body breaks a rule"}
	operationMissing  = answer{status: http.StatusNotFound, text: "The ledger has no such operation"}
	operationRefused  = answer{status: http.StatusConflict, text: "Refused: by the registrar, because it has ended, or because several accounts have the reference"}
	registrarSaysNone = answer{status: http.StatusServiceUnavailable, text: "The registrar does not answer"}
)

func docListOperations() operation {
	return operation{
		id: "listOperations", tag: "registrars", summary: "What registrars have not finished",
		text:       "Pending operations, and those of unknown outcome, oldest first.",
		parameters: []parameter{registrarQuery, domainQuery, inQuery("all", "Finished operations too", truthSchema), limitParameter(store.MostOperations)},
		answers:    []answer{{status: http.StatusOK, text: "The operations", value: Operations{}}, brokenQuery},
	}
}

func docCheckOperation() operation {
	return operation{
		id: "checkOperation", tag: "registrars", summary: "Ask a registrar about an operation at once",
		text: "If it has finished, its order is told.", body: CheckOperationCommand{},
		answers: []answer{
			{status: http.StatusOK, text: "What the registrar says", value: desk.Checked{}}, brokenBody, operationMissing, operationRefused, registrarSaysNone,
		},
	}
}

func docWithdrawOperation() operation {
	return operation{
		id: "withdrawOperation", tag: "registrars", summary: "Ask a registrar to withdraw a pending operation",
		text: "It may refuse. If it withdraws the operation, the order needs attention: a retry requests it again.", body: WithdrawOperationCommand{},
		answers: []answer{
			{status: http.StatusOK, text: "It was asked; the order is told how the operation ends", value: desk.Operation{}},
			brokenBody, operationMissing, operationRefused, registrarSaysNone,
		},
	}
}

func docListLooseEnds() operation {
	return operation{
		id: "listLooseEnds", tag: "registrars", summary: "What no order takes care of",
		text: "What exists or was paid for, until a person settles it, oldest first.",
		parameters: []parameter{
			inQuery("kind", "Only entries of a kind", wordSchema(store.LooseEndKinds())), registrarQuery, domainQuery,
			inQuery("settled", "The settled ones instead of the open ones", truthSchema), limitParameter(store.MostOperations),
		},
		answers: []answer{{status: http.StatusOK, text: "The loose ends", value: LooseEnds{}}, brokenQuery},
	}
}

func docSettleLooseEnd() operation {
	return operation{
		id: "settleLooseEnd", tag: "registrars", summary: "Record that a loose end is settled",
		text: "It is no longer listed, and an order that shows it no longer needs attention for it. The first settlement stays.", body: SettleCommand{},
		answers: []answer{
			{status: http.StatusOK, text: "It is settled", value: desk.LooseEnd{}}, brokenBody,
			{status: http.StatusNotFound, text: "There is no such loose end"},
		},
	}
}

func docListInbox() operation {
	return operation{
		id: "listInbox", tag: "registrars", summary: "What registrars and people have reported",
		text:       "Oldest first.",
		parameters: []parameter{inQuery("state", "Only reports in a state", wordSchema(store.ConfirmationStates())), registrarQuery, domainQuery, limitParameter(store.MostListed)},
		answers:    []answer{{status: http.StatusOK, text: "The reports", value: Inbox{}}, brokenQuery},
	}
}

func docListWatches() operation {
	return operation{
		id: "listWatches", tag: "registrars", summary: "When each registrar account was last asked",
		text:    "The state of the watch of pending operations of each account, as the workers have recorded it.",
		answers: []answer{{status: http.StatusOK, text: "The watches", value: Watches{}}},
	}
}
