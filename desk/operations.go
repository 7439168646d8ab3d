package desk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// ErrRegistrarAway means that a registrar does not answer, or not clearly. The same question may
// be asked again.
var ErrRegistrarAway = errors.New("the registrar does not answer")

// Registrars are the registrar accounts of the configuration. Errors: *NotAllowedError where the
// registrar refuses, and ErrRegistrarAway.
type Registrars interface {
	// Names lists the accounts, and Has reports whether there is one of this name.
	Names() []string
	Has(account string) bool
	// CheckOperation asks for an operation by its key in the ledger, and tells its order if it
	// has finished. word is the status in the registrar's words.
	CheckOperation(ctx context.Context, account, key string) (before, now, word string, err error)
	// CancelOperation asks the registrar to withdraw an operation.
	CancelOperation(ctx context.Context, account, reference string) error
	// ChangePassword changes the password of an account at its registrar. An error that is
	// ErrEitherPassword as well says that nobody knows whether it was changed.
	ChangePassword(ctx context.Context, account string, password domains.Secret) error
}

// Operation is an operation at a registrar, as the ledger knows it; or, in the state unreadable,
// items of the registrar's own list of which nobody knows what they are.
type Operation struct {
	Key       string `json:"key,omitempty" jsonschema:"description=The ledger's name of the operation"`
	Reference string `json:"reference,omitempty" jsonschema:"description=The registrar's id of the operation"`
	Registrar string `json:"registrar" jsonschema:"description=Registrar account of the configuration"`
	Kind      string `json:"kind,omitempty" jsonschema:"example=registration,example=renewal"`
	Domain    string `json:"domain,omitempty"`
	State     string `json:"state" jsonschema:"enum=intended,enum=submitted,enum=pending,enum=done,enum=failed,enum=cancelled,enum=unknown,enum=refused,enum=unreadable,description=The state in the ledger; unreadable for items of the registrar's list that the last round of the watch could not read\\, and which may be operations that are listed as well"`
	Word      string `json:"word,omitempty" jsonschema:"description=The status in the registrar's own words"`
	// AcceptedPrice is the registrar's price that a person has accepted.
	AcceptedPrice string    `json:"acceptedPrice,omitempty" jsonschema:"description=The registrar's price that a person has accepted,example=250.00 EUR"`
	Order         string    `json:"order,omitempty"`
	Address       string    `json:"-"` // of the order; see store.Address
	Since         time.Time `json:"since" jsonschema:"description=When the latest call was begun; of what is unreadable\\, when it was seen first"`
	// Items and Rule are those of the state unreadable.
	Items int    `json:"items,omitempty" jsonschema:"description=How many items of the list cannot be read"`
	Rule  string `json:"rule,omitempty" jsonschema:"description=Why they cannot be read"`
}

// Unreadable is the state of items of a registrar's list that cannot be read.
const Unreadable = "unreadable"

func operationOf(row store.LedgerRow) Operation {
	return Operation{
		Key: row.Key, Reference: row.Reference, Registrar: row.Account, Kind: row.Kind, Domain: row.Domain,
		State: string(row.State), Word: row.Word, AcceptedPrice: row.AcceptedPrice, Order: row.OrderNumber(), Address: row.OrderNumber(), Since: row.IntendedAt,
	}
}

// LooseEnd is something that exists or was paid for but that no order takes care of.
type LooseEnd struct {
	ID             string     `json:"id"`
	Kind           string     `json:"kind" jsonschema:"enum=perhaps-paid-twice,enum=abandoned,enum=left"`
	Order          string     `json:"order"`
	Address        string     `json:"-"` // of the order; see store.Address
	Domain         string     `json:"domain,omitempty"`
	Registrar      string     `json:"registrar,omitempty"`
	Reference      string     `json:"reference,omitempty"`
	OtherReference string     `json:"otherReference,omitempty" jsonschema:"description=The other operation that may have been paid for too"`
	Detail         string     `json:"detail"`
	Since          time.Time  `json:"since"`
	SettledAt      *time.Time `json:"settledAt,omitempty"`
	SettledBy      string     `json:"settledBy,omitempty"`
	SettledReason  string     `json:"settledReason,omitempty"`
}

