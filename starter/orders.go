package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/desk"
	"domainprovisioning/domains"
	"domainprovisioning/gateway/client"
	"domainprovisioning/intake/rehearsal"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// These variables hold the gateway's address and the API key for it.
const (
	gatewayVariable = "DOMAINPROVISIONING_GATEWAY"
	keyVariable     = "DOMAINPROVISIONING_API_KEY"
)

// orderDesk is what the commands about orders use: the local desk or a gateway.
type orderDesk interface {
	orderCommands
	otherCommands

	Place(ctx context.Context, document []byte) (desk.Placed, error)
	Rehearse(ctx context.Context, document []byte) (rehearsal.Plan, error)
	Find(ctx context.Context, argument string) ([]desk.Unit, error)
	Progress(ctx context.Context, unit desk.Unit) (messages.Progress, error)
	List(ctx context.Context, filter desk.Filter) (desk.Page, error)
	Quote(ctx context.Context, reference string) (desk.Quote, error)
	Undo(ctx context.Context, unit desk.Unit) ([]messages.UndoLine, error)
	ActsOf(ctx context.Context, unit desk.Unit, filter store.ActFilter) (desk.ActPage, error)
}

// otherCommands are about more than one order.
type otherCommands interface {
	operationCommands
	batchCommands
	domainCommands
	driftCommands
}

// orderCommands are the commands about one unit of work. An id makes a repeat harmless.
type orderCommands interface {
	Retry(ctx context.Context, unit desk.Unit, id string, command messages.Retry) (messages.Answer, error)
	Cancel(ctx context.Context, unit desk.Unit, id string, command messages.Cancel) (messages.Answer, error)
	Extend(ctx context.Context, unit desk.Unit, id string, command messages.Extend) (messages.Answer, error)
	Skip(ctx context.Context, unit desk.Unit, id string, command messages.Skip) (messages.Answer, error)
	ConfirmByHand(ctx context.Context, unit desk.Unit, id string, command messages.ConfirmByHand) (messages.Answer, error)
	Amend(ctx context.Context, unit desk.Unit, id string, amendment []byte, actor, reason string) (desk.Amended, error)
	CheckAmendment(ctx context.Context, unit desk.Unit, amendment []byte) (desk.Amended, error)
	Confirm(ctx context.Context, unit desk.Unit, told desk.Confirmation) (desk.Confirmed, error)
}

// operationCommands are what people ask and say about operations at registrars, and the inbox.
type operationCommands interface {
	Operations(ctx context.Context, filter store.LedgerFilter) ([]desk.Operation, error)
	CheckOperation(ctx context.Context, reference, account string) (desk.Checked, error)
	CancelOperation(ctx context.Context, reference, account, actor, reason string) (desk.Operation, error)
	LooseEnds(ctx context.Context, filter store.LooseEndFilter) ([]desk.LooseEnd, error)
	Settle(ctx context.Context, id, actor, reason string) (desk.LooseEnd, error)
	Inbox(ctx context.Context, filter store.ConfirmationFilter) ([]desk.Report, error)
	Watches(ctx context.Context) ([]desk.Watch, error)
}

// driftCommands are what people ask and do about differences between us and the registrars.
type driftCommands interface {
	Drift(ctx context.Context, filter desk.DriftFilter) (desk.DriftPage, error)
	RepairPlan(ctx context.Context, domain string, wish desk.RepairWish) ([]desk.Repair, error)
	Repair(ctx context.Context, domain string, wish desk.RepairWish) ([]desk.Repair, error)
}

// orders opens the desk: over the gateway if one is named, else locally.
func (s *starter) orders(ctx context.Context) (orderDesk, func(), error) {
	address := s.gatewayURL
	if address == "" {
		address = s.variable(gatewayVariable)
	}
	if address == "" {
		sys, closeAll, err := s.connect(ctx)
		if err != nil {
			return nil, nil, err
		}
		return sys.desk, closeAll, nil
	}
	key, err := s.apiKey()
	if err != nil {
		return nil, nil, err
	}
	remote, err := client.New(address, key)
	if err != nil {
		return nil, nil, usage("--gateway: %w", err)
	}
	return remote, func() {}, nil
}

// storedOrders is orders for a command that the store answers, so that it works while Temporal
// is away.
func (s *starter) storedOrders(ctx context.Context) (orderDesk, func(), error) {
	if s.gatewayURL != "" || s.variable(gatewayVariable) != "" {
		return s.orders(ctx)
	}
	a, closeStore, err := s.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	temporal, err := assembly.LazyTemporal(s.log(), a.Codec)
	if err != nil {
		closeStore()
		return nil, nil, err
	}
	return a.Desk(temporal), func() {
		temporal.Close()
		closeStore()
	}, nil
}

// atHome refuses a command that needs the database while a gateway is named, so that
// nobody believes that the command went to the gateway.
func (s *starter) atHome() error {
	if s.gatewayURL != "" {
		return usage("this command needs the database: run it without --gateway")
	}
	return nil
}

func (s *starter) apiKey() (domains.Secret, error) {
	if key := s.variable(keyVariable); key != "" {
		return domains.NewSecret(key), nil
	}
	file := s.variable(keyVariable + "_FILE")
	if file == "" {
		return domains.Secret{}, usage("the gateway needs an API key: set %s, or %s_FILE", keyVariable, keyVariable)
	}
	content, err := config.ReadValueFile(file)
	if err != nil {
		return domains.Secret{}, usage("%s_FILE: %w", keyVariable, err)
	}
	return domains.NewSecret(strings.TrimSpace(string(content))), nil
}

// variable returns an environment variable, or "".
func (s *starter) variable(name string) string {
	value := ""
	for _, entry := range s.environment {
		if rest, ok := strings.CutPrefix(entry, name+"="); ok {
			value = rest // the last one wins, as in os.Environ
		}
	}
	return value
}

// find returns the units of work that an ORDER argument names.
func find(ctx context.Context, d orderDesk, argument string) ([]desk.Unit, error) {
	found, err := d.Find(ctx, argument)
	if errors.Is(err, desk.ErrNotFound) {
		return nil, assembly.Exit(assembly.ExitNotFound, fmt.Errorf("there is no order %s; `starter list` shows all orders", argument))
	}
	return found, err
}
