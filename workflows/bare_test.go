package workflows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	standepp "domainprovisioning/sandbox/standin/epp"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/store"
)

const (
	transferKey = "Key-of-the-other-1"
	ownerStep   = 15 // after the model, Billing and the auth code
	serversStep = 17
)

// bare is a run of a transfer at a registry where a domain comes as it is.
type bare struct {
	*run
	registry *standepp.Server
}

// beginBare begins a transfer with some more fields of its item.
func beginBare(t *testing.T, more string) *bare {
	t.Helper()
	b := &bare{}
	b.run = begin(t, outside.Options{}, outside.Alter(t, outside.NewCustomer, `"registration"`, `"transfer"`, `"transferKey": ""`,
		`"transferKey": "`+transferKey+`"`+more), func(w *outside.World) {
		b.registry = w.UseRegistry(t)
		b.registry.AddElsewhere(shop, transferKey, false)
	})
	return b
}

// count is how often the registry was asked for each change.
func (b *bare) count() map[string]int {
	counts := map[string]int{}
	for _, label := range []string{"create", "transfer", "update:registrant", "update:contact", "update:ns", "update:authInfo", "update:status"} {
		if n := b.registry.Count(label, shop); n > 0 {
			counts[label] = n
		}
	}
	return counts
}

func (b *bare) wantCount(want map[string]int) {
	b.t.Helper()
	got := b.count()
	for label, n := range want {
		if got[label] != n {
			b.t.Errorf("%d of %s, want %d; all: %v", got[label], label, n, got)
		}
	}
	if len(got) != len(want) {
		b.t.Errorf("effects %v, want %v", got, want)
	}
}

// wantSet checks that the domain has the ordered contacts and name servers.
func (b *bare) wantSet(servers ...string) standepp.Domain {
	b.t.Helper()
	domain, ok := b.registry.Domain(shop)
	if !ok {
		b.t.Fatal("the domain is not here")
	}
	owner, ok := b.registry.Contact(domain.Registrant)
	if !ok || owner.Email != "jane@shop.example" || domain.Contacts["admin"] == "" || domain.Contacts["tech"] != domain.Contacts["admin"] || domain.Contacts["billing"] == "" {
		b.t.Errorf("registrant %+v, contacts %v", owner, domain.Contacts)
	}
	if len(servers) > 0 && !domains.NameServers(servers).Same(domain.NameServers) {
		b.t.Errorf("delegated to %v, want %v", domain.NameServers, servers)
	}
	return domain
}

// everything is what a transfer asks for there.
func everything() map[string]int {
	return map[string]int{"transfer": 1, "update:registrant": 1, "update:contact": 1, "update:ns": 1, "update:authInfo": 1}
}

func (b *bare) titles() []string {
	var titles []string
	for _, line := range b.progress().Steps {
		titles = append(titles, line.Title)
	}
	return titles
}

// Contacts and name servers are set when the domain is here, each once, and before the settings.
func TestADomainThatComesAsItIsGetsWhatWasOrdered(t *testing.T) {
	b := beginBare(t, `, "settings": {"lock": true}`)
	b.when("AddDomainSubscription", 1, func() {
		if n := len(b.registry.Contacts()); n != 0 {
			t.Errorf("%d contacts were made before the domain was here", n)
		}
		b.wantCount(map[string]int{"transfer": 1})
	})
	result := b.finish()
	counts := everything()
	counts["update:status"] = 1
	b.wantCount(counts)
	domain := b.wantSet("ns1.dns.example", "ns2.dns.example")
	code, err := b.Store.Secret(t.Context(), store.AuthCodeReference(outside.Account, shop, b.operation(registrars.AuthCodeChange).Key))
	if err != nil || domain.AuthInfo == "" || domain.AuthInfo != code.Reveal() {
		t.Errorf("the registry has another auth code than the store: %v", err)
	}
	want := []string{"Change the auth code", "Owner change", "Contact change", "Name server change", "Lock change", "Verify at the registrar"}
	if got := b.titles()[13:]; !slices.Equal(got, want) {
		t.Errorf("steps %v, want %v", got, want)
	}
	if len(result.Differences) > 0 {
		t.Errorf("differences %v", result.Differences)
	}
	if n := len(b.registry.Contacts()); n != 1 { // one person, in all roles
		t.Errorf("%d contacts", n)
	}
	if rows := b.Billing.RowsOf(shop); len(rows) != 1 {
		t.Errorf("%d rows in Billing", len(rows))
	}
}

// The keys of the zone that the domain had elsewhere do not stay when it changes its name servers,
// and those that were ordered come with them.
func TestASignedDomainThatComesAsItIs(t *testing.T) {
	theirs := domains.DS{KeyTag: 1, Algorithm: 13, DigestType: 2, Digest: strings.Repeat("AB", 32)}
	for more, left := range map[string]int{
		"": 0, `, "settings": {"dnssec": {"sign": true, "ds": [{"keyTag": 2, "algorithm": 13, "digestType": 2, "digest": "` + strings.Repeat("CD", 32) + `"}]}}`: 1,
	} {
		b := beginBare(t, more)
		b.registry.Sign(shop, theirs)
		b.finish()
		domain := b.wantSet("ns1.dns.example", "ns2.dns.example")
		if len(domain.DS) != left || slices.Contains(domain.DS, theirs) || b.registry.Count("update:ns", shop) != 1 || b.registry.Count("update:secDNS", shop) != 1 {
			t.Errorf("%s: %v, %v", more, domain.DS, b.count())
		}
	}
}

