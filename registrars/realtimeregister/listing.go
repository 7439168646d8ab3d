package realtimeregister

import (
	"context"
	"net/url"
	"strconv"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister/internal"
)

// ListDomains implements registrars.DomainLister, a thousand domains per page. The pages go by
// the name and not by an offset, which domains that come or go would shift: Next is the last
// name of a page, and the next page has the names behind it.
func (r *RealtimeRegister) ListDomains(ctx context.Context, from string) (registrars.DomainPage, error) {
	const call = "domains/list"
	query := url.Values{"order": {"domainName"}, "limit": {strconv.Itoa(internal.PageSize)}}
	if from != "" {
		if _, err := domains.ParseName(from); err != nil {
			return registrars.DomainPage{}, errs.Invalid(call, "from", "the Next of a page")
		}
		query.Set("domainName:gt", from)
	}
	var list internal.DomainList
	if err := r.read(ctx, call, "domains?"+query.Encode(), &list); err != nil {
		return registrars.DomainPage{}, err
	}
	page := registrars.DomainPage{Domains: make([]registrars.ListedDomain, 0, len(list.Domains))}
	behind := 0 // unreadable items behind the last name
	for _, raw := range list.Domains {
		name, err := domains.ParseName(raw.DomainName)
		if err != nil {
			page.Unreadable = append(page.Unreadable, registrars.Unreadable{Rule: "domainName is not the name of a domain"})
			behind++
			continue
		}
		if name.String() == from {
			return registrars.DomainPage{}, noProgress(call)
		}
		page.Domains = append(page.Domains, registrars.ListedDomain{Domain: stateOf(name, raw).Domain, Whole: true})
		page.Next, behind = name.String(), 0
	}
	switch {
	case len(list.Domains) < internal.PageSize:
		page.Next = ""
	case page.Next == "":
		return registrars.DomainPage{}, noProgress(call)
	default:
		// The next page begins with them.
		page.Unreadable = page.Unreadable[:len(page.Unreadable)-behind]
	}
	return page, nil
}

// noProgress is the error of a page that does not lead to the next one.
func noProgress(call string) error {
	return &registrars.Error{
		Registrar: pluginName, Call: call, Class: registrars.ClassTemporary,
		Err: &internal.MalformedError{Why: "the pages do not follow one another by the names of the domains"},
	}
}
