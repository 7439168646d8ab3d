package intake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// planner turns a unit of work into the input of its workflow.
type planner struct {
	order     *orders.Order
	unit      orders.Unit
	deadline  time.Duration
	registrar registrars.Descriptor // of the domain
	notes     []string              // remarks about the order, for people
	renewed   *workflows.EarlierRenewal
	askLogin  bool // nobody has told yet whether the customer is new
}

// wholeOrder is the item number of ids that belong to the order as a whole.
const wholeOrder = -1

func accountRequest() store.IDRequest {
	return store.IDRequest{Kind: store.AccountID, Item: wholeOrder}
}

func memberRequest() store.IDRequest {
	return store.IDRequest{Kind: store.UserID, Item: wholeOrder, Name: "member"}
}

func contactRequest(id int) store.IDRequest {
	return store.IDRequest{Kind: store.UserID, Item: wholeOrder, Name: "contact/" + strconv.Itoa(id)}
}

func (p planner) domainSubscription() store.IDRequest {
	return store.IDRequest{Kind: store.DomainSubscriptionID, Item: p.unit.Item}
}

func (p planner) domain() store.IDRequest {
	return store.IDRequest{Kind: store.DomainID, Item: p.unit.Item}
}

func (p planner) hostingSubscription() store.IDRequest {
	return store.IDRequest{Kind: store.HostingSubscriptionID, Item: p.unit.Hosting.Item}
}

// changes reports whether the unit changes an existing domain.
func (p planner) changes() bool { return p.unit.Domain != nil && !p.unit.Type.Provisions() }

// ids lists the ids that must be reserved before the first call.
func (p planner) ids() []store.IDRequest {
	if p.changes() {
		return nil
	}
	var requests []store.IDRequest
	if !p.order.Customer.IsExisting() {
		requests = append(requests, accountRequest(), memberRequest())
	}
	for _, id := range p.newUsers() {
		requests = append(requests, contactRequest(id))
	}
	if p.unit.Domain != nil {
		requests = append(requests, p.domain())
		if p.unit.Domain.Subscription == 0 {
			requests = append(requests, p.domainSubscription())
		}
	}
	if p.unit.Hosting != nil && p.unit.Hosting.Subscription == 0 {
		requests = append(requests, p.hostingSubscription())
	}
	return requests
}

// newUsers lists the additional contacts that the unit's roles use, without duplicates.
func (p planner) newUsers() []int {
	if p.unit.Domain == nil {
		return nil
	}
	roles := p.unit.Domain.Contacts
	var ids []int
	seen := map[int]bool{}
	for _, id := range roles.All() {
		if id := *id; id != nil && p.order.IsNewUser(*id) && !seen[*id] {
			seen[*id] = true
			ids = append(ids, *id)
		}
	}
	return ids
}

// start returns the id of the unit's workflow and its encoded input.
func (p planner) start(number string, ids map[store.IDRequest]int) (string, []byte, error) {
	return p.encode(number, p.input(number, ids))
}

// input returns the input of the unit's workflow.
func (p planner) input(number string, ids map[store.IDRequest]int) workflows.UnitInput {
	transfers := p.unit.Type == orders.Transfer
	input := workflows.UnitInput{
		OrderNumber: number, Unit: p.unit, PendingDeadline: p.deadline, Notes: p.notes, RenewedBefore: p.renewed,
		NewAuthCode: transfers && p.registrar.Serves(registrars.AuthCodeChange), BareTransfer: transfers && p.registrar.BareTransfers,
		Contacts: activities.ContactsOf(p.order, p.unit),
	}
	if p.changes() {
		input.AccountID, _ = p.order.Customer.AccountID()
		return input
	}
	if account, existing := p.order.Customer.AccountID(); existing {
		input.AccountID = account
	} else {
		input.NewAccount, input.AskLogin = true, p.askLogin
		input.AccountID = ids[accountRequest()]
		input.Users = append(input.Users, activities.NewUser{
			UserID: ids[memberRequest()], Contact: activities.ContactRef{Source: activities.FromCustomer},
		})
	}
	for _, id := range p.newUsers() {
		input.Users = append(input.Users, activities.NewUser{
			UserID: ids[contactRequest(id)], Contact: activities.ContactRef{Source: activities.FromAdditional, ID: id},
		})
	}
	if p.unit.Domain != nil {
		input.DomainSubscriptionID = cmp.Or(p.unit.Domain.Subscription, ids[p.domainSubscription()])
		input.DomainID = ids[p.domain()]
		for role, id := range p.unit.Domain.Contacts.All() {
			*input.UserIDs.Of(role) = p.user(*id, ids)
		}
	}
	if p.unit.Hosting != nil {
		input.HostingSubscriptionID = cmp.Or(p.unit.Hosting.Subscription, ids[p.hostingSubscription()])
	}
	return input
}

// sells returns what the unit sells with the domain that it brings. A domain that the registrar is
// told to renew is renewed by nobody else; otherwise by is who renews it.
func (p planner) sells(by messages.RenewalMode) func(map[store.IDRequest]int) store.Sells {
	return func(ids map[store.IDRequest]int) store.Sells {
		input := p.input("", ids)
		item, _ := p.order.Item(p.unit.Item)
		sells := store.Sells{
			TLD: p.unit.Domain.TLD, Vendor: p.order.VendorAccountID, Plan: item.PlanID, Period: item.PlanPeriodID, Account: input.AccountID,
			DomainSubscription: input.DomainSubscriptionID, HostingSubscription: input.HostingSubscriptionID,
			Renewal: cmp.Or(by, messages.RenewalByNobody),
		}
		if renews := p.unit.Domain.Settings.AutoRenewal; renews != nil && *renews {
			sells.Renewal = messages.RenewalByRegistrar
		}
		return sells
	}
}

func (p planner) encode(number string, input workflows.UnitInput) (string, []byte, error) {
	plan, err := json.Marshal(input)
	if err != nil {
		return "", nil, fmt.Errorf("intake: plan: %w", err)
	}
	return workflows.WorkflowID(number, p.unit), plan, nil
}

// user returns which user has a role.
func (p planner) user(id *int, ids map[store.IDRequest]int) int {
	switch {
	case id == nil && p.order.Customer.IsExisting():
		return workflows.AccountUser
	case id == nil:
		return ids[memberRequest()]
	case p.order.IsNewUser(*id):
		return ids[contactRequest(*id)]
	default:
		return *id
	}
}

// TypeOf returns the type of a stored unit of work, such as "registration"; "" for
// hosting without a domain.
func TypeOf(row store.Unit) string {
	var plan struct {
		Unit struct {
			Operation orders.Type `json:"operation"`
		} `json:"unit"`
	}
	if json.Unmarshal([]byte(row.Plan), &plan) != nil || plan.Unit.Operation == 0 {
		return ""
	}
	return plan.Unit.Operation.String()
}

// AccountID returns the order's account in Operations: the existing one, or the one that
// is reserved for its customer.
func (p Placed) AccountID() int {
	var plan struct {
		AccountID int `json:"accountId"`
	}
	if len(p.Units) == 0 || json.Unmarshal([]byte(p.Units[0].Plan), &plan) != nil {
		return 0
	}
	return plan.AccountID
}
