package realtimeregister

import "fmt"

// Assumptions (docs/protocols/realtime-register.md, sections 3, 11, 12 and 22), which
// no public page confirms:
//
//   - X-Process-Id comes with 202 only, unless Options.ProcessIDAlways;
//   - the actions of processes are create, renew, delete, update and incomingTransfer,
//     and command is the request without its billables;
//   - a second change is accepted while a process runs, and a second registration of a
//     name fails in the end, so a repeat shows as a second process;
//   - reading a domain that is not here gives ObjectDoesNotExist with 400;
//   - money is reserved while a process runs and taken when it is completed; the balance
//     includes reserved amounts;
//   - the product of a domain is domain_ and its last label, with _premium for a premium
//     name; the prices of registration and renewal are those of one year;
//   - the eventType below: the list of them is not published;
//   - every end of a process is notified, even an immediate one;
//   - a webhook is tried at once, and again after a failure as often and as late as
//     section 12.1 says; then the queue stalls until Server.Resume. A delivery does not
//     acknowledge the notification;
//   - a host is made by a process of its own, once its domain is in the account; a second one
//     of its name is ObjectExists, and a domain is delegated to a host below it only once that
//     is there; the name of a host is hostName, as in a notification;
//   - the lengths of a name are those of its coded form;
//   - in lists, like and q compare whole values and parts of them, q without regard to case; a
//     filter of a list fits if one of its values does, a negative one if all do; total=false and
//     no-total=true leave out the count; the identifying members are domainName, customer and
//     handle, or id; planned maintenance has the form of all lists;
//   - the action of a restore is restore and its command RestoreDomainCommand; it can be had while
//     the domain is in redemption;
//   - members of a contact that is updated at once are not refused by any registry; a contact in
//     use cannot be deleted, by ObjectStatusProhibitsOperation;
//   - a zone that is not linked to its template any more does not name it;
//   - the words of whoisExposure and gdprCategory, whose values are not documented;
//   - a zone that is created for a domain delegates the domain to ownNameServers.
const (
	eventType    = "DomainEvent"
	unknownWord  = "POSTPONED" // for faults.UnknownStatus
	premiumPrice = 250_00
	defaultBrand = "default"

	whoisExposure = "LIMITED"
	gdprCategory  = "EU_BASED"
)

var ownNameServers = []string{"ns1.mockup.example", "ns2.mockup.example"}

// newAuthcode returns a code that differs from every other one.
func (s *Server) newAuthcode() string {
	s.state.lastAuthcode++
	return fmt.Sprintf("AUTH-%06d", s.state.lastAuthcode)
}
