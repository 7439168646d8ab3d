package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/spf13/cobra"

	"domainprovisioning/assembly"
	"domainprovisioning/desk"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// given is a command about orders, as it was typed.
type given struct {
	action            messages.Action
	actor, reason, id string
	filter            desk.Filter
	dryRun, yes       bool
	// byFilter: the orders are those that the filter finds.
	byFilter bool
	// body is what makes the command another one under the same id.
	body any
	// unreasoned: it needs neither actor nor reason.
	unreasoned bool
	// open opens the desk.
	open func(ctx context.Context) (orderDesk, func(), error)
	// preview shows what the command would do, beyond a list of the orders, and whether it has to
	// be agreed to; nil if there is nothing to show.
	preview   func(ctx context.Context, orders orderDesk, units []desk.Unit) (plans []taken, agree bool, err error)
	printPlan func(plan taken) error
	// piped: the standard input is what the command is about, so that nobody can answer there.
	piped bool
}

// long is the text of a command's help, with what is the same for all.
func long(text, example string) string {
	return text + `

Several orders may be named, or a filter instead, which finds open orders unless --state says
otherwise. --for is the reason of the orders, and --reason is your own:
  starter ` + example + `
--dry-run lists the orders and does nothing. Without it, a command with a filter asks before it
begins, or needs --yes where nobody can be asked. At most 8 orders are asked at once; after an
interruption no further one is. The exit code is that of the worst order.`
}

// givenFlags adds the flags that all commands have.
func (s *starter) givenFlags(command *cobra.Command, g *given, step string) {
	g.open = s.orders
	s.itemFlag(command)
	s.filterFlags(command, &g.filter, step)
	flags := command.Flags()
	saidFlags(command, &g.actor, &g.reason, "who gives the command", "why, for the record")
	flags.StringVar(&g.id, "id", "", "an id of your choice: the same command again under it is one command")
	flags.BoolVar(&g.dryRun, "dry-run", false, "do nothing: list the orders, and what would be done")
	flags.BoolVarP(&g.yes, "yes", "y", false, "do not ask")
	command.ValidArgsFunction = s.completeOrders
}

// check refuses a command that cannot be given, before anything is connected. own are the flags
// of filters that are the command's own.
func (s *starter) check(command *cobra.Command, g *given, arguments []string, own ...string) error {
	byFlag := filtered(command.Flags(), own...)
	g.byFilter = len(arguments) == 0
	if err := checkFilter(g.filter); err != nil {
		return err
	}
	switch {
	case len(arguments) == 0 && !filtered(command.Flags()):
		return usage("name one or several orders, or say which by a filter such as --for balance")
	case len(arguments) > 0 && byFlag:
		return usage("name orders, or say which by a filter, but not both")
	case s.item >= 0 && len(arguments) != 1:
		return usage("--item goes with one order")
	}
	if g.byFilter && g.filter.State == "" {
		g.filter.State = string(store.UnitOpen)
	}
	if g.dryRun {
		return nil
	}
	if err := g.checkBy(); err != nil {
		return err
	}
	if g.byFilter && !g.yes && (!s.asks() || g.piped) {
		return usage("--yes is required with a filter where nobody can be asked; --dry-run lists what would be done")
	}
	return nil
}

func (g *given) checkBy() error {
	const mostID = 100
	if strings.ContainsFunc(g.id, func(c rune) bool { return c <= ' ' || c > '~' }) || len(g.id) > mostID {
		return usage("--id must be at most %d visible ASCII characters", mostID)
	}
	if g.id == "" {
		// A command that nobody answers can be asked about by its id.
		g.id = strings.ToLower(rand.Text()[:10])
	}
	if g.unreasoned {
		return nil
	}
	return checkSaid(g.actor, g.reason)
}

// checkSaid checks who gives a command and why.
func checkSaid(actor, reason string) error {
	control := func(text string) bool { return strings.ContainsFunc(text, unicode.IsControl) }
	switch {
	case strings.TrimSpace(actor) == "" || len(actor) > messages.MostActor || control(actor):
		return usage("--actor must say in at most %d bytes who gives the command", messages.MostActor)
	case strings.TrimSpace(reason) == "" || len(reason) > messages.MostReason || control(reason):
		return usage("--reason must say in at most %d bytes why, for the record", messages.MostReason)
	}
	return nil
}

// asks reports whether a person can be asked.
func (s *starter) asks() bool { return s.interactive && !s.json }

// give gives a command to the orders that were named or that the filter finds. It was checked.
func (s *starter) give(ctx context.Context, g *given, arguments []string, do act) error {
	orders, closeAll, err := g.open(ctx)
	if err != nil {
		return err
	}
	defer closeAll()
	units, err := s.chosen(ctx, orders, g, arguments)
	if err != nil {
		return err
	}
	if len(units) == 0 {
		if s.json {
			return s.printJSON([]taken{})
		}
		s.printf("no order fits\n")
		return nil
	}
	agreed, err := s.agreed(ctx, orders, g, units)
	if err != nil || !agreed {
		return err
	}
	return s.summarize(s.giveAll(ctx, orders, g, units, do), g.byFilter || len(units) > 1)
}

