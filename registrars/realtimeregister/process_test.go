package realtimeregister_test

import (
	"fmt"
	"strings"
	"testing"

	"domainprovisioning/registrars"
)

func TestOperationReadsAProcess(t *testing.T) {
	s := newServer(t)
	s.on("GET processes/70012345", reply(t, 200, "process"))
	s.on("GET processes/70012346", reply(t, 200, "process-failed"))
	done, err := s.plugin().Operation(t.Context(), "70012345")
	if err != nil || done.Status != registrars.StatusDone || done.Kind != registrars.Registration || done.Domain.String() != "shop.example" || done.Word != "COMPLETED" {
		t.Errorf("got %+v, %v", done, err)
	}
	failed, err := s.plugin().Operation(t.Context(), "70012346")
	if err != nil || failed.Status != registrars.StatusFailed || failed.Kind != registrars.OwnerChange || failed.Reason != "Contact validation failed" {
		t.Errorf("got %+v, %v", failed, err)
	}
}

// TestWordsOfAProcess: an unknown word is neither success nor failure.
func TestWordsOfAProcess(t *testing.T) {
	for word, want := range map[string]registrars.Status{
		"NEW": registrars.StatusPending, "VALIDATED": registrars.StatusPending, "SCHEDULED": registrars.StatusPending,
		"RUNNING": registrars.StatusPending, "SUSPENDED": registrars.StatusPending, "COMPLETED": registrars.StatusDone,
		"FAILED": registrars.StatusFailed, "INVALID": registrars.StatusFailed, "CANCELLED": registrars.StatusCancelled,
		"IN_DOUBT": registrars.StatusUnknown, "POSTPONED": registrars.StatusUnknown, "completed": registrars.StatusUnknown,
		"COMPLETED?": registrars.StatusUnknown,
	} {
		s := newServer(t)
		s.on("GET processes/7", text(200, `{"id": 7, "status": "`+word+`", "type": "domain", "action": "create", "identifier": "shop.example"}`))
		if got, err := s.plugin().Operation(t.Context(), "7"); err != nil || got.Status != want {
			t.Errorf("%s: got %+v, %v", word, got, err)
		}
	}
}

func TestKindsOfProcesses(t *testing.T) {
	for process, want := range map[string]registrars.Kind{
		`"type": "domain", "action": "create"`:                                                         registrars.Registration,
		`"type": "domain", "action": "incomingTransfer"`:                                               registrars.Transfer,
		`"type": "domain", "action": "incomingInternalTransfer"`:                                       registrars.Transfer,
		`"type": "domain", "action": "renew"`:                                                          registrars.Renewal,
		`"type": "domain", "action": "delete"`:                                                         registrars.Deletion,
		`"type": "domain", "action": "outgoingTransfer"`:                                               "",
		`"type": "contact", "action": "update"`:                                                        "",
		`"type": "domain", "action": "update", "command": {"registrant": "x", "ns": null}`:             registrars.OwnerChange,
		`"type": "domain", "action": "update", "command": {"contacts": []}`:                            registrars.ContactChange,
		`"type": "domain", "action": "update", "command": {"ns": []}`:                                  registrars.NameServerChange,
		`"type": "domain", "action": "update", "command": {"authcode": ""}`:                            registrars.AuthCodeChange,
		`"type": "domain", "action": "update", "command": {"status": []}`:                              registrars.LockChange,
		`"type": "domain", "action": "update", "command": {"privacyProtect": true, "billables": []}`:   registrars.PrivacyChange,
		`"type": "domain", "action": "update", "command": {"autoRenew": true}`:                         registrars.AutoRenewalChange,
		`"type": "domain", "action": "update", "command": {"keyData": []}`:                             registrars.DNSSECChange,
		`"type": "domain", "action": "update", "command": {"dsData": []}`:                              registrars.DNSSECChange,
		`"type": "domain", "action": "update", "command": {"zone": {"dnssec": true}}`:                  registrars.DNSSECChange,
		`"type": "domain", "action": "update", "command": {"zone": {"template": "x"}}`:                 registrars.ZoneReset,
		`"type": "domain", "action": "update", "command": {"zone": {"template": "x", "dnssec": true}}`: "",
		`"type": "domain", "action": "update", "command": {"zone": "x"}`:                               "",
		`"type": "domain", "action": "update", "command": {"ns": [], "status": []}`:                    "",
		`"type": "domain", "action": "update"`:                                                         "",
	} {
		s := newServer(t)
		s.on("GET processes/7", text(200, `{"id": 7, "status": "RUNNING", "identifier": "shop.example", `+process+`}`))
		if got, err := s.plugin().Operation(t.Context(), "7"); err != nil || got.Kind != want {
			t.Errorf("%s: got %+v, %v", process, got, err)
		}
	}
}

