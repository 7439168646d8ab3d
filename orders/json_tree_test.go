package orders

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// asDecoded converts a node to what encoding/json decodes: of duplicate keys the last
// one counts.
func asDecoded(n *node) any {
	switch n.kind {
	case nodeBool:
		return n.flag
	case nodeNumber:
		return json.Number(n.text)
	case nodeString:
		return n.text
	case nodeArray:
		values := []any{}
		for _, elem := range n.elems {
			values = append(values, asDecoded(elem))
		}
		return values
	case nodeObject:
		members := map[string]any{}
		for _, m := range n.members {
			members[m.key] = asDecoded(m.value)
		}
		return members
	}
	return nil
}

// FuzzParseTree compares the tree with the result of encoding/json, which knows the
// grammar best.
func FuzzParseTree(f *testing.F) {
	for _, seed := range []string{
		`{}`, ` [ ] `, `null`, `"a\"b\\"`, `-1.5e+7`, ` {"a" : [1 , true,false,null,"\u00e9\ud83d\ude00\ud800"], "a":{"b":{}} } `,
		`{"key\n":"x"}`, "\t[0,[[\"]\"]],\"}{\"]\r\n", `[1,]`, `{"a"}`, `"`, `1 2`, ``,
		strings.Repeat("[", MaxJSONDepth) + strings.Repeat("]", MaxJSONDepth),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		got, err := parseTree(bytes.NewReader(document))
		if err != nil {
			return
		}
		decoder := json.NewDecoder(bytes.NewReader(document))
		decoder.UseNumber()
		var want any
		if err := decoder.Decode(&want); err != nil {
			t.Fatalf("encoding/json refuses %q: %v", document, err)
		}
		if got := asDecoded(got); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %#v, want %#v", document, got, want)
		}
		if got.raw != nil && !bytes.Equal(got.raw, bytes.TrimSpace(document)) {
			t.Errorf("%q: raw is %q", document, got.raw)
		}
	})
}

func TestParseTreeReadsWhatIsJSON(t *testing.T) {
	t.Parallel()
	for _, good := range []string{`{}`, ` [1 , {"a" :"b\\"}, -0.5E-3 ,null] `, `"x"`, `0`} {
		if _, err := parseTree(strings.NewReader(good)); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	tooDeep := strings.Repeat("[", MaxJSONDepth+1) + strings.Repeat("]", MaxJSONDepth+1)
	for _, bad := range []string{``, `{`, `[1,]`, `{"a"}`, `{"a":1,}`, `1 2`, `nul`, `"a`, "\"\xff\"", tooDeep} {
		if _, err := parseTree(strings.NewReader(bad)); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
}
