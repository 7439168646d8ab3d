package outside

import (
	"testing"

	"domainprovisioning/store"
)

// Confirmation returns a confirmation for the registrar account that came by callback.
func Confirmation(id, domain string) store.Confirmation {
	return store.Confirmation{EventID: id, Source: "callback", Account: Account, Domain: domain, Claim: "done"}
}

// Confirmations returns what the inbox has about a domain: for each event its state and
// the workflow that was told.
func (w *World) Confirmations(t testing.TB, domain string) map[string]string {
	t.Helper()
	rows, err := w.Store.Confirmations(t.Context(), store.ConfirmationFilter{Domain: domain})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, row := range rows {
		found[row.EventID] = string(row.State) + " " + row.WorkflowID
		if (row.State == store.Received) != (row.HandledAt == nil) {
			t.Errorf("%s is %s, handled at %v", row.EventID, row.State, row.HandledAt)
		}
	}
	return found
}
