package internal

// Domain holds the members of a StructDomainInfo that we use.
type Domain struct {
	Domain, Status, Created, Expires string
	Owner, Admin, Tech, Billing      string
	NameServers                      []string
	// The flags are as the server writes them: "1", "0", or "" if it does not say.
	Locked, Private, AutoRenew, Signed string
	// DNSSEC is a map whose keys are not known; nil if it is missing.
	DNSSEC *Node
}

// ListedDomain is an element of queryDomainList.
type ListedDomain struct{ Domain, Created, Expires string }

// ReadDomains reads the answer of queryDomainList.
func ReadDomains(n *Node) ([]ListedDomain, error) {
	items, err := n.Items()
	if err != nil {
		return nil, err
	}
	list := make([]ListedDomain, len(items))
	for i, item := range items {
		list[i] = ListedDomain{item.Field("domain"), item.Field("dateCreate"), item.Field("dateExpiration")}
	}
	return list, nil
}

// ReadDomain reads a StructDomainInfo, or returns a *MalformedError.
func ReadDomain(n *Node) (Domain, error) {
	servers, err := n.Member("ns").Items()
	if err != nil {
		return Domain{}, err
	}
	domain := Domain{
		Domain: n.Field("domain"), Status: n.Field("status"),
		Created: n.Field("dateCreate"), Expires: n.Field("dateExpiration"),
		Owner: n.Field("idOwner"), Admin: n.Field("idAdmin"), Tech: n.Field("idTech"), Billing: n.Field("idBilling"),
		Locked: n.Field("domainIsLock"), Private: n.Field("whoisPrivacy"), AutoRenew: n.Field("autoRenew"),
		Signed: n.Field("IsSigned"), DNSSEC: n.Member("DNSSEC"),
	}
	for _, server := range servers {
		if host := server.Text(); host != "" {
			domain.NameServers = append(domain.NameServers, host)
		}
	}
	return domain, nil
}
