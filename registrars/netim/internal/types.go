package internal

import (
	"bytes"
	"encoding/xml"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"domainprovisioning/wire/exchange"
)

// itemName is the name of the items of an array and of a map.
const itemName = "item"

// Node is an element of a reply. It has no namespaces and types, because the server is
// known to be careless with both. A struct is the same node whether it came as one, as a
// SOAP-ENC:Struct or as an Apache Map, whose keys are then the names of the members.
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

// Items returns the elements of an array, or the values of a map that has only numbers for
// keys: PHP makes one of a list with gaps. Anything else is an error, because it must not
// look like an empty list.
func (n *Node) Items() ([]*Node, error) {
	if n == nil || n.Nil {
		return nil, nil
	}
	if n.text != "" {
		return nil, &MalformedError{"text in place of a list"}
	}
	for _, child := range n.Children {
		if child.Name != itemName && !isNumber(child.Name) {
			return nil, &MalformedError{"a structure in place of a list"}
		}
	}
	return n.Children, nil
}

// isNumber reports whether a name is the key of a list. No element has such a name.
func isNumber(name string) bool { return name != "" && strings.Trim(name, "0123456789") == "" }

// NestedEntries returns a struct whose members are strings or structs of strings. ok is
// false if it is anything else.
func (n *Node) NestedEntries() (flat map[string]string, nested map[string]map[string]string, ok bool) {
	flat, nested = map[string]string{}, map[string]map[string]string{}
	if n == nil {
		return flat, nested, true
	}
	for _, member := range n.Children {
		text := member.Text()
		if len(member.Children) == 0 {
			if text != "" {
				flat[member.Name] = text
			}
			continue
		}
		inner, deeper, ok := member.NestedEntries()
		if !ok || len(deeper) > 0 {
			return nil, nil, false
		}
		nested[member.Name] = inner
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
	name := elementName(n.Name)
	b.WriteString("<" + name + ">")
	switch {
	case hide && n.text != "":
		b.WriteString(exchange.Hidden)
	default:
		_ = xml.EscapeText(b, []byte(n.text))
	}
	// The message of an operation on the auth code may contain the new one.
	code := strings.EqualFold(n.Field("TYPE"), "domainAuthid")
	for _, child := range n.Children {
		child.write(b, hide || code && strings.EqualFold(child.Name, "MESSAGE"))
	}
	b.WriteString("</" + name + ">")
}

// elementName returns a name that a dump can use for an element: the key of a map may be
// anything.
func elementName(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == '.' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return '_'
	}, name)
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

// ReadPending reads the list of pending operations. odd counts the entries without a number:
// each may be any operation.
func ReadPending(n *Node) (list []Pending, odd int, err error) {
	items, err := n.Items()
	if err != nil {
		return nil, 0, err
	}
	list = make([]Pending, 0, len(items))
	for _, item := range items {
		pending := Pending{ID: item.Field("id_ope"), Code: item.Field("code_ope"), Data: item.Field("data_ope")}
		if number, err := strconv.Atoi(pending.ID); err != nil || number <= 0 {
			odd++
			continue
		}
		list = append(list, pending)
	}
	return list, odd, nil
}

// Host is an element of queryHostList. Odd says that its name or its addresses cannot be read.
type Host struct {
	Name      string
	Addresses []netip.Addr
	Odd       bool
}

// ReadHosts reads the answer of queryHostList.
func ReadHosts(n *Node) ([]Host, error) {
	items, err := n.Items()
	if err != nil {
		return nil, err
	}
	hosts := make([]Host, len(items))
	for i, item := range items {
		hosts[i] = readHost(item)
	}
	return hosts, nil
}

func readHost(item *Node) Host {
	host := Host{Name: item.Field(hostName)}
	host.Odd = host.Name == ""
	for _, member := range []string{hostIPv4, hostIPv6} {
		addresses, err := item.Member(member).Items()
		host.Odd = host.Odd || err != nil
		for _, text := range addresses {
			address, err := netip.ParseAddr(text.Text())
			host.Odd = host.Odd || err != nil
			host.Addresses = append(host.Addresses, address)
		}
	}
	return host
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

// ReadContactIDs reads the ids of a StructContactList[]. An entry without one is left out.
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
