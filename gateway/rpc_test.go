package gateway_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"domainprovisioning/intake"
	"domainprovisioning/internal/outside"
	"domainprovisioning/store"
	"domainprovisioning/wire/xmlrpc"
)

// shopCall is an order as the order system sends it.
func shopCall(t testing.TB) string {
	t.Helper()
	document, err := os.ReadFile("../sandbox/orders/shop.xml")
	if err != nil {
		t.Fatal(err)
	}
	return string(document)
}

func (f *fixture) rpc(body string, headers ...string) reply {
	return f.send(http.MethodPost, "/RPC2", "", body, append([]string{"Content-Type", "text/xml"}, headers...)...)
}

// fault returns the code and decoded text of a fault; 0 if there is none.
func fault(t testing.TB, got reply) (int, string) {
	t.Helper()
	_, err := xmlrpc.DecodeResponse([]byte(got.body), xmlrpc.Limits{})
	if err == nil {
		return 0, ""
	}
	f, ok := errors.AsType[*xmlrpc.Fault](err)
	if !ok {
		t.Fatalf("%v in %d %s", err, got.status, got.body)
	}
	text, err := base64.StdEncoding.DecodeString(strings.TrimSpace(f.Text))
	if err != nil {
		t.Fatalf("the fault's text is not base64: %q", f.Text)
	}
	return f.Code, string(text)
}

// values returns the positional values of a result.
func values(t testing.TB, got reply) []any {
	t.Helper()
	value, err := xmlrpc.DecodeResponse([]byte(got.body), xmlrpc.Limits{})
	if err != nil {
		t.Fatalf("%v in %d %s", err, got.status, got.body)
	}
	result := value.(xmlrpc.Struct)["Result"].([]any)
	if len(result) != 1 {
		t.Fatalf("Result has %d elements", len(result))
	}
	return result[0].([]any)
}

func basic(password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte("shop:"+password))
}

func TestAnOrderByXMLRPC(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		for n := range 2 { // the second time it is the same order
			got := values(t, f.rpc(shopCall(t), "Authorization", basic(f.place)))
			if len(got) != 12 || got[1] != 1 || got[2] != "jane@shop.example" || got[10] != "DP00000001" || got[11] != "" || got[8] != 0.0 ||
				!strings.Contains(got[9].(string), "registration of shop.example") {
				t.Errorf("time %d: %v", n, got)
			}
			starts := f.Temporal.Starts()
			if account := starts[0].Input.AccountID; got[0] != account || account == 0 {
				t.Errorf("AccountID %v, reserved %d", got[0], account)
			}
		}
		if f.count() != 1 {
			t.Errorf("%d orders", f.count())
		}
	})
}

// The answer was lost and the order has ended meanwhile. A repeat under the same key,
// though formatted differently, is still the same order; under another key it is another
// one.
func TestAnIdempotencyKeyByXMLRPC(t *testing.T) {
	f := begin(t, outside.Options{})
	hosting := func() string {
		call := shopCall(t)
		call = strings.Replace(call, "<value><i4>2</i4></value>\n      <value>20=36=0=-1</value>\n      <value>5=1=1=0</value>", "<value><i4>1</i4></value><value>20=36=0=-1</value>", 1)
		return strings.Replace(call, "<value><i4>8</i4></value>\n      <value><i4>0</i4></value>\n      <value><i4>1</i4></value>\n      <value>DomainID=shop</value>\n"+
			"      <value><i4>1</i4></value>\n      <value><i4>3</i4></value>\n      <value>OrderOperationType=10</value>\n      <value>DomainID=shop</value>\n"+
			"      <value>TransferKey=</value>", "<value><i4>0</i4></value>", 1)
	}
	place := func(body, key string) any {
		return values(t, f.rpc(body, "Authorization", basic(f.place), "Idempotency-Key", key))[10]
	}
	first := place(hosting(), "k1")
	if err := f.Store.CloseUnit(t.Context(), "DP00000001", 0, store.UnitDone, ""); err != nil {
		t.Fatal(err)
	}
	again := place(strings.ReplaceAll(hosting(), "      <value>", "<value>"), "k1")
	if other := place(strings.Replace(hosting(), "LoginID=jane@", "LoginID=joan@", 1), "k2"); first != "DP00000001" || again != first || other == first || f.count() != 2 {
		t.Errorf("orders %v, %v, %v", first, again, other)
	}
	if code, text := fault(t, f.rpc(shopCall(t), "Authorization", basic(f.place), "Idempotency-Key", "k1")); code != 1 || !strings.Contains(text, "another body") {
		t.Errorf("fault %d %q", code, text)
	}
}

