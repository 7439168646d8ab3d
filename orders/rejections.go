package orders

// The rejections of the order form; docs/protocols/orders.md, section 4, gives the
// source of each. The numbers leave the program as Fault.Rule, so they never change,
// and a new rejection gets the next number.
const (
	RuleSlotCounter         = 1  // ProvisioningDataSlotCounter differs from the values of its section
	RuleParameterCounter    = 2  // ProvisioningParametersCounter differs from the parameters present
	RuleListEnds            = 3  // the list ends inside a section
	RuleLeftOver            = 4  // values are left over after the last section
	RuleCounterNotWhole     = 5  // a counter is not a whole number of 0 or more
	RuleGroupWithoutItem    = 6  // parameters for an item that the order does not have
	RuleGroupTwice          = 7  // two parameter groups for an item
	RuleItemTwice           = 8  // two items with the same id
	RuleParentItem          = 9  // the parent is not an item of the order
	RuleItemForm            = 10 // an item is not four whole numbers
	RuleParameterNoPair     = 11 // a parameter is not Name=Value
	RuleParameterName       = 12 // a parameter name is empty
	RuleParameterTwice      = 13 // the same parameter twice in an item
	RuleOperationType       = 14 // OrderOperationType is unknown
	RuleDomainIncomplete    = 15 // a domain item without OrderOperationType or DomainID
	RuleDomainEmpty         = 16 // a domain item whose DomainID is empty
	RuleTransferKeyMissing  = 17 // TransferKey is not sent
	RuleTransferKeyUnwanted = 18 // TransferKey is filled although nothing is transferred
	RuleTransferKeyEmpty    = 19 // TransferKey is empty in a transfer
	RuleNameServerPair      = 20 // name servers without both primary and secondary
	RuleFourthWithoutThird  = 21 // FourthNSID without ThirdNSID
	RuleNameServerTwice     = 22 // two equal name servers
	RuleNameServerName      = 23 // a name server is not a host name
	RuleNameServersUnwanted = 24 // name servers with an operation that sets none
	RuleContactID           = 25 // a contact parameter is not a user id
	RuleContactLogin        = 26 // a new user without LoginID, or with that of another one
	RuleContactUnused       = 27 // an additional contact that no role uses; a note
	RuleContactCounter      = 28 // NumberOfParametersInContact differs from the parameters present
	RuleAPSService          = 29 // aps_defaults_ without a service id, or with one used before
	RuleAPSObject           = 30 // the value of aps_defaults_ is not a JSON object
)

// Our own rejections: they cover what the order form leaves open, and what later
// steps of the provisioning need.
const (
	RuleID               = 31 // an id is not a whole number of 0 or more
	RuleSlotNoPair       = 32 // a contact or payment slot is not Name=Value
	RuleSlotName         = 33 // a slot name is empty, or a name holds "=" or outer blanks
	RuleSlotTwice        = 34 // the same slot twice in a section
	RuleNumber           = 35 // the order number is not 1 to 64 of A-Z a-z 0-9 . _ -
	RuleDomainName       = 36 // DomainID of a domain item is not a domain label or name
	RuleMissingData      = 37 // a new customer without a slot that provisioning needs
	RuleMalformedData    = 38 // a contact slot with an unusable value
	RuleContactTwice     = 39 // two additional contacts with the same id
	RuleJSONType         = 40 // a JSON value of the wrong type
	RuleJSONUnknown      = 41 // an unknown JSON field
	RuleJSONDuplicate    = 42 // the same JSON key twice in an object
	RuleJSONMissing      = 43 // a required JSON field is missing
	RuleJSONReserved     = 44 // a JSON parameter or slot that has its own field
	RuleJSONOrder        = 45 // parameterOrder, slotOrder or groupOrder does not fit
	RuleCounter          = 46 // a section counter differs from the strings present
	RuleOperationNeeds   = 47 // an operation without the value that it needs
	RuleSettings         = 48 // unreadable settings
	RuleExpires          = 49 // the expected expiry is not a date, or the order is no renewal or adoption
	RulePlanUnknown      = 50 // Resolve: the plan is not in the catalog
	RulePlanKind         = 51 // Resolve: a domain plan for hosting, or the reverse
	RuleParentKind       = 52 // Resolve: the parent item is not a hosting item
	RuleForeignTLD       = 53 // Resolve: a full DomainID outside the plan's TLD
	RuleDomainTwice      = 54 // Resolve: the same domain in two items
	RuleNothingToProvide = 55 // Resolve: the order has no items
	RuleRequiredField    = 56 // Resolve: a parameter that the plan requires is missing or empty
	RuleText             = 57 // a text holds a character that XML cannot carry, or a line break in a line
	RulePeriodUnknown    = 58 // Resolve: the plan does not sell the period
	RuleAccount          = 59 // the account of an existing customer, or a change without one
	RuleRegistrar        = 60 // the registrar, or its rules, would refuse it
	RuleHostAddress      = 61 // an address of a name server that cannot be used
	RuleHostBelow        = 62 // Resolve: a name server below the ordered name without addresses, or another with them
	RuleLanguage         = 63 // a language code that is none, or with another operation than a registration
	RuleSubscription     = 64 // a subscription that is none, or that no order of its kind can use
	RuleAmend            = 65 // a part of an order that an amendment cannot replace
)
