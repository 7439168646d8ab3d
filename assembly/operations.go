package assembly

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"domainprovisioning/desk"
	"domainprovisioning/registrars"
)

// atRegistrars asks registrar accounts for the desk.
type atRegistrars struct {
	assembly *Assembly
	temporal client.Client
}

// Names lists the accounts of the configuration.
func (r atRegistrars) Names() []string { return r.assembly.AccountNames() }

// Has reports whether an account is configured.
func (r atRegistrars) Has(account string) bool {
	_, ok := r.assembly.Accounts[account]
	return ok
}

// CheckOperation asks for an operation of the ledger.
func (r atRegistrars) CheckOperation(ctx context.Context, account, key string) (before, now, word string, err error) {
	result, err := r.assembly.CheckOperation(ctx, r.temporal, account, key)
	return result.Before, result.Now, result.Word, registrarError(err)
}

// CancelOperation asks the registrar to withdraw an operation.
func (r atRegistrars) CancelOperation(ctx context.Context, account, reference string) error {
	return registrarError(r.assembly.CancelOperation(ctx, account, reference))
}

// registrarError tells a registrar that refuses from one that does not answer.
func registrarError(err error) error {
	if err == nil {
		return nil
	}
	class := registrars.Class("")
	if own, ok := errors.AsType[*registrars.Error](err); ok {
		class = own.Class
	} else if activity, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		class = registrars.Class(activity.Type())
	}
	if class == "" {
		return err // of the store
	}
	open := []registrars.Class{registrars.ClassRateLimited, registrars.ClassTemporary, registrars.ClassOutcomeUnknown}
	if slices.Contains(open, class) {
		return fmt.Errorf("%w: %w", desk.ErrRegistrarAway, err)
	}
	return &desk.NotAllowedError{Reason: err.Error()}
}
