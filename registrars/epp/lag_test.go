package epp

import (
	"context"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp/internal/objects"
)

// scripted is a registry that answers as a test says: what a stand-in that obeys its own rules
// cannot show, such as reads that lag behind what was accepted.
type scripted struct {
	answer func(command objects.Command) objects.Answer
	sent   []objects.Command
}

func (s *scripted) Do(_ context.Context, transaction objects.Transaction) (objects.Answer, error) {
	s.sent = append(s.sent, transaction.Command)
	return s.answer(transaction.Command), nil
}

func (*scripted) Greeting(context.Context) (objects.Greeting, error) { return objects.Greeting{}, nil }

func (*scripted) Offers(context.Context) (objects.Offers, error) {
	return objects.Offers{Contacts: true, Hosts: true, DNSSEC: true, Grace: true, Fees: true}, nil
}

func (*scripted) ChangePassword(context.Context, domains.Secret) error { return nil }

// count counts the commands of a name.
func (s *scripted) count(call string) int {
	n := 0
	for _, command := range s.sent {
		if objects.CallOf(command) == call {
			n++
		}
	}
	return n
}

var lagging = domains.MustParseName("a.example")

func scriptedBy(answer func(objects.Command) objects.Answer) (*EPP, *scripted) {
	s := &scripted{answer: answer}
	settings := DefaultSettings()
	settings.RegistrarID = "us"
	return &EPP{
		registry: s, settings: settings, now: time.Now, hosts: map[string]bool{}, quotes: map[string]quote{}, refused: map[string]bool{}, moved: map[string]objects.Transfer{}, deleted: map[string]time.Time{}, said: said{now: time.Now},
		prices: map[string]registrars.Price{},
	}, s
}

func code(code objects.Code) objects.Answer {
	return objects.Answer{Results: []objects.Result{{Code: code}}, Transaction: "SV-1"}
}

// domain is an answer that shows a domain of a sponsor.
func domain(sponsor string, change func(*objects.Domain)) objects.Answer {
	answer := code(objects.Done)
	answer.Domain = &objects.Domain{
		Name: lagging.String(), Sponsor: sponsor, Statuses: []string{objects.OK}, Registrant: "R1",
		Created: time.Date(2020, 3, 1, 0, 0, 0, 0, time.UTC), Expires: time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC),
	}
	if change != nil {
		change(answer.Domain)
	}
	return answer
}

func lagRequest(kind registrars.Kind) registrars.Request {
	request := registrars.Request{
		Key: "SO-1/0/" + string(kind), Kind: kind, Domain: lagging, TLD: "example", Years: 1, Expires: time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC),
		NameServers: domains.NameServers{"ns1.dns.example", "ns2.dns.example"}, Contacts: map[registrars.Role]registrars.Contact{},
		AuthCode: domains.NewSecret("Code-1234567"), PriceLimit: nil,
	}
	if kind == registrars.LockChange {
		request.Settings.Lock = new(true)
	}
	for _, role := range kind.Roles() {
		request.Contacts[role] = registrars.Contact{Role: role, Handle: "CC1"}
	}
	return request
}

// TestAPaidRestoreHasNotFailedBecauseItDoesNotShowYet, whatever the answer said beside its code.
func TestAPaidRestoreHasNotFailedBecauseItDoesNotShowYet(t *testing.T) {
	for _, result := range []objects.Code{objects.Done, objects.Pending} {
		for _, grace := range [][]string{nil, {objects.PendingRestore}, {objects.RedemptionPeriod}} {
			e, _ := scriptedBy(func(command objects.Command) objects.Answer {
				switch command.(type) {
				case objects.UpdateDomain:
					answer := code(result)
					answer.Grace = grace
					return answer
				case objects.CheckDomains:
					answer := code(objects.Done)
					answer.Fees = []objects.Fee{{Domain: lagging.String(), Command: objects.FeeRestore, Currency: "EUR", Available: true, Amounts: []string{"40.00"}}}
					return answer
				}
				return domain("us", func(d *objects.Domain) {
					d.Statuses, d.Grace = []string{objects.PendingDelete}, []string{objects.RedemptionPeriod}
				})
			})
			request := lagRequest(registrars.Restore)
			request.PriceLimit = &registrars.Price{Cents: 50_00}
			operation, err := e.Submit(t.Context(), request)
			if err != nil || operation.Status != registrars.StatusPending {
				t.Errorf("%d %v: %s, %v", result, grace, operation.Status, err)
			}
			e.now = func() time.Time { return time.Now().Add(time.Hour) }
			if later, err := e.Operation(t.Context(), operation.Reference); err != nil || later.Status.Final() {
				t.Errorf("%d %v, later: %s, %v", result, grace, later.Status, err)
			}
		}
	}
}

