package realtimeregister

import (
	"reflect"
	"strings"
	"testing"
)

func TestHostRules(t *testing.T) {
	f := begin(t)
	f.want(201, "", "POST", "domains/shop.sync", create)
	const v4, both = `{"addresses": [{"ipVersion": "V4", "address": "192.0.2.1"}]}`,
		`{"addresses": [{"ipVersion": "V4", "address": "192.0.2.1"}, {"ipVersion": "V6", "address": "2001:db8::1"}]}`
	const host = "hosts/ns1.shop.sync"
	f.want(400, "ObjectDoesNotExist", "GET", host, "")
	f.want(400, "ObjectDoesNotExist", "POST", "hosts/ns1.studio.sync", v4)
	f.want(400, "ValidationError", "POST", host, `{"addresses": []}`)
	f.want(400, "ConstraintViolationException", "POST", host, `{"addresses": [{"ipVersion": "V6", "address": "192.0.2.1"}]}`)
	f.want(400, "ConstraintViolationException", "POST", host, `{"addresses": [{"ipVersion": "V4", "address": "ns"}]}`)
	f.want(400, "ConstraintViolationException", "POST", "hosts/NS1.shop.sync", v4)
	f.want(400, "UnrecognizedPropertyException", "POST", host, `{"addresses": [], "name": "x"}`)

	delegate := `{"ns": ["ns1.shop.sync", "ns2.shop.example"]}`
	f.want(400, "ObjectDoesNotExist", "POST", "domains/shop.sync/update", delegate)
	f.want(400, "ObjectDoesNotExist", "POST", "domains/atelier.sync", strings.Replace(create, "ns1.shop.example", "ns1.atelier.sync", 1))
	f.want(201, "", "POST", host, both)
	f.want(400, "ObjectExists", "POST", host, both)
	f.want(200, "", "POST", "domains/shop.sync/update", delegate)
	if got := f.want(200, "", "GET", host, "").body["addresses"].([]any); len(got) != 2 {
		t.Errorf("addresses %v", got)
	}
	if got := f.Hosts(); !reflect.DeepEqual(got, map[string][]string{"ns1.shop.sync": {"192.0.2.1", "2001:db8::1"}}) {
		t.Errorf("hosts %v", got)
	}

	// Elsewhere it is a process of its own.
	f.want(202, "", "POST", "domains/shop.async", create)
	f.SetBehaviour("ns1.shop.async", Behaviour{Manual: true})
	f.want(202, "", "POST", "hosts/ns1.shop.async", v4)
	list := f.want(200, "", "GET", "processes?type:eq=host&status:eq=SUSPENDED&limit=10", "").body["entities"].([]any)
	if len(list) != 1 || list[0].(map[string]any)["identifier"] != "ns1.shop.async" {
		t.Errorf("processes %v", list)
	}
	if err := f.Complete("ns1.shop.async"); err != nil {
		t.Fatal(err)
	}
	f.want(200, "", "GET", "hosts/ns1.shop.async", "")
}

// TestSyntaxRules: the registry takes no other names than its data say.
func TestSyntaxRules(t *testing.T) {
	f := begin(t, func(o *Options) {
		o.TLDs = map[string]TLD{"sync": {}, "long": {MinLength: 3, MaxLength: 8}, "ascii": {NoIDN: true}, "tongues": {Languages: []string{"FRE"}}}
	})
	in := func(language string) string {
		return strings.Replace(create, `"period"`, `"languageCode": "`+language+`", "period"`, 1)
	}
	for _, c := range []struct{ name, body, kind string }{
		{"ab.long", create, "ValidationError"}, {"abcdefghi.long", create, "ValidationError"}, {"abc.long", create, ""},
		{"xn--bcher-kva.ascii", create, "ValidationError"}, {"xn--bcher-kva.sync", create, ""},
		{"xn--bcher-kva.tongues", create, "ValidationError"}, {"xn--bcher-kva.tongues", in("GER"), "ValidationError"},
		{"books.tongues", in("FRE"), "ValidationError"}, {"xn--bcher-kva.tongues", in("FRE"), ""},
		{"shop.sync", in("ABCDEFGHIJK"), "ConstraintViolationException"},
	} {
		status := 400
		if c.kind == "" {
			status = 201
		}
		f.want(status, c.kind, "POST", "domains/"+c.name, c.body)
	}
	if d, _ := f.Domain("xn--bcher-kva.tongues"); d.Language != "FRE" {
		t.Errorf("language %q", d.Language)
	}
	metadata := f.want(200, "", "GET", "tlds/tongues/info", "").body["metadata"].(map[string]any)
	syntax := metadata["domainSyntax"].(map[string]any)
	if syntax["languageCodes"].(map[string]any)["FRE"] == nil || syntax["idnSupport"] != true {
		t.Errorf("syntax %v", syntax)
	}
}
