package internal

import "strings"

// resolve returns an element of a document as a node in which every reference
// of SOAP 1.1 (href and id) is replaced by what it refers to, and every Apache Map by a
// struct. Nodes are shared, so little memory is used, but whoever walks the node sees each
// of them as often as it is referred to: the limits of a reply count them as often too.
func resolve(document, wanted *element, most int) (*Node, error) {
	targets := targets{byID: map[string]*element{}, most: most}
	if err := targets.collect(document); err != nil {
		return nil, err
	}
	if err := wanted.resolve(targets, 1); err != nil {
		return nil, err
	}
	return wanted.node, nil
}

// targets are the elements that others refer to, in a document of which most elements are seen.
type targets struct {
	byID map[string]*element
	most int
}

func (t targets) collect(e *element) error {
	if e.id != "" {
		if t.byID[e.id] != nil {
			return &MalformedError{"two elements with one id"}
		}
		t.byID[e.id] = e
	}
	for _, child := range e.children {
		if err := t.collect(child); err != nil {
			return err
		}
	}
	return nil
}

// resolve completes the node of an element that stands at a depth.
func (e *element) resolve(targets targets, depth int) error {
	switch {
	case e.open:
		return &MalformedError{"an element that refers to itself"}
	case depth+e.height > maxDepth:
		return &MalformedError{"too many elements"}
	case e.resolved:
		return nil
	}
	e.open = true
	if err := e.complete(targets, depth); err != nil {
		return err
	}
	e.open, e.resolved = false, true
	return nil
}

func (e *element) complete(targets targets, depth int) error {
	if e.href != "" {
		return e.follow(targets, depth)
	}
	e.size, e.bytes, e.height = 1, len(e.node.text), 0
	isMap := e.isMap()
	if len(e.children) > 0 {
		e.node.Children = make([]*Node, 0, len(e.children))
	}
	for _, child := range e.children {
		if err := child.resolve(targets, depth+1); err != nil {
			return err
		}
		e.size += child.size
		e.bytes += child.bytes
		e.height = max(e.height, child.height+1)
		if e.size > targets.most || e.bytes > maxText {
			return &MalformedError{"too many elements"}
		}
		node := child.node
		if isMap {
			node = entry(node)
		}
		e.node.Children = append(e.node.Children, node)
	}
	return nil
}

// follow makes the element what its reference means, under its own name.
func (e *element) follow(targets targets, depth int) error {
	id, inside := strings.CutPrefix(e.href, "#")
	target := targets.byID[id]
	if !inside || target == nil {
		return &MalformedError{"it refers to an element that is not in it"}
	}
	if len(e.children) > 0 || e.node.text != "" {
		return &MalformedError{"a reference with something in it"}
	}
	if err := target.resolve(targets, depth+1); err != nil {
		return err
	}
	name := e.node.Name
	*e.node = *target.node
	e.node.Name = name
	e.size, e.bytes, e.height = target.size, target.bytes, target.height
	return nil
}

// isMap reports whether an element is an Apache Map: by its type or, without one, by its
// form. An array of structs with the only members key and value would have that form, but
// the API has none.
func (e *element) isMap() bool {
	if e.kind != "" {
		return e.kind == "Map"
	}
	for _, child := range e.children {
		if child.node.Name != itemName || len(child.children) != 2 || child.child("key") == nil || child.child("value") == nil {
			return false
		}
	}
	return len(e.children) > 0
}

// entry returns an item of a map as a member of a struct: a value under its key. An item of
// another form stays what it is.
func entry(item *Node) *Node {
	key, value := item.Member("key"), item.Member("value")
	if key == nil || value == nil {
		return item
	}
	member := *value
	member.Name = key.Text()
	return &member
}
