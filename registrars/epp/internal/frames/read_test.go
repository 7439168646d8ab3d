package frames

import (
	"errors"
	"strings"
	"testing"
	"time"

	"domainprovisioning/registrars/epp/internal/objects"
)

// response is an answer with a code and what stands between its results and its ids.
func response(code, between string) []byte {
	return []byte(`<?xml version="1.0" encoding="UTF-8"?><epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><response><result code="` + code +
		`"><msg>said</msg></result>` + between + `<trID><svTRID>SV-1</svTRID></trID></response></epp>`)
}

const domainNS = ` xmlns:domain="` + Domains + `"`

func read(t *testing.T, frame []byte) objects.Answer {
	t.Helper()
	answer, err := Read(frame)
	if err != nil {
		t.Fatalf("%v\n%s", err, frame)
	}
	return answer
}

// TestWhatIsOptionalMayBeMissing: a domain of another registrar has a name, an id and a sponsor.
func TestWhatIsOptionalMayBeMissing(t *testing.T) {
	answer := read(t, response("1000", `<resData><domain:infData`+domainNS+`><domain:name>a.example</domain:name><domain:roid>D1-X</domain:roid>`+
		`<domain:clID>other</domain:clID></domain:infData></resData>`))
	d := answer.Domain
	if d == nil || d.Name != "a.example" || d.Sponsor != "other" || !d.Expires.IsZero() || d.Registrant != "" || len(d.Statuses)+len(d.NameServers) != 0 {
		t.Errorf("%+v", d)
	}
	if answer.Client != "" || answer.Transaction != "SV-1" {
		t.Errorf("transactions %q, %q", answer.Client, answer.Transaction)
	}
	created := read(t, response("1000", `<resData><domain:creData`+domainNS+`><domain:name>a.example</domain:name><domain:crDate>2026-01-02T03:04:05Z</domain:crDate></domain:creData></resData>`)).Created
	if created == nil || created.Name != "a.example" || !created.Expires.IsZero() || created.Created.IsZero() {
		t.Errorf("%+v", created)
	}
}

// TestAMessageMayHaveElementsAndNoDate: msgQ stands before resData.
func TestAMessageMayHaveElementsAndNoDate(t *testing.T) {
	answer := read(t, response("1301", `<msgQ count="3" id="m 1"><msg lang="en">Credit of <n:zone xmlns:n="urn:x">example</n:zone> is low</msg></msgQ>`+
		`<resData><domain:panData`+domainNS+`><domain:name paResult="0">a.example</domain:name>`+
		`<domain:paTRID><svTRID>SV-0</svTRID></domain:paTRID><domain:paDate>2026-01-02T03:04:05Z</domain:paDate></domain:panData></resData>`))
	m := answer.Message
	if m == nil || m.ID != "m 1" || m.Count != 3 || !m.Queued.IsZero() || !strings.Contains(m.Text, "example") || m.Domain != "a.example" {
		t.Fatalf("%+v", m)
	}
	if a := m.Action; a == nil || a.Done || a.Server != "SV-0" || a.Client != "" || a.Domain != "a.example" {
		t.Errorf("%+v", m.Action)
	}
}

// TestAMessageIsWhatBearsAnID: some registries answer a poll with 1000, and the caller knows whether
// it has asked for the queue.
func TestAMessageIsWhatBearsAnID(t *testing.T) {
	if m := read(t, response("1000", `<msgQ count="3" id="1"/>`)).Message; m == nil || m.ID != "1" || m.Count != 3 {
		t.Errorf("%+v", m)
	}
	if m := read(t, response("1301", `<msgQ count="3"/>`)).Message; m != nil {
		t.Errorf("%+v", m)
	}
}

