package registrars

import "context"

// GraceTeller is for a registrar that knows the add grace period of a registry: for how long a
// registration can be given back without being paid for. Asking changes nothing and may be
// repeated freely.
type GraceTeller interface {
	// AddGrace returns the days of the add grace period under a registry suffix, such as
	// "com.au"; 0 where there is none. known is false if the registrar does not say.
	AddGrace(ctx context.Context, tld string) (days int, known bool, err error)
}
