package names4ever

import (
	"context"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/names4ever/internal"
	"domainprovisioning/wire/exchange"
)

// Submit implements registrars.Registrar with add-domain, modify-domain or
// delete-domain: one operation a request, sent once.
func (n *Names4Ever) Submit(ctx context.Context, request registrars.Request) (registrars.Operation, error) {
	results, _ := n.SubmitBatch(exchange.WithClaim(ctx, request.Claim), []registrars.Request{request}) // the error is the result's, too
	return results[0].Operation, results[0].Err
}

// BatchResult is what became of one request of a batch.
type BatchResult struct {
	Operation registrars.Operation
	Err       error // nil when the operation is done
}

// SubmitBatch hands several requests to the registrar in one document, once, and
// answers for each, in their order. A request that breaks a rule is not sent, and
// does not keep the others from being sent; nor is the second one for a domain,
// because the reply tells operations apart by their domain only. The error says that
// the exchange failed: then it is the result of every request that was to be sent.
//
// Submit sends one operation a document, and is what orders use: that a document may
// hold several is assumed.
func (n *Names4Ever) SubmitBatch(ctx context.Context, requests []registrars.Request) ([]BatchResult, error) {
	results := make([]BatchResult, len(requests))
	var sent []registrars.Request
	var operations []internal.Operation
	var places []int
	seen := map[string]bool{}
	for i, request := range requests {
		operation, err := operationOf(request, true)
		switch {
		case err != nil:
		case request.Key == "":
			err = errs.Invalid(operation.Name(), "key", "required")
		case seen[operation.FQDN]:
			err = errs.Invalid(operation.Name(), "domain", "given twice in one batch")
		}
		if err != nil {
			results[i].Err = err
			continue
		}
		seen[operation.FQDN] = true
		sent, operations, places = append(sent, request), append(operations, operation), append(places, i)
	}
	if len(operations) == 0 {
		return results, nil
	}
	id := requestID(sent...)
	reply, err := n.client.Exchange(ctx, id, operations)
	if err != nil {
		for k, i := range places {
			results[i].Err = failure(operations[k].Name(), err)
		}
		return results, failure(operations[0].Name(), err)
	}
	for k, i := range places {
		results[i] = n.result(reply, id, sent[k], operations[k], len(operations) == 1)
	}
	return results, nil
}

func (n *Names4Ever) result(
	reply *internal.Reply, id string, request registrars.Request, operation internal.Operation, single bool,
) BatchResult {
	status, err := reply.Of(operation.FQDN, single, n.requestStatusIsEnough)
	switch {
	case err != nil:
		return BatchResult{Err: failure(operation.Name(), err)}
	case status.Code != 0:
		return BatchResult{Err: n.refusal(operation.Name(), status)}
	}
	return BatchResult{Operation: registrars.Operation{
		Reference: id, Kind: request.Kind, Domain: request.Domain,
		Status: registrars.StatusDone, Word: "0", Reason: status.Description,
	}}
}
