package registrarstest

import (
	"reflect"
	"slices"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

// ListingWorld is the World of a plug-in that lists the domains of the account.
type ListingWorld interface {
	World
	// GarbleDomain makes the item of a domain unreadable in the registrar's list, so that it
	// does not even have a name. The domain itself can still be read.
	GarbleDomain(name domains.Name)
}

// mostPages limits the pages that are read of a list of a few domains.
const mostPages = 10

// listsDomains examines a DomainLister: each domain stands in the list once, with what ReadDomain
// tells or with its name and dates, and beside an item that cannot be read.
func listsDomains(e *examination) {
	r, w := e.subject.New(e.t)
	lister, lists := r.(registrars.DomainLister)
	world, garbles := w.(ListingWorld)
	if lists != garbles {
		e.find("it lists domains: %t; its World garbles one: %t", lists, garbles)
	}
	if !lists || !garbles {
		return
	}
	if page, err := lister.ListDomains(e.t.Context(), ""); err != nil || len(page.Domains)+len(page.Unreadable) != 0 || page.Next != "" {
		e.find("an empty account: %+v, %v", page, err)
	}
	var names []domains.Name
	for number := range 4 {
		names = append(names, world.Request(registrars.NameServerChange, number+1).Domain)
	}
	e.lists(r, lister, names, 0)
	for i, garbled := range []domains.Name{names[1], names[3]} {
		world.GarbleDomain(garbled)
		names = slices.DeleteFunc(slices.Clone(names), func(name domains.Name) bool { return name == garbled })
		e.lists(r, lister, names, i+1)
	}
	_, err := lister.ListDomains(e.t.Context(), "no such page?")
	if class := e.trouble(r, "a page that there is not", err); class != registrars.ClassInvalid {
		e.find("a page that there is not: class %s", class)
	}
}

// lists reads the whole list and compares it with the names, and the number of unreadable items.
func (e *examination) lists(r registrars.Registrar, lister registrars.DomainLister, names []domains.Name, unreadable int) {
	found := map[domains.Name]int{}
	odd := 0
	from := ""
	for page := range mostPages + 1 {
		if page == mostPages {
			e.find("the list has no end")
			return
		}
		read, err := lister.ListDomains(e.t.Context(), from)
		if err != nil {
			e.find("beside %d unreadable items: %v", unreadable, err)
			return
		}
		for _, listed := range read.Domains {
			found[listed.Domain.Name]++
			e.agreesWith(r, listed)
		}
		for _, item := range read.Unreadable {
			odd++
			if item.Rule == "" || slices.ContainsFunc(e.secrets(), func(secret string) bool { return strings.Contains(item.Rule, secret) }) {
				e.find("an unreadable item is reported as %q", item.Rule)
			}
		}
		if from = read.Next; from == "" {
			break
		}
	}
	for _, name := range names {
		if found[name] != 1 {
			e.find("beside %d unreadable items, %s is listed %d times", unreadable, name, found[name])
		}
	}
	if len(found) != len(names) || odd != unreadable {
		e.find("%d domains are listed, want %d, and %d unreadable items, want %d", len(found), len(names), odd, unreadable)
	}
}

// agreesWith compares an item of a list with the domain itself.
func (e *examination) agreesWith(r registrars.Registrar, listed registrars.ListedDomain) {
	name := listed.Domain.Name
	domain, err := r.ReadDomain(e.t.Context(), name)
	if err != nil {
		e.find("%s is listed, and not read: %v", name, err)
		return
	}
	want := domain
	if !listed.Whole {
		want = registrars.Domain{Name: name, Created: domain.Created, Expires: domain.Expires}
	}
	if !reflect.DeepEqual(listed.Domain, want) {
		e.find("%s is listed as %+v, want %+v", name, listed.Domain, want)
	}
}
