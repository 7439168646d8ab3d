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
	// Certain says that there is no doubt about the code: Codes has it alone.
	Certain bool       `json:"certain" jsonschema:"description=Whether the registrar has the one code that is listed"`
	Codes   []AuthCode `json:"codes" jsonschema:"description=The auth code; all that it may be\\, the newest first\\, if that is not certain"`
}

// AuthCode is an auth code that a request has given a domain, or may have given it.
type AuthCode struct {
	Code  string    `json:"code"`
	Kind  string    `json:"kind" jsonschema:"enum=registration,enum=auth-code-change"`
	Order string    `json:"order" jsonschema:"description=The order whose request it is"`
	State string    `json:"state" jsonschema:"description=How the request stands in the ledger; done if it was carried out"`
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
		codes, certain, err := d.authCodes(ctx, row)
		if err == nil && len(codes) == 0 {
			return &NotAllowedError{Reason: fmt.Sprintf("no auth code of ours is known for %s: no order has registered it at %s, or has changed its auth code since it came; set one at the registrar",
				row.Name, row.Registrar)}
		}
		found = AuthCodes{row.Name, row.Registrar, certain, codes}
		return err
	})
	if err != nil {
		return AuthCodes{}, err
	}
	return found, nil
}

// authCodes goes back through the requests about a domain to the newest that was carried out. That is
// certain to have given it the code if the registrar has taken the request that sent the code, and
// none that is newer may have changed it.
func (d *Desk) authCodes(ctx context.Context, domain store.Domain) (codes []AuthCode, certain bool, err error) {
	rows, err := d.Store.AuthCodeRows(ctx, domain.Registrar, domain.Name)
	if err != nil {
		return nil, false, err
	}
	open := false
	for _, row := range rows {
		done := row.State == store.Done
		switch {
		case row.State.Final() && !done, row.State == store.Refused:
			continue // nothing of it exists
		case !ofHolding(domain, row):
			return codes, false, nil
		case !registrars.Kind(row.Kind).SetsAuthCode():
			if done {
				return codes, false, nil // it came with the code of somebody else, or was deleted
			}
			open = true
			continue
		}
		answered := false
		if done {
			events, err := d.Store.LedgerEvents(ctx, row.Key)
			if err != nil {
				return nil, false, err
			}
			answered = store.Answered(events)
		}
		kept, err := d.codesOf(ctx, row)
		if err != nil {
			return nil, false, err
		}
		if answered && len(kept) > 0 {
			kept = kept[:1] // the others were refused
		}
		codes = append(codes, kept...)
		if done {
			return codes, answered && !open && len(codes) == 1, nil
		}
		open = true
	}
	return codes, false, nil
}

// ofHolding reports whether a request belongs to the present holding of a domain: it is not older, or
// is of the order that has brought it. What was requested before it left says nothing of it now.
func ofHolding(domain store.Domain, row store.LedgerRow) bool {
	return !row.IntendedAt.Before(domain.CreatedAt) || domain.OrderNumber != "" && row.OrderNumber() == domain.OrderNumber
}

// codesOf are the codes that the tries of a request may have sent, the newest first.
func (d *Desk) codesOf(ctx context.Context, row store.LedgerRow) ([]AuthCode, error) {
	var codes []AuthCode
	for _, reference := range row.AuthCodeReferences() {
		code, err := d.Store.Secret(ctx, reference)
		switch {
		case err == nil:
			codes = append(codes, AuthCode{code.Reveal(), row.Kind, row.OrderNumber(), string(row.State), row.IntendedAt})
		case !errors.Is(err, store.ErrNotFound):
			return nil, err
		}
	}
	return codes, nil
}
