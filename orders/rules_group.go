package orders

import (
	"fmt"
	"strings"
	"time"

	"domainprovisioning/domains"
)

// groupChecker applies the rules of one item's parameter group.
type groupChecker struct {
	*checker
	group draftGroup
	path  string // JSON path of the item, "" if the order lacks it
}

// fault reports a fault of the n-th parameter (from 0), or of a missing one
// (atEnd).
func (g *groupChecker) fault(n, rule int, parameter, format string, args ...any) {
	at := atEnd
	if n != atEnd {
		at = n + 1
	}
	g.add(place{sectionParameters, g.group.at, at}, Fault{
		Rule: rule, Item: g.group.item, Parameter: shownName(parameter), Path: parameterPath(g.path, parameter),
		Message: fmt.Sprintf("item %d: ", g.group.item) + fmt.Sprintf(format, args...),
	})
}

// find returns the position and value of a parameter.
func (g *groupChecker) find(name string) (n int, value string, ok bool) {
	for n, p := range g.group.params.list {
		if p.Name == name {
			return n, p.Value.Reveal(), true
		}
	}
	return atEnd, "", false
}

// names applies RuleParameterName and RuleParameterTwice.
func (g *groupChecker) names() {
	seen := map[string]bool{}
	for n, p := range g.group.params.list {
		badName := g.rules.nameProblem(p.Name)
		switch {
		case g.group.params.bad[n]:
			continue
		case p.Name == "":
			g.fault(n, RuleParameterName, "", "parameter name is empty")
		case badName != "":
			g.fault(n, RuleSlotName, p.Name, "a parameter name %s", badName)
		case seen[p.Name] && !isAPSParam(p.Name): // RuleAPSService reports it for APS defaults
			g.fault(n, RuleParameterTwice, p.Name, "parameter %s is given twice", shownName(p.Name))
		default:
			g.text(n, p)
		}
		seen[p.Name] = true
	}
}

// text applies RuleText. The resources of a service are JSON, which may have lines.
func (g *groupChecker) text(n int, p Parameter) {
	if problem := g.rules.textProblem(p.Value.Reveal(), !isAPSParam(p.Name)); problem != "" {
		g.fault(n, RuleText, p.Name, "%s %s", shownName(p.Name), problem)
	}
}

// apsDefaults applies RuleAPSService and RuleAPSObject; a service id is unique
// within the order.
func (g *groupChecker) apsDefaults(services map[string]bool) {
	for n, p := range g.group.params.list {
		if !isAPSParam(p.Name) {
			continue
		}
		name := shownName(p.Name)
		if p.Name == apsPrefix {
			g.fault(n, RuleAPSService, p.Name, "%s has no service id", name)
		} else if services[p.Name] {
			g.add(place{sectionParameters, g.group.at, n + 1}, Fault{Rule: RuleAPSService, Item: g.group.item, Parameter: name,
				Path: parameterPath(g.path, p.Name), Message: name + " is used twice in the order"})
		}
		services[p.Name] = true
		if !isJSONObject(p.Value.Reveal()) {
			g.fault(n, RuleAPSObject, p.Name, "%s is not a JSON object", name)
		}
	}
}

// contactIDs applies RuleContactID.
func (g *groupChecker) contactIDs() {
	for n, p := range g.group.params.list {
		if isContactParam(p.Name) {
			if _, ok := canonicalID(p.Value.Reveal()); !ok {
				g.fault(n, RuleContactID, p.Name, "%s must be a user id", p.Name)
			}
		}
	}
}

// nameServers applies the rules from RuleNameServerPair to
// RuleNameServersUnwanted.
func (g *groupChecker) nameServers() {
	var given [len(nameServerParams)]bool
	first := atEnd
	hosts := map[string]bool{}
	for n, p := range g.group.params.list {
		raw := strings.TrimSpace(p.Value.Reveal())
		if !isNameServerParam(p.Name) || raw == "" {
			continue
		}
		first = min(first, n)
		for i, name := range nameServerParams {
			given[i] = given[i] || name == p.Name
		}
		host, err := parseHost(raw)
		if err != nil {
			g.fault(n, RuleNameServerName, p.Name, "%s %q is not a valid host name", p.Name, shown(raw))
			continue
		}
		if hosts[host] {
			g.fault(n, RuleNameServerTwice, p.Name, "name servers must be different: %s is given twice", shown(host))
		}
		hosts[host] = true
	}
	if first == atEnd {
		return
	}
	if !given[0] || !given[1] {
		missing := ParamPrimaryNS
		if given[0] {
			missing = ParamSecondaryNS
		}
		g.fault(first, RuleNameServerPair, missing, "PrimaryNSID and SecondaryNSID are both required")
	}
	if given[3] && !given[2] {
		n, _, _ := g.find(ParamFourthNS)
		g.fault(n, RuleFourthWithoutThird, ParamFourthNS, "FourthNSID given without ThirdNSID")
	}
	switch _, code, _ := g.find(ParamOperationType); parseType(code) {
	case Renewal:
		if rejectNameServersOnRenewal {
			g.fault(first, RuleNameServersUnwanted, nameServerParams[0], "name servers can be set only with a registration or a transfer")
		}
	case OwnerChange, ContactChange, SettingsChange:
		g.fault(first, RuleNameServersUnwanted, nameServerParams[0], "name servers can be set only with a registration, a transfer or a name-server-change")
	}
}

