package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"sync"
	"time"
)

// wire is a proxy in front of a server. It can be cut or delayed, and watched for a
// moment at which something should happen.
type wire struct {
	listener    net.Listener
	network, to string // address of the server

	mu       sync.Mutex
	cutUntil time.Time
	heldTill time.Time
	ends     map[net.Conn]bool
	trap     *trap
	group    sync.WaitGroup
}

// trap waits for a connection on which a client sends a text and commits. It springs when
// the server has committed but the client does not know it yet. An early trap springs
// before the server has even seen the text.
type trap struct {
	text   []byte
	early  bool
	spring func()
}

func newWire(ctx context.Context, network, to string) (*wire, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("chaos: wire: %w", err)
	}
	w := &wire{listener: listener, network: network, to: to, ends: map[net.Conn]bool{}}
	w.group.Go(w.accept)
	return w, nil
}

func (w *wire) address() string { return w.listener.Addr().String() }

func (w *wire) close() {
	_ = w.listener.Close()
	w.cut(time.Hour)
	w.group.Wait()
}

const dialWithin = 5 * time.Second

func (w *wire) accept() {
	for {
		near, err := w.listener.Accept()
		if err != nil {
			return
		}
		w.group.Go(func() { w.connect(near) })
	}
}

func (w *wire) connect(near net.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), dialWithin)
	defer cancel()
	far, err := new(net.Dialer).DialContext(ctx, w.network, w.to)
	if err != nil {
		_ = near.Close()
		return
	}
	w.mu.Lock()
	if time.Now().Before(w.cutUntil) {
		w.mu.Unlock()
		_, _ = near.Close(), far.Close()
		return
	}
	w.ends[near], w.ends[far] = true, true
	w.mu.Unlock()
	link := &link{wire: w}
	w.group.Go(func() { link.pass(near, far, link.asked) })
	link.pass(far, near, link.answered)
}

// link is one connection through a wire.
type link struct {
	wire *wire

	mu     sync.Mutex
	caught *trap // its text was sent
	spring func()
}

// commit is how a transaction ends in PostgreSQL's wire protocol.
const commit = "COMMIT"

func (l *link) asked(sent []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.caught == nil {
		l.caught = l.wire.catch(sent)
	}
	if l.caught != nil && l.caught.early {
		if l.wire.take(l.caught) {
			l.caught.spring()
		}
		l.caught = nil
	}
	if l.caught != nil && bytes.Contains(sent, []byte(commit)) {
		if l.wire.take(l.caught) {
			l.spring = l.caught.spring
		}
		l.caught = nil
	}
}

func (l *link) answered([]byte) {
	l.mu.Lock()
	spring := l.spring
	l.spring = nil
	l.mu.Unlock()
	if spring != nil {
		spring()
	}
}

// pass copies data, and shows each piece before it passes it on.
func (l *link) pass(from, to net.Conn, show func([]byte)) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			l.wire.wait()
			show(buffer[:n])
			if _, failed := to.Write(buffer[:n]); failed != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	_, _ = from.Close(), to.Close()
	l.wire.mu.Lock()
	defer l.wire.mu.Unlock()
	delete(l.wire.ends, from)
}

// cut ends all connections and refuses new ones for a while.
func (w *wire) cut(during time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cutUntil = time.Now().Add(during)
	for end := range w.ends {
		_ = end.Close()
	}
}

// hold lets nothing through for a while, and then everything.
func (w *wire) hold(during time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heldTill = time.Now().Add(during)
}

func (w *wire) wait() {
	w.mu.Lock()
	until := w.heldTill
	w.mu.Unlock()
	time.Sleep(time.Until(until))
}

// set sets a trap in place of an earlier one; nil removes it.
func (w *wire) set(t *trap) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trap = t
}

// catch returns the trap if its text was sent.
func (w *wire) catch(sent []byte) *trap {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.trap != nil && bytes.Contains(sent, w.trap.text) {
		return w.trap
	}
	return nil
}

// take uses up a trap. It returns false if another connection did, or if it was removed.
func (w *wire) take(t *trap) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.trap != t {
		return false
	}
	w.trap = nil
	return true
}

// mend lets everything through at once.
func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cutUntil, w.heldTill, w.trap = time.Time{}, time.Time{}, nil
}
