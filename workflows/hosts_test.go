package workflows_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/workflow"

	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	standnetim "domainprovisioning/sandbox/standin/netim"
)

const (
	twoHosts = `"nameServers": [{"host": "ns1.shop.example", "addresses": ["192.0.2.1", "2001:db8::1"]},
		{"host": "ns2.shop.example", "addresses": ["192.0.2.2"]}]`
	newOnHosts      = `"operation": "registration", "transferKey": "", ` + twoHosts
	toHosts         = `"operation": "name-server-change", ` + twoHosts
	hostsStepOfNew  = 14 // after the model and Billing
	hostsStepOfHere = 2  // after the domain was read
)

var ownServers = []string{"ns1.shop.example", "ns2.shop.example"}

// wantHosts checks that both hosts exist once and that the domain is delegated to them.
func (r *run) wantHosts() {
	r.t.Helper()
	want := []standnetim.Host{
		{Name: "ns1.shop.example", IPv4: []string{"192.0.2.1"}, IPv6: []string{"2001:db8::1"}}, {Name: "ns2.shop.example", IPv4: []string{"192.0.2.2"}},
	}
	if got := r.Netim.Hosts(); !reflect.DeepEqual(got, want) {
		r.t.Errorf("hosts %+v, want %+v", got, want)
	}
	if registration, _ := r.Netim.Registration(shop); !slices.Equal(registration.NameServers, ownServers) {
		r.t.Errorf("delegated to %v", registration.NameServers)
	}
}

// A new domain gets the system's name servers, then its hosts, then its own name servers, and
// whatever answer is lost, each is made once.
func TestHostsComeAfterTheRegistration(t *testing.T) {
	for name, faults := range map[string][]string{
		"no trouble": nil, "host's answer lost": {"netim:hostCreate:cut-after"}, "host's answer garbled": {"netim:hostCreate:malformed"},
		"host never arrived": {"netim:hostCreate:cut-before"}, "list of hosts not to be had": {"netim:queryHostList:http-error"},
	} {
		t.Run(name, func(t *testing.T) {
			r := begin(t, outside.Options{}, change(newOnHosts))
			for _, fault := range faults {
				r.Fault(t, fault)
			}
			r.when("RegisterHosts", 1, func() {
				first, _ := r.Netim.Registration(shop)
				if len(first.NameServers) != 2 || slices.Contains(first.NameServers, ownServers[0]) {
					t.Errorf("registered with %v", first.NameServers)
				}
			})
			result := r.finish()
			r.wantHosts()
			if len(result.Differences) > 0 {
				t.Errorf("differences %v", result.Differences)
			}
			r.wantOperations(map[string]int{"domainCreate": 1, "hostCreate": 2, "domainChangeDNS": 1})
			if rows := r.Billing.RowsOf(shop); len(rows) != 1 {
				t.Errorf("%d rows in Billing", len(rows))
			}
		})
	}
}

// The hosts of a transferred domain may have come with it.
func TestHostsComeWithATransfer(t *testing.T) {
	transfer := change(`"operation": "transfer", "transferKey": "KEY-1", ` + twoHosts)
	r := begin(t, outside.Options{}, transfer, func(w *outside.World) {
		w.Netim.AddElsewhere(shop, "KEY-1")
		w.Netim.AddHost(standnetim.Host{Name: "ns1.shop.example", IPv4: []string{"192.0.2.1"}, IPv6: []string{"2001:db8::1"}})
	})
	r.after(time.Hour, func() { r.confirm("event-1") })
	r.finish()
	r.wantHosts()
	r.wantOperations(map[string]int{"domainTransferIn": 1, "domainAuthid": 1, "hostCreate": 1, "domainChangeDNS": 1})
}

// A domain that is here gets its hosts before it is delegated to them.
func TestHostsComeBeforeAChange(t *testing.T) {
	r := begin(t, outside.Options{}, change(toHosts), owned)
	r.finish()
	r.wantHosts()
	r.wantOperations(map[string]int{"hostCreate": 2, "domainChangeDNS": 1})
}

// A host that the registry makes slowly is waited for, and not made again.
func TestAHostThatTakesItsTime(t *testing.T) {
	r := begin(t, outside.Options{}, change(toHosts), owned)
	r.Netim.SetBehaviour("ns1.shop.example", standnetim.Behaviour{PendingFor: 20 * time.Minute})
	r.finish()
	r.wantHosts()
	r.wantOperations(map[string]int{"hostCreate": 2, "domainChangeDNS": 1})
}

// A host with other addresses may serve others, so a person decides about it.
func TestAHostWithOtherAddressesNeedsAPerson(t *testing.T) {
	for orderText, at := range map[string]int{change(newOnHosts): hostsStepOfNew, change(toHosts): hostsStepOfHere} {
		prepare := func(w *outside.World) {
			if at == hostsStepOfHere {
				owned(w)
			}
			w.Netim.AddHost(standnetim.Host{Name: "ns2.shop.example", IPv4: []string{"192.0.2.99"}})
		}
		r := begin(t, outside.Options{}, orderText, prepare)
		r.after(time.Hour, func() {
			progress := r.parked(at, messages.Reason(registrars.ClassConflict))
			if text := progress.Attention.Message; !strings.Contains(text, "ns2.shop.example") || !strings.Contains(text, "192.0.2.99") || !strings.Contains(text, "192.0.2.2") {
				t.Errorf("a person reads %q", text)
			}
			if n := r.operations()["domainChangeDNS"]; n != 0 {
				t.Errorf("%d changes of name servers", n)
			}
			r.Netim.AddHost(standnetim.Host{Name: "ns2.shop.example", IPv4: []string{"192.0.2.2"}})
			r.retry(messages.Retry{Actor: "tester", Reason: "corrected at the registrar"})
		})
		r.finish()
		r.wantHosts()
		if n := r.operations()["hostCreate"]; n != 1 {
			t.Errorf("%d hosts were made", n)
		}
	}
}

// The registrar refuses the host, and the order goes on once the reason is gone.
func TestARefusedHostNeedsAPerson(t *testing.T) {
	r := begin(t, outside.Options{}, change(toHosts), owned)
	r.Netim.SetBehaviour("ns1.shop.example", standnetim.Behaviour{FailWith: "Not allowed by the registry"})
	r.after(time.Hour, func() {
		r.parked(hostsStepOfHere, messages.Reason(registrars.ClassRejected))
		r.Netim.SetBehaviour("ns1.shop.example", standnetim.Behaviour{})
		r.retry(messages.Retry{Actor: "tester", Reason: "allowed now"})
	})
	r.finish()
	r.wantHosts()
}

// A run that began before there were hosts goes on without them.
func TestARunOfAnOlderReleaseKnowsNoHosts(t *testing.T) {
	r := begin(t, outside.Options{}, change(newOnHosts))
	for _, change := range []string{"fast-lane", "commands", "hosts-below-the-name"} {
		r.OnGetVersion(change, workflow.DefaultVersion, workflow.Version(1)).Return(workflow.DefaultVersion)
	}
	r.after(time.Hour, func() {
		progress := r.parked(6, messages.Reason(registrars.ClassRejected)) // the registrar knows no such host
		if len(progress.Steps) != 14 {
			t.Errorf("%d steps", len(progress.Steps))
		}
		r.CancelWorkflow()
	})
	if err := r.execute(); err == nil {
		t.Error("the order is done")
	}
	r.wantOperations(map[string]int{})
}
