package gateway

import (
	"github.com/invopop/jsonschema"

	"domainprovisioning/domains"
)

// OrderDocument describes the JSON form of an order for the API's description. The rules
// are in orders.ReadJSON, which reads orders; a test keeps the two consistent.
type OrderDocument struct {
	Number             string              `json:"number,omitempty" jsonschema:"pattern=^[A-Za-z0-9._-]{1\\,64}$,description=Order number; given by us when absent"`
	VendorAccountID    int                 `json:"vendorAccountId" jsonschema:"minimum=0,description=VendorAccountID"`
	Items              []OrderItem         `json:"items" jsonschema:"minItems=1,maxItems=100"`
	GroupOrder         []int               `json:"groupOrder,omitempty" jsonschema:"description=Item ids in the order of their parameter groups\\, where it differs from items"`
	Customer           OrderCustomer       `json:"customer"`
	Payment            map[string]string   `json:"payment,omitempty" jsonschema:"description=Payment tool by slot name; it is never stored"`
	AdditionalContacts []AdditionalContact `json:"additionalContacts,omitempty" jsonschema:"maxItems=100,description=Data of new users that contacts refer to"`
	Trailing           []any               `json:"trailing,omitempty" jsonschema:"description=Values after the last section\\, where the configuration allows them"`
}

// OrderItem is an ordered plan with its parameters.
type OrderItem struct {
	ID             int               `json:"id" jsonschema:"minimum=0,description=ProvisioningItemID\\, unique within the order"`
	PlanID         int               `json:"planId" jsonschema:"minimum=0,description=A plan of the plan catalog"`
	PeriodID       int               `json:"periodId,omitempty" jsonschema:"minimum=0,description=PlanPeriodID\\, one of those that the plan sells; the plan's usual period if it is not given"`
	ParentID       int               `json:"parentId,omitempty" jsonschema:"minimum=-1,default=-1,description=Id of the hosting item that a domain is bought with; -1 for none"`
	Operation      string            `json:"operation,omitempty" jsonschema:"enum=registration,enum=renewal,enum=transfer,enum=owner-change,enum=contact-change,enum=name-server-change,enum=settings-change,enum=adoption,enum=restore,description=What is ordered for the domain; absent for hosting"`
	Domain         string            `json:"domain,omitempty" jsonschema:"description=The label; the plan gives the top-level domain. A full name is taken when it ends in that"`
	TransferKey    *string           `json:"transferKey,omitempty" jsonschema:"description=Must be there for every registration\\, renewal and transfer; empty unless a transfer"`
	NameServers    []OptionalHost    `json:"nameServers,omitempty" jsonschema:"maxItems=4,description=The customer's own name servers: primary\\, secondary\\, third\\, fourth; null leaves one out. One below the ordered name needs its addresses"`
	Contacts       *OrderRoles       `json:"contacts,omitempty"`
	Settings       *domains.Settings `json:"settings,omitempty"`
	Expires        string            `json:"expires,omitempty" jsonschema:"format=date,description=Of a renewal or an adoption: the date on which the domain expires as far as the customer knows"`
	SubscriptionID int               `json:"subscriptionId,omitempty" jsonschema:"minimum=1,description=A subscription of the account to use instead of a new one\\, such as one that a cancelled order has left"`
	Language       string            `json:"language,omitempty" jsonschema:"pattern=^[A-Za-z0-9-]{1\\,10}$,description=Of a registration of an internationalised name: the registry's code of its language"`
	Parameters     map[string]string `json:"parameters,omitempty" jsonschema:"description=Any other provisioning parameter\\, such as R_ID"`
	APSDefaults    map[string]any    `json:"apsDefaults,omitempty" jsonschema:"description=APS resources by service id: an object\\, or its text"`
	ParameterOrder []string          `json:"parameterOrder,omitempty" jsonschema:"description=Parameter names in the order of the list\\, where it matters"`
}

