package xmlrpc

import "strings"

// Redacted replaces secret values in dumps.
const Redacted = "[redacted]"

// secretNames are member names, in lower case, whose values never appear in a
// dump. Names that contain "passw" or "secret" need not be listed.
var secretNames = map[string]bool{
	"auth":          true,
	"authcode":      true,
	"auth_code":     true,
	"authkey":       true,
	"auth_key":      true,
	"transferkey":   true,
	"transfer_key":  true,
	"identity_key":  true,
	"account_key":   true,
	"external_info": true,
	"token":         true,
}

func secretName(name string) bool {
	name = strings.ToLower(strings.TrimSpace(name))
	return secretNames[name] || strings.Contains(name, "passw") || strings.Contains(name, "secret")
}

// RedactMembers returns a deep copy of a value in which the values of members
// with secret names (password, PasswordID, auth, transfer key, ...) are replaced
// by Redacted. In a struct that is itself a pair of name and value, such as
// {var_name, var_value}, a secret name hides the other members.
func RedactMembers(value any) any {
	switch v := value.(type) {
	case []any:
		out := make([]any, len(v))
		for i, element := range v {
			out[i] = RedactMembers(element)
		}
		return out
	case Struct:
		pair := namesSecret(v["var_name"]) || namesSecret(v["name"]) || namesSecret(v["Name"])
		out := make(Struct, len(v))
		for name, member := range v {
			out[name] = redactMember(name, member, pair)
		}
		return out
	case Ordered:
		pair := false
		for _, member := range v {
			if member.Name == "var_name" || member.Name == "name" || member.Name == "Name" {
				pair = pair || namesSecret(member.Value)
			}
		}
		out := make(Ordered, len(v))
		for i, member := range v {
			out[i] = Member{member.Name, redactMember(member.Name, member.Value, pair)}
		}
		return out
	}
	return value
}

func redactMember(name string, value any, pair bool) any {
	isLabel := name == "var_name" || name == "name" || name == "Name"
	if value != nil && (secretName(name) || pair && !isLabel) {
		return Redacted
	}
	return RedactMembers(value)
}

func namesSecret(value any) bool {
	switch v := value.(type) {
	case string:
		return secretName(v)
	case Untyped:
		return secretName(string(v))
	}
	return false
}
