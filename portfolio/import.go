package portfolio

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/store"
)

// Importer brings domains that no order brings: those that were registered by other means, or
// before there was this product. It calls no registrar, and neither Operations nor Billing.
type Importer struct {
	Store   *store.Store
	Catalog *orders.Catalog
	// Renewal is who renews a domain of which the source does not say it.
	Renewal messages.RenewalMode
	// Looks is how many domains of an account may be looked at first in a second, which the rest of
	// its calls bear. An account that it does not have is none of the configuration.
	Looks map[string]float64
}

// Row is a domain of a source.
type Row struct {
	// Line is where it stands in a table; 0 elsewhere.
	Line      int
	Name      domains.Name
	Registrar string
	// Plan and Period are those of the catalog; 0 and nil leave them to the suffix. Account and the
	// subscriptions are the customer's in Operations, Vendor is that of orders; 0 is not known.
	Plan                                                     int
	Period                                                   *int
	Account, Vendor, DomainSubscription, HostingSubscription int
	Renewal                                                  messages.RenewalMode // "": as the configuration says
	Expires                                                  time.Time            // zero is not known
	// Unreadable says why nothing is known of it; Column is the cell that is wrong. What quotes a
	// value is shortened.
	Unreadable, Column string
}

// Source lists the domains to import. An error ends it.
type Source = iter.Seq2[Row, error]

// Outcome is what becomes of a domain that is to be imported.
type Outcome string

// The outcomes.
const (
	ImportAdded      Outcome = "added"      // it is held from now on
	ImportAgain      Outcome = "again"      // the same; it had left
	ImportHeld       Outcome = "held"       // it is held already, and is left as it is
	ImportOpen       Outcome = "open"       // it is in an open order, and is left to that
	ImportUnreadable Outcome = "unreadable" // nothing is done about it
)

// Outcomes lists the outcomes.
func Outcomes() []Outcome {
	return []Outcome{ImportAdded, ImportAgain, ImportHeld, ImportOpen, ImportUnreadable}
}

// Imported is what becomes of one domain.
type Imported struct {
	Line      int     `json:"line,omitempty" jsonschema:"description=Line of the table"`
	Domain    string  `json:"domain,omitempty"`
	Registrar string  `json:"registrar,omitempty"`
	Outcome   Outcome `json:"outcome" jsonschema:"enum=added,enum=again,enum=held,enum=open,enum=unreadable,description=again: it had left. open: an open order has it"`
	Column    string  `json:"column,omitempty" jsonschema:"description=The cell that is wrong"`
	Note      string  `json:"note,omitempty" jsonschema:"description=Why it cannot be read\\, or why no order of ours can renew it"`
	// Plan is what it will be renewed with; 0 is not known.
	Plan int `json:"planId,omitempty"`
}

// Wanted says how domains are to be imported.
type Wanted struct {
	// Client is whose domains they are; "" is store.LocalClient.
	Client string
	// DryRun reports and changes nothing.
	DryRun bool
	// Each is told what becomes of each domain, in their order; nil is nobody.
	Each func(Imported) error
}

// ImportReport counts what has become of the domains.
type ImportReport struct {
	DryRun     bool `json:"dryRun,omitempty" jsonschema:"description=Nothing was changed\\, as asked"`
	Domains    int  `json:"domains" jsonschema:"description=How many were read"`
	Added      int  `json:"added" jsonschema:"description=Held from now on"`
	Again      int  `json:"again" jsonschema:"description=The same; they had left"`
	Held       int  `json:"held" jsonschema:"description=Held already\\, and left as they are"`
	Open       int  `json:"open" jsonschema:"description=In open orders\\, and left to those"`
	Unreadable int  `json:"unreadable"`
	// WithoutPlan and WithoutAccount count those of Added and Again that no order of ours can renew.
	WithoutPlan    int `json:"withoutPlan" jsonschema:"description=Of those that are added: no plan\\, or more than one\\, sells their suffix at their account\\, so that no order of ours can renew them"`
	WithoutAccount int `json:"withoutAccount" jsonschema:"description=Of those that are added: the customer's account is not known\\, so that no order of ours can renew them"`
	// LookedAt is how long it takes until each was read at its registrar.
	LookedAt string `json:"lookedAt,omitempty" jsonschema:"description=How long it takes until each of them was read at its registrar,example=11h0m0s"`
	// Notable are the first of those that a person should look at.
	Notable []Imported `json:"notable" jsonschema:"description=The first 1000 that a person should look at: unreadable\\, or not to be renewed by an order of ours"`
}

