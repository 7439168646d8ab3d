package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// AuthCodes are what the auth code of a domain may be, by the newest requests of ours.
type AuthCodes struct {
	Domain    string `json:"domain"`
	Registrar string `json:"registrar" jsonschema:"description=Registrar account of the configuration"`
	// Codes has one if it is certain.
	Codes []AuthCode `json:"codes" jsonschema:"description=The auth code; several if the outcome of a newer request is not known\\, the newest first"`
}

// Certain reports whether there is no doubt about the code.
func (a AuthCodes) Certain() bool { return len(a.Codes) == 1 && a.Codes[0].State == string(store.Done) }

// AuthCode is an auth code that a request has given a domain, or may have given it.
type AuthCode struct {
	Code  string    `json:"code"`
	Kind  string    `json:"kind" jsonschema:"enum=registration,enum=auth-code-change"`
	Order string    `json:"order" jsonschema:"description=The order whose request it is"`
	State string    `json:"state" jsonschema:"description=How the request stands in the ledger; done if the registrar has taken the code"`
	At    time.Time `json:"at" jsonschema:"description=When it was requested"`
}

// AuthCode tells the auth code of a domain that is held, for the customer who leaves with it. That
// somebody asked is recorded, without the code. Errors: ErrNoDomain, and *NotAllowedError where the
// code is not one of ours.
func (d *Desk) AuthCode(ctx context.Context, name, actor, reason string) (AuthCodes, error) {
	var found AuthCodes
	err := d.onDomain(ctx, name, "auth-code", "", actor, reason, func(row store.Domain) error {
		account, configured := d.Intake.Accounts[row.Registrar]
		if configured && !account.Registrar.Describe().TakesAuthCodes {
			return &NotAllowedError{Reason: fmt.Sprintf("registrar account %s makes the auth codes of its domains itself: ask there for that of %s", row.Registrar, row.Name)}
		}
		codes, err := d.authCodes(ctx, row)
		if err == nil && len(codes) == 0 {
			return &NotAllowedError{Reason: fmt.Sprintf("no auth code of ours is known for %s: no order has registered it at %s, or has changed its auth code since it came; set one at the registrar",
				row.Name, row.Registrar)}
		}
		found = AuthCodes{row.Name, row.Registrar, codes}
		return err
	})
	if err != nil {
		return AuthCodes{}, err
	}
	return found, nil
}

// authCodes goes back through the requests about a domain to the newest that was carried out.
func (d *Desk) authCodes(ctx context.Context, domain store.Domain) ([]AuthCode, error) {
	rows, err := d.Store.AuthCodeRows(ctx, domain.Registrar, domain.Name)
	if err != nil {
		return nil, err
	}
	var codes []AuthCode
	for _, row := range rows {
		done := row.State == store.Done
		switch {
		case row.State.Final() && !done, row.State == store.Refused:
			continue // nothing of it exists
		case !registrars.Kind(row.Kind).SetsAuthCode():
			if done {
				return codes, nil // it came with the code of somebody else, or was deleted
			}
			continue
		}
		code, err := d.Store.Secret(ctx, store.AuthCodeReference(row.Account, row.Domain, row.Key))
		switch {
		case err == nil:
			codes = append(codes, AuthCode{code.Reveal(), row.Kind, row.OrderNumber(), string(row.State), row.IntendedAt})
		case !errors.Is(err, store.ErrNotFound):
			return nil, err
		}
		if done {
			return codes, nil
		}
	}
	return codes, nil
}
