package internal

// TLD is the answer to tlds/{tld}/info.
type TLD struct {
	// Provider is the registry, under whose name contacts have properties.
	Provider string      `json:"provider"`
	Metadata TLDMetadata `json:"metadata"`
}

// Range limits a count.
type Range struct {
	Min      int  `json:"min"`
	Max      *int `json:"max"`
	Required bool `json:"required"`
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

// Property is a field that a registry requires in addition to the common ones.
type Property struct {
	Name      string            `json:"name"`
	Type      string            `json:"type"`
	Mandatory bool              `json:"mandatory"`
	Values    map[string]string `json:"values"`
}

// TLDMetadata holds the rules of a top-level domain that we use.
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
	ContactProperties            []Property    `json:"contactProperties"`
	TransferSupportsAuthcode     *bool         `json:"transferSupportsAuthcode"`
	TransferRequiresAuthcode     bool          `json:"transferRequiresAuthcode"`
	PossibleClientDomainStatuses []string      `json:"possibleClientDomainStatuses"`
	AllowedDNSSECRecords         *int          `json:"allowedDnssecRecords"`
	AllowedDNSSECAlgorithms      []int         `json:"allowedDnssecAlgorithms"`
	FeaturesAvailable            []string      `json:"featuresAvailable"`
	AddGracePeriod               *int64        `json:"addGracePeriod"` // see GraceDays
}
