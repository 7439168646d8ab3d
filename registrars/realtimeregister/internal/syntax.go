package internal

import "encoding/json"

// Syntax is the member domainSyntax of the TLD data: which names the registry takes. Only
// the names of its members are documented, so what has another form than we expect forbids
// nothing.
type Syntax struct {
	// MinLength and MaxLength limit the label; 0: not known.
	MinLength, MaxLength int
	// NoIDN says that internationalised names are not taken.
	NoIDN bool
	// Languages are the codes of the languages that there are; empty: not known.
	Languages map[string]bool
}

// UnmarshalJSON implements json.Unmarshaler.
func (s *Syntax) UnmarshalJSON(raw []byte) error {
	members := members(raw)
	*s = Syntax{MinLength: whole(members["minLength"]), MaxLength: whole(members["maxLength"]), NoIDN: string(members["idnSupport"]) == "false"}
	for code := range membersOf(members, "languageCodes") {
		if s.Languages == nil {
			s.Languages = map[string]bool{}
		}
		s.Languages[code] = true
	}
	return nil
}

// HostRules is the member hosts of the TLD data: how many addresses a host may have, and must
// have. 0 as the most means that it is not known.
type HostRules struct {
	LeastIPv4, MostIPv4, LeastIPv6, MostIPv6, Least, Most int
}

// UnmarshalJSON implements json.Unmarshaler.
func (h *HostRules) UnmarshalJSON(raw []byte) error {
	all := members(raw)
	bounds := func(name string) (least, most int) {
		found := membersOf(all, name)
		return whole(found["min"]), whole(found["max"])
	}
	*h = HostRules{}
	h.LeastIPv4, h.MostIPv4 = bounds("addressesIPv4")
	h.LeastIPv6, h.MostIPv6 = bounds("addressesIPv6")
	h.Least, h.Most = bounds("addressesTotal")
	return nil
}

// members reads an object; nil for anything else.
func members(raw []byte) map[string]json.RawMessage {
	var all map[string]json.RawMessage
	if json.Unmarshal(raw, &all) != nil {
		return nil
	}
	return all
}

func membersOf(all map[string]json.RawMessage, name string) map[string]json.RawMessage {
	return members(all[name])
}

// whole reads a whole number; 0 for anything else.
func whole(raw json.RawMessage) int {
	var number int
	if json.Unmarshal(raw, &number) != nil {
		return 0
	}
	return number
}
