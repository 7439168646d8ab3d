package desk

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/portfolio"
	"domainprovisioning/store"
)

// Drift is a difference between what we hold of a domain and what another system has.
type Drift struct {
	Domain    string              `json:"domain" jsonschema:"description=Domain name in ASCII form,example=shop.example"`
	Registrar string              `json:"registrar" jsonschema:"description=Registrar account of the configuration"`
	Client    string              `json:"client,omitempty" jsonschema:"description=Whose domain it is; absent for one that is not held"`
	Kind      messages.Difference `json:"kind" jsonschema:"description=What differs,example=name-servers"`
	Severity  messages.Severity   `json:"severity" jsonschema:"enum=high,enum=medium,enum=low"`
	Ours      string              `json:"ours,omitempty" jsonschema:"description=What we hold"`
	Theirs    string              `json:"theirs,omitempty" jsonschema:"description=What the registrar\\, Billing or Operations has"`
	FirstSeen time.Time           `json:"firstSeen"`
	LastSeen  time.Time           `json:"lastSeen"`
}

// DriftPage is a part of the differences, by domain.
type DriftPage struct {
	Drift []Drift `json:"drift"`
	// Next is where the next page begins; "" at the end.
	Next string `json:"next,omitempty" jsonschema:"description=Value of the parameter cursor for the next page; absent at the end"`
}

// DriftFilter selects differences; zero fields select all.
type DriftFilter struct {
	Registrar, Domain string
	Kind              messages.Difference
	Severity          messages.Severity
	Cursor            string
	Limit             int // 0 is 100; at most 1000
}

// Drift lists the differences of the caller's domains, or all of them for an operator, also those of
// domains that nobody holds. Errors: *FilterError, *NameError.
func (d *Desk) Drift(ctx context.Context, filter DriftFilter) (DriftPage, error) {
	asked := store.FactFilter{Registrar: filter.Registrar, Kind: filter.Kind, Severity: filter.Severity, Client: clientOf(ctx), Limit: filter.Limit}
	if asked.Limit == 0 {
		asked.Limit = 100
	}
	switch {
	case asked.Limit < 1 || asked.Limit > 1000:
		return DriftPage{}, &FilterError{"limit", "must be 1 to 1000"}
	case filter.Kind != "" && !slices.Contains(messages.Differences(), filter.Kind):
		return DriftPage{}, &FilterError{"kind", "must be one of " + joined(messages.Differences())}
	case filter.Severity != "" && !slices.Contains(messages.Severities(), filter.Severity):
		return DriftPage{}, &FilterError{"severity", "must be one of " + joined(messages.Severities())}
	}
	if !plainText(filter.Registrar) {
		return DriftPage{}, &FilterError{"registrar", fmt.Sprintf("must be at most %d characters long, and hold no control character", maxText)}
	}
	if filter.Domain != "" {
		name, err := domains.ParseName(filter.Domain)
		if err != nil {
			return DriftPage{}, &NameError{err}
		}
		asked.Domain = name.String()
	}
	if filter.Cursor != "" {
		after, ok := factCursor(filter.Cursor)
		if !ok || !plainText(after.Domain) || !plainText(after.Kind) || !plainText(after.Registrar) {
			return DriftPage{}, &FilterError{"cursor", "must be the field next of the previous page"}
		}
		asked.After = after
	}
	facts, err := d.Store.Facts(ctx, asked)
	if err != nil {
		return DriftPage{}, err
	}
	page := DriftPage{Drift: make([]Drift, len(facts))}
	for i, fact := range facts {
		page.Drift[i] = drift(fact)
	}
	if len(facts) == asked.Limit {
		last := facts[len(facts)-1]
		page.Next = base64.RawURLEncoding.EncodeToString([]byte(last.Domain + " " + string(last.Kind) + " " + last.Registrar))
	}
	return page, nil
}

func factCursor(text string) (*store.FactCursor, bool) {
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	parts := strings.Split(string(decoded), " ")
	if err != nil || len(parts) != 3 {
		return nil, false
	}
	return &store.FactCursor{Domain: parts[0], Kind: parts[1], Registrar: parts[2]}, true
}

func drift(fact store.Fact) Drift {
	return Drift{
		Domain: fact.Domain, Registrar: fact.Registrar, Client: fact.Client, Kind: fact.Kind, Severity: fact.Severity,
		Ours: fact.Ours, Theirs: fact.Theirs, FirstSeen: fact.FirstSeen, LastSeen: fact.LastSeen,
	}
}

// RepairWish is a person's wish to settle differences of a domain.
type RepairWish struct {
	// Kind is the difference; "" is all that can be settled without taking anything from anybody.
	Kind messages.Difference
	// Accept says that what the registrar has is right.
	Accept        bool
	Actor, Reason string
}

