package epp

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// form is the type of an element: simple content, or children. Without either it must be empty.
type form struct {
	text  *simple
	attrs map[string]attribute
	parts []part
	loose bool // anything goes: xs:anyType
	mixed bool // any content that nobody reads; attributes are those above
}

type attribute struct {
	simple
	required bool
}

// part is a place among the children of an element: elements of a name, a choice, or any element
// of another namespace. The namespace of a name is that of the parent, which holds in all schemas
// that are used here.
type part struct {
	name      string
	of        *form
	least     int
	most      int // -1: any number
	choice    [][]part
	elsewhere bool
}

// violation says which element breaks which rule of a schema.
type violation struct {
	space, local, rule string
}

func (v *violation) Error() string { return "epp: element " + v.local + ": " + v.rule }

func one(name string, of *form) part { return part{name: name, of: of, least: 1, most: 1} }

func maybe(name string, of *form) part { return part{name: name, of: of, most: 1} }

func some(name string, of *form) part { return part{name: name, of: of, least: 1, most: -1} }

func several(name string, of *form, least, most int) part {
	return part{name: name, of: of, least: least, most: most}
}

func either(alternatives ...[]part) part { return part{choice: alternatives, least: 1, most: 1} }

func leaf(s simple) *form { return &form{text: &s} }

func (f *form) with(name string, s simple, required bool) *form {
	changed := *f
	changed.attrs = maps.Clone(f.attrs)
	if changed.attrs == nil {
		changed.attrs = map[string]attribute{}
	}
	changed.attrs[name] = attribute{s, required}
	return &changed
}

func group(parts ...part) *form { return &form{parts: parts} }

// read checks an element against its form, and normalises its values.
func (g grammar) read(n *node, f *form) *violation {
	if f.loose {
		return nil
	}
	if wrong := f.readAttributes(n); wrong != nil {
		return wrong
	}
	if f.mixed {
		return nil
	}
	if f.text != nil {
		if len(n.children) > 0 {
			return n.breaks("takes no elements")
		}
		normalised, wrong := f.text.read(n.text)
		if wrong != "" {
			return n.breaks(wrong)
		}
		n.text = normalised
		return nil
	}
	if strings.TrimSpace(n.text) != "" || f.parts == nil && n.text != "" {
		return n.breaks("takes no text")
	}
	rest, wrong := g.sequence(n, n.children, f.parts)
	if wrong == nil && len(rest) > 0 {
		wrong = rest[0].breaks("is not expected here")
	}
	return wrong
}

func (n *node) breaks(rule string) *violation { return &violation{n.space, n.local, rule} }

func (f *form) readAttributes(n *node) *violation {
	if len(n.foreign) > 0 {
		return n.breaks("takes no attribute " + n.foreign[0])
	}
	for _, name := range slices.Sorted(maps.Keys(n.attrs)) {
		known, ok := f.attrs[name]
		if !ok {
			return n.breaks("takes no attribute " + name)
		}
		normalised, wrong := known.read(n.attrs[name])
		if wrong != "" {
			return n.breaks("the attribute " + name + " " + wrong)
		}
		n.attrs[name] = normalised
	}
	for _, name := range slices.Sorted(maps.Keys(f.attrs)) {
		if _, given := n.attrs[name]; f.attrs[name].required && !given {
			return n.breaks("needs the attribute " + name)
		}
	}
	return nil
}

// sequence reads children that follow each other, and returns those that are left. Looking at one
// element is enough, because the schemas are unambiguous.
func (g grammar) sequence(parent *node, children []*node, parts []part) ([]*node, *violation) {
	for _, p := range parts {
		var wrong *violation
		if p.choice != nil {
			children, wrong = g.alternative(parent, children, p)
		} else {
			children, wrong = g.elements(parent, children, p)
		}
		if wrong != nil {
			return nil, wrong
		}
	}
	return children, nil
}

func (g grammar) elements(parent *node, children []*node, p part) ([]*node, *violation) {
	n := 0
	for len(children) > 0 && (p.most < 0 || n < p.most) && p.fits(parent, children[0]) {
		wrong := g.readPart(children[0], p)
		if wrong != nil {
			return nil, wrong
		}
		children = children[1:]
		n++
	}
	if n >= p.least {
		return children, nil
	}
	missing := "the element " + p.name
	if p.elsewhere {
		missing = "an element of another namespace"
	}
	if len(children) > 0 {
		return nil, children[0].breaks("is not expected here; " + missing + " is")
	}
	return nil, parent.breaks("lacks " + missing)
}

func (g grammar) readPart(child *node, p part) *violation {
	if !p.elsewhere {
		return g.read(child, p.of)
	}
	known, ok := g[name{child.space, child.local}]
	if !ok {
		if g.knows(child.space) {
			return child.breaks("is not an element of " + child.space)
		}
		return nil // what the namespace means is judged elsewhere, by codes of their own
	}
	return g.read(child, known)
}

func (p part) fits(parent, child *node) bool {
	if p.elsewhere {
		return child.space != parent.space && child.space != ""
	}
	return child.local == p.name && child.space == parent.space
}

func (g grammar) alternative(parent *node, children []*node, p part) ([]*node, *violation) {
	names := make([]string, len(p.choice))
	for i, parts := range p.choice {
		names[i] = parts[0].name
		if len(children) > 0 && parts[0].fits(parent, children[0]) {
			return g.sequence(parent, children, parts)
		}
	}
	if p.least == 0 {
		return children, nil
	}
	expected := "one of " + strings.Join(names, ", ")
	if len(children) > 0 {
		return nil, children[0].breaks("is not expected here; " + expected + " is")
	}
	return nil, parent.breaks("lacks " + expected)
}

// name is that of an element.
type name struct{ space, local string }

// grammar holds the global elements that a command may contain.
type grammar map[name]*form

func (g grammar) knows(space string) bool {
	for known := range g {
		if known.space == space {
			return true
		}
	}
	return false
}

// add adds global elements of a namespace.
func (g grammar) add(space string, elements map[string]*form) {
	for local, of := range elements {
		if _, twice := g[name{space, local}]; twice {
			panic(fmt.Sprintf("epp: element %s of %s is there already", local, space)) // a bug in this package
		}
		g[name{space, local}] = of
	}
}
