package activities

import (
	"context"
	"errors"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
	"domainprovisioning/wire/exchange"
)

// said is what a registrar says of a request, without the secrets that were sent in it. A plug-in
// removes those of the call that is answered; what became of a request is asked days later, in a
// call that sends none.
func (r *Registrar) said(ctx context.Context, row store.LedgerRow, reason string) (string, error) {
	if reason == "" {
		return "", nil
	}
	var secrets exchange.Secrets
	if r.Registrar.Describe().DomainPassword {
		password, err := r.Secrets.Secret(ctx, r.passwordReference(row.Domain))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return "", err
		}
		secrets = append(secrets, password.Reveal())
	}
	codes, err := r.keptAuthCodes(ctx, row)
	if err != nil {
		return "", err
	}
	for _, code := range codes {
		secrets = append(secrets, code.Reveal())
	}
	if registrars.Kind(row.Kind) == registrars.Transfer {
		keys, err := r.transferKeys(ctx, row)
		if _, erased := errors.AsType[*store.ErasedError](err); erased {
			return "", nil // what it may quote is not known any more
		}
		if err != nil {
			return "", err
		}
		for _, key := range keys {
			secrets = append(secrets, key.Reveal())
		}
	}
	return secrets.Scrub(reason), nil
}

// transferKeys are those of all revisions of the order of a request: any may have been sent.
func (r *Registrar) transferKeys(ctx context.Context, row store.LedgerRow) (keys []domains.Secret, err error) {
	item, err := row.Item()
	if err != nil {
		return nil, err
	}
	for revision := 0; ; revision++ {
		transferKey, err := r.Orders.TransferKey(ctx, OrderedItem{OrderNumber: row.OrderNumber(), Revision: revision, Item: item})
		switch {
		case errors.Is(err, store.ErrNotFound):
			return keys, nil
		case err != nil:
			return nil, err
		}
		keys = append(keys, transferKey)
	}
}