// TestANewAuthCodeIsNotTold in the reason of an operation.
func TestANewAuthCodeIsNotTold(t *testing.T) {
	s := newServer(t)
	s.on("GET processes/7", text(200, `{"id": 7, "status": "COMPLETED", "statusDetail": "code is AUTH-1", "type": "domain",
		"action": "update", "identifier": "shop.example", "command": {"authcode": ""}}`))
	if got, err := s.plugin().Operation(t.Context(), "7"); err != nil || got.Reason != "" || got.Kind != registrars.AuthCodeChange {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestProcessesThatCannotBeRead(t *testing.T) {
	s := newServer(t)
	for _, reference := range []string{"", "x", "-1", "0", "07", "7/../8"} {
		_, err := s.plugin().Operation(t.Context(), reference)
		wantClass(t, err, registrars.ClassInvalid)
	}
	for body, want := range map[string]registrars.Class{
		`{"id": 8, "status": "COMPLETED"}`: registrars.ClassTemporary, `{"id": 7}`: registrars.ClassTemporary, "": registrars.ClassTemporary,
		`{"id": 7, "status": 1}`: registrars.ClassTemporary,
	} {
		s.on("GET processes/7", text(200, body))
		_, err := s.plugin().Operation(t.Context(), "7")
		wantClass(t, err, want)
	}
	s.on("GET processes/7", failing(400, "ObjectDoesNotExist"))
	_, err := s.plugin().Operation(t.Context(), "7")
	wantClass(t, err, registrars.ClassNotFound)
}

func TestPendingOperations(t *testing.T) {
	s := newServer(t)
	s.on(processList, reply(t, 200, "processes"))
	got, err := s.plugin().PendingOperations(t.Context())
	if err != nil || len(got.Operations) != 3 {
		t.Fatalf("got %+v, %v", got, err)
	}
	if got := got.Operations; got[0].Status != registrars.StatusPending || got[0].Kind != registrars.Transfer || got[0].Reference != "70012345" ||
		got[1].Status != registrars.StatusUnknown || got[1].Kind != registrars.Renewal ||
		got[2].Status != registrars.StatusUnknown || got[2].Kind != "" {
		t.Errorf("got %+v", got)
	}
	query := s.query(processList)
	for _, want := range []string{"limit=1000", "offset=0", "status%3Anot_in=COMPLETED%2CFAILED%2CINVALID%2CCANCELLED", "type%3Aeq=domain", "order=id"} {
		if !strings.Contains(query, want) {
			t.Errorf("asked for %s, without %s", query, want)
		}
	}
}

// TestPagesAreTurned until a page is not full, however many there are.
func TestPagesAreTurned(t *testing.T) {
	page := func(first, count int) answer {
		var b strings.Builder
		for n := range count {
			if n > 0 {
				b.WriteString(",")
			}
			fmt.Fprintf(&b, `{"id": %d, "status": "RUNNING", "type": "domain", "action": "create", "identifier": "d%d.example"}`, first+n, first+n)
		}
		return text(200, `{"entities": [`+b.String()+`]}`)
	}
	for _, full := range []int{2, 100} {
		s := newServer(t)
		var pages []answer
		for n := range full {
			pages = append(pages, page(1+n*1000, 1000))
		}
		s.on(processList, append(pages, page(1+full*1000, 17))...)
		got, err := s.plugin().PendingOperations(t.Context())
		if err != nil || len(got.Operations) != full*1000+17 || s.count(processList) != full+1 || !strings.Contains(s.query(processList), fmt.Sprintf("offset=%d", full*1000)) {
			t.Errorf("%d operations by %d calls, %v", len(got.Operations), s.count(processList), err)
		}
	}
}

// TestAListThatCannotBeRead is not an empty list.
func TestAListThatCannotBeRead(t *testing.T) {
	s := newServer(t)
	for _, body := range []string{"", "{}", `{"entities": {}}`, `{"entities": null}`, `[]`, "<html>"} {
		s.on(processList, text(200, body))
		if got, err := s.plugin().PendingOperations(t.Context()); err == nil {
			t.Errorf("%s: got %+v", body, got)
		}
	}
}

func TestCancel(t *testing.T) {
	const process = `{"id": 7, "status": "SUSPENDED", "resumeTypes": [%s], "type": "domain", "action": "incomingTransfer"}`
	for name, c := range map[string]struct {
		resume string
		answer answer
		class  registrars.Class
		calls  int
	}{
		"withdrawn":          {`"RESEND", "CANCEL"`, text(204, ""), "", 1},
		"not to be":          {`"RESEND"`, nil, registrars.ClassRejected, 0},
		"too late":           {`"CANCEL"`, failing(400, "ObjectStatusProhibitsOperation"), registrars.ClassRejected, 1},
		"gone meanwhile":     {`"CANCEL"`, failing(400, "ObjectDoesNotExist"), registrars.ClassRejected, 1},
		"nobody can tell":    {`"CANCEL"`, failing(500, "InternalSRSError"), registrars.ClassOutcomeUnknown, 1},
		"no right to cancel": {`"CANCEL"`, failing(403, "AuthorizationError"), registrars.ClassAuth, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.on("GET processes/7", text(200, fmt.Sprintf(process, c.resume)))
			if c.answer != nil {
				s.on("DELETE processes/7", c.answer)
			}
			err := s.plugin().Cancel(t.Context(), "7")
			if c.class == "" && err != nil {
				t.Error(err)
			} else if c.class != "" {
				wantClass(t, err, c.class)
			}
			if s.count("DELETE processes/7") != c.calls {
				t.Errorf("%d calls", s.count("DELETE processes/7"))
			}
		})
	}
}
