// Package session carries frames to a registry and back (RFC 5734): TLS, the greeting, login,
// and one command at a time in each of a bounded number of sessions.
package session

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
	"unicode"

	"domainprovisioning/registrars/epp/internal/frames"
	"domainprovisioning/registrars/epp/internal/objects"
	"domainprovisioning/wire/exchange"
)

// headerSize is the size of the length before each frame. The length counts itself.
const headerSize = 4

// errOutOfStep says that a registry has sent a frame that answers nothing: nobody knows any more
// which frame answers which command.
var errOutOfStep = errors.New("the registry has sent a frame that nobody has asked for")

// errClosed says that the registry has closed a session.
var errClosed = errors.New("the registry has closed the session")

// session is one connection. Commands are answered in their order, so there is one at a time.
type session struct {
	conn     net.Conn
	menu     frames.Menu
	incoming chan []byte
	// ended is closed when no further frame comes; err then says why.
	ended chan struct{}
	err   error
	once  sync.Once
	// late says that the end of a context has come upon a write: its deadline is in the past now.
	late bool

	used  time.Time   // when it was last used for a command
	old   time.Time   // when it is too old for another one
	timer *time.Timer // the next hello; nil while it is busy
}

// connect dials and makes TLS, within the context.
func connect(ctx context.Context, address string, config *tls.Config, largest int) (*session, error) {
	dialer := &tls.Dialer{NetDialer: &net.Dialer{Timeout: dialTimeout}, Config: config}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		cause := refusal(err, len(config.Certificates) > 0)
		if cause == nil {
			cause = exchange.SafeCause(err)
		}
		return nil, &exchange.TransportError{Sent: false, Err: cause}
	}
	s := &session{conn: conn, incoming: make(chan []byte, 1), ended: make(chan struct{})}
	go s.listen(largest)
	return s, nil
}

const dialTimeout = 10 * time.Second

// listen reads frames until the session ends. An idle session that the registry closes is known
// as such before anything is written to it.
func (s *session) listen(largest int) {
	defer close(s.ended)
	for {
		frame, err := readFrame(s.conn, largest)
		if err != nil {
			s.err = err
			return
		}
		select {
		case s.incoming <- frame:
		default:
			s.err = errOutOfStep
			_ = s.conn.Close()
			return
		}
	}
}

// readFrame reads one frame, whose length must be within bounds before anything of it is kept.
func readFrame(r io.Reader, largest int) ([]byte, error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, &objects.MalformedError{Why: "it is cut"}
		}
		if refused := refusal(err, true); refused != nil {
			return nil, refused
		}
		return nil, errClosed
	}
	length := binary.BigEndian.Uint32(header[:])
	if length <= headerSize || length > uint32(largest) { //nolint:gosec // bounded by the configuration
		if !bytes.ContainsFunc(header[:], func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) }) {
			return nil, &objects.MalformedError{Why: "it is text without a frame, as some registries send to an address that they do not serve"}
		}
		return nil, &objects.MalformedError{Why: fmt.Sprintf("its length is not between 5 and %d bytes", largest)}
	}
	frame := make([]byte, length-headerSize)
	if _, err := io.ReadFull(r, frame); err != nil {
		return nil, &objects.MalformedError{Why: "it is cut"}
	}
	return frame, nil
}

// alive reports whether a command may be written: the registry has not closed the session, and
// no frame is left over. It is for whoever has the session.
func (s *session) alive() bool {
	select {
	case <-s.ended:
		return false
	default:
		return !s.late && len(s.incoming) == 0
	}
}

// exchange writes a frame and reads the next one. The error's Sent is false only if nothing was
// written. After any error the session is of no further use.
func (s *session) exchange(ctx context.Context, frame []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, &exchange.TransportError{Sent: false, Err: err}
	}
	if !s.alive() {
		return nil, &exchange.TransportError{Sent: false, Err: errClosed}
	}
	stop := context.AfterFunc(ctx, func() { _ = s.conn.SetWriteDeadline(time.Unix(1, 0)) })
	message := make([]byte, headerSize, headerSize+len(frame))
	binary.BigEndian.PutUint32(message, uint32(headerSize+len(frame))) //nolint:gosec // frames are far smaller
	_, err := s.conn.Write(append(message, frame...))
	s.late = !stop()
	if err != nil {
		return nil, s.cause(ctx, exchange.SafeCause(err))
	}
	answer, err := s.next(ctx)
	if err != nil {
		return nil, s.cause(ctx, err)
	}
	return answer, nil
}

// next waits for the next frame. One that is there counts more than the end of the context or of
// the session, which may come together with it.
func (s *session) next(ctx context.Context) ([]byte, error) {
	var err error
	select {
	case frame := <-s.incoming:
		return frame, nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-s.ended:
		err = s.err
	}
	select {
	case frame := <-s.incoming:
		return frame, nil
	default:
		return nil, err
	}
}

// cause is the error of a frame that was written.
func (s *session) cause(ctx context.Context, err error) error {
	if malformed, ok := errors.AsType[*objects.MalformedError](err); ok {
		return malformed
	}
	if _, ok := errors.AsType[*objects.CertificateError](err); ok {
		err = errClosed // it was taken before
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return &exchange.TransportError{Sent: true, Err: err}
}

// close closes the connection. It may be called more than once.
func (s *session) close() {
	s.once.Do(func() { _ = s.conn.Close() })
}