// OptionalHost is a host name, a host with its addresses, or null.
type OptionalHost string

// JSONSchema describes the type, which reflection cannot.
func (OptionalHost) JSONSchema() *jsonschema.Schema {
	most := uint64(domains.MaxHostAddresses)
	members := jsonschema.NewProperties()
	members.Set("host", &jsonschema.Schema{Type: "string"})
	members.Set("addresses", &jsonschema.Schema{
		// A validator that does not look at formats takes a text for both.
		Type: "array", MaxItems: &most, Items: &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "string", Format: "ipv4"}, {Type: "string", Format: "ipv6"}}},
	})
	return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
		{Type: "string"}, {Type: "null"},
		{Type: "object", Properties: members, Required: []string{"host"}, AdditionalProperties: jsonschema.FalseSchema},
	}}
}

// OrderRoles are the user ids of a domain's contacts.
type OrderRoles struct {
	Owner   *int `json:"owner,omitempty" jsonschema:"minimum=0"`
	Admin   *int `json:"admin,omitempty" jsonschema:"minimum=0"`
	Billing *int `json:"billing,omitempty" jsonschema:"minimum=0"`
	Tech    *int `json:"tech,omitempty" jsonschema:"minimum=0"`
}

// OrderCustomer is an existing account, or the data of a new customer.
type OrderCustomer struct {
	AccountID        any               `json:"accountId,omitempty" jsonschema:"oneof_type=integer;string,description=Id of an existing account; nothing else is needed then"`
	PromoCode        string            `json:"promoCode,omitempty"`
	Login            string            `json:"login,omitempty"`
	Password         string            `json:"password,omitempty" jsonschema:"format=password,writeOnly=true"`
	Currency         string            `json:"currency,omitempty"`
	FullyRegistered  any               `json:"fullyRegistered,omitempty" jsonschema:"oneof_type=boolean;string"`
	CompanyNameLatin string            `json:"companyNameLatin,omitempty"`
	PostalAddress    string            `json:"postalAddress,omitempty"`
	TaxID            string            `json:"taxId,omitempty"`
	CustomerClass    string            `json:"customerClass,omitempty"`
	Banner           string            `json:"banner,omitempty"`
	Contact          *OrderContact     `json:"contact,omitempty"`
	Slots            map[string]string `json:"slots,omitempty" jsonschema:"description=Contact data slots that have no field here\\, by their name"`
	SlotOrder        []string          `json:"slotOrder,omitempty" jsonschema:"description=Slot names in the order of the list\\, where it matters"`
}

// OrderContact is a person or an organisation.
type OrderContact struct {
	FirstName    string      `json:"firstName,omitempty"`
	MiddleName   string      `json:"middleName,omitempty"`
	LastName     string      `json:"lastName,omitempty"`
	Organisation string      `json:"organisation,omitempty"`
	Address1     string      `json:"address1,omitempty"`
	Address2     string      `json:"address2,omitempty"`
	PostalCode   string      `json:"postalCode,omitempty"`
	City         string      `json:"city,omitempty"`
	State        string      `json:"state,omitempty"`
	Country      string      `json:"country,omitempty" jsonschema:"pattern=^[A-Za-z]{2}$,description=ISO 3166-1 alpha-2"`
	Email        string      `json:"email,omitempty" jsonschema:"format=email"`
	Phone        *OrderPhone `json:"phone,omitempty"`
	Fax          *OrderPhone `json:"fax,omitempty"`
}

// OrderPhone is a number in parts, digits only.
type OrderPhone struct {
	CountryCode string `json:"countryCode,omitempty"`
	AreaCode    string `json:"areaCode,omitempty"`
	Number      string `json:"number,omitempty"`
	Extension   string `json:"extension,omitempty"`
}

// AdditionalContact is a new user.
type AdditionalContact struct {
	OrderCustomer

	ID int `json:"id" jsonschema:"minimum=0,description=The user id that contacts refer to"`
}