const (
	// importPiece is how many domains are added in one transaction.
	importPiece = 250
	// mostNotable bounds a report.
	mostNotable = 1000
	// lookStep is how exactly the first looks are spread.
	lookStep = 10 * time.Second
)

// Import holds the domains of a source, in pieces. A repeat, also of one that was broken off, adds
// only what is not there. What it keeps in memory is their names. Errors: those of the source, of
// Wanted.Each and of the store, with what was done until then.
func (i *Importer) Import(ctx context.Context, source Source, wanted Wanted) (ImportReport, error) {
	run := importing{Importer: i, wanted: wanted, seen: map[string]bool{}, added: map[string]int{}, report: ImportReport{DryRun: wanted.DryRun, Notable: []Imported{}}}
	piece := make([]Row, 0, importPiece)
	for row, err := range source {
		if err != nil {
			return run.end(), err
		}
		if piece = append(piece, row); len(piece) < importPiece {
			continue
		}
		if err := run.bring(ctx, piece); err != nil {
			return run.end(), err
		}
		piece = piece[:0]
	}
	err := run.bring(ctx, piece)
	return run.end(), err
}

// importing is an import while it runs.
type importing struct {
	*Importer

	wanted  Wanted
	seen    map[string]bool
	added   map[string]int // by account
	longest time.Duration
	report  ImportReport
}

// bring imports a piece of the source.
func (r *importing) bring(ctx context.Context, rows []Row) error {
	results := make([]Imported, len(rows))
	var names []string
	for n, row := range rows {
		results[n] = Imported{Line: row.Line, Domain: row.Name.String(), Registrar: row.Registrar, Outcome: ImportUnreadable, Column: row.Column, Note: row.Unreadable}
		if row.Unreadable == "" {
			names = append(names, row.Name.String())
		}
	}
	known, err := r.Store.KnownDomains(ctx, names)
	if err != nil {
		return err
	}
	var held []store.NewDomain
	of := map[string]*Imported{}
	for n, row := range rows {
		name, result := row.Name.String(), &results[n]
		if row.Unreadable != "" {
			continue
		}
		switch {
		case known.Open[name]:
			result.Outcome = ImportOpen
		case known.Held[name], r.seen[name]:
			result.Outcome = ImportHeld
		default:
			domain, wrong := r.domain(row, result)
			if wrong != nil {
				result.Column, result.Note = wrong.column, wrong.rule
				continue
			}
			if result.Outcome = ImportAdded; known.Left[name] {
				result.Outcome = ImportAgain
			}
			held, of[name] = append(held, domain), result
		}
		r.seen[name] = true
	}
	if err := r.hold(ctx, held, of); err != nil {
		return err
	}
	for n := range results {
		if err := r.note(results[n]); err != nil {
			return err
		}
	}
	return nil
}

// hold adds domains, and spreads their first looks.
func (r *importing) hold(ctx context.Context, held []store.NewDomain, of map[string]*Imported) error {
	for n := range held {
		account := held[n].Registrar
		if looks := r.Looks[account]; looks > 0 {
			after := time.Duration(float64(r.added[account]) / looks * float64(time.Second))
			held[n].LookAfter = after.Truncate(lookStep)
			r.longest = max(r.longest, after)
		}
		r.added[account]++
	}
	if r.wanted.DryRun || len(held) == 0 {
		return nil
	}
	added, err := r.Store.Import(ctx, held)
	if err != nil {
		return err
	}
	for _, name := range added {
		delete(of, name)
	}
	for _, result := range of { // an order, or another import, was quicker
		result.Outcome, result.Note = ImportHeld, ""
	}
	return nil
}

