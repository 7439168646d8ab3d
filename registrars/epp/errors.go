package epp

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp/internal"
	"domainprovisioning/registrars/epp/internal/objects"
	"domainprovisioning/wire/exchange"
)

// ask sends a command that is no request of an order, and returns its answer if it is a success.
func (e *EPP) ask(ctx context.Context, command objects.Command, secrets ...string) (objects.Answer, error) {
	return e.do(ctx, objects.Transaction{Command: command}, secrets...)
}

// do sends a command, and turns any answer but a success into an error. The texts of the
// registry lose the secrets that were sent.
func (e *EPP) do(ctx context.Context, transaction objects.Transaction, secrets ...string) (objects.Answer, error) {
	command := transaction.Command
	answer, err := e.registry.Do(ctx, transaction)
	if err != nil {
		return answer, e.failure(objects.CallOf(command), objects.Changes(command), err)
	}
	if !answer.Code().Success() {
		return answer, trouble(objects.CallOf(command), objects.Changes(command), answer, secrets)
	}
	return answer, nil
}

// The calls before any command. A login is also the command that changes a password.
const (
	callGreeting = "greeting"
	callLogin    = "login"
)

// failure is the error of a command without an answer. The command may have needed a session of its
// own: the texts of a login that was refused lose the account's password, and the secrets given.
func (e *EPP) failure(call string, changes bool, err error, secrets ...string) error {
	if refused, ok := errors.AsType[*objects.LoginError](err); ok {
		secrets = append(secrets, e.password.Reveal())
		if call == callLogin && !refused.Greeting {
			return trouble(callLogin, true, refused.Answer, secrets)
		}
		return shutOut(refused, secrets)
	}
	if missing, ok := errors.AsType[*objects.UnofferedError](err); ok {
		return &registrars.Error{Registrar: pluginName, Call: callGreeting, Class: registrars.ClassAuth, Rule: missing.Error()}
	}
	if errors.Is(err, objects.ErrPassword) {
		return &registrars.Error{Registrar: pluginName, Call: callLogin, Class: registrars.ClassAuth, Rule: objects.ErrPassword.Error()}
	}
	if refused, ok := errors.AsType[*objects.CertificateError](err); ok {
		return &registrars.Error{Registrar: pluginName, Call: "tls", Class: registrars.ClassAuth, Rule: "the registry refuses our certificate, or demands one", Err: refused}
	}
	transport, broke := errors.AsType[*exchange.TransportError](err)
	return errs.NoAnswer(call, changes && (!broke || transport.Sent), err)
}

// shutOut is the error of a command that was not sent, because the registry did not let us in. What its
// code says of an object is not said of that of the command.
func shutOut(refused *objects.LoginError, secrets exchange.Secrets) *registrars.Error {
	call := callLogin
	if refused.Greeting {
		call = callGreeting
	}
	made := answered(call, refused.Answer, secrets)
	switch made.Class {
	case registrars.ClassAuth, registrars.ClassBalance, registrars.ClassTemporary:
	case registrars.ClassRateLimited:
		made.After = internal.SessionsWait
	case registrars.ClassOutcomeUnknown:
		made.Class = registrars.ClassTemporary
	default:
		made.Class = registrars.ClassAuth // whatever is wrong with the login, the configuration mends it
	}
	return made
}

// answered is the error of an answer as the table of codes has it.
func answered(call string, answer objects.Answer, secrets exchange.Secrets) *registrars.Error {
	class, rule := answer.Code().Trouble()
	return &registrars.Error{
		Registrar: pluginName, Call: call, Class: class, Code: strconv.Itoa(int(answer.Code())), Rule: rule, Detail: detail(answer, secrets),
	}
}

// trouble is the error of an answer that is no success.
func trouble(call string, changes bool, answer objects.Answer, secrets exchange.Secrets) *registrars.Error {
	code, made := answer.Code(), answered(call, answer, secrets)
	switch {
	case changes && !code.Certain():
		made.Class = registrars.ClassOutcomeUnknown
	case code == objects.TooManySessions:
		made.After = internal.SessionsWait
	case code == objects.InTransfer:
		made.After, made.Refused, made.Field = internal.BusyWait, true, "domain"
	case code == objects.NotThere && changes:
		made.Class, made.Rule = registrars.ClassInvalid, "something that it names does not exist at the registry"
	case (code == objects.NotAllowed || code == objects.WrongAuthInfo) && strings.HasSuffix(call, ":info"):
		made.Class = registrars.ClassNotFound // it is another registrar's, who alone sees it, or with its code
	case code == objects.WrongAuthInfo:
		made.Field = "authCode"
	}
	if made.Class == registrars.ClassInvalid && made.Field == "" {
		made.Field = fieldOf(answer)
	}
	return made
}

// detail is what the registry says, for the person who repairs the order.
func detail(answer objects.Answer, secrets exchange.Secrets) string {
	var texts []string
	for _, result := range answer.Results {
		for _, text := range append([]string{result.Text}, result.Reasons...) {
			if text != "" && !slices.Contains(texts, text) {
				texts = append(texts, text)
			}
		}
	}
	return secrets.Scrub(strings.Join(texts, "; "))
}

// longestWhy bounds what the events of a login add to an error, in bytes.
const longestWhy = 1000

// explain adds to an error what the refused login has said, such as why a new password is not taken.
func explain(err error, events []objects.Event) {
	failed, ok := registrars.AsError(err)
	if !ok {
		return
	}
	texts := []string{failed.Detail}
	for _, event := range events {
		if text := eventText(event); text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	said := registrars.Cut(strings.Join(texts[1:], "; "), longestWhy)
	failed.Detail = strings.Trim(failed.Detail+"; "+said, "; ")
}

// fieldOf is the field that an answer complains of, by the elements that it quotes; "" if it
// quotes none that an order has.
func fieldOf(answer objects.Answer) string {
	for _, result := range answer.Results {
		for _, element := range slices.Backward(result.Elements) {
			if field := fields[element]; field != "" {
				return field
			}
		}
	}
	return ""
}

// fields are the fields of an order behind the elements.
var fields = map[string]string{
	"domain:name": "domain", "domain:period": "years", "domain:curExpDate": "expires", "domain:ns": "nameServers", "domain:hostObj": "nameServers",
	"domain:hostAttr": "nameServers", "domain:hostName": "nameServers", "domain:hostAddr": "nameServers", "domain:registrant": "owner",
	"domain:contact": "contacts", "domain:authInfo": "authCode", "domain:pw": "authCode", "domain:status": "settings.lock",
	"host:name": "nameServers", "host:addr": "nameServers", "secDNS:dsData": "settings.dnssec", "secDNS:keyData": "settings.dnssec",
	"secDNS:digest": "settings.dnssec", "secDNS:pubKey": "settings.dnssec", "secDNS:alg": "settings.dnssec", "secDNS:digestType": "settings.dnssec",
	"fee:fee": "price", "fee:currency": "price",
	"contact:name": "lastName", "contact:org": "organisation", "contact:street": "address1", "contact:city": "city", "contact:sp": "state",
	"contact:pc": "postalCode", "contact:cc": "country", "contact:voice": "phone", "contact:fax": "fax", "contact:email": "email",
}

// hasCode reports whether an error is an answer to a command, with a code. That to a login says nothing
// about the object of the command.
func hasCode(err error, codes ...objects.Code) bool {
	failed, ok := registrars.AsError(err)
	return ok && failed.Call != callLogin && failed.Call != callGreeting && slices.ContainsFunc(codes, func(code objects.Code) bool { return failed.Code == strconv.Itoa(int(code)) })
}
