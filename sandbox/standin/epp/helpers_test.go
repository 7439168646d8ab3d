package epp_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/sandbox/standin/epp"
	"domainprovisioning/sandbox/standin/epp/schemas"
)

const (
	nsDomain     = "urn:ietf:params:xml:ns:domain-1.0"
	nsHost       = "urn:ietf:params:xml:ns:host-1.0"
	nsContact    = "urn:ietf:params:xml:ns:contact-1.0"
	nsRGP        = "urn:ietf:params:xml:ns:rgp-1.0"
	nsSecDNS     = "urn:ietf:params:xml:ns:secDNS-1.1"
	nsFee        = "urn:ietf:params:xml:ns:epp:fee-1.0"
	nsLoginSec   = "urn:ietf:params:xml:ns:epp:loginSec-1.0"
	nsChangePoll = "urn:ietf:params:xml:ns:changePoll-1.0"
	nsMaint      = "urn:ietf:params:xml:ns:epp:maintenance-1.0"
	nsLaunch     = "urn:ietf:params:xml:ns:launch-1.0"
)

// patience bounds what must happen soon.
const patience = time.Minute

// system is a stand-in that listens.
type system struct {
	*epp.Server
	t       *testing.T
	address string

	mu  sync.Mutex
	now time.Time
}

// pass lets time pass.
func (s *system) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func (s *system) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// start starts a stand-in. Its clock stands still until a test moves it. Every response is checked
// against the schemas; commands are not, since tests break them.
func start(t *testing.T, o epp.Options) *system {
	t.Helper()
	record := schemas.Record(t)
	own := o.Frame
	o.Frame = func(direction string, frame []byte) {
		if direction != "command" {
			record(direction, frame)
		}
		if own != nil {
			own(direction, frame)
		}
	}
	s := &system{t: t, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	if o.Now == nil {
		o.Now = s.clock
	}
	s.Server = epp.New(o)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = l.Addr().String()
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return s
}

// client is a connection of the tests' own, which sends what it is told.
type client struct {
	t          *testing.T
	connection *tls.Conn
	greeting   string
}

func trust(s *system) *tls.Config {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(s.Certificates().CA)
	return &tls.Config{RootCAs: pool, ServerName: "localhost", MinVersion: tls.VersionTLS12}
}

// dial connects and reads the greeting.
func (s *system) dial() *client {
	s.t.Helper()
	connection, err := tls.Dial("tcp", s.address, trust(s))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = connection.Close() })
	c := &client{t: s.t, connection: connection}
	c.greeting = c.read()
	return c
}

// enter connects and logs in.
func (s *system) enter() *client {
	s.t.Helper()
	c := s.dial()
	c.want(1000, loginFrame("registrar1", "epp-password"))
	return c
}

func loginFrame(login, password string) string {
	return loginWith(login, password, "", []string{nsDomain, nsHost, nsContact, nsMaint},
		[]string{nsRGP, nsSecDNS, nsFee, nsLoginSec, nsChangePoll, nsLaunch}, "")
}

func loginWith(login, password, more string, objects, extensions []string, extension string) string {
	var services strings.Builder
	for _, uri := range objects {
		fmt.Fprintf(&services, "<objURI>%s</objURI>", uri)
	}
	if len(extensions) > 0 {
		services.WriteString("<svcExtension>")
		for _, uri := range extensions {
			fmt.Fprintf(&services, "<extURI>%s</extURI>", uri)
		}
		services.WriteString("</svcExtension>")
	}
	return command(fmt.Sprintf(`<login><clID>%s</clID><pw>%s</pw>%s<options><version>1.0</version><lang>en</lang></options><svcs>%s</svcs></login>`,
		login, password, more, &services), extension)
}

// command makes a frame of a command, with an extension or "".
func command(content, extension string) string {
	if extension != "" {
		extension = "<extension>" + extension + "</extension>"
	}
	return frame("<command>" + content + extension + "<clTRID>CL-12345</clTRID></command>")
}

func frame(content string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><epp xmlns="urn:ietf:params:xml:ns:epp-1.0">` + content + "</epp>"
}

// object makes a command on an object: verb may have attributes after a blank.
func object(kind, verb, content string, extension ...string) string {
	space := map[string]string{"domain": nsDomain, "host": nsHost, "contact": nsContact}[kind]
	element, _, _ := strings.Cut(verb, " ")
	return command(fmt.Sprintf(`<%s><%s:%s xmlns:%s="%s">%s</%s:%s></%s>`, verb, kind, element, kind, space, content, kind, element, element), strings.Join(extension, ""))
}

func (c *client) write(frame string) {
	c.t.Helper()
	_ = c.connection.SetDeadline(time.Now().Add(patience))
	if _, err := c.connection.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(frame)+4)), frame...)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) tryRead() (string, error) {
	_ = c.connection.SetDeadline(time.Now().Add(patience))
	var head [4]byte
	if _, err := io.ReadFull(c.connection, head[:]); err != nil {
		return "", err
	}
	body := make([]byte, binary.BigEndian.Uint32(head[:])-4)
	_, err := io.ReadFull(c.connection, body)
	return string(body), err
}

func (c *client) read() string {
	c.t.Helper()
	reply, err := c.tryRead()
	if err != nil {
		c.t.Fatal(err)
	}
	return reply
}

func (c *client) send(frame string) string {
	c.t.Helper()
	c.write(frame)
	return c.read()
}

var codeForm = regexp.MustCompile(`<result code="(\d{4})">`)

// want sends a frame, demands a code, and returns the reply.
func (c *client) want(code int, frame string, parts ...string) string {
	c.t.Helper()
	reply := c.send(frame)
	if found := codeForm.FindStringSubmatch(reply); found == nil || found[1] != fmt.Sprint(code) {
		c.t.Errorf("want %d:\n%s\n%s", code, frame, reply)
	}
	for _, part := range parts {
		if !strings.Contains(reply, part) {
			c.t.Errorf("the reply lacks %q:\n%s\n%s", part, frame, reply)
		}
	}
	return reply
}

// closed demands that the server has closed the connection.
func (c *client) closed() {
	c.t.Helper()
	if reply, err := c.tryRead(); err == nil {
		c.t.Errorf("the connection is open: %s", reply)
	}
}

// texts returns the texts of all elements of a name.
func texts(t *testing.T, reply, local string) []string {
	t.Helper()
	var list []string
	decoder := xml.NewDecoder(strings.NewReader(reply))
	for {
		token, err := decoder.Token()
		if err != nil {
			return list
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == local {
			var text string
			if err := decoder.DecodeElement(&text, &start); err != nil {
				t.Fatal(err)
			}
			list = append(list, text)
		}
	}
}

func createFrame(name string, more ...string) string {
	return object("domain", "create", "<domain:name>"+name+`</domain:name><domain:period unit="y">1</domain:period>`+
		"<domain:authInfo><domain:pw>secret-code</domain:pw></domain:authInfo>", more...)
}

func named(verb, name string, more ...string) string {
	return object("domain", verb, "<domain:name>"+name+"</domain:name>", more...)
}
