package activities

import "time"

// BeginWalkInput names the registrar account to walk over.
type BeginWalkInput struct {
	Registrar string `json:"registrar"`
}

// BeginWalkResult is how a walk over an account goes.
type BeginWalkResult struct {
	Round int64 `json:"round"`
	// Lists says that the registrar lists the domains of the account.
	Lists bool `json:"lists"`
	// Parts is how many parts of the domains are compared as a whole in this round, and Pause how
	// long it waits between two of them: the round is spread over its time.
	Parts int           `json:"parts"`
	Pause time.Duration `json:"pause"`
}

// WalkPageInput is a page of the account's list.
type WalkPageInput struct {
	Registrar string `json:"registrar"`
	Round     int64  `json:"round"`
	From      string `json:"from,omitempty"` // "" is the beginning
}

// WalkPageResult is what a page has shown.
type WalkPageResult struct {
	Next string `json:"next,omitempty"` // "" after the last page
	// Partly says that a domain of it was listed by name and dates only.
	Partly bool `json:"partly,omitempty"`
	// Unreadable counts the items of which nothing may be concluded.
	Unreadable int `json:"unreadable,omitempty"`
	WalkCounts
}

// WalkMissingInput asks for what the list, read to its end, did not have.
type WalkMissingInput struct {
	Registrar string `json:"registrar"`
	Round     int64  `json:"round"`
	// Unreadable is how many items of the list could not be read: each may be any domain.
	Unreadable int `json:"unreadable,omitempty"`
}

// WalkPartInput is a part of the domains, to be compared as a whole.
type WalkPartInput struct {
	Registrar string `json:"registrar"`
	Round     int64  `json:"round"`
	// Listed says that the list has shown the domains as a whole already, so the registrar is not
	// read for each.
	Listed bool `json:"listed,omitempty"`
	// Again takes the domains that differ, instead of those that have waited longest.
	Again bool `json:"again,omitempty"`
	// Troubled is how many domains in a row trouble with a system has kept from being read before.
	Troubled int `json:"troubled,omitempty"`
}

// WalkPartResult is what a part has shown.
type WalkPartResult struct {
	// Empty says that there was nothing to compare any more.
	Empty bool `json:"empty,omitempty"`
	// Answered says that a domain could be read, and Troubled how many in a row trouble with a system
	// has kept from it since one could.
	Answered bool `json:"answered,omitempty"`
	Troubled int  `json:"troubled,omitempty"`
	WalkCounts
}

// EndWalkInput ends a walk that has come to its end.
type EndWalkInput struct {
	Registrar string `json:"registrar"`
	Round     int64  `json:"round"`
	Listed    bool   `json:"listed,omitempty"` // the list was read to its end, and all of it could be read
}

// EndWalkResult is empty.
type EndWalkResult struct{}

// WalkCounts counts what a walk, or a part of it, has done.
type WalkCounts struct {
	Domains  int `json:"domains"`            // that were compared
	Calls    int `json:"calls"`              // to the registrar
	Platform int `json:"platform,omitempty"` // calls to Billing and Operations
	Fresh    int `json:"fresh,omitempty"`    // differences that are new
	Gone     int `json:"gone,omitempty"`     // differences that are gone
	Passed   int `json:"passed,omitempty"`   // domains that could not be read
}

// Add adds the counts of a part.
func (c *WalkCounts) Add(part WalkCounts) {
	c.Domains += part.Domains
	c.Calls += part.Calls
	c.Platform += part.Platform
	c.Fresh += part.Fresh
	c.Gone += part.Gone
	c.Passed += part.Passed
}
