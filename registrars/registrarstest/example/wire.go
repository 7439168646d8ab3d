package example

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/wire/exchange"
)

const maxReply = 1 << 20 // some thousand open orders

// States of names and orders, and the types of orders.
const (
	stateFree, stateOurs = "free", "ours"
	stateOpen            = "open"
)

var typeOf = map[registrars.Kind]string{registrars.Registration: "register", registrars.NameServerChange: "delegate"}

type name struct {
	State   string    `json:"state"`
	Servers []string  `json:"servers"`
	Expires time.Time `json:"expires"`
}

type order struct {
	Number  int64             `json:"number,omitempty"`
	Token   string            `json:"token"`
	Channel string            `json:"channel,omitempty"`
	Type    string            `json:"type"`
	Name    string            `json:"name"`
	Years   int               `json:"years,omitempty"`
	Servers []string          `json:"servers,omitempty"`
	Holder  *holder           `json:"holder,omitempty"`
	Extra   map[string]string `json:"extra,omitempty"`
	State   string            `json:"state,omitempty"`
	Why     string            `json:"why,omitempty"`
}

type holder struct {
	Name         string `json:"name"`
	Organisation string `json:"organisation,omitempty"`
	Street       string `json:"street"`
	PostalCode   string `json:"postalCode"`
	City         string `json:"city"`
	Country      string `json:"country"`
	Phone        string `json:"phone,omitempty"`
	Email        string `json:"email"`
}

func (o order) operation() registrars.Operation {
	operation := registrars.Operation{Reference: strconv.FormatInt(o.Number, 10), Status: registrars.StatusUnknown, Word: o.State, Reason: o.Why}
	operation.Domain, _ = domains.ParseName(o.Name)
	for kind, word := range typeOf {
		if word == o.Type {
			operation.Kind = kind
		}
	}
	switch o.State {
	case stateOpen:
		operation.Status = registrars.StatusPending
	case "done":
		operation.Status = registrars.StatusDone
	case "refused":
		operation.Status = registrars.StatusFailed
	}
	return operation
}

// classes gives the class of each refusal by its word. After a refusal no order exists.
var classes = map[string]registrars.Class{
	"bad_key":   registrars.ClassAuth,
	"bad_field": registrars.ClassInvalid,
	"not_free":  registrars.ClassUnavailable,
	"not_ours":  registrars.ClassInvalid,
	"not_sold":  registrars.ClassRejected,
	"no_order":  registrars.ClassNotFound,
	"no_funds":  registrars.ClassBalance,
	"busy":      registrars.ClassTemporary,
}

// fields maps the fields that the registrar names to those of our requests. The
// registrar's text may quote the value of a field, so the rule is our own.
var fields = map[string]string{"years": "years", "servers": "nameServers", "name": "domain", "holder": "owner", "extra": "owner.extra"}

func (e *Example) name(ctx context.Context, domain domains.Name) (found name, err error) {
	err = e.call(ctx, "names", http.MethodGet, "names/"+url.PathEscape(domain.String()), nil, &found)
	return found, err
}

func (e *Example) orders(ctx context.Context, call string, query url.Values) (registrars.Pending, error) {
	var list struct {
		Orders *[]json.RawMessage `json:"orders"`
	}
	if err := e.call(ctx, call, http.MethodGet, "orders?"+query.Encode(), nil, &list); err != nil {
		return registrars.Pending{}, err
	}
	if list.Orders == nil { // not an empty list: a missing list must not be treated as an empty one
		return registrars.Pending{}, errs.NoAnswer(call, false, errUnreadable)
	}
	var read registrars.Pending
	for _, document := range *list.Orders {
		var one order
		if json.Unmarshal(document, &one) != nil || one.Number < 1 || one.State == "" {
			read.Unreadable = append(read.Unreadable, registrars.Unreadable{Rule: "an order without a readable number and state"})
			continue
		}
		read.Operations = append(read.Operations, one.operation())
	}
	return read, nil
}

var errUnreadable = errors.New("the answer cannot be read")

// call makes one exchange, and reads its answer into target.
func (e *Example) call(ctx context.Context, call, method, path string, body, target any) error {
	ctx, cancel := context.WithTimeout(ctx, e.account.Timeout)
	defer cancel()
	writes := method != http.MethodGet
	var content io.Reader
	if writes {
		encoded, err := json.Marshal(body)
		if err != nil {
			return errs.NoAnswer(call, false, err)
		}
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(e.account.URL, "/")+"/v1/"+path, content)
	if err != nil {
		return errs.NoAnswer(call, false, err)
	}
	request.Header.Set("X-Reseller", e.account.Login)
	request.Header.Set("Authorization", "Bearer "+e.account.Password.Reveal())
	request.Header.Set("Content-Type", "application/json")
	reply, err := exchange.Do(e.client, request, maxReply, time.Now(), func(status int) bool {
		return status < http.StatusInternalServerError && status != http.StatusTooManyRequests
	})
	switch {
	case err != nil:
		return failure(call, writes, err)
	case reply.Status != http.StatusOK:
		return e.refusal(call, writes, reply.Body)
	case json.Unmarshal(reply.Body, target) != nil: // its error may quote the answer
		return failure(call, writes, errUnreadable)
	}
	return nil
}

// failure is the error of an exchange without an answer from the API.
func failure(call string, writes bool, err error) error {
	transport, broke := errors.AsType[*exchange.TransportError](err)
	failed := errs.NoAnswer(call, writes && (!broke || transport.Sent), err)
	if status, ok := errors.AsType[*exchange.StatusError](err); ok {
		failed.After = status.RetryAfter
		if status.Status == http.StatusTooManyRequests {
			failed.Class = registrars.ClassRateLimited
		}
	}
	return failed
}

// refusal is the error of an answer that created no order. An answer without a word is not
// from the API: it may come from a proxy, after the server behind it has acted.
func (e *Example) refusal(call string, writes bool, body []byte) error {
	var refused struct{ Error, Field, Text string }
	if json.Unmarshal(body, &refused) != nil || refused.Error == "" {
		return failure(call, writes, errUnreadable)
	}
	said := exchange.Secrets{e.account.Password.Reveal()}.Scrub(refused.Text)
	failed := &registrars.Error{Registrar: pluginName, Call: call, Class: registrars.ClassRejected, Detail: said}
	if class, known := classes[refused.Error]; known { // an unknown word may be anything, so it is not shown
		failed.Class, failed.Code = class, refused.Error
	}
	if failed.Class == registrars.ClassInvalid {
		failed.Field, failed.Rule = fields[refused.Field], "refused by the registrar"
	}
	return failed
}
