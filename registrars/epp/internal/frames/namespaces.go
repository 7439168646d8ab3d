// Package frames writes the commands of package objects as the XML of EPP and reads its
// answers. What is sent keeps to the order of the schemas, without a blank around a number or a
// date, because servers refuse them. What is read may lack everything that the schemas have as
// optional, and may hold more than they know.
package frames

import (
	"slices"
	"strings"

	"domainprovisioning/registrars/epp/internal/objects"
)

// The namespaces of the protocol, its objects and its extensions.
const (
	nsEPP         = "urn:ietf:params:xml:ns:epp-1.0"
	Domains       = "urn:ietf:params:xml:ns:domain-1.0"
	Contacts      = "urn:ietf:params:xml:ns:contact-1.0"
	Hosts         = "urn:ietf:params:xml:ns:host-1.0"
	SecDNS        = "urn:ietf:params:xml:ns:secDNS-1.1"
	Grace         = "urn:ietf:params:xml:ns:rgp-1.0"
	Fees          = "urn:ietf:params:xml:ns:epp:fee-1.0"
	Launch        = "urn:ietf:params:xml:ns:launch-1.0"
	LoginSecurity = "urn:ietf:params:xml:ns:epp:loginSec-1.0"
	ChangePoll    = "urn:ietf:params:xml:ns:changePoll-1.0"
	Maintenance   = "urn:ietf:params:xml:ns:epp:maintenance-1.0"

	// feesOfDrafts is the name that the drafts of RFC 8748 gave the same elements; registries that
	// implemented one of them still offer it.
	feesOfDrafts = "urn:ietf:params:xml:ns:fee-1.0"
	// feesOfEarlyDrafts begins the names of drafts with other elements.
	feesOfEarlyDrafts = "urn:ietf:params:xml:ns:fee-0."
)

// Menu is what a registry offers, and what a session therefore uses.
type Menu struct {
	// Server is the registry's name for itself.
	Server              string
	Languages           []string
	Objects, Extensions []string
	// otherFees says that the registry offers a draft of RFC 8748 whose elements are others.
	otherFees bool
}

// Has reports whether an object or extension is offered.
func (m Menu) Has(uri string) bool {
	return slices.Contains(m.Objects, uri) || slices.Contains(m.Extensions, uri) || uri == Fees && slices.Contains(m.Extensions, feesOfDrafts)
}

// fees is the name under which the registry offers fees.
func (m Menu) fees() string {
	if !slices.Contains(m.Extensions, Fees) && slices.Contains(m.Extensions, feesOfDrafts) {
		return feesOfDrafts
	}
	return Fees
}

// Use returns the menu without the objects and extensions that we do not know, and without those
// of a list. Who logs in with an extension is sent its elements, which nobody would read.
func (m Menu) Use(without []string) Menu {
	used := Menu{Server: m.Server, Languages: m.Languages}
	take := func(offered, known []string) []string {
		var taken []string
		for _, uri := range known {
			if slices.Contains(offered, uri) && !slices.Contains(without, uri) {
				taken = append(taken, uri)
			}
		}
		return taken
	}
	used.otherFees = !m.Has(Fees) && slices.ContainsFunc(m.Extensions, func(uri string) bool { return strings.HasPrefix(uri, feesOfEarlyDrafts) })
	used.Objects = take(m.Objects, []string{Domains, Contacts, Hosts, Maintenance})
	extensions := []string{SecDNS, Grace, m.fees(), Launch, LoginSecurity, ChangePoll, Maintenance}
	used.Extensions = take(m.Extensions, extensions)
	return used
}

// Except lists what of the menu is not in another one.
func (m Menu) Except(other Menu) []string {
	return slices.DeleteFunc(slices.Concat(m.Objects, m.Extensions), func(uri string) bool {
		return slices.Contains(other.Objects, uri) || slices.Contains(other.Extensions, uri)
	})
}

// Offers says what the menu holds.
func (m Menu) Offers() objects.Offers {
	return objects.Offers{
		OtherFees: m.otherFees, Contacts: m.Has(Contacts), Hosts: m.Has(Hosts), DNSSEC: m.Has(SecDNS), Grace: m.Has(Grace), Fees: m.Has(Fees), Launch: m.Has(Launch),
	}
}
