package epp_test

import (
	"context"
	"crypto/tls"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	domainr "github.com/domainr/epp"

	"domainprovisioning/sandbox/standin/epp"
)

// perl returns the path of a Perl with Net::EPP, or skips the test; with TEST_PERL_REQUIRED in the
// environment that is a failure.
func perl(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("perl")
	if err == nil {
		err = exec.CommandContext(t.Context(), path, "-MNet::EPP::Simple", "-e", "1").Run()
	}
	if err != nil {
		if os.Getenv("TEST_PERL_REQUIRED") != "" {
			t.Fatalf("perl with Net::EPP is required here: %v", err)
		}
		t.Skip("skipped without perl and Net::EPP (Debian: libnet-epp-perl)")
	}
	return path
}

// TestPerlClient lets a client that nobody here wrote do what a registrar does, and looks at what
// it has left here.
func TestPerlClient(t *testing.T) {
	path := perl(t)
	s := start(t, epp.Options{})
	s.AddElsewhere("away.registry", "their-code", false)
	dir := t.TempDir()
	ca, _, _, err := s.Certificates().WriteTo(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(s.address)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, path, filepath.Join("testdata", "client.pl"), port, ca, "registrar1", "epp-password")
	var said strings.Builder
	command.Stderr = &said
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s%s", err, output, &said)
	}
	want := `login 1000
hello greeting
check 1000 1
contact.create 1000
host.create 1000
host.create 1000
create 1000
create pending 1001
info 1000 ADA-1 ok 2 2028-03-01
renew 1000
renew again 2306
transfer 1000 serverApproved
transfer query 1000 serverApproved
poll 1301 1 slow.later 1
ack 1000
poll 1300
update 1000
update one part 1000
host.update 1000
contact.update 2001
delete 1000
logout
`
	if string(output) != want {
		t.Errorf("said\n%s\nwant\n%s", output, want)
	}
	if got := strings.Join(s.Domains(), " "); got != "away.registry slow.later" {
		t.Errorf("domains: %s", got)
	}
	for label, n := range map[string]int{"create": 1, "renew": 1, "update:ns": 1, "update:status": 2, "update:authInfo": 1, "delete": 1} {
		if got := s.Count(label, "shop.registry"); got != n {
			t.Errorf("%s: %d, want %d", label, got, n)
		}
	}
	contact, ok := s.Contact("ADA-1")
	if !ok || contact.Name != "Ada Lovelace" || contact.Org != "Engines" || contact.CC != "GB" || contact.Voice != "+44.2079460000" {
		t.Errorf("contact %+v", contact)
	}
	if slow, _ := s.Domain("slow.later"); slow.Period != 2 || slow.AuthInfo != "domain-code" || len(slow.NameServers) != 2 || slow.Contacts["billing"] != "ADA-1" {
		t.Errorf("slow.later %+v", slow)
	}
	// Four years and a transfer, less what the deletion of a young domain gives back.
	if s.Balance() != 10_000_00-(20_00+20_00+10_00+10_00)+20_00 || s.Sessions() != 0 {
		t.Errorf("balance %d, %d sessions", s.Balance(), s.Sessions())
	}
}

// TestGoClient lets another client log in and check, with prices.
func TestGoClient(t *testing.T) {
	s := start(t, epp.Options{})
	s.AddDomain(epp.Domain{Name: "taken.registry", Registrant: "ADA-1"})
	s.SetPremium("gold.registry", 500_00, 400_00, 90_00)
	connection, err := tls.Dial("tcp", s.address, trust(s))
	if err != nil {
		t.Fatal(err)
	}
	c, err := domainr.NewTimeoutConn(connection, patience)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if result, err := c.Login("registrar1", "epp-password", ""); err != nil || result.Code != 1000 {
		t.Fatalf("login: %+v, %v", result, err)
	}
	reply, err := c.CheckDomain("free.registry", "taken.registry", "gold.registry")
	if err != nil {
		t.Fatal(err)
	}
	available := map[string]bool{}
	for _, one := range reply.Checks {
		available[one.Domain] = one.Available
	}
	if len(available) != 3 || !available["free.registry"] || available["taken.registry"] || !available["gold.registry"] {
		t.Errorf("checks %+v", reply.Checks)
	}
	// It looks for a name in the answers of fees, where RFC 8748 has objID: they are in order.
	if len(reply.Charges) != 3 || reply.Charges[0].Category != "" || reply.Charges[2].Category != "premium" {
		t.Errorf("charges %+v", reply.Charges)
	}
	if s.Calls("login") != 1 || s.Calls("domain.check") != 1 {
		t.Errorf("calls %+v", s.Log())
	}
}
