package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"text/tabwriter"
	"time"

	"domainprovisioning/billing"
	"domainprovisioning/config"
	"domainprovisioning/desk"
	"domainprovisioning/intake"
	"domainprovisioning/messages"
)

// story is what a scenario does with orders of its own.
type story struct {
	// orders are placed one after another, each when the one before it has ended.
	orders []ordered
	// pace is how many times as fast the days of domains pass; 0 is the ordinary calendar.
	pace int
	// configure changes the configuration before the start; nil leaves it.
	configure func(*config.Config)
	// before changes the outside before the first order; nil leaves it as seed has made it.
	before func(*world)
	// person looks at an order each time its state changes, and says what to do about it; nil
	// for nothing. An error says that the order should not have come to this. Without a person
	// the story ends where an order needs attention.
	person func(*world, messages.Progress) (*deed, error)
	// play does what orders and person cannot tell; nil for nothing. It comes after the orders.
	play func(ctx context.Context, b *sandbox, out io.Writer) error
	// counts are the effects in the outside systems at the end.
	counts func(*world) []count
	// records are what the product itself must tell at the end; nil for nothing.
	records func(context.Context, *sandbox) ([]count, error)
}

// ordered is one order of a story.
type ordered struct {
	file string // in sandbox, such as "orders/transfer.json"
	// refused is a part of the reason why the order must be refused; "" if it must be
	// accepted.
	refused string
	// ends is the state in which the order must end; "" is done.
	ends messages.State
}

// whenNeeded is a person who looks only at orders that need one.
func whenNeeded(does func(*world, messages.Attention) (*deed, error)) func(*world, messages.Progress) (*deed, error) {
	return func(w *world, progress messages.Progress) (*deed, error) {
		if progress.Attention == nil {
			return nil, nil //nolint:nilnil // nobody is needed
		}
		return does(w, *progress.Attention)
	}
}

// deed is what a person does about an order.
type deed struct {
	// says is what is printed about it; "" is nothing.
	says string
	// outside is what the person does in the outside systems first; nil is nothing.
	outside func(*world)
	// inside is what the person does next to the product itself: to its configuration, or in
	// Temporal; nil is nothing.
	inside func(context.Context, *sandbox, intake.PlacedUnit) error
	// command is what the person types, after "starter". Without -once the sandbox prints it and
	// waits until somebody gives it in another terminal. "" is no command.
	command string
	give    func(context.Context, *desk.Desk, desk.Unit) error
}

// person is who gives commands in stories.
const person = "a person"

// count is one effect in the outside systems.
type count struct{ what, got, want string }

func effect[T any](what string, got, want T) count {
	return count{what, fmt.Sprint(got), fmt.Sprint(want)}
}

func (s *story) placings() ([]placing, error) {
	placings := make([]placing, 0, len(s.orders))
	for _, order := range s.orders {
		content, err := orderFiles.ReadFile(order.file)
		if err != nil {
			return nil, err
		}
		placings = append(placings, placing{path.Join("sandbox", order.file), content, order.refused, order.ends})
	}
	return placings, nil
}

// count prints the effects, and what the product tells, and returns an error for each that is not
// as it must be.
func (s *story) count(ctx context.Context, out io.Writer, b *sandbox) error {
	_, _ = fmt.Fprintln(out)
	table := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "COUNTED OUTSIDE\tFOUND\tMUST BE")
	var wrong []error
	var told []count
	if s.records != nil {
		var err error
		told, err = s.records(ctx, b)
		wrong = append(wrong, err)
	}
	for _, c := range append(s.counts(b.world), told...) {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", c.what, c.got, c.want)
		if c.got != c.want {
			wrong = append(wrong, fmt.Errorf("%s: found %s, must be %s", c.what, c.got, c.want))
		}
	}
	return errors.Join(append(wrong, table.Flush())...)
}

// stories lists the scenarios with orders of their own. sandbox/stories_test.go runs each.
func stories() []scenario {
	return []scenario{
		renewedByUs(),
		renewedElsewhere(),
		renewalRefusedForFunds(),
		expiredAndRestored(),
		tenYears(),
		portfolioImport(),
		adoption(),
		priceAboveLimit(),
		transferKeepsRegistryExpiry(),
		renewedTwice(),
		returningCustomer(),
		rejectedThenCorrected(),
		wrongTransferKey(),
		deadlinePassed(),
		rejectedAfterDays(),
		cancelAtEachStep(),
		cancelWhilePending(),
		undoStepFails(),
		wrongPlanCorrected(),
		wrongPassword(),
		terminated(),
		resetInTheWebUI(),
		startedByHand(),
	}
}

// yearInBilling is when a period of a year ends in Billing that ends on a day at the registrar: the day
// before 29 February, which no such period ends on there.
func yearInBilling(expires time.Time) time.Time {
	return billing.ExpirationDate(billing.StartDate(expires, 1), 1)
}

// transferKeepsRegistryExpiry: at its old registrar the name had three more months, and the
// transfer adds a year.
func transferKeepsRegistryExpiry() scenario {
	const name, key = "late.example", "TRANSFER-KEY-3"
	return scenario{
		name: "transfer-keeps-registry-expiry", help: "a transferred name keeps the rest of its period: Billing gets the registrar's day",
		story: &story{
			orders: []ordered{{file: "scenarios/transfer-keeps-registry-expiry.json"}},
			before: func(w *world) { w.netim.AddTaken(name, key) },
			counts: func(w *world) []count {
				registration, _ := w.netim.Registration(name)
				registrars, inBilling := registration.Expires.Format(time.DateOnly), yearInBilling(registration.Expires).Format(time.DateOnly)
				rows := w.billing.RowsOf(name)
				counts := append(make([]count, 0, 3+2*len(rows)),
					effect("transfers at Netim", w.netim.Count("domainTransferIn", name), 1),
					effect("the registrar's expiry date", registrars, registration.Created.AddDate(1, 3, 0).Format(time.DateOnly)),
					effect("domains in Billing", len(rows), 1))
				for _, row := range rows {
					counts = append(counts,
						effect("expiry date in Billing", row.Expiration.Format(time.DateOnly), inBilling),
						effect("next bill in Billing", row.NextBill.Format(time.DateOnly), inBilling))
				}
				return counts
			},
		},
	}
}
