package epp_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"net"
	"strings"
	"testing"
	"time"

	"domainprovisioning/sandbox/standin/epp"
)

func TestASessionBeginsAndEnds(t *testing.T) {
	s := start(t, epp.Options{})
	c := s.dial()
	for _, part := range []string{"<svID>", "<version>1.0</version>", nsDomain, nsHost, nsContact, nsRGP, nsSecDNS, nsFee, nsLoginSec} {
		if !strings.Contains(c.greeting, part) {
			t.Errorf("the greeting lacks %s: %s", part, c.greeting)
		}
	}
	if again := c.send(frame("<hello/>")); again != c.greeting {
		t.Errorf("hello: %s", again)
	}
	c.want(2002, command("<logout/>", ""))
	c.want(2002, named("info", "shop.registry"))
	c.want(2002, command(`<poll op="req"/>`, ""))
	c.want(1000, loginFrame("registrar1", "epp-password"), "<clTRID>CL-12345</clTRID>", "<svTRID>")
	c.want(2002, loginFrame("registrar1", "epp-password"))
	if s.Sessions() != 1 {
		t.Errorf("%d sessions", s.Sessions())
	}
	c.want(1500, command("<logout/>", ""))
	c.closed()
	if s.Sessions() != 0 || s.Calls("logout") != 2 || s.Calls("hello") != 1 || s.Calls("") != 7 {
		t.Errorf("%d sessions, calls %+v", s.Sessions(), s.Log())
	}
	if last := s.Log()[6]; last.Method != "logout" || last.Outcome != "ok" || s.Log()[1].Outcome != "refused" {
		t.Errorf("the log says %+v", s.Log())
	}
}

func TestLogins(t *testing.T) {
	objects, extensions := []string{nsDomain, nsContact}, []string{nsLoginSec}
	long := `<l:loginSec xmlns:l="` + nsLoginSec + `"><l:userAgent><l:app>app</l:app></l:userAgent><l:pw>epp-password</l:pw></l:loginSec>`
	renamed := strings.ReplaceAll(loginWith("registrar1", "epp-password", "", objects, nil, ""), "<version>1.0", "<version>1.1")
	for name, c := range map[string]struct {
		code  int
		frame string
		part  string
	}{
		"plain":                {1000, loginWith("registrar1", "epp-password", "", objects, nil, ""), ""},
		"long password":        {1000, loginWith("registrar1", "[LOGIN-SECURITY]", "", objects, extensions, long), ""},
		"placeholder alone":    {2003, loginWith("registrar1", "[LOGIN-SECURITY]", "", objects, extensions, ""), "not in the extension"},
		"no placeholder":       {2306, loginWith("registrar1", "epp-password", "", objects, extensions, long), "LOGIN-SECURITY"},
		"extension not chosen": {2103, loginWith("registrar1", "[LOGIN-SECURITY]", "", objects, nil, long), ""},
		"wrong password":       {2200, loginWith("registrar1", "epp-passwort", "", objects, nil, ""), ""},
		"wrong registrar":      {2200, loginWith("registrar2", "epp-password", "", objects, nil, ""), ""},
		"password too long":    {2001, loginWith("registrar1", "a password of more", "", objects, nil, ""), "<reason>must have at most 16 characters, and has 18"},
		"unknown object":       {2307, loginWith("registrar1", "epp-password", "", []string{"urn:x"}, nil, ""), "urn:x"},
		"unknown extension":    {2103, loginWith("registrar1", "epp-password", "", objects, []string{"urn:x"}, ""), "urn:x"},
		"no objects":           {2001, loginWith("registrar1", "epp-password", "", nil, nil, ""), "lacks the element objURI"},
		"version":              {2100, renamed, "version 1.1"},
		"language":             {2102, strings.ReplaceAll(loginFrame("registrar1", "epp-password"), "<lang>en", "<lang>fr"), "fr"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, epp.Options{})
			s.dial().want(c.code, c.frame, c.part)
			if want := map[bool]int{true: 1}[c.code == 1000]; s.Sessions() != want {
				t.Errorf("%d sessions, want %d", s.Sessions(), want)
			}
		})
	}
}

