package orders

import (
	"fmt"
	"slices"
	"strings"
)

// Incoming is an order that has come, as far as it could be read, with every reason to
// refuse it that has been found so far. The readers find those of the form and of the
// order itself; Catalog.Resolve and the intake add theirs.
type Incoming struct {
	// Order holds what could be read. It is the order that was meant only if Readable
	// reports true.
	Order *Order

	rules Rules
	words words
	found []placed
	// marked are the pointers of all faults, so that one mistake is not named twice.
	marked map[string]bool
	// unreadable: something of the order is not in Order.
	unreadable bool
	// Parts of which nothing is said to be missing, because not all of it was read.
	itemsUnread, customerUnread bool
	// cutItem is the place of the item in whose parameters the list ends, or none.
	cutItem int
	notes   []Fault
	// registrarsOnly are the additional contacts that are for the registrar alone and never
	// become users.
	registrarsOnly map[int]bool
	// amends is set for an order with an amendment.
	amends *amends
}

type placed struct {
	Fault

	field Field
	// problem is the message without the name of the field.
	problem string
}

// words names fields as a form of the order does.
type words interface {
	// name returns what goes before a problem, such as "item 1: DomainID".
	name(o *Order, f Field) string
	// pointer returns the JSON pointer of a field, for callers.
	pointer(f Field) string
	// operations lists the operations that can be ordered in the form.
	operations() string
	// addresses says how the addresses of a name server are given in the form.
	addresses() string
}

func newIncoming(rules Rules, words words) *Incoming {
	return &Incoming{Order: &Order{}, rules: rules, words: words, marked: map[string]bool{}, cutItem: none}
}

// Readable reports whether all of the order could be read. It is then the order that was
// meant, and can be compared with others, even if it is refused.
func (in *Incoming) Readable() bool { return !in.unreadable }

// Name is what the caller calls a field.
func (in *Incoming) Name(field Field) string { return in.words.name(in.Order, field) }

// Refuse adds a reason to refuse the order. The problem completes a sentence that begins
// with the name of the field.
func (in *Incoming) Refuse(rule int, field Field, problem string) {
	in.add(in.about(rule, field, problem))
}

// RefuseOnce is Refuse, unless the same has been said.
func (in *Incoming) RefuseOnce(rule int, field Field, problem string) {
	if same := in.about(rule, field, problem); !slices.Contains(in.found, same) {
		in.add(same)
	}
}

// RefuseFor adds a reason that is a sentence of its own.
func (in *Incoming) RefuseFor(rule int, field Field, message string) {
	in.add(placed{Fault{rule, in.words.pointer(field), message}, field, message})
}

// Refused reports whether a reason about the field has been found.
func (in *Incoming) Refused(field Field) bool { return in.marked[field.Pointer()] }

// RefusedNear reports whether a rule other than the given one refuses the field, a part of it,
// or what holds it: a second reason would not help.
func (in *Incoming) RefusedNear(field Field, but int) bool {
	return slices.ContainsFunc(in.found, func(f placed) bool {
		return f.Rule != but && f.field.part == field.part && f.field.at == field.at &&
			(f.field.path == field.path || f.field.holds(field) || field.holds(f.field))
	})
}

// holds reports whether the other field of the same element is a part of this one. The
// element as a whole does not count.
func (f Field) holds(other Field) bool {
	return f.path != "" && strings.HasPrefix(other.path, f.path+"/")
}

// refusedAround reports whether a reason about the field has been found, or about what holds
// it, short of a whole section.
func (in *Incoming) refusedAround(field Field) bool {
	for ; field.path != ""; field.path = field.path[:max(0, strings.LastIndexByte(field.path, '/'))] {
		if in.Refused(field) {
			return true
		}
	}
	return false
}

// refusedIn reports whether a reason about the field, or a part of it, has been found.
func (in *Incoming) refusedIn(field Field) bool {
	path := field.Pointer()
	for marked := range in.marked {
		if marked == path || strings.HasPrefix(marked, path+"/") {
			return true
		}
	}
	return false
}

// Note adds a remark that refuses nothing. The text completes a sentence that begins with
// the name of the field.
func (in *Incoming) Note(rule int, field Field, text string) {
	in.notes = append(in.notes, Fault{rule, in.words.pointer(field), in.words.name(in.Order, field) + " " + text})
}

// Notes returns the remarks.
func (in *Incoming) Notes() []Fault { return in.notes }

// Err returns Faults, or nil for an order that is accepted so far.
func (in *Incoming) Err() error {
	slices.SortStableFunc(in.found, func(a, b placed) int {
		return slices.Compare(a.field.rank(), b.field.rank())
	})
	var faults Faults
	for _, f := range in.found {
		if in.amends.counts(f) && len(faults) < MaxFaults {
			faults = append(faults, f.Fault)
		}
	}
	if faults == nil {
		return nil
	}
	return faults
}

func (in *Incoming) refuse(rule int, field Field, format string, args ...any) {
	in.Refuse(rule, field, fmt.Sprintf(format, args...))
}

// unread is refuse for something that could not be read.
func (in *Incoming) unread(rule int, field Field, format string, args ...any) {
	in.unreadable = true
	in.refuse(rule, field, format, args...)
}

func (in *Incoming) about(rule int, field Field, problem string) placed {
	return placed{Fault{rule, in.words.pointer(field), in.words.name(in.Order, field) + " " + problem}, field, problem}
}

func (in *Incoming) add(reason placed) {
	in.marked[reason.field.Pointer()] = true
	in.found = append(in.found, reason)
}

// rank sorts faults by the parts of the order.
func (f Field) rank() []int {
	first, _, _ := strings.Cut(f.path, "/")
	within := 0
	switch f.part {
	case partItems:
		within = 1 + slices.Index(itemPaths(), first)
	case partCustomer, partContacts:
		at := slices.IndexFunc(personFields, func(field personField) bool { return field.path == f.path })
		if within = 1 + at; at < 0 && f.path != "" {
			within = len(personFields) + 1
		}
	case partHead:
		within = slices.Index([]string{"", "number", "vendorAccountId"}, first)
	}
	return []int{int(f.part), f.at, within}
}

// itemPaths are the fields of an item in the JSON form.
func itemPaths() []string {
	return []string{
		"id", "planId", "periodId", "parentId", "operation", "domain", "transferKey", "contacts", "nameServers",
		"settings", "expires", "language", "subscriptionId", "parameters", "apsDefaults", "parameterOrder",
	}
}