// TestAMessageNamesItsDomain, whatever it says of it.
func TestAMessageNamesItsDomain(t *testing.T) {
	const name = `<domain:name` + domainNS + `>a.example</domain:name>`
	for data, want := range map[string]string{
		`<domain:creData` + domainNS + `>` + name + `<domain:crDate>2026-01-02T03:04:05Z</domain:crDate></domain:creData>`: "a.example",
		`<domain:renData` + domainNS + `>` + name + `</domain:renData>`:                                                    "a.example",
		`<domain:trnData` + domainNS + `>` + name + `<domain:trStatus>pending</domain:trStatus></domain:trnData>`:          "a.example",
		`<own:news xmlns:own="urn:own"><own:what/>` + name + `</own:news>`:                                                 "a.example",
		`<own:empty xmlns:own="urn:own"/><own:news xmlns:own="urn:own">` + name + `</own:news>`:                            "a.example",
		`<host:infData xmlns:host="` + Hosts + `"><host:name>ns1.a.example</host:name></host:infData>`:                     "",
		`<own:news xmlns:own="urn:own"><own:name>a.example</own:name></own:news>`:                                          "",
	} {
		if m := read(t, response("1301", `<msgQ count="1" id="1"/><resData>`+data+`</resData>`)).Message; m == nil || m.Domain != want {
			t.Errorf("%s: %+v, want %q", data, m, want)
		}
	}
	if m := read(t, response("1301", `<msgQ count="1" id="1"/>`)).Message; m == nil || m.Domain != "" {
		t.Errorf("%+v", m)
	}
}

// TestAMessageSaysWhatKindOfObjectItIsAbout, and how what was pending there has ended.
func TestAMessageSaysWhatKindOfObjectItIsAbout(t *testing.T) {
	const contact, host, done, moved = ` xmlns:c="` + Contacts + `"`, ` xmlns:h="` + Hosts + `"`, "done", "clientApproved"
	for data, want := range map[string]struct {
		object objects.Object
		says   string
	}{
		`<domain:panData` + domainNS + `><domain:name paResult="1">a.example</domain:name></domain:panData>`:              {objects.ObjectDomain, done},
		`<domain:infData` + domainNS + `><domain:roid>D1</domain:roid></domain:infData>`:                                  {objects.ObjectDomain, ""},
		`<c:panData` + contact + `><c:id paResult="true">C1</c:id><c:paTRID><svTRID>SV-2</svTRID></c:paTRID></c:panData>`: {objects.ObjectContact, done},
		`<c:panData` + contact + `><c:id paResult="0">C1</c:id></c:panData>`:                                              {objects.ObjectContact, "refused"},
		`<c:trnData` + contact + `><c:id>C1</c:id><c:trStatus>clientApproved</c:trStatus></c:trnData>`:                    {objects.ObjectContact, moved},
		`<c:creData` + contact + `><c:id>C1</c:id></c:creData>`:                                                           {objects.ObjectContact, ""},
		`<h:panData` + host + `><h:name paResult="1">ns1.a.example</h:name></h:panData>`:                                  {objects.ObjectHost, done},
		`<h:infData` + host + `><h:name>ns1.a.example</h:name></h:infData>`:                                               {objects.ObjectHost, ""},
		`<own:news xmlns:own="urn:own"><own:name>a.example</own:name></own:news>`:                                         {"", ""},
		`<m:infData xmlns:m="` + Maintenance + `"><m:item><m:id>M1</m:id></m:item></m:infData>`:                           {"", "maintenance"},
	} {
		m := read(t, response("1301", `<msgQ count="1" id="1"/><resData>`+data+`</resData>`)).Message
		said := ""
		switch {
		case m.Action != nil && m.Action.Done:
			said = done
		case m.Action != nil:
			said = "refused"
		case m.Transfer != nil:
			said = m.Transfer.Status
		case m.Maintenance != nil:
			said = "maintenance"
		}
		if m.Object != want.object || said != want.says {
			t.Errorf("%s: %+v, %q, want %+v", data, m, said, want)
		}
	}
}