func TestANewPasswordTakesEffect(t *testing.T) {
	s := start(t, epp.Options{})
	objects := []string{nsDomain}
	s.dial().want(1000, loginWith("registrar1", "epp-password", "<newPW>new-password</newPW>", objects, nil, ""))
	s.dial().want(2200, loginFrame("registrar1", "epp-password"))
	long := `<l:loginSec xmlns:l="` + nsLoginSec + `"><l:newPW>a password longer than sixteen</l:newPW></l:loginSec>`
	s.dial().want(1000, loginWith("registrar1", "new-password", "<newPW>[LOGIN-SECURITY]</newPW>", objects, []string{nsLoginSec}, long))
	s.dial().want(2200, loginFrame("registrar1", "new-password"))
	long = `<l:loginSec xmlns:l="` + nsLoginSec + `"><l:pw>a password longer than sixteen</l:pw></l:loginSec>`
	s.dial().want(1000, loginWith("registrar1", "[LOGIN-SECURITY]", "", objects, []string{nsLoginSec}, long))
	s.SetPassword("by-support")
	s.dial().want(1000, loginFrame("registrar1", "by-support"))
}

func TestThreeWrongPasswordsEndTheConnection(t *testing.T) {
	s := start(t, epp.Options{})
	c := s.dial()
	c.want(2200, loginFrame("registrar1", "wrong-1"))
	c.want(2200, loginFrame("registrar1", "wrong-2"))
	c.want(2501, loginFrame("registrar1", "wrong-3"))
	c.closed()
}

func TestOnlySoManySessions(t *testing.T) {
	s := start(t, epp.Options{MostSessions: 2})
	first, second := s.enter(), s.enter()
	third := s.dial()
	third.want(2502, loginFrame("registrar1", "epp-password"))
	third.closed()
	first.want(1500, command("<logout/>", ""))
	s.enter()
	second.want(1300, command(`<poll op="req"/>`, ""))
	if s.Sessions() != 2 {
		t.Errorf("%d sessions", s.Sessions())
	}
}

func TestASilentSessionIsClosed(t *testing.T) {
	s := start(t, epp.Options{Idle: 500 * time.Millisecond})
	c := s.enter()
	c.closed()
	if _, err := c.tryRead(); err == nil {
		t.Error("it is open again")
	}
}

func TestServicesOfTheLogin(t *testing.T) {
	s := start(t, epp.Options{})
	c := s.dial()
	c.want(1000, loginWith("registrar1", "epp-password", "", []string{nsDomain}, nil, ""))
	c.want(2307, object("host", "check", "<host:name>ns1.elsewhere.example</host:name>"), "has not named this service")
	fee := `<fee:create xmlns:fee="` + nsFee + `"><fee:fee>10.00</fee:fee></fee:create>`
	c.want(2103, createFrame("shop.registry", fee), "has not named this extension")
	c.want(1000, createFrame("shop.registry"))
	if reply := c.want(1000, named("info", "shop.registry")); strings.Contains(reply, "rgp") {
		t.Errorf("an extension that nobody asked for: %s", reply)
	}
}

func TestWhatIsNotOffered(t *testing.T) {
	s := start(t, epp.Options{HostAttributes: true, Without: []string{nsFee, nsContact}})
	c := s.dial()
	for _, uri := range []string{nsFee, nsContact, nsHost} {
		if strings.Contains(c.greeting, uri) {
			t.Errorf("%s is offered", uri)
		}
	}
	c.want(1000, loginWith("registrar1", "epp-password", "", []string{nsDomain}, []string{nsRGP}, ""))
	c.want(2307, object("host", "check", "<host:name>ns1.elsewhere.example</host:name>"), "not offered")
	c.want(2103, createFrame("shop.registry", `<fee:create xmlns:fee="`+nsFee+`"><fee:fee>10.00</fee:fee></fee:create>`), "not offered")
	c.want(2103, createFrame("shop.registry", `<x:create xmlns:x="urn:x"/>`))
	c.want(2307, command(`<info><x:info xmlns:x="urn:x"/></info>`, ""), "urn:x")
}

func TestFramesThatAreNoCommand(t *testing.T) {
	s := start(t, epp.Options{})
	c := s.enter()
	for _, broken := range []string{"no xml at all", "<epp", frame("<command><check></command>")} {
		if reply := c.want(2001, broken, "<extValue>"); strings.Contains(reply, "clTRID") {
			t.Errorf("an identifier out of nothing: %s", reply)
		}
	}
	for _, unknown := range []string{"<greeting/>", "<command><bogus/><clTRID>CL-12345</clTRID></command>", "<extension/>"} {
		c.want(2000, frame(unknown))
	}
	c.want(2001, command("<check/>", ""), "CL-12345", `<value xmlns:x="urn:ietf:params:xml:ns:epp-1.0"><x:check/></value>`, "lacks an element of another namespace")
	c.want(2001, command("<poll/>", ""), "needs the attribute op")
	c.want(2001, object("domain", "create", "<domain:name>shop.registry</domain:name>"), "lacks the element authInfo")
	c.want(2001, command(`<create><domain:check xmlns:domain="`+nsDomain+`"><domain:name>shop.registry</domain:name></domain:check></create>`, ""), "does not belong")
	c.want(2101, object("contact", `transfer op="query"`, "<contact:id>ADA-1</contact:id>"))
	if s.Calls("broken") != 3 || s.Calls("unknown") != 5 || s.Calls("domain.create") != 2 || len(s.Domains()) != 0 {
		t.Errorf("calls %+v", s.Log())
	}
}

