package gateway

import (
	"reflect"

	"github.com/invopop/jsonschema"

	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
)

// closedSet describes the types whose values are all known; nil for any other type. A later
// version may have more of them.
func closedSet(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[messages.Action]():
		return oneOf(messages.Actions())
	case reflect.TypeFor[messages.Change]():
		return oneOf(messages.Changes())
	case reflect.TypeFor[messages.LifeReason]():
		return oneOf(messages.LifeReasons())
	case reflect.TypeFor[messages.LifeState]():
		return oneOf(messages.LifeStates())
	case reflect.TypeFor[messages.RenewalMode]():
		return oneOf(messages.RenewalModes())
	case reflect.TypeFor[messages.NewsType]():
		return oneOf(append(messages.NewsTypes(), messages.NewsTest))
	case reflect.TypeFor[messages.Outcome]():
		return oneOf(messages.Outcomes())
	case reflect.TypeFor[messages.Reason]():
		return oneOf(allReasons())
	case reflect.TypeFor[messages.State]():
		return oneOf(messages.States())
	case reflect.TypeFor[messages.StepState]():
		return oneOf(messages.StepStates())
	case reflect.TypeFor[messages.UndoState]():
		return oneOf(messages.UndoStates())
	}
	return nil
}

func oneOf[T ~string](values []T) *jsonschema.Schema {
	schema := &jsonschema.Schema{Type: "string"}
	for _, value := range values {
		schema.Enum = append(schema.Enum, string(value))
	}
	return schema
}

// closedMembers lists the values of members whose type is a plain text, by schema and member.
func closedMembers() map[string]map[string]any {
	unit := map[string]any{"reason": allReasons(), "operation": orders.Types()}
	return map[string]map[string]any{
		"Unit": unit, "UnitStatus": unit, "PlannedUnit": {"operation": orders.Types()}, "Problem": {"type": problemTypes()},
		"NewsData": {"reason": allReasons()},
	}
}

// allReasons lists the reasons, those that are composed as well.
func allReasons() []messages.Reason {
	reasons := messages.Reasons()
	for _, kind := range registrars.Kinds() {
		for _, how := range []registrars.Status{registrars.StatusFailed, registrars.StatusCancelled} {
			reasons = append(reasons, messages.RequestEnded(string(kind), string(how)))
		}
	}
	for _, class := range registrars.Classes() {
		reasons = append(reasons, messages.Trying(string(class)))
	}
	return reasons
}

func closeMembers(schema string, definition any) {
	for name, values := range closedMembers()[schema] {
		members := definition.(map[string]any)["properties"].(map[string]any) //nolint:forcetypeassert // a schema of ours
		members[name].(map[string]any)["enum"] = values                       //nolint:forcetypeassert // the same
	}
}

// plain replaces the schema true, which allows everything, by {}, which does too: generators of
// clients read only the latter.
func plain(schema any) {
	switch schema := schema.(type) {
	case map[string]any:
		for name, part := range schema {
			if part == true && name == "items" {
				schema[name] = map[string]any{}
				continue
			}
			plain(part)
		}
	case []any:
		for _, part := range schema {
			plain(part)
		}
	}
}
