package main

import (
	"fmt"
	"slices"
	"testing"

	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// hosting is a registrar that registers hosts below a domain.
type hosting struct {
	order, replaced string // the order, and the part of it that the name servers replace
	domain, key     string // key begins those of the ledger
	before, after   string // what goes around them
	fault           string // the answer to the first host is lost
	// made counts the requests that took effect: registrations, hosts and changes of name
	// servers.
	made        func(w *world, host string) (registrations, hosts, changes int)
	nameServers func(w *world) []string
	hosts       func(w *world) int
}

func hostings() map[string]hosting {
	return map[string]hosting{
		"netim": {
			order: "own-name-servers.json", replaced: `"nameServers": ["ns1.mine.example", "ns2.mine.example", "ns3.mine.example"]`,
			domain: "xn--bcher-kva.example", key: "SO-1001/0/", fault: "netim:hostCreate:cut-after",
			made: func(w *world, host string) (int, int, int) {
				const name = "xn--bcher-kva.example"
				return w.netim.Creates(name), w.netim.Count("hostCreate", host), w.netim.Count("domainChangeDNS", name)
			},
			nameServers: func(w *world) []string {
				registration, _ := w.netim.Registration("xn--bcher-kva.example")
				return registration.NameServers
			},
			hosts: func(w *world) int { return len(w.netim.Hosts()) },
		},
		"realtimeregister": {
			order: "realtime-1-registration.json", replaced: `"planId": 9,`,
			before: fmt.Sprintf(`"planId": %d, `, realtimeAtOncePlan), after: ",",
			domain: "atelier.sync", key: "SO-1020/0/", fault: "realtimeregister:hosts.create:cut-after",
			made: func(w *world, host string) (int, int, int) {
				const name = "atelier.sync"
				return w.realtime.Count("create", name), w.realtime.Count("host:create", host), w.realtime.Count("update:ns", name)
			},
			nameServers: func(w *world) []string {
				domain, _ := w.realtime.Domain("atelier.sync")
				return domain.NameServers
			},
			hosts: func(w *world) int { return len(w.realtime.Hosts()) },
		},
		"epp": {
			order: "epp-1-registration.json", replaced: `"planId": 15,`,
			before: fmt.Sprintf(`"planId": %d, `, eppAtOncePlan), after: ",",
			domain: "gallery.registry", key: "SO-1040/1/", fault: "epp:host.create:cut-after@2", // the third: two are the platform's
			made: func(w *world, host string) (int, int, int) {
				const name = "gallery.registry"
				return w.epp.Count("create", name), w.epp.Count("host:create", host), w.epp.Count("update:ns", name)
			},
			nameServers: func(w *world) []string {
				domain, _ := w.epp.Domain("gallery.registry")
				return domain.NameServers
			},
			hosts: func(w *world) int { return len(w.epp.Hosts("gallery.registry")) },
		},
	}
}

// TestNameServersBelowTheOrderedName: one registration, each host once although an answer is
// lost, and in the end the name servers that were ordered.
func TestNameServersBelowTheOrderedName(t *testing.T) {
	t.Parallel()
	for name, h := range hostings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := begin(t, worldOptions{faults: faultsOf(t, h.fault)})
			hosts := []string{"ns1." + h.domain, "ns2." + h.domain}
			servers := fmt.Sprintf(`"nameServers": [{"host": %q, "addresses": ["192.0.2.1", "2001:db8::1"]}, {"host": %q, "addresses": ["192.0.2.2"]}]`, hosts[0], hosts[1])
			f.place(alter(t, example(t, h.order), h.replaced, h.before+servers+h.after))
			result := f.finish("domain-provisioning/" + h.domain)
			if len(result.Differences) > 0 {
				t.Errorf("differences %v", result.Differences)
			}
			for _, host := range hosts {
				if registrations, made, changes := h.made(f.world, host); registrations != 1 || made != 1 || changes != 1 {
					t.Errorf("%s: %d registrations, %d hosts, %d changes of name servers", host, registrations, made, changes)
				}
			}
			if got := h.nameServers(f.world); !slices.Equal(got, hosts) || h.hosts(f.world) != 2 {
				t.Errorf("delegated to %v, %d hosts in all", got, h.hosts(f.world))
			}
			if rows := f.world.billing.RowsOf(h.domain); len(rows) != 1 {
				t.Errorf("%d rows in Billing", len(rows))
			}
			for _, kind := range []registrars.Kind{registrars.Registration, registrars.NameServerChange} {
				if row := f.ledger(h.key + string(kind)); row.State != store.Done || row.Submissions != 1 {
					t.Errorf("the ledger has %+v", row)
				}
			}
		})
	}
}
