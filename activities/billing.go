package activities

import (
	"context"
	"errors"
	"time"

	"domainprovisioning/billing"
	"domainprovisioning/domains"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
)

// RegistrarLogin is the login at a registrar that Billing keeps with a domain.
type RegistrarLogin struct {
	Login    string
	Password domains.Secret
}

// Billing holds the activities that call Billing.
type Billing struct {
	Client *billing.Client
	// Logins are the registrar logins by account.
	Logins map[string]RegistrarLogin
	// Repeats says whether this is not the first try; nil asks Temporal.
	Repeats func(ctx context.Context) bool
}

// AddDomainSubscription records a registered domain. Billing would add a name that is not
// "Registered" a second time, so every try reads the name first, which also finds the
// record of a try whose answer was lost. It reads the name again if Billing says that the
// name or the id is in use.
func (b *Billing) AddDomainSubscription(ctx context.Context, in AddDomainSubscriptionInput) (AddDomainSubscriptionResult, error) {
	recorded, err := b.find(ctx, in)
	if err != nil || recorded != 0 {
		return AddDomainSubscriptionResult{DomainID: recorded, Existing: recorded != 0}, fail(err)
	}
	id, err := b.Client.DomainSubscrWithIDAdd(ctx, b.subscription(in))
	if billing.IsAlreadyUsed(err) {
		recorded, trouble := b.find(ctx, in)
		if recorded != 0 || trouble != nil {
			return AddDomainSubscriptionResult{DomainID: recorded, Existing: recorded != 0}, fail(trouble)
		}
	}
	return AddDomainSubscriptionResult{DomainID: id}, fail(err)
}

// FindRecord looks whether a domain stands in Billing under the account.
func (b *Billing) FindRecord(ctx context.Context, in FindRecordInput) (FindRecordResult, error) {
	info, err := b.Client.DomainInfoGet(ctx, in.Domain)
	switch {
	case errors.Is(err, billing.ErrNotInBilling):
		return FindRecordResult{}, nil
	case err != nil:
		return FindRecordResult{}, fail(err)
	case info.AccountID != in.AccountID:
		return FindRecordResult{}, nil
	}
	return FindRecordResult{DomainID: info.DomainID}, nil
}

// find returns the id of the domain that is recorded under our account, or 0 if there is
// none or it is no longer registered.
func (b *Billing) find(ctx context.Context, in AddDomainSubscriptionInput) (int, error) {
	info, err := b.Client.DomainInfoGet(ctx, in.Domain)
	switch {
	case errors.Is(err, billing.ErrNotInBilling):
		return 0, nil
	case err != nil:
		return 0, err
	case info.Registered() && info.AccountID == in.AccountID:
		return info.DomainID, nil
	case info.Registered():
		return 0, refuse(registrars.ClassConflict,
			"activities: Billing has the domain as registered under account %d; clear that up there, then retry", info.AccountID)
	case in.mayRepeat(ctx, b.Repeats) && !info.Cancelled() && info.AccountID == in.AccountID && info.StartDate.Equal(startOf(in)):
		// An earlier try has recorded it, and Billing is still working on it. Adding it now
		// would add it a second time.
		return info.DomainID, nil
	}
	return 0, nil
}

// startOf is when the recorded period begins, in whole seconds, as Billing keeps it. If
// the registrar's date is known, the period ends on it, or the day before, and so begins whole years
// before.
func startOf(in AddDomainSubscriptionInput) time.Time {
	if in.ExpiresAt.IsZero() {
		return in.RegisteredAt.UTC().Truncate(time.Second)
	}
	return billing.StartDate(in.ExpiresAt.Truncate(time.Second), in.Years)
}

func (b *Billing) subscription(in AddDomainSubscriptionInput) billing.DomainSubscription {
	start := startOf(in)
	login := b.Logins[in.Registrar]
	parent := in.ParentID
	if parent == 0 {
		parent = billing.NoParent
	}
	s := billing.DomainSubscription{
		SubscriptionID: in.SubscriptionID, ParentID: parent,
		Status: billing.StatusActive, ServStatus: billing.ServStatusRunning,
		StartDate: start, ExpirationDate: billing.ExpirationDate(start, in.Years),
		AccountID: in.AccountID, PlanID: in.Plan.PlanID, SubscriptionPeriod: in.Years,
		SetupFee: billing.Fee(in.Plan.SetupFee), SubscriptionFee: billing.Fee(in.Plan.SubscriptionFee),
		RenewalFee: billing.Fee(in.Plan.RenewalFee), TransferFee: billing.Fee(in.Plan.TransferFee),
		NonRefundableAmt: billing.Fee(in.Plan.NonRefundable), RefundPeriod: in.Plan.RefundDays,
		BillingPeriodType: billing.BillingPeriodType(in.Plan.PeriodType), BillingPeriod: in.Plan.Period,
		LastBillDate: start, NextBillDate: nextBill(start, in.Plan),
		RegistrarID: in.Plan.RegistrarID, FullDomainName: in.Domain,
		Login: login.Login, Password: login.Password,
		OwnerUsersID: in.OwnerID, AdminUsersID: in.AdminID, BillingUsersID: in.BillingID, TechUsersID: in.TechID,
	}
	s.SetNameServers(in.NameServers)
	return s
}

// nextBill is when the first billing period ends.
func nextBill(start time.Time, plan orders.BillingPlan) time.Time {
	switch plan.PeriodType {
	case orders.PeriodYears:
		return billing.ExpirationDate(start, plan.Period)
	case orders.PeriodMonths:
		return billing.Months(start, plan.Period)
	default:
		return billing.Months(start, 1)
	}
}

// classifyBilling maps a Billing error to a class.
func classifyBilling(err error) (registrars.Class, string, bool) {
	if billing.Denied(err) {
		return registrars.ClassAuth, "", true
	}
	if _, ok := errors.AsType[*billing.InvalidError](err); ok {
		return registrars.ClassInvalid, "", true
	}
	if e, ok := errors.AsType[*billing.Error](err); ok {
		switch e.Kind {
		case billing.KindAlreadyUsed:
			return registrars.ClassConflict, e.Message, true
		case billing.KindNotFound:
			return registrars.ClassNotFound, e.Message, true
		default:
			return registrars.ClassRejected, e.Message, true
		}
	}
	return "", "", false
}
