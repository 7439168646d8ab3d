package netim

import (
	"strings"
	"testing"
	"time"
)

func status(body string) string { return get(body, "STATUS") }

func TestDoneAtOnce(t *testing.T) {
	s := newSystem(t, Options{}).open()
	body := s.ok("domainCreate", create("a.example", s.contact("1"))...)
	if status(body) != Done || get(body, "TYPE") != "domainCreate" || get(body, "DATE") != "2026-01-02 03:04:05" ||
		!strings.Contains(body, `<return xsi:type="ns1:StructOperationResponse">`) {
		t.Errorf("reply: %s", body)
	}
	info := s.ok("domainInfo", "domain=A.example")
	if get(info, "status") != "ACTIVE, DELEGATED" || get(info, "dateExpiration") != "2027-01-02" ||
		!strings.Contains(info, `<ns SOAP-ENC:arrayType="xsd:string[2]"`) || get(info, "authID") == "" {
		t.Errorf("info: %s", info)
	}
	if list := s.ok("queryDomainList", "filter=*.EXAMPLE"); get(list, "domain") != "a.example" {
		t.Errorf("list: %s", list)
	}
	if list := s.ok("queryDomainList", "filter=*.test"); strings.Contains(list, "<item") {
		t.Errorf("list: %s", list)
	}
	s.refused("E15-M1502 : ", "domainInfo", "domain=other.example")
}

func TestPendingForAWhile(t *testing.T) {
	s := newSystem(t, Options{Behaviour: Behaviour{PendingFor: time.Hour}}).open()
	body := s.ok("domainCreate", create("a.example", s.contact("1"))...)
	if status(body) != Pending || len(s.Registrations()) != 0 {
		t.Errorf("reply: %s", body)
	}
	id := get(body, "ID_OPE")
	list := s.ok("queryOpePending")
	if get(list, "id_ope") != id || get(list, "code_ope") != "domainCreate" || get(list, "data_ope") != "a.example" {
		t.Errorf("pending: %s", list)
	}
	if info := s.ok("domainInfo", "domain=a.example"); get(info, "status") != "PENDING" || get(info, "dateExpiration") != "" {
		t.Errorf("info while pending: %s", info)
	}
	s.refused("E13 : domain : Not available", "domainCreate", create("a.example", s.Contacts()[0].ID)...)
	s.clock.pass(time.Hour)
	s.open() // the old session has expired in the meantime
	if list := s.ok("queryOpePending"); strings.Contains(list, "<item") {
		t.Errorf("still pending: %s", list)
	}
	if body := s.ok("queryOpe", "idOpe="+id); status(body) != Done {
		t.Errorf("operation: %s", body)
	}
	if r, ok := s.Registration("a.example"); !ok || !r.Created.Equal(s.clock.Now()) || s.Creates("a.example") != 1 {
		t.Errorf("registration %+v", r)
	}
	s.refused("E13 : idOpe", "queryOpe", "idOpe=1")
	s.refused("E13 : idOpe", "queryOpe", "idOpe=x")
}

func TestAsynchronousSessionIsPendingFirst(t *testing.T) {
	s := newSystem(t, Options{}).open()
	s.ok("sessionSetPreference", "type=sync", "value=0")
	body := s.ok("domainCreate", create("a.example", s.contact("1"))...)
	if status(body) != Pending {
		t.Errorf("reply: %s", body)
	}
	if body := s.ok("queryOpe", "idOpe="+get(body, "ID_OPE")); status(body) != Done {
		t.Errorf("operation: %s", body)
	}
}

func TestByHand(t *testing.T) {
	s := newSystem(t, Options{Behaviour: Behaviour{Manual: true}, HidePending: true, Balance: 100_00}).open()
	owner := s.contact("1")
	ask := func(domain string) string {
		return get(s.ok("domainCreate", create(domain, owner)...), "ID_OPE")
	}
	good, bad, cancelled := ask("a.example"), ask("b.example"), ask("c.example")
	s.refused("E15-M1502 : ", "domainInfo", "domain=a.example")
	for _, err := range []error{s.Complete("a.example"), s.Fail("b.example", "Registrant refused"), s.Cancel("c.example")} {
		if err != nil {
			t.Error(err)
		}
	}
	for id, want := range map[string]string{good: Done, bad: Failed, cancelled: Cancelled} {
		if body := s.ok("queryOpe", "idOpe="+id); status(body) != want {
			t.Errorf("%s: %s, want %s", id, body, want)
		}
	}
	if body := s.ok("queryOpe", "idOpe="+bad); get(body, "MESSAGE") != "Registrant refused" {
		t.Errorf("message: %s", body)
	}
	if s.Balance() != 90_00 || len(s.Registrations()) != 1 {
		t.Errorf("balance %d, registrations %d", s.Balance(), len(s.Registrations()))
	}
	// The registrar's support restarts the failed operation.
	if err := s.Complete("b.example"); err != nil || s.Balance() != 80_00 || len(s.Registrations()) != 2 {
		t.Errorf("restart: %v, balance %d", err, s.Balance())
	}
	if s.Complete("a.example") == nil || s.Fail("c.example", "x") == nil || s.Cancel("none.example") == nil {
		t.Error("an operation that has ended was ended again")
	}
}

