package epp

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"domainprovisioning/sandbox/standin/calls"
	"domainprovisioning/sandbox/standin/faults"
)

// Bounds of a frame with its four octets of length.
const (
	minFrame = 5
	maxFrame = 1 << 20
)

// handshakeTimeout bounds the handshake of TLS, so that a silent caller does not keep a goroutine.
const handshakeTimeout = 30 * time.Second

// Serve accepts connections with TLS until Close, and returns nil then.
func (s *Server) Serve(l net.Listener) error {
	if s.initial != nil {
		return s.initial
	}
	config, err := s.options.Certificates.server(s.options.ClientCertificate)
	if err != nil {
		return err
	}
	if !s.unlessClosed(func() { s.listeners[l] = true }) {
		return l.Close()
	}
	defer func() {
		s.mu.Lock()
		delete(s.listeners, l)
		s.mu.Unlock()
	}()
	for {
		raw, err := l.Accept()
		if err != nil {
			select {
			case <-s.closing:
				return nil
			default:
				return fmt.Errorf("epp: accept: %w", err)
			}
		}
		connection := tls.Server(raw, config)
		if !s.unlessClosed(func() { s.open[connection] = true; s.serving.Add(1) }) {
			_ = raw.Close()
			return nil
		}
		go s.converse(connection)
	}
}

// unlessClosed notes something under the lock, unless the server is closed.
func (s *Server) unlessClosed(note func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closing:
		return false
	default:
		note()
		return true
	}
}

// Close ends all sessions and waits for them.
func (s *Server) Close() error {
	s.closeOnce.Do(func() {
		s.mu.Lock()
		close(s.closing)
		for l := range s.listeners {
			_ = l.Close()
		}
		for connection := range s.open {
			abort(connection)
		}
		s.mu.Unlock()
	})
	s.serving.Wait()
	return nil
}

// abort closes the connection below TLS, without the alert that says good-bye.
func abort(connection net.Conn) {
	if secured, ok := connection.(*tls.Conn); ok {
		connection = secured.NetConn()
	}
	_ = connection.Close()
}

// session is one connection. Its commands are carried out one after the other.
type session struct {
	connection net.Conn
	loggedIn   bool
	services   map[string]bool // URIs of the login
	failures   int             // of logins
}

func (s *Server) converse(connection *tls.Conn) {
	defer s.serving.Done()
	one := &session{connection: connection}
	defer func() {
		s.mu.Lock()
		delete(s.open, connection)
		s.logOut(one)
		s.mu.Unlock()
		_ = connection.Close()
	}()
	ctx, cancel := context.WithTimeout(context.Background(), handshakeTimeout)
	err := connection.HandshakeContext(ctx)
	cancel()
	if err != nil {
		return
	}
	if s.send(one, s.greeting(), faults.None) != nil {
		return
	}
	for {
		if s.options.Idle > 0 {
			_ = connection.SetReadDeadline(time.Now().Add(s.options.Idle))
		}
		frame, err := readFrame(connection)
		if err != nil {
			return
		}
		s.tell("command", frame)
		if !s.serve(one, frame) {
			return
		}
	}
}

// serve answers one frame; false: the connection ends.
func (s *Server) serve(one *session, frame []byte) bool {
	r := s.read(one, frame)
	decision := s.Faults.Begin(r.call)
	r.fault = decision.Kind
	end := s.log.Begin(r.call, s.options.Now())
	outcome := string(decision.Kind)
	s.wait(s.options.Delay + decision.Delay)
	var reply *answer
	switch decision.Kind {
	case faults.CutBefore:
		end(outcome)
		abort(one.connection)
		return false
	case faults.HTTPError:
		reply = refuse(2400)
	case faults.RateLimit:
		reply = refuse(2502)
	case faults.TooManySessions:
		reply = refuse(2502)
	case faults.Quote:
		reply = refuse(2005).says(faults.QuotedText(string(frame)))
	case faults.SessionExpired:
		s.mu.Lock()
		s.logOut(one)
		s.mu.Unlock()
		reply = refuse(2002)
	default:
		reply = s.carryOut(r)
		if decision.Kind == faults.None || decision.Kind == faults.Late {
			outcome = reply.outcome()
		}
		if decision.Kind == faults.RaiseFault {
			reply = refuse(2400)
		}
	}
	if decision.Quoting {
		reply.says(faults.QuotedText(string(frame)))
	}
	end(outcome)
	if decision.Kind == faults.CutAfter {
		abort(one.connection)
		return false
	}
	return s.send(one, s.render(r, reply), decision.Kind) == nil && !reply.closes()
}

func (a *answer) outcome() string {
	if a.code >= 2000 {
		return calls.Refused
	}
	return calls.OK
}

// closes: after this result the server closes the connection (RFC 5730, section 3).
func (a *answer) closes() bool { return a.code == 1500 || a.code/100 == 25 }

// wait ends early when the server is closed. The effect still follows when the caller leaves,
// because a real server does not notice either.
func (s *Server) wait(d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.closing:
	}
}

func (s *Server) tell(direction string, frame []byte) {
	if s.options.Frame != nil {
		s.options.Frame(direction, frame)
	}
}

// send writes a frame.
func (s *Server) send(one *session, frame []byte, kind faults.Kind) error {
	direction := "response"
	switch kind {
	case faults.Malformed:
		frame, direction = frame[:len(frame)*2/3], "broken"
	case faults.UnknownStatus:
		direction = "broken"
	}
	s.tell(direction, frame)
	whole := binary.BigEndian.AppendUint32(make([]byte, 0, len(frame)+4), uint32(len(frame)+4)) //nolint:gosec // answers are small
	_, err := one.connection.Write(append(whole, frame...))
	return err
}

func readFrame(from io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		return nil, err
	}
	whole := binary.BigEndian.Uint32(head[:])
	if whole < minFrame || whole > maxFrame {
		return nil, errors.New("epp: length of a frame")
	}
	frame := make([]byte, whole-4)
	_, err := io.ReadFull(from, frame)
	return frame, err
}