func TestTheKeyMayComeByThreeWays(t *testing.T) {
	f := begin(t, outside.Options{})
	member := func(key string) string {
		return strings.Replace(shopCall(t), "<struct>", "<struct><member><name>Username</name><value>shop</value></member>"+
			"<member><name>Password</name><value>"+key+"</value></member>", 1)
	}
	for name, c := range map[string]struct {
		body    string
		headers []string
	}{
		"basic":  {shopCall(t), []string{"Authorization", basic(f.place)}},
		"bearer": {shopCall(t), []string{"Authorization", "Bearer " + f.place}},
		"member": {member(f.place), nil},
	} {
		if code, text := fault(t, f.rpc(c.body, c.headers...)); code != 0 {
			t.Errorf("%s: fault %d %s", name, code, text)
		}
	}
	for name, header := range map[string]string{
		"wrong": basic("hunter2"), "without scope": basic(f.read), "unknown scheme": "Digest x", "a broken header": "Basic %",
	} {
		if code, text := fault(t, f.rpc(shopCall(t), "Authorization", header)); code != 2 || text == "" {
			t.Errorf("%s: fault %d %q", name, code, text)
		}
	}
	for name, key := range map[string]string{"none": "", "wrong": "hunter2", "without scope": f.read} {
		if code, text := fault(t, f.rpc(member(key))); code != 2 || text == "" {
			t.Errorf("member %s: fault %d %q", name, code, text)
		}
	}
	if f.count() != 1 {
		t.Errorf("%d orders", f.count())
	}
}

func TestCallsThatAreRefused(t *testing.T) {
	f := begin(t, outside.Options{})
	call := shopCall(t)
	for name, c := range map[string]struct {
		body   string
		code   int
		status int
		want   string
	}{
		"no call":        {"hello", xmlrpc.FaultParse, 200, "cannot be read"},
		"a transaction":  {strings.Replace(call, "<struct>", "<struct><member><name>AutoCommit</name><value>No</value></member>", 1), 1, 200, "AutoCommit must be Yes"},
		"one under way":  {strings.Replace(call, "<struct>", "<struct><member><name>TransactionID</name><value>7</value></member>", 1), 1, 200, "TransactionID"},
		"an odd commit":  {strings.Replace(call, "<struct>", "<struct><member><name>AutoCommit</name><value><array><data></data></array></value></member>", 1), 1, 200, "AutoCommit must be Yes"},
		"a nil":          {strings.Replace(call, "<value><i4>1</i4></value>", "<value><nil/></value>", 1), xmlrpc.FaultParse, 200, "nil is not accepted: line "},
		"an i8":          {strings.Replace(call, "<value><i4>1</i4></value>", "<value><i8>1</i8></value>", 1), xmlrpc.FaultParse, 200, "a value of the type <i8>, which is not known, at Params[0]"},
		"no number":      {strings.Replace(call, "<value><i4>1</i4></value>", "<value><i4>s3cret</i4></value>", 1), xmlrpc.FaultParse, 200, "at Params[0]"},
		"another method": {strings.Replace(call, ">Execute<", ">system.listMethods<", 1), 1, 200, "must be Execute"},
		"another server": {strings.Replace(call, ">BM<", ">DOMAINGATE<", 1), 1, 200, "must be BM"},
		"every reason": {strings.NewReplacer("DomainID=shop", "DomainID=sh op", "<value>TransferKey=</value>", "<value>TransferKey=x</value>").Replace(call),
			1, 200, "TransferKey must be empty for registration and renewal\n"},
		"a fault a line":  {strings.Replace(call, "<value>5=1=1=0</value>", "<value>99=1=1=0</value>", 1), 1, 200, "PlanID 99 is not in the plan catalog"},
		"deeply nested":   {strings.Replace(call, "<value><i4>1</i4></value>", strings.Repeat("<value><array><data>", 50)+strings.Repeat("</data></array></value>", 50), 1), xmlrpc.FaultParse, 200, "cannot be read"},
		"a document type": {`<!DOCTYPE x [<!ENTITY a "b">]>` + strings.TrimPrefix(call, `<?xml version="1.0" encoding="UTF-8"?>`), xmlrpc.FaultParse, 200, "cannot be read"},
		"too large":       {call + strings.Repeat(" ", 1<<20), 0, 413, ""},
	} {
		got := f.rpc(c.body, "Authorization", basic(f.place))
		if got.status != c.status {
			t.Errorf("%s: %d %s", name, got.status, got.body)
			continue
		}
		if c.status != http.StatusOK {
			continue
		}
		if code, text := fault(t, got); code != c.code || !strings.Contains(text+"\n", c.want) {
			t.Errorf("%s: fault %d %q", name, code, text)
		} else if strings.Contains(text, "s3cret") {
			t.Errorf("%s: the fault quotes the value: %q", name, text)
		}
	}
	if f.count() != 0 {
		t.Errorf("%d orders", f.count())
	}
}

// Who shows its key in the header may send a longer call than somebody who is not known before the
// call has been read.
func TestACallOfSomebodyUnknownIsShorter(t *testing.T) {
	f := begin(t, outside.Options{})
	padding := "<!-- " + strings.Repeat("x", 200<<10) + " -->"
	long := func(key string) string {
		return strings.Replace(shopCall(t), "<struct>", padding+"<struct><member><name>Password</name><value>"+key+"</value></member>", 1)
	}
	if got := f.rpc(long(f.place)); got.status != http.StatusRequestEntityTooLarge || f.count() != 0 {
		t.Errorf("%d %q, %d orders", got.status, got.body, f.count())
	}
	if code, text := fault(t, f.rpc(long("none"), "Authorization", "Bearer "+f.place)); code != 0 || f.count() != 1 {
		t.Errorf("with the header: fault %d %q, %d orders", code, text, f.count())
	}
}

