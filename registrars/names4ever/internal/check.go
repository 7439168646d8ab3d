package internal

import (
	"fmt"
	"net/netip"
	"slices"
)

// Broken is a rule that an operation breaks. Field is the name of the broken field in
// orders.
type Broken struct{ Field, Rule string }

// Check checks the rules of the manual, in the wording of
// docs/protocols/names4ever.md, section 5. whole is false while an order is being
// accepted: missing fields are then not known yet, and not checked. Nil means that no
// rule is broken.
func (o Operation) Check(whole bool) *Broken {
	if o.FQDN == "" {
		return &Broken{"domain", "fqdn is required"}
	}
	if whole && o.Password == "" {
		return &Broken{"domainPassword", "domain password is required; later changes need it"}
	}
	switch o.Name() {
	case AddDomain:
		if broken := o.checkAdd(whole); broken != nil {
			return broken
		}
	case ModifyDomain:
		if whole && len(o.NameServers) == 0 && len(o.Contacts) == 0 {
			return &Broken{"domain", "modify-domain changes nothing"}
		}
	}
	if broken := o.checkNameServers(); broken != nil {
		return broken
	}
	return o.checkTypes()
}

// NoOrganization is the rule of an order without a registrant.
const NoOrganization = "organization is required"

func (o Operation) checkAdd(whole bool) *Broken {
	switch {
	case whole && o.Organization == "":
		return &Broken{"owner.organisation", NoOrganization}
	case whole && len(o.NameServers) == 0:
		return &Broken{"nameServers", NameServerCount(0)}
	case whole && !slices.ContainsFunc(o.Contacts, func(c Contact) bool { return c.Type == TypeAdmin }):
		return &Broken{"admin", "an admin contact is required"}
	case o.Years < 1:
		return &Broken{"years", "registration-period is counted in years and must be at least 1"}
	}
	return nil
}

func (o Operation) checkNameServers() *Broken {
	if len(o.NameServers) > MaxNameServers {
		return &Broken{"nameServers", NameServerCount(len(o.NameServers))}
	}
	for i, ns := range o.NameServers {
		if ns.Priority != i+1 {
			return &Broken{"nameServers", "name server priorities must be sequential from 1"}
		}
		if ns.IP == "" {
			continue
		}
		if _, err := netip.ParseAddr(ns.IP); err != nil {
			return &Broken{"nameServers", "ip of " + ns.FQDN + " is not an IP address"}
		}
	}
	return nil
}

func (o Operation) checkTypes() *Broken {
	seen := map[string]bool{}
	for _, contact := range o.Contacts {
		switch contact.Type {
		case TypeAdmin, TypeTech, TypeBilling:
		default:
			return &Broken{"contacts", "contact type " + contact.Type + " is not one of admin, tech, billing"}
		}
		if seen[contact.Type] {
			return &Broken{"contacts", "contact type " + contact.Type + " is given twice"}
		}
		seen[contact.Type] = true
	}
	return nil
}

// MaxNameServers is the most name servers that a domain may have here.
const MaxNameServers = 4

// NameServerCount returns the text of the rule that a wrong number of name servers
// breaks.
func NameServerCount(n int) string {
	return fmt.Sprintf("1 to %d name servers are required, got %d", MaxNameServers, n)
}
