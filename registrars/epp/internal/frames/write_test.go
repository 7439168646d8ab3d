package frames

import (
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars/epp/internal/objects"
)

// everything is a registry that offers all that we know.
func everything() Menu {
	return Menu{Objects: []string{Domains, Contacts, Hosts}, Extensions: []string{SecDNS, Grace, Fees, Launch, LoginSecurity, ChangePoll}}
}

func written(t *testing.T, command objects.Command, menu Menu) string {
	t.Helper()
	frame, err := Write(command, menu, "CL-1")
	if err != nil {
		t.Fatal(err)
	}
	return string(frame)
}

// inOrder demands that texts stand in a frame in this order.
func inOrder(t *testing.T, frame string, texts ...string) {
	t.Helper()
	at := 0
	for _, text := range texts {
		next := strings.Index(frame[at:], text)
		if next < 0 {
			t.Errorf("%s does not follow in\n%s", text, frame)
			return
		}
		at += next + len(text)
	}
}

// commands are one of each kind, with everything that they can have.
func commands() []objects.Command {
	host := objects.Host{Name: "ns1.a.example", Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}}
	code, day := domains.NewSecret("Code-1&<2>"), time.Date(2027, 3, 1, 23, 59, 0, 0, time.UTC)
	pays := &objects.Paying{Currency: "EUR", Amount: "10.00"}
	part := objects.Part{NameServers: []objects.Host{host}, Contacts: []objects.ContactRef{{Role: "tech", Handle: "T1"}}, Statuses: []string{objects.ClientTransferProhibit}}
	return []objects.Command{
		objects.CheckDomains{Names: []string{"a.example"}, Fees: []objects.FeeQuestion{{Command: "create", Years: 1}, {Command: "restore"}}, Phase: "claims"},
		objects.InfoDomain{Name: "a.example"},
		objects.CreateDomain{
			Name: "a.example", Years: 2, NameServers: []objects.Host{host}, AsAttributes: true, Registrant: "R1", Contacts: part.Contacts, AuthInfo: code,
			Phase: "early", Pays: pays,
		},
		objects.RenewDomain{Name: "a.example", Expires: day, Years: 1, Pays: pays},
		objects.TransferDomain{Name: "a.example", Op: objects.TransferRequest, AuthInfo: code, Pays: pays}, objects.TransferDomain{Name: "a.example", Op: objects.TransferQuery},
		objects.DeleteDomain{Name: "a.example"},
		objects.UpdateDomain{Name: "a.example", Add: part, Remove: part, Registrant: "R2", AuthInfo: code, Pays: pays},
		objects.UpdateDomain{Name: "a.example", DNSSEC: &objects.DNSSEC{RemoveAll: true, DS: []domains.DS{{KeyTag: 1, Algorithm: 13, DigestType: 2, Digest: "ab"}}}},
		objects.UpdateDomain{Name: "a.example", Restore: &objects.Restore{}, Pays: pays},
		objects.UpdateDomain{Name: "a.example", Restore: &objects.Restore{Report: &objects.Report{
			Before: "a", After: "b", Deleted: day, Restored: day, Reason: "r", Statements: []string{"s1", "s2"},
		}}},
		objects.CheckContacts{Handles: []string{"R1", "R2"}}, objects.InfoContact{Handle: "R1"},
		objects.CreateContact{Contact: objects.Contact{
			Handle: "R1", Postal: "int", Name: "A & B", Organisation: "O", Streets: []string{"1\n Street"}, City: "C", State: "S", PostalCode: "1 2", Country: "US",
			Phone: objects.Phone{Number: "+1.2", Extension: "3"}, Fax: objects.Phone{Number: "+1.4"}, Email: "a@b.example", Hidden: true,
		}, AuthInfo: code},
		objects.CheckHosts{Names: []string{"ns1.a.example"}}, objects.InfoHost{Name: "ns1.a.example"}, objects.CreateHost{Host: host},
		objects.Poll{}, objects.Acknowledge{ID: "12"},
	}
}

// TestTheOrderIsThatOfTheSchemas spells out what the schemas demand; the conformance suite has
// every frame validated where the schemas are found.
func TestTheOrderIsThatOfTheSchemas(t *testing.T) {
	all := commands()
	inOrder(t, written(t, all[2], everything()), "<domain:name>", `<domain:period unit="y">2<`, "<domain:ns><domain:hostAttr><domain:hostName>", `<domain:hostAddr ip="v4">192.0.2.1<`,
		`<domain:hostAddr ip="v6">2001:db8::1<`, "<domain:registrant>", `<domain:contact type="tech">`, "<domain:authInfo><domain:pw>Code-1&amp;&lt;2&gt;<",
		"<extension>", `<launch:phase name="early">custom<`, "<fee:currency>EUR</fee:currency><fee:fee>10.00<", "<clTRID>CL-1</clTRID></command></epp>")
	inOrder(t, written(t, all[3], everything()), "<domain:name>", "<domain:curExpDate>2027-03-01<", "<domain:period")
	inOrder(t, written(t, all[7], everything()), "<domain:add><domain:ns><domain:hostObj>", "<domain:contact", `<domain:status s="clientTransferProhibited"/></domain:add>`,
		"<domain:rem>", "<domain:chg><domain:registrant>R2<", "<domain:authInfo>")
	inOrder(t, written(t, all[8], everything()), "<secDNS:rem><secDNS:all>true</secDNS:all></secDNS:rem><secDNS:add><secDNS:dsData><secDNS:keyTag>1<", "<secDNS:digest>AB<")
	inOrder(t, written(t, all[9], everything()), "<domain:chg></domain:chg>", `<rgp:restore op="request"/>`, "<fee:update")
	inOrder(t, written(t, all[10], everything()), "<rgp:preData>", "<rgp:postData>", "<rgp:delTime>2027-03-01T23:59:00.0Z<", "<rgp:resTime>", "<rgp:resReason>", "<rgp:statement>s1<", "<rgp:statement>s2<")
	inOrder(t, written(t, all[13], everything()), `<contact:postalInfo type="int"><contact:name>A &amp; B<`, "<contact:org>", "<contact:street>1  Street<", "<contact:city>", "<contact:sp>",
		"<contact:pc>1 2<", "<contact:cc>", `<contact:voice x="3">+1.2<`, "<contact:fax>+1.4<", "<contact:email>", "<contact:authInfo>", `<contact:disclose flag="0">`)
}

