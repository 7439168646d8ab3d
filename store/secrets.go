package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"domainprovisioning/domains"
)

// KeepSecret seals a secret under a reference and returns the one that is
// stored. The first one stays, so a repeat with another generated value changes
// nothing.
func (s *Store) KeepSecret(ctx context.Context, reference string, secret domains.Secret) (domains.Secret, error) {
	sealed, err := s.sealFor(ctx, s.db, orderOfSecret(reference), []byte(secret.Reveal()), "secret/"+reference)
	if err != nil {
		return domains.Secret{}, err
	}
	_, err = s.db.ExecContext(ctx, `INSERT INTO secrets (reference, sealed, created_at) VALUES ($1, $2, `+s.clock()+`)
		ON CONFLICT (reference) DO NOTHING`, reference, sealed)
	if err != nil {
		return domains.Secret{}, fmt.Errorf("store: keep secret: %w", err)
	}
	return s.Secret(ctx, reference)
}

// AuthCodeReference is that of the auth code that a request, by its key in the ledger, gives a domain
// at a registrar account. It belongs to the domain, and to no order: whoever leaves needs it, also
// when the order has been erased.
func AuthCodeReference(account, domain, key string) string {
	return "registrar/" + account + "/" + domain + "/auth-code/" + key
}

// ReopenedAuthCodeReference is that of the code which a request takes, by the reference of its first
// one, after a person has asked for it anew so many times.
func ReopenedAuthCodeReference(first string, reopenings int) string {
	return first + "/" + strconv.Itoa(reopenings)
}

// AuthCodeReferences are those of the auth codes that the tries of the row's request may have sent,
// the newest first. A retry makes a new code only after the request has failed, so most have none.
func (o LedgerRow) AuthCodeReferences() []string {
	first := AuthCodeReference(o.Account, o.Domain, o.Key)
	references := make([]string, 0, o.Reopened+1)
	for reopenings := o.Reopened; reopenings > 0; reopenings-- {
		references = append(references, ReopenedAuthCodeReference(first, reopenings))
	}
	return append(references, first)
}

// orderOfSecret is the order that a secret belongs to, as its reference says; "" for none, such as
// the password and the auth codes of a domain, which outlive the orders for it.
func orderOfSecret(reference string) string {
	rest, ok := strings.CutPrefix(reference, ofOrder)
	if !ok {
		return ""
	}
	number, _, _ := strings.Cut(rest, "/")
	return number
}

// Secret opens the secret stored under a reference, or returns ErrNotFound.
func (s *Store) Secret(ctx context.Context, reference string) (domains.Secret, error) {
	var sealed string
	if err := s.db.GetContext(ctx, &sealed, `SELECT sealed FROM secrets WHERE reference = $1`, reference); err != nil {
		return domains.Secret{}, notFound("secret "+reference, err)
	}
	plain, err := s.open(ctx, s.db, sealed, "secret/"+reference)
	if err != nil {
		return domains.Secret{}, err
	}
	return domains.NewSecret(string(plain)), nil
}
