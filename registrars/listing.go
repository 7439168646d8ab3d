package registrars

import "context"

// DomainLister lists the domains of the account, page by page. Listing changes nothing, and a
// page may be read again.
type DomainLister interface {
	// ListDomains returns the page that begins at from: "" is the beginning, anything else the
	// Next of another page. No page holds more than the registrar's largest. Domains that come
	// or go while the pages are read may be in the list or not, and hide no other; one may be
	// listed twice. An error means that the page as a whole could not be read.
	ListDomains(ctx context.Context, from string) (DomainPage, error)
}

// DomainPage is a page of domains, as far as it can be read: one odd item hides no other.
type DomainPage struct {
	Domains []ListedDomain
	// Unreadable are the items of which nothing may be concluded: each may be any domain.
	Unreadable []Unreadable
	// Next is where the next page begins; "" after the last one.
	Next string
}

// ListedDomain is a domain in a list.
type ListedDomain struct {
	Domain Domain
	// Whole says that Domain is what ReadDomain would return. Otherwise only its name and the
	// days of its creation and expiry are filled.
	Whole bool
}
