package rehearsal

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"go.temporal.io/sdk/temporal"

	"domainprovisioning/activities"
	"domainprovisioning/billing"
	"domainprovisioning/domains"
	"domainprovisioning/operations"
	"domainprovisioning/orders"
	"domainprovisioning/wire/xmlrpc"
	"domainprovisioning/workflows"
)

// Ids that are not known before an order is placed. Calls carry these numbers instead,
// and they are shown as words. They are the highest possible ids, outside every range.
const (
	anAccount = 1<<31 - 1 - iota
	aDomainSubscription
	aHostingSubscription
	aDomain
	firstUser
	aMember // and those below it: one for each new user
)

// These hosts stand for the name servers of step 5.
const (
	unknownHost1 = "ns1.of.step-5.invalid"
	unknownHost2 = "ns2.of.step-5.invalid"
)

// ofTheDomain stands for the name servers of a domain that is adopted.
const ofTheDomain = "(name server that the domain has)"

// reservedIDs replaces the ids in the input by those of a rehearsal. It returns what each
// of them stands for.
func reservedIDs(input *workflows.UnitInput) map[string]string {
	words := map[string]string{
		strconv.Itoa(anAccount):            "(account id, reserved when the order is placed)",
		strconv.Itoa(aDomainSubscription):  "(domain subscription id, reserved when the order is placed)",
		strconv.Itoa(aHostingSubscription): "(hosting subscription id, reserved when the order is placed)",
		strconv.Itoa(aDomain):              "(domain id, reserved when the order is placed)",
		strconv.Itoa(firstUser):            "(the account's first user)",
		unknownHost1:                       "(name server of step 5)",
		unknownHost2:                       "(name server of step 5)",
	}
	renumbered := map[int]int{}
	for n := range input.Users {
		user := &input.Users[n]
		renumbered[user.UserID] = aMember - n
		user.UserID = aMember - n
		words[strconv.Itoa(aMember-n)] = "(user id, reserved when the order is placed)"
	}
	for _, id := range input.UserIDs.All() {
		if to, ok := renumbered[*id]; ok {
			*id = to
		}
	}
	if input.NewAccount {
		input.AccountID = anAccount
	}
	if input.Unit.Domain != nil && input.Unit.Type.Provisions() {
		input.DomainSubscriptionID, input.DomainID = cmp.Or(input.Unit.Domain.Subscription, aDomainSubscription), aDomain
	}
	if input.Unit.Hosting != nil {
		input.HostingSubscriptionID = cmp.Or(input.Unit.Hosting.Subscription, aHostingSubscription)
	}
	if input.Unit.Type == orders.Adoption {
		words[unknownHost1], words[unknownHost2] = ofTheDomain, ofTheDomain
	}
	return words
}

// recorder records calls instead of making them.
type recorder struct {
	words map[string]string
	calls []PlannedCall
}

func newStage(order *orders.Order, input workflows.UnitInput, logins map[string]activities.RegistrarLogin) (*stage, error) {
	// Leave the caller's slice unchanged.
	input.Users = slices.Clone(input.Users)
	r := &recorder{words: reservedIDs(&input)}
	s := &stage{recorder: r, order: order, input: input}
	toOperations, err := operations.New(operations.Config{
		URL: "http://operations.invalid/RPC2", HTTPClient: &http.Client{Transport: nowhere{answerOperations}}, Dump: r.dump("operations"),
	})
	if err != nil {
		return nil, err
	}
	toBilling, err := billing.New(billing.Config{
		URL: "http://billing.invalid/RPC2", HTTPClient: &http.Client{Transport: nowhere{answerBilling}}, Dump: r.dump("billing"),
	})
	if err != nil {
		return nil, err
	}
	s.operations = &activities.Operations{Client: toOperations, Orders: theOrder{order}}
	s.billing = &activities.Billing{Client: toBilling, Logins: logins}
	return s, nil
}

// theOrder returns the rehearsed order instead of a stored one.
type theOrder struct{ order *orders.Order }

func (o theOrder) Order(context.Context, string, int) (*orders.Order, error) { return o.order, nil }

func (theOrder) KeepSecret(_ context.Context, _ string, secret domains.Secret) (domains.Secret, error) {
	return secret, nil
}

func (r *recorder) note(call PlannedCall) { r.calls = append(r.calls, call) }