func looseEndOf(end store.LooseEnd) LooseEnd {
	return LooseEnd{
		ID: end.ID, Kind: string(end.Kind), Order: end.OrderNumber, Address: end.OrderNumber, Domain: end.Domain, Registrar: end.Account,
		Reference: end.Reference, OtherReference: end.OtherReference, Detail: end.Detail, Since: end.FoundAt,
		SettledAt: end.SettledAt, SettledBy: end.SettledBy, SettledReason: end.SettledReason,
	}
}

// Checked is what a registrar has said about an operation.
type Checked struct {
	Reference string `json:"reference"`
	Registrar string `json:"registrar"`
	Domain    string `json:"domain"`
	Order     string `json:"order"`
	Before    string `json:"before" jsonschema:"description=The state that the ledger had"`
	State     string `json:"state" jsonschema:"description=The state now"`
	Word      string `json:"word,omitempty" jsonschema:"description=The status in the registrar's own words"`
}

// Operations lists the operations of the ledger, oldest first, and then what could not be read of
// the registrars' lists, unless it asks for one domain: nobody knows which those are about.
func (d *Desk) Operations(ctx context.Context, filter store.LedgerFilter) ([]Operation, error) {
	rows, err := d.Store.LedgerRows(ctx, filter)
	if err != nil {
		return nil, err
	}
	all := make([]Operation, 0, len(rows))
	for _, row := range rows {
		all = append(all, operationOf(row))
	}
	if err := address(ctx, d, all, func(o *Operation) (string, *string) { return o.Order, &o.Address }); err != nil {
		return nil, err
	}
	if filter.Domain != "" {
		return all, nil
	}
	unreadable, err := d.Store.UnreadableOperations(ctx, filter.Account)
	for _, item := range unreadable {
		all = append(all, Operation{
			Reference: item.Reference, Registrar: item.Account, State: Unreadable, Since: item.FirstSeen, Items: item.Items, Rule: item.Rule,
		})
	}
	return all, err
}

// LooseEnds lists what no order takes care of, oldest first.
func (d *Desk) LooseEnds(ctx context.Context, filter store.LooseEndFilter) ([]LooseEnd, error) {
	rows, err := d.Store.LooseEnds(ctx, filter)
	if err != nil {
		return nil, err
	}
	all := make([]LooseEnd, len(rows))
	for n, row := range rows {
		all[n] = looseEndOf(row)
	}
	return all, address(ctx, d, all, func(end *LooseEnd) (string, *string) { return end.Order, &end.Address })
}