// TestATransferIsNotTakenForRefused because its registry shows it to its parties alone, or not once
// it has ended.
func TestATransferIsNotTakenForRefused(t *testing.T) {
	for name, c := range map[string]struct {
		query     objects.Code
		infos     []objects.Answer // one after the other; the last one again
		operation registrars.Status
		finding   registrars.FindingState
	}{
		"approved between two looks":     {objects.NotInTransfer, []objects.Answer{domain("other", nil), domain("us", nil)}, registrars.StatusDone, registrars.FoundObject},
		"shown to its parties alone":     {objects.NotAllowed, []objects.Answer{domain("other", pendingTransfer)}, registrars.StatusPending, registrars.Unclear},
		"neither it nor the domain":      {objects.NotAllowed, []objects.Answer{code(objects.NotAllowed)}, registrars.StatusUnknown, registrars.Unclear},
		"it only with its code":          {objects.WrongAuthInfo, []objects.Answer{code(objects.WrongAuthInfo)}, registrars.StatusUnknown, registrars.Unclear},
		"refused":                        {objects.NotInTransfer, []objects.Answer{domain("other", nil)}, registrars.StatusFailed, registrars.FoundNothing},
		"refused, by status alone":       {objects.NotAllowed, []objects.Answer{domain("other", nil)}, registrars.StatusUnknown, registrars.FoundNothing},
		"a status that nobody knows":     {objects.NotInTransfer, []objects.Answer{domain("other", func(d *objects.Domain) { d.Statuses = []string{"dreaming"} })}, registrars.StatusUnknown, registrars.Unclear},
		"the name was deleted meanwhile": {objects.NotThere, []objects.Answer{code(objects.NotThere)}, registrars.StatusFailed, registrars.FoundNothing},
	} {
		turn := 0
		e, _ := scriptedBy(func(command objects.Command) objects.Answer {
			if _, query := command.(objects.TransferDomain); query {
				return code(c.query)
			}
			turn++
			return c.infos[min(turn, len(c.infos))-1]
		})
		if operation, err := e.Operation(t.Context(), "transfer:a.example:SV-1"); err != nil || operation.Status != c.operation {
			t.Errorf("%s: %s, %v, want %s", name, operation.Status, err, c.operation)
		}
		turn = 0
		if finding, err := e.Find(t.Context(), lagRequest(registrars.Transfer)); err != nil || finding.State != c.finding {
			t.Errorf("%s: Find says %s, %v, want %s", name, finding.State, err, c.finding)
		}
	}
}

func pendingTransfer(d *objects.Domain) { d.Statuses = []string{objects.PendingTransfer} }

// TestAnEarlierTransferEndsNoLaterOne.
func TestAnEarlierTransferEndsNoLaterOne(t *testing.T) {
	e, _ := scriptedBy(func(command objects.Command) objects.Answer {
		if _, query := command.(objects.TransferDomain); query {
			answer := code(objects.Done)
			answer.Transfer = &objects.Transfer{Domain: lagging.String(), Requester: "us", Status: objects.TransferClientRejected, Requested: time.Now().AddDate(0, 0, -3)}
			return answer
		}
		return domain("other", nil)
	})
	named := reference{kind: registrars.Transfer, at: time.Now(), domain: lagging, transaction: "SV-2"}
	if operation, err := e.Operation(t.Context(), named.String()); err != nil || operation.Status != registrars.StatusUnknown {
		t.Errorf("%s, %v", operation.Status, err)
	}
}

