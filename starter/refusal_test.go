package main

import (
	"crypto/tls"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"domainprovisioning/assembly"
	"domainprovisioning/domains"
	"domainprovisioning/internal/exampleconfig"
	"domainprovisioning/registrars"
	"domainprovisioning/sandbox/standin/epp"
)

// refusing is a registry that answers each connection with a refusal in the place of its greeting. It
// returns its port, and the file of the authority that has signed its certificate.
func refusing(t *testing.T, text string) (port, authority string) {
	t.Helper()
	certificates, err := epp.NewCertificates(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	authority, _, _, err = certificates.WriteTo(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(certificates.Server, certificates.ServerKey)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	frame := `<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><response><result code="2501"><msg>` + text + `</msg></result><trID><svTRID>SV-1</svTRID></trID></response></epp>`
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = connection.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(frame)+4)), frame...))
			_ = connection.Close()
		}
	}()
	_, port, err = net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port, authority
}

// TestWhyARegistryRefusesIsTold by the attempt to reach it: in its words, which control no terminal,
// are cut, and never have our password.
func TestWhyARegistryRefusesIsTold(t *testing.T) {
	const password = exampleconfig.Password
	port, authority := refusing(t, "Not from your address.\u009b2J\u202e\u2028 "+password+" "+strings.Repeat("x", 2*longestWords))
	configured(t, "  # epp-main:\n", "  epp-main:\n    plugin: epp\n    url: epp://localhost:"+port+"\n    login: registrar1\n    password: change-me\n    epp:\n      ca_file: "+authority+"\n",
		"https://api.netim.com/2.0/", "http://127.0.0.1:1/", "http://operations.internal:8440/RPC2", "http://127.0.0.1:1/RPC2")
	t.Setenv("DP_BILLING_URL", "http://127.0.0.1:1/RPC2")
	const says = "Not from your address. 2J  "
	people, scripts := start(t, "", "config", "check", "--connect"), start(t, "", "config", "check", "--connect", "--json")
	if !strings.Contains(people.out, `epp: greeting: auth 2501`) || !strings.Contains(people.out, `; the registrar says: "`+says) || len(people.out) > 3*longestWords {
		t.Errorf("%s, %v", people.out, people.err)
	}
	var found checkedConfig
	if err := json.Unmarshal([]byte(scripts.out), &found); err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, tried := range found.Connected {
		if tried.Name == "registrars.epp-main" && tried.Error.Code == assembly.ExitRefused.String() && strings.HasPrefix(tried.Says, says) && strings.HasSuffix(tried.Says, "x ...") {
			told++
		} else if tried.Says != "" {
			t.Errorf("%+v", tried)
		}
	}
	all := people.out + people.errOut + people.err.Error() + scripts.out + scripts.errOut + scripts.err.Error()
	if told != 1 || strings.Contains(all, password) || strings.ContainsAny(all, "\u009b\u202e\u2028") || strings.Contains(people.err.Error(), "Not from") {
		t.Errorf("told %d times in %s", told, all)
	}
}

// TestWordsWithASecretAreNotShown, nor is any part of them.
func TestWordsWithASecretAreNotShown(t *testing.T) {
	refused := &registrars.Error{Registrar: "epp", Call: "login", Class: registrars.ClassAuth, Detail: strings.Repeat("x", longestWords-2) + "hunter2"}
	if words := wordsOf(refused, domains.NewSecret("hunter2")); words != "" {
		t.Errorf("%q", words)
	}
	if words := wordsOf(refused, domains.Secret{}, domains.NewSecret("another")); len(words) != longestWords+4 {
		t.Errorf("%q", words)
	}
	if words := wordsOf(errors.New("no registrar's"), domains.Secret{}); words != "" {
		t.Errorf("%q", words)
	}
}

// TestTextOfOthersControlsNoTerminal, in a table and in an error of several lines.
func TestTextOfOthersControlsNoTerminal(t *testing.T) {
	const evil, plain = "a\x1b[2Jb\tc\u009b2Jd\u202ee\u2028f", "a [2Jb c 2Jd e f"
	if got := oneLine(evil + "\n" + evil); got != plain+" "+plain {
		t.Errorf("%q", got)
	}
	if got := printableLines(errors.Join(errors.New(evil), errors.New(evil))); got != plain+"\n"+plain {
		t.Errorf("%q", got)
	}
}
