package epp

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/sandbox/standin/epp/schemas"
)

var rules = newGrammar()

// verdict says what the reader of the stand-in finds wrong with a frame.
func verdict(frame string) error {
	root, err := parse([]byte(frame))
	if err != nil {
		return err
	}
	if wrong := rules.root(root); wrong != nil {
		return wrong
	}
	return nil
}

// TestTheReaderIsAsStrictAsTheSchemas changes frames in every way that a schema can mind, and
// demands that our reader and libxml2 agree about each.
func TestTheReaderIsAsStrictAsTheSchemas(t *testing.T) {
	validator := schemas.New(t)
	var frames []string
	tried := map[string]bool{}
	for _, frame := range corpus() {
		root, err := parse([]byte(frame))
		if err != nil || verdict(frame) != nil {
			t.Fatalf("a frame of the corpus is broken: %s: %v", frame, verdict(frame))
		}
		frames = append(append(frames, frame), variants(root, tried)...)
	}
	documents := make([][]byte, len(frames))
	for i, frame := range frames {
		documents[i] = []byte(frame)
	}
	theirs, err := validator.Broken(documents)
	if err != nil {
		t.Fatal(err)
	}
	covered, broken, reported := 0, 0, map[string]bool{}
	for i, frame := range frames {
		if !validator.Covers(documents[i]) {
			continue
		}
		covered++
		ours := verdict(frame)
		if ours != nil {
			broken++
		}
		if (ours == nil) == (theirs[i] == "") || otherVersion.MatchString(frame) || theirs[i] == "" && laxer.MatchString(ours.Error()) {
			continue
		}
		if about := fmt.Sprintf("we say %v, libxml2 says %q", ours, theirs[i]); !reported[about] {
			reported[about] = true
			t.Errorf("%s:\n%s", about, frame)
		}
	}
	t.Logf("%d frames, %d of them broken", covered, broken)
	if covered < 3000 || broken < 2000 || broken > covered-500 {
		t.Error("that is no fair trial")
	}
}

// laxer is where libxml2 2.9.14 takes what we refuse on purpose: blanks around decimals, which it
// refuses around integers, and characters in base64 that are none of its alphabet.
var laxer = regexp.MustCompile(`^epp: element (fee: must be a decimal number|credit: must be a decimal number|pubKey: must be base64)`)

// otherVersion is of a login with a version that has a code of its own (2100), although the schema
// refuses it.
var otherVersion = regexp.MustCompile(`<version[^>]*>\s*[1-9]+\.[1-9]`)

// words that text and attributes are replaced by.
func replacements() []string {
	return []string{
		"", " ", "x", "ab", " 1", "1 ", "1", "0", "-1", "+1", "01", "99", "100", "255", "256", "65535", "65536", "4294967296", "1.5", "-1.50", ".5", "5.", "1e3", "true", "TRUE",
		"y", "d", "v4", "int", "en", "en-GB-x", "verylonglanguage", "2027-02-29", "2027-03-01Z", "2027-3-1", "2027-03-01T00:00:00Z", "2027-03-01T24:00:00", "2027-03-01T25:00:00Z",
		" 2027-03-01", "2027-03-01T00:00:00+14:30", "+44.1", "+4444.1", "+44.123456789012345", "EUR", "eur", "A1-B", "A1B", "ok", "request", "create", "AQPJ", "AQP=", "AQ==", "A Q P J", "ABC", "ABCD",
		" a  b ", "a\nb", "ü", strings.Repeat("a", 16), strings.Repeat("a", 17), strings.Repeat("é", 16), strings.Repeat("a", 64), strings.Repeat("a", 65), strings.Repeat("a", 255), strings.Repeat("a", 256), "P1Y", "P", "1.1",
	}
}