// TestAPriceThatCannotBeReadBuysNothing: it may be that of a premium name.
func TestAPriceThatCannotBeReadBuysNothing(t *testing.T) {
	for amount, class := range map[string]registrars.Class{"5000.005": registrars.ClassTemporary, "5000.": registrars.ClassPrice, "+5000.00": registrars.ClassPrice, "x": registrars.ClassTemporary} {
		e, s := scriptedBy(func(command objects.Command) objects.Answer {
			answer := code(objects.Done)
			if _, check := command.(objects.CheckDomains); check {
				answer.Available = []objects.Availability{{Name: lagging.String(), Free: true}}
				answer.Fees = []objects.Fee{{Domain: lagging.String(), Command: objects.FeeCreate, Class: "premium", Currency: "EUR", Available: true, Amounts: []string{amount}}}
			}
			return answer
		})
		for what, err := range map[string]error{"Check": e.Check(t.Context(), lagRequest(registrars.Registration)), "Submit": func() error {
			_, err := e.Submit(t.Context(), lagRequest(registrars.Registration))
			return err
		}()} {
			if registrars.ClassOf(err) != class {
				t.Errorf("%s: %s: %v, want %s", amount, what, err, class)
			}
		}
		if s.count("domain:create") != 0 {
			t.Errorf("%s: it is bought", amount)
		}
	}
}

// TestAPriceForAnotherPeriodIsNone.
func TestAPriceForAnotherPeriodIsNone(t *testing.T) {
	e, _ := scriptedBy(func(objects.Command) objects.Answer {
		answer := code(objects.Done)
		answer.Available = []objects.Availability{{Name: lagging.String(), Free: true}}
		answer.Fees = []objects.Fee{{Domain: lagging.String(), Command: objects.FeeCreate, Years: 1, Currency: "EUR", Available: true, Amounts: []string{"10.00"}}}
		return answer
	})
	request := lagRequest(registrars.Registration)
	request.Years, request.PriceLimit = 5, &registrars.Price{Cents: 15_00}
	if err := e.Check(t.Context(), request); registrars.ClassOf(err) != registrars.ClassTemporary {
		t.Errorf("%v", err)
	}
}

