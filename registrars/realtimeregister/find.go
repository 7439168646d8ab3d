package realtimeregister

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister/internal"
)

// Find implements registrars.Registrar: an open process of the request, or otherwise
// the domain itself. A process that ends between the two calls shows in the second.
//
// A domain in this account is treated as the result of a registration or transfer.
// Find cannot tell whether it was there before, because it does not know the time of
// the request; but in that case Check would have refused the request before the first
// submission.
func (r *RealtimeRegister) Find(ctx context.Context, request registrars.Request) (registrars.Finding, error) {
	if err := r.checkFind(request); err != nil {
		return registrars.Finding{}, err
	}
	unclear := registrars.Finding{State: registrars.Unclear}
	list, err := r.processes(ctx, url.Values{
		"identifier:eq": {request.Domain.String()}, "type:eq": {internal.TypeDomain}, "order": {"-createdDate"},
		"limit": {strconv.Itoa(internal.RecentProcesses)},
	})
	if err != nil {
		return registrars.Finding{}, err
	}
	trace := follow(list, request)
	if trace.open != nil {
		return registrars.Finding{State: registrars.FoundOperation, Operation: *trace.open}, nil
	}
	if request.Kind == registrars.Transfer {
		operation, found, err := r.openTransfer(ctx, request)
		switch {
		case err != nil:
			return registrars.Finding{}, err
		case found && operation.Reference != "":
			return registrars.Finding{State: registrars.FoundOperation, Operation: operation}, nil
		}
		trace.perhaps = trace.perhaps || found
	}
	s, _ := serviceFor(request.Kind)
	if s.verdict == nil {
		// The domain does not show it, but the absence of any process does.
		if trace.none && len(list) < internal.RecentProcesses {
			return registrars.Finding{State: registrars.FoundNothing}, nil
		}
		return unclear, nil
	}
	domain, err := r.readState(ctx, request.Domain)
	var state registrars.FindingState
	word := domain.Word
	if err != nil {
		if state, word, err = absent(request, err); err != nil {
			return registrars.Finding{}, err
		}
	} else if state = s.verdict(request, domain); domain.unread(s) {
		state = registrars.Unclear
	}
	switch {
	case state == registrars.FoundObject:
		return request.Found(word), nil
	case state == registrars.FoundNothing && !trace.perhaps:
		return registrars.Finding{State: state}, nil
	}
	return unclear, nil
}

// trace is what the processes of a domain say about a request.
type trace struct {
	open *registrars.Operation // one of its kind that has not ended
	// none says that there is no process of its kind or of an unknown kind, apart from
	// failed and cancelled ones.
	none bool
	// perhaps says that the domain alone does not prove that nothing was done: a process
	// of an unknown kind is open, one cannot be read, or one of its kind, or perhaps of its
	// kind, has brought the domain here and none has taken it away since; or one has restored
	// it, which the domain may not show yet.
	perhaps bool
}

// follow reads the processes of a domain, newest first.
func follow(list []internal.Process, request registrars.Request) trace {
	t := trace{none: true}
	left := false
	for _, process := range list {
		switch {
		case process.Identifier != "" && !strings.EqualFold(process.Identifier, request.Domain.String()):
			continue
		case process.Identifier == "" || process.Unreadable() != "":
			// It stands in the list of this domain, so it may be ours.
			t.none, t.perhaps = false, true
			continue
		}
		operation := processed(process)
		final := operation.Status.Final()
		vain := operation.Status == registrars.StatusFailed || operation.Status == registrars.StatusCancelled
		t.none = t.none && (vain || operation.Kind != request.Kind && operation.Kind != "")
		switch {
		case operation.Kind == request.Kind && !final && t.open == nil:
			t.open = &operation
		case operation.Kind == "" && !final:
			t.perhaps = true
		case operation.Status != registrars.StatusDone:
		case process.Type == internal.TypeDomain && internal.Leaves(process.Action):
			left = true
		case request.Kind == registrars.Restore && !left && operation.Kind == request.Kind:
			t.perhaps = true
		case brings(request.Kind) && !left && (operation.Kind == request.Kind || obscure(process)):
			t.perhaps = true
		}
	}
	return t
}

// obscure reports whether a process may be of any kind. One that ended as done shows in the
// domain: it matters to the kinds that bring the domain here, while the domain is not seen.
// An update never brings one, whatever it changes.
func obscure(process internal.Process) bool {
	return kindOf(process) == "" && (process.Type != internal.TypeDomain || process.Action != internal.ActionUpdate)
}

// brings says which kinds make a domain appear in the account.
func brings(kind registrars.Kind) bool {
	return kind == registrars.Registration || kind == registrars.Transfer
}

// openTransfer reads the latest transfer of a name, if it is under way. An operation without a
// reference means that there may be one: the answer cannot be read.
func (r *RealtimeRegister) openTransfer(ctx context.Context, request registrars.Request) (operation registrars.Operation, found bool, err error) {
	var transfer internal.Transfer
	err = r.read(ctx, "domains/transferinfo", internal.Path("domains", request.Domain.String(), "transfer"), &transfer)
	if err != nil {
		if registrars.ClassOf(err) == registrars.ClassNotFound {
			err = nil
		}
		return operation, false, err
	}
	if len(transfer.Odd) > 0 {
		return operation, true, nil
	}
	status := statusOf(internal.FateOfTransfer(transfer.Status))
	if transfer.Type != "IN" || status.Final() || !internal.IsID(transfer.ProcessID.String()) {
		return operation, false, nil
	}
	return registrars.Operation{
		Reference: transfer.ProcessID.String(), Kind: request.Kind, Domain: request.Domain, Status: status, Word: plainWord(transfer.Status),
	}, true, nil
}

