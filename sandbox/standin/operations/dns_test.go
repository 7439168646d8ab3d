package operations

import (
	"net"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

func TestNameServersServeTheZonesThatAreLive(t *testing.T) {
	s := New(Options{ZoneDelay: time.Hour})
	socket, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- s.ServeDNS(socket) }()
	conn, err := new(net.Dialer).DialContext(t.Context(), "udp", socket.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	ask := func(name string, kind dnsmessage.Type) dnsmessage.Message {
		question := dnsmessage.Question{Name: dnsmessage.MustNewName(name), Type: kind, Class: dnsmessage.ClassINET}
		query := dnsmessage.Message{Header: dnsmessage.Header{ID: 7}, Questions: []dnsmessage.Question{question}}
		packed, err := query.Pack()
		if err != nil {
			t.Fatal(err)
		}
		buffer := make([]byte, 512)
		// Anything that is not a query is ignored.
		for _, datagram := range [][]byte{[]byte("noise"), packed} {
			if _, err := conn.Write(datagram); err != nil {
				t.Fatal(err)
			}
		}
		n, err := conn.Read(buffer)
		if err != nil {
			t.Fatal(err)
		}
		var reply dnsmessage.Message
		if err := reply.Unpack(buffer[:n]); err != nil || reply.ID != 7 || !reply.Response {
			t.Fatalf("%+v, %v", reply, err)
		}
		return reply
	}
	s.AddExistingDomain("old.example", 0)
	s.mu.Lock()
	s.state.addZone("new.example", time.Now(), nil)
	s.mu.Unlock()
	for _, c := range []struct {
		name    string
		kind    dnsmessage.Type
		code    dnsmessage.RCode
		answers int
	}{
		{"Old.example.", dnsmessage.TypeSOA, dnsmessage.RCodeSuccess, 1},
		{"old.example.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, 0},
		{"new.example.", dnsmessage.TypeSOA, dnsmessage.RCodeRefused, 0},
		{"none.example.", dnsmessage.TypeSOA, dnsmessage.RCodeRefused, 0},
	} {
		got := ask(c.name, c.kind)
		if got.RCode != c.code || len(got.Answers) != c.answers || got.Authoritative != (c.code == dnsmessage.RCodeSuccess) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
	s.PublishZone("none.example")
	s.PublishZone("new.example")
	if got := ask("new.example.", dnsmessage.TypeSOA); got.RCode != dnsmessage.RCodeSuccess {
		t.Errorf("a published zone: %v", got.RCode)
	}
	if got := ask("none.example.", dnsmessage.TypeSOA); got.RCode != dnsmessage.RCodeRefused {
		t.Errorf("no zone: %v", got.RCode)
	}
	if err := socket.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
