package names4ever

// The stand-in invents what no public page states: every result code except 0, and
// all descriptions. A client must not depend on them.
const (
	CodeLogin    = 100 // of the request: login, password or plan
	CodeDocument = 101 // of the request: not the derived grammar
	CodeInvalid  = 200 // of a domain: a rule is broken
	CodeTaken    = 201 // of a domain: it is already registered
	CodeNotFound = 202 // of a domain: not in this account
	CodePassword = 203 // of a domain: not its password
	CodeHolder   = 204 // of a domain: the registry refuses the holder
)

// elsewhere are the name servers of names that are registered elsewhere.
var elsewhere = []string{"ns1.elsewhere.example", "ns2.elsewhere.example"}