// chosen returns the units that a command is for, each once, before the first is asked: orders
// that change their state meanwhile are neither missed nor asked twice.
func (s *starter) chosen(ctx context.Context, orders orderDesk, g *given, arguments []string) ([]desk.Unit, error) {
	if g.byFilter {
		return all(ctx, orders, g.filter, pageOfAll)
	}
	var units []desk.Unit
	var wrong []error
	for _, argument := range arguments {
		if err := s.onOne(ctx, orders, argument, func(unit desk.Unit) error {
			if !slices.ContainsFunc(units, func(known desk.Unit) bool { return known.Order == unit.Order && known.Item == unit.Item }) {
				units = append(units, unit)
			}
			return nil
		}); err != nil {
			wrong = append(wrong, err)
		}
	}
	return units, errors.Join(wrong...)
}

// agreed shows what would be done and asks, where that is due. It reports false for a dry run
// and for a no.
func (s *starter) agreed(ctx context.Context, orders orderDesk, g *given, units []desk.Unit) (bool, error) {
	agree := g.byFilter && !g.yes
	var plans []taken
	if g.preview != nil && (g.dryRun || !g.byFilter && !g.yes) {
		var err error
		var has bool
		if plans, has, err = g.preview(ctx, orders, units); err != nil {
			return false, err
		}
		agree = agree || has
	}
	if !g.dryRun && !agree {
		return true, nil
	}
	if g.dryRun && s.json {
		if err := s.printJSON(s.plansOf(g, units, plans)); err != nil {
			return false, err
		}
		return false, wouldRefuse(plans)
	}
	if !s.json {
		if err := s.printPlans(g, units, plans); err != nil {
			return false, err
		}
	}
	question := fmt.Sprintf("%s %d orders", g.action, len(units))
	if len(units) == 1 {
		question = fmt.Sprintf("%s order %s", g.action, units[0].Order)
	}
	switch {
	case g.dryRun:
		s.printf("would %s; nothing was done\n", question)
		return false, wouldRefuse(plans)
	case !s.asks():
		return false, usage("nobody can be asked: look at `starter %s --dry-run`, then give the command with --yes", g.action)
	}
	yes, err := s.ask(ctx, question+"? [y/N] ")
	if err == nil && !yes {
		s.printf("nothing was done\n")
	}
	return yes, err
}

func (s *starter) plansOf(g *given, units []desk.Unit, plans []taken) []taken {
	if plans != nil {
		return plans
	}
	for _, unit := range units {
		plans = append(plans, taken{Order: unit.Order, Item: unit.Item, Domain: unit.Domain, Command: string(g.action), Outcome: planned, Step: unit.Step})
	}
	return plans
}

func (s *starter) printPlans(g *given, units []desk.Unit, plans []taken) error {
	if plans == nil {
		return s.printList(desk.Page{Orders: units})
	}
	for _, plan := range plans {
		switch {
		case plan.Refusal != "":
			s.printf("%s: refused: %s\n", titleOf(plan), oneLine(plan.Refusal))
		case plan.Failure != "":
			s.printf("%s: %s\n", titleOf(plan), oneLine(plan.Failure))
		default:
			if err := g.printPlan(plan); err != nil {
				return err
			}
		}
	}
	return nil
}

// plansFor makes the plan of each unit, at most 8 at once. ask fills it in.
func plansFor(units []desk.Unit, action messages.Action, ask func(unit desk.Unit, plan *taken)) []taken {
	plans := make([]taken, len(units))
	tokens := make(chan struct{}, atOnce)
	var group sync.WaitGroup
	for n, unit := range units {
		group.Go(func() {
			tokens <- struct{}{}
			defer func() { <-tokens }()
			plan := taken{Order: unit.Order, Item: unit.Item, Domain: unit.Domain, Command: string(action), Outcome: planned, Step: unit.Step}
			if ask(unit, &plan); plan.err != nil {
				plan.fail()
			}
			plans[n] = plan
		})
	}
	group.Wait()
	return plans
}

// wouldRefuse is the error of a dry run that has found what will be refused or cannot be told.
func wouldRefuse(plans []taken) error {
	var wrong []error
	for _, plan := range plans {
		if plan.err != nil {
			wrong = append(wrong, plan.err)
		}
	}
	all := errors.Join(wrong...)
	if len(wrong) > 1 {
		return assembly.Exit(assembly.ExitCodeOf(all), fmt.Errorf("%d of %d orders would not take the command", len(wrong), len(plans)))
	}
	return all
}

// ask asks the person at the terminal. Only y and yes agree.
func (s *starter) ask(ctx context.Context, question string) (bool, error) {
	_, _ = fmt.Fprint(s.errOut, question)
	answered := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(s.in).ReadString('\n') // what is broken off is no yes
		answered <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case answer := <-answered:
		return answer == "y" || answer == "yes", nil
	}
}

// idOf is the id of the command for one order. Here it is noted which command an id stands for;
// a gateway does so itself.
func (g *given) idOf(ctx context.Context, orders orderDesk, unit desk.Unit) (string, error) {
	id := fmt.Sprintf("%s/%s/%d", g.id, unit.Order, unit.Item)
	local, ok := orders.(*desk.Desk)
	if !ok {
		return id, nil
	}
	body, err := json.Marshal([]any{g.action, g.reason, g.body})
	if err != nil {
		return "", err
	}
	digest := sha256.Sum256(body)
	once := store.Idempotency{Client: "starter", Key: id, Request: hex.EncodeToString(digest[:])}
	_, err = local.Store.KeepRequest(ctx, once, unit.Order)
	return "starter/" + id, err
}
