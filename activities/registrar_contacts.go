package activities

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

// contacts reads the contacts that a request needs. At a registrar that keeps contacts it
// makes sure that they exist there, unless the request is a transfer that takes none: then they are
// only to be checked before it is paid for. A role that a change does not name keeps its contact.
func (r *Registrar) contacts(ctx context.Context, in SubmitRequestInput) (map[registrars.Role]registrars.Contact, error) {
	var ordered, open []registrars.Role
	var distinct []ContactRef
	for _, role := range in.Kind.Roles() {
		ref := *in.Contacts.Of(role)
		if ref == (ContactRef{}) {
			open = append(open, role)
			continue
		}
		ordered = append(ordered, role)
		if !slices.Contains(distinct, ref) {
			distinct = append(distinct, ref)
		}
	}
	contacts := make(map[registrars.Role]registrars.Contact, len(ordered)+len(open))
	if len(ordered) > 0 {
		details, extra, err := r.Orders.ReadContacts(ctx, in.ordered(), distinct...)
		if err != nil {
			return nil, err
		}
		for _, role := range ordered {
			contact := registrars.Contact{Role: role, Domain: in.Domain, Details: details[slices.Index(distinct, *in.Contacts.Of(role))]}
			if role == registrars.Owner {
				// The additional fields of a registry are about the holder.
				contact.Extra = extra
			}
			contacts[role] = contact
		}
	}
	keeper, ok := r.Registrar.(registrars.ContactKeeper)
	if !ok || in.Kind == registrars.Transfer && r.Registrar.Describe().BareTransfers {
		return contacts, nil
	}
	if err := r.ensureContacts(ctx, keeper, RequestKey(in.OrderNumber, in.Item, in.Kind), ordered, contacts); err != nil {
		return nil, err
	}
	return contacts, r.keepContacts(ctx, in.Domain, open, contacts)
}

// keepContacts fills the given roles with the contacts that the domain has now. A registrar
// that takes contacts inline keeps those that are not given.
func (r *Registrar) keepContacts(
	ctx context.Context, name domains.Name, roles []registrars.Role, contacts map[registrars.Role]registrars.Contact,
) error {
	if len(roles) == 0 {
		return nil
	}
	domain, err := r.Registrar.ReadDomain(ctx, name)
	if err != nil {
		return err
	}
	for _, role := range roles {
		contacts[role] = registrars.Contact{Role: role, Handle: domain.Handles[role]}
	}
	return nil
}

// ensureContacts sets the handles of the contacts: those recorded in the store, those that
// an earlier try left at the registrar, or new ones. Equal data are one contact, which is
// created once.
func (r *Registrar) ensureContacts(
	ctx context.Context, keeper registrars.ContactKeeper, ownerKey string,
	roles []registrars.Role, contacts map[registrars.Role]registrars.Contact,
) error {
	digests := make(map[registrars.Role]string, len(roles))
	for _, role := range roles {
		digest, err := r.contactDigest(contacts[role])
		if err != nil {
			return err
		}
		digests[role] = digest
	}
	handles, err := r.Ledger.Contacts(ctx, r.Account, ownerKey, slices.Collect(maps.Values(digests)))
	if err != nil {
		return err
	}
	var missing []registrars.Contact
	for _, role := range roles {
		isSame := func(other registrars.Contact) bool { return digests[other.Role] == digests[role] }
		if handles[digests[role]] == "" && !slices.ContainsFunc(missing, isSame) {
			missing = append(missing, contacts[role])
		}
	}
	if len(missing) > 0 {
		found, err := keeper.FindContacts(ctx, missing)
		if err != nil {
			return err
		}
		if len(found) != len(missing) {
			return refuse(registrars.ClassInvalid, "activities: the plug-in of %s looked for %d of %d contacts", r.Account, len(found), len(missing))
		}
		for i, handle := range found {
			if handle == "" {
				if handle, err = keeper.CreateContact(ctx, missing[i]); err != nil {
					return err
				}
			}
			digest := digests[missing[i].Role]
			if err := r.Ledger.KeepContact(context.WithoutCancel(ctx), r.Account, ownerKey, digest, handle); err != nil {
				return err
			}
			handles[digest] = handle
		}
	}
	for _, role := range roles {
		contact := contacts[role]
		contact.Handle = handles[digests[role]]
		contacts[role] = contact
	}
	return nil
}

// contactDigest identifies the data of a contact. Where the registrar keeps owners apart
// from other roles, it includes whether the contact is an owner.
func (r *Registrar) contactDigest(contact registrars.Contact) (string, error) {
	encoded, err := json.Marshal(struct {
		Owner   bool
		Details any
		Extra   map[string]string `json:",omitempty"`
	}{contact.Role == registrars.Owner && r.Registrar.Describe().OwnersApart, contact.Details, contact.Extra})
	if err != nil {
		return "", fmt.Errorf("activities: contact digest: %w", err)
	}
	sum := sha256.Sum256(encoded)
	return hex.EncodeToString(sum[:]), nil
}
