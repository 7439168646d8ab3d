package xmlrpc

import (
	"encoding/base64"
	"strings"

	"domainprovisioning/wire/exchange"
)

// Redacted replaces secret values in dumps.
const Redacted = exchange.Hidden

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

// redacted returns a copy of the parameters of a call without its secrets.
func (c *Client) redacted(method string, params []any) []any {
	copied, _ := RedactMembers(params).([]any)
	if c.config.Redact != nil {
		copied = c.config.Redact(method, copied)
	}
	return copied
}

// Secrets returns what a call sends that must not be seen in what the server says: whatever a dump
// hides, and the password of HTTP. Call removes them from faults; texts in the value of a reply are
// those of the caller, which knows what they mean.
func (c *Client) Secrets(method string, params ...any) exchange.Secrets {
	return append(exchange.Secrets{c.config.Password}, hiddenIn(params, c.redacted(method, params))...)
}

// scrubFault removes the secrets of a call from the text of a fault. Where that is base64, it stays
// so, with what can be read of it.
func (c *Client) scrubFault(text, method string, params []any) string {
	secrets := c.Secrets(method, params...)
	if said, encoded := DecodeBase64Text(text); encoded {
		scrubbed := secrets.Scrub(said)
		if scrubbed == said {
			return text
		}
		return base64.StdEncoding.EncodeToString([]byte(scrubbed))
	}
	return secrets.Scrub(text)
}

// hiddenIn lists the texts of a value that its redacted copy hides.
func hiddenIn(value, shown any) []string {
	if shown == Redacted {
		return textsIn(value)
	}
	var found []string
	switch v := value.(type) {
	case []any:
		if shown, ok := shown.([]any); ok && len(shown) == len(v) {
			for i := range v {
				found = append(found, hiddenIn(v[i], shown[i])...)
			}
		}
	case Struct:
		if shown, ok := shown.(Struct); ok {
			for name := range v {
				found = append(found, hiddenIn(v[name], shown[name])...)
			}
		}
	case Ordered:
		if shown, ok := shown.(Ordered); ok && len(shown) == len(v) {
			for i := range v {
				found = append(found, hiddenIn(v[i].Value, shown[i].Value)...)
			}
		}
	}
	return found
}

// textsIn lists all texts of a value.
func textsIn(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case Untyped:
		return []string{string(v)}
	}
	var found []string
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			found = append(found, textsIn(element)...)
		}
	case Struct:
		for _, member := range v {
			found = append(found, textsIn(member)...)
		}
	case Ordered:
		for _, member := range v {
			found = append(found, textsIn(member.Value)...)
		}
	}
	return found
}
