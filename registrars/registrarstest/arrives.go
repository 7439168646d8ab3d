package registrarstest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"domainprovisioning/registrars"
)

// carried carries out requests of every kind in all their contents, each list of them in a fresh
// world, and lets examine look at each one when it is done.
func (e *examination) carried(examine func(registrars.Registrar, World, registrars.Request)) {
	first, _ := e.subject.New(e.t)
	for _, kind := range first.Describe().Kinds {
		for _, list := range e.subject.variants(kind) {
			if len(e.subject.left(list[0].field)) > 0 {
				continue
			}
			r, w := e.subject.New(e.t)
			request := w.Request(kind, 1)
			if kind.HasPeriod() {
				request.Years = 2 // a year may be a default
			}
			for turn, variant := range list {
				variant.apply(&request)
				request.Key = fmt.Sprintf("%s/%d", request.Key, turn)
				if !e.carriesOut(r, w, request) {
					break
				}
				examine(r, w, request)
			}
		}
	}
}

// carriesOut submits a request and sees it done.
func (e *examination) carriesOut(r registrars.Registrar, w World, request registrars.Request) bool {
	if err := r.Check(e.t.Context(), request); err != nil {
		e.find("%s: Check: %v", request.Kind, err)
		return false
	}
	operation, err := r.Submit(e.t.Context(), request)
	if err == nil && operation.Status == registrars.StatusPending {
		operation, err = r.Operation(e.t.Context(), operation.Reference)
	}
	if err == nil && operation.Status == registrars.StatusPending {
		err = w.Finish(request.Domain)
		operation.Status = registrars.StatusDone
	}
	if err != nil || operation.Status != registrars.StatusDone {
		e.find("%s: it is not carried out: %s, %v", request.Kind, operation.Status, err)
		return false
	}
	return true
}

// arrives compares what was requested with what the registrar holds of it, field by field.
// A field that the registrar has no place for is named with a reason; nothing is skipped.
func arrives(e *examination) {
	used := map[string]bool{}
	e.carried(func(r registrars.Registrar, w World, request registrars.Request) {
		d := r.Describe()
		asked, err := e.subject.fieldsOf(request, d)
		if err != nil {
			e.find("%v", err)
			return
		}
		e.differ(request.Kind, asked)
		if len(asked) == 0 {
			return
		}
		held, there := w.Arrived(request.Kind, request.Domain)
		if !there {
			held = registrars.Request{}
		}
		held.Kind, held.Domain = request.Kind, request.Domain
		// What is held joined already comes in the first of its fields.
		arrived, err := e.subject.fieldsOf(held, d)
		if err != nil {
			e.find("%v", err)
			return
		}
		for _, field := range slices.Sorted(maps.Keys(asked)) {
			for _, pattern := range e.subject.left(field) {
				used[pattern] = true
			}
			e.compares(request.Kind, field, asked[field], arrived[field])
			delete(arrived, field)
		}
		for _, field := range slices.Sorted(maps.Keys(arrived)) {
			if arrived[field] != "" {
				e.find("%s: %s arrives, and was not requested", request.Kind, field)
			}
		}
	})
	for pattern, reason := range e.subject.NotCarried {
		if strings.TrimSpace(reason) == "" {
			e.find("%s is not carried, and no reason is given", pattern)
		}
		if !used[pattern] && !e.leftOut(pattern) {
			e.find("%s is not carried, and no request has it", pattern)
		}
	}
}

// leftOut reports whether a pattern is that of a variant that is left out.
func (e *examination) leftOut(pattern string) bool {
	first, _ := e.subject.New(e.t)
	for _, kind := range first.Describe().Kinds {
		for _, list := range e.subject.variants(kind) {
			if slices.Contains(e.subject.left(list[0].field), pattern) {
				return true
			}
		}
	}
	return false
}

func (e *examination) compares(kind registrars.Kind, field, asked, arrived string) {
	left := e.subject.left(field)
	switch {
	case len(left) > 0 && arrived != "":
		e.find("%s: %s arrives, and is said not to be carried: %s", kind, field, left[0])
	case len(left) > 0:
	case asked == "":
		e.find("%s: the request of the World has no %s, and nothing says that it is not carried", kind, field)
	case arrived == "":
		e.find("%s: %s does not arrive", kind, field)
	case arrived != asked:
		e.find("%s: %s arrives as %q, want %q", kind, field, arrived, asked)
	}
}

