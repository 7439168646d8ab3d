package activities

import "maps"

// ClaimOf returns the claim of a submission.
var ClaimOf = (*Registrar).claim

// Fail turns an error into what an activity returns.
var Fail = fail

// Refuse makes a permanent error with our own text.
var Refuse = refuse

// InTime guards the claim of a deletion.
var InTime = (*Registrar).inTime

// Changing returns which calls are said to change something outside.
func Changing() map[string]bool { return maps.Clone(changing) }
