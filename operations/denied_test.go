package operations_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"domainprovisioning/operations"
	"domainprovisioning/wire/xmlrpc"
)

func TestDeniedIsAStatusOfLoginOrAddress(t *testing.T) {
	for status, want := range map[int]bool{
		http.StatusUnauthorized: true, http.StatusForbidden: true, http.StatusBadGateway: false, http.StatusTooManyRequests: false,
	} {
		err := fmt.Errorf("wrapped: %w", &xmlrpc.StatusError{Status: status})
		if operations.Denied(err) != want {
			t.Errorf("status %d: denied is not %v", status, want)
		}
	}
	if operations.Denied(errors.New("another")) || operations.Denied(nil) {
		t.Error("another error is denied")
	}
}
