package desk

import (
	"context"
	"errors"

	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// ErrEitherPassword says that nobody knows whether a password was changed.
var ErrEitherPassword = errors.New("the old or the new password may be valid")

// ChangePassword changes the password of a registrar account at its registrar, and records it. The
// configuration is the operator's to change. Errors: those of Registrars.
func (d *Desk) ChangePassword(ctx context.Context, account string, password domains.Secret, actor, reason string) error {
	act := store.Act{Command: "registrar-password", Item: store.NoItem, Reason: account + ": " + claimed(ctx, actor, reason)}
	return d.record(ctx, &act, func() string { return "" }, func() error {
		if err := messages.CheckBy(actor, reason); err != nil {
			return &NotAllowedError{Reason: err.Error()}
		}
		return d.Registrars.ChangePassword(ctx, account, password)
	})
}
