package orders

import (
	"slices"
	"strings"

	"domainprovisioning/domains"
)

// amendWords are the names of an amendment, as paths: contacts.owner.phone.number. What an
// amendment has no place for has the name that it has in an order.
type amendWords struct {
	jsonWords

	item, hosting int                  // places of the items; hosting may be none
	roles         map[int]domains.Role // place of an additional contact -> the role that is amended
}

func (w *amendWords) pointer(f Field) string {
	path, _ := w.path(f)
	return path
}

func (w *amendWords) name(o *Order, f Field) string {
	path, ok := w.path(f)
	switch {
	case !ok:
		return w.jsonWords.name(o, f)
	case path == "":
		return "the amendment"
	}
	return steps(path[1:])
}

// path is the JSON pointer of a field; ok is false if an amendment has no place for it.
func (w *amendWords) path(f Field) (pointer string, ok bool) {
	role, known := w.roles[f.at]
	switch {
	case f.part == partItems && f.at == w.item:
		pointer = f.path
	case f.part == partItems && f.at == w.hosting && w.hosting != none:
		pointer = "hosting/" + f.path
	case f.part == partCustomer:
		pointer = "customer/" + f.path
	case f.part == partContacts && known:
		pointer = "contacts/" + string(role) + "/" + strings.TrimPrefix(strings.TrimPrefix(f.path, "contact"), "/")
	default:
		return "", false
	}
	if pointer = strings.TrimSuffix(pointer, "/"); pointer != "" {
		pointer = "/" + pointer
	}
	return pointer, true
}

// amends says which reasons count against an order with an amendment.
type amends struct {
	stored  *Incoming
	touched []Field
	// copied are the places of additional contacts that the amendment made -> whose data they
	// began with.
	copied map[int]Field
}

// counts reports whether a reason refuses the amendment: it is about what the amendment
// replaces, or the stored order does not have it. Without an amendment every reason counts.
func (a *amends) counts(f placed) bool {
	if a == nil {
		return true
	}
	return slices.ContainsFunc(a.touched, f.field.overlaps) ||
		!slices.ContainsFunc(a.stored.found, func(old placed) bool {
			return old.Rule == f.Rule && old.problem == f.problem && (old.field == f.field || old.field == a.source(f.field))
		})
}

// source is the field from which a field of an additional contact was copied; otherwise it is
// the field itself.
func (a *amends) source(f Field) Field {
	from, copied := a.copied[f.at]
	if f.part != partContacts || !copied {
		return f
	}
	from.path = f.path
	return from
}

// overlaps reports whether one of the fields is the other, or a part of it.
func (f Field) overlaps(other Field) bool {
	return f.part == other.part && f.at == other.at && (f.path == other.path || f.holds(other) || other.holds(f))
}

// Everything returns all reasons against the amended order, those that refuse no amendment
// among them.
func (a *Amendment) Everything() Faults {
	faults := make(Faults, min(len(a.found), MaxFaults))
	for n := range faults {
		faults[n] = a.found[n].Fault
	}
	return faults
}

// NewNotes returns the remarks that the stored order does not have.
func (a *Amendment) NewNotes() []Fault {
	return slices.DeleteFunc(slices.Clone(a.notes), func(note Fault) bool { return slices.Contains(a.Stored.notes, note) })
}
