package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"domainprovisioning/billing"
	"domainprovisioning/desk"
	"domainprovisioning/domains"
	"domainprovisioning/intake"
	"domainprovisioning/orders"
	"domainprovisioning/store"
	"domainprovisioning/wire/xmlrpc"
)

// Fault codes of /RPC2. Billing's own codes are not known (docs/protocols/billing.md,
// section 4), so clients read the text.
const (
	faultRefused = 1 // the order or the call breaks rules: one reason per line
	faultDenied  = 2 // no key, or one that may not place orders
	faultLater   = 3 // the store does not answer: nothing was accepted, place the order again
)

// maxCall is the maximum size of an XML-RPC call in bytes, as for the JSON form; and maxUnknown
// that of a call which brings its key itself, so that it is read and parsed for anybody. That is
// many times an order with twenty domains.
const (
	maxCall    = orders.MaxJSONSize
	maxUnknown = 128 << 10
)

// rpc is POST /RPC2: Billing's method Execute with PlaceOrderAndAuthorize_API, answered
// as Billing answers. The API key comes by HTTP (Bearer, or Basic with the key as the
// password), or in the member Password of the call, where Billing expects it.
func (g *Gateway) rpc(w http.ResponseWriter, r *http.Request) error {
	permitted := false
	id := requestID(r.Context())
	handler := xmlrpc.Handler{
		Limits:    xmlrpc.Limits{MaxBytes: maxUnknown},
		FaultText: billing.EncodeFaultText,
		OnError: func(method string, err error) {
			if method != "" { // an unreadable call is the caller's fault
				g.Log.Error("a call failed", "request", id, "error", err)
			}
		},
		Serve: func(ctx context.Context, method string, params []any) (any, error) {
			return g.execute(w, r.WithContext(ctx), permitted, method, params)
		},
	}
	if r.Header.Get("Authorization") != "" {
		key, err := g.rpcKey(r)
		if err != nil {
			// XML-RPC clients read faults, and few of them read anything else. The body of a
			// caller without a key is not read.
			fault := deniedFault(err)
			handler.Refuse(w, fault.Code, fault.Text)
			return nil
		}
		r = r.WithContext(desk.WithBy(withKey(r.Context(), key), by(key)))
		permitted, handler.Limits.MaxBytes = true, maxCall
	}
	handler.ServeHTTP(w, r)
	return nil
}

// rpcKey checks the API key in the header Authorization.
func (g *Gateway) rpcKey(r *http.Request) (store.APIKey, error) {
	if _, password, ok := r.BasicAuth(); ok {
		return g.keys.permit(r.Context(), domains.NewSecret(password), store.ScopePlace)
	}
	if key, ok := bearer(r); ok {
		return g.keys.permit(r.Context(), domains.NewSecret(key), store.ScopePlace)
	}
	return store.APIKey{}, newProblem(http.StatusUnauthorized, "no-key", "An API key is required", "send it as Bearer, or as the password of Basic")
}

// deniedFault is the fault of a call whose key is not accepted, or cannot be checked now.
func deniedFault(err error) *xmlrpc.Fault {
	p := problemOf(err)
	code := faultDenied
	if p.Status >= http.StatusInternalServerError || p.Status == http.StatusTooManyRequests {
		code = faultLater
	}
	return &xmlrpc.Fault{Code: code, Text: p.Title + ": " + p.Detail}
}

func (g *Gateway) execute(w http.ResponseWriter, r *http.Request, permitted bool, method string, params []any) (any, error) {
	ctx := r.Context()
	if method != "Execute" {
		return nil, &xmlrpc.Fault{Code: faultRefused, Text: "the method must be Execute"}
	}
	call, err := billing.ParseExecute(params)
	if err != nil {
		return nil, &xmlrpc.Fault{Code: faultRefused, Text: err.Error()}
	}
	if !permitted {
		key, err := g.keys.permit(ctx, call.Password, store.ScopePlace)
		if err != nil {
			return nil, deniedFault(err)
		}
		ctx = desk.WithBy(withKey(ctx, key), by(key))
	}
	var document []byte
	if r.Header.Values(headerIdempotency) != nil {
		// Compare the values, not the layout: equal calls are equal however they are
		// formatted.
		if document, err = xmlrpc.EncodeCall(call.Method, call.Params); err != nil {
			return nil, &xmlrpc.Fault{Code: faultRefused, Text: "the call cannot be read"}
		}
	}
	once, err := idempotency(r.WithContext(ctx), document)
	if err != nil {
		return nil, &xmlrpc.Fault{Code: faultRefused, Text: err.Error()}
	}
	placed, order, err := g.Desk.Intake.PlaceExecute(ctx, call, once)
	g.count("xml-rpc", placed, err)
	if refusal, ok := errors.AsType[*intake.Refusal](err); ok {
		return nil, &xmlrpc.Fault{Code: faultRefused, Text: strings.Join(refusal.Reasons, "\n")}
	}
	if err != nil {
		g.Log.ErrorContext(ctx, "an order could not be stored", "request", requestID(ctx), "error", err)
		return nil, &xmlrpc.Fault{Code: faultLater, Text: "The store did not answer in time. Place the same order again: it is one order, whatever became of this try."}
	}
	if placed.Keyed {
		w.Header().Set(headerReplayed, "true")
	}
	return itemResult(placed, order), nil
}

// itemResult answers with the values of docs/protocols/orders.md, section 7, that apply.
// We make no payment, so there is no document, no total and no redirect.
func itemResult(placed intake.Placed, order *orders.Order) any {
	login := ""
	if _, existing := order.Customer.AccountID(); !existing {
		login = order.Customer.Login()
	}
	return billing.ItemResult(
		placed.AccountID(), placed.ID, login, placed.AcceptedAt.Format(time.DateTime), 0,
		xmlrpc.Fixed2(0), xmlrpc.Fixed2(0), xmlrpc.Fixed2(0), xmlrpc.Fixed2(0),
		describe(placed), placed.Label, "",
	)
}

// describe says in words what was accepted, in at most 4096 characters, the most that
// clients read.
func describe(placed intake.Placed) string {
	const most = 4096
	parts := make([]string, 0, len(placed.Units))
	for _, unit := range placed.Units {
		what := "hosting"
		if unit.Domain != "" {
			what = intake.TypeOf(unit.Unit) + " of " + unit.Domain
		}
		if placed.Existing {
			what += " (" + string(unit.State) + ")"
		}
		parts = append(parts, what)
	}
	text := fmt.Sprintf("Order %s: %s", placed.Label, strings.Join(parts, ", "))
	if len(text) > most {
		return text[:most]
	}
	return text
}