var blanks = regexp.MustCompile(`>\s+[^<\s]|[^>\s]\s+</|>\s+<[^?e]`)

// TestNoBlankStandsAroundAValue, because validators refuse numbers and dates with one.
func TestNoBlankStandsAroundAValue(t *testing.T) {
	for _, command := range commands() {
		frame := written(t, command, everything())
		if found := blanks.FindString(frame); found != "" {
			t.Errorf("%s: %q", objects.CallOf(command), found)
		}
		if _, err := parse([]byte(frame)); err != nil {
			t.Errorf("%s: %v", objects.CallOf(command), err)
		}
	}
}

// TestATextOfWhichNothingIsLeftIsNotWritten, where the element may be missing; and nowhere is a blank
// written alone.
func TestATextOfWhichNothingIsLeftIsNotWritten(t *testing.T) {
	const gone = "\x01\n \x02"
	contact := objects.Contact{
		Handle: "R1", Postal: "int", Name: gone, Organisation: gone, Streets: []string{"1 Street", gone}, City: "C", State: gone, PostalCode: gone, Country: "US",
		Phone: objects.Phone{Number: gone, Extension: "3"}, Fax: objects.Phone{Number: gone}, Email: "a@b.example",
	}
	frame := written(t, objects.CreateContact{Contact: contact, AuthInfo: domains.NewSecret("Code-1")}, everything())
	for _, name := range []string{"contact:org", "contact:sp", "contact:pc", "contact:voice", "contact:fax"} {
		if strings.Contains(frame, "<"+name) {
			t.Errorf("%s in %s", name, frame)
		}
	}
	if strings.Count(frame, "<contact:street>") != 1 || !strings.Contains(frame, "<contact:name></contact:name>") || blanks.MatchString(frame) {
		t.Errorf("%s", frame)
	}
	pays := &objects.Paying{Currency: gone, Amount: "1.00"}
	frame = written(t, objects.RenewDomain{Name: "a.example", Years: 1, Pays: pays}, everything())
	if strings.Contains(frame, "fee:currency") || !strings.Contains(frame, "<fee:fee>1.00<") {
		t.Errorf("%s", frame)
	}
}

// TestWhatIsNotOfferedIsNotSent: an extension that the login did not name is refused (2103).
func TestWhatIsNotOfferedIsNotSent(t *testing.T) {
	bare := Menu{Objects: []string{Domains}}
	for _, at := range []int{0, 2, 3, 4} {
		if frame := written(t, commands()[at], bare); strings.Contains(frame, "<extension>") {
			t.Errorf("%s", frame)
		}
	}
	drafts := Menu{Objects: []string{Domains}, Extensions: []string{feesOfDrafts}}
	if frame := written(t, commands()[3], drafts); !drafts.Has(Fees) || !strings.Contains(frame, `xmlns:fee="`+feesOfDrafts+`"`) {
		t.Errorf("%s", frame)
	}
	used := everything().Use([]string{Launch, Hosts})
	if used.Has(Launch) || used.Has(Hosts) || !used.Has(Fees) || !used.Has(Domains) {
		t.Errorf("%+v", used)
	}
	if unknown := (Menu{Objects: []string{Domains, "urn:new"}, Extensions: []string{"urn:newer"}}).Use(nil); len(unknown.Objects) != 1 || len(unknown.Extensions) != 0 {
		t.Errorf("%+v", unknown)
	}
}

func TestLogin(t *testing.T) {
	login := Login{ID: "registrar1", Password: domains.NewSecret("a longer password"), NewPassword: domains.NewSecret("another password"), Language: "en", Agent: "us", Menu: everything()}
	frame := string(WriteLogin(login, "CL-1"))
	inOrder(t, frame, "<clID>registrar1</clID><pw>[LOGIN-SECURITY]</pw><newPW>[LOGIN-SECURITY]</newPW><options><version>1.0</version><lang>en</lang></options><svcs>",
		"<svcExtension>", "</login><extension><loginSec:loginSec", "<loginSec:app>us<", "<loginSec:pw>a longer password<", "<loginSec:newPW>another password<")
	login.Menu, login.NewPassword = Menu{Objects: []string{Domains}}, domains.Secret{}
	frame = string(WriteLogin(login, "CL-1"))
	inOrder(t, frame, "<pw>a longer password</pw><options>", "<svcs><objURI>", "</svcs></login><clTRID>")
}
