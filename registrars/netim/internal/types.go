package internal

import (
	"bytes"
	"encoding/xml"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Part is an argument of a call, or a member of one. The items of a map have no
// type.
type Part struct {
	Name, Type, Text string
	Members          []Part
	itemType         string // type of the items, for an array
}

// String returns a part of type xsd:string.
func String(name, value string) Part { return Part{Name: name, Type: "xsd:string", Text: value} }

// Int returns a part of type xsd:int.
func Int(name string, value int) Part {
	return Part{Name: name, Type: "xsd:int", Text: strconv.Itoa(value)}
}

// Struct returns a part whose type is a struct of the API.
func Struct(name, of string, members ...Part) Part {
	return Part{Name: name, Type: "ns1:" + of, Members: members}
}

// Array returns a part whose items have a type of the API; build makes each item
// under the given name.
func Array[T any](name, of string, values []T, build func(item string, value T) Part) Part {
	part := Part{Name: name, Type: "SOAP-ENC:Array", itemType: "ns1:" + of, Members: []Part{}}
	for _, value := range values {
		part.Members = append(part.Members, build("item", value))
	}
	return part
}

// Strings returns an array of strings.
func Strings(name string, values []string) Part {
	part := Array(name, "", values, String)
	part.itemType = "xsd:string"
	return part
}

// Map returns an Apache Map of strings, ordered by key.
func Map(name string, values map[string]string) Part { return NestedMap(name, values, nil) }

// NestedMap is like Map, but also holds maps of strings.
func NestedMap(name string, values map[string]string, nested map[string]map[string]string) Part {
	entries := map[string]Part{}
	for key, value := range values {
		entries[key] = String("value", value)
	}
	for key, inner := range nested {
		entries[key] = Map("value", inner)
	}
	part := Part{Name: name, Type: "ns2:Map", Members: []Part{}}
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		part.Members = append(part.Members, Part{Name: "item", Members: []Part{String("key", key), entries[key]}})
	}
	return part
}

// Values lists the texts of the parts at every depth.
func Values(parts []Part) []string {
	var texts []string
	for _, part := range parts {
		if part.Text != "" {
			texts = append(texts, part.Text)
		}
		texts = append(texts, Values(part.Members)...)
	}
	return texts
}

// Node is an element of a reply. It has no namespaces and types, because the
// server is known to be careless with both.
type Node struct {
	Name     string
	Nil      bool
	Children []*Node
	text     string
}

// Text returns the trimmed text of the element, or "" for a nil element.
func (n *Node) Text() string {
	if n == nil || n.Nil {
		return ""
	}
	return n.text
}

// Member returns the member of a struct, or nil. Case does not matter: the API
// writes id_ope here and ID_OPE there.
func (n *Node) Member(name string) *Node {
	if n != nil {
		for _, child := range n.Children {
			if strings.EqualFold(child.Name, name) {
				return child
			}
		}
	}
	return nil
}

// Field returns the text of a member; or "" if it is nil or missing.
func (n *Node) Field(name string) string { return n.Member(name).Text() }

// Items returns the elements of an array. Anything other than a list of <item> is
// an error, because it must not look like an empty list.
func (n *Node) Items() ([]*Node, error) {
	if n == nil || n.Nil {
		return nil, nil
	}
	if n.text != "" {
		return nil, &MalformedError{"text in place of a list"}
	}
	for _, child := range n.Children {
		if child.Name != "item" {
			return nil, &MalformedError{"a structure in place of a list"}
		}
	}
	return n.Children, nil
}

// Entries returns an Apache Map of strings. ok is false if a value is nested.
func (n *Node) Entries() (entries map[string]string, ok bool) {
	entries = map[string]string{}
	if n == nil {
		return entries, true
	}
	for _, item := range n.Children {
		value := item.Member("value")
		if value != nil && len(value.Children) > 0 {
			return nil, false
		}
		if text := value.Text(); text != "" {
			entries[item.Field("key")] = text
		}
	}
	return entries, true
}

// NestedEntries returns an Apache Map whose values are strings or maps of strings.
func (n *Node) NestedEntries() (flat map[string]string, nested map[string]map[string]string, ok bool) {
	flat, nested = map[string]string{}, map[string]map[string]string{}
	if n == nil {
		return flat, nested, true
	}
	for _, item := range n.Children {
		key, value := item.Field("key"), item.Member("value")
		if value != nil && len(value.Children) > 0 {
			inner, ok := value.Entries()
			if !ok {
				return nil, nil, false
			}
			nested[key] = inner
		} else if text := value.Text(); text != "" {
			flat[key] = text
		}
	}
	return flat, nested, true
}

