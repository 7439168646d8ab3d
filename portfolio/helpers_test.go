package portfolio_test

import (
	"testing"

	"domainprovisioning/domains"
)

func name(t *testing.T, text string) domains.Name {
	t.Helper()
	parsed, err := domains.ParseName(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
