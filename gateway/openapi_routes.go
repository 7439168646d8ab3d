package gateway

import (
	"net/http"
	"strings"

	"domainprovisioning/desk"
	"domainprovisioning/intake/rehearsal"
)

// These functions describe each route for the API's description.

var idempotencyParameter = parameter{
	name: "Idempotency-Key", in: "header", schema: map[string]any{"type": "string", "minLength": 1, "maxLength": maxIdempotencyKey, "pattern": "^[!-~]+$"},
	text: "Makes a repeat harmless forever: the same key with the same body is answered with the first status again; with another body it is refused. " +
		"A refused order uses up no key.",
}

func docPlaceOrder() operation {
	location := map[string]string{"Location": "Path of the order"}
	return operation{
		id: "placeOrder", tag: "orders", summary: "Place an order",
		text: "The order is checked against all rules, its registrar is asked as far as that costs nothing, and it is stored with its secrets sealed " +
			"before the answer. The same order twice is one order: by its number, by the Idempotency-Key, or by its contents while the first is open.",
		parameters: []parameter{idempotencyParameter}, body: OrderDocument{}, orXML: "A call of Execute, as for /RPC2",
		answers: []answer{
			{status: http.StatusCreated, text: "Stored and started", value: desk.Placed{}, header: location},
			{status: http.StatusAccepted, text: "Stored; it is started as soon as Temporal can be reached", value: desk.Placed{}, header: location},
			{status: http.StatusOK, text: "The order had been accepted before; nothing is done twice", value: desk.Placed{}, header: location},
			{status: http.StatusBadRequest, text: "The order cannot be read"},
			{status: http.StatusConflict, text: "The domain is in another open order, or the number belongs to another order"},
			{status: http.StatusUnprocessableEntity, text: "The order breaks rules: each is listed with a JSON pointer; or the Idempotency-Key was used with another body"},
		},
	}
}

func docRehearseOrder() operation {
	return operation{
		id: "rehearseOrder", tag: "orders", summary: "What an order would lead to",
		text: "Nothing is stored, reserved or started: the answer says whether the order would be refused and why, and lists the calls that each step " +
			"would make, with their parameters. Secrets are masked.",
		body: OrderDocument{}, orXML: "A call of Execute, as for /RPC2",
		answers: []answer{{status: http.StatusOK, text: "The plan, also for an order that would be refused", value: rehearsal.Plan{}}},
	}
}

