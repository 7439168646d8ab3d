package activities

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

// contacts reads the contacts that a request needs and, at a registrar that keeps
// contacts, makes each of them once: the same data in the same kind of role is
// one contact. A role that a change leaves open keeps its contact.
func (r *Registrar) contacts(ctx context.Context, in SubmitRequestInput) (map[registrars.Role]registrars.Contact, error) {
	refs := map[registrars.Role]ContactRef{
		registrars.Owner: in.Contacts.Owner, registrars.Admin: in.Contacts.Admin,
		registrars.Tech: in.Contacts.Tech, registrars.Billing: in.Contacts.Billing,
	}
	read := make(map[ContactRef]registrars.Contact, len(refs))
	made := make(map[string]string, len(refs))
	contacts := make(map[registrars.Role]registrars.Contact, len(refs))
	var open []registrars.Role
	for _, role := range in.Kind.Roles() {
		if refs[role] == (ContactRef{}) {
			open = append(open, role)
			continue
		}
		contact, have := read[refs[role]]
		if !have {
			details, extra, err := r.Orders.ReadContact(ctx, in.OrderNumber, in.AccountID, in.Item, refs[role])
			if err != nil {
				return nil, err
			}
			contact = registrars.Contact{Details: details, Extra: extra}
			read[refs[role]] = contact
		}
		contact.Role, contact.Domain = role, in.Domain
		if role != registrars.Owner {
			// Registries ask their additional questions of the holder.
			contact.Extra = nil
		}
		if keeper, ok := r.Registrar.(registrars.ContactKeeper); ok {
			digest, err := contactDigest(contact)
			if err != nil {
				return nil, err
			}
			handle, have := made[digest]
			if !have {
				handle, err = r.ensureContact(ctx, keeper, RequestKey(in.OrderNumber, in.Item, in.Kind), digest, contact)
				if err != nil {
					return nil, err
				}
				made[digest] = handle
			}
			contact.Handle = handle
		}
		contacts[role] = contact
	}
	return contacts, r.keepContacts(ctx, in.Domain, open, contacts)
}

// keepContacts puts the contacts that the domain has in the roles. A registrar that
// takes contacts inline keeps what is not given.
func (r *Registrar) keepContacts(
	ctx context.Context, name domains.Name, roles []registrars.Role, contacts map[registrars.Role]registrars.Contact,
) error {
	if _, ok := r.Registrar.(registrars.ContactKeeper); !ok || len(roles) == 0 {
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

// ensureContact returns the handle of a contact: the one we noted, the one that
// an earlier try left at the registrar, or a new one.
func (r *Registrar) ensureContact(
	ctx context.Context, keeper registrars.ContactKeeper, ownerKey, digest string, contact registrars.Contact,
) (string, error) {
	handle, err := r.Ledger.Contact(ctx, r.Account, ownerKey, digest)
	if err != nil || handle != "" {
		return handle, err
	}
	handle, err = keeper.FindContact(ctx, contact)
	if err != nil {
		return "", err
	}
	if handle == "" {
		handle, err = keeper.CreateContact(ctx, contact)
		if err != nil {
			return "", err
		}
	}
	return handle, r.Ledger.KeepContact(context.WithoutCancel(ctx), r.Account, ownerKey, digest, handle)
}

// contactDigest identifies the data of a contact and whether it is an owner;
// registrars keep owners apart from the other roles.
func contactDigest(contact registrars.Contact) (string, error) {
	encoded, err := json.Marshal(struct {
		Owner   bool
		Details any
		Extra   map[string]string
	}{contact.Role == registrars.Owner, contact.Details, contact.Extra})
	if err != nil {
		return "", fmt.Errorf("activities: contact digest: %w", err)
	}
	sum := sha256.Sum256(encoded)
	return hex.EncodeToString(sum[:]), nil
}
