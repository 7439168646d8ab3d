package xmlrpc_test

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"domainprovisioning/wire/xmlrpc"
)

const reply = `<?xml version="1.0"?><methodResponse><params><param>%</param></params></methodResponse>`

func decodeValue(t *testing.T, value string) (any, error) {
	t.Helper()
	return xmlrpc.DecodeResponse([]byte(strings.Replace(reply, "%", value, 1)), xmlrpc.Limits{})
}

func TestEncodedForm(t *testing.T) {
	tests := []struct {
		name  string
		value any
		want  string
	}{
		{"int", 42, "<value><i4>42</i4></value>"},
		{"int32", int32(-7), "<value><i4>-7</i4></value>"},
		{"smallest int", math.MinInt32, "<value><i4>-2147483648</i4></value>"},
		{"int64", int64(math.MaxInt32), "<value><i4>2147483647</i4></value>"},
		{"true", true, "<value><boolean>1</boolean></value>"},
		{"false", false, "<value><boolean>0</boolean></value>"},
		{"string", `a <b> & "c"`, `<value><string>a &lt;b&gt; &amp; "c"</string></value>`},
		{"carriage return", "a\r\nb", "<value><string>a&#13;\nb</string></value>"},
		{"empty string", "", "<value><string></string></value>"},
		{"untyped", xmlrpc.Untyped("x & y"), "<value>x &amp; y</value>"},
		{"untyped empty", xmlrpc.Untyped(""), "<value></value>"},
		{"double", 1.5, "<value><double>1.5</double></value>"},
		{"large double has no exponent", 1e9, "<value><double>1000000000</double></value>"},
		{"fixed", xmlrpc.Fixed2(1250), "<value><double>12.50</double></value>"},
		{"fixed zero", xmlrpc.Fixed2(0), "<value><double>0.00</double></value>"},
		{"fixed negative", xmlrpc.Fixed2(-5), "<value><double>-0.05</double></value>"},
		{"smallest fixed", xmlrpc.Fixed2(math.MinInt64), "<value><double>-92233720368547758.08</double></value>"},
		{"bytes", []byte("hello"), "<value><base64>aGVsbG8=</base64></value>"},
		{
			"time in UTC",
			time.Date(2026, 1, 1, 1, 2, 3, 4, time.FixedZone("", 3600)),
			"<value><dateTime.iso8601>20260101T00:02:03</dateTime.iso8601></value>",
		},
		{
			"array without its nils",
			[]any{1, nil, []any{nil}},
			"<value><array><data><value><i4>1</i4></value><value><array><data></data></array></value></data></array></value>",
		},
		{
			"struct sorted and without its nils",
			xmlrpc.Struct{"b": 1, "a": "x", "c": nil},
			"<value><struct><member><name>a</name><value><string>x</string></value></member><member><name>b</name><value><i4>1</i4></value></member></struct></value>",
		},
		{
			"ordered keeps its order",
			xmlrpc.Ordered{{Name: "z", Value: 1}, {Name: "n", Value: nil}, {Name: "a", Value: xmlrpc.Struct{}}},
			"<value><struct><member><name>z</name><value><i4>1</i4></value></member><member><name>a</name><value><struct></struct></value></member></struct></value>",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			document, err := xmlrpc.EncodeResponse(test.value)
			if err != nil {
				t.Fatal(err)
			}
			want := `<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
				"<methodResponse><params><param>" + test.want + "</param></params></methodResponse>\n"
			if string(document) != want {
				t.Errorf("got\n%s\nwant\n%s", document, want)
			}
		})
	}
}

func TestEncodeRefuses(t *testing.T) {
	loop := xmlrpc.Struct{}
	loop["self"] = loop
	tests := []struct {
		name  string
		value any
		want  error
	}{
		{"above 32 bits", math.MaxInt32 + 1, xmlrpc.ErrRange},
		{"below 32 bits", int64(math.MinInt32 - 1), xmlrpc.ErrRange},
		{"control character", "a\x00b", xmlrpc.ErrCharacter},
		{"invalid UTF-8", xmlrpc.Untyped("a\xffb"), xmlrpc.ErrCharacter},
		{"non-character", "\uFFFE", xmlrpc.ErrCharacter},
		{"bad member name", xmlrpc.Struct{"a\x01": 1}, xmlrpc.ErrCharacter},
		{"bad member of an ordered", xmlrpc.Ordered{{Name: "a", Value: "\x01"}}, xmlrpc.ErrCharacter},
		{"bad element", []any{"\x01"}, xmlrpc.ErrCharacter},
		{"contains itself", loop, xmlrpc.ErrTooDeep},
		{"not a number", math.NaN(), nil},
		{"infinite", math.Inf(1), nil},
		{"year of five digits", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), nil},
		{"unknown type", uint8(1), nil},
		{"nil", nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := xmlrpc.EncodeResponse(test.value)
			if err == nil || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
	for _, method := range []string{"", "a b", "a<b", strings.Repeat("m", 256)} {
		if _, err := xmlrpc.EncodeCall(method); err == nil {
			t.Errorf("method %q was accepted", method)
		}
	}
	if _, err := xmlrpc.EncodeCall("m", 1, nil); err == nil {
		t.Error("a nil parameter was accepted")
	}
	if _, err := xmlrpc.EncodeCall("m", "\x00"); !errors.Is(err, xmlrpc.ErrCharacter) {
		t.Errorf("got %v", err)
	}
}

func TestDecodedForm(t *testing.T) {
	tests := []struct {
		name, value string
		want        any
	}{
		{"i4", "<value><i4>-5</i4></value>", -5},
		{"int with blanks", "<value> <int> +7\n</int> </value>", 7},
		{"boolean", "<value><boolean>1</boolean></value>", true},
		{"boolean in words", "<value><boolean>false</boolean></value>", false},
		{"string keeps blanks", "<value><string> a </string></value>", " a "},
		{"untyped", "<value>x</value>", "x"},
		{"untyped keeps blanks", "<value> </value>", " "},
		{"untyped empty", "<value/>", ""},
		{"entities", "<value>&lt;a&gt; &amp; &#233;&#xE9;</value>", "<a> & éé"},
		{"cdata", "<value><string><![CDATA[<a> &#1;]]></string></value>", "<a> &#1;"},
		{"comment inside text", "<value>a<!-- c -->b</value>", "ab"},
		{"double", "<value><double>-1.25e2</double></value>", -125.0},
		{"base64 over lines", "<value><base64>aGVs\n bG8=</base64></value>", []byte("hello")},
		{"date", "<value><dateTime.iso8601>20260102T03:04:05</dateTime.iso8601></value>", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
		{"date with hyphens and zone", "<value><dateTime.iso8601>2026-01-02T03:04:05Z</dateTime.iso8601></value>", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
		{"empty array", "<value><array><data/></array></value>", []any{}},
		{"array", "<value><array>\n<data>\n<value>a</value>\n<value><i4>1</i4></value>\n</data>\n</array></value>", []any{"a", 1}},
		{"empty struct", "<value><struct/></value>", xmlrpc.Struct{}},
		{
			"struct", "<value><struct><member> <name>a</name> <value>x</value> </member><member><name>b</name><value><array><data/></array></value></member></struct></value>",
			xmlrpc.Struct{"a": "x", "b": []any{}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := decodeValue(t, test.value)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %#v, want %#v", got, test.want)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	tests := []struct {
		name, value string
		want        error
	}{
		{"nil that is none", "<value><nil>1</nil></value>", xmlrpc.ErrMalformed},
		{"33 bits", "<value><i4>2147483648</i4></value>", xmlrpc.ErrMalformed},
		{"empty int", "<value><i4/></value>", xmlrpc.ErrMalformed},
		{"unknown type", "<value><i8>1</i8></value>", xmlrpc.ErrMalformed},
		{"bad boolean", "<value><boolean>2</boolean></value>", xmlrpc.ErrMalformed},
		{"hexadecimal double", "<value><double>0x1p3</double></value>", xmlrpc.ErrMalformed},
		{"infinite double", "<value><double>inf</double></value>", xmlrpc.ErrMalformed},
		{"bad base64", "<value><base64>***</base64></value>", xmlrpc.ErrMalformed},
		{"bad date", "<value><dateTime.iso8601>yesterday</dateTime.iso8601></value>", xmlrpc.ErrMalformed},
		{"text beside a type", "<value>x<i4>1</i4></value>", xmlrpc.ErrMalformed},
		{"text after a type", "<value><i4>1</i4>x</value>", xmlrpc.ErrMalformed},
		{"two types", "<value><i4>1</i4><i4>2</i4></value>", xmlrpc.ErrMalformed},
		{"element in a string", "<value><string><b/></string></value>", xmlrpc.ErrMalformed},
		{"array without data", "<value><array><value>1</value></array></value>", xmlrpc.ErrMalformed},
		{"array of other things", "<value><array><data><i4>1</i4></data></array></value>", xmlrpc.ErrMalformed},
		{"struct of other things", "<value><struct><value>1</value></struct></value>", xmlrpc.ErrMalformed},
		{"member without value", "<value><struct><member><name>a</name></member></struct></value>", xmlrpc.ErrMalformed},
		{"member without name", "<value><struct><member><value>a</value></member></struct></value>", xmlrpc.ErrMalformed},
		{"duplicate member", "<value><struct><member><name>a</name><value/></member><member><name>a</name><value/></member></struct></value>", xmlrpc.ErrDuplicateMember},
		{"crossed tags", "<value><string>a</value></string>", xmlrpc.ErrMalformed},
		{"crossed end of value", "<value>a</string>", xmlrpc.ErrMalformed},
		{"unknown entity", "<value>Smith &Jones</value>", xmlrpc.ErrMalformed},
		{"two values", "<value>a</value><value>b</value>", xmlrpc.ErrMalformed},
		{"no value", "", xmlrpc.ErrMalformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := decodeValue(t, test.value)
			if !errors.Is(err, test.want) {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			if strings.Contains(err.Error(), "Jones") {
				t.Errorf("the error quotes the document: %v", err)
			}
		})
	}
}

// In a reply, a nil member is absent, and a nil element keeps its place.
func TestNilInAReplyIsAbsent(t *testing.T) {
	for value, want := range map[string]any{
		"<value><nil/></value>":    nil,
		"<value><ex:nil/></value>": nil,
		"<value><struct><member><name>a</name><value><nil/></value></member><member><name>b</name><value>x</value></member></struct></value>": xmlrpc.Struct{"b": "x"},
		"<value><array><data><value>x</value><value><nil></nil></value><value><i4>1</i4></value></data></array></value>":                      []any{"x", nil, 1},
	} {
		got, err := decodeValue(t, value)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, %v", value, got, err)
		}
		call := "<methodCall><methodName>m</methodName><params><param>" + value + "</param></params></methodCall>"
		if _, _, err := xmlrpc.DecodeCall([]byte(call), xmlrpc.Limits{}); !errors.Is(err, xmlrpc.ErrNil) {
			t.Errorf("in a call %s: %v", value, err)
		}
	}
	twice := "<value><struct><member><name>a</name><value><nil/></value></member><member><name>a</name><value>x</value></member></struct></value>"
	if _, err := decodeValue(t, twice); !errors.Is(err, xmlrpc.ErrDuplicateMember) {
		t.Errorf("nil and a value under one name: %v", err)
	}
}

// Errors of reading and writing name the place, and quote nothing.
func TestErrorsNameThePlace(t *testing.T) {
	const secret = "s3cret"
	row := func(value string) string {
		return "<value><struct><member><name>result</name><value><array><data><value>x</value>" + value + "</data></array></value></member></struct></value>"
	}
	for value, want := range map[string]string{
		row("<value><i4>99999999999</i4></value>"):                                                                                       "an integer beyond 32 bits, at result[1]",
		row("<value><int>" + secret + "</int></value>"):                                                                                  "a bad int, at result[1]",
		row("<value><struct><member><name>id</name><value><i8>1</i8></value></member></struct></value>"):                                 "a value of the type <i8>, which is not known, at result[1].id",
		row("<value><array><data><value><array><data><value><boolean>7</boolean></value></data></array></value></data></array></value>"): "a bad boolean, at result[1][0][0]",
		"<value><struct><member><name>jane@shop.example</name><value><double>" + secret + "</double></value></member></struct></value>":  "a bad double, at ?",
		"<value><struct><member><name>a</name><value/></member><member><name>a</name><value/></member></struct></value>":                 "a struct names a member twice, at a",
	} {
		_, err := decodeValue(t, value)
		if err == nil || !strings.HasSuffix(err.Error(), want) || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "jane") {
			t.Errorf("%s: got %v", value, err)
		}
	}
	for want, value := range map[string]any{
		"person.first_name": xmlrpc.Struct{"person": xmlrpc.Ordered{{Name: "first_name", Value: secret + "\x00"}}},
		"Params[1]":         xmlrpc.Struct{"Params": []any{1, 1 << 40}},
	} {
		_, err := xmlrpc.EncodeCall("m", value)
		if err == nil || !strings.HasSuffix(err.Error(), ", at "+want) || strings.Contains(err.Error(), secret) {
			t.Errorf("got %v, want the place %s", err, want)
		}
	}
}

func TestDecodeRefusesDocuments(t *testing.T) {
	good := strings.Replace(reply, "%", "<value>a</value>", 1)
	tests := []struct {
		name, document string
		want           error
	}{
		{"empty", "", xmlrpc.ErrMalformed},
		{"cut short", good[:len(good)-10], xmlrpc.ErrMalformed},
		{"cut in a value", good[:strings.Index(good, "a</value>")+1], xmlrpc.ErrMalformed},
		{"not XML", "internal server error", xmlrpc.ErrMalformed},
		{"HTML", "<html><body/></html>", xmlrpc.ErrMalformed},
		{"doctype", `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + good, xmlrpc.ErrDoctype},
		{"second document", good + good, xmlrpc.ErrMalformed},
		{"trailing text", good + "x", xmlrpc.ErrMalformed},
		{"call instead of reply", "<methodCall><methodName>m</methodName></methodCall>", xmlrpc.ErrMalformed},
		{"no params", "<methodResponse></methodResponse>", xmlrpc.ErrMalformed},
		{"neither params nor fault", "<methodResponse><value/></methodResponse>", xmlrpc.ErrMalformed},
		{"two params", "<methodResponse><params><param><value/></param><param><value/></param></params></methodResponse>", xmlrpc.ErrMalformed},
		{"fault that is no struct", "<methodResponse><fault><value>x</value></fault></methodResponse>", xmlrpc.ErrMalformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := xmlrpc.DecodeResponse([]byte(test.document), xmlrpc.Limits{}); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
	if _, err := xmlrpc.DecodeResponse([]byte("\n"+good+"\n<!-- end -->\n"), xmlrpc.Limits{}); err != nil {
		t.Errorf("blanks and comments around the document: %v", err)
	}
}

func TestFaults(t *testing.T) {
	_, err := xmlrpc.DecodeResponse(xmlrpc.EncodeFault(7, "a\x00 <b> \xff"), xmlrpc.Limits{})
	var fault *xmlrpc.Fault
	if !errors.As(err, &fault) || fault.Code != 7 || fault.Text != "a <b> \uFFFD" {
		t.Fatalf("got %#v", err)
	}
	if strings.Contains(err.Error(), "<b>") {
		t.Errorf("the error shows the peer's text: %v", err)
	}
	_, err = xmlrpc.DecodeResponse(xmlrpc.EncodeFault(1<<40, ""), xmlrpc.Limits{})
	if !errors.As(err, &fault) || fault.Code != 0 {
		t.Errorf("got %#v", err)
	}
	lenient := `<methodResponse><fault><value><struct><member><name>faultCode</name><value>12</value></member></struct></value></fault></methodResponse>`
	if _, err = xmlrpc.DecodeResponse([]byte(lenient), xmlrpc.Limits{}); !errors.As(err, &fault) || fault.Code != 12 || fault.Text != "" {
		t.Errorf("got %#v", err)
	}
}

func TestCalls(t *testing.T) {
	tests := []struct {
		name, document, method string
		params                 []any
	}{
		{"no params", "<methodCall><methodName> pem.x </methodName></methodCall>", "pem.x", nil},
		{"empty params", "<methodCall><methodName>pem.x</methodName><params/></methodCall>", "pem.x", nil},
		{
			"two params",
			"<methodCall><methodName>m</methodName><params><param><value>a</value></param>\n<param><value><i4>1</i4></value></param></params></methodCall>",
			"m",
			[]any{"a", 1},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			method, params, err := xmlrpc.DecodeCall([]byte(test.document), xmlrpc.Limits{})
			if err != nil || method != test.method || !reflect.DeepEqual(params, test.params) {
				t.Errorf("got %q %#v %v", method, params, err)
			}
		})
	}
	for _, bad := range []string{
		"", "<methodResponse/>", "<methodCall/>",
		"<methodCall><methodName></methodName></methodCall>",
		"<methodCall><methodName>a b</methodName></methodCall>",
		"<methodCall><methodName><x/></methodName></methodCall>",
		"<methodCall><methodName>m",
		"<methodCall><methodName>m</methodName><x/></methodCall>",
		"<methodCall><methodName>m</methodName><params><x/></params></methodCall>",
		"<methodCall><methodName>m</methodName><params><param/></params></methodCall>",
		"<methodCall><methodName>m</methodName><params></params></methodCall>x",
		"<methodCall><methodName>m</methodName><params></params><params></params></methodCall>",
	} {
		if _, _, err := xmlrpc.DecodeCall([]byte(bad), xmlrpc.Limits{}); !errors.Is(err, xmlrpc.ErrMalformed) {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	sent := []any{
		"text with ünïcödé, <tags> & \r\n line ends",
		xmlrpc.Struct{
			"list": []any{1, -1, true, false, 2.25, []byte{0, 1, 255}, ""},
			"when": time.Date(2038, 1, 19, 3, 14, 8, 0, time.UTC),
			"deep": xmlrpc.Struct{"a": xmlrpc.Struct{"b": []any{[]any{"x"}}}},
		},
	}
	document, err := xmlrpc.EncodeCall("pem.test", sent...)
	if err != nil {
		t.Fatal(err)
	}
	method, params, err := xmlrpc.DecodeCall(document, xmlrpc.Limits{})
	if err != nil || method != "pem.test" || !reflect.DeepEqual(params, sent) {
		t.Errorf("got %q %#v %v", method, params, err)
	}
	// These three read back as the plain type.
	document, _ = xmlrpc.EncodeResponse([]any{xmlrpc.Untyped("u"), xmlrpc.Fixed2(1250), xmlrpc.Ordered{{Name: "a", Value: 1}}})
	value, err := xmlrpc.DecodeResponse(document, xmlrpc.Limits{})
	if want := []any{"u", 12.5, xmlrpc.Struct{"a": 1}}; err != nil || !reflect.DeepEqual(value, want) {
		t.Errorf("got %#v %v", value, err)
	}
}

func TestLimits(t *testing.T) {
	nested := func(depth int) string {
		return strings.Repeat("<value><array><data>", depth-1) + "<value>x</value>" + strings.Repeat("</data></array></value>", depth-1)
	}
	tests := []struct {
		name   string
		value  string
		limits xmlrpc.Limits
		want   error
	}{
		{"depth at the limit", nested(32), xmlrpc.Limits{}, nil},
		{"depth over the limit", nested(33), xmlrpc.Limits{}, xmlrpc.ErrTooDeep},
		{"depth over a set limit", nested(4), xmlrpc.Limits{MaxDepth: 3}, xmlrpc.ErrTooDeep},
		{
			"struct over the depth", "<value><struct><member><name>a</name><value/></member></struct></value>",
			xmlrpc.Limits{MaxDepth: 1},
			xmlrpc.ErrTooDeep,
		},
		{"values at the limit", "<value><array><data><value/><value/></data></array></value>", xmlrpc.Limits{MaxValues: 3}, nil},
		{"values over the limit", "<value><array><data><value/><value/><value/></data></array></value>", xmlrpc.Limits{MaxValues: 3}, xmlrpc.ErrTooManyValues},
		{"default number of values", "<value><array><data>" + strings.Repeat("<value/>", 100_000) + "</data></array></value>", xmlrpc.Limits{}, xmlrpc.ErrTooManyValues},
		{"bytes over a set limit", nested(4), xmlrpc.Limits{MaxBytes: 50}, xmlrpc.ErrTooLarge},
		{"default size", "<value>" + strings.Repeat("x", 4<<20) + "</value>", xmlrpc.Limits{}, xmlrpc.ErrTooLarge},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			document := strings.Replace(reply, "%", test.value, 1)
			if _, err := xmlrpc.DecodeResponse([]byte(document), test.limits); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}
