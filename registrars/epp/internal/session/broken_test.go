package session_test

import (
	"crypto/tls"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars/epp/internal/frames"
	"domainprovisioning/registrars/epp/internal/objects"
	"domainprovisioning/registrars/epp/internal/session"
	"domainprovisioning/sandbox/standin/epp"
	"domainprovisioning/wire/exchange"
)

// cut reports whether more of a frame would have to follow.
func cut(part []byte) bool {
	return len(part) < 4 || int(binary.BigEndian.Uint32(part)) > len(part)
}

// TestFramesThatCannotBeRead: the length is bounded before anything is kept, and nothing is
// concluded from a part.
func TestFramesThatCannotBeRead(t *testing.T) {
	certificates := authority(t)
	server := pair(t, certificates.Server, certificates.ServerKey)
	greeting := `<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><greeting><svID>x</svID><svcMenu><version>1.0</version><lang>en</lang><objURI>` + frames.Domains + `</objURI></svcMenu></greeting></epp>`
	done := func(id string) string {
		return `<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><response><result code="1000"><msg>x</msg></result><trID>` + id + `<svTRID>SV-1</svTRID></trID></response></epp>`
	}
	framed := func(document string) []byte {
		return append(binary.BigEndian.AppendUint32(nil, uint32(len(document)+4)), document...)
	}
	for name, c := range map[string]struct {
		greeting, login, answer []byte
		sent                    bool   // the error says that the command may have arrived
		says                    string // in the error
	}{
		"closed without a word":      {nil, nil, nil, false, ""},
		"a greeting that is none":    {framed("<epp/>"), nil, nil, false, ""},
		"a greeting that is cut":     {framed(greeting)[:40], nil, nil, false, ""},
		"a greeting of 2 GB":         {[]byte{0x7F, 0xFF, 0xFF, 0xFF}, nil, nil, false, "its length"},
		"a text instead of a frame":  {[]byte("Access denied"), nil, nil, false, "text without a frame"},
		"a frame of no length":       {framed(greeting), framed(done("")), []byte{0, 0, 0, 4}, true, ""},
		"a frame that is too long":   {framed(greeting), framed(done("")), []byte{0xFF, 0, 0, 0}, true, ""},
		"a frame that is cut":        {framed(greeting), framed(done("")), framed(done(""))[:60], true, ""},
		"a length that is cut":       {framed(greeting), framed(done("")), []byte{0, 0}, true, ""},
		"the answer to another":      {framed(greeting), framed(done("")), framed(done("<clTRID>CL-other</clTRID>")), true, ""},
		"closed after the command":   {framed(greeting), framed(done("")), nil, true, ""},
		"a login that is not read":   {framed(greeting), framed("<x"), nil, false, ""},
		"an answer without a result": {framed(greeting), framed(done("")), framed(`<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><response/></epp>`), true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{server}, MinVersion: tls.VersionTLS12})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = l.Close() }()
			go func() {
				for {
					connection, err := l.Accept()
					if err != nil {
						return
					}
					go func() {
						defer func() { _ = connection.Close() }()
						for _, part := range [][]byte{c.greeting, c.login, c.answer} {
							if part == nil {
								return
							}
							if _, err := connection.Write(part); err != nil || cut(part) {
								return
							}
							if _, err := connection.Read(make([]byte, 4096)); err != nil {
								return
							}
						}
					}()
				}
			}()
			pool := session.NewPool(session.Config{
				Address: l.Addr().String(), TLS: trust(certificates), Login: "registrar1", Password: domains.NewSecret("epp-password"), Language: "en",
				Most: 1, Hello: time.Hour, Keep: time.Hour, Timeout: patience, LargestFrame: 4096, CallsPerSecond: 1000, Mark: "test", Now: time.Now,
			})
			_, err = create(pool, "a.registry")
			broken, transport := errors.AsType[*exchange.TransportError](err)
			if _, malformed := errors.AsType[*objects.MalformedError](err); err == nil || !transport && !malformed {
				t.Fatalf("%T %v", err, err)
			}
			if sent := !transport || broken.Sent; sent != c.sent {
				t.Errorf("%v: it may have arrived: %t, want %t", err, sent, c.sent)
			}
			if !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "Access") {
				t.Errorf("%v: it says no %q, or quotes", err, c.says)
			}
		})
	}
}

// TestARefusalInThePlaceOfTheGreeting is one of the login: what the registry says is passed on, and it
// is not asked again at once.
func TestARefusalInThePlaceOfTheGreeting(t *testing.T) {
	const refusal = `<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><response><result code="2502"><msg>too many connections</msg></result><trID><svTRID>SV-1</svTRID></trID></response></epp>`
	certificates := authority(t)
	address, connections := listen(t, &tls.Config{Certificates: []tls.Certificate{pair(t, certificates.Server, certificates.ServerKey)}, MinVersion: tls.VersionTLS12},
		append(binary.BigEndian.AppendUint32(nil, uint32(len(refusal)+4)), refusal...))
	pool := (&registry{Server: epp.New(epp.Options{Certificates: certificates}), address: address}).pool(func(c *session.Config) { c.SessionsWait = time.Hour })
	for range 2 {
		_, err := create(pool, "a.registry")
		refused, ok := errors.AsType[*objects.LoginError](err)
		if !ok || refused.Answer.Code() != objects.TooManySessions || refused.Answer.Results[0].Text != "too many connections" {
			t.Errorf("got %v", err)
		}
	}
	if connections.Load() != 1 {
		t.Errorf("%d connections", connections.Load())
	}
}
