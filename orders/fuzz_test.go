package orders

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// encodeValues and decodeValues convert a list to and from fuzz bytes: a kind
// byte, followed by four bytes for an int, or by length and bytes for a string.
func encodeValues(list []any) []byte {
	var b []byte
	for _, value := range list {
		switch v := value.(type) {
		case int:
			b = binary.BigEndian.AppendUint32(append(b, 'i'), uint32(v))
		case string:
			b = append(append(b, 's', byte(len(v))), v...)
		}
	}
	return b
}

func decodeValues(b []byte) []any {
	var list []any
	for len(b) > 0 {
		kind := b[0]
		b = b[1:]
		switch {
		case kind == 'i' && len(b) >= 4:
			list = append(list, int(int32(binary.BigEndian.Uint32(b))))
			b = b[4:]
		case kind == 's' && len(b) > 0:
			n := min(int(b[0]), len(b)-1)
			list = append(list, string(b[1:1+n]))
			b = b[1+n:]
		case kind == 'b':
			list = append(list, true)
		case kind == 'f':
			list = append(list, 1.5)
		case kind == 'n':
			list = append(list, nil)
		case kind == 'a':
			list = append(list, []any{1, "x"})
		}
	}
	return list
}

// FuzzReadList: no list causes a panic, and an accepted one survives its
// document.
func FuzzReadList(f *testing.F) {
	f.Add(encodeValues(worked()))
	for _, sample := range samples() {
		f.Add(encodeValues(sample.order.list()))
	}
	f.Add(encodeValues(withShortContact(4)))
	s := oneDomain(registration(`aps_defaults_mail={"plan": "a=b"}`, "PrimaryNSID=a.example", "SecondaryNSID=b.example")...)
	s.contact = newCustomer()
	f.Add(encodeValues(s.list()))
	f.Fuzz(func(t *testing.T, data []byte) {
		list := decodeValues(data)
		o, err := ReadList(list)
		if err != nil {
			if o != nil || !strings.HasPrefix(err.Error(), "orders: ") {
				t.Fatalf("order %v, error %v", o, err)
			}
			return
		}
		_ = o.String()
		roundTrip(t, o)
	})
}

// FuzzReadJSON: no document causes a panic, and an accepted one survives its
// document.
func FuzzReadJSON(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(itemDocument(`,"parameters":{},"apsDefaults":{"x":"{ }"}`)))
	f.Add([]byte(itemDocument(`,"operation":"30","nameServers":[null,""],"parameterOrder":[]`)))
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := ReadJSON(bytes.NewReader(data))
		if err != nil {
			if o != nil || !strings.HasPrefix(err.Error(), "orders: ") {
				t.Fatalf("order %v, error %v", o, err)
			}
			return
		}
		roundTrip(t, o)
		if again := mustReadJSON(t, mustWriteJSON(t, o)); !reflect.DeepEqual(o, again) {
			t.Fatal("the document changed")
		}
	})
}
