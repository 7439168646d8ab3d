package netim

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// hostParts are the parts of a hostCreate.
func (s *system) hostParts(name string, v4, v6 []string) string {
	list := func(part string, addresses []string) string {
		var b strings.Builder
		for _, address := range addresses {
			b.WriteString("<item>" + address + "</item>")
		}
		return "<" + part + ">" + b.String() + "</" + part + ">"
	}
	return elements("IDSession="+s.session, "host="+name) + list("ipv4", v4) + list("ipv6", v6)
}

func TestHostRules(t *testing.T) {
	s := newSystem(t, Options{}).open()
	owner := s.contact("1")
	s.ok("domainCreate", create("a.example", owner)...)
	refused := func(text, name string, v4, v6 []string) {
		t.Helper()
		status, body, err := s.soap("hostCreate", s.hostParts(name, v4, v6))
		s.wantFault(text, status, body, err)
	}
	v4, v6 := []string{"192.0.2.1"}, []string{"2001:db8::1"}
	refused("E13 : host", "ns_1.a.example", v4, nil)
	refused("E15-M1502", "ns1.b.example", v4, nil)
	refused("E13 : ipv4", "ns1.a.example", nil, nil)
	refused("E13 : ipv4", "ns1.a.example", v6, nil)
	refused("E13 : ipv6", "ns1.a.example", v4, v4)
	refused("E13 : ipv4", "ns1.a.example", append(v4, v4...), nil)

	// A domain is delegated to a host below it only once that exists; others are not asked for.
	delegate := []string{"domain=a.example", "ns1=ns1.a.example", "ns2=ns2.other.example", "ns3=", "ns4=", "ns5="}
	s.refused("E99 : Host is not registered", "domainChangeDNS", delegate...)
	status, body, err := s.soap("hostCreate", s.hostParts("NS1.a.example", v4, v6))
	if err != nil || status != 200 || get(body, "TYPE") != "hostCreate" || get(body, "STATUS") != Done {
		t.Fatalf("%d %v %s", status, err, body)
	}
	refused("E99 : Host exists", "ns1.a.example", v4, v6)
	s.ok("domainChangeDNS", delegate...)
	if got := s.Hosts(); !reflect.DeepEqual(got, []Host{{"ns1.a.example", v4, v6}}) {
		t.Errorf("hosts %+v", got)
	}
	if body := s.ok("queryHostList", "filter=ns1.a.example"); get(body, "name") != "ns1.a.example" || !strings.Contains(body, "2001:db8::1") {
		t.Errorf("list: %s", body)
	}
	if body := s.ok("queryHostList", "filter=ns2.a.example"); strings.Contains(body, "<name") {
		t.Errorf("list: %s", body)
	}

	// While a host is being made, another one of its name is refused.
	s.SetBehaviour("ns2.a.example", Behaviour{PendingFor: time.Hour})
	if status, body, err := s.soap("hostCreate", s.hostParts("ns2.a.example", v4, nil)); err != nil || status != 200 || get(body, "STATUS") != Pending {
		t.Fatalf("%d %v %s", status, err, body)
	}
	refused("E99 : Host exists", "ns2.a.example", v4, nil)
	if body := s.ok("queryOpePending"); get(body, "data_ope") != "ns2.a.example" || get(body, "code_ope") != "hostCreate" {
		t.Errorf("pending: %s", body)
	}
}
