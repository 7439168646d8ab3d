package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"

	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// ErrNoDomain means that no such domain is or was held.
var ErrNoDomain = errors.New("there is no such domain")

// HeldDomain is a domain that is or was held for a customer, as its life has recorded it.
type HeldDomain struct {
	Name      string             `json:"domain" jsonschema:"description=Domain name in ASCII form,example=shop.example"`
	Registrar string             `json:"registrar" jsonschema:"description=Registrar account of the configuration"`
	Client    string             `json:"client" jsonschema:"description=Whose order or import has brought it,example=shop"`
	State     messages.LifeState `json:"state" jsonschema:"description=Where it is in its life"`
	Since     time.Time          `json:"since" jsonschema:"description=When this state began"`
	Word      string             `json:"registrarStatus,omitempty" jsonschema:"description=Its status in the registrar's own words"`
	Expires   *time.Time         `json:"expires,omitempty" jsonschema:"description=Absent if the registrar does not tell"`
	// Renewal is who renews it, and Wanted what was intended where the registrar does not.
	Renewal messages.RenewalMode `json:"renewal" jsonschema:"description=Who renews it"`
	Wanted  messages.RenewalMode `json:"renewalWanted" jsonschema:"description=Who is to renew it where the registrar does not do so by itself"`
	Next    string               `json:"next,omitempty" jsonschema:"description=What happens at nextAt"`
	NextAt  *time.Time           `json:"nextAt,omitempty"`
	// Attention says why it needs a person.
	Attention      messages.LifeReason `json:"attention,omitempty" jsonschema:"description=Why it needs a person; absent if it needs none"`
	AttentionSince *time.Time          `json:"attentionSince,omitempty"`
	ReadAt         *time.Time          `json:"readAt,omitempty" jsonschema:"description=When the registrar was last read"`
	// What it was sold with.
	Suffix              string     `json:"suffix"`
	VendorAccount       int        `json:"vendorAccountId,omitempty"`
	Plan                int        `json:"planId,omitempty" jsonschema:"description=Absent if it is not known; no order of ours can renew it then"`
	Period              *int       `json:"periodId,omitempty" jsonschema:"description=Absent for the plan's own number of years"`
	Account             int        `json:"accountId,omitempty" jsonschema:"description=The customer's account in Operations; absent if it is not known\\, and no order of ours can renew the domain then"`
	DomainSubscription  int        `json:"domainSubscription,omitempty"`
	HostingSubscription int        `json:"hostingSubscription,omitempty"`
	Order               string     `json:"order,omitempty" jsonschema:"description=Key of the order that has brought it; absent for an import"`
	HeldSince           time.Time  `json:"heldSince" jsonschema:"description=When an order or an import has brought it\\, at first or again after it had left"`
	EndedAt             *time.Time `json:"endedAt,omitempty" jsonschema:"description=When it had left; absent while it is held"`
	WorkflowID          string     `json:"workflowId" jsonschema:"description=The workflow that is its life"`
	WebUI               string     `json:"webUi,omitempty" jsonschema:"format=uri,description=Its page in the Temporal Web UI"`
}

func (d *Desk) held(row store.Domain) HeldDomain {
	held := HeldDomain{
		Name: row.Name, Registrar: row.Registrar, Client: row.Client, State: row.State, Since: row.StateSince, Word: row.Word, Expires: row.Expires,
		Renewal: row.Renewal, Wanted: row.Sells.Renewal, Next: row.Next, NextAt: row.NextAt, Attention: row.Attention, AttentionSince: row.AttentionSince, ReadAt: row.ReadAt,
		Suffix: row.Sells.TLD, VendorAccount: row.Sells.Vendor, Plan: row.Sells.Plan, Account: row.Sells.Account,
		DomainSubscription: row.Sells.DomainSubscription, HostingSubscription: row.Sells.HostingSubscription,
		Order: row.OrderNumber, HeldSince: row.CreatedAt, EndedAt: row.EndedAt, WorkflowID: workflows.LifeID(row.Name), WebUI: d.page(workflows.LifeID(row.Name)),
	}
	if row.Sells.Plan != 0 && row.Sells.Period != orders.NoPeriod {
		held.Period = &row.Sells.Period
	}
	return held
}

