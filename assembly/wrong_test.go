package assembly_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"domainprovisioning/intake"
	"domainprovisioning/orders"
)

// wrong is an order that must be refused.
type wrong struct {
	name   string
	change change
	want   []reason
	// listWant are the reasons of the list, where they are others.
	listWant []reason
	// only is the form that has a place for the fault; "" means both.
	only string
	// inJSON and inList make a document wrong in a way that only its form knows.
	inJSON func(string) string
	inList func([]any) []any
	inXML  func(string) string
}

const (
	onlyJSON = "json"
	onlyList = "list"
)

// reason is why an order is refused. The text consists of the caller's name of the field
// and of what part is in. A part that begins with "=" is the beginning of a text that is a
// sentence of its own, and one with "*" the end of a text about what has no name.
type reason struct {
	rule          int
	pointer, part string
}

// forms returns the documents of an order by their form, and the ids of its items and
// contacts.
func (w wrong) forms(t *testing.T) (documents map[string]string, ids ids) {
	t.Helper()
	made := func() *order {
		o := newOrder()
		if w.change != nil {
			w.change(o)
		}
		return o
	}
	for _, item := range made().items {
		ids.items = append(ids.items, item.id)
	}
	for _, contact := range made().contacts {
		ids.contacts = append(ids.contacts, contact.id)
	}
	all := map[string]string{}
	if w.only != onlyList {
		all[onlyJSON] = made().json(t)
		if w.inJSON != nil {
			all[onlyJSON] = w.inJSON(all[onlyJSON])
		}
	}
	if w.only != onlyJSON {
		values := made().list()
		if w.inList != nil {
			values = w.inList(values)
		}
		all[onlyList] = call(t, values)
		if w.inXML != nil {
			all[onlyList] = w.inXML(all[onlyList])
		}
	}
	return all, ids
}

// ids are those of items and additional contacts, by which the list names them.
type ids struct{ items, contacts []int }

func (i ids) of(list []int, place string) int {
	if at, err := strconv.Atoi(place); err == nil && at < len(list) {
		return list[at]
	}
	return -1
}

// TestWrongOrdersAreRefusedWhenTheyCome places and rehearses orders that the product can
// know to be wrong: each is refused for exactly these reasons, and leaves nothing.
func TestWrongOrdersAreRefusedWhenTheyCome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before, calls := w.effects(t), len(w.calls())
	seen := map[int]bool{}
	var inBoth, documents int
	names := map[string]bool{}
	for _, c := range slices.Concat(wrongNames(), wrongPlans(), wrongServers(), wrongPeople(), wrongAtRegistrars(), wrongOperations(), wrongForms(), wrongJSON(), wrongLists()) {
		if names[c.name] {
			t.Errorf("two orders are called %q", c.name)
		}
		names[c.name] = true
		forms, ids := c.forms(t)
		inBoth += len(forms) / 2
		for _, form := range slices.Sorted(maps.Keys(forms)) {
			documents++
			want := c.want
			if form == onlyList && c.listWant != nil {
				want = c.listWant
			}
			w.mustRefuse(t, c.name+" ("+form+")", form, forms[form], ids, want, seen)
			if after := w.effects(t); after != before {
				t.Errorf("%s (%s) left something:\n%s\nbefore:\n%s", c.name, form, after, before)
				w = newWorld(t) // the others are not to be blamed for it
				before, calls, documents = w.effects(t), len(w.calls()), 0
			}
		}
	}
	if inBoth < 120 {
		t.Errorf("%d orders in both forms", inBoth)
	}
	if got, err := w.store.Refusals(t.Context()); got != documents || err != nil {
		t.Errorf("%d refusals are recorded of %d orders, %v", got, documents, err)
	}
	w.wasOnlyAsked(t, calls)
	// Rules are numbered without a gap.
	for rule := orders.RuleSlotCounter; rule <= orders.RuleSubscription; rule++ {
		if !seen[rule] && rule != orders.RuleContactUnused { // which is a note
			t.Errorf("no order breaks rule %d", rule)
		}
	}
}

