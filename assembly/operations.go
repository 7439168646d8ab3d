package assembly

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"domainprovisioning/desk"
	"domainprovisioning/domains"
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

// ChangePassword changes the password of an account at its registrar. The *registrars.Error of one that
// refuses is in the error's tree.
func (r atRegistrars) ChangePassword(ctx context.Context, account string, password domains.Secret) error {
	changer, err := r.assembly.PasswordChanger(account)
	if err != nil {
		return err
	}
	if password.Reveal() == string(r.assembly.Config.Registrars[account].Password) {
		return &desk.NotAllowedError{Reason: "the new password is the one that the configuration has"}
	}
	answered := changer.ChangePassword(ctx, password)
	if answered != nil && registrars.ClassOf(answered) == registrars.ClassOutcomeUnknown {
		return fmt.Errorf("%w: %w", desk.ErrEitherPassword, registrarError(answered))
	}
	err = registrarError(answered)
	refused, isRefused := errors.AsType[*desk.NotAllowedError](err)
	if said, ok := errors.AsType[*registrars.Error](answered); isRefused && ok {
		return passwordError{refused, said}
	}
	return err
}

// passwordError is the refusal of a new password, which has what the registrar has said of it for the
// person who gives the command. The record has the refusal alone.
type passwordError struct {
	*desk.NotAllowedError
	said *registrars.Error
}

func (e passwordError) Unwrap() error { return e.NotAllowedError }

// As finds the registrar's error.
func (e passwordError) As(target any) bool {
	said, ok := target.(**registrars.Error)
	if ok {
		*said = e.said
	}
	return ok
}

// PasswordChanger returns the account that can change its password by a command. The error is a
// *desk.NotAllowedError.
func (a *Assembly) PasswordChanger(account string) (registrars.PasswordChanger, error) {
	registrar, configured := a.Accounts[account]
	if !configured {
		return nil, &desk.NotAllowedError{Reason: fmt.Sprintf("registrar account %q is not configured", account)}
	}
	changer, ok := registrar.(registrars.PasswordChanger)
	if !ok {
		return nil, &desk.NotAllowedError{Reason: fmt.Sprintf("%s cannot change its password by a command; change it at %s, by the way that it has for that",
			account, registrar.Describe().Title)}
	}
	return changer, nil
}

// SameLogin lists the accounts of the configuration that log in where an account does, as whom it
// does, itself among them: a change of its password concerns all of them.
func (a *Assembly) SameLogin(account string) []string {
	of := a.Config.Registrars[account]
	return slices.DeleteFunc(a.AccountNames(), func(name string) bool {
		other := a.Config.Registrars[name]
		return other.Plugin != of.Plugin || other.URL != of.URL || other.Login != of.Login
	})
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
