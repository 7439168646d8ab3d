package epp

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp/internal/objects"
)

// service is how requests of a kind are made, and how the domain shows what became of them.
type service struct {
	kind registrars.Kind
	// fee is the command that the registry charges for; "" for one that costs nothing.
	fee string
	// compose makes the command. Nil without an error means that the domain is as requested.
	compose func(*EPP, context.Context, registrars.Request) (objects.Command, error)
	// sign is by what the domain will show that the request was carried out. "" means that it
	// cannot show it.
	sign func(*EPP, registrars.Request) string
	// judge says what the domain shows of a request with a sign: FoundObject if it was carried
	// out, FoundOperation if it is pending, FoundNothing if it was not carried out.
	judge func(domain held, sign string) registrars.FindingState
}

// services lists everything that Submit serves.
var services []service

func init() { //nolint:gochecknoinits // the table refers to functions that refer to it
	services = []service{
		{registrars.Registration, objects.FeeCreate, (*EPP).create, unsigned, judgeCreated},
		{registrars.Transfer, objects.FeeTransfer, (*EPP).transfer, unsigned, judgeArrived},
		{registrars.Renewal, objects.FeeRenew, (*EPP).renew, expirySign, judgeRenewed},
		{registrars.Restore, objects.FeeRestore, (*EPP).restore, restoreSign, judgeRestored},
		{registrars.OwnerChange, feeUpdate, (*EPP).changeOwner, ownerSign, updated(only(ownerShown))},
		{registrars.ContactChange, "", (*EPP).changeContacts, contactsSign, updated(contactsShown)},
		{registrars.NameServerChange, "", (*EPP).changeNameServers, serversSign, updated(only(serversShown))},
		{registrars.AuthCodeChange, "", (*EPP).changeAuthCode, codeSign, updated(only(codeShown))},
		{registrars.Deletion, "", (*EPP).delete, unsigned, judgeDeleted},
		{registrars.DNSSECChange, "", (*EPP).changeDNSSEC, dnssecSign, updated(only(dnssecShown))},
		{registrars.LockChange, "", (*EPP).changeLock, lockSign, updated(only(lockShown))},
	}
}

// feeUpdate is the fee of an update (RFC 8748).
const feeUpdate = "update"

func serviceFor(kind registrars.Kind) (service, bool) {
	at := slices.IndexFunc(services, func(s service) bool { return s.kind == kind })
	if at < 0 {
		return service{}, false
	}
	return services[at], true
}

func unsigned(*EPP, registrars.Request) string { return "" }

// create registers a name. Hosts that the registry does not know are made first: without them it
// would refuse the delegation.
func (e *EPP) create(ctx context.Context, request registrars.Request) (objects.Command, error) {
	servers, err := e.delegation(ctx, request)
	if err != nil {
		return nil, err
	}
	owner, others := e.contactsOf(request)
	return objects.CreateDomain{
		Name: request.Domain.String(), Years: request.Years, NameServers: servers, AsAttributes: e.settings.Hosts == hostAttributes,
		Registrant: owner, Contacts: others, AuthInfo: e.authCode(request), Phase: e.settings.LaunchPhase,
	}, nil
}

// authCode is the code that a domain gets.
func (e *EPP) authCode(request registrars.Request) domains.Secret {
	if request.NewAuthCode.IsZero() {
		return e.NewAuthCode()
	}
	return request.NewAuthCode
}

// NewAuthCode implements registrars.AuthCodeMaker.
func (e *EPP) NewAuthCode() domains.Secret { return registrars.NewAuthCode(e.settings.AuthCodeLength) }

// contactsOf returns the handles of those roles that the registry has.
func (e *EPP) contactsOf(request registrars.Request) (owner string, others []objects.ContactRef) {
	for _, role := range request.Kind.Roles() {
		handle := request.Contacts[role].Handle
		switch {
		case handle == "" || !e.hasRole(role):
		case role == registrars.Owner:
			owner = handle
		default:
			others = append(others, objects.ContactRef{Role: string(role), Handle: handle})
		}
	}
	return owner, others
}

func (e *EPP) hasRole(role registrars.Role) bool {
	return slices.Contains(e.settings.Contacts, string(role))
}

func judgeCreated(domain held, _ string) registrars.FindingState {
	if domain.raw.Has(objects.PendingCreate) {
		return registrars.FoundOperation
	}
	return registrars.FoundObject
}

func (e *EPP) transfer(_ context.Context, request registrars.Request) (objects.Command, error) {
	return objects.TransferDomain{Name: request.Domain.String(), Op: objects.TransferRequest, AuthInfo: request.AuthCode}, nil
}

func judgeArrived(held, string) registrars.FindingState { return registrars.FoundObject }

func (e *EPP) renew(_ context.Context, request registrars.Request) (objects.Command, error) {
	return objects.RenewDomain{Name: request.Domain.String(), Expires: request.Expires, Years: request.Years}, nil
}

