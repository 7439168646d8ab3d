package activities

// ClaimOf is the claim of a submission, for tests.
var ClaimOf = (*Registrar).claim
