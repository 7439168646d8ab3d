package session_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars/epp/internal/objects"
	"domainprovisioning/registrars/epp/internal/session"
	"domainprovisioning/sandbox/standin/epp"
)

// pipe is a connection to a registry that a test plays.
type pipe struct {
	net.Conn
	registry net.Conn
	// written is called after a frame was written, expired after a deadline of writes was set, and
	// closing before it is closed.
	written, expired, closing func()
	once                      sync.Once
}

func newPipe(t *testing.T) *pipe {
	t.Helper()
	ours, theirs := net.Pipe()
	t.Cleanup(func() { _ = theirs.Close() })
	return &pipe{Conn: ours, registry: theirs, written: func() {}, expired: func() {}, closing: func() {}}
}

func (p *pipe) Write(b []byte) (int, error) {
	n, err := p.Conn.Write(b)
	p.written()
	return n, err
}

func (p *pipe) SetWriteDeadline(at time.Time) error {
	err := p.Conn.SetWriteDeadline(at)
	p.expired()
	return err
}

func (p *pipe) Close() error {
	p.once.Do(p.closing)
	return p.Conn.Close()
}

// result is a frame with a code, and our id of the transaction unless it is "".
func result(code, id string) []byte {
	if id != "" {
		id = "<clTRID>" + id + "</clTRID>"
	}
	document := `<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><response><result code="` + code + `"><msg>x</msg></result><trID>` + id + `<svTRID>SV-1</svTRID></trID></response></epp>`
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(document)+4)), document...)
}

// answer reads a frame and writes another one.
func (p *pipe) answer(t *testing.T, frame []byte) {
	t.Helper()
	var header [4]byte
	if _, err := io.ReadFull(p.registry, header[:]); err != nil {
		t.Error(err)
		return
	}
	if _, err := io.CopyN(io.Discard, p.registry, int64(binary.BigEndian.Uint32(header[:]))-4); err != nil {
		t.Error(err)
	}
	if _, err := p.registry.Write(frame); err != nil {
		t.Error(err)
	}
}

// TestAnAnswerCountsAlthoughTheContextEnds, and a session whose write deadline has passed is not
// kept, because the next command would break in it.
func TestAnAnswerCountsAlthoughTheContextEnds(t *testing.T) {
	r := start(t, epp.Options{})
	for range 20 { // a choice by chance would lose some
		p := newPipe(t)
		given := r.Give(p)
		ctx, cancel := context.WithCancel(t.Context())
		expired := make(chan struct{})
		p.expired = sync.OnceFunc(func() { close(expired) })
		p.written = func() {
			until(t, given.Received)
			cancel()
			<-expired
		}
		go p.answer(t, result("1000", "CL-1"))
		answer, err := r.Do(ctx, objects.Transaction{Command: objects.DeleteDomain{Name: "a.registry"}, ID: "CL-1"})
		if err != nil || answer.Code() != objects.Done {
			t.Fatalf("%v, %v", answer.Results, err)
		}
		if r.Alive() != 0 {
			t.Fatal("the session is kept")
		}
		until(t, given.Ended)
	}
	if answer, err := create(r.Pool, "a.registry"); err != nil || answer.Code() != objects.Done || r.Count("create", "a.registry") != 1 {
		t.Errorf("the next command: %v, %v", answer.Results, err)
	}
}

// TestAnAnswerCountsAlthoughTheSessionEnds: the last frame and the end come together.
func TestAnAnswerCountsAlthoughTheSessionEnds(t *testing.T) {
	r := start(t, epp.Options{})
	for range 20 {
		p := newPipe(t)
		given := r.Give(p)
		p.written = func() { until(t, given.Ended) }
		go func() {
			p.answer(t, result("1000", "CL-1"))
			_ = p.registry.Close()
		}()
		answer, err := r.Do(t.Context(), objects.Transaction{Command: objects.DeleteDomain{Name: "a.registry"}, ID: "CL-1"})
		if err != nil || answer.Code() != objects.Done || r.Alive() != 0 {
			t.Fatalf("%v, %v, %d idle", answer.Results, err, r.Alive())
		}
	}
}

