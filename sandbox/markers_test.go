package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/config"
	"domainprovisioning/messages"
	"domainprovisioning/sandbox/standin/calls"
	"domainprovisioning/sandbox/standin/faults"
)

// markers are words that each stand in one field, so that a place that holds one names the field.
type markers struct {
	personal, secret map[string]string // fields by marker
	next             int
}

// word returns a marker for a field; one of digits if the field takes nothing else. It is long
// enough not to turn up in a text by chance, in base64 either.
func (m *markers) word(field string, secret, digits bool) string {
	m.next++
	// A name may have letters only.
	word := "mkfield" + string([]rune{'a' + rune(m.next/26/26%26), 'a' + rune(m.next/26%26), 'a' + rune(m.next%26)}) + "x"
	if digits {
		word = fmt.Sprintf("%09d", 731_900_000+m.next)
	}
	if secret {
		m.secret[word] = field
	} else {
		m.personal[word] = field
	}
	return word
}

// mark puts a marker into each personal and secret field of an order in JSON.
func (m *markers) mark(t *testing.T, file string) []byte {
	t.Helper()
	var order map[string]any
	if err := json.Unmarshal(example(t, file), &order); err != nil {
		t.Fatal(err)
	}
	m.markPerson(file, order["customer"])
	contacts, _ := order["additionalContacts"].([]any)
	for _, contact := range contacts {
		m.markPerson(file, contact)
	}
	for _, one := range order["items"].([]any) {
		item := one.(map[string]any)
		if parameters, given := item["parameters"].(map[string]any); given {
			parameters["taxId"] = m.word(file+" taxId", false, true)
		}
		if key, given := item["transferKey"].(string); given && key != "" {
			m.secret[strings.ToLower(key)] = file + " transferKey" // that of the seed
		}
	}
	document, err := json.Marshal(order)
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func (m *markers) markPerson(file string, one any) {
	person, _ := one.(map[string]any)
	for _, field := range []string{"login", "password"} {
		if _, given := person[field]; given {
			person[field] = m.word(file+" "+field, field == "password", false)
		}
	}
	contact, given := person["contact"].(map[string]any)
	if !given {
		return
	}
	for _, field := range []string{"organisation", "firstName", "lastName", "address1", "city"} {
		if _, given := contact[field]; given {
			contact[field] = m.word(file+" "+field, false, false)
		}
	}
	contact["email"] = m.word(file+" email", false, false) + "@mail.example"
	contact["phone"] = map[string]any{"countryCode": "49", "areaCode": "89", "number": m.word(file+" phone", false, true)}
}

// shopField is a value of shop.xml that is personal or secret.
var shopField = regexp.MustCompile(`(LoginID|PasswordID|CompanyNameID|FirstNameID|LastNameID|AddressID|CityID|EmailID|PhoneCountryID|PhoneNumberID)=[^<]*`)

func (m *markers) markShop(t *testing.T) []byte {
	t.Helper()
	return shopField.ReplaceAllFunc(shop(t), func(found []byte) []byte {
		field, _, _ := strings.Cut(string(found), "=")
		if field == "PhoneCountryID" { // one with numbers that are long enough
			return []byte(field + "=49")
		}
		word := m.word("shop.xml "+field, field == "PasswordID", field == "PhoneNumberID")
		if field == "EmailID" {
			word += "@mail.example"
		}
		return []byte(field + "=" + word)
	})
}

// found is what a search has found in a place: fields of markers, with the kind of each.
func (m *markers) found(text []byte, secretsOnly bool) (fields []string) {
	lower := bytes.ToLower(text)
	for _, kind := range []struct {
		name  string
		words map[string]string
	}{{"secret", m.secret}, {"personal", m.personal}} {
		if secretsOnly && kind.name != "secret" {
			continue
		}
		for word, field := range kind.words {
			if holds(text, lower, word) {
				fields = append(fields, kind.name+" "+field)
			}
		}
	}
	slices.Sort(fields)
	return fields
}

// holds reports whether a text holds a word in any case, or a base64 text that encodes it.
func holds(text, lower []byte, word string) bool {
	if bytes.Contains(lower, []byte(strings.ToLower(word))) {
		return true
	}
	for before := range 3 {
		size := before + len(word)
		core := base64.StdEncoding.EncodeToString(append(make([]byte, before), word...))[(before*8+5)/6 : size*8/6]
		if bytes.Contains(text, []byte(core)) {
			return true
		}
	}
	return false
}

func TestMarkersAreFoundInEveryForm(t *testing.T) {
	m := &markers{personal: map[string]string{}, secret: map[string]string{}}
	word := m.word("a field", true, false)
	for before := range 3 {
		quoted := strings.Repeat("-", before) + word + " and more"
		for _, text := range []string{quoted, strings.ToUpper(quoted), "x " + base64.StdEncoding.EncodeToString([]byte(quoted))} {
			if found := m.found([]byte(text), true); !slices.Equal(found, []string{"secret a field"}) {
				t.Errorf("%q: found %v", text, found)
			}
		}
	}
	if found := m.found([]byte("nothing"), false); found != nil {
		t.Errorf("found %v", found)
	}
}

// faultsOfKind is a fault of a kind, once for each call of each stand-in that knows it.
func faultsOfKind(t *testing.T, w *world, info faults.KindInfo) {
	t.Helper()
	for _, system := range faults.Systems() {
		if info.Systems != nil && !slices.Contains(info.Systems, system) {
			continue
		}
		injector := w.injector(system)
		for _, method := range injector.Methods {
			one := faults.Fault{System: system, Method: method, Kind: info.Kind, Quoting: true}
			if info.Argument == "duration" {
				one.Delay = 20 * time.Millisecond
			}
			if info.Kind == faults.HTTPError || info.Kind == faults.RateLimit {
				one.Status = map[faults.Kind]int{faults.HTTPError: http.StatusServiceUnavailable, faults.RateLimit: http.StatusTooManyRequests}[info.Kind]
			}
			injector.Add(one)
		}
	}
}

// struck reports whether a fault of a kind has struck a call.
func (w *world) struck(kind faults.Kind) bool {
	return slices.ContainsFunc(w.logs(), func(system callLog) bool {
		return slices.ContainsFunc(system.log, func(call calls.Call) bool { return call.Outcome == string(kind) })
	})
}

// TestNothingPersonalOrSecretIsWhereItDoesNotBelong places orders of all types with a marker in
// each personal and secret field, under each fault, and searches every place outside of the systems
// that the data are for. Nothing may be found, with two exceptions: what peers have said, which the
// scope operate may read, may be personal.
func TestNothingPersonalOrSecretIsWhereItDoesNotBelong(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped in short mode: it places the orders of all types under each fault")
	}
	t.Parallel()
	kinds := append(faults.Kinds(), faults.KindInfo{Kind: faults.None, Help: "no fault"})
	for _, info := range kinds {
		// In plain histories nothing may be found either: that is where a fault shows.
		for _, seal := range []bool{true, false} {
			if seal && info.Kind != faults.Quote && info.Kind != faults.None {
				continue
			}
			t.Run(fmt.Sprintf("%s sealed=%t", info.Kind, seal), func(t *testing.T) {
				t.Parallel()
				markedRun(t, info, seal)
			})
		}
	}
}

