package names4ever

import (
	"context"

	"domainprovisioning/registrars"
	"domainprovisioning/wire/exchange"
)

// Submit implements registrars.Registrar with add-domain, modify-domain or
// delete-domain: one operation per document, sent once.
func (n *Names4Ever) Submit(ctx context.Context, request registrars.Request) (registrars.Operation, error) {
	operation, err := operationOf(request, true)
	if err != nil {
		return registrars.Operation{}, err
	}
	if request.Key == "" {
		return registrars.Operation{}, errs.Invalid(operation.Name(), "key", "required")
	}
	id := requestID(request)
	reply, err := n.client.Exchange(exchange.WithClaim(ctx, request.Claim), id, operation)
	if err != nil {
		return registrars.Operation{}, failure(operation.Name(), err)
	}
	status, err := reply.Of(operation.FQDN, n.requestStatusIsEnough)
	if err != nil {
		return registrars.Operation{}, failure(operation.Name(), err)
	}
	if status.Code != 0 {
		return registrars.Operation{}, n.refusal(operation.Name(), status)
	}
	return registrars.Operation{
		Reference: id, Kind: request.Kind, Domain: request.Domain,
		Status: registrars.StatusDone, Word: "0", Reason: status.Description,
	}, nil
}
