package netim

// Assumptions (docs/protocols/netim.md, sections 15 and 17), which no public page
// confirms:
//
//   - the codes below, which are made up where the comment says "not known";
//   - function names are compared without case, and parts have the names of section 15, or
//     others (Options.OwnPartNames), because the WSDL is not public;
//   - StructContactList has idContact and the names of the contact;
//     queryContactList takes * in its filter and a contact's field name;
//   - a second domainCreate is refused while the first is pending and after it is done;
//   - domainInfo answers PENDING during a registration (or refuses, see
//     Options.HidePending), and refuses for a failed one;
//   - an extension without HasImmediateDelete refuses domainDelete, and one without
//     another feature refuses the order for it;
//   - an order that costs money must not bring the balance below BALANCE_HARD_LIMIT;
//   - a premium name is AVAILABLE with the reason PREMIUM, NOT AVAILABLE with it when it is
//     registered elsewhere, and domainCreate takes it like any other, at its price;
//   - a host is made once its domain is in the account, a second one of its name is refused, and
//     a domain is delegated to a host below it only once that is there; the reply of
//     queryHostList has the child queryHostListReturn;
//   - money is taken when an operation is created, and returned if it fails;
//   - a deleted domain is no longer under management, and can be restored for 30 days, at the
//     price of a year (or TLD.RestorePrice), unless somebody registers it again; one in quarantine
//     is still read and listed, and changed by domainRestore alone, which does not renew it;
//   - queryOpeList has the operation codes as the members of an object, which is what the
//     vendor's client takes; the reply has the child queryOpeListReturn;
//   - DSRecords has no type of its own in the WSDL: the vendor's client documents one record,
//     and PHP's SoapClient would send that as nothing where an array is described;
//   - an empty filter of a list finds all.
const (
	codeLogin        = "E01-M0101"
	codeSession      = "E02"
	codeSessions     = "E03" // too many sessions: not known
	codeValue        = "E13"
	codeCheck        = "E13-M1305"
	codeNotOurs      = "E15-M1502"
	codeRefused      = "E99" // other refusals: not known
	textPrecheck     = "DNS precheck failed"
	textNoHost       = "Host is not registered"
	textFunds        = "Insufficient funds"
	textNotOffered   = "Not offered for this extension"
	textHolder       = "The registry does not accept this owner"
	unknownWord      = "Suspended" // for faults.UnknownStatus
	codeClient       = "SOAP-ENV:Client"
	codeServer       = "SOAP-ENV:Server"
	maxSessions      = 10
	defaultBalance   = 10_000_00
	defaultMinimumNS = 2
)

func invalid(name string) *fault { return faultf(codeValue, "%s : Invalid value", name) }

func refuse(text string) *fault { return faultf(codeRefused, "%s", text) }
