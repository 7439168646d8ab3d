package activities_test

import (
	"context"
	"testing"

	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// TestARequestThatIsTooDearIsForAPerson, whether the check or the submission finds it out, and
// goes on at the price that the person accepts.
func TestARequestThatIsTooDearIsForAPerson(t *testing.T) {
	tooDear := &registrars.Error{Registrar: "scripted", Call: "price", Class: registrars.ClassPrice, Rule: "the price of 250.00 EUR is above the plan's limit of 12.00 EUR"}
	for name, late := range map[string]bool{"at the check": false, "just before it is paid": true} {
		t.Run(name, func(t *testing.T) {
			w, in := placed(t, outside.Options{}, outside.NewCustomer)
			in.PriceLimit = &registrars.Price{Cents: 12_00}
			registrar := &scripted{finding: registrars.Finding{State: registrars.FoundNothing}}
			if late {
				registrar.submit = func(context.Context, registrars.Request) (registrars.Operation, error) {
					return registrars.Operation{}, tooDear
				}
			} else {
				registrar.checkError = tooDear
			}
			r := w.RegistrarActivities(registrar, nil)
			_, err := r.SubmitRequest(t.Context(), in)
			wantClass(t, err, registrars.ClassPrice)
			if application, _ := failure(t, err); !application.NonRetryable() {
				t.Error("it is tried again without a person")
			}
			if late {
				if row := operation(t, w, in); row.State != store.Failed || row.AcceptedPrice != "" {
					t.Errorf("the ledger has %+v", row)
				}
			}
			registrar.checkError, registrar.submit = nil, nil
			in.Reopenings, in.AcceptedPrice = 1, &registrars.Price{Cents: 250_00, Currency: "EUR"}
			submits := registrar.submits
			if _, err := r.SubmitRequest(t.Context(), in); err != nil || registrar.submits != submits+1 {
				t.Fatalf("%v, %d submissions", err, registrar.submits)
			}
			if sent := registrar.last; *sent.PriceLimit != *in.PriceLimit || *sent.AcceptedPrice != *in.AcceptedPrice {
				t.Errorf("submitted with %+v", sent)
			}
			if row := operation(t, w, in); row.State != store.Pending || row.AcceptedPrice != "250.00 EUR" {
				t.Errorf("the ledger has %+v", row)
			}
			// The same input again answers from the ledger.
			if _, err := r.SubmitRequest(t.Context(), in); err != nil || registrar.submits != submits+1 {
				t.Errorf("%v, %d submissions", err, registrar.submits)
			}
		})
	}
}