// TestEventsOfALoginAreReadAsFarAsTheyCanBe: none breaks the login.
func TestEventsOfALoginAreReadAsFarAsTheyCanBe(t *testing.T) {
	const space = ` xmlns:l="` + LoginSecurity + `"`
	day := time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)
	for event, want := range map[string]objects.Event{
		`<l:event type="password" level="warning" name="pw" exDate="2027-01-31T01:00:00+01:00" value="v" duration="P1D" lang="de">Bald</l:event>`: {
			Type: "password", Level: "warning", Name: "pw", Expires: day, Value: "v", Duration: "P1D", Text: "Bald",
		},
		`<l:event type="certificate" exDate="20270-01-31T00:00:00Z"/>`: {Type: "certificate"},
		`<l:event type="new" level="" exDate="">a <i>b</i></l:event>`:  {Type: "new", Text: "a b"},
		`<l:event/>`: {},
	} {
		answer := read(t, response("1000", `<extension><l:loginSecData`+space+`><l:other/>`+event+event+`</l:loginSecData></extension>`))
		if len(answer.Events) != 2 || answer.Events[0] != want || answer.Code() != 1000 {
			t.Errorf("%s: %+v", event, answer.Events)
		}
	}
	for _, extension := range []string{`<l:loginSecData` + space + `/>`, `<loginSecData>x</loginSecData>`} {
		if answer := read(t, response("2200", `<extension>`+extension+`</extension>`)); len(answer.Events) != 0 {
			t.Errorf("%s: %+v", extension, answer.Events)
		}
	}
}

// TestResultsThatDisagreeAreNoAnswer: nobody knows whether the command was carried out.
func TestResultsThatDisagreeAreNoAnswer(t *testing.T) {
	for _, c := range []struct {
		first, second string
		sound         bool
	}{
		{"1000", "2400", false}, {"2400", "1000", false}, {"1000", "1999", false}, {"2004", "2005", true}, {"1000", "1001", true},
	} {
		_, err := Read(response(c.first, `<result code="`+c.second+`"><msg>x</msg></result>`))
		if _, malformed := errors.AsType[*objects.MalformedError](err); malformed == c.sound {
			t.Errorf("%s and %s: %v", c.first, c.second, err)
		}
	}
}

// TestIDsOfTransactionsAreShortAndVisible, because references and logs have them.
func TestIDsOfTransactionsAreShortAndVisible(t *testing.T) {
	frame := func(id string) []byte {
		return []byte(strings.ReplaceAll(string(response("1000", `<resData><domain:panData`+domainNS+`><domain:name paResult="1">a.example</domain:name>`+
			`<domain:paTRID><clTRID>SV-1</clTRID><svTRID>SV-1</svTRID></domain:paTRID></domain:panData></resData>`)), "SV-1", id))
	}
	for id, want := range map[string]string{
		"SV-2": "SV-2", "S V\u200b-\t2\u00a0": "SV-2", strings.Repeat("x", 64): strings.Repeat("x", 64), strings.Repeat("é", 65): strings.Repeat("é", 64), "\u202e": "",
	} {
		answer := read(t, []byte(strings.Replace(string(frame(id)), "<resData>", `<msgQ count="1" id="1"/><resData>`, 1)))
		if action := answer.Message.Action; answer.Transaction != want || action.Client != want || action.Server != want {
			t.Errorf("%q: %q, %q, %q", id, answer.Transaction, action.Client, action.Server)
		}
	}
}

