package netim

import (
	"context"
	"strings"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim/internal"
)

// Find implements registrars.Registrar: the pending operation of the request, or
// otherwise the domain itself. An operation that ends between the two calls shows in
// the second.
//
// A domain in this account is treated as the result of a registration or transfer.
// Find cannot tell whether it was there before, because it does not know the time of
// the request; but in that case Check would have refused the request before the
// first submission. Find does not compare the holder either, because a person may
// have corrected the contact since.
func (n *Netim) Find(ctx context.Context, request registrars.Request) (registrars.Finding, error) {
	if err := checkFind(request); err != nil {
		return registrars.Finding{}, err
	}
	s, _ := serviceFor(request)
	pending, odd, err := n.pending(ctx)
	if err != nil {
		return registrars.Finding{}, err
	}
	unclear := registrars.Finding{State: registrars.Unclear}
	perhaps := odd > 0 // what cannot be read may be ours
	for _, operation := range pending {
		if operation.data != "" && operation.Domain != request.Domain {
			continue
		}
		if operation.unclear() {
			perhaps = perhaps || operation.Kind == "" || operation.Kind == request.Kind
			continue
		}
		if operation.Kind == request.Kind {
			return registrars.Finding{State: registrars.FoundOperation, Operation: operation.Operation}, nil
		}
		// A setting that the registrar lists without its name may be ours. So may an
		// operation with an unknown code: we do not submit a paid request beside it.
		perhaps = perhaps || operation.Kind == "" &&
			(s.paid && aboutDomain(operation.code) || strings.EqualFold(operation.code, s.function))
	}
	if s.verdict == nil {
		return unclear, nil
	}
	domain, err := n.readState(ctx, request.Domain)
	if err != nil {
		finding, err := absent(request, err)
		if perhaps && finding.State == registrars.FoundNothing {
			finding = unclear
		}
		return finding, err
	}
	switch found := s.verdict(request, domain); {
	case found == registrars.FoundObject:
		return request.Found(domain.Word), nil
	case found == registrars.FoundNothing && !perhaps:
		return registrars.Finding{State: found}, nil
	}
	return unclear, nil
}

// aboutDomain reports whether a code is that of a domain operation, not of a contact
// or host.
func aboutDomain(code string) bool { return strings.HasPrefix(strings.ToLower(code), "domain") }

// checkFind checks that the request has what its verdict compares.
func checkFind(request registrars.Request) error {
	const name = "find"
	if broken := request.Incomparable(); broken != nil {
		return broken.In(pluginName, name)
	}
	switch {
	case !serves(request.Kind):
		return errs.Unserved(name)
	case request.Kind == registrars.OwnerChange || request.Kind == registrars.ContactChange:
		return checkHandles(request)
	}
	return checkSettings(request)
}

// absent interprets a refusal of domainInfo.
func absent(request registrars.Request, err error) (registrars.Finding, error) {
	switch registrars.ClassOf(err) {
	case registrars.ClassNotFound:
		switch request.Kind {
		case registrars.Registration, registrars.Transfer:
			return registrars.Finding{State: registrars.FoundNothing}, nil
		case registrars.Deletion:
			e, _ := registrars.AsError(err)
			return request.Found(e.Code), nil
		}
		// The domain was here when the request was made: this needs a person.
		return registrars.Finding{State: registrars.Unclear}, nil
	case registrars.ClassRejected, registrars.ClassInvalid, registrars.ClassOutcomeUnknown:
		// The registrar answered, but not in a way that means "not here".
		return registrars.Finding{State: registrars.Unclear}, nil
	}
	return registrars.Finding{}, err
}

// The verdicts. They return FoundNothing only if the domain is known to be
// unchanged, because the request is then submitted again.

func arrived(_ registrars.Request, s state) registrars.FindingState {
	if s.Active {
		return registrars.FoundObject
	}
	return registrars.Unclear
}

// transferred handles one more case: the domain was here once and has left.
func transferred(_ registrars.Request, s state) registrars.FindingState {
	switch {
	case s.Active:
		return registrars.FoundObject
	case internal.Gone(s.Word):
		return registrars.FoundNothing
	}
	return registrars.Unclear
}

func renewed(r registrars.Request, s state) registrars.FindingState {
	return unlessGone(s, r.FoundRenewed(s.Expires))
}

func restored(_ registrars.Request, s state) registrars.FindingState {
	return registrars.FoundRestored(s.Phase)
}

func contactsSet(r registrars.Request, s state) registrars.FindingState {
	found := registrars.FoundObject
	for _, role := range r.Kind.Roles() {
		switch have := s.Handles[role]; {
		case have == "":
			return registrars.Unclear
		case !strings.EqualFold(have, r.Contacts[role].Handle):
			found = registrars.FoundNothing
		}
	}
	return unlessGone(s, found)
}

func delegated(r registrars.Request, s state) registrars.FindingState {
	return unlessGone(s, registrars.FoundIf(s.NameServers.Same(r.NameServers)))
}

func deleted(_ registrars.Request, s state) registrars.FindingState {
	switch {
	case internal.Deleted(s.Word):
		return registrars.FoundObject
	case s.Active:
		return registrars.FoundNothing
	}
	return registrars.Unclear // a deletion may lead to quarantine, and so may an expiry
}

func switched(r registrars.Request, s state) registrars.FindingState {
	have := r.Kind.Switch(s.Settings)
	if have == nil {
		return registrars.Unclear
	}
	return unlessGone(s, registrars.FoundIf(*have == *r.Kind.Switch(r.Settings)))
}

func signed(r registrars.Request, s state) registrars.FindingState {
	if s.Settings.DNSSEC == nil {
		return registrars.Unclear
	}
	return unlessGone(s, registrars.FoundIf(s.Settings.DNSSEC.Sign == r.Settings.DNSSEC.Sign))
}

func keysKnown(r registrars.Request, s state) registrars.FindingState {
	var wanted []string
	if key := r.Settings.DNSSEC.Key; key != nil {
		wanted = append(wanted, key.PublicKey)
	}
	for _, ds := range r.Settings.DNSSEC.DS {
		wanted = append(wanted, ds.Digest)
	}
	if internal.ProvesDNSSEC(s.dnssec, wanted) {
		return unlessGone(s, registrars.FoundObject)
	}
	return registrars.Unclear
}

// unlessGone returns found, or Unclear for a domain that has left: its last state
// proves nothing.
func unlessGone(s state, found registrars.FindingState) registrars.FindingState {
	if internal.Gone(s.Word) {
		return registrars.Unclear
	}
	return found
}
