package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/orders"
	"domainprovisioning/store"
)

// Person is somebody whose data an order holds, and in which roles. It is personal data.
type Person struct {
	Roles   []string
	Account int    // of an existing customer, whose data are in Operations
	Login   string // of a new customer
	Contact domains.Contact
}

// People shows the personal data of a unit's order: its customer and the domain's contacts, as the
// order says now. It shows no password and no transfer key. Each look is recorded as an act.
func (d *Desk) People(ctx context.Context, unit Unit) (people []Person, err error) {
	act := store.Act{Command: "show-contacts", OrderNumber: unit.Order, Item: unit.Item}
	err = d.record(ctx, &act, func() string { return "" }, func() error {
		people, err = d.people(ctx, unit)
		return err
	})
	return people, err
}

func (d *Desk) people(ctx context.Context, unit Unit) ([]Person, error) {
	revision, err := d.Store.LatestRevision(ctx, unit.Order)
	if err != nil {
		return nil, err
	}
	document, err := d.Store.RevisedDocument(ctx, unit.Order, revision)
	if err != nil {
		return nil, err
	}
	order, err := orders.ReadStored(bytes.NewReader(document))
	if err != nil {
		return nil, errors.New("desk: the order cannot be read")
	}
	item, _ := order.Item(unit.Item)
	roles := item.ContactIDs()
	customer := Person{Roles: []string{"customer"}, Contact: order.Customer.Contact()}
	if order.Customer.IsExisting() {
		customer.Account, _ = order.Customer.AccountID()
	} else {
		customer.Login = order.Customer.Login()
	}
	people := []Person{customer}
	at := map[int]int{}
	for role, id := range roles.All() {
		if *id == nil {
			continue
		}
		contact, isNew := order.AdditionalContact(**id)
		n, known := at[**id]
		switch {
		case known:
			people[n].Roles = append(people[n].Roles, string(role))
		case isNew:
			at[**id] = len(people)
			people = append(people, Person{Roles: []string{string(role)}, Contact: contact.Contact()})
		default:
			people = append(people, Person{Roles: []string{fmt.Sprintf("%s: user %d of the account", role, **id)}})
		}
	}
	return people, nil
}

// Lines are the parts of the data that are there, each with its name.
func (p Person) Lines() [][2]string {
	c := p.Contact
	join := func(parts ...string) string { return strings.Join(strings.Fields(strings.Join(parts, " ")), " ") }
	lines := [][2]string{
		{"Login", p.Login}, {"Organisation", c.Organisation}, {"Name", join(c.Title, c.FirstName, c.MiddleName, c.LastName)},
		{"Address", join(c.Address1, c.Address2)}, {"City", join(c.PostalCode, c.City, c.State, c.Country)},
		{"E-mail", c.Email}, {"Telephone", c.Phone.E164()}, {"Fax", c.Fax.E164()},
	}
	var there [][2]string
	if p.Account > 0 {
		there = append(there, [2]string{"Account in Operations", strconv.Itoa(p.Account)})
	}
	for _, line := range lines {
		if line[1] != "" {
			there = append(there, line)
		}
	}
	return there
}