// A lost answer to each of them does not make it twice.
func TestWhatFollowsATransferIsMadeOnce(t *testing.T) {
	for _, at := range []string{"Owner change", "Contact change", "Name server change"} {
		t.Run(at, func(t *testing.T) {
			b := beginBare(t, "")
			submission := map[string]int{"Owner change": 3, "Contact change": 4, "Name server change": 5}[at]
			b.when("SubmitRequest", submission, func() { b.registry.Faults.Add(faults.Fault{Method: "domain.update", Kind: faults.CutAfter}) })
			b.finish()
			b.wantCount(everything())
			b.wantSet()
		})
	}
}

// Hosts below the name come first, and the name servers change once.
func TestHostsOfADomainThatComesAsItIs(t *testing.T) {
	b := beginBare(t, ", "+twoHosts)
	b.finish()
	b.wantCount(everything())
	b.wantSet(ownServers...)
	if got := b.titles()[14:18]; !slices.Equal(got, []string{"Owner change", "Contact change", "Register hosts below the domain", "Name server change"}) {
		t.Errorf("steps %v", got)
	}
	if addresses, ok := b.registry.Host("ns1.shop.example"); !ok || len(addresses) != 2 {
		t.Errorf("the host has %v", addresses)
	}
}

// A holder that the registry refuses needs a person, who corrects the contact. The transfer is not
// repeated, and nothing is done with other name servers before.
func TestARefusedOwnerOfATransferNeedsAPerson(t *testing.T) {
	b := beginBare(t, "")
	b.when("AddDomainSubscription", 1, func() { b.registry.SetStatuses(shop, "serverUpdateProhibited") })
	b.after(time.Hour, func() {
		progress := b.progress()
		if progress.State != messages.NeedsAttention || progress.Attention == nil || progress.Attention.Step != ownerStep-1 {
			t.Errorf("the order is %s at step %d, %+v", progress.State, progress.Step, progress.Attention)
		}
		b.try(skip, true)
	})
	b.after(2*time.Hour, func() {
		progress := b.parked(ownerStep, messages.Reason(registrars.ClassRejected))
		if !slices.Contains(progress.Attention.Actions, skip) || !slices.Contains(progress.Attention.Actions, amend) {
			t.Errorf("allowed are %v", progress.Attention.Actions)
		}
		b.wantCount(map[string]int{"transfer": 1})
		b.registry.SetStatuses(shop)
		b.retry(messages.Retry{Actor: "ann", Reason: "the registry allows it now"})
	})
	b.finish()
	counts := everything()
	delete(counts, "update:authInfo")
	b.wantCount(counts)
	b.wantSet()
	if row := b.operation(registrars.OwnerChange); row.State != store.Done || row.Reopened != 1 {
		t.Errorf("the ledger has %+v", row)
	}
}

// The contacts and the name servers of a domain that is here can be amended until they are used, and
// what only the transfer has used cannot.
func TestContactsAreAmendedAfterATransfer(t *testing.T) {
	b := beginBare(t, "")
	b.when("AddDomainSubscription", 1, func() { b.registry.SetStatuses(shop, "serverUpdateProhibited") })
	b.after(time.Hour, func() { b.try(skip, true) })
	b.after(2*time.Hour, func() {
		b.parked(ownerStep, messages.Reason(registrars.ClassRejected))
		b.amends("transferKey cannot be amended any more", nil, messages.ChangeTransferKey)
		b.amends("years cannot be amended any more", nil, messages.ChangeYears)
		b.registry.SetStatuses(shop)
		b.registry.SetBehaviour(shop, standepp.Behaviour{Manual: true})
		b.amends("", []string{"10001", "10002"}, messages.ChangeCustomer, messages.ChangeContacts)
	})
	b.after(3*time.Hour, func() {
		if progress := b.progress(); progress.Step != ownerStep || progress.State != messages.Waiting {
			t.Errorf("step %d is %s", progress.Step, progress.State)
		}
		b.amends("parameters cannot be amended any more", nil, messages.ChangeParameters) // the owner's, who is on the way
		b.amends("", []string{"10002", "10003"}, messages.ChangeContacts)
		b.registry.SetBehaviour(shop, standepp.Behaviour{})
		b.completed()
	})
	b.finish()
	if notes := strings.Join(b.progress().Notes, "; "); strings.Count(notes, "the owner stays as it is") != 1 {
		t.Errorf("notes %s", notes)
	}
	domain := b.wantSet()
	owner, _ := b.registry.Contact(domain.Registrant)
	tech, _ := b.registry.Contact(domain.Contacts["tech"])
	if owner.PC != "10002" || tech.PC != "10003" {
		t.Errorf("the owner has %s, the others %s", owner.PC, tech.PC)
	}
	if row := b.operation(registrars.OwnerChange); row.State != store.Done {
		t.Errorf("the ledger has %+v", row)
	}
	counts := everything()
	delete(counts, "update:authInfo")
	b.wantCount(counts)
}

