package registrars

import "context"

// Reacher is for a registrar whose protocol says what it offers before anybody logs in.
// `starter config check --connect` tries it; to any other registrar it only opens a connection.
type Reacher interface {
	// Reach connects as a call would, shows who we are as far as that is possible without a login,
	// and ends the connection. It leaves nothing at the registrar, and does not say whether the
	// password is right. offers says for people what the registrar offers and what of it is used.
	// Its errors are those of a call: ClassAuth for what the configuration mends, such as a
	// certificate that is refused or a service that is not offered.
	Reach(ctx context.Context) (offers string, err error)
}
