package registrars

import "context"

// AuthCodeRules is for a registrar that serves AuthCodeChange, and that sells
// top-level domains without auth codes and knows which those are. Asking changes
// nothing and may be repeated freely.
type AuthCodeRules interface {
	// HasAuthCodes reports whether domains under a registry suffix, such as "com.au",
	// have an auth code. It is true where the registrar does not say.
	HasAuthCodes(ctx context.Context, tld string) (bool, error)
}