// Name servers are amended until the change is made, unless their hosts have been made.
func TestNameServersAreAmendedAfterATransfer(t *testing.T) {
	for name, c := range map[string]struct {
		more    string
		step    int
		reason  registrars.Class
		pairs   []string
		refused string
		want    []string
	}{
		"one that does not exist": {
			`, "nameServers": ["ns1.dns.example", "ns9.dns.example"]`, serversStep, registrars.ClassInvalid, []string{"ns9.dns.example", "ns2.dns.example"}, "",
			[]string{"ns1.dns.example", "ns2.dns.example"},
		},
		"with hosts": {", " + twoHosts, serversStep + 1, registrars.ClassRejected, nil, "nothing of the order is still to be done", ownServers},
	} {
		t.Run(name, func(t *testing.T) {
			b := beginBare(t, c.more)
			if c.reason == registrars.ClassRejected {
				b.when("SubmitRequest", 5, func() { b.registry.SetStatuses(shop, "serverUpdateProhibited") })
			}
			b.after(time.Hour, func() {
				b.parked(c.step, messages.Reason(c.reason))
				b.registry.SetStatuses(shop)
				b.amends(c.refused, c.pairs, messages.ChangeNameServers)
				if c.refused != "" {
					b.retry(messages.Retry{Actor: "ann"})
				}
			})
			b.finish()
			b.wantCount(everything())
			b.wantSet(c.want...)
		})
	}
}

// completed ends what is pending at the registry.
func (b *bare) completed() {
	b.t.Helper()
	if err := b.registry.Complete(shop); err != nil {
		b.t.Error(err)
	}
	b.confirm("done")
}

// amends gives the command, on the newest revision; refused is a part of why it is refused.
func (b *bare) amends(refused string, pairs []string, changes ...messages.Change) {
	b.t.Helper()
	revision := b.revise(pairs...)
	b.command("amend", messages.Amend{Actor: "ann", Reason: "for a test", Revision: revision, Base: revision - 1, Changes: changes}, refused)
}

// What was left out stands in the result: the holder is another.
func TestAnOwnerThatWasLeftOutIsADifference(t *testing.T) {
	b := beginBare(t, "")
	b.when("AddDomainSubscription", 1, func() { b.registry.SetStatuses(shop, "serverUpdateProhibited") })
	b.after(time.Hour, func() { b.try(skip, true) })
	b.after(2*time.Hour, func() { b.try(skip, true) })
	b.after(3*time.Hour, func() {
		b.registry.SetStatuses(shop)
		b.retry(messages.Retry{Actor: "ann"})
	})
	result := b.finish()
	b.wantCount(map[string]int{"transfer": 1, "update:contact": 1, "update:ns": 1})
	if text := strings.Join(result.Differences, "; "); !strings.Contains(text, "holder at the registrar") {
		t.Errorf("differences %v", result.Differences)
	}
}

// A person gives the order up while the owner change is pending: the transfer is kept, what is
// pending goes on, and nothing else is asked for.
func TestATransferIsGivenUpBeforeItsContactsAreSet(t *testing.T) {
	b := beginBare(t, "")
	b.when("SubmitRequest", 3, func() { b.registry.SetBehaviour(shop, standepp.Behaviour{Manual: true}) })
	b.after(time.Hour, func() { b.command("cancel", messages.Cancel{Actor: "ann", Reason: "for a test"}, "") })
	result := b.cancelled()
	b.wantCount(map[string]int{"transfer": 1, "update:registrant": 1, "update:authInfo": 1})
	said := map[string]messages.UndoState{}
	for _, line := range result.Undone {
		said[line.Title] = line.State
	}
	for _, title := range []string{"transfer at the registrar", "owner change at the registrar"} {
		if said[title] != messages.UndoKept {
			t.Errorf("%s is %q; all: %v", title, said[title], said)
		}
	}
	if _, named := said["contact change at the registrar"]; named {
		t.Errorf("a contact change was never asked for: %v", said)
	}
}

// At other registrars the transfer takes all of that, and no step follows.
func TestATransferThatTakesContactsHasNoSuchSteps(t *testing.T) {
	r := begin(t, outside.Options{}, outside.Alter(t, outside.NewCustomer, `"registration"`, `"transfer"`, `"transferKey": ""`, `"transferKey": "KEY-1"`),
		func(w *outside.World) { w.Netim.AddElsewhere(shop, "KEY-1") })
	r.after(time.Hour, func() { r.confirm("event-1") })
	r.finish()
	if n := len(r.progress().Steps); n != 15 || r.input.BareTransfer {
		t.Errorf("%d steps, bare %t", n, r.input.BareTransfer)
	}
	r.wantOperations(map[string]int{"domainTransferIn": 1, "domainAuthid": 1})
}
