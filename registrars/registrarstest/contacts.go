package registrarstest

import (
	"context"
	"testing"

	"domainprovisioning/registrars"
)

// Find looks for one contact; it returns "" if there is none.
func Find(ctx context.Context, keeper registrars.ContactKeeper, contact registrars.Contact) (handle string, err error) {
	handles, err := keeper.FindContacts(ctx, []registrars.Contact{contact})
	if err != nil {
		return "", err
	}
	return handles[0], nil
}

// Keep creates a contact unless it exists, and returns it with its handle.
func Keep(t testing.TB, keeper registrars.ContactKeeper, contact registrars.Contact) registrars.Contact {
	t.Helper()
	handle, err := Find(context.Background(), keeper, contact)
	if err == nil && handle == "" {
		handle, err = keeper.CreateContact(context.Background(), contact)
	}
	if err != nil {
		t.Fatal(err)
	}
	contact.Handle = handle
	return contact
}
