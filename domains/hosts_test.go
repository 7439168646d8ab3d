package domains

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"strings"
	"testing"
)

func TestAddressesOfNameServers(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.1": "", "2001:DB8::1": "", "10.0.0.1": "", "fd00::1": "",
		"": "must be an IPv4", "ns1.shop.example": "must be an IPv4", "192.0.2.256": "must be an IPv4", "192.0.2.01": "must be an IPv4",
		"192.0.2.0/24": "must be an IPv4", "fe80::1%eth0": "without a zone", "::ffff:192.0.2.1": "written as an IPv4 address: 192.0.2.1",
		"0.0.0.0": "unspecified", "::": "unspecified", "127.0.0.1": "loopback", "::1": "loopback", "224.0.0.1": "multicast", "ff02::1": "multicast",
		"169.254.0.1": "link-local", "fe80::1": "link-local", "255.255.255.255": "broadcast",
	} {
		address, problem := ParseHostAddress(text)
		if (want == "") != (problem == "") || !strings.Contains(problem, want) {
			t.Errorf("%q: %s, %q; want %q", text, address, problem, want)
		}
	}
}

func TestHostsBelowADomain(t *testing.T) {
	name := MustParseName("shop.example")
	for host, want := range map[string]bool{
		"shop.example": true, "ns1.shop.example": true, "a.b.shop.example": true, "ns1.myshop.example": false, "example": false, "ns1.example": false,
	} {
		if name.Covers(host) != want {
			t.Errorf("%s below %s: %t", host, name, !want)
		}
	}
}

func TestHostsTravelInWorkflows(t *testing.T) {
	hosts := Hosts{{"ns1.shop.example", []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}}}
	text, err := json.Marshal(hosts)
	if err != nil || string(text) != `[{"host":"ns1.shop.example","addresses":["192.0.2.1","2001:db8::1"]}]` {
		t.Errorf("%s, %v", text, err)
	}
	var again Hosts
	if err := json.Unmarshal(text, &again); err != nil || !reflect.DeepEqual(again, hosts) {
		t.Errorf("%v, %v", again, err)
	}
	v4, v6 := hosts[0].Split()
	if !reflect.DeepEqual([][]string{v4, v6}, [][]string{{"192.0.2.1"}, {"2001:db8::1"}}) {
		t.Errorf("split into %v and %v", v4, v6)
	}
	turned := []netip.Addr{netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("192.0.2.1")}
	if !hosts[0].SameAddresses(turned) || hosts[0].SameAddresses(turned[:1]) {
		t.Error("addresses are compared by their order, or only in part")
	}
	if !hosts.Contains("ns1.shop.example") || hosts.Contains("ns2.shop.example") || hosts.Names()[0] != "ns1.shop.example" {
		t.Errorf("names %v", hosts.Names())
	}
}
