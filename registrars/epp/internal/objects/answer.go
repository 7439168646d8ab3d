package objects

import "time"

// Answer is what a registry answers to a command.
type Answer struct {
	// Results holds at least one result. The first one decides.
	Results []Result
	// Transaction is the registry's id of the exchange, and Client ours, if it is repeated.
	Transaction, Client string
	// What the answer is about, as far as it tells.
	Available []Availability
	Fees      []Fee
	Domain    *Domain
	Contact   *Contact
	Host      *Host
	Transfer  *Transfer
	// Message is that of the queue whose id the answer bears: the one that a poll has read, and the
	// next to be read in an answer to another command.
	Message *Message
	// Created names what was created or renewed, with its new dates.
	Created *Created
	// Balance is what the account has left, if the answer tells it.
	Balance *Balance
	// Grace are the statuses of RFC 3915 that the answer shows.
	Grace []string
	// Events are what the answer to a login says of the account.
	Events []Event
}

// Balance is the money of an account, in the decimal form of the registry.
type Balance struct{ Currency, Amount, CreditLimit string }

// Event is what a registry says of the account when somebody logs in (RFC 8807, section 3.1), in
// its words: a password that is about to expire, a cipher that it will refuse. All but the type may
// be missing, and the type may be a new one.
type Event struct {
	Type, Name, Level string
	Expires           time.Time // UTC; zero: not told, or not readable
	// Value has led to the event, in the last Duration.
	Value, Duration, Text string
}

// Created is what a registry says of an object that it has created, or of a domain renewed.
type Created struct {
	Name             string
	Created, Expires time.Time
}

// Result is the result of a command.
type Result struct {
	Code Code
	// Text, Values and Reasons are the registry's, for people. They may quote what was sent.
	Text    string
	Reasons []string
	// Elements are the names of the elements that the registry refuses, such as "domain:period".
	Elements []string
}

// Code returns the code that decides.
func (a Answer) Code() Code { return a.Results[0].Code }