// checkFind checks that the request has what its verdict compares.
func (r *RealtimeRegister) checkFind(request registrars.Request) error {
	const name = "find"
	if broken := request.Incomparable(); broken != nil {
		return broken.In(pluginName, name)
	}
	_, served := serviceFor(request.Kind)
	switch {
	case !served:
		return errs.Unserved(name)
	case request.Kind == registrars.OwnerChange || request.Kind == registrars.ContactChange:
		return checkHandles(request)
	}
	return r.checkSettings(request)
}

// absent judges a domain that could not be read. A refusal to let us read it (403)
// proves nothing.
func absent(request registrars.Request, err error) (state registrars.FindingState, word string, _ error) {
	e, ok := registrars.AsError(err)
	switch {
	case !ok:
		return "", "", err
	case e.Class == registrars.ClassNotFound && e.Code == typeMissing:
		switch request.Kind {
		case registrars.Registration, registrars.Transfer:
			return registrars.FoundNothing, "", nil
		case registrars.Deletion:
			return registrars.FoundObject, "gone", nil
		}
		// The domain was here when the request was made: this needs a person.
		return registrars.Unclear, "", nil
	case e.Class == registrars.ClassNotFound, e.Class == registrars.ClassRejected, e.Class == registrars.ClassInvalid:
		return registrars.Unclear, "", nil
	}
	return "", "", err
}

// The verdicts. They return FoundNothing only if the domain is known to be unchanged,
// because the request is then submitted again.

func arrived(_ registrars.Request, s state) registrars.FindingState {
	if internal.Arrived(s.raw.Status) {
		return registrars.FoundObject
	}
	return registrars.Unclear
}

func renewed(r registrars.Request, s state) registrars.FindingState {
	return r.FoundRenewed(s.Expires)
}

// restored judges by the phase. While a restore is under way, the registry still shows the domain
// in redemption.
func restored(_ registrars.Request, s state) registrars.FindingState {
	if internal.Restoring(s.raw.Status) {
		return registrars.Unclear
	}
	return registrars.FoundRestored(s.Phase)
}

func contactsSet(r registrars.Request, s state) registrars.FindingState {
	compared, same := false, true
	for _, role := range r.Kind.Roles() {
		have, want := s.Handles[role], r.Contacts[role].Handle
		if have == "" || want == "" {
			continue // the top-level domain may not have the role
		}
		compared, same = true, same && strings.EqualFold(have, want)
	}
	if !compared {
		return registrars.Unclear
	}
	return unlessLeaving(s, registrars.FoundIf(same))
}

func delegated(r registrars.Request, s state) registrars.FindingState {
	return unlessLeaving(s, registrars.FoundIf(s.NameServers.Same(r.NameServers)))
}

func deleted(_ registrars.Request, s state) registrars.FindingState {
	switch {
	case internal.Deleted(s.raw.Status):
		return registrars.FoundObject
	case internal.Arrived(s.raw.Status):
		return registrars.FoundNothing
	}
	return registrars.Unclear
}

func switched(r registrars.Request, s state) registrars.FindingState {
	have, want := r.Kind.Switch(s.Settings), r.Kind.Switch(r.Settings)
	if have == nil {
		return registrars.Unclear
	}
	return unlessLeaving(s, registrars.FoundIf(*have == *want))
}

// signedAsAsked compares the keys or digests themselves if they are given. The
// registrar may show DS records for a key that it was given; the domain then proves
// nothing.
func signedAsAsked(r registrars.Request, s state) registrars.FindingState {
	want := r.Settings.DNSSEC
	switch {
	case want.Key != nil && slices.Contains(s.raw.KeyData, keyOf(*want.Key)):
		return unlessLeaving(s, registrars.FoundObject)
	case want.Key != nil && len(s.raw.DSData) > 0:
		return registrars.Unclear
	case want.Key != nil:
		return unlessLeaving(s, registrars.FoundNothing)
	case len(want.DS) > 0:
		return unlessLeaving(s, registrars.FoundIf(sameDS(want.DS, s.raw.DSData)))
	}
	return unlessLeaving(s, registrars.FoundIf(signed(s.raw) == want.Sign))
}

func sameDS(want []domains.DS, have []internal.DSData) bool {
	for _, ds := range want {
		if !slices.ContainsFunc(have, func(d internal.DSData) bool {
			return d.KeyTag == ds.KeyTag && d.Algorithm == ds.Algorithm && d.DigestType == ds.DigestType && strings.EqualFold(d.Digest, ds.Digest)
		}) {
			return false
		}
	}
	return len(want) == len(have)
}

// unlessLeaving returns found, or Unclear for a domain that is being deleted: its
// state proves nothing.
func unlessLeaving(s state, found registrars.FindingState) registrars.FindingState {
	if internal.Leaving(s.raw.Status) {
		return registrars.Unclear
	}
	return found
}