// TestARefusalMayHideASuccess of an earlier try.
func TestARefusalMayHideASuccess(t *testing.T) {
	for name, c := range map[string]struct {
		kind   registrars.Kind
		answer objects.Code
		info   objects.Answer
		want   registrars.Class
	}{
		"a code that was reset": {registrars.Transfer, objects.WrongAuthInfo, domain("us", nil), registrars.ClassOutcomeUnknown},
		"not allowed":           {registrars.Transfer, objects.NotAllowed, domain("us", nil), registrars.ClassOutcomeUnknown},
		"a wrong code":          {registrars.Transfer, objects.WrongAuthInfo, domain("other", nil), registrars.ClassInvalid},
		"a wrong code, hidden":  {registrars.Transfer, objects.WrongAuthInfo, code(objects.NotAllowed), registrars.ClassInvalid},
		"a transfer, hidden":    {registrars.Transfer, objects.InTransfer, code(objects.NotAllowed), registrars.ClassOutcomeUnknown},
		"a wrong code by 2200":  {registrars.Transfer, objects.NotLoggedIn, domain("other", nil), registrars.ClassInvalid},
		"deleted already":       {registrars.Deletion, objects.Prohibited, domain("us", redeemed), registrars.ClassOutcomeUnknown},
		"another's update":      {registrars.LockChange, objects.Prohibited, domain("us", func(d *objects.Domain) { d.Statuses = []string{objects.PendingUpdate} }), registrars.ClassTemporary},
		"it exists, and not":    {registrars.Registration, objects.Exists, code(objects.NotThere), registrars.ClassOutcomeUnknown},
		"it is another's":       {registrars.Registration, objects.Exists, domain("other", nil), registrars.ClassUnavailable},
	} {
		e, _ := scriptedBy(func(command objects.Command) objects.Answer {
			switch command := command.(type) {
			case objects.InfoDomain:
				return c.info
			case objects.CheckDomains, objects.CreateHost:
				return code(objects.Done)
			case objects.TransferDomain:
				if command.Op == objects.TransferQuery {
					return code(objects.NotInTransfer)
				}
			}
			return code(c.answer)
		})
		if _, err := e.Submit(t.Context(), lagRequest(c.kind)); registrars.ClassOf(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func redeemed(d *objects.Domain) {
	d.Statuses, d.Grace = []string{objects.PendingDelete}, []string{objects.RedemptionPeriod}
}

// TestAYearThatTheRegistryAddsIsNotTheOneOrdered.
func TestAYearThatTheRegistryAddsIsNotTheOneOrdered(t *testing.T) {
	later := func(years int, grace ...string) func(*objects.Domain) {
		return func(d *objects.Domain) { d.Expires, d.Grace = d.Expires.AddDate(years, 0, 0), grace }
	}
	for name, c := range map[string]struct {
		years  int
		change func(*objects.Domain)
		want   registrars.FindingState
	}{
		"five years": {5, later(5, objects.RenewPeriod), registrars.FoundObject}, "one of five": {5, later(1, objects.AutoRenewPeriod), registrars.Unclear},
		"one by itself": {1, later(1, objects.AutoRenewPeriod), registrars.Unclear}, "one": {1, later(1), registrars.FoundObject}, "none": {1, later(0), registrars.FoundNothing},
	} {
		e, _ := scriptedBy(func(objects.Command) objects.Answer { return domain("us", c.change) })
		request := lagRequest(registrars.Renewal)
		request.Years = c.years
		if finding, err := e.Find(t.Context(), request); err != nil || finding.State != c.want {
			t.Errorf("%s: %s, %v, want %s", name, finding.State, err, c.want)
		}
	}
}

// TestContactsOfOtherRolesDoNotCount, nor does the case of a handle.
func TestContactsOfOtherRolesDoNotCount(t *testing.T) {
	e, s := scriptedBy(func(objects.Command) objects.Answer {
		return domain("us", func(d *objects.Domain) {
			d.Contacts = []objects.ContactRef{{Role: "admin", Handle: "OLD"}, {Role: "tech", Handle: "cc1"}}
		})
	})
	e.settings.Contacts = []string{"owner", "tech"}
	request := lagRequest(registrars.ContactChange)
	if finding, err := e.Find(t.Context(), request); err != nil || finding.State != registrars.FoundObject {
		t.Errorf("%s, %v", finding.State, err)
	}
	if operation, err := e.Submit(t.Context(), request); err != nil || operation.Status != registrars.StatusDone || s.count("domain:update") != 0 {
		t.Errorf("%s, %v, %d updates", operation.Status, err, s.count("domain:update"))
	}
}

// TestARefusedReportIsShown: nobody else would learn of it before the restore lapses.
func TestARefusedReportIsShown(t *testing.T) {
	e, _ := scriptedBy(func(command objects.Command) objects.Answer {
		if _, update := command.(objects.UpdateDomain); update {
			return code(objects.WrongForm)
		}
		return domain("us", func(d *objects.Domain) {
			d.Statuses, d.Grace = []string{objects.PendingDelete}, []string{objects.PendingRestore}
		})
	})
	_, err := e.Operation(t.Context(), "restore=1795860000@1795950000:a.example:SV-1")
	if refused, ok := registrars.AsError(err); !ok || refused.Class != registrars.ClassInvalid || !strings.Contains(refused.Rule, "report") {
		t.Errorf("%v", err)
	}
}

// TestWhatTheRegistryLacksIsMadeAgain: a host that somebody deleted is not known for ever.
func TestWhatTheRegistryLacksIsMadeAgain(t *testing.T) {
	e, s := scriptedBy(func(command objects.Command) objects.Answer {
		if _, create := command.(objects.CreateDomain); create {
			return code(objects.NotThere)
		}
		return code(objects.Done)
	})
	for range 2 {
		if _, err := e.Submit(t.Context(), lagRequest(registrars.Registration)); registrars.ClassOf(err) != registrars.ClassInvalid {
			t.Errorf("%v", err)
		}
	}
	if n := s.count("host:create"); n != 4 {
		t.Errorf("%d hosts are tried", n)
	}
}
