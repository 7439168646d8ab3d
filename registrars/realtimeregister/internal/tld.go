package internal

// TLD is the answer to tlds/{tld}/info.
type TLD struct {
	// Provider is the registry, under whose name contacts have properties.
	Provider string      `json:"provider"`
	Metadata TLDMetadata `json:"metadata"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *TLD) UnmarshalJSON(raw []byte) error {
	*t = TLD{}
	_, err := lenient(raw, t)
	return err
}

// Range limits a count.
type Range struct {
	Min      int  `json:"min"`
	Max      *int `json:"max"`
	Required bool `json:"required"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (r *Range) UnmarshalJSON(raw []byte) error {
	*r = Range{}
	_, err := lenient(raw, r)
	return err
}

// Least is the smallest count.
func (r Range) Least() int {
	if r.Required {
		return max(r.Min, 1)
	}
	return r.Min
}

// ContactRules are the rules for a contact in a role. A missing flag forbids
// nothing.
type ContactRules struct {
	Range
	OrganizationRequired bool     `json:"organizationRequired"`
	OrganizationAllowed  *bool    `json:"organizationAllowed"`
	AllowedCountries     []string `json:"allowedCountries"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (r *ContactRules) UnmarshalJSON(raw []byte) error {
	*r = ContactRules{}
	_, err := lenient(raw, r)
	return err
}

// Property is a field that a registry requires in addition to the common ones.
type Property struct {
	Name      string            `json:"name"`
	Type      string            `json:"type"`
	Mandatory bool              `json:"mandatory"`
	Values    map[string]string `json:"values"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (p *Property) UnmarshalJSON(raw []byte) error {
	*p = Property{}
	_, err := lenient(raw, p)
	return err
}

// Properties are the fields that a registry requires in addition to the common ones.
type Properties struct {
	List []Property
	// Partly says that there may be others, because the list or an item of it cannot be read.
	Partly bool
}

// UnmarshalJSON implements json.Unmarshaler.
func (p *Properties) UnmarshalJSON(raw []byte) error {
	*p = Properties{}
	odd, ok := items(raw, func(property Property) {
		if property.Name == "" {
			p.Partly = true
			return
		}
		p.List = append(p.List, property)
	})
	p.Partly = p.Partly || odd > 0 || !ok && !isNull(raw)
	return nil
}

// TLDMetadata holds the rules of a top-level domain that we use. A rule that cannot be read
// forbids nothing here: the registrar applies it.
type TLDMetadata struct {
	CreateDomainPeriods          []int         `json:"createDomainPeriods"`
	RenewDomainPeriods           []int         `json:"renewDomainPeriods"`
	Nameservers                  Range         `json:"nameservers"`
	DomainSyntax                 Syntax        `json:"domainSyntax"`
	Hosts                        HostRules     `json:"hosts"`
	Registrant                   ContactRules  `json:"registrant"`
	AdminContacts                *ContactRules `json:"adminContacts"`
	TechContacts                 *ContactRules `json:"techContacts"`
	BillingContacts              *ContactRules `json:"billingContacts"`
	ContactProperties            Properties    `json:"contactProperties"`
	TransferSupportsAuthcode     *bool         `json:"transferSupportsAuthcode"`
	TransferRequiresAuthcode     bool          `json:"transferRequiresAuthcode"`
	PossibleClientDomainStatuses []string      `json:"possibleClientDomainStatuses"`
	AllowedDNSSECRecords         *int          `json:"allowedDnssecRecords"`
	AllowedDNSSECAlgorithms      []int         `json:"allowedDnssecAlgorithms"`
	FeaturesAvailable            []string      `json:"featuresAvailable"`
	RestoreIncludesRenew         *bool         `json:"restoreIncludesRenew"`
	// These are read by Period.
	AddGracePeriod       *int64 `json:"addGracePeriod"`
	AutoRenewGracePeriod *int64 `json:"autoRenewGracePeriod"`
	RedemptionPeriod     *int64 `json:"redemptionPeriod"`
	PendingDeletePeriod  *int64 `json:"pendingDeletePeriod"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (m *TLDMetadata) UnmarshalJSON(raw []byte) error {
	*m = TLDMetadata{}
	_, err := lenient(raw, m)
	return err
}