func docListOrders() operation {
	one := func(name, text string, schema map[string]any) parameter {
		return parameter{name: name, in: "query", text: text, schema: schema}
	}
	return operation{
		id: "listOrders", tag: "orders", summary: "List orders, newest first",
		text: "Each unit of work is one entry. The list comes from the store, so it works while Temporal is away, and says so then in the field note.",
		parameters: []parameter{
			one("domain", "Only units of a domain", text1()),
			one("state", "Only units in a state", map[string]any{"type": "string", "enum": desk.States()}),
			one("step", "Only units that stand at this step, or stood there when they were cancelled or failed", map[string]any{"type": "integer", "minimum": 1}),
			one("reason", "Only units that need a person for this reason", map[string]any{"type": "string", "enum": allReasons()}),
			one("registrar", "Only units at a registrar account", text1()),
			one("text", "Only the units of this order number, or whose domain contains this text, in ASCII form", text1()),
			one("olderThan", "Only units that have been in their state for longer, such as 48h or 30m", map[string]any{"type": "string", "pattern": "^([0-9.]+(h|m|s))+$", "example": "48h"}),
			one("cursor", "The field next of the previous page", text1()),
			one("limit", "The maximum number of units", map[string]any{"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}),
		},
		answers: []answer{
			{status: http.StatusOK, text: "A page", value: desk.Page{}},
			{status: http.StatusBadRequest, text: "A parameter breaks its rule"},
		},
	}
}

func docGetQuote() operation {
	return operation{
		id: "getQuote", tag: "orders", summary: "What an outside system has said",
		text: "Histories and failures name it by a reference, because it may hold personal data.",
		answers: []answer{
			{status: http.StatusOK, text: "The text", value: desk.Quote{}},
			{status: http.StatusNotFound, text: "There is nothing under this reference"},
		},
	}
}

func docGetOrder() operation {
	return operation{
		id: "getOrder", tag: "orders", summary: "How an order stands",
		answers: []answer{
			{status: http.StatusOK, text: "The order with the checklist of each of its units", value: Order{}},
			{status: http.StatusNotFound, text: "There is no such order"},
		},
	}
}

func docOrderEvents() operation {
	return operation{
		id: "orderEvents", tag: "orders", summary: "Follow an order",
		text: "Server-sent events, as OrderEvent describes them. The event `progress` carries a unit as in the answer to GET /v1/orders/{id}: at once, " +
			"and after each change. After the event `end` the order has ended and the stream closes. The id of an event stands for the state that it tells.",
		parameters: []parameter{{
			name: headerLastEvent, in: "header", schema: map[string]any{"type": "string", "maxLength": maxID},
			text: "The id of the last event that was received, when a client reconnects: that state is not sent again",
		}},
		answers: []answer{
			{status: http.StatusOK, text: "The stream", kind: mediaEvents, value: OrderEvent{}},
			{status: http.StatusNoContent, text: "The order has ended, and the client that reconnects knows it"},
			{status: http.StatusNotFound, text: "There is no such order"},
			{status: http.StatusTooManyRequests, text: "Too many requests of this key, or too many streams of it are open; Retry-After says when to come again"},
			{status: http.StatusServiceUnavailable, text: "Too many streams are open"},
		},
	}
}

func docOrderActs() operation {
	return operation{
		id: "orderActs", tag: "orders", summary: "Who did what to an order",
		text: "Every command that a person or a program has given, oldest first, refused ones too. The acts of all orders are one chain of hashes.",
		parameters: []parameter{
			{name: "since", in: "query", text: "Only acts from this time on", schema: map[string]any{"type": "string", "format": "date-time"}},
			{name: "after", in: "query", text: "The field next of the previous page", schema: map[string]any{"type": "integer", "minimum": 0}},
			{name: "limit", in: "query", text: "The maximum number of acts", schema: map[string]any{"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}},
			{name: "latest", in: "query", text: "The last acts instead of the first ones", schema: map[string]any{"type": "boolean", "default": false}},
		},
		answers: []answer{
			{status: http.StatusOK, text: "A page", value: desk.ActPage{}},
			{status: http.StatusBadRequest, text: "A parameter breaks its rule"},
			{status: http.StatusNotFound, text: "There is no such order"},
		},
	}
}

func docConfirmOrder() operation {
	return operation{
		id: "confirmOrder", tag: "orders", summary: "Tell an order that the registrar may have finished",
		text: "The report is not believed: the order asks the registrar at once and acts on its answer.",
		body: ConfirmCommand{}, bodyOptional: true,
		answers: []answer{
			{status: http.StatusOK, text: "What was done with the report", value: desk.Confirmed{}},
			{status: http.StatusNotFound, text: "There is no such order"},
			{status: http.StatusConflict, text: "The order has no domain"},
		},
	}
}

func docCallback() operation {
	header := func(name, text string) parameter {
		return parameter{name: name, in: "header", text: text, schema: text1()}
	}
	return operation{
		id: "registrarCallback", tag: "registrars", summary: "A registrar's news",
		text: "A registrar that calls by itself does so in its own form. For all others the form is that of the Standard Webhooks specification: " +
			"HMAC-SHA256 with a secret of the account (`whsec_...`) over id, timestamp and body, joined by dots. " +
			"200 means that the event is stored; a repeated event gets the same answer. Its claim is only a hint to ask the registrar.",
		parameters: []parameter{
			header("webhook-id", "Id of the event; the same id twice is one event"),
			header("webhook-timestamp", "Seconds since 1970, at most 5 minutes away"),
			header("webhook-signature", "v1, and the signature in base64; several are separated by blanks"),
		},
		body: WebhookEvent{}, open: true,
		answers: []answer{
			{status: http.StatusOK, text: "Stored, or known already", value: Taken{}},
			{status: http.StatusBadRequest, text: "The timestamp is outside the window, or the body cannot be read"},
			{status: http.StatusUnauthorized, text: "The signature is missing or wrong"},
			{status: http.StatusNotFound, text: "There is no such account, or it takes no callbacks"},
			{status: http.StatusRequestEntityTooLarge, text: "The body is larger than 256 KiB"},
		},
	}
}

func docCallbackGet() operation {
	return operation{
		id: "registrarCallbackByGet", tag: "registrars", summary: "A registrar's news, by GET",
		answers: []answer{
			{status: http.StatusOK, text: "Stored, or known already", value: Taken{}},
			{status: http.StatusUnauthorized, text: "The callback is not proven to come from the registrar"},
			{status: http.StatusNotFound, text: "There is no such account, or it takes no callbacks"},
			{status: http.StatusMethodNotAllowed, text: "This registrar does not call by GET"},
		},
	}
}

func docRPC() operation {
	return operation{
		id: "execute", tag: "orders", summary: "Place an order by XML-RPC", key: true,
		text: strings.Join([]string{
			"Billing's method `Execute` with `Server` `BM` and `Method` `PlaceOrderAndAuthorize_API`.",
			"The API key comes as Bearer, as the password of Basic, or as the member `Password` of the call.",
			"Faults carry base64 text with one reason per line.",
		}, " "),
		parameters: []parameter{idempotencyParameter},
		body:       "", bodyType: "text/xml",
		answers: []answer{
			{status: http.StatusOK, text: "A result, or a fault", kind: "text/xml"},
			{status: http.StatusRequestEntityTooLarge, text: "The call is larger than 1 MiB", kind: "text/plain"},
		},
	}
}

func docHealthz() operation {
	return operation{
		id: "healthz", tag: "service", summary: "Whether the process serves",
		answers: []answer{{status: http.StatusOK, text: "It does", value: map[string]string{}}},
	}
}

func docReadyz() operation {
	return operation{
		id: "readyz", tag: "service", summary: "Whether orders can be accepted",
		text: "While only Temporal is away, orders and callbacks are still stored: 200 with status degraded. With the parameter strict the answer is 503.",
		parameters: []parameter{{
			name: "strict", in: "query", text: "Require Temporal too", schema: map[string]any{"type": "string"},
		}},
		answers: []answer{
			{status: http.StatusOK, text: "They can", value: Health{}},
			{status: http.StatusServiceUnavailable, text: "They cannot", value: Health{}},
		},
	}
}

func docMetrics() operation {
	return operation{
		id: "metrics", tag: "service", summary: "Metrics for Prometheus",
		answers: []answer{{status: http.StatusOK, text: "Text exposition format", kind: "text/plain"}},
	}
}

func docOpenAPI() operation {
	return operation{
		id: "openapi", tag: "service", summary: "This description",
		answers: []answer{{status: http.StatusOK, text: "OpenAPI 3.1", value: map[string]any{}}},
	}
}
