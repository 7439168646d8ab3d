package registrars

import (
	"context"

	"domainprovisioning/domains"
)

// PasswordChanger is for a registrar whose API changes the password of the account that calls it.
// A person changes it, by `starter registrar-password`; nothing else does.
type PasswordChanger interface {
	// ChangePassword changes the account's password at the registrar, in one call, from that of the
	// configuration. What the registrar does not take as a password, such as one that is too short,
	// is ClassInvalid, and refused before the call where that is known. After an error of
	// ClassOutcomeUnknown either password may be valid, and the caller tries both; after any other
	// nothing was changed. No error holds either of them; its Detail is what the registrar has said,
	// which the person is shown who gives the command. ChangePassword stores nothing: the plug-in
	// goes on with the password that it was opened with, and the operator then changes the
	// configuration.
	ChangePassword(ctx context.Context, password domains.Secret) error
}