// DomainPage is a part of a list of domains.
type DomainPage struct {
	Domains []HeldDomain `json:"domains"`
	Next    string       `json:"next,omitempty" jsonschema:"description=Value of the parameter cursor for the next page; absent at the end"`
}

// DomainFilter narrows a list of domains. Empty fields do not narrow; domains that have left are
// listed only if State asks for them.
type DomainFilter struct {
	ExpiringBefore time.Time
	State          messages.LifeState
	Registrar      string
	Account        int // the customer's in Operations
	// Attention lists only those that need a person, and Reason those that need one for it.
	Attention bool
	Reason    messages.LifeReason
	Text      string // a part of the name, in ASCII form
	Drift     bool   // only those of which something differs; see Desk.Drift
	Cursor    string // DomainPage.Next of the previous page
	Limit     int    // 1 to store.MostListed; zero means 100
}

// Domains lists the domains of the caller's client by their names; those that expire before a time by
// their expiry, and those that need a person by since when. Error: *FilterError.
func (d *Desk) Domains(ctx context.Context, filter DomainFilter) (DomainPage, error) {
	if filter.Limit == 0 {
		filter.Limit = 100
	}
	asked := store.DomainFilter{
		ExpiringBefore: filter.ExpiringBefore, State: filter.State, Registrar: filter.Registrar, Client: clientOf(ctx), Account: filter.Account,
		Attention: filter.Attention, Reason: filter.Reason, Text: filter.Text, Drift: filter.Drift, Limit: filter.Limit,
	}
	if err := filter.check(); err != nil {
		return DomainPage{}, err
	}
	if filter.Cursor != "" {
		asked.After = new(store.DomainCursor)
		if !decodeCursor(filter.Cursor, asked.After) || !plainText(asked.After.Name) {
			return DomainPage{}, &FilterError{"cursor", "must come from the previous page"}
		}
	}
	rows, err := d.Store.Domains(ctx, asked)
	if err != nil {
		return DomainPage{}, err
	}
	page := DomainPage{Domains: make([]HeldDomain, len(rows))}
	for n, row := range rows {
		page.Domains[n] = d.held(row)
	}
	if len(rows) == filter.Limit {
		page.Next = encodeCursor(asked.Cursor(rows[len(rows)-1]))
	}
	return page, nil
}

func (f DomainFilter) check() error {
	switch {
	case f.Limit < 1 || f.Limit > store.MostListed:
		return &FilterError{"limit", fmt.Sprintf("must be 1 to %d", store.MostListed)}
	case f.State != "" && !slices.Contains(messages.LifeStates(), f.State):
		return &FilterError{"state", "must be one of " + joined(messages.LifeStates())}
	case f.Reason != "" && !slices.Contains(messages.LifeReasons(), f.Reason):
		return &FilterError{"reason", "must be one of " + joined(messages.LifeReasons())}
	case f.Account < 0:
		return &FilterError{"accountId", "must be the id of an account"}
	}
	for _, text := range []struct{ field, value string }{{"registrar", f.Registrar}, {"text", f.Text}} {
		if !plainText(text.value) {
			return &FilterError{text.field, fmt.Sprintf("must be at most %d characters long, and hold no control character", maxText)}
		}
	}
	return nil
}

// WholeDomain is a domain with all that is known of it.
type WholeDomain struct {
	HeldDomain

	// Has is the domain as the registrar had it when we last changed or accepted it.
	Has *messages.Held `json:"registrarHas,omitempty" jsonschema:"description=As the registrar had it when we last changed or accepted it"`
	// Life is how it stands now, as its workflow says; absent if that does not run or answer.
	Life       *messages.Life `json:"life,omitempty" jsonschema:"description=How it stands now\\, as its workflow says; absent if that does not run or no worker answers"`
	Unanswered bool           `json:"unanswered,omitempty" jsonschema:"description=No worker answers for its life at the moment"`
	Note       string         `json:"note,omitempty" jsonschema:"description=Says so if its life does not run"`
	Drift      []Drift        `json:"drift" jsonschema:"description=What differs between us and the registrar\\, Billing or Operations"`
	Orders     []Unit         `json:"orders" jsonschema:"description=Its orders that the caller may see\\, newest first\\, at most 100"`
	Operations []Operation    `json:"operations" jsonschema:"description=What was asked for at registrars by these orders\\, oldest first"`
	Acts       []store.Act    `json:"acts" jsonschema:"description=Its latest commands\\, oldest first\\, at most 20"`
}