func TestCancelOpe(t *testing.T) {
	s := newSystem(t, Options{Behaviour: Behaviour{Manual: true}}).open()
	s.SetBehaviour("stuck.example", Behaviour{Manual: true, RefuseCancel: true})
	owner := s.contact("1")
	id := get(s.ok("domainCreate", create("a.example", owner)...), "ID_OPE")
	stuck := get(s.ok("domainCreate", create("stuck.example", owner)...), "ID_OPE")
	s.ok("cancelOpe", "idOpe="+id)
	s.refused("E99 : ", "cancelOpe", "idOpe="+id)
	s.refused("E99 : ", "cancelOpe", "idOpe="+stuck)
	if all := s.Operations(); all[0].Status != Cancelled || all[1].Status != Pending {
		t.Errorf("operations %+v", all)
	}
}

func TestFailsAfterAWhile(t *testing.T) {
	s := newSystem(t, Options{}).open()
	s.SetBehaviour("late.example", Behaviour{PendingFor: time.Minute, FailWith: "Rejected by the registry"})
	s.SetBehaviour("now.example", Behaviour{FailWith: "Rejected"})
	owner := s.contact("1")
	if body := s.ok("domainCreate", create("now.example", owner)...); status(body) != Failed || get(body, "MESSAGE") != "Rejected" {
		t.Errorf("reply: %s", body)
	}
	before := s.Balance()
	s.ok("domainCreate", create("late.example", owner)...)
	s.clock.pass(time.Minute)
	if all := s.Operations(); all[1].Status != Failed || all[1].Message != "Rejected by the registry" || s.Balance() != before {
		t.Errorf("operations %+v", all)
	}
	s.SetBehaviour("late.example", Behaviour{})
	if body := s.ok("domainCreate", create("late.example", owner)...); status(body) != Done || s.Creates("late.example") != 2 {
		t.Errorf("asked anew: %s", body)
	}
}

func TestOtherOrders(t *testing.T) {
	s := newSystem(t, Options{Taken: map[string]string{"away.example": "KEY"}}).open()
	owner, next, admin := s.contact("1"), s.contact("1"), s.contact("0")
	s.AddRegistration(Registration{Domain: "a.example", Owner: owner})
	before, _ := s.Registration("a.example")
	a := "domain=a.example"

	if body := s.ok("domainRenew", a, "duration=2"); status(body) != Done {
		t.Errorf("renewal: %s", body)
	}
	s.refused("E13 : duration", "domainRenew", a, "duration=9")
	if body := s.ok("domainTransferOwner", a, "idOwner="+next); status(body) != Pending {
		t.Errorf("an owner change is never immediate: %s", body)
	}
	s.refused("E13 : idOwner", "domainTransferOwner", a, "idOwner="+admin)
	s.ok("domainChangeContact", a, "idAdmin="+admin, "idTech="+admin, "idBilling=AB1234")
	s.ok("domainChangeDNS", a, "ns1=a.ns.example", "ns2=b.ns.example", "ns3=", "ns4=", "ns5=")
	s.refused("E13 : ns2", "domainChangeDNS", a, "ns1=a.ns.example")
	if body := s.ok("domainAuthID", a, "sendtoregistrant=0"); get(body, "TYPE") != "domainAuthid" {
		t.Errorf("key: %s", body)
	}
	s.refused("E13 : sendtoregistrant", "domainAuthID", a)
	if body := s.ok("domainSetPreference", a, "codePref=registrar_lock", "value=1"); get(body, "TYPE") != "domainSetPreference.registrar_lock" {
		t.Errorf("preference: %s", body)
	}
	s.refused("E13 : codePref", "domainSetPreference", a, "codePref=colour", "value=1")
	s.refused("E13 : value", "domainSetPreference", a, "codePref=auto_renew", "value=yes")
	after, _ := s.Registration("a.example")
	if after.Owner != next || after.Admin != admin || after.NameServers[0] != "a.ns.example" || after.AuthID == before.AuthID ||
		!after.Expires.Equal(before.Expires.AddDate(2, 0, 0)) || get(s.ok("domainInfo", a), "domainIsLock") != "1" {
		t.Errorf("registration %+v", after)
	}

	transfer := append([]string{"authID=KEY"}, create("away.example", owner)...)
	s.refused("E13 : authID", "domainTransferIn", append([]string{"authID=no"}, transfer[1:]...)...)
	s.refused("E13 : domain", "domainTransferIn", append([]string{"authID=KEY"}, create("free.example", owner)...)...)
	if body := s.ok("domainTransferIn", transfer...); status(body) != Pending {
		t.Errorf("a transfer is never immediate: %s", body)
	}
	if r, ok := s.Registration("away.example"); !ok || r.AuthID != "KEY" {
		t.Errorf("transferred %+v", r)
	}
	s.refused("E15-M1502 : ", "domainRenew", "domain=free.example", "duration=1")
	s.AddTaken("b.example", "KEY2")
	s.refused("E13 : domain : Not available", "domainCreate", create("b.example", owner)...)
}