func (w *world) mustRefuse(t *testing.T, name, form, document string, ids ids, want []reason, seen map[int]bool) {
	t.Helper()
	_, err := w.intake.Place(t.Context(), []byte(document))
	refusal, ok := errors.AsType[*intake.Refusal](err)
	if !ok {
		t.Errorf("%s: got %v", name, err)
		return
	}
	faults, _ := errors.AsType[orders.Faults](err)
	left := slices.Clone(want)
	for n, text := range refusal.Reasons {
		rule, pointer := 0, refusal.Pointers[n]
		if len(faults) > 0 {
			rule = faults[n].Rule
		}
		seen[rule] = true
		at := slices.IndexFunc(left, func(r reason) bool { return r.rule == rule && r.pointer == pointer && r.saidIn(form, ids, text) })
		if at < 0 {
			t.Errorf("%s: unexpected {%d, %q, %q}", name, rule, pointer, text)
			continue
		}
		left = slices.Delete(left, at, at+1)
	}
	for _, missing := range left {
		t.Errorf("%s: lacks %+v", name, missing)
	}
	plan, err := w.rehearsal.Rehearse(t.Context(), []byte(document))
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	var rehearsed, placed []string
	for n, text := range refusal.Reasons {
		placed = append(placed, refusal.Pointers[n]+" "+text)
	}
	for _, r := range plan.Refusals {
		rehearsed = append(rehearsed, r.Pointer+" "+r.Detail)
	}
	if plan.Accepted || len(plan.Units) != 0 || !slices.Equal(rehearsed, placed) {
		t.Errorf("%s: the rehearsal says\n%s\nand the intake\n%s", name, strings.Join(rehearsed, "\n"), strings.Join(placed, "\n"))
	}
}

// saidIn reports whether a text gives the reason in the words of a form.
func (r reason) saidIn(form string, ids ids, text string) bool {
	if whole, ok := strings.CutPrefix(r.part, "="); ok {
		return strings.HasPrefix(text, whole)
	}
	if end, ok := strings.CutPrefix(r.part, "*"); ok {
		return strings.HasSuffix(text, end)
	}
	after, named := strings.CutPrefix(text, r.named(form, ids)+" ")
	return named && strings.Contains(after, r.part)
}

// named is what a form calls the field.
func (r reason) named(form string, ids ids) string {
	steps := strings.Split(strings.TrimPrefix(r.pointer, "/"), "/")
	if form == onlyJSON {
		return jsonName(steps)
	}
	switch steps[0] {
	case "items":
		return fmt.Sprintf("item %d: %s", ids.of(ids.items, steps[1]), listName(steps[2:]))
	case "additionalContacts":
		return fmt.Sprintf("additional contact %d: %s", ids.of(ids.contacts, steps[1]), strings.Replace(listName(steps[2:]), "ProvisioningItemID", "AdditionalContactID", 1))
	case "customer":
		return "ContactData: " + listName(steps[1:])
	case "payment":
		return "PayTool: " + steps[1]
	}
	return steps[0]
}

// jsonName writes a path as programs do.
func jsonName(steps []string) string {
	name := steps[0]
	for _, step := range steps[1:] {
		if _, err := strconv.Atoi(step); err == nil {
			name += "[" + step + "]"
		} else {
			name += "." + step
		}
	}
	return name
}

// listName is what the list calls a field of an item or of a person.
func listName(steps []string) string {
	path := strings.Join(steps, "/")
	for name, place := range places {
		if place == path {
			return name
		}
	}
	switch path {
	case "id":
		return "ProvisioningItemID"
	case "planId":
		return "PlanID"
	case "periodId":
		return "PlanPeriodID"
	case "parentId":
		return "ParentItemID"
	case "nameServers":
		return "the name servers"
	case "contact/phone":
		return "PhoneNumberID"
	case "contact/fax":
		return "FaxNumberID"
	}
	switch last := steps[len(steps)-1]; steps[0] {
	case "settings":
		return "DomainSettings: " + jsonName(steps[1:])
	case "apsDefaults":
		return "aps_defaults_" + last
	default:
		return last
	}
}
