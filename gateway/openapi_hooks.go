package gateway

import (
	"net/http"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// docHook describes a route about one endpoint.
func docHook(id, summary, text string, body any, answers ...answer) operation {
	return operation{id: id, tag: "hooks", summary: summary, text: text, body: body, answers: append(answers,
		answer{status: http.StatusNotFound, text: "There is no such endpoint"})}
}

func docAddHook() operation {
	return operation{
		id: "addHook", tag: "hooks", summary: "Be told of events by a webhook",
		text: "Events are sent by the Standard Webhooks specification: POST, signed with the secret that this answer shows, until the endpoint answers 2xx " +
			"or three days have passed. The same event may come twice, under the same webhook-id. A client may have 20 endpoints and is told of its own orders.",
		body: desk.NewHook{},
		answers: []answer{
			{status: http.StatusCreated, text: "The endpoint with its secret", value: desk.MadeHook{}, header: map[string]string{"Location": "Path of the endpoint"}},
			{status: http.StatusBadRequest, text: "The body breaks a rule"},
			{status: http.StatusConflict, text: "The client has as many endpoints as it may have"},
		},
	}
}

func docListHooks() operation {
	return operation{
		id: "listHooks", tag: "hooks", summary: "List the endpoints of the client, oldest first",
		answers: []answer{{status: http.StatusOK, text: "All of them", value: Hooks{}}},
	}
}

func docGetHook() operation {
	return docHook("getHook", "How an endpoint stands", "", nil, answer{status: http.StatusOK, text: "The endpoint", value: store.Hook{}})
}

func docChangeHook() operation {
	return docHook("changeHook", "Change the address or the events of an endpoint", "", desk.ChangedHook{},
		answer{status: http.StatusOK, text: "The endpoint", value: store.Hook{}}, answer{status: http.StatusBadRequest, text: "The body breaks a rule"})
}

func docRemoveHook() operation {
	return docHook("removeHook", "Remove an endpoint", "What is on its way is not sent any more.", nil, answer{status: http.StatusNoContent, text: "It is removed"})
}

func docRotateHook() operation {
	return docHook("rotateHook", "Give an endpoint a new secret", "For a day the old secret signs as well, so that the receiver can change over.", nil,
		answer{status: http.StatusOK, text: "The endpoint with its new secret", value: desk.MadeHook{}})
}

func docEnableHook() operation {
	return docHook("enableHook", "Let a disabled endpoint be told events again",
		"An endpoint that fails for a week, or answers 410, is disabled. What happened while it was disabled is not told.", nil,
		answer{status: http.StatusOK, text: "The endpoint", value: store.Hook{}})
}

func docTestHook() operation {
	return docHook("testHook", "Send an endpoint a test event", "", nil,
		answer{status: http.StatusAccepted, text: "It is on its way", value: desk.SentEvent{}}, answer{status: http.StatusConflict, text: "The endpoint is disabled"})
}

func docListDeliveries() operation {
	o := docHook("listDeliveries", "What was sent to an endpoint, newest first", "Deliveries that are over are kept for 30 days.", nil,
		answer{status: http.StatusOK, text: "The deliveries", value: Deliveries{}}, answer{status: http.StatusBadRequest, text: "A parameter breaks its rule"},
		answer{status: http.StatusConflict, text: "Several clients have an order of this number; only the operator is told so"})
	o.parameters = []parameter{
		{name: "state", in: "query", text: "Only those in a state", schema: map[string]any{"type": "string", "enum": store.NewsStates()}},
		{name: "order", in: "query", text: "Only those about an order, by its number or CLIENT:NUMBER", schema: text1()},
		{name: "event", in: "query", text: "Only this event", schema: text1()},
		{name: "limit", in: "query", text: "The maximum number", schema: map[string]any{"type": "integer", "minimum": 1, "maximum": store.MostListed, "default": 100}},
	}
	return o
}

func docResend() operation {
	return docHook("resend", "Send an endpoint an event again, or all of an order", "Under the same ids, and for three days from now.", ResendCommand{},
		answer{status: http.StatusAccepted, text: "They are on their way", value: desk.Resent{}}, answer{status: http.StatusBadRequest, text: "The body breaks a rule"},
		answer{status: http.StatusConflict, text: "The endpoint has no such event, or is disabled"})
}

// news describes what endpoints are sent, as OpenAPI's webhooks.
func (d *describer) news() (map[string]any, error) {
	body, err := d.ref(messages.News{}, true)
	if err != nil {
		return nil, err
	}
	header := func(name, text string) any {
		return map[string]any{"name": name, "in": "header", "required": true, "description": text, "schema": map[string]any{"type": "string"}}
	}
	return map[string]any{"news": map[string]any{"post": map[string]any{
		"operationId": "news", "tags": []string{"hooks"}, "security": []any{}, "summary": "An event, sent to an endpoint",
		"description": "Verify the signature before you believe it; the libraries of standardwebhooks.com do. Answer 2xx when it is stored.",
		"parameters": []any{
			header("webhook-id", "Id of the event: the same at every try"),
			header("webhook-timestamp", "When this try was sent, in seconds since 1970"),
			header("webhook-signature", "Signatures by the secret, and by the one before it for a day after a rotation, separated by blanks"),
		},
		"requestBody": map[string]any{"required": true, "content": map[string]any{"application/json": map[string]any{"schema": body}}},
		"responses": map[string]any{
			"2XX":     map[string]any{"description": "Taken; it is not sent again"},
			"410":     map[string]any{"description": "The endpoint wants no more events, and is disabled"},
			"default": map[string]any{"description": "Sent again later; Retry-After is respected, up to an hour"},
		},
	}}}, nil
}
