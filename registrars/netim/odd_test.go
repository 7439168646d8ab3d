package netim_test

import (
	"reflect"
	"strings"
	"testing"

	"domainprovisioning/registrars"
)

// oddItems are entries of queryOpePending without a number.
var oddItems = []string{
	"<item><code_ope>domainCreate</code_ope><data_ope>shop.example</data_ope></item>",
	"<item><id_ope>secret</id_ope><code_ope>domainCreate</code_ope><data_ope>shop.example</data_ope></item>",
	"<item><id_ope><item>81</item></id_ope></item>",
	"<item><id_ope>0</id_ope></item>",
	"<item>text</item>",
	"<item/>",
}

func oddList(items ...string) answer {
	return raw(200, "<Envelope><Body><queryOpePendingResponse><return>"+strings.Join(items, "")+"</return></queryOpePendingResponse></Body></Envelope>")
}

func pendingItem(number, code, data string) string {
	return "<item><id_ope>" + number + "</id_ope><code_ope>" + code + "</code_ope><data_ope>" + data + "</data_ope></item>"
}

// TestAnOddOperationHidesNoOther, and is listed without its values.
func TestAnOddOperationHidesNoOther(t *testing.T) {
	for _, odd := range oddItems {
		s := newServer(t)
		s.on("queryOpePending", oddList(pendingItem("81", "domainCreate", "shop.example"), odd, pendingItem("84", "domainRenew", "other.example")))
		got, err := plugin(t, s).PendingOperations(t.Context())
		if err != nil || len(got.Operations) != 2 || got.Operations[1].Reference != "84" ||
			!reflect.DeepEqual(got.Unreadable, []registrars.Unreadable{{Rule: "id_ope is not a number"}}) {
			t.Errorf("%s: %+v, %v", odd, got, err)
		}
	}
}

// TestAnOddOperationMayBeOurs, so that Find does not say that there is nothing.
func TestAnOddOperationMayBeOurs(t *testing.T) {
	list := append([]string{
		pendingItem("82", "", "shop.example"), pendingItem("82", "domainCreate", ""), pendingItem("82", "", ""),
	}, oddItems...)
	for _, odd := range list {
		s := newServer(t)
		s.on("domainInfo", fault(t, "E15-M1502", "E15-M1502 : Domain not under management"))
		s.on("queryOpePending", oddList(odd))
		if got, err := plugin(t, s).Find(t.Context(), request()); err != nil || got.State != registrars.Unclear {
			t.Errorf("%s: %+v, %v", odd, got, err)
		}
		s.on("queryOpePending", oddList(odd, pendingItem("81", "domainCreate", "shop.example")))
		if got, err := plugin(t, s).Find(t.Context(), request()); err != nil || got.State != registrars.FoundOperation || got.Operation.Reference != "81" {
			t.Errorf("ours beside %s: %+v, %v", odd, got, err)
		}
	}
	s := newServer(t)
	s.on("domainInfo", fault(t, "E15-M1502", "E15-M1502 : Domain not under management"))
	s.on("queryOpePending", oddList(pendingItem("82", "contactUpdate", "AB123"), pendingItem("83", "domainRenew", "")))
	if got, err := plugin(t, s).Find(t.Context(), request()); err != nil || got.State != registrars.FoundNothing {
		t.Errorf("operations of other kinds: %+v, %v", got, err)
	}
}

// TestAnOddHostMayBeTheOne that is looked for.
func TestAnOddHostMayBeTheOne(t *testing.T) {
	const name = "ns1.shop.example"
	host := func(name, address string) string {
		return "<item><name>" + name + "</name><ipv4><item>" + address + "</item></ipv4></item>"
	}
	hosts := func(items ...string) answer {
		return raw(200, "<Envelope><Body><queryHostListResponse><return>"+strings.Join(items, "")+"</return></queryHostListResponse></Body></Envelope>")
	}
	for odd, want := range map[string]registrars.FindingState{
		host("", "192.0.2.1"):              registrars.Unclear,
		host(name, "nonsense"):             registrars.Unclear,
		"<item>text</item>":                registrars.Unclear,
		host("other.example", "nonsense"):  registrars.FoundNothing,
		host("other.example", "192.0.2.1"): registrars.FoundNothing,
	} {
		s := newServer(t)
		s.on("queryOpePending", reply(t, "queryOpePending-empty"))
		s.on("queryHostList", hosts(odd))
		if got, err := plugin(t, s).FindHost(t.Context(), name); err != nil || got.State != want {
			t.Errorf("%s: %+v, %v", odd, got, err)
		}
		s.on("queryHostList", hosts(odd, host(name, "192.0.2.7")))
		if got, err := plugin(t, s).FindHost(t.Context(), name); err != nil || got.State != registrars.FoundObject || len(got.Addresses) != 1 {
			t.Errorf("the host beside %s: %+v, %v", odd, got, err)
		}
	}
	for _, odd := range append([]string{pendingItem("82", "hostCreate", "")}, oddItems...) {
		s := newServer(t)
		s.on("queryHostList", hosts())
		s.on("queryOpePending", oddList(odd))
		if got, err := plugin(t, s).FindHost(t.Context(), name); err != nil || got.State != registrars.Unclear {
			t.Errorf("%s: %+v, %v", odd, got, err)
		}
	}
}