func TestLengthsOfFrames(t *testing.T) {
	for name, head := range map[string]uint32{"only a length": 4, "less than that": 0, "too long": 1<<20 + 1} {
		t.Run(name, func(t *testing.T) {
			c := start(t, epp.Options{}).enter()
			if _, err := c.connection.Write(binary.BigEndian.AppendUint32(nil, head)); err != nil {
				t.Fatal(err)
			}
			c.closed()
		})
	}
	t.Run("in pieces", func(t *testing.T) {
		c := start(t, epp.Options{}).enter()
		hello := frame("<hello/>")
		whole := append(binary.BigEndian.AppendUint32(nil, uint32(len(hello)+4)), hello...)
		for _, piece := range [][]byte{whole[:2], whole[2:7], append(whole[7:], whole...)} { // the last one begins the next frame
			if _, err := c.connection.Write(piece); err != nil {
				t.Fatal(err)
			}
		}
		if first, second := c.read(), c.read(); first != c.greeting || second != c.greeting {
			t.Error("two frames were not answered by two greetings")
		}
	})
}

func TestCertificates(t *testing.T) {
	t.Run("of clients", func(t *testing.T) {
		s := start(t, epp.Options{ClientCertificate: true})
		config := trust(s)
		connection, err := tls.Dial("tcp", s.address, config)
		if err == nil { // TLS 1.3 tells the client only when it reads
			_, err = connection.Read(make([]byte, 1))
			_ = connection.Close()
		}
		if err == nil {
			t.Error("a client without a certificate was let in")
		}
		own, err := tls.X509KeyPair(s.Certificates().Client, s.Certificates().ClientKey)
		if err != nil {
			t.Fatal(err)
		}
		config.Certificates = []tls.Certificate{own}
		if connection, err = tls.Dial("tcp", s.address, config); err != nil {
			t.Fatal(err)
		}
		c := &client{t: t, connection: connection}
		if !strings.Contains(c.read(), "<greeting>") {
			t.Error("no greeting")
		}
		c.want(1000, loginFrame("registrar1", "epp-password"))
	})
	t.Run("expired", func(t *testing.T) {
		made, err := epp.NewCertificates(time.Now())
		if err != nil {
			t.Fatal(err)
		}
		expired, err := made.ExpiredServer()
		if err != nil {
			t.Fatal(err)
		}
		s := start(t, epp.Options{Certificates: expired})
		_, err = tls.Dial("tcp", s.address, trust(s))
		if err == nil || !strings.Contains(err.Error(), "expired") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("of another authority", func(t *testing.T) {
		s := start(t, epp.Options{})
		config := trust(s)
		config.RootCAs = x509.NewCertPool()
		if _, err := tls.Dial("tcp", s.address, config); err == nil {
			t.Error("the server was trusted")
		}
	})
	t.Run("old TLS", func(t *testing.T) {
		s := start(t, epp.Options{})
		config := trust(s)
		config.MinVersion, config.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
		if _, err := tls.Dial("tcp", s.address, config); err == nil {
			t.Error("TLS 1.1 was spoken")
		}
	})
}

// Every seventh identifier of a transaction is as long as it may be.
func TestIdentifiersOfTransactions(t *testing.T) {
	s := start(t, epp.Options{})
	c := s.enter()
	long, seen := 0, map[string]bool{}
	for range 14 {
		id := texts(t, c.want(1300, command(`<poll op="req"/>`, "")), "svTRID")[0]
		if seen[id] {
			t.Errorf("%s came twice", id)
		}
		seen[id] = true
		if len(id) == 64 {
			long++
		}
	}
	if long != 2 {
		t.Errorf("%d of 14 have 64 characters", long)
	}
}

func TestServingAfterClosing(t *testing.T) {
	s := epp.New(epp.Options{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(l); err != nil {
		t.Error(err)
	}
	if _, err := l.Accept(); err == nil {
		t.Error("the listener is open")
	}
}