func TestWhileTheStoreIsAwayACallIsToBeRepeated(t *testing.T) {
	f := begin(t, outside.Options{})
	if err := f.Store.Close(); err != nil {
		t.Fatal(err)
	}
	got := f.rpc(strings.Replace(shopCall(t), "<struct>", "<struct><member><name>Password</name><value>"+f.place+"</value></member>", 1))
	if code, text := fault(t, got); code != 3 || !strings.Contains(text, "store does not answer") {
		t.Errorf("fault %d %q", code, text)
	}
}

func FuzzOrderByXMLRPC(fuzz *testing.F) {
	f := begin(fuzz, outside.Options{})
	fuzz.Add(shopCall(fuzz))
	fuzz.Add("<methodCall><methodName>Execute</methodName></methodCall>")
	fuzz.Fuzz(func(t *testing.T, body string) {
		got := f.in(t).rpc(body, "Authorization", basic(f.place))
		if got.status != http.StatusOK && got.status != http.StatusRequestEntityTooLarge {
			t.Errorf("status %d: %s", got.status, got.body)
		}
		if got.status == http.StatusOK {
			if code, text := fault(t, got); code != 0 && (text == "" || code == 3) {
				t.Errorf("fault %d %q", code, text)
			}
		}
	})
}

func FuzzOrderByJSON(fuzz *testing.F) {
	f := begin(fuzz, outside.Options{})
	fuzz.Add(outside.NewCustomer)
	fuzz.Add(outside.HostingOnly)
	fuzz.Add("{")
	fuzz.Fuzz(func(t *testing.T, body string) {
		got := f.in(t).order(body)
		switch got.status {
		case http.StatusOK, http.StatusCreated:
		case http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge:
			if p := got.problem(t); len(p.Errors) == 0 && got.status != http.StatusRequestEntityTooLarge {
				t.Errorf("no reason is named: %s", got.body)
			}
		default:
			t.Errorf("status %d: %s", got.status, got.body)
		}
	})
}

// Every name of the method that order systems use.
func TestOlderNamesOfTheMethod(t *testing.T) {
	f := begin(t, outside.Options{})
	for _, name := range intake.OrderMethods() {
		got := f.rpc(strings.Replace(shopCall(t), "PlaceOrderAndAuthorize_API", name, 1), "Authorization", basic(f.place))
		if code, text := fault(t, got); code != 0 {
			t.Errorf("%s: fault %d %s", name, code, text)
		}
	}
}

// The charset of the call counts, and what is not valid in it is refused instead of repaired.
func TestTheCharsetOfACallCounts(t *testing.T) {
	f := begin(t, outside.Options{})
	latin := strings.Replace(shopCall(t), "CityID=Sampleton", "CityID=M\xFCnchen", 1)
	for name, c := range map[string]struct {
		call, contentType, want string
	}{
		"not UTF-8":                      {latin, "text/xml", "not valid in its charset: the document is not valid UTF-8, at byte "},
		"a charset that nobody knows":    {latin, "text/xml; charset=klingon", `the charset "klingon" is not known`},
		"a character that XML forbids":   {strings.Replace(latin, "M\xFCnchen", "M&#1;nchen", 1), "text/xml", "line "},
		"the charset of the declaration": {latin, "text/xml; charset=utf-8", "not valid UTF-8"},
	} {
		if code, text := fault(t, f.rpc(c.call, "Authorization", basic(f.place), "Content-Type", c.contentType)); code != xmlrpc.FaultParse || !strings.Contains(text, c.want) {
			t.Errorf("%s: fault %d %q", name, code, text)
		}
	}
	number := values(t, f.rpc(latin, "Authorization", basic(f.place), "Content-Type", "text/xml; charset=ISO-8859-1"))[10]
	order, err := f.Stored().Order(t.Context(), fmt.Sprint(number), 0)
	if err != nil || order.Customer.Contact().City != "München" || f.count() != 1 {
		t.Errorf("%d orders, the city is %q, %v", f.count(), order.Customer.Contact().City, err)
	}
}

// TestTheRepeatOfACallIsMarked: the key of a caller works here as for the JSON form.
func TestTheRepeatOfACallIsMarked(t *testing.T) {
	f := begin(t, outside.Options{})
	for _, replayed := range []string{"", "true"} {
		got := f.rpc(shopCall(t), "Authorization", basic(f.place), "Idempotency-Key", "k1")
		if got.status != http.StatusOK || got.header.Get("Idempotent-Replayed") != replayed {
			t.Errorf("%d, replayed %q, want %q", got.status, got.header.Get("Idempotent-Replayed"), replayed)
		}
	}
}
