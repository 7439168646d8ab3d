// Package exampleconfig fills in config/example.yaml for tests: as it is, it is refused, because
// everybody knows its passwords and its key.
package exampleconfig

import "strings"

// Password is what the example's passwords and secrets are filled in with.
const Password = "filled-in-for-tests"

// Key is the sealing key that it is filled in with.
const Key = "dGVzdC10ZXN0LXRlc3QtdGVzdC10ZXN0LXRlc3QtMDE="

const exampleKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

// Fill returns the example with a key and passwords of its own.
func Fill(example string) string {
	return strings.NewReplacer("change-me", Password, exampleKey, Key).Replace(example)
}

// Environment does the same over the environment, for the example's one account.
func Environment() []string {
	return []string{
		"DP_REGISTRARS_NETIM_MAIN_PASSWORD=" + Password, "DP_REGISTRARS_NETIM_MAIN_BILLING_PASSWORD=" + Password,
		"DP_DATABASE_SEALING_KEYS_K1=" + Key,
	}
}
