package gateway

import (
	"net/http"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
)

// docCommand describes a command about an order that is repeated under an Idempotency-Key.
func docCommand(id, summary, text string, body, value any, done string) operation {
	return operation{
		id: id, tag: "orders", summary: summary, text: text, parameters: []parameter{idempotencyParameter}, body: body,
		answers: []answer{
			{status: http.StatusOK, text: done, value: value},
			{status: http.StatusBadRequest, text: "The body breaks a rule, such as that of the reason, which is required"},
			{status: http.StatusNotFound, text: "There is no such order"},
			{status: http.StatusConflict, text: "Not allowed now: the detail says why, and what is allowed instead"},
			{status: http.StatusUnprocessableEntity, text: "The Idempotency-Key was used with another body"},
			{status: http.StatusServiceUnavailable, text: "Nobody answers. If the type is command-unanswered, the command may still be carried out, until the time in until: repeat it under its Idempotency-Key, or ask GET /v1/orders/{id}/commands. Else it was not given"},
		},
	}
}

func docRetryOrder() operation {
	return docCommand("retryOrder", "Go on with an order that needs attention",
		"Use it after the cause was corrected. Finished steps are not repeated. An order whose workflow was ended in Temporal is started again.",
		RetryCommand{}, messages.Answer{}, "It goes on")
}

func docCancelOrder() operation {
	return docCommand("cancelOrder", "Give an order up",
		"What it made is taken back, the latest first, as far as that is possible. GET /v1/orders/{id}/undo lists it beforehand.",
		CancelCommand{}, messages.Answer{}, "It is given up")
}

func docExtendOrder() operation {
	return docCommand("extendOrder", "Wait longer for the registrar before a person is told", "", ExtendCommand{}, messages.Answer{}, "It waits longer")
}

func docSkipStep() operation {
	return docCommand("skipStep", "Leave out the step that an order is at", "Only a step that may be left out.", SkipCommand{}, messages.Answer{}, "It is left out")
}

func docConfirmByHand() operation {
	return docCommand("confirmByHand", "State what a registrar has done that cannot be asked",
		"Only where the registrar cannot be asked or its answer stays unclear. The reason is the evidence.",
		ConfirmByHandCommand{}, messages.Answer{}, "The order goes by it")
}

func docOrderCommand() operation {
	return operation{
		id: "orderCommand", tag: "orders", summary: "What has become of a command that nobody has answered",
		parameters: []parameter{
			{name: "command", in: "query", text: "Id of the command, from the answer to it", required: true, schema: text1()},
			{name: "domain", in: "query", text: "Which unit of work is meant, where the order has several", schema: text1()},
			{name: "item", in: "query", text: "Which unit of work is meant, by its item", schema: map[string]any{"type": "integer"}},
		},
		answers: []answer{
			{status: http.StatusOK, text: "What has become of it", value: desk.CommandStands{}},
			{status: http.StatusBadRequest, text: "A parameter breaks its rule"},
			{status: http.StatusNotFound, text: "There is no such order"},
			{status: http.StatusConflict, text: "The order has several units of work: say which"},
			{status: http.StatusServiceUnavailable, text: "Temporal does not answer"},
		},
	}
}

func docOrderUndo() operation {
	return operation{
		id: "orderUndo", tag: "orders", summary: "What a cancellation would take back",
		text: "Of an open order it lists what would become of each thing that it made, and of a cancelled one what has. It changes nothing.",
		parameters: []parameter{
			{name: "domain", in: "query", text: "Which unit of work is meant, where the order has several", schema: text1()},
			{name: "item", in: "query", text: "Which unit of work is meant, by its item", schema: map[string]any{"type": "integer"}},
		},
		answers: []answer{
			{status: http.StatusOK, text: "The list, the latest first", value: Undo{}},
			{status: http.StatusNotFound, text: "There is no such order"},
			{status: http.StatusConflict, text: "The order has several units of work: say which"},
			{status: http.StatusServiceUnavailable, text: "No worker answers"},
		},
	}
}
