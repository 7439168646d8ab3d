package billing_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"domainprovisioning/billing"
	"domainprovisioning/wire/xmlrpc"
)

func TestDeniedIsAStatusOfLoginOrAddress(t *testing.T) {
	for status, want := range map[int]bool{
		http.StatusUnauthorized: true, http.StatusForbidden: true, http.StatusBadGateway: false, http.StatusTooManyRequests: false,
	} {
		err := fmt.Errorf("wrapped: %w", &xmlrpc.StatusError{Status: status})
		if billing.Denied(err) != want {
			t.Errorf("status %d: denied is not %v", status, want)
		}
	}
	if billing.Denied(errors.New("another")) || billing.Denied(nil) {
		t.Error("another error is denied")
	}
}