// address sets the addresses of the orders that things are about, as far as they are in the store.
// of returns the key of a thing's order, and where its address belongs.
func address[T any](ctx context.Context, d *Desk, things []T, of func(*T) (key string, into *string)) error {
	var keys []string
	for n := range things {
		if key, _ := of(&things[n]); key != "" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	for some := range slices.Chunk(keys, 1000) {
		addresses, err := d.Store.Addresses(ctx, some)
		if err != nil {
			return err
		}
		for n := range things {
			if key, into := of(&things[n]); addresses[key] != "" {
				*into = addresses[key]
			}
		}
	}
	return nil
}

// Settle records that a person has settled a loose end; see store.SettleLooseEnd. For an id
// that does not exist it returns store.ErrNotFound.
func (d *Desk) Settle(ctx context.Context, id, actor, reason string) (LooseEnd, error) {
	act := store.Act{Command: "settle", Item: store.NoItem, Reason: claimed(ctx, actor, reason)}
	var end store.LooseEnd
	err := d.record(ctx, &act, func() string { return "" }, func() (err error) {
		if err := messages.CheckBy(actor, reason); err != nil {
			return &NotAllowedError{Reason: err.Error()}
		}
		end, err = d.Store.SettleLooseEnd(ctx, id, actor, reason)
		act.OrderNumber = end.OrderNumber
		return err
	})
	settled := []LooseEnd{looseEndOf(end)}
	if err == nil { // it is settled, whether or not more is known of its order
		_ = address(ctx, d, settled, func(end *LooseEnd) (string, *string) { return end.Order, &end.Address })
	}
	return settled[0], err
}

// CheckOperation asks the registrar about an operation at once, and tells its order if it has
// finished. The account may be "" if only one has the reference. Errors: store.ErrNotFound and
// those of Registrars.
func (d *Desk) CheckOperation(ctx context.Context, reference, account string) (checked Checked, err error) {
	err = d.onOperation(ctx, "check", "", reference, account, func(row store.LedgerRow) error {
		checked = Checked{Reference: row.Reference, Registrar: row.Account, Domain: row.Domain, Order: row.OrderNumber()}
		checked.Before, checked.State, checked.Word, err = d.Registrars.CheckOperation(ctx, row.Account, row.Key)
		return err
	})
	return checked, err
}

// CancelOperation asks the registrar to withdraw an operation, which it may refuse. The order
// learns from the watch how the operation has ended. Errors as for CheckOperation.
func (d *Desk) CancelOperation(ctx context.Context, reference, account, actor, reason string) (cancelled Operation, err error) {
	err = d.onOperation(ctx, "withdraw", claimed(ctx, actor, reason), reference, account, func(row store.LedgerRow) error {
		if err := messages.CheckBy(actor, reason); err != nil {
			return &NotAllowedError{Reason: err.Error()}
		}
		if row.State.Final() {
			return &NotAllowedError{Reason: fmt.Sprintf("operation %s is %s already", row.Reference, row.State)}
		}
		cancelled = operationOf(row)
		return d.Registrars.CancelOperation(ctx, row.Account, row.Reference)
	})
	return cancelled, err
}

// onOperation acts on the one operation that a reference names, and records it.
func (d *Desk) onOperation(ctx context.Context, command, reason, reference, account string, do func(row store.LedgerRow) error) error {
	act := store.Act{Command: command, Item: store.NoItem, Reason: reason}
	return d.record(ctx, &act, func() string { return "" }, func() error {
		rows, err := d.Store.LedgerRows(ctx, store.LedgerFilter{Reference: reference, Account: account})
		switch {
		case err != nil:
			return err
		case len(rows) == 0:
			return fmt.Errorf("desk: operation %s: %w", reference, store.ErrNotFound)
		case len(rows) > 1:
			return &NotAllowedError{Reason: fmt.Sprintf("several registrar accounts have an operation %s; say which", reference)}
		}
		act.OrderNumber = rows[0].OrderNumber()
		if !d.Registrars.Has(rows[0].Account) {
			return &NotAllowedError{Reason: fmt.Sprintf("registrar account %q is not configured", rows[0].Account)}
		}
		return do(rows[0])
	})
}

// Watch is the state of a registrar account's watch.
type Watch struct {
	Registrar string `json:"registrar"`
	// Schedule is runs or paused, or never if no worker has set it up yet.
	Schedule  string     `json:"schedule" jsonschema:"enum=runs,enum=paused,enum=never,description=never: no worker has set it up yet"`
	Every     string     `json:"every" jsonschema:"description=How often the account should be asked,example=10m0s"`
	LastRound *time.Time `json:"lastRound,omitempty" jsonschema:"description=When the last good round has ended"`
	Late      bool       `json:"late" jsonschema:"description=Orders whose confirmations were lost have to wait"`
	// News counts what the registrar has written about the account, for the first time or again, within
	// store.AccountNewsFor.
	News int `json:"accountNews" jsonschema:"description=What the registrar has written about the account itself\\, for the first time or again\\, in the last seven days"`
}

// Watches tells of each registrar account that has a watch when it was last asked.
func (d *Desk) Watches(ctx context.Context) ([]Watch, error) {
	known, err := d.Store.Watches(ctx)
	if err != nil {
		return nil, err
	}
	counts, err := d.Store.CountAccountNews(ctx)
	if err != nil {
		return nil, err
	}
	news := map[string]int{}
	for _, c := range counts {
		news[c.Account] += c.Count
	}
	all := make([]Watch, 0, len(d.WatchEvery))
	for _, name := range slices.Sorted(maps.Keys(d.WatchEvery)) {
		every := d.WatchEvery[name]
		line := Watch{Registrar: name, Schedule: "never", Every: every.String(), Late: true, News: news[name]}
		for _, watch := range known {
			if watch.Account == name {
				line.Schedule, line.LastRound, line.Late = string(watch.Schedule), watch.GoodAt, watch.Late(every)
			}
		}
		all = append(all, line)
	}
	return all, nil
}
