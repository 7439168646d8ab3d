package activities_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
)

// TestWhatIsSaidOfARequestDaysLaterHoldsNoSecret: the call that asks what became of a transfer sends
// no key, so only the product knows what may stand in the answer.
func TestWhatIsSaidOfARequestDaysLaterHoldsNoSecret(t *testing.T) {
	w := outside.New(t, outside.Options{})
	w.Operations.AddExistingAccount(outside.Customer)
	w.Netim.AddTaken("shop.example", "Move&42-it")
	w.Place(t, outside.Alter(t, outside.DomainOnly, `"registration"`, `"transfer"`, `"transferKey": ""`, `"transferKey": "Move&42-it"`))
	input := w.Temporal.Starts()[0].Input
	in := activities.SubmitRequestInput{
		OrderNumber: input.OrderNumber, Item: input.Unit.Item, AccountID: input.AccountID, Registrar: outside.Account,
		Kind: registrars.Transfer, Domain: input.Unit.Domain.Name, TLD: "example", Contacts: input.Contacts,
	}
	sent := ""
	registrar := &scripted{
		submit: func(_ context.Context, request registrars.Request) (registrars.Operation, error) {
			sent = request.AuthCode.Reveal()
			return registrars.Operation{Reference: "77", Status: registrars.StatusPending}, nil
		},
		operations: map[string]registrars.Operation{"77": {
			Reference: "77", Status: registrars.StatusFailed, Reason: "the registry refuses Move&amp;42-it of shop.example",
		}},
	}
	r := w.RegistrarActivities(registrar, nil)
	if _, err := r.SubmitRequest(t.Context(), in); err != nil || sent != "Move&42-it" {
		t.Fatalf("sent %q, %v", sent, err)
	}
	confirm := activities.ConfirmRequestInput{Key: activities.RequestKey(in.OrderNumber, in.Item, in.Kind)}
	state, err := r.ConfirmRequest(t.Context(), confirm)
	if err != nil || !strings.HasPrefix(state.Told, "the registry refuses [") || !strings.HasSuffix(state.Told, "of shop.example") || strings.Contains(state.Told, "42") {
		t.Errorf("told %q, %v", state.Told, err)
	}
	// While the key cannot be read, nothing is told that may hold it.
	r.Orders = noOrders{r.Orders}
	if state, err := r.ConfirmRequest(t.Context(), confirm); err == nil {
		t.Errorf("told %q", state.Told)
	}
}

// noOrders cannot read an order at the moment.
type noOrders struct{ activities.RequestReader }

func (noOrders) TransferKey(context.Context, activities.OrderedItem) (domains.Secret, error) {
	return domains.Secret{}, errors.New("the store is away")
}
