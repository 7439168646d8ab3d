package realtimeregister

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister/internal"
)

// Operation implements registrars.Registrar: here an operation is a process.
func (r *RealtimeRegister) Operation(ctx context.Context, reference string) (registrars.Operation, error) {
	process, err := r.process(ctx, reference)
	if err != nil {
		return registrars.Operation{}, err
	}
	return processed(process), nil
}

func (r *RealtimeRegister) process(ctx context.Context, reference string) (internal.Process, error) {
	const name = "processes/get"
	var process internal.Process
	if !internal.IsID(reference) {
		return process, errs.Invalid(name, "reference", "the number of a process")
	}
	if err := r.read(ctx, name, internal.Path("processes", reference), &process); err != nil {
		return process, err
	}
	if process.ID.String() != reference || process.Status == "" {
		return process, &registrars.Error{
			Registrar: pluginName, Call: name, Class: registrars.ClassTemporary,
			Err: &internal.MalformedError{Why: "it is about another process, or has no status"},
		}
	}
	return process, nil
}

// processed converts a process to an operation.
func processed(process internal.Process) registrars.Operation {
	operation := registrars.Operation{
		Reference: process.ID.String(), Kind: kindOf(process), Status: statusOf(internal.FateOf(process.Status)),
		Word: plainWord(process.Status), Reason: process.Error.Message,
	}
	if operation.Reason == "" {
		operation.Reason = process.StatusDetail
	}
	if process.Type == internal.TypeDomain {
		if name, err := domains.ParseName(process.Identifier); err == nil {
			operation.Domain = name
		}
	}
	if operation.Kind == registrars.AuthCodeChange && operation.Status == registrars.StatusDone {
		// A text that comes with success may contain the new code.
		operation.Reason = ""
	}
	return operation
}

// updateKinds gives the kind of an update by the member that it changes.
var updateKinds = map[string]registrars.Kind{
	"registrant": registrars.OwnerChange, "contacts": registrars.ContactChange, "ns": registrars.NameServerChange,
	"authcode": registrars.AuthCodeChange, "status": registrars.LockChange, "privacyProtect": registrars.PrivacyChange,
	"autoRenew": registrars.AutoRenewalChange, "keyData": registrars.DNSSECChange, "dsData": registrars.DNSSECChange,
}

// kindOf returns the kind of a process; "" for a kind that we never ask for, and for a
// process that does not determine the kind.
func kindOf(process internal.Process) registrars.Kind {
	if process.Type != internal.TypeDomain {
		return ""
	}
	switch process.Action {
	case internal.ActionCreate:
		return registrars.Registration
	case internal.ActionIncoming, internal.ActionInternal:
		return registrars.Transfer
	case internal.ActionRenew:
		return registrars.Renewal
	case internal.ActionRestore:
		return registrars.Restore
	case internal.ActionDelete:
		return registrars.Deletion
	case internal.ActionUpdate:
		member := internal.UpdateOf(process.Command)
		if member != "zone" {
			return updateKinds[member]
		}
		switch internal.ZoneUpdateOf(process.Command[member]) {
		case "template":
			return registrars.ZoneReset
		case "dnssec":
			return registrars.DNSSECChange
		}
	}
	return ""
}

// maxPages limits a list to 300,000 open processes, which takes a minute to read at the rate of
// requests that is kept to.
const maxPages = 300

// PendingOperations implements registrars.PendingLister: it lists the processes of
// domains that have no final status, whatever the word, a thousand per page. A process
// that ends while the pages are read may be missing; it is then read by its number.
func (r *RealtimeRegister) PendingOperations(ctx context.Context) (registrars.Pending, error) {
	var pending registrars.Pending
	for page := range maxPages {
		list, err := r.processes(ctx, url.Values{
			"type:eq": {internal.TypeDomain}, "status:not_in": {internal.FinalStatuses()}, "order": {"id"},
			"limit": {strconv.Itoa(internal.PageSize)}, "offset": {strconv.Itoa(page * internal.PageSize)},
		})
		if err != nil {
			return registrars.Pending{}, err
		}
		for _, process := range list {
			if rule := process.Unreadable(); rule != "" {
				pending.Unreadable = append(pending.Unreadable, unreadable(process, rule))
				continue
			}
			if operation := processed(process); !operation.Status.Final() {
				pending.Operations = append(pending.Operations, operation)
			}
		}
		if len(list) < internal.PageSize {
			return pending, nil
		}
	}
	return registrars.Pending{}, &registrars.Error{
		Registrar: pluginName, Call: nameList, Class: registrars.ClassTemporary,
		Rule: "more than " + strconv.Itoa(maxPages*internal.PageSize) + " open processes",
	}
}

const nameList = "processes/list"

// unreadable is a process without a number or a status.
func unreadable(process internal.Process, rule string) registrars.Unreadable {
	item := registrars.Unreadable{Rule: rule}
	if internal.IsID(process.ID.String()) {
		item.Reference = process.ID.String()
	}
	return item
}

// processes reads a page of processes. One that is Unreadable may be any process: nothing may
// be concluded from its absence.
func (r *RealtimeRegister) processes(ctx context.Context, query url.Values) ([]internal.Process, error) {
	var list internal.ProcessList
	if err := r.read(ctx, nameList, "processes?"+query.Encode(), &list); err != nil {
		return nil, err
	}
	return list.Processes, nil
}

// Cancel implements registrars.Canceller. The registrar decides whether a process can
// still be withdrawn.
func (r *RealtimeRegister) Cancel(ctx context.Context, reference string) error {
	const name = "processes/cancel"
	process, err := r.process(ctx, reference)
	if err != nil {
		return err
	}
	rejected := &registrars.Error{Registrar: pluginName, Call: name, Class: registrars.ClassRejected, Rule: "the process cannot be withdrawn in this state"}
	if !slices.ContainsFunc(process.ResumeTypes, func(word string) bool { return strings.EqualFold(word, "CANCEL") }) {
		return rejected
	}
	_, err = r.do(ctx, call{Call: internal.Call{Method: http.MethodDelete, Path: internal.Path("processes", reference), Writes: true}, name: name})
	if e, ok := registrars.AsError(err); ok && (e.Class == registrars.ClassInvalid || e.Class == registrars.ClassRejected) {
		rejected.Code, rejected.Detail = e.Code, e.Detail
		return rejected
	}
	return err
}