// expirySign is the date before the renewal, and its years.
func expirySign(_ *EPP, request registrars.Request) string {
	return fmt.Sprintf("%s+%d", request.Expires.UTC().Format(time.DateOnly), request.Years)
}

// judgeRenewed compares the date with that before the renewal. A registry may add a year by itself
// when a domain expires, which is not what was ordered.
func judgeRenewed(domain held, sign string) registrars.FindingState {
	day, count, _ := strings.Cut(sign, "+")
	before, err := time.Parse(time.DateOnly, day)
	years, badCount := strconv.Atoi(count)
	if domain.raw.Has(objects.PendingRenew) {
		return registrars.FoundOperation
	}
	if err != nil || badCount != nil {
		return registrars.Unclear
	}
	state := registrars.Request{Expires: before}.FoundRenewed(domain.Expires)
	short := domain.Expires.Before(before.AddDate(years, 0, -registrars.ToleratedDays))
	if state == registrars.FoundObject && (short || domain.raw.In(objects.AutoRenewPeriod)) {
		return registrars.Unclear
	}
	return state
}

// restore asks for a restore. Its report follows the answer: see reported.
func (e *EPP) restore(ctx context.Context, request registrars.Request) (objects.Command, error) {
	domain, err := e.here(ctx, request)
	if err != nil {
		return nil, err
	}
	if domain.raw.In(objects.PendingRestore) {
		// It was requested, and paid for: only the report is missing.
		report := e.report(domain.raw, time.Time{}, time.Time{})
		return objects.UpdateDomain{Name: request.Domain.String(), Restore: &report}, nil
	}
	if err := request.Unrestorable(domain.Phase, domain.Word).In(pluginName, nameInfo); err != nil {
		return nil, err
	}
	// The request will change the time of the last update, which is that of the deletion now.
	remember(e, e.deleted, request.Domain.String(), domain.raw.Updated)
	return objects.UpdateDomain{Name: request.Domain.String(), Restore: &objects.Restore{}}, nil
}

// restoreSign is when the domain was deleted, for the report; "" if that is not known.
func restoreSign(e *EPP, request registrars.Request) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if at := e.deleted[request.Domain.String()]; !at.IsZero() {
		return strconv.FormatInt(at.Unix(), 10)
	}
	return ""
}

func deletedAt(sign string) time.Time {
	second, err := strconv.ParseInt(sign, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(second, 0).UTC()
}

// judgeRestored judges by the phase. Between the request and the report the domain is still in
// redemption.
func judgeRestored(domain held, _ string) registrars.FindingState {
	if domain.raw.In(objects.PendingRestore) || domain.raw.Has(objects.PendingUpdate) {
		return registrars.FoundOperation
	}
	return registrars.FoundRestored(domain.Phase)
}

func (e *EPP) delete(_ context.Context, request registrars.Request) (objects.Command, error) {
	return objects.DeleteDomain{Name: request.Domain.String()}, nil
}

func judgeDeleted(domain held, _ string) registrars.FindingState {
	switch {
	case domain.raw.In(objects.RedemptionPeriod), domain.raw.In(objects.GraceDelete):
		return registrars.FoundObject
	case domain.raw.In(objects.PendingRestore), strange(domain.raw):
		return registrars.Unclear
	case domain.raw.Has(objects.PendingDelete):
		return registrars.FoundOperation
	}
	return registrars.FoundNothing
}

// here reads the domain that a request changes.
func (e *EPP) here(ctx context.Context, request registrars.Request) (held, error) {
	domain, err := e.read(ctx, request.Domain)
	if registrars.ClassOf(err) == registrars.ClassNotFound && err != nil {
		return domain, errs.Invalid(nameInfo, "domain", ruleNotHere)
	}
	return domain, err
}

// report is what a restore is reported with. It holds no data of people: the registry has those. A
// time that is not known is taken from the domain, or is now.
func (e *EPP) report(domain objects.Domain, deleted, restored time.Time) objects.Restore {
	for _, at := range []time.Time{domain.Updated, domain.Created} {
		if deleted.IsZero() {
			deleted = at
		}
	}
	if restored.IsZero() {
		restored = e.now()
	}
	state := fmt.Sprintf("domain %s, registrant %s, expires %s", domain.Name, domain.Registrant, domain.Expires.UTC().Format(time.DateOnly))
	return objects.Restore{Report: &objects.Report{
		Before: state, After: state, Deleted: deleted, Restored: restored, Reason: "Ordered by the registrant.",
		Statements: []string{
			"This registrar has not restored the domain to assume the rights to use or sell it for itself or for a third party.",
			"The information in this report is true to the best of this registrar's knowledge, and this registrar acknowledges that false information in it may be grounds for sanctions.",
		},
	}}
}
