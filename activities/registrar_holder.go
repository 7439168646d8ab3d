package activities

import (
	"context"
	"errors"

	"go.temporal.io/sdk/temporal"

	"domainprovisioning/registrars"
)

// holderDiffers compares the holder of a domain with the ordered one. A registrar tells only
// the handle of a contact, so the ordered data are looked for among its contacts; nothing is
// created. The result is a remark for a person, so only an error that passes is one.
func (r *Registrar) holderDiffers(ctx context.Context, domain registrars.Domain, ordered Holder) ([]string, error) {
	keeper, ok := r.Registrar.(registrars.ContactKeeper)
	if !ok {
		return nil, nil
	}
	has := domain.Handles[registrars.Owner]
	handle, err := r.findHolder(ctx, keeper, domain, ordered)
	failure, failed := errors.AsType[*temporal.ApplicationError](fail(err))
	switch {
	case failed && !failure.NonRetryable():
		return nil, failure
	case failed:
		return []string{"holder at the registrar: contact " + has + ", which cannot be compared with the order's: " + failure.Type()}, nil
	case handle == "":
		return []string{"holder at the registrar: contact " + has + ", ordered: somebody who is no contact there"}, nil
	case handle != has:
		return []string{"holder at the registrar: contact " + has + ", ordered: contact " + handle}, nil
	}
	return nil, nil
}

func (r *Registrar) findHolder(
	ctx context.Context, keeper registrars.ContactKeeper, domain registrars.Domain, ordered Holder,
) (string, error) {
	details, extra, err := r.Orders.ReadContacts(ctx,
		OrderedItem{ordered.OrderNumber, ordered.Revision, ordered.Item, ordered.AccountID}, ordered.Contact)
	if err != nil {
		return "", err
	}
	found, err := keeper.FindContacts(ctx, []registrars.Contact{
		{Role: registrars.Owner, Domain: domain.Name, Details: details[0], Extra: extra},
	})
	if err == nil && len(found) != 1 {
		err = errors.New("activities: the plug-in looked for another number of contacts")
	}
	if err != nil {
		return "", err
	}
	return found[0], nil
}