func markedRun(t *testing.T, info faults.KindInfo, seal bool) {
	m := &markers{personal: map[string]string{}, secret: map[string]string{
		registrarPass: "the password at the registrars and at Operations", realtimeHookKey: "the key of Realtime Register's news",
	}}
	f := beginAt(t, slog.LevelDebug, worldOptions{}, func(c *config.Config) { c.Histories.Seal = seal })
	f.world.seed(time.Now())
	status := f.reports()
	if info.Kind != faults.None {
		faultsOfKind(t, f.world, info)
	}
	m.secret[strings.TrimPrefix(string(f.Config.Registrars[netimAccount].CallbackSecret), "whsec_")] = "Netim's callback secret"
	for _, keys := range []map[string]config.Secret{f.Config.Database.SealingKeys, f.Config.Histories.Keys} {
		for _, key := range keys {
			m.secret[string(key)] = "a key"
		}
	}
	c := f.client()
	m.secret[c.key[strings.LastIndex(c.key, "_")+1:]] = "an API key"
	var hook struct{ ID, Secret string }
	c.want(http.StatusCreated, http.MethodPost, "/v1/hooks", []byte(`{"url": "http://127.0.0.1:9/", "events": ["*"]}`), &hook)
	m.secret[strings.TrimPrefix(hook.Secret, "whsec_")] = "the secret of a webhook"

	numbers, refusals := f.placeMarked(c, m)
	places := f.places(c, status.Address, hook.ID, numbers, info.Kind == faults.Quote)
	// A call that is only late has the outcome of any other.
	if info.Kind != faults.None && info.Kind != faults.Delay && info.Kind != faults.Late && !f.world.struck(info.Kind) {
		t.Error("the fault has struck no call")
	}
	places["refusals of orders"] = &place{items: refusals, control: "refused"}
	total := 0
	for _, name := range slices.Sorted(maps.Keys(places)) {
		place := places[name]
		hits := map[string]bool{}
		controls := 0
		for _, item := range place.items {
			for _, field := range m.found(item, place.mayBePersonal) {
				hits[field] = true
			}
			if bytes.Contains(item, []byte(place.control)) {
				controls++
			}
		}
		t.Logf("%-45s %5d items %3d hits, control %q in %d", name, len(place.items), len(hits), place.control, controls)
		if controls == 0 {
			t.Errorf("%s: the search does not find %q, which is there", name, place.control)
		}
		if len(hits) > 0 {
			t.Errorf("%s holds %v", name, slices.Sorted(maps.Keys(hits)))
		}
		total += len(place.items)
	}
	if quotes := places["quotes"]; info.Kind == faults.Quote {
		// The positive control of the faults: peers have quoted the data, and the text is kept.
		if !slices.ContainsFunc(quotes.items, func(item []byte) bool { return m.found(item, false) != nil }) {
			t.Error("no kept text of a peer quotes personal data: the fault did not strike")
		}
	}
	t.Logf("%d orders, %d personal and %d secret markers, %d items", len(numbers), len(m.personal), len(m.secret), total)
}