// note counts a result and hands it on.
func (r *importing) note(result Imported) error {
	report := &r.report
	report.Domains++
	switch result.Outcome {
	case ImportAdded:
		report.Added++
	case ImportAgain:
		report.Again++
	case ImportHeld:
		report.Held++
	case ImportOpen:
		report.Open++
	case ImportUnreadable:
		report.Unreadable++
	}
	if result.Outcome == ImportAdded || result.Outcome == ImportAgain {
		switch {
		case result.Plan == 0:
			report.WithoutPlan++
		case result.Note != "":
			report.WithoutAccount++
		}
	}
	if result.Note != "" && len(report.Notable) < mostNotable {
		report.Notable = append(report.Notable, result)
	}
	if r.wanted.Each == nil {
		return nil
	}
	return r.wanted.Each(result)
}

func (r *importing) end() ImportReport {
	if r.report.Added+r.report.Again > 0 {
		r.report.LookedAt = r.longest.Round(time.Second).String()
	}
	return r.report
}

// wrongCell is why a row cannot be imported.
type wrongCell struct{ column, rule string }

// domain is what a row says, completed by the catalog.
func (r *importing) domain(row Row, result *Imported) (store.NewDomain, *wrongCell) {
	name := row.Name.String()
	if _, configured := r.Looks[row.Registrar]; !configured {
		return store.NewDomain{}, &wrongCell{"registrar", "is no registrar account of the configuration"}
	}
	_, suffix, _ := strings.Cut(name, ".")
	plan, period, why, wrong := r.plan(row, suffix)
	if wrong != nil {
		return store.NewDomain{}, wrong
	}
	if result.Plan = plan; why == "" && row.Account == 0 {
		why = "the customer's account is not known"
	}
	if why != "" {
		result.Note = why + ": no order of ours can renew it"
	}
	return store.NewDomain{
		Name: name, Registrar: row.Registrar, Client: r.wanted.Client, Expires: row.Expires,
		Sells: store.Sells{
			TLD: suffix, Vendor: row.Vendor, Plan: plan, Period: period, Account: row.Account,
			DomainSubscription: row.DomainSubscription, HostingSubscription: row.HostingSubscription, Renewal: cmp.Or(row.Renewal, r.Renewal),
		},
	}, nil
}

// plan is the plan and period that sell a row: those that it names, or the only ones that sell its
// suffix at its account. why says why there are none.
func (r *importing) plan(row Row, suffix string) (plan, period int, why string, wrong *wrongCell) {
	selling := r.Catalog.Selling(suffix, row.Registrar)
	if row.Plan != 0 {
		for _, each := range selling {
			if each.PlanID != row.Plan {
				continue
			}
			period, wrong := periodOf(row, each)
			return each.PlanID, period, "", wrong
		}
		return 0, orders.NoPeriod, "", &wrongCell{"planId", fmt.Sprintf("is no plan that sells .%s at %s", suffix, row.Registrar)}
	}
	switch {
	case len(selling) == 1:
		period, wrong := periodOf(row, selling[0])
		return selling[0].PlanID, period, "", wrong
	case row.Period != nil:
		return 0, orders.NoPeriod, "", &wrongCell{"periodId", "goes with a planId"}
	case len(selling) == 0:
		return 0, orders.NoPeriod, fmt.Sprintf("no plan sells .%s at %s", suffix, row.Registrar), nil
	}
	return 0, orders.NoPeriod, fmt.Sprintf("%d plans sell .%s at %s, and planId has to say which", len(selling), suffix, row.Registrar), nil
}

// periodOf is the period that a row is renewed for: the one that it names, or the only one that the
// plan sells, or else the plan's own number of years.
func periodOf(row Row, plan orders.DomainPlan) (int, *wrongCell) {
	if row.Period != nil {
		if _, sold := plan.Periods[*row.Period]; !sold && *row.Period != orders.NoPeriod {
			return 0, &wrongCell{"periodId", fmt.Sprintf("is no period of plan %d", plan.PlanID)}
		}
		return *row.Period, nil
	}
	if len(plan.Periods) == 1 {
		for period := range plan.Periods {
			return period, nil
		}
	}
	return orders.NoPeriod, nil
}
