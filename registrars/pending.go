package registrars

import "context"

// PendingLister lists all pending operations of the account in one call. With it, any number
// of orders can wait at the cost of one call per round.
type PendingLister interface {
	// PendingOperations returns every pending operation that can be read, and beside them what
	// cannot: one odd item of the list hides no other. An error means that the list as a whole
	// could not be read.
	PendingOperations(ctx context.Context) (Pending, error)
}

// Pending is a list of pending operations as far as it can be read.
type Pending struct {
	Operations []Operation
	// Unreadable are the items of which nothing may be concluded. Such an item may be any
	// operation: it is neither pending nor gone until it is read by its reference.
	Unreadable []Unreadable
}

// Unreadable is an item of a registrar's list that the plug-in cannot read.
type Unreadable struct {
	// Reference is the registrar's id of the item; "" if not even that can be read.
	Reference string
	// Rule says what is wrong, such as "status is not a text". It is shown and logged, so it
	// quotes no value, and it is the same for the same item in every round.
	Rule string
}