// Repair is what is done, or would be, about a difference.
type Repair struct {
	Drift
	Action portfolio.RepairAction `json:"action" jsonschema:"enum=person,enum=order,enum=transferred-away,enum=accept,description=What is done: nothing here (a person does it elsewhere)\\, an order\\, the record that it was transferred away\\, or that what the registrar has is ours"`
	Text   string                 `json:"text" jsonschema:"description=The same for people\\, with the values"`
	Safe   bool                   `json:"safe" jsonschema:"description=Whether it is done without its kind being named"`
	Done   string                 `json:"done,omitempty" jsonschema:"description=What was done; absent if nothing was"`
}

// RepairPlan says what would be done about the differences of a domain. It changes nothing. Errors:
// ErrNoDomain if the caller has no such domain, *NameError, *FilterError.
func (d *Desk) RepairPlan(ctx context.Context, domain string, wish RepairWish) ([]Repair, error) {
	repairs, err := d.repairs(ctx, domain, wish)
	plan := make([]Repair, len(repairs))
	for i, repair := range repairs {
		plan[i] = shownRepair(repair)
	}
	return plan, err
}

func shownRepair(repair portfolio.Repair) Repair {
	return Repair{Drift: drift(repair.Fact), Action: repair.Action, Text: repair.Text, Safe: repair.Safe}
}

func (d *Desk) repairs(ctx context.Context, domain string, wish RepairWish) ([]portfolio.Repair, error) {
	name, err := domains.ParseName(domain)
	if err != nil {
		return nil, &NameError{err}
	}
	if wish.Kind != "" && !slices.Contains(messages.Differences(), wish.Kind) {
		return nil, &FilterError{"fact", "must be one of " + joined(messages.Differences())}
	}
	facts, err := d.Store.Facts(ctx, store.FactFilter{Domain: name.String(), Kind: wish.Kind, Client: clientOf(ctx), Limit: 1000})
	if err != nil {
		return nil, err
	}
	if len(facts) == 0 {
		held, err := d.Store.Domain(ctx, name.String())
		if errors.Is(err, store.ErrNotFound) || err == nil && clientOf(ctx) != "" && held.Client != clientOf(ctx) {
			return nil, ErrNoDomain
		}
		return nil, err
	}
	repairs := make([]portfolio.Repair, len(facts))
	for i, fact := range facts {
		repairs[i] = portfolio.PlanRepair(fact, wish.Accept)
	}
	return repairs, nil
}

// Repair settles differences of a domain: the one that is named, or all that can be settled
// without taking anything from anybody. Each is an act of its own. Errors: those of RepairPlan,
// *NotAllowedError, *intake.Refusal, ErrUnavailable.
func (d *Desk) Repair(ctx context.Context, domain string, wish RepairWish) ([]Repair, error) {
	repairs, err := d.repairs(ctx, domain, wish)
	if err != nil {
		return nil, err
	}
	if err := messages.CheckBy(wish.Actor, wish.Reason); err != nil {
		return nil, &NotAllowedError{Reason: err.Error()}
	}
	doer := &portfolio.Repairs{Store: d.Store, Intake: d.Intake, Left: d.left, Log: d.Intake.Log}
	done := make([]Repair, 0, len(repairs))
	for _, repair := range repairs {
		one := shownRepair(repair)
		if repair.Action == portfolio.ByPerson || wish.Kind == "" && !repair.Safe {
			done = append(done, one)
			continue
		}
		act := &store.Act{
			Command: "drift-repair", OrderNumber: store.DomainSubject + repair.Fact.Domain, Item: store.NoItem,
			Reason: claimed(ctx, wish.Actor, wish.Reason), Detail: fmt.Sprintf("%s: %s; ours %q, theirs %q", repair.Fact.Kind, repair.Action, repair.Fact.Ours, repair.Fact.Theirs),
		}
		err := d.record(ctx, act, func() string { return "" }, func() (err error) {
			one.Done, err = doer.Do(ctx, repair, wish.Actor, wish.Reason)
			if errors.Is(err, portfolio.ErrNotRepaired) {
				return &NotAllowedError{Reason: strings.TrimPrefix(err.Error(), "portfolio: ")}
			}
			return err
		})
		if err != nil {
			return done, err
		}
		done = append(done, one)
	}
	return done, nil
}

// left says of a domain that it was transferred away, as the command of its own does.
func (d *Desk) left(ctx context.Context, name, actor, reason string) error {
	_, err := d.MarkLeft(ctx, name, "", messages.MarkLeft{Actor: actor, Reason: reason})
	return err
}
