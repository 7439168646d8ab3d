package netim

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"domainprovisioning/sandbox/standin/faults"
)

func TestWSDLDescribesEveryFunction(t *testing.T) {
	s := newSystem(t, Options{})
	reply, err := http.Get(s.url + WSDLPath)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	body, _ := io.ReadAll(reply.Body)
	var described struct {
		PortType struct {
			Operations []struct {
				Name string `xml:"name,attr"`
			} `xml:"operation"`
		} `xml:"portType"`
		Address struct {
			Location string `xml:"location,attr"`
		} `xml:"service>port>address"`
	}
	if err := xml.Unmarshal(body, &described); err != nil {
		t.Fatal(err)
	}
	if len(described.PortType.Operations) != len(s.functions) || described.Address.Location != s.url+"/2.0/" {
		t.Errorf("%d operations of %d at %s", len(described.PortType.Operations), len(s.functions), described.Address.Location)
	}
	for _, want := range []string{`style="rpc"`, `use="encoded"`, `<part name="idOpe" type="xsd:int"/>`,
		`<part name="IDSession" type="xsd:string"/>`, `wsdl:arrayType="ns1:StructQueryOpePending[]"`} {
		if !strings.Contains(string(body), want) {
			t.Errorf("%s is missing", want)
		}
	}
}

// TestBinding: by name in any order if one name is known, otherwise by position.
func TestBinding(t *testing.T) {
	s := newSystem(t, Options{}).open()
	for name, parts := range map[string]string{
		"by position":        elements("Item="+s.session, "Item=a.example"),
		"in another order":   elements("domain=a.example", "IDSession="+s.session),
		"with surplus parts": elements("surplus=b.example", "domain=a.example", "IDSession="+s.session),
	} {
		if status, body, _ := s.soap("DOMAINCHECK", parts); status != 200 || get(body, "domain") != "a.example" ||
			!strings.Contains(body, "<ns1:domainCheckResponse>") {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	// A known name among unknown ones: the others are lost and become null.
	status, body, err := s.soap("domainCheck", elements("domain=a.example", "Item="+s.session))
	s.wantFault("E02 : ", status, body, err)
	status, body, err = s.soap("domainCheck", elements("Item="+s.session))
	s.wantFault("E13-M1305 : ", status, body, err)
	status, body, err = s.soap("sessionSetPreference", elements("Item="+s.session, "Item=sync")+`<Item i:nil="true">1</Item>`)
	s.wantFault("E13 : value : Invalid value", status, body, err)
}

func TestBadRequests(t *testing.T) {
	s := newSystem(t, Options{})
	for _, document := range []string{
		"", "<x/>", "<broken", `<E:Envelope xmlns:E="http://www.w3.org/2003/05/soap-envelope"/>`,
		`<!DOCTYPE a><E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"/>`,
		`<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Body/></E:Envelope>`,
		`<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Body>` + strings.Repeat("<a>", 30),
	} {
		if status, body, _ := s.post(document); status != 500 || get(body, "faultcode") != "SOAP-ENV:Client" {
			t.Errorf("%q: %d %s", document, status, body)
		}
	}
	if status, body, _ := s.soap("domainExplode", ""); status != 500 || !strings.Contains(body, "not present") {
		t.Errorf("unknown function: %d %s", status, body)
	}
	for path, want := range map[string]int{Path: 405, "/3.0/": 404} {
		reply, err := http.Get(s.url + path)
		if err != nil {
			t.Fatal(err)
		}
		reply.Body.Close()
		if reply.StatusCode != want {
			t.Errorf("GET %s: %d", path, reply.StatusCode)
		}
	}
}

func TestSessions(t *testing.T) {
	s := newSystem(t, Options{})
	for text, pairs := range map[string][]string{
		"E01-M0101 : ":               {"idReseller=AB1234", "password=wrong", "language=EN"},
		"E13 : language : ":          {"idReseller=AB1234", "password=secret", "language=de"},
		"E01-M0101 : Login or passw": {"password=secret"},
	} {
		status, body, err := s.soap("sessionOpen", elements(pairs...))
		s.wantFault(text, status, body, err)
	}
	_, body, _ := s.soap("login", elements("idReseller=ab1234", "password=secret", "language=FR", "version=1"))
	if len(get(body, "IDSession")) != 32 {
		t.Errorf("login: %s", body)
	}
	for range maxSessions - 1 {
		s.open()
	}
	status, body, err := s.soap("sessionOpen", elements("idReseller=AB1234", "password=secret", "language=EN"))
	s.wantFault("E03 : Too many sessions", status, body, err)
	s.ok("sessionClose")
	s.refused("E02 : ", "hello")
	s.open()
	s.clock.pass(19 * time.Minute)
	s.ok("hello")
	if len(s.Sessions()) != maxSessions {
		t.Errorf("%d sessions", len(s.Sessions()))
	}
	s.clock.pass(time.Minute) // the others were idle for 20 minutes
	if len(s.Sessions()) != 1 {
		t.Errorf("%d sessions after 20 minutes", len(s.Sessions()))
	}
	s.ok("sessionSetPreference", "type=sync", "value=0")
	s.ok("sessionSetPreference", "type=lang", "value=FR")
	s.ok("sessionSetPreference", "type=syncDelay", "value=25")
	for _, pair := range [][]string{{"type=sync", "value=2"}, {"type=lang", "value=DE"}, {"type=syncDelay", "value=128"}} {
		s.refused("E13 : value", "sessionSetPreference", pair...)
	}
	s.refused("E13 : type", "sessionSetPreference", "type=x", "value=1")
	info := s.ok("sessionInfo")
	if get(info, "sync") != "0" || get(info, "lang") != "FR" || get(info, "IDSession") != s.session {
		t.Errorf("info: %s", info)
	}
	s.EndSessions()
	s.refused("E02 : ", "hello")
}

func TestFaultsAndEffects(t *testing.T) {
	for _, c := range []struct {
		kind    faults.Kind
		creates int
		status  int // 0: no reply
		body    string
	}{
		{faults.CutBefore, 0, 0, ""},
		{faults.CutAfter, 1, 0, ""},
		{faults.HTTPError, 0, 503, ""},
		{faults.RateLimit, 0, 429, ""},
		{faults.Malformed, 1, 200, "<unfinished"},
		{faults.SessionExpired, 0, 500, "E02 : "},
		{faults.UnknownStatus, 1, 200, ">Suspended<"},
		{faults.DNSNotReady, 0, 500, "DNS precheck failed"},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			s := newSystem(t, Options{}).open()
			owner := s.contact("1")
			s.Faults.Add(faults.Fault{Method: "domainCreate", Kind: c.kind})
			status, body, err := s.soap("domainCreate",
				elements(append([]string{"IDSession=" + s.session}, create("a.example", owner)...)...))
			if (err != nil) != (c.status == 0) || status != c.status || !strings.Contains(body, c.body) {
				t.Errorf("%d %v %s", status, err, body)
			}
			if n := s.Creates("a.example"); n != c.creates || len(s.Registrations()) != n {
				t.Errorf("%d creates, want %d", n, c.creates)
			}
			if s.Calls("domainCreate") != 1 || s.Log()[2].Outcome != string(c.kind) {
				t.Errorf("log %+v", s.Log())
			}
		})
	}
}

