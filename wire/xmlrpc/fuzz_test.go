package xmlrpc_test

import (
	"errors"
	"reflect"
	"testing"

	"domainprovisioning/wire/xmlrpc"
)

var fuzzSeeds = []string{
	`<?xml version="1.0"?><methodResponse><params><param><value><struct><member><name>status</name><value><i4>0</i4></value></member></struct></value></param></params></methodResponse>`,
	`<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>1</int></value></member><member><name>faultString</name><value>YQ==</value></member></struct></value></fault></methodResponse>`,
	`<?xml version="1.0" encoding="iso-8859-2"?><methodResponse><params><param><value>` + "\xb9" + `</value></param></params></methodResponse>`,
	`<methodCall><methodName>Execute</methodName><params><param><value><array><data><value><double>12.50</double></value><value/></data></array></value></param></params></methodCall>`,
	`<methodCall><methodName>m</methodName><params><param><value><base64>AA==</base64></value></param><param><value><dateTime.iso8601>20260101T00:00:00</dateTime.iso8601></value></param></params></methodCall>`,
	`<methodResponse><params><param><value><array><data><value><nil/></value><value><struct><member><name>a</name><value><nil/></value></member></struct></value></data></array></value></param></params></methodResponse>`,
	"<methodResponse><params><param><value>a&#0;\x00<![CDATA[&#1;]]></value></param></params></methodResponse>",
}

// withoutNil leaves out the elements that are nil, as writing does.
func withoutNil(value any) any {
	switch v := value.(type) {
	case []any:
		kept := []any{}
		for _, element := range v {
			if element != nil {
				kept = append(kept, withoutNil(element))
			}
		}
		return kept
	case xmlrpc.Struct:
		for name := range v {
			v[name] = withoutNil(v[name])
		}
	}
	return value
}

// Every value that is read can be written, and reads back as the same value.
func FuzzDecodeResponse(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		value, err := xmlrpc.DecodeResponse(document, xmlrpc.Limits{})
		if fault, ok := errors.AsType[*xmlrpc.Fault](err); ok {
			_, err = xmlrpc.DecodeResponse(xmlrpc.EncodeFault(fault.Code, fault.Text), xmlrpc.Limits{})
			if again, ok := errors.AsType[*xmlrpc.Fault](err); !ok || *again != *fault {
				t.Fatalf("fault %+v reads back as %v", fault, err)
			}
			return
		}
		value = withoutNil(value)
		if err != nil || value == nil {
			return
		}
		written, err := xmlrpc.EncodeResponse(value)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := xmlrpc.DecodeResponse(written, xmlrpc.Limits{MaxBytes: 1 << 30})
		if err != nil || !reflect.DeepEqual(value, again) {
			t.Fatalf("%#v reads back as %#v, %v", value, again, err)
		}
	})
}

func FuzzDecodeCall(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		method, params, err := xmlrpc.DecodeCall(document, xmlrpc.Limits{})
		if err != nil {
			return
		}
		written, err := xmlrpc.EncodeCall(method, params...)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		methodAgain, again, err := xmlrpc.DecodeCall(written, xmlrpc.Limits{MaxBytes: 1 << 30})
		if err != nil || method != methodAgain || !reflect.DeepEqual(params, again) {
			t.Fatalf("%q %#v reads back as %q %#v, %v", method, params, methodAgain, again, err)
		}
	})
}

func BenchmarkDecodeResponse(b *testing.B) {
	rows := make([]any, 200)
	for i := range rows {
		rows[i] = xmlrpc.Struct{"id": i, "name": "shop.example", "active": true}
	}
	document, err := xmlrpc.EncodeResponse(rows)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(document)))
	for b.Loop() {
		if _, err := xmlrpc.DecodeResponse(document, xmlrpc.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