// differ examines the World's request: contacts and name servers that have a value in common
// could be exchanged without being seen.
func (e *examination) differ(kind registrars.Kind, asked fields) {
	by := map[string]string{}
	for _, field := range slices.Sorted(maps.Keys(asked)) {
		value := asked[field]
		prefix, _, _ := strings.Cut(field, ".")
		if value == "" || prefix != "nameServers" && !slices.Contains(kind.Roles(), registrars.Role(prefix)) {
			continue
		}
		if other, taken := by[value]; taken {
			e.find("%s: the request has one value in %s and %s", kind, other, field)
		}
		by[value] = field
	}
}

// readsBack compares what the plug-in reads of a domain with what was requested. What it does
// not read is zero.
func readsBack(e *examination) {
	e.carried(func(r registrars.Registrar, _ World, request registrars.Request) {
		kind := request.Kind
		domain, err := r.ReadDomain(e.t.Context(), request.Domain)
		if kind == registrars.Deletion {
			if err == nil && domain.Active {
				e.find("%s: the domain is still read as registered", kind)
			}
			return
		}
		if err != nil || domain.Name != request.Domain {
			e.find("%s: ReadDomain: %s, %v", kind, domain.Name, err)
			return
		}
		carried := !bare(kind, r.Describe())
		if carried && kind.Delegates() && domain.NameServers != nil && !domain.NameServers.Same(request.NameServers) {
			e.find("%s: the name servers are read as %v", kind, domain.NameServers)
		}
		for _, role := range kind.Roles() {
			if handle := request.Contacts[role].Handle; carried && domain.Handles[role] != "" && domain.Handles[role] != handle {
				e.find("%s: the contact %s is read as %q, want %q", kind, role, domain.Handles[role], handle)
			}
		}
		e.readsExpiry(request, domain)
		if have, want := kind.Switch(domain.Settings), kind.Switch(request.Settings); have != nil && want != nil && *have != *want {
			e.find("%s: it is read as %t", kind, *have)
		}
		if have := domain.Settings.DNSSEC; kind == registrars.DNSSECChange && have != nil && have.Sign != request.Settings.DNSSEC.Sign {
			e.find("%s: it is read as signed: %t", kind, have.Sign)
		}
	})
}

// readsExpiry compares the date of a domain that was registered or renewed.
func (e *examination) readsExpiry(request registrars.Request, domain registrars.Domain) {
	if !request.Kind.HasPeriod() || domain.Expires.IsZero() {
		return
	}
	from := request.Expires
	if request.Kind == registrars.Registration {
		from = time.Now()
	}
	if want := from.AddDate(request.Years, 0, 0); !registrars.NearlySameDay(domain.Expires, want) {
		e.find("%s: it is read as expiring on %s, want %s", request.Kind, domain.Expires.Format(time.DateOnly), want.Format(time.DateOnly))
	}
}

// refusesExtra: additional fields that do not arrive are refused, each by its name.
func refusesExtra(e *examination) {
	const field = "shoeSize"
	first, _ := e.subject.New(e.t)
	for _, kind := range first.Describe().Kinds {
		if !slices.Contains(kind.Roles(), registrars.Owner) || len(e.subject.left("owner.extra."+field)) == 0 {
			continue
		}
		r, w := e.subject.New(e.t)
		request := w.Request(kind, 1)
		owner := request.Contacts[registrars.Owner]
		owner.Extra = map[string]string{field: "44"}
		request.Contacts[registrars.Owner] = owner
		err := r.Check(e.t.Context(), request)
		class := e.trouble(r, string(kind)+": Check with an additional field", err)
		if refusal, ok := registrars.AsError(err); class != registrars.ClassInvalid || !ok || refusal.Field != "owner."+field {
			e.find("%s: an additional field would be lost, and its refusal does not name it: %v", kind, err)
		}
	}
}
