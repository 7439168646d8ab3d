package objects

import (
	"strconv"

	"domainprovisioning/registrars"
)

// Code is the code of a result (RFC 5730, section 3). The first digit says whether the command
// was carried out, the second what the trouble is about.
type Code int

// The codes.
const (
	Done            Code = 1000
	Pending         Code = 1001 // accepted; a message follows
	NoMessages      Code = 1300
	MessageWaits    Code = 1301
	Ending          Code = 1500
	UnknownCommand  Code = 2000
	SyntaxError     Code = 2001
	WrongOrder      Code = 2002
	Missing         Code = 2003
	OutOfRange      Code = 2004
	WrongForm       Code = 2005
	NoVersion       Code = 2100
	NoCommand       Code = 2101
	NoOption        Code = 2102
	NoExtension     Code = 2103
	Billed          Code = 2104
	NotRenewable    Code = 2105
	NotTransferable Code = 2106
	NotLoggedIn     Code = 2200
	NotAllowed      Code = 2201
	WrongAuthInfo   Code = 2202
	InTransfer      Code = 2300
	NotInTransfer   Code = 2301
	Exists          Code = 2302
	NotThere        Code = 2303
	Prohibited      Code = 2304
	Associated      Code = 2305
	AgainstPolicy   Code = 2306
	NoService       Code = 2307
	AgainstData     Code = 2308
	Failed          Code = 2400
	FailedAndEnds   Code = 2500
	LoginFailed     Code = 2501
	TooManySessions Code = 2502
)

// meaning is what follows from a code.
type meaning struct {
	class registrars.Class
	rule  string
}

// meanings is the table of the codes that mean trouble. What a command has changed in spite of
// the trouble is for the caller: see Code.Certain.
var meanings = map[Code]meaning{
	UnknownCommand:  {registrars.ClassRejected, "the registry does not know the command"},
	SyntaxError:     {registrars.ClassInvalid, "the registry cannot read the command"},
	WrongOrder:      {registrars.ClassTemporary, "the registry does not take the command in this session now"},
	Missing:         {registrars.ClassInvalid, "the registry requires something that is missing"},
	OutOfRange:      {registrars.ClassInvalid, "a value is out of the registry's range"},
	WrongForm:       {registrars.ClassInvalid, "a value has not the form that the registry requires"},
	NoVersion:       {registrars.ClassRejected, "the registry does not speak this version of the protocol"},
	NoCommand:       {registrars.ClassRejected, "the registry does not offer the command"},
	NoOption:        {registrars.ClassRejected, "the registry does not offer the option"},
	NoExtension:     {registrars.ClassRejected, "the registry does not offer the extension"},
	Billed:          {registrars.ClassBalance, "the account at the registry does not cover it"},
	NotRenewable:    {registrars.ClassRejected, "the registry does not renew the domain now"},
	NotTransferable: {registrars.ClassRejected, "the registry does not transfer the domain now"},
	NotLoggedIn:     {registrars.ClassAuth, "the registry does not accept the login"},
	NotAllowed:      {registrars.ClassRejected, "the registry does not allow it to this account"},
	WrongAuthInfo:   {registrars.ClassInvalid, "the registry does not accept the auth code"},
	InTransfer:      {registrars.ClassTemporary, "a transfer of it is under way"},
	NotInTransfer:   {registrars.ClassRejected, "no transfer of it is under way"},
	Exists:          {registrars.ClassUnavailable, "it exists at the registry"},
	NotThere:        {registrars.ClassNotFound, "it does not exist at the registry"},
	Prohibited:      {registrars.ClassRejected, "its status prohibits it"},
	Associated:      {registrars.ClassRejected, "other objects at the registry depend on it"},
	AgainstPolicy:   {registrars.ClassRejected, "a value is against the registry's policy"},
	NoService:       {registrars.ClassRejected, "the registry does not offer objects of this kind"},
	AgainstData:     {registrars.ClassRejected, "it is against the registry's policy on data"},
	Failed:          {registrars.ClassTemporary, "the registry could not carry it out"},
	FailedAndEnds:   {registrars.ClassTemporary, "the registry could not carry it out and has ended the session"},
	LoginFailed:     {registrars.ClassAuth, "the registry does not accept the login and has ended the session"},
	TooManySessions: {registrars.ClassRateLimited, "the registry has as many sessions of the account as it allows"},
}

// Known reports whether RFC 5730 has the code.
func (c Code) Known() bool {
	_, trouble := meanings[c]
	return trouble || c == Done || c == Pending || c == NoMessages || c == MessageWaits || c == Ending
}

// Success reports whether the command was carried out or accepted. An unknown code is never
// success.
func (c Code) Success() bool { return c.Known() && c < UnknownCommand }

// Trouble returns the class of a code other than success, and its rule in a word of ours. An
// unknown code is judged by its first digits; one that begins as success does is of unknown
// outcome.
func (c Code) Trouble() (registrars.Class, string) {
	if known, ok := meanings[c]; ok {
		return known.class, known.rule
	}
	rule := "the registry answers with the unknown code " + strconv.Itoa(int(c))
	class, ok := map[Code]registrars.Class{
		20: registrars.ClassInvalid, 21: registrars.ClassRejected, 22: registrars.ClassAuth, 23: registrars.ClassRejected,
		24: registrars.ClassTemporary, 25: registrars.ClassTemporary,
	}[c/100]
	if !ok {
		class = registrars.ClassOutcomeUnknown
	}
	return class, rule
}

// Certain reports whether the code proves that nothing was changed. An internal failure does
// not: the registry may have carried out the command before it failed.
func (c Code) Certain() bool {
	return c/100 >= 20 && c/100 <= 23 || c == LoginFailed || c == TooManySessions
}

// Refuses reports whether the code may come in the place of a greeting. Any other there is an answer
// to nothing.
func (c Code) Refuses() bool {
	return c == Failed || c == FailedAndEnds || c == LoginFailed || c == TooManySessions
}

// Ends reports whether the registry closes the session after the code.
func (c Code) Ends() bool { return c/100 == 25 || c == Ending }
