package workflows_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	standnetim "domainprovisioning/sandbox/standin/netim"
	standoperations "domainprovisioning/sandbox/standin/operations"
	"domainprovisioning/store"
)

// walk is an order that is given up at each of its calls.
type walk struct {
	name, order string
	prepare     func(*outside.World)
	// held says that the domain is in the registrar account before the order.
	held bool
}

func walks(t *testing.T) []walk {
	t.Helper()
	elsewhere := func(w *outside.World) { w.Netim.AddTaken(shop, "KEY-1") }
	nothing := func(*outside.World) {}
	setting := outside.Alter(t, outside.ExistingCustomer, `"transferKey": ""`, `"transferKey": "", "settings": {"lock": true}`)
	contacts := strings.ReplaceAll(withNewOwner(change(`"operation": "contact-change", "contacts": {"tech": 900}`)), "Newowner", "Technician")
	return []walk{
		{"registration with hosting, new customer", outside.NewCustomer, nothing, false},
		{"registration with hosting and a setting", setting, nothing, false},
		{"registration without hosting", outside.DomainOnly, nothing, false},
		{"hosting without a domain", outside.HostingOnly, nothing, false},
		{"transfer", change(`"operation": "transfer", "transferKey": "KEY-1"`), elsewhere, false},
		{"renewal", change(`"operation": "renewal", "transferKey": "", "expires": "2026-06-01"`), owned, true},
		{"restore", restore(t), redeemable, true},
		{"owner change", withNewOwner(change(`"operation": "owner-change", "contacts": {"owner": 900}`)), owned, true},
		{"contact change", contacts, owned, true},
		{"name server change", change(`"operation": "name-server-change", "nameServers": ["ns1.new.example", "ns2.new.example"]`), owned, true},
		{"settings change", change(`"operation": "settings-change", "settings": {"lock": true, "privacy": true}`), owned, true},
		{"adoption", adoptionOf(t, outside.NewCustomer), held(t), true},
	}
}

func (w walk) begin(t *testing.T) *run {
	t.Helper()
	r := begin(t, manual(), w.order, w.prepare)
	// Whatever waits for the registrar ends in the following days.
	for n := range 3 {
		r.after(day*time.Duration(n+1), func() { _ = r.Netim.Complete(shop); r.confirm(fmt.Sprint("event-", n)) }) // nothing may be pending
	}
	return r
}

// TestOrdersOfEveryTypeAreTakenBackFromEachStep: the golden file has, for each call at which an
// order is given up, what has become of the things that it made, in the order of the undo, and what
// is left outside.
func TestOrdersOfEveryTypeAreTakenBackFromEachStep(t *testing.T) {
	var told strings.Builder
	list := walks(t)
	if testing.Short() {
		list = list[:1]
	}
	for _, w := range list {
		whole := w.begin(t)
		whole.finish()
		fmt.Fprintf(&told, "%s\n", w.name)
		for n, call := range whole.sequence {
			if call == "RecordOutcome1" {
				continue // the order is done
			}
			t.Run(w.name+" at "+call, func(t *testing.T) {
				r := w.begin(t)
				r.at[call] = r.CancelWorkflow
				if err := r.execute(); !temporal.IsCanceledError(err) {
					t.Fatalf("got %v", err)
				}
				if !slices.Equal(r.sequence[:n+1], whole.sequence[:n+1]) {
					t.Errorf("it came to %v", r.sequence)
				}
				fmt.Fprintf(&told, "%s\n", r.takenBack(w))
			})
		}
	}
	if testing.Short() {
		return // the file tells of all of them
	}
	golden(t, "taken-back.txt", told.String())
}

// takenBack checks what holds for every order that was given up, and describes how it has ended.
func (r *run) takenBack(w walk) string {
	r.t.Helper()
	progress := r.progress()
	list := undone(progress)
	if progress.State != messages.Cancelled || progress.Attention != nil {
		r.t.Errorf("the order is %s, attention %+v", progress.State, progress.Attention)
	}
	r.closed(store.UnitCancelled)
	r.leaves(strings.Contains(list, " kept") || strings.Contains(list, " could-not"))
	if _, there := r.Netim.Registration(shop); w.held && !there {
		r.t.Error("the domain was in the registrar account before, and is gone")
	}
	ours := slices.ContainsFunc(r.Operations.Accounts(), func(a standoperations.Account) bool { return a.ID == outside.Customer })
	if !strings.Contains(w.order, "password") && !ours {
		r.t.Error("the account was there before, and is gone")
	}
	// A request that is under way may be submitted and withdrawn, or never be submitted.
	var requests []string
	for _, operation := range r.Netim.Operations() {
		switch operation.Status {
		case standnetim.Done:
			requests = append(requests, operation.Code)
		case standnetim.Pending:
			r.t.Errorf("%s goes on at the registrar", operation.Code)
		}
	}
	left := r.Effects(shop)
	left.Creates, left.Contacts = 0, 0
	return fmt.Sprintf("  step %d\n    undo: %s\n    removed: %s\n    carried out at the registrar: %s\n    left: %s", progress.Step, orNothing(list),
		orNothing(strings.Join(r.Operations.Removals(), ", ")), orNothing(strings.Join(requests, ", ")), nonZero(left))
}

// nonZero lists the effects that there are.
func nonZero(effects outside.Effects) string {
	var there []string
	for one := range strings.FieldsSeq(strings.Trim(effects.String(), "{}")) {
		if !strings.HasSuffix(one, ":0") {
			there = append(there, one)
		}
	}
	return orNothing(strings.Join(there, " "))
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}
