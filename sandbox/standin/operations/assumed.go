package operations

import "fmt"

// Assumptions (docs/protocols/operations.md, sections 13 and 14), which no public page
// confirms:
//
//   - the replies of the look-ups, and the arguments of the undo methods, of
//     pem.getNameServers and of the bind methods;
//   - the error identities below: the text is "by analogy", and module and type
//     are made up, so that a client has to rely on the text;
//   - an argument that the documents do not name is refused;
//   - an account with subscriptions or domains cannot be removed; removing
//     a subscription also removes its requests and bindings, but leaves its domains;
//   - domain and hosting subscription of a binding belong to one account;
//   - when errors are sent as faults, and that these say the same; an option enables this;
//   - a repeated pem.addDomainRequest answers zone_created 1 (already there).
const (
	assumedModule = "OpenAPI"

	typeAlreadyExists = 1001
	typeDoesNotExist  = 1002
	typeArguments     = 1003
	typeRefused       = 1004

	faultNoMethod = -32601
)

func alreadyExists(what string) *failure {
	return &failure{module: assumedModule, extype: typeAlreadyExists, text: what + " already exists."}
}

func doesNotExist(what string) *failure {
	return &failure{module: assumedModule, extype: typeDoesNotExist, text: what + " does not exist."}
}

func badArgument(format string, a ...any) *failure {
	return &failure{module: assumedModule, extype: typeArguments, text: fmt.Sprintf(format, a...)}
}

func refused(format string, a ...any) *failure {
	return &failure{module: assumedModule, extype: typeRefused, text: fmt.Sprintf(format, a...)}
}

func notOneStruct() *failure {
	return badArgument("Exactly one parameter, a struct, is expected.")
}
