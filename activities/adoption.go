package activities

import (
	"domainprovisioning/operations"
	"domainprovisioning/registrars"
)

// notAdoptable says why a domain that exists in Operations cannot be adopted: it has a
// customer. One that an earlier order of the account has left unregistered, or without a
// subscription, has none.
func notAdoptable(domain operations.Domain, accountID int) error {
	switch {
	case domain.AccountID == 0: // it does not say whose; step 11 decides
	case domain.AccountID != accountID:
		return anothers(domain)
	case domain.RegistrarStatus == operations.RegistrarStatusRegistered && domain.SubscriptionID != 0:
		return refuse(registrars.ClassConflict,
			"activities: Operations has the domain as registered under the account's subscription %d already, so there is nothing to adopt; cancel the order, or remove the domain there, then retry",
			domain.SubscriptionID)
	}
	return nil
}

func anothers(domain operations.Domain) error {
	return refuse(registrars.ClassConflict,
		"activities: the domain exists in Operations under account %d, and an adoption takes nothing from another account; remove it there, then retry, or cancel the order",
		domain.AccountID)
}
