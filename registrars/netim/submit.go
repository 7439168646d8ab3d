package netim

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim/internal"
	"domainprovisioning/wire/exchange"
)

// Submit implements registrars.Registrar. The contacts must have handles. A
// request that fails because of the DNS check returns an error of ClassTemporary
// even if it left an operation: that operation has ended without effect, and the
// request may be repeated when the zone is there.
func (n *Netim) Submit(ctx context.Context, request registrars.Request) (registrars.Operation, error) {
	if err := checkRequest(request); err != nil {
		return registrars.Operation{}, err
	}
	if err := checkComplete(request); err != nil {
		return registrars.Operation{}, err
	}
	s, _ := serviceFor(request)
	if err := n.checkPaid(ctx, s, request); err != nil {
		return registrars.Operation{}, err
	}
	c := call{name: s.function, writes: true, paid: s.paid, delegates: s.kind.Delegates()}
	var values []internal.Value
	for _, argument := range s.arguments {
		values = append(values, argument(request)...)
	}
	value, err := n.call(exchange.WithClaim(ctx, request.Claim), c, values...)
	if err != nil {
		return registrars.Operation{}, err
	}
	reply, err := internal.ReadOperation(value)
	if err != nil {
		return registrars.Operation{}, failure(c, err)
	}
	if reply.Type != "" && !s.reports(reply.Type) {
		return registrars.Operation{}, errs.UnknownOutcome(c.name, "the answer is about an operation of another kind")
	}
	operation := operationOf(reply, s.kind)
	operation.Domain = request.Domain
	if c.delegates && operation.Status == registrars.StatusFailed && internal.DNSCheckFailed(reply.Message) {
		return registrars.Operation{}, &registrars.Error{
			Registrar: pluginName, Call: c.name, Class: registrars.ClassTemporary, Refused: true, Rule: ruleDNSCheck,
			Detail: reply.Message, After: internal.DNSCheckWait,
		}
	}
	return operation, nil
}

// checkComplete checks for the fields that may be missing at intake, but not here.
func checkComplete(request registrars.Request) error {
	if broken := request.Incomplete(); broken != nil {
		return broken.In(pluginName, "check")
	}
	return checkHandles(request)
}

func checkHandles(request registrars.Request) error {
	for _, role := range request.Kind.Roles() {
		handle := request.Contacts[role].Handle
		if handle == "" || len(handle) > maxHandle {
			return errs.Invalid("check", string(role), "a contact handle of 1 to 12 characters")
		}
	}
	return nil
}

// Operation implements registrars.Registrar with queryOpe. Its answer does not say
// which domain the operation is about.
func (n *Netim) Operation(ctx context.Context, reference string) (registrars.Operation, error) {
	c := call{name: "queryOpe"}
	number, err := operationNumber(c.name, reference)
	if err != nil {
		return registrars.Operation{}, err
	}
	value, err := n.call(ctx, c, internal.Int(number))
	if err != nil {
		return registrars.Operation{}, err
	}
	reply, err := internal.ReadOperation(value)
	if err != nil {
		return registrars.Operation{}, failure(c, err)
	}
	if got, err := strconv.Atoi(reply.ID); err != nil || got != number {
		return registrars.Operation{}, errs.UnknownOutcome(c.name, "the answer is about another operation")
	}
	operation := operationOf(reply, kindOf(reply.Type))
	operation.Reference = reference
	return operation, nil
}

func operationNumber(call, reference string) (int, error) {
	number, err := strconv.Atoi(reference)
	if err != nil || number <= 0 {
		return 0, errs.Invalid(call, "reference", "the number of an operation")
	}
	return number, nil
}

// Cancel implements registrars.Canceller with cancelOpe, which returns nothing.
// The registrar decides whether an operation can still be cancelled, so any
// refusal is of ClassRejected.
func (n *Netim) Cancel(ctx context.Context, reference string) error {
	c := call{name: "cancelOpe", writes: true}
	number, err := operationNumber(c.name, reference)
	if err != nil {
		return err
	}
	if err := n.client.Do(ctx, c.name, internal.Int(number)); err != nil {
		err = failure(c, err)
		if refusal, ok := registrars.AsError(err); ok && refused(err, c.name) {
			refusal.Class, refusal.Field, refusal.Rule = registrars.ClassRejected, "", ""
		}
		return err
	}
	return nil
}

// PendingOperations implements registrars.PendingLister with queryOpePending.
func (n *Netim) PendingOperations(ctx context.Context) (registrars.Pending, error) {
	list, odd, err := n.pending(ctx)
	if err != nil {
		return registrars.Pending{}, err
	}
	pending := registrars.Pending{Operations: make([]registrars.Operation, 0, len(list))}
	for range odd {
		pending.Unreadable = append(pending.Unreadable, registrars.Unreadable{Rule: "id_ope is not a number"})
	}
	for _, entry := range list {
		pending.Operations = append(pending.Operations, entry.Operation)
	}
	return pending, nil
}

// pendingOperation is an operation with its code, because not every code has a
// kind.
type pendingOperation struct {
	registrars.Operation
	code string
	data string // what it is about: a domain, a host or a contact's id
}

// unclear reports whether a member cannot be read that says what the operation is.
func (p pendingOperation) unclear() bool { return p.code == "" || p.data == "" }

// pending reads the list; odd counts what cannot be read of it.
func (n *Netim) pending(ctx context.Context) (_ []pendingOperation, odd int, _ error) {
	c := call{name: "queryOpePending"}
	value, err := n.call(ctx, c)
	if err != nil {
		return nil, 0, err
	}
	list, odd, err := internal.ReadPending(value)
	if err != nil {
		return nil, 0, failure(c, err)
	}
	operations := make([]pendingOperation, 0, len(list))
	for _, entry := range list {
		// The object may be a contact's id or a host. A host that looks like a domain is
		// harmless, because its operation has another kind.
		name, err := domains.ParseName(entry.Data)
		if err != nil {
			name = domains.Name{}
		}
		operations = append(operations, pendingOperation{code: entry.Code, data: entry.Data, Operation: registrars.Operation{
			Reference: entry.ID, Kind: kindOf(entry.Code), Domain: name,
			Status: registrars.StatusPending, Word: "Pending",
		}})
	}
	return operations, odd, nil
}

func operationOf(reply internal.Operation, kind registrars.Kind) registrars.Operation {
	operation := registrars.Operation{
		Reference: reply.ID, Kind: kind,
		Status: statusOf(reply.Status), Word: reply.Status, Reason: reply.Message,
	}
	if kind == registrars.AuthCodeChange && operation.Status == registrars.StatusDone {
		// A text that comes with success may contain the new code.
		operation.Reason = ""
	}
	return operation
}

func statusOf(word string) registrars.Status {
	word = strings.ToLower(word)
	switch {
	case word == "done":
		return registrars.StatusDone
	case word == "pending":
		return registrars.StatusPending
	case slices.Contains([]string{"failed", "error"}, word):
		return registrars.StatusFailed
	case word == "cancelled":
		return registrars.StatusCancelled
	}
	return registrars.StatusUnknown
}