const (
	ordersOfDomain = 100
	actsOfDomain   = 20
)

// storedDomain returns a domain of the caller's client. Error: ErrNoDomain.
func (d *Desk) storedDomain(ctx context.Context, argument string) (store.Domain, error) {
	name, err := domains.ParseName(argument)
	if err != nil {
		return store.Domain{}, ErrNoDomain
	}
	row, err := d.Store.Domain(ctx, name.String())
	client := clientOf(ctx)
	if errors.Is(err, store.ErrNotFound) || err == nil && client != "" && client != row.Client {
		err = ErrNoDomain
	}
	return row, err
}

// Domain tells all that is known of a domain that is or was held. Error: ErrNoDomain.
func (d *Desk) Domain(ctx context.Context, name string) (WholeDomain, error) {
	row, err := d.storedDomain(ctx, name)
	if err != nil {
		return WholeDomain{}, err
	}
	whole := WholeDomain{HeldDomain: d.held(row), Has: row.Held, Orders: []Unit{}, Operations: []Operation{}}
	differs, err := d.Drift(ctx, DriftFilter{Domain: row.Name})
	if err != nil {
		return WholeDomain{}, err
	}
	whole.Drift = differs.Drift
	units, err := d.Store.Units(ctx, store.UnitFilter{Domain: row.Name, Client: clientOf(ctx), Limit: ordersOfDomain})
	if err != nil {
		return WholeDomain{}, err
	}
	seen := map[string]bool{}
	for _, unit := range units {
		whole.Orders, seen[unit.OrderNumber] = append(whole.Orders, d.unit(unit)), true
	}
	calls, err := d.Store.LedgerRows(ctx, store.LedgerFilter{Domain: row.Name, Limit: store.MostListed})
	if err != nil {
		return WholeDomain{}, err
	}
	for _, call := range calls {
		if seen[call.OrderNumber()] {
			whole.Operations = append(whole.Operations, operationOf(call))
		}
	}
	if err := address(ctx, d, whole.Operations, func(o *Operation) (string, *string) { return o.Order, &o.Address }); err != nil {
		return WholeDomain{}, err
	}
	if whole.Acts, err = d.Store.Acts(ctx, store.ActFilter{OrderNumber: store.DomainSubject + row.Name, Latest: true, Limit: actsOfDomain}); err != nil {
		return WholeDomain{}, err
	}
	if client := clientOf(ctx); client != "" {
		// The domain may have been another client's before. The operator's own acts are shown.
		whole.Acts = slices.DeleteFunc(whole.Acts, func(act store.Act) bool { return act.Client != client && act.Client != "" })
	}
	d.askLife(ctx, row, &whole)
	return whole, ctx.Err()
}

// askLife asks the life of a domain how it stands.
func (d *Desk) askLife(ctx context.Context, row store.Domain, whole *WholeDomain) {
	if row.EndedAt != nil {
		return
	}
	asking, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	life, ended, err := messages.ReadLife().AskOpen(asking, d.Temporal, workflows.LifeID(row.Name))
	_, none := errors.AsType[*serviceerror.NotFound](err)
	switch {
	case none:
		whole.Note = "its life has not begun yet; that happens by itself"
	case err != nil:
		whole.Unanswered = true
	case ended == enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED:
		whole.Note = "its life is paused in Temporal: unpause it there"
	case ended != 0 && life.Domain == "":
		whole.Note = "its life was ended in Temporal (" + strings.ToLower(ended.String()) + "): a look begins it again"
	default:
		whole.Life = &life
	}
}

// ParseBefore reads until when domains expire that are looked for: a day, a time, or a number of days
// from now, such as 30d.
func ParseBefore(text string, now time.Time) (time.Time, error) {
	var days int
	var unit string
	if n, err := fmt.Sscanf(text, "%d%s", &days, &unit); err == nil && n == 2 && unit == "d" && days >= 0 && days <= mostDays {
		return now.AddDate(0, 0, days).UTC(), nil
	}
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(form, text); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, errors.New("must be a day such as 2027-03-01, or a number of days such as 30d")
}

// mostDays is more than any registration lasts.
const mostDays = 36600
