package operations_test

import (
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/operations"
)

func TestLoginPasswordAndCurrency(t *testing.T) {
	const missing, code = "is missing", "must be a code of three letters of ISO 4217"
	for login, want := range map[string]string{"jane": "", "j": "", "": missing, "\t": missing} {
		if got := operations.LoginProblem(login); got != want {
			t.Errorf("login %q: %q, want %q", login, got, want)
		}
		if got := operations.PasswordProblem(domains.NewSecret(login)); got != want {
			t.Errorf("password %q: %q, want %q", login, got, want)
		}
	}
	for currency, want := range map[string]string{
		"": "", "EUR": "", "usd": "", "chf": "", "EURO": code, "E": code, "\u20ac": code, "ZZZ": code, "XXX": code, "XTS": code, "978": code,
	} {
		if got := operations.CurrencyProblem(currency); got != want {
			t.Errorf("currency %q: %q, want %q", currency, got, want)
		}
	}
}
