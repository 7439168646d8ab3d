package gateway

import (
	"fmt"
	"net/http"

	"domainprovisioning/desk"
	"domainprovisioning/portfolio/batch"
	"domainprovisioning/store"
)

var batchMissing = answer{status: http.StatusNotFound, text: "There is no such batch"}

func docPlaceBatch() operation {
	return operation{
		id: "placeBatch", tag: "batches", summary: "Place many orders at once",
		text: fmt.Sprintf("The body has an order in each line, in its JSON form, or is a CSV table whose first row names the fields by JSON pointers or short names; "+
			"at most %d orders, %d MiB in total and %d KiB a line. Everything is checked first that needs nobody outside, and the answer reports every line that is refused. "+
			"What the lines may cost at the registrars is summed before anything is stored: by the price limits of their plans, or else by the registrar's price. "+
			"The orders are then placed at a rate for each registrar account.", batch.MostLines, batch.MostBytes>>20, batch.MostLine>>10),
		parameters: []parameter{
			inQuery("mode", "all: one bad line refuses the batch; good: the good lines are placed", map[string]any{"type": "string", "enum": batch.Modes(), "default": batch.All}),
			inQuery("label", "What the caller calls the batch; no personal data", map[string]any{"type": "string", "maxLength": batch.MostLabel}),
			inQuery("dryRun", "Check and report, and store nothing", truthSchema),
			inQuery("maxPrice", "The most that all lines together may cost; no line costs more than it was counted with", map[string]any{"type": "string", "example": "2500.00EUR"}),
			inQuery("unpriced", "Accept lines of which nobody can tell the price although there is a limit", map[string]any{"type": "string", "enum": []string{"accept"}}),
			idempotencyParameter,
		},
		body: "", bodyType: mediaJSONLines,
		answers: []answer{
			{status: http.StatusCreated, text: "Stored; its orders are placed from now on", value: desk.BatchReport{}, header: map[string]string{"Location": "Path of the batch"}},
			{status: http.StatusOK, text: "Nothing was stored, as asked; or the same request was stored before", value: desk.BatchReport{}},
			{status: http.StatusBadRequest, text: "The batch cannot be read, or a parameter breaks its rule"},
			{status: http.StatusConflict, text: "The same request is being stored"},
			{status: http.StatusRequestEntityTooLarge, text: "The batch has too many orders, or is too large"},
			{status: http.StatusUnprocessableEntity, text: "The batch is refused as a whole: each bad line is listed, or it may cost too much; or the Idempotency-Key was used with another body"},
		},
	}
}

func docListBatches() operation {
	return operation{
		id: "listBatches", tag: "batches", summary: "List batches, newest first",
		parameters: []parameter{
			inQuery("state", "Only batches in a state", wordSchema(store.BatchStates())), inQuery("cursor", "The field next of the previous page", text1()),
			limitParameter(store.MostListed),
		},
		answers: []answer{{status: http.StatusOK, text: "A page", value: desk.BatchPage{}}, brokenQuery},
	}
}

func docGetBatch() operation {
	return operation{
		id: "getBatch", tag: "batches", summary: "How a batch stands",
		answers: []answer{{status: http.StatusOK, text: "The batch with the counts of its lines and orders", value: desk.Batch{}}, batchMissing},
	}
}

func docBatchLines() operation {
	return operation{
		id: "batchLines", tag: "batches", summary: "List the lines of a batch in their order",
		parameters: []parameter{
			inQuery("state", "Only lines in a state", wordSchema(store.LineStates())),
			inQuery("after", "The field next of the previous page", map[string]any{"type": "integer", "minimum": 0}), limitParameter(store.MostListed),
		},
		answers: []answer{{status: http.StatusOK, text: "A page", value: desk.BatchLines{}}, brokenQuery, batchMissing},
	}
}

func docBatchResults() operation {
	return operation{
		id: "batchResults", tag: "batches", summary: "All lines of a batch with their results",
		text:       "As JSON lines, each as in the list of lines; or as CSV with the columns line, domain, registrar, state, order, orderState and reasons, by the parameter or by Accept: text/csv.",
		parameters: []parameter{inQuery("format", "The form of the answer", map[string]any{"type": "string", "enum": []batch.Form{batch.JSONLines, batch.CSV}})},
		answers:    []answer{{status: http.StatusOK, text: "The lines", kind: mediaJSONLines}, brokenQuery, batchMissing},
	}
}

func docOnBatch(id, summary, text string) operation {
	return operation{
		id: id, tag: "batches", summary: summary, text: text, body: BatchCommand{},
		answers: []answer{
			{status: http.StatusOK, text: "How the batch stands", value: desk.Batch{}}, brokenBody, batchMissing,
			{status: http.StatusConflict, text: "The batch has ended, or was not in a state for this"},
		},
	}
}

func docPauseBatch() operation {
	return docOnBatch("pauseBatch", "Place no more lines of a batch for now", "Lines that are just being placed are not stopped. Orders that were placed go on.")
}

func docResumeBatch() operation {
	return docOnBatch("resumeBatch", "Let a paused batch go on", "")
}

func docCancelBatch() operation {
	return docOnBatch("cancelBatch", "Place no more lines of a batch, for good", "The lines that wait are cancelled. Orders that were placed stay; each is cancelled by itself.")
}
