package activities

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// RequestKey is the ledger's key of an order's request. An order makes at most one
// request of a kind for an item.
func RequestKey(orderNumber string, item int, kind registrars.Kind) string {
	return fmt.Sprintf("%s/%d/%s", orderNumber, item, kind)
}

// ordered is the item that the request is for.
func (in SubmitRequestInput) ordered() OrderedItem {
	return OrderedItem{in.OrderNumber, in.Revision, in.Item, in.AccountID}
}

// request fills the request, with the contacts made at the registrar where it
// keeps them, and with the secrets that it needs.
func (r *Registrar) request(ctx context.Context, in SubmitRequestInput) (registrars.Request, error) {
	request := registrars.Request{
		Key: RequestKey(in.OrderNumber, in.Item, in.Kind), Kind: in.Kind,
		Domain: in.Domain, TLD: in.TLD, Years: in.Years, Expires: in.Expires,
		NameServers: in.NameServers, Language: in.Language, Settings: in.Settings, PriceLimit: in.PriceLimit, AcceptedPrice: in.AcceptedPrice,
	}
	var err error
	if request.Contacts, err = r.contacts(ctx, in); err != nil {
		return request, err
	}
	if in.Kind == registrars.Transfer {
		if request.AuthCode, err = r.Orders.TransferKey(ctx, in.ordered()); err != nil {
			return request, err
		}
	}
	if r.Registrar.Describe().DomainPassword {
		if request.DomainPassword, err = r.domainPassword(ctx, in); err != nil {
			return request, err
		}
	}
	return request, err
}

// takesAuthCode reports whether a request of the kind takes an auth code that we make.
func (r *Registrar) takesAuthCode(kind registrars.Kind) bool {
	return kind.SetsAuthCode() && r.Registrar.Describe().TakesAuthCodes
}

func (r *Registrar) newAuthCode() domains.Secret {
	if maker, ok := r.Registrar.(registrars.AuthCodeMaker); ok {
		return maker.NewAuthCode()
	}
	return registrars.NewAuthCode(registrars.AuthCodeLength)
}

// withAuthCode gives a request that is about to be submitted its auth code, which is kept before it
// is sent: every try sends the same one. A request that is only looked for gets none, as what it was
// sent with would not be known. After the registrar has refused a request for good, a person's retry
// has a new code, as the old one may be what it does not like.
func (r *Registrar) withAuthCode(ctx context.Context, decided decision, reopenings int) (request registrars.Request, err error) {
	request = decided.request
	if !r.takesAuthCode(request.Kind) {
		return request, nil
	}
	reference := store.AuthCodeReference(r.Account, request.Domain.String(), request.Key)
	switch {
	case decided.act == submitAgain && decided.row.State.Final():
		reference = store.ReopenedAuthCodeReference(reference, reopenings)
	case !request.NewAuthCode.IsZero():
		return request, nil
	}
	request.NewAuthCode, err = r.Secrets.KeepSecret(ctx, reference, r.newAuthCode())
	return request, err
}

// keptAuthCode is the auth code that the request of a row takes; zero if none of its was kept.
func (r *Registrar) keptAuthCode(ctx context.Context, row store.LedgerRow) (domains.Secret, error) {
	codes, err := r.keptAuthCodes(ctx, row)
	if err != nil || len(codes) == 0 {
		return domains.Secret{}, err
	}
	return codes[0], nil
}

// keptAuthCodes are those that the tries of a row's request have sent, the newest first.
func (r *Registrar) keptAuthCodes(ctx context.Context, row store.LedgerRow) ([]domains.Secret, error) {
	if !r.takesAuthCode(registrars.Kind(row.Kind)) {
		return nil, nil
	}
	var codes []domains.Secret
	for _, reference := range row.AuthCodeReferences() {
		code, err := r.Secrets.Secret(ctx, reference)
		switch {
		case err == nil:
			codes = append(codes, code)
		case !errors.Is(err, store.ErrNotFound):
			return nil, err
		}
	}
	return codes, nil
}

func (r *Registrar) passwordReference(domain string) string {
	return fmt.Sprintf("registrar/%s/%s/password", r.Account, domain)
}

// domainPassword is the domain's own password. It is made and kept before the first
// request: without it the domain could be neither changed nor deleted.
func (r *Registrar) domainPassword(ctx context.Context, in SubmitRequestInput) (domains.Secret, error) {
	reference := r.passwordReference(in.Domain.String())
	if in.Kind == registrars.Registration || in.Kind == registrars.Transfer {
		return r.Secrets.KeepSecret(ctx, reference, domains.NewSecret(rand.Text()))
	}
	password, err := r.Secrets.Secret(ctx, reference)
	if errors.Is(err, store.ErrNotFound) {
		return password, refuse(registrars.ClassInvalid,
			"activities: the store has no password of %s at %s, and no change is possible without it", in.Domain, r.Account)
	}
	return password, err
}

// needless says why there is nothing to ask for; "" for a request that must be made.
func (r *Registrar) needless(ctx context.Context, request registrars.Request) (string, error) {
	rules, ok := r.Registrar.(registrars.AuthCodeRules)
	if !ok || request.Kind != registrars.AuthCodeChange {
		return "", nil
	}
	if has, err := rules.HasAuthCodes(ctx, request.TLD); err != nil || has {
		return "", err
	}
	return "the top-level domain has no auth codes", nil
}

// guardOf is what a request relies on, for the ledger: a renewal on the expiry date
// before it, an owner change on the owner that was asked for. A person's data may
// change before the next look, and the domain's date by the request itself.
func guardOf(request registrars.Request) string {
	switch {
	case request.Kind == registrars.OwnerChange:
		return request.Contacts[registrars.Owner].Handle
	case request.Kind == registrars.Renewal && !request.Expires.IsZero():
		return request.Expires.UTC().Format(time.RFC3339)
	default:
		return ""
	}
}

// underGuard is the request as its first try made it, with the number of its last submission.
func underGuard(request registrars.Request, row store.LedgerRow) (registrars.Request, error) {
	request.Submission = row.Submissions
	if row.Guard == "" {
		return request, nil
	}
	switch request.Kind {
	case registrars.Renewal:
		expires, err := time.Parse(time.RFC3339, row.Guard)
		if err != nil {
			return request, refuse(registrars.ClassInvalid, "activities: the guard of the ledger cannot be read")
		}
		request.Expires = expires
	case registrars.OwnerChange:
		owner := request.Contacts[registrars.Owner]
		request.Contacts = maps.Clone(request.Contacts)
		if owner.Handle != row.Guard {
			owner.Details = domains.Contact{}
		}
		owner.Role, owner.Handle = registrars.Owner, row.Guard
		if request.Contacts == nil {
			request.Contacts = map[registrars.Role]registrars.Contact{}
		}
		request.Contacts[registrars.Owner] = owner
	}
	return request, nil
}