// placeMarked places the orders of all types over the gateway, the first one by XML-RPC, and follows
// them for a number of rounds of the watches. A parked order is amended once and retried a few times,
// so that the calls behind the refused one are made as well.
func (f *fixture) placeMarked(c caller, m *markers) (numbers []string, refusals [][]byte) {
	f.t.Helper()
	t, _ := f.t.(*testing.T)
	orders := []marked{{"/RPC2", "text/xml", m.markShop(t)}}
	files, err := os.ReadDir("orders")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file.Name(), ".json") && file.Name() != "names4ever-2-name-server-change.json" {
			orders = append(orders, marked{"/v1/orders", "application/json", m.mark(t, file.Name())})
		}
	}
	for n, order := range orders {
		key := fmt.Sprintf("request-%d", n)
		for tries := 0; ; tries++ { // a fault may strike the check of an order
			refusal := c.place(order, key)
			if refusal == nil {
				break
			}
			if refusals = append(refusals, refusal); tries > 8 {
				t.Fatalf("%s", refusal)
			}
		}
	}
	// A plan that there is not.
	for _, order := range []marked{
		{orders[0].path, orders[0].media, bytes.Replace(orders[0].document, []byte(">5=1=1=0<"), []byte(">95=1=1=0<"), 1)},
		{orders[1].path, orders[1].media, bytes.Replace(orders[1].document, []byte(`"planId":`), []byte(`"planId":9`), 1)},
	} {
		refusal := c.place(order, "")
		if refusal == nil {
			t.Errorf("a wrong order is taken by %s", order.path)
		}
		refusals = append(refusals, refusal)
	}
	retries := map[string]int{}
	open := f.texts(`SELECT workflow_id FROM provisionings`)
	// Some faults hold an order up for longer than a test may last. What it has left behind until
	// then is searched.
	for round := 0; round < 25 && len(open) > 0; round++ {
		for _, account := range []string{netimAccount, realtimeAccount, exampleAccount, eppAccount} {
			_ = f.watchRound(t.Context(), account) // a fault may strike it
		}
		open = slices.DeleteFunc(open, func(id string) bool {
			progress := f.progress(id)
			if progress.State != messages.NeedsAttention {
				return progress.State.Closed()
			}
			if retries[id]++; retries[id] == 1 {
				refusals = append(refusals, c.amend(progress.OrderNumber, m))
			}
			command := messages.Retry{Actor: "tester", Reason: "again"}
			_, err := messages.RetryStep().Send(t.Context(), f.temporal, id, "", command)
			return retries[id] > 8 || err != nil
		})
	}
	t.Logf("%d of the orders have not ended", len(open))
	return f.texts(`SELECT DISTINCT order_number FROM provisionings`), refusals
}

// marked is an order as it is sent.
type marked struct {
	path, media string
	document    []byte
}

// place sends an order, and returns the answer if that is a refusal.
func (c caller) place(order marked, key string) (refusal []byte) {
	c.t.Helper()
	header := http.Header{"Authorization": {"Bearer " + c.key}, "Content-Type": {order.media}}
	if key != "" {
		header.Set("Idempotency-Key", key)
	}
	status, answer := c.send(http.MethodPost, order.path, order.document, header)
	if status < http.StatusBadRequest && !bytes.Contains(answer, []byte("<fault>")) {
		return nil
	}
	return append([]byte("refused: "), answer...)
}

// amend replaces what a parked order says of a new customer, and returns the answer.
func (c caller) amend(number string, m *markers) []byte {
	c.t.Helper()
	body := fmt.Appendf(nil, `{"reason": "moved", "amendment": {"customer": {"contact": {"city": %q, "email": %q}}}}`,
		m.word("amended city", false, false), m.word("amended email", false, false)+"@mail.example")
	_, answer := c.send(http.MethodPost, "/v1/orders/"+number+"/amend", body, nil)
	return append([]byte("amended: "), answer...)
}
