package netim_test

import (
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim"
	"domainprovisioning/sandbox/standin/dns"
	standin "domainprovisioning/sandbox/standin/netim"
)

// zones returns a registrar that tests name servers, and those name servers.
func zones(t *testing.T, served *atomic.Bool, tld standin.TLD) *world {
	t.Helper()
	socket, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	go func() {
		_ = dns.Serve(socket, func(q dnsmessage.Question) (dnsmessage.Message, bool) {
			if !served.Load() {
				return dnsmessage.Message{Header: dnsmessage.Header{RCode: dnsmessage.RCodeRefused}}, true
			}
			return dnsmessage.Message{
				Header: dnsmessage.Header{Authoritative: true}, Answers: []dnsmessage.Resource{dns.SOA(q.Name, q.Name)},
			}, true
		})
	}()
	w := newWorld(t, standin.Options{TLDs: map[string]standin.TLD{"example": tld}})
	config := w.config
	config.DNSServer = socket.LocalAddr().String()
	if w.Netim, err = netim.New(config); err != nil {
		t.Fatal(err)
	}
	return w
}

// TestNameServersAreTestedFirst if the top-level domain tests them: the registrar
// gets no request that it could refuse for them.
func TestNameServersAreTestedFirst(t *testing.T) {
	for kind, name := range map[registrars.Kind]string{
		registrars.Registration: "free.example", registrars.Transfer: "away.example", registrars.NameServerChange: "shop.example",
	} {
		served := new(atomic.Bool)
		w := zones(t, served, standin.TLD{HasZonecheck: true})
		request := w.request(kind, name, domains.Settings{})
		e := failed(t, w.Check(t.Context(), request), registrars.ClassTemporary, "")
		if e.Field != "nameServers" || !strings.HasPrefix(e.Rule, "ns1.host.example refuses") || e.After != 2*time.Minute {
			t.Errorf("%s: %+v", kind, e)
		}
		served.Store(true)
		if err := w.Check(t.Context(), request); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestNameServersAreNotTestedInVain(t *testing.T) {
	served := new(atomic.Bool)
	w := zones(t, served, standin.TLD{HasZonecheck: true})
	// At intake they may not be known yet.
	early := w.request(registrars.Registration, "free.example", domains.Settings{})
	early.NameServers = nil
	for _, request := range []registrars.Request{early, w.request(registrars.Renewal, "shop.example", domains.Settings{})} {
		if err := w.Check(t.Context(), request); err != nil {
			t.Errorf("%s: %v", request.Kind, err)
		}
	}
	// A mistake that a person must correct is reported first.
	taken := w.request(registrars.Registration, "shop.example", domains.Settings{})
	failed(t, w.Check(t.Context(), taken), registrars.ClassUnavailable, "")
	// Nobody demands the test.
	w = zones(t, served, standin.TLD{})
	if err := w.Check(t.Context(), w.request(registrars.Registration, "free.example", domains.Settings{})); err != nil {
		t.Error(err)
	}
}