// TestPeriodsOfFees: one of months is told in years, if it is one of years.
func TestPeriodsOfFees(t *testing.T) {
	for period, want := range map[string]struct {
		years     int
		available bool
	}{
		"": {0, true}, `<fee:period>2</fee:period>`: {2, true}, `<fee:period unit="y">10</fee:period>`: {10, true},
		`<fee:period unit="m">12</fee:period>`: {1, true}, `<fee:period unit="m">60</fee:period>`: {5, true},
		`<fee:period unit="m">6</fee:period>`: {0, false}, `<fee:period unit="m">18</fee:period>`: {0, false}, `<fee:period>x</fee:period>`: {0, false},
		`<fee:period>100</fee:period>`: {0, false},
	} {
		fees := read(t, response("1000", `<extension><fee:chkData xmlns:fee="`+Fees+`"><fee:currency>EUR</fee:currency><fee:cd avail="1"><fee:objID>a.example</fee:objID>`+
			`<fee:command name="create">`+period+`<fee:fee>5</fee:fee></fee:command><fee:command name="restore"><fee:fee>9</fee:fee></fee:command></fee:cd></fee:chkData></extension>`)).Fees
		if len(fees) != 2 || fees[0].Years != want.years || fees[0].Available != want.available || !fees[1].Available {
			t.Errorf("%s: %+v", period, fees)
		}
	}
}

func TestGracePeriodsMayBeSeveral(t *testing.T) {
	const status = `<rgp:rgpStatus s="addPeriod"/><rgp:rgpStatus s="renewPeriod"/>`
	answer := read(t, response("1000", `<resData><domain:infData`+domainNS+`><domain:name>a.example</domain:name></domain:infData></resData>`+
		`<extension><rgp:infData xmlns:rgp="`+Grace+`">`+status+`</rgp:infData></extension>`))
	if !answer.Domain.In(objects.AddPeriod) || !answer.Domain.In(objects.RenewPeriod) {
		t.Errorf("%v", answer.Domain.Grace)
	}
}

// TestFeesAreReadByEitherName: registries that implemented a draft offer another URI.
func TestFeesAreReadByEitherName(t *testing.T) {
	for _, space := range []string{Fees, feesOfDrafts} {
		answer := read(t, response("1000", `<extension><fee:chkData xmlns:fee="`+space+`"><fee:currency>USD</fee:currency><fee:cd avail="1">`+
			`<fee:objID>a.example</fee:objID><fee:class>premium</fee:class><fee:command name="create"><fee:period unit="y">2</fee:period>`+
			`<fee:fee description="Registration">10.00</fee:fee><fee:fee>5.5</fee:fee><fee:credit>-1.00</fee:credit></fee:command></fee:cd>`+
			`<fee:cd avail="0"><fee:objID>b.example</fee:objID><fee:reason>no</fee:reason></fee:cd></fee:chkData></extension>`))
		if len(answer.Fees) != 2 || answer.Fees[0].Years != 2 || answer.Fees[0].Class != "premium" || len(answer.Fees[0].Amounts) != 2 || len(answer.Fees[0].Credits) != 1 ||
			!answer.Fees[0].Available || answer.Fees[1].Available {
			t.Errorf("%s: %+v", space, answer.Fees)
		}
	}
}

// TestADigestThatCannotBeReadIsNotAbsent, because a signed domain would look unsigned.
func TestADigestThatCannotBeReadIsNotAbsent(t *testing.T) {
	ds := func(tag, digest string) string {
		return `<s:dsData><s:keyTag>` + tag + `</s:keyTag><s:alg>13</s:alg><s:digestType>2</s:digestType><s:digest>` + digest + `</s:digest></s:dsData>`
	}
	for text, unreadable := range map[string]bool{ds("1", "ab"): false, ds("70000", "AB"): true, ds("1", "A"): true, ds("x", "AB"): true, ds("1", ""): true} {
		answer := read(t, response("1000", `<resData><domain:infData`+domainNS+`><domain:name>a.example</domain:name></domain:infData></resData>`+
			`<extension><s:infData xmlns:s="`+SecDNS+`">`+text+`</s:infData></extension>`))
		if answer.Domain.UnreadableDNSSEC != unreadable || !unreadable && answer.Domain.DS[0].Digest != "AB" {
			t.Errorf("%s: %+v", text, answer.Domain)
		}
	}
}