// variants returns frames that differ from one in one place. Words are tried once in each kind of
// element and attribute, which tried notes.
func variants(root *node, tried map[string]bool) []string {
	var list []string
	add := func() { list = append(list, root.write()) }
	root.walk(func(n *node) {
		for i := range n.children {
			n.restoring(func() { n.children = slices.Delete(n.children, i, i+1); add() })
			n.restoring(func() { n.children = slices.Insert(n.children, i, n.children[i]); add() })
			n.restoring(func() { n.children = slices.Insert(n.children, i, n.children[i], n.children[i]); add() })
			if i > 0 {
				n.restoring(func() { n.children[i-1], n.children[i] = n.children[i], n.children[i-1]; add() })
			}
			child := n.children[i]
			child.restoring(func() { child.local = "bogus"; add() })
			child.restoring(func() { child.space = nsHost; add() })
			child.restoring(func() { child.attrs["bogus"] = "1"; add() })
			child.restoring(func() { child.children = append(child.children, &node{space: child.space, local: "bogus"}); add() })
			if len(child.children) > 0 {
				child.restoring(func() { child.text = "text"; add() })
			}
		}
		for _, name := range slices.Sorted(maps.Keys(n.attrs)) {
			n.restoring(func() { delete(n.attrs, name); add() })
			if kind := n.space + n.local + "/" + name; !tried[kind] {
				tried[kind] = true
				for _, value := range replacements() {
					n.restoring(func() { n.attrs[name] = value; add() })
				}
			}
		}
		if kind := n.space + n.local; len(n.children) == 0 && !tried[kind] {
			tried[kind] = true
			for _, value := range replacements() {
				n.restoring(func() { n.text = value; add() })
			}
		}
	})
	return list
}

func (n *node) walk(visit func(*node)) {
	visit(n)
	for _, child := range slices.Clone(n.children) {
		child.walk(visit)
	}
}

// restoring changes an element for a while.
func (n *node) restoring(change func()) {
	before := *n
	n.children, n.attrs = slices.Clone(n.children), maps.Clone(n.attrs)
	change()
	*n = before
}

func (n *node) write() string {
	attributes := []string{"xmlns", n.space}
	for _, name := range slices.Sorted(maps.Keys(n.attrs)) {
		attributes = append(attributes, name, n.attrs[name])
	}
	return tag(n.local, escape(n.text)+each(n.children, (*node).write), attributes...)
}

// TestWhatTheReaderRefuses holds what is said about frames, without libxml2.
func TestWhatTheReaderRefuses(t *testing.T) {
	const check = `<command><check><d:check xmlns:d="` + nsDomain + `"><d:name>a.registry</d:name></d:check></check></command>`
	in := func(content string) string { return `<epp xmlns="` + nsEPP + `">` + content + `</epp>` }
	if err := verdict(in(check)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ frame, says string }{
		{"", "no element"},
		{"<epp", "unexpected EOF"},
		{"<epp/>", "element epp: is not the element epp"},
		{in(""), "lacks one of hello, command"},
		{in(check) + "<more/>", "more than one root element"},
		{in(check) + "more", "text outside"},
		{"<!DOCTYPE epp>" + in(check), "document type"},
		{"<?php?>" + in(check) + "<!-- end --><?php?>\r\n", ""},
		{in(check) + `<?xml version="1.0"?>`, "declaration that is not at the beginning"},
		{"\n" + `<?xml version="1.0"?>` + in(check), "declaration that is not at the beginning"},
		{`<?xml version="1.0" encoding="nobody's"?>` + in(check), "charset \"nobody's\" is not known"},
		{in(strings.Replace(check, "a.registry", "\xe9.registry", 1)), "not valid UTF-8"},
		{strings.Replace(in(check), "<d:name>", `<d:name a="1" a="1">`, 1), "attribute a twice"},
		{strings.Replace(in(check), "<d:name>", `<d:name x:a="1" xmlns:x="urn:x">`, 1), "takes no attribute a"},
		{strings.Replace(in(check), "d:name>", "name>", 2), "element name: is not expected here; the element name is"},
		{strings.Replace(in(check), "xmlns:d=", "xmlns:e=", 1), ""}, // a prefix that is not declared is a namespace that nobody knows
		{strings.Repeat("<a>", 40) + strings.Repeat("</a>", 40), "too deep"},
		{in(strings.Replace(check, "<check>", "text<check>", 1)), "element command: takes no text"},
		{in(strings.Replace(check, "</command>", "<clTRID>ab</clTRID></command>", 1)), "element clTRID: must have at least 3 characters, and has 2"},
	} {
		err := verdict(c.frame)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.frame, err, c.says)
		}
	}
}
