package realtimeregister

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Property is a property that a registry requires of a contact.
type Property struct {
	Name, Type string // Type: String, Date or Integer; empty: String
	Mandatory  bool
	Values     map[string]string
}

// TLD is a top-level domain that is sold.
type TLD struct {
	// Provider is the registry's name. Empty means Mockup.
	Provider string
	// Async answers every change with 202 instead of 200 or 201.
	Async bool
	// CreatePeriods and RenewPeriods are in months. Empty means 12 to 120. AutoRenewPeriods are
	// those of automatic renewal; empty means 12.
	CreatePeriods, RenewPeriods, AutoRenewPeriods []int
	// MinNameServers and MaxNameServers limit the name servers. 0 means 2 and 10.
	MinNameServers, MaxNameServers int
	// RequiredContacts and ForbiddenContacts are roles: ADMIN, TECH, BILLING.
	RequiredContacts, ForbiddenContacts []string
	Properties                          []Property
	// MinLength and MaxLength limit the label, in its coded form. 0 means 1 and 63.
	MinLength, MaxLength int
	// NoIDN says that internationalised names are not taken. Languages are the codes of
	// which such a name needs one; empty: none is needed.
	NoIDN     bool
	Languages []string
	// MaxHostAddresses limits the addresses of a host. 0 means 13.
	MaxHostAddresses      int
	OrganizationRequired  bool
	OrganizationForbidden bool
	Countries             []string // allowed for the holder; empty: all
	// NoAuthCode says that a transfer needs no auth code.
	NoAuthCode bool
	// Without lists the features that are not available.
	Without []string
	// DNSSECRecords is the largest number of records; 0 means 4, a negative one means
	// none.
	DNSSECRecords int
	// Statuses are those that a client may set. Empty means all CLIENT_ ones.
	Statuses []string
	// Redemption keeps a deleted domain for a while.
	Redemption bool
	// AddGrace is addGracePeriod, whose unit is in conflict. 0 leaves it out.
	AddGrace int64
	// Periods are other periods of the metadata, such as redemptionPeriod, which is 30 by
	// default; nil leaves one out.
	Periods map[string]any
	// RestoreIncludesRenew says that a restore adds a year.
	RestoreIncludesRenew bool
	// Prices are in cents. 0 means 8.99 for a year, 40.00 for a restore, and nothing for a
	// change of holder or privacy.
	Price, TradePrice, PrivacyPrice, RestorePrice int64
	// Acknowledge says that every charge must be acknowledged.
	Acknowledge bool
}

var clientStatuses = []string{
	"CLIENT_HOLD", "CLIENT_DELETE_PROHIBITED", "CLIENT_UPDATE_PROHIBITED", "CLIENT_RENEW_PROHIBITED", "CLIENT_TRANSFER_PROHIBITED",
}

func (t TLD) provider() string {
	if t.Provider == "" {
		return "Mockup"
	}
	return t.Provider
}

func (t TLD) periods(given []int) []int {
	if len(given) > 0 {
		return given
	}
	years := make([]int, 10)
	for i := range years {
		years[i] = 12 * (i + 1)
	}
	return years
}

func (t TLD) autoRenewPeriods() []int {
	if len(t.AutoRenewPeriods) > 0 {
		return t.AutoRenewPeriods
	}
	return []int{12}
}

func (t TLD) restorePrice() int64 {
	if t.RestorePrice == 0 {
		return 40_00
	}
	return t.RestorePrice
}

func (t TLD) nameServers() (least, most int) {
	least, most = t.MinNameServers, t.MaxNameServers
	if least == 0 {
		least = 2
	}
	if most == 0 {
		most = 10
	}
	return least, most
}

func (t TLD) features() []string {
	all := []string{"CREATE", "RENEW", "TRANSFER", "RESTORE", "UPDATE", "DELETE", "PRIVACY_PROTECT"}
	return slices.DeleteFunc(all, func(f string) bool { return slices.Contains(t.Without, f) })
}

func (t TLD) statuses() []string {
	if len(t.Statuses) > 0 {
		return t.Statuses
	}
	return clientStatuses
}

func (t TLD) dnssecRecords() int {
	if t.DNSSECRecords == 0 {
		return 4
	}
	return max(t.DNSSECRecords, 0)
}

func (t TLD) lengths() (least, most int) {
	least, most = max(t.MinLength, 1), t.MaxLength
	if most == 0 {
		most = 63
	}
	return least, most
}

func (t TLD) syntax() map[string]any {
	least, most := t.lengths()
	syntax := map[string]any{"minLength": least, "maxLength": most, "idnSupport": !t.NoIDN}
	if len(t.Languages) > 0 {
		codes := map[string]any{}
		for _, code := range t.Languages {
			codes[code] = map[string]any{"name": code}
		}
		syntax["languageCodes"] = codes
	}
	return syntax
}

