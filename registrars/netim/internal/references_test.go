package internal

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// shown parses a reply and renders its response.
func shown(t *testing.T, body string) (string, error) {
	t.Helper()
	node, err := parse([]byte(`<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Body>`+body+`</E:Body></E:Envelope>`), "", maxElements)
	if err != nil {
		return "", err
	}
	var render func(n *Node) string
	render = func(n *Node) string {
		if n.Nil {
			return n.Name + "=nil"
		}
		if len(n.Children) == 0 {
			return n.Name + "=" + n.text
		}
		members := make([]string, 0, len(n.Children))
		for _, child := range n.Children {
			members = append(members, render(child))
		}
		return n.Name + "{" + strings.Join(members, " ") + "}"
	}
	return render(node), nil
}

// TestOneStructInManyForms: references are followed wherever they stand, and an Apache
// Map, a SOAP-ENC:Struct and a struct of the WSDL are the same.
func TestOneStructInManyForms(t *testing.T) {
	const want = "r{x{city=Lille more{R_ID=7 on{shop.example=1}}}}"
	pair := func(key, value string) string {
		return `<item><key xsi:type="xsd:string">` + key + `</key>` + value + `</item>`
	}
	inner := pair("R_ID", `<value>7</value>`) + pair("on", `<value xsi:type="a:Map">`+pair("shop.example", `<value>1</value>`)+`</value>`)
	fields := `<city>Lille</city><more xsi:type="ns2:Map">` + inner + `</more>`
	for name, body := range map[string]string{
		"struct":            `<r><x>` + fields + `</x></r>`,
		"SOAP-ENC:Struct":   `<r><x xsi:type="SOAP-ENC:Struct"><city>Lille</city><more xsi:type="SOAP-ENC:Struct"><R_ID>7</R_ID><on><shop.example>1</shop.example></on></more></x></r>`,
		"Map":               `<r><x xsi:type="ns2:Map">` + pair("city", `<value>Lille</value>`) + pair("more", `<value xsi:type="ns2:Map">`+inner+`</value>`) + `</x></r>`,
		"Map without types": `<r><x>` + pair("city", `<value>Lille</value>`) + pair("more", `<value>`+inner+`</value>`) + `</x></r>`,
		"beside, before":    `<multiRef id="1">` + fields + `</multiRef><r><x href="#1"/></r>`,
		"beside, after":     `<r><x href="#1"/></r><multiRef id="1"><city href="#2"/><more href="#3"/></multiRef><multiRef id="2">Lille</multiRef><multiRef id="3" xsi:type="ns2:Map">` + inner + `</multiRef>`,
		"in other values":   `<r><x href="#1"/><E:y xmlns:E="e"><z id="1">` + fields + `</z></E:y></r>`,
		"to a reference":    `<r><x href="#1"/></r><m id="1" href="#2"/><m id="2">` + fields + `</m>`,
		"map of references": `<r><x xsi:type="ns2:Map"><item href="#1"/><item><key href="#2"/><value href="#3"/></item></x></r><m id="1"><key>city</key><value>Lille</value></m><m id="2">more</m><m id="3" xsi:type="ns2:Map">` + inner + `</m>`,
	} {
		got, err := shown(t, body)
		// What stands beside the struct does not matter here.
		if got = strings.Split(got, " y{")[0]; name == "in other values" {
			got += "}"
		}
		if err != nil || got != want {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}

func TestReferencesInLists(t *testing.T) {
	// As PHP writes an object that occurs twice, a list with gaps, and an item of a map that
	// is none.
	for body, want := range map[string]string{
		`<r><x><item id="ref1"><a>1</a></item><item href="#ref1"/></x></r>`:                                               "r{x{item{a=1} item{a=1}}}",
		`<r><x><item><key>1</key><value>a</value></item><item><key>3</key><value xsi:nil="true">b</value></item></x></r>`: "r{x{1=a 3=nil}}",
		`<r><x xsi:type="Map"><item>a</item></x></r>`:                                                                     "r{x{item=a}}",
		`<r><x xsi:type="e:Array"><item><key>1</key><value>a</value></item></x></r>`:                                      "r{x{item{key=1 value=a}}}",
		`<r><x href="#1"/></r><m id="1" xsi:nil="true"/>`:                                                                 "r{x=nil}",
		`<r id="own"><x>1</x></r>`: "r{x=1}",
	} {
		if got, err := shown(t, body); err != nil || got != want {
			t.Errorf("%s, %v; want %s", got, err, want)
		}
	}
	gaps, err := parse(document("", `<item><key>1</key><value>a</value></item><item><key>3</key><value>b</value></item>`), "", maxElements)
	if err != nil {
		t.Fatal(err)
	}
	if items, err := gaps.Member("v").Items(); err != nil || len(items) != 2 || items[1].Text() != "b" {
		t.Errorf("%v, %v", items, err)
	}
}

func TestHarmfulReferences(t *testing.T) {
	tower := func(levels, each int, top string) string {
		var b strings.Builder
		b.WriteString(`<r><x href="#0"/></r>`)
		for i := range levels {
			fmt.Fprintf(&b, `<m id="%d">%s</m>`, i, strings.Repeat(fmt.Sprintf(`<a href="#%d"/>`, i+1), each))
		}
		fmt.Fprintf(&b, `<m id="%d">%s</m>`, levels, top)
		return b.String()
	}
	for name, body := range map[string]string{
		"dangling":           `<r><x href="#1"/></r>`,
		"another document":   `<r><x href="http://host.example/#1"/></r><m id="1"/>`,
		"an attachment":      `<r><x href="cid:1"/></r><m id="1"/>`,
		"empty":              `<r><x href="#"/></r>`,
		"itself":             `<r><x id="1" href="#1"/></r>`,
		"its parent":         `<r><x id="1"><y href="#1"/></x></r>`,
		"the response":       `<r id="1"><x href="#1"/></r>`,
		"a circle":           `<r><x href="#1"/></r><m id="1"><a href="#2"/></m><m id="2"><b href="#1"/></m>`,
		"two of one id":      `<r><x href="#1"/></r><m id="1"/><m id="1"/>`,
		"with a text":        `<r><x href="#1">text</x></r><m id="1"/>`,
		"with an element":    `<r><x href="#1"><y/></x></r><m id="1"/>`,
		"ten to the ninth":   tower(9, 10, "x"),
		"two to the 25th":    tower(25, 2, "x"),
		"long texts":         tower(2, 40, strings.Repeat("x", 1<<16)),
		"deep":               tower(40, 1, "x"),
		"deep in a deep":     `<r>` + strings.Repeat("<a>", 20) + `<x href="#0"/>` + strings.Repeat("</a>", 20) + `</r>` + strings.TrimPrefix(tower(12, 1, "x"), `<r><x href="#0"/></r>`),
		"resolved, deep too": `<r><x href="#0"/>` + strings.Repeat("<a>", 20) + `<x href="#0"/>` + strings.Repeat("</a>", 20) + `</r>` + strings.TrimPrefix(tower(12, 1, "<b/>"), `<r><x href="#0"/></r>`),
	} {
		_, err := shown(t, body)
		if _, ok := errors.AsType[*MalformedError](err); !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, err := shown(t, tower(4, 10, "x")); err != nil || strings.Count(got, "=x") != 10_000 {
		t.Errorf("%d, %v", strings.Count(got, "=x"), err)
	}
}
