package netim_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

func hostOf(name string, addresses ...string) domains.Host {
	host := domains.Host{Name: name}
	for _, text := range addresses {
		host.Addresses = append(host.Addresses, netip.MustParseAddr(text))
	}
	return host
}

// TestHostCreate: the request, and what its answers mean.
func TestHostCreate(t *testing.T) {
	host := hostOf("ns1.shop.example", "192.0.2.1", "192.0.2.2")
	answered := func(status, kind string) answer {
		return reply(t, "hostCreate", "STATUS", status, "MESSAGE", "for Jean Dupont", "TYPE", kind)
	}
	for name, c := range map[string]struct {
		answer answer
		status registrars.Status
		class  registrars.Class
		code   string
	}{
		"done":                     {answered("Done", "hostCreate"), registrars.StatusDone, "", ""},
		"pending":                  {answered("Pending", "hostcreate"), registrars.StatusPending, "", ""},
		"failed":                   {answered("Failed", "hostCreate"), "", registrars.ClassRejected, ""},
		"a word that is new":       {answered("Suspended", "hostCreate"), "", registrars.ClassOutcomeUnknown, ""},
		"about something else":     {answered("Done", "domainCreate"), "", registrars.ClassOutcomeUnknown, ""},
		"refused":                  {fault(t, "E99", "E99 : Host exists"), "", registrars.ClassRejected, "E99"},
		"a value is refused":       {fault(t, "E13", "E13 : 192.0.2.1"), "", registrars.ClassInvalid, "E13"},
		"not under our management": {fault(t, "E15-M1502", "E15-M1502 : Domain"), "", registrars.ClassRejected, "E15-M1502"},
		"lost":                     {cut, "", registrars.ClassOutcomeUnknown, ""},
		"the server is in trouble": {fault(t, "SOAP-ENV:Server", "broken"), "", registrars.ClassOutcomeUnknown, "SOAP-ENV:Server"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.on("hostCreate", c.answer)
			status, err := plugin(t, s).CreateHost(t.Context(), host)
			s.golden("hostCreate", "hostCreate")
			if s.count("hostCreate") != 1 {
				t.Errorf("%d requests", s.count("hostCreate"))
			}
			if c.class != "" {
				if e := failed(t, err, c.class, c.code); strings.Contains(e.Error(), "192.0.2.1") {
					t.Errorf("the error quotes what was sent: %v", e)
				}
				return
			}
			if err != nil || status != c.status {
				t.Errorf("got %s, %v", status, err)
			}
		})
	}
}

// TestFindHost: the list of hosts decides, and then that of pending operations.
func TestFindHost(t *testing.T) {
	s := newServer(t)
	s.on("queryHostList", reply(t, "queryHostList", "IPV4", "192.0.2.1"))
	n := plugin(t, s)
	found, err := n.FindHost(t.Context(), "ns1.shop.example")
	s.golden("queryHostList", "queryHostList")
	if err != nil || found.State != registrars.FoundObject || fmt.Sprint(found.Addresses) != "[192.0.2.1 2001:db8::1]" {
		t.Errorf("got %+v, %v", found, err)
	}
	s.on("queryOpePending", reply(t, "queryOpePending-empty"))
	if found, err := n.FindHost(t.Context(), "ns2.shop.example"); err != nil || found.State != registrars.FoundNothing {
		t.Errorf("got %+v, %v", found, err)
	}
	pending := read(t, "queryOpePending.reply.xml")
	s.on("queryOpePending", raw(200, strings.NewReplacer("domainCreate", "hostCreate", "shop.example", "NS2.shop.example").Replace(pending)))
	if found, err := n.FindHost(t.Context(), "ns2.shop.example"); err != nil || found.State != registrars.FoundOperation {
		t.Errorf("got %+v, %v", found, err)
	}
	// What cannot be read is never taken for "not there".
	for _, unreadable := range []answer{
		fault(t, "E99", "E99 : no"), cut, raw(200, "garbage"),
	} {
		s.on("queryHostList", unreadable)
		if found, err := n.FindHost(t.Context(), "ns1.shop.example"); err == nil || registrars.ClassOf(err) == registrars.ClassOutcomeUnknown {
			t.Errorf("got %+v, %v", found, err)
		}
	}
}
