package activities

// ClaimOf is the claim of a submission, for tests.
var ClaimOf = (*Registrar).claim

// Fail is what an activity makes of an error, for tests.
var Fail = fail
