package desk

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"domainprovisioning/messages"
	"domainprovisioning/portfolio"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// The commands about a domain. As with those about an order, the same id twice is one command, "" is a
// new one, and each is recorded as an act. Errors: ErrNoDomain, and those of commands about orders.

// ChangeRenewal changes who renews a domain. It changes nothing at the registrar.
func (d *Desk) ChangeRenewal(ctx context.Context, name, id string, command messages.ChangeRenewal) (messages.Life, error) {
	command.Sent = sent()
	return onLife(ctx, d, name, id, "change-renewal", string(command.Mode), command.Actor, command.Reason, messages.ChangeRenewalMode(), command)
}

// MarkLeft states that a domain that is missing has left for good.
func (d *Desk) MarkLeft(ctx context.Context, name, id string, command messages.MarkLeft) (messages.Life, error) {
	command.Sent = sent()
	return onLife(ctx, d, name, id, "mark-left", string(command.As()), command.Actor, command.Reason, messages.MarkDomainLeft(), command)
}

// Looked says that the life of a domain looks.
type Looked struct {
	Domain string `json:"domain"`
	Next   string `json:"next" jsonschema:"description=What happens now"`
}

// Look has a domain read at its registrar. A life that was ended in Temporal is begun again.
func (d *Desk) Look(ctx context.Context, name, actor, reason string) (Looked, error) {
	var looked Looked
	err := d.onDomain(ctx, name, "look", "", actor, reason, func(row store.Domain) error {
		looked = Looked{Domain: row.Name, Next: "it is read at " + row.Registrar + " within a minute, if that answers"}
		return d.Store.LookAt(ctx, row.Name)
	})
	return looked, err
}

// RestoreDomain orders that a domain is taken out of redemption, at a price of at most price, such as
// 80.00EUR. For one date of expiry that is one order, however often it is asked for. Further errors:
// *FieldError and those of Place.
func (d *Desk) RestoreDomain(ctx context.Context, name, price, actor, reason string) (Placed, error) {
	most, err := registrars.ParsePrice(price)
	if err != nil || most.Cents == 0 {
		return Placed{}, &FieldError{"acceptPrice", "must be an amount with two decimals and its currency, such as 80.00EUR"}
	}
	var answer Placed
	err = d.onDomain(ctx, name, "restore", "at most "+most.String(), actor, reason, func(row store.Domain) error {
		placed, err := portfolio.PlaceRestore(ctx, d.Intake, row, most)
		if errors.Is(err, portfolio.ErrUnsold) {
			return &NotAllowedError{Reason: err.Error()}
		}
		if err != nil {
			return err
		}
		answer = d.Placed(placed)
		answer.Existing = answer.Existing || placed.Keyed
		for n, unit := range answer.Units {
			if answer.Existing && unit.Open() && !limitedTo(placed.Units[n].Plan, most) {
				return &NotAllowedError{Reason: fmt.Sprintf("its restore was ordered before, as %s, at another price: `starter retry %s --accept-price AMOUNT` accepts one, if it asks for that", unit.Order, unit.Order)}
			}
			if answer.Existing && !unit.Open() {
				return &NotAllowedError{Reason: fmt.Sprintf("its restore was ordered before, as %s, which is %s: another one is an order of its own", unit.Order, unit.State)}
			}
		}
		return nil
	})
	if err != nil {
		return Placed{}, err
	}
	return answer, nil
}

// limitedTo reports whether a stored unit may cost a price at most, and no less.
func limitedTo(plan string, most registrars.Price) bool {
	var input workflows.UnitInput
	if json.Unmarshal([]byte(plan), &input) != nil || input.Unit.Domain == nil {
		return false
	}
	limit := workflows.PriceLimit(input.Unit.Domain, registrars.Restore)
	return limit != nil && *limit == most
}

// onDomain carries out a command about a domain that is held, and records it.
func (d *Desk) onDomain(ctx context.Context, name, command, detail, actor, reason string, do func(row store.Domain) error) error {
	row, err := d.storedDomain(ctx, name)
	if err != nil {
		return err
	}
	act := store.Act{Command: command, OrderNumber: store.DomainSubject + row.Name, Item: store.NoItem, Reason: claimed(ctx, actor, reason), Detail: detail}
	return d.record(ctx, &act, func() string { return "" }, func() error {
		if err := messages.CheckBy(actor, reason); err != nil {
			return &NotAllowedError{Reason: err.Error()}
		}
		if row.EndedAt != nil {
			return &NotAllowedError{Reason: fmt.Sprintf("%s has left: it is %s since %s", row.Name, row.State, row.EndedAt.Format(time.DateOnly))}
		}
		return do(row)
	})
}

// onLife sends a command to the life of a domain.
func onLife[In interface{ LastsUntil() time.Time }](
	ctx context.Context, d *Desk, name, id, command, detail, actor, reason string, update messages.Update[In, messages.Life], in In,
) (life messages.Life, err error) {
	if id == "" {
		id = rand.Text()
	}
	err = d.onDomain(ctx, name, command, detail, actor, reason, func(row store.Domain) error {
		asking, cancel := context.WithTimeout(ctx, commandTimeout)
		defer cancel()
		life, err = tellWorkflow(ctx, asking, d, workflows.LifeID(row.Name), id, update, in, "the life of the domain is paused in Temporal: unpause it there")
		if !errors.Is(err, errNoRun) {
			return err
		}
		if err := d.Store.LookAt(ctx, row.Name); err != nil {
			return err
		}
		return &NotAllowedError{Reason: "the life of the domain does not run, and is begun now: give the command again in a minute"}
	})
	return life, err
}

// ImportDomains brings the domains of a source, and records that as an act; from says for people where
// they come from. A dry run is no act. Errors: those of portfolio.Importer.
func (d *Desk) ImportDomains(
	ctx context.Context, importer *portfolio.Importer, source portfolio.Source, from string, wanted portfolio.Wanted,
) (report portfolio.ImportReport, err error) {
	if wanted.DryRun {
		return importer.Import(ctx, source, wanted)
	}
	act := store.Act{Command: "import", Item: store.NoItem}
	err = d.record(ctx, &act, func() string { return "" }, func() error {
		report, err = importer.Import(ctx, source, wanted)
		act.Reason = fmt.Sprintf("%s: %d added, %d of them had left; %d held already, %d in open orders, %d unreadable",
			from, report.Added+report.Again, report.Again, report.Held, report.Open, report.Unreadable)
		return err
	})
	return report, err
}
