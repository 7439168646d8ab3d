package netim

import (
	"context"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim/internal"
)

// ListDomains implements registrars.DomainLister with queryDomainList, which gives names and
// dates of all domains in one answer: there is one page.
func (n *Netim) ListDomains(ctx context.Context, from string) (registrars.DomainPage, error) {
	c := call{name: internal.FunctionDomains}
	if from != "" {
		return registrars.DomainPage{}, errs.Invalid(c.name, "from", "there is one page")
	}
	value, err := n.call(ctx, c, internal.String("*"))
	if err != nil {
		return registrars.DomainPage{}, err
	}
	list, err := internal.ReadDomains(value)
	if err != nil {
		return registrars.DomainPage{}, failure(c, err)
	}
	page := registrars.DomainPage{Domains: make([]registrars.ListedDomain, 0, len(list))}
	for _, entry := range list {
		name, err := domains.ParseName(entry.Domain)
		if err != nil {
			page.Unreadable = append(page.Unreadable, registrars.Unreadable{Rule: "domain is not the name of a domain"})
			continue
		}
		page.Domains = append(page.Domains, registrars.ListedDomain{Domain: registrars.Domain{
			Name: name, Created: date(entry.Created), Expires: date(entry.Expires),
		}})
	}
	return page, nil
}