func TestFaultForAnyMethodWaitsForOneThatShowsIt(t *testing.T) {
	s := newSystem(t, Options{})
	s.Faults.Add(faults.Fault{Kind: faults.SessionExpired})
	s.open()
	s.refused("E02 : ", "hello")
	s.Faults.Add(faults.Fault{Kind: faults.TooManySessions})
	status, body, err := s.soap("sessionOpen", elements("idReseller=AB1234", "password=secret", "language=EN"))
	s.wantFault("E03 : ", status, body, err)
	s.open()
	if len(s.Sessions()) != 1 {
		t.Errorf("%d sessions", len(s.Sessions()))
	}
}

func TestParallelCalls(t *testing.T) {
	s := newSystem(t, Options{}).open()
	owner := s.contact("1")
	done := make(chan int)
	for i := range 8 {
		go func() {
			status, _, _ := s.soap("domainCreate", elements(append([]string{"IDSession=" + s.session},
				create(fmt.Sprintf("a%d.example", i%2), owner)...)...))
			done <- status
		}()
	}
	good := 0
	for range 8 {
		if <-done == 200 {
			good++
		}
	}
	if good != 2 || len(s.Registrations()) != 2 {
		t.Errorf("%d answers, %d registrations; want 2 of each", good, len(s.Registrations()))
	}
}