// TestTheEndOfASessionIsNoAnswer: what a registry says when it ends an idle session may cross with
// a command, and then proves nothing about it.
func TestTheEndOfASessionIsNoAnswer(t *testing.T) {
	r := start(t, epp.Options{})
	for _, c := range []struct {
		code, id string
		command  objects.Command
		unknown  bool
	}{
		{"2500", "", objects.DeleteDomain{Name: "a.registry"}, true},
		{"2501", "", objects.DeleteDomain{Name: "a.registry"}, true},
		{"2502", "", objects.CreateDomain{Name: "a.registry", AuthInfo: domains.NewSecret("Code-12345678901")}, true},
		{"2502", "CL-1", objects.DeleteDomain{Name: "a.registry"}, false},
		{"2502", "", objects.InfoDomain{Name: "a.registry"}, false},
		{"2303", "", objects.DeleteDomain{Name: "a.registry"}, false},
	} {
		p := newPipe(t)
		given := r.Give(p)
		go p.answer(t, result(c.code, c.id))
		answer, err := r.Do(t.Context(), objects.Transaction{Command: c.command, ID: "CL-1"})
		malformed, ok := errors.AsType[*objects.MalformedError](err)
		switch {
		case ok != c.unknown || !ok && err != nil:
			t.Errorf("%s %q: %v, %v", c.code, c.id, answer.Results, err)
		case ok && !strings.Contains(malformed.Why, "which command"):
			t.Errorf("%s %q: %v", c.code, c.id, err)
		case strings.HasPrefix(c.code, "25") && r.Alive() != 0:
			t.Errorf("%s %q: the session is kept", c.code, c.id)
		}
		_ = p.registry.Close()
		until(t, given.Ended)
	}
	if r.Calls("login") != 0 {
		t.Errorf("%d logins", r.Calls("login"))
	}
}

// TestClosingHoldsUpNobody: the end of TLS may wait for a peer that does not read.
func TestClosingHoldsUpNobody(t *testing.T) {
	for name, end := range map[string]func(*registry, *pipe, session.Given){
		"found dead": func(_ *registry, p *pipe, given session.Given) {
			_ = p.registry.Close()
			until(t, given.Ended)
		},
		"after a command": func(_ *registry, p *pipe, _ session.Given) { go p.answer(t, result("2500", "CL-1")) },
	} {
		r := start(t, epp.Options{})
		p := newPipe(t)
		closing, go1 := make(chan struct{}), make(chan struct{})
		p.closing = func() { close(closing); <-go1 }
		end(r, p, r.Give(p))
		done := make(chan error, 1)
		go func() {
			_, err := r.Do(context.Background(), objects.Transaction{Command: objects.InfoDomain{Name: "a.registry"}, ID: "CL-1"})
			done <- err
		}()
		<-closing
		if answer, err := info(r.Pool); err != nil || answer.Code() != objects.NotThere {
			t.Errorf("%s: another command: %v, %v", name, answer.Results, err)
		}
		select {
		case err := <-done:
			t.Errorf("%s: the place was given away while the session was open: %v", name, err)
		default:
		}
		close(go1)
		if err := <-done; err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAHelloThatComesLateLeavesOneTimer: its session has been used, and is idle with another timer.
func TestAHelloThatComesLateLeavesOneTimer(t *testing.T) {
	r := start(t, epp.Options{})
	p := newPipe(t)
	given := r.Give(p)
	hello := `<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><greeting><svID>x</svID></greeting></epp>`
	go p.answer(t, append(binary.BigEndian.AppendUint32(nil, uint32(len(hello)+4)), hello...))
	if r.Stale(given) {
		t.Error("two timers run for one session")
	}
	if r.Alive() != 1 {
		t.Error("the session is lost")
	}
}