// Texts lists the texts below the element at every depth.
func (n *Node) Texts() []string {
	if n == nil || n.Nil {
		return nil
	}
	var texts []string
	if n.text != "" {
		texts = append(texts, n.text)
	}
	for _, child := range n.Children {
		texts = append(texts, child.Texts()...)
	}
	return texts
}

// isSecret reports whether an element must not appear in dumps and errors.
func isSecret(name string) bool {
	return slices.ContainsFunc([]string{"password", "IDSession", "authID"}, func(s string) bool { return strings.EqualFold(s, name) })
}

// write renders the element for a dump. If hide is set, the text of every leaf is
// hidden.
func (n *Node) write(b *bytes.Buffer, hide bool) {
	hide = hide || isSecret(n.Name)
	b.WriteString("<" + n.Name + ">")
	switch {
	case hide && n.text != "":
		b.WriteString(hidden)
	default:
		_ = xml.EscapeText(b, []byte(n.text))
	}
	// The message of an operation on the auth code may contain the new one.
	code := strings.EqualFold(n.Field("TYPE"), "domainAuthid")
	for _, child := range n.Children {
		child.write(b, hide || code && strings.EqualFold(child.Name, "MESSAGE"))
	}
	b.WriteString("</" + n.Name + ">")
}

// Operation is a StructOperationResponse.
type Operation struct{ ID, Status, Message, Type string }

// ReadOperation reads a StructOperationResponse. An answer with neither number nor
// status is a *MalformedError.
func ReadOperation(n *Node) (Operation, error) {
	operation := Operation{
		ID: n.Field("ID_OPE"), Status: n.Field("STATUS"), Message: n.Field("MESSAGE"), Type: n.Field("TYPE"),
	}
	if operation.ID == "" && operation.Status == "" {
		return Operation{}, &MalformedError{"no operation in it"}
	}
	return operation, nil
}

// Pending is a StructQueryOpePending. Data is the domain, host or contact id that
// the operation is about.
type Pending struct{ ID, Code, Data string }

// ReadPending reads the list of pending operations. An entry without a number
// makes the whole list unreadable, because an operation must not seem to have left
// the list.
func ReadPending(n *Node) ([]Pending, error) {
	items, err := n.Items()
	if err != nil {
		return nil, err
	}
	list := make([]Pending, 0, len(items))
	for _, item := range items {
		pending := Pending{ID: item.Field("id_ope"), Code: item.Field("code_ope"), Data: item.Field("data_ope")}
		if pending.ID == "" {
			return nil, &MalformedError{"a pending operation without number"}
		}
		list = append(list, pending)
	}
	return list, nil
}

// Host is an element of queryHostList.
type Host struct {
	Name      string
	Addresses []netip.Addr
}

// ReadHosts reads the answer of queryHostList. A host without a name, or with an address that
// is none, makes the whole list unreadable, because it must not seem to be missing.
func ReadHosts(n *Node) ([]Host, error) {
	items, err := n.Items()
	if err != nil {
		return nil, err
	}
	hosts := make([]Host, 0, len(items))
	for _, item := range items {
		host := Host{Name: item.Field(hostName)}
		if host.Name == "" {
			return nil, &MalformedError{"a host without a name"}
		}
		for _, member := range []string{hostIPv4, hostIPv6} {
			addresses, err := item.Member(member).Items()
			if err != nil {
				return nil, err
			}
			for _, text := range addresses {
				address, err := netip.ParseAddr(text.Text())
				if err != nil {
					return nil, &MalformedError{"an address of a host that is none"}
				}
				host.Addresses = append(host.Addresses, address)
			}
		}
		hosts = append(hosts, host)
	}
	return hosts, nil
}

// Check is a StructDomainCheckResponse.
type Check struct{ Domain, Result, Reason string }

// ReadChecks reads the answers of domainCheck.
func ReadChecks(n *Node) ([]Check, error) {
	items, err := n.Items()
	if err != nil {
		return nil, err
	}
	checks := make([]Check, 0, len(items))
	for _, item := range items {
		checks = append(checks, Check{item.Field("domain"), item.Field("result"), item.Field("reason")})
	}
	return checks, nil
}

// ReadContactIDs reads the ids of a StructContactList[].
func ReadContactIDs(n *Node) ([]string, error) {
	items, err := n.Items()
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, item := range items {
		if id := item.Field(contactListID); id != "" {
			ids = append(ids, id)
		}
	}
	return ids, nil
}
