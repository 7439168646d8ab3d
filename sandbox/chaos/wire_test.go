//go:build unix

package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// echo is a server that answers each line separately, in capitals.
func echo(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for lines := bufio.NewScanner(conn); lines.Scan(); {
					_, _ = io.WriteString(conn, strings.ToUpper(lines.Text())+"\n")
				}
			}()
		}
	}()
	return listener.Addr().String()
}

// peer is a client of a wire.
type peer struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func connect(t *testing.T, w *wire) *peer {
	t.Helper()
	conn, err := net.Dial("tcp", w.address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return &peer{t, conn, bufio.NewReader(conn)}
}

func (p *peer) ask(line string) (string, error) {
	if _, err := io.WriteString(p.conn, line+"\n"); err != nil {
		return "", err
	}
	answer, err := p.in.ReadString('\n')
	return strings.TrimSpace(answer), err
}

func (p *peer) want(line string) {
	p.t.Helper()
	if got, err := p.ask(line); err != nil || got != strings.ToUpper(line) {
		p.t.Fatalf("%q was answered by %q, %v", line, got, err)
	}
}

func begin(t *testing.T) *wire {
	t.Helper()
	w, err := newWire(context.WithoutCancel(t.Context()), "tcp", echo(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.close)
	return w
}

func TestAWireIsCutAndMended(t *testing.T) {
	w := begin(t)
	before := connect(t, w)
	before.want("hello")
	w.cut(time.Hour)
	if answer, err := before.ask("hello"); err == nil {
		t.Errorf("a connection that was cut answered %q", answer)
	}
	if answer, err := connect(t, w).ask("hello"); err == nil {
		t.Errorf("a wire that is cut answered %q", answer)
	}
	w.mend()
	connect(t, w).want("hello")
}

func TestAWireIsHeldUp(t *testing.T) {
	w := begin(t)
	p := connect(t, w)
	const during = 50 * time.Millisecond
	began := time.Now()
	w.hold(during)
	p.want("hello")
	if took := time.Since(began); took < during {
		t.Errorf("it took %v", took)
	}
}

// TestATrapSpringsBeforeTheClientKnows: it springs at the end of the transaction that
// contains the text, once, and on no other connection.
func TestATrapSpringsBeforeTheClientKnows(t *testing.T) {
	w := begin(t)
	sprung := make(chan struct{}, 9)
	p, other := connect(t, w), connect(t, w)
	w.set(&trap{text: []byte("insert into calls"), spring: func() { sprung <- struct{}{} }})
	other.want(commit)
	p.want("insert into calls")
	other.want(commit)
	if len(sprung) > 0 {
		t.Fatal("it sprang before the transaction had ended")
	}
	p.want(commit)
	if len(sprung) != 1 {
		t.Fatal("the client had its answer, and the trap has not sprung")
	}
	p.want("insert into calls")
	p.want(commit)
	if len(sprung) != 1 {
		t.Error("it sprang twice")
	}
	w.set(&trap{text: []byte("insert into calls"), spring: func() { sprung <- struct{}{} }})
	p.want("insert into calls")
	w.mend()
	p.want(commit)
	if len(sprung) != 1 {
		t.Error("a trap that was taken away has sprung")
	}
	w.set(&trap{text: []byte("update calls"), early: true, spring: func() {
		sprung <- struct{}{}
		w.cut(time.Hour)
	}})
	if answer, err := p.ask("update calls"); err == nil {
		t.Errorf("what set off an early trap was answered by %q", answer)
	}
	if len(sprung) != 2 {
		t.Error("an early trap has not sprung")
	}
}