// domain applies the rules from RuleOperationType to RuleTransferKeyEmpty to a
// domain item.
func (g *groupChecker) domain() {
	params := g.group.params.list
	if !isDomainGroup(params) && !looksLikeDomainGroup(params) {
		return
	}
	n, code, _ := g.find(ParamOperationType)
	op := parseType(code)
	switch {
	case code == "":
		g.fault(n, RuleDomainIncomplete, ParamOperationType, "OrderOperationType is missing")
	case op == 0 || op.Ours() && g.fromList:
		code += " "
		if len(code) > 12 || strings.Trim(code, "-0123456789 ") != "" {
			code = "" // only a number is shown, because other text may be anything
		}
		g.fault(n, RuleOperationType, ParamOperationType,
			"OrderOperationType %sis not one of 10 (registration), 20 (renewal), 90 (transfer)", code)
	}
	n, id, ok := g.find(ParamDomainID)
	switch {
	case !ok:
		g.fault(atEnd, RuleDomainIncomplete, ParamDomainID, "DomainID is missing")
	case strings.TrimSpace(id) == "":
		if rejectEmptyDomainID {
			g.fault(n, RuleDomainEmpty, ParamDomainID, "DomainID must not be empty for a domain")
		}
	case !validDomainID(id, g.rules.DomainIDFullName):
		kind := "label"
		if g.rules.DomainIDFullName {
			kind = "name"
		}
		g.fault(n, RuleDomainName, ParamDomainID, "DomainID %q is not a valid domain %s", shown(id), kind)
	}
	n, key, ok := g.find(ParamTransferKey)
	switch {
	case !ok && op.Ours():
	case !ok:
		g.fault(atEnd, RuleTransferKeyMissing, ParamTransferKey, "TransferKey must be sent for every operation type; "+
			"leave its value empty for registration and renewal")
	case key != "" && (op == Registration || op == Renewal):
		g.fault(n, RuleTransferKeyUnwanted, ParamTransferKey, "TransferKey must be empty for registration and renewal")
	case key != "" && op.Ours():
		g.fault(n, RuleTransferKeyUnwanted, ParamTransferKey, "TransferKey is for a transfer only")
	case key == "" && op == Transfer && !g.rules.AllowEmptyTransferKey:
		g.fault(n, RuleTransferKeyEmpty, ParamTransferKey, "TransferKey is empty for a transfer")
	}
	g.needs(op)
	g.changes(op)
}

// needs reports the fault of an operation that lacks the value that it needs.
func (g *groupChecker) needs(op Type) {
	has := func(names ...string) bool {
		for _, name := range names {
			if _, value, ok := g.find(name); ok && strings.TrimSpace(value) != "" {
				return true
			}
		}
		return false
	}
	switch {
	case op == OwnerChange && !has(ParamOwnerContact):
		g.fault(atEnd, RuleOperationNeeds, ParamOwnerContact, "an owner-change needs contacts.owner")
	case op == ContactChange && !has(ParamAdminContact, ParamTechContact, ParamBillingContact):
		g.fault(atEnd, RuleOperationNeeds, ParamAdminContact, "a contact-change needs contacts.admin, contacts.tech or contacts.billing")
	case op == NameServerChange && !has(ParamPrimaryNS):
		g.fault(atEnd, RuleOperationNeeds, ParamPrimaryNS, "a name-server-change needs nameServers")
	case op == SettingsChange && !has(ParamSettings):
		g.fault(atEnd, RuleOperationNeeds, ParamSettings, "a settings-change needs settings")
	}
}

// changes checks our own parameters.
func (g *groupChecker) changes(op Type) {
	if n, text, ok := g.find(ParamSettings); ok {
		if _, err := domains.ParseSettings([]byte(text)); err != nil {
			g.fault(n, RuleSettings, ParamSettings, "%s", err)
		}
	}
	if n, text, ok := g.find(ParamExpires); ok {
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			g.fault(n, RuleExpires, ParamExpires, "the expected expiry must be a date of the form YYYY-MM-DD")
		} else if op != Renewal {
			g.fault(n, RuleExpires, ParamExpires, "the expected expiry is for a renewal only")
		}
	}
}