func TestResultsQuoteTheirReasons(t *testing.T) {
	answer := read(t, []byte(`<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><response><result code="2004"><msg>out of range</msg>`+
		`<value><domain:period`+domainNS+` unit="y">99</domain:period></value><extValue><value><domain:name`+domainNS+`>a</domain:name></value>`+
		`<reason lang="en">too long</reason></extValue></result><result code="2005"><msg>more</msg></result><trID><svTRID>SV-1</svTRID></trID></response></epp>`))
	if len(answer.Results) != 2 || answer.Code() != 2004 || answer.Results[0].Elements[0] != "domain:period" || answer.Results[0].Reasons[2] != "too long" {
		t.Errorf("%+v", answer.Results)
	}
}

func TestDates(t *testing.T) {
	const spaced = " 2026-11-28T10:20:30Z\n"
	at := func(text string) time.Time {
		want, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return want
	}
	for text, want := range map[string]time.Time{
		"2026-11-28T10:20:30.0Z": at("2026-11-28T10:20:30Z"), "2026-11-28T10:20:30+02:00": at("2026-11-28T08:20:30Z"),
		"2026-11-28T10:20:30": at("2026-11-28T10:20:30Z"), "2026-11-28T10:20:30.123": at("2026-11-28T10:20:30.123Z"),
		"2026-11-30T24:00:00Z": at("2026-12-01T00:00:00Z"), "2026-11-30T24:00:00.0": at("2026-12-01T00:00:00Z"), "2026-11-28": at("2026-11-28T00:00:00Z"),
		"2026-11-28Z": at("2026-11-28T00:00:00Z"), "2026-11-28+02:00": at("2026-11-28T00:00:00Z"), "2026-11-28-08:00": at("2026-11-28T00:00:00Z"), spaced: at("2026-11-28T10:20:30Z"),
		"12026-11-28T10:20:30Z": {}, "-0001-01-01T00:00:00Z": {}, "yesterday": {}, "": {}, "2026-13-01T00:00:00Z": {}, "2026-11-30T24:00:01Z": {},
	} {
		if got := readMoment(text); !got.Equal(want) || got.IsZero() != want.IsZero() {
			t.Errorf("%q is read as %s, want %s", text, got, want)
		}
	}
}

// TestWhatIsNoAnswer: nothing is concluded from a frame that cannot be read as a whole.
func TestWhatIsNoAnswer(t *testing.T) {
	deep := strings.Repeat("<a>", deepest) + strings.Repeat("</a>", deepest)
	many := strings.Repeat("<a/>", mostElements)
	for name, frame := range map[string]string{
		"empty": "", "no XML": "hello", "cut": string(response("1000", ""))[:120], "two roots": "<epp/><epp/>", "another root": "<response/>",
		"a greeting": `<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><greeting/></epp>`, "no result": `<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><response/></epp>`,
		"no code": string(response("", "")), "a code of letters": string(response("10x0", "")), "a short code": string(response("100", "")),
		"another namespace": strings.Replace(string(response("1000", "")), "epp-1.0", "epp-2.0", 1),
		"a document type":   "<!DOCTYPE epp>" + string(response("1000", ""))[38:], "too deep": string(response("1000", deep)), "too many": string(response("1000", many)),
	} {
		if _, err := Read([]byte(frame)); err == nil {
			t.Errorf("%s is an answer", name)
		} else if _, ok := errors.AsType[*objects.MalformedError](err); !ok || strings.Contains(err.Error(), "hello") {
			t.Errorf("%s: %T %v", name, err, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(response("1000", ""))
	f.Add(response("1301", `<msgQ count="1" id="1"><msg>x</msg></msgQ>`))
	f.Fuzz(func(t *testing.T, frame []byte) {
		if answer, err := Read(frame); err == nil && len(answer.Results) == 0 {
			t.Error("an answer without a result")
		}
		_, _ = ReadGreeting(frame)
	})
}