func (t TLD) hostAddresses() int {
	if t.MaxHostAddresses == 0 {
		return 13
	}
	return t.MaxHostAddresses
}

func (t TLD) hostRules() map[string]any {
	most := t.hostAddresses()
	return map[string]any{
		"addressesIPv4": map[string]any{"min": 0, "max": most}, "addressesIPv6": map[string]any{"min": 0, "max": most},
		"addressesTotal": map[string]any{"min": 1, "max": most},
	}
}

// takes refuses a label that the registry does not take, or a language that it does not know.
func (t TLD) takes(label, language string) *problem {
	least, most := t.lengths()
	idn := strings.HasPrefix(label, "xn--")
	switch {
	case len(label) < least || len(label) > most:
		return bad("ValidationError", "The name must have %d to %d characters", least, most)
	case idn && t.NoIDN:
		return bad("ValidationError", "IDN is not supported")
	case idn && len(t.Languages) > 0 && language == "":
		return bad("ValidationError", "A language code is required")
	case language != "" && (!idn || !slices.Contains(t.Languages, language)):
		return bad("ValidationError", "The language code is not known")
	}
	return nil
}

func (t TLD) price() int64 {
	if t.Price == 0 {
		return 899
	}
	return t.Price
}

// tldOf finds the longest suffix of a name that is sold.
func (s *Server) tldOf(name string) (suffix string, t TLD, ok bool) {
	for _, rest, more := strings.Cut(name, "."); more; _, rest, more = strings.Cut(rest, ".") {
		if t, ok = s.options.TLDs[rest]; ok {
			return rest, t, true
		}
	}
	return "", t, false
}

func (s *Server) tldInfo(c *call) (answer, *problem) {
	t, ok := s.options.TLDs[c.vars[0]]
	if !ok {
		return answer{}, bad("UnsupportedTld", "%s is not supported", c.vars[0])
	}
	least, most := t.nameServers()
	role := func(word string) map[string]any {
		rules := map[string]any{
			"min": 0, "max": 1, "required": slices.Contains(t.RequiredContacts, word),
			"organizationRequired": false, "organizationAllowed": true, "scope": "REGISTRY",
		}
		if slices.Contains(t.RequiredContacts, word) {
			rules["min"] = 1
		}
		if slices.Contains(t.ForbiddenContacts, word) {
			rules["max"] = 0
		}
		return rules
	}
	holder := map[string]any{"organizationRequired": t.OrganizationRequired, "organizationAllowed": !t.OrganizationForbidden, "scope": "REGISTRY"}
	if len(t.Countries) > 0 {
		holder["allowedCountries"] = t.Countries
	}
	metadata := map[string]any{
		"createDomainPeriods": t.periods(t.CreatePeriods), "renewDomainPeriods": t.periods(t.RenewPeriods),
		"autoRenewDomainPeriods": t.autoRenewPeriods(), "nameservers": map[string]any{"min": least, "max": most, "required": least > 0},
		"registrant": holder, "adminContacts": role("ADMIN"), "techContacts": role("TECH"), "billingContacts": role("BILLING"),
		"domainSyntax": t.syntax(), "hosts": t.hostRules(), "transferFOA": false,
		"transferSupportsAuthcode": !t.NoAuthCode, "transferRequiresAuthcode": !t.NoAuthCode, "adjustableAuthCode": true,
		"customAuthcodeSupport": true, "creationRequiresPreValidation": false, "possibleClientDomainStatuses": t.statuses(),
		"allowedDnssecRecords": t.dnssecRecords(), "allowedDnssecAlgorithms": []int{8, 10, 13, 14, 15, 16},
		"featuresAvailable": t.features(), "registrantChangeApprovalRequired": false, "renewalOnTransfer": "RENEWAL",
		"restoreIncludesRenew": t.RestoreIncludesRenew, "premiumSupport": "REGULAR", "redemptionPeriod": 30,
		"registrantChangeTransferLock": false, "whoisExposure": whoisExposure, "gdprCategory": gdprCategory,
	}
	if t.AddGrace != 0 {
		metadata["addGracePeriod"] = t.AddGrace
	}
	for name, period := range t.Periods {
		metadata[name] = period
		if period == nil {
			delete(metadata, name)
		}
	}
	if len(t.Properties) > 0 {
		var list []map[string]any
		for _, p := range t.Properties {
			one := map[string]any{"name": p.Name, "label": p.Name, "description": p.Name, "type": p.Type, "mandatory": p.Mandatory}
			if p.Type == "" {
				one["type"] = "String"
			}
			if len(p.Values) > 0 {
				one["values"] = maps.Clone(p.Values)
			}
			list = append(list, one)
		}
		metadata["contactProperties"] = list
	}
	return answer{status: http.StatusOK, body: map[string]any{
		"provider": t.provider(), "applicableFor": []string{c.vars[0]}, "metadata": metadata,
	}}, nil
}