// take returns the calls that were recorded since the last time. err is the error of the
// step, or nil.
func (r *recorder) take(err error) []PlannedCall {
	calls := r.calls
	r.calls = nil
	if err != nil {
		calls = append(calls, PlannedCall{Parameters: []PlannedParameter{}, Trouble: wordsOf(err)})
	}
	if calls == nil {
		return []PlannedCall{}
	}
	return calls
}

// wordsOf returns the message of an activity's error, without what it tells Temporal.
func wordsOf(err error) string {
	if refused, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return refused.Message()
	}
	return err.Error()
}

// dump records the requests of a client. Secrets in them are already masked.
func (r *recorder) dump(system string) func(string, []byte) {
	return func(direction string, document []byte) {
		if direction != xmlrpc.DumpRequest {
			return
		}
		method, params, err := xmlrpc.DecodeCall(document, xmlrpc.Limits{})
		if err != nil {
			return
		}
		call := PlannedCall{System: system, Name: method, Parameters: []PlannedParameter{}}
		if execute, err := billing.ParseExecute(params); system == "billing" && err == nil {
			call.Name = execute.Server + "::" + execute.Method
			for n, value := range execute.Params {
				call.Parameters = append(call.Parameters, PlannedParameter{"#" + strconv.Itoa(n+1), r.show(value)})
			}
		} else if len(params) == 1 {
			r.flatten(&call, "", params[0])
		}
		r.note(call)
	}
}

// flatten lists the members of a struct with their paths.
func (r *recorder) flatten(call *PlannedCall, path string, value any) {
	switch v := value.(type) {
	case xmlrpc.Struct:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			r.flatten(call, strings.TrimPrefix(path+"."+name, "."), v[name])
		}
	case []any:
		for n, element := range v {
			r.flatten(call, fmt.Sprintf("%s[%d]", path, n), element)
		}
	default:
		call.Parameters = append(call.Parameters, PlannedParameter{path, r.show(value)})
	}
}

func (r *recorder) show(value any) string {
	text := fmt.Sprint(value)
	if fee, ok := value.(float64); ok {
		text = strconv.FormatFloat(fee, 'f', 2, 64)
	}
	if words, ok := r.words[text]; ok {
		return words
	}
	return text
}

// nowhere is a connection that leads nowhere. Its answers let the step go on.
type nowhere struct {
	answer func(method string, params []any) []byte
}

func (n nowhere) RoundTrip(request *http.Request) (*http.Response, error) {
	defer func() { _ = request.Body.Close() }()
	call, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	method, params, err := xmlrpc.DecodeCall(call, xmlrpc.Limits{})
	if err != nil {
		return nil, err
	}
	document := n.answer(method, params)
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"text/xml"}}, ContentLength: int64(len(document)),
		Body: io.NopCloser(bytes.NewReader(document)), Request: request,
	}, nil
}

// answerOperations answers as Operations does when all goes well: what is read exists,
// and what is to be created does not.
func answerOperations(method string, params []any) []byte {
	sent, _ := params[0].(xmlrpc.Struct)
	result := xmlrpc.Struct{}
	maps.Copy(result, sent)
	switch method {
	case "pem.getDomainByName", "pem.getAccountMemberByLogin":
		return encoded(xmlrpc.Struct{"status": -1, "error_code": 2006, "error_message": "does not exist"})
	case "pem.getAccountInfo":
		result["account_type"] = string(operations.AccountCustomer)
	case "pem.getAccountMembers":
		return encoded(xmlrpc.Struct{"status": 0, "result": []any{xmlrpc.Struct{"user_id": firstUser, "member_id": firstUser}}})
	case "pem.addDomainRequest", "pem.getNameServers":
		result["name_servers"] = []any{unknownHost1, unknownHost2}
		result["zone_created"] = 0
	case "pem.addDomain":
		if result["domain_id"] == nil {
			result["domain_id"] = aDomain
		}
	}
	return encoded(xmlrpc.Struct{"status": 0, "result": result})
}

func encoded(value any) []byte {
	document, err := xmlrpc.EncodeResponse(value)
	if err != nil {
		return nil
	}
	return document
}

// answerBilling answers as Billing does when all goes well: it does not know the name and
// records it.
func answerBilling(_ string, params []any) []byte {
	if call, err := billing.ParseExecute(params); err == nil && call.Method == "DomainInfoGet_API" {
		text := base64.StdEncoding.EncodeToString([]byte("Table Domain does not contain row with ID 0."))
		return xmlrpc.EncodeFault(1, text)
	}
	return encoded(billing.ItemResult(1))
}
