package rehearsal

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
	"domainprovisioning/workflows"
)

// scene rehearses one step. The note says why there is no call, or what it depends on.
type scene func(ctx context.Context) (note string, err error)

// stage rehearses the steps of one unit of work.
type stage struct {
	*recorder

	order      *orders.Order
	input      workflows.UnitInput
	operations *activities.Operations
	billing    *activities.Billing
}

const (
	noDomain   = "the order has no domain"
	noHosting  = "the order has no hosting"
	stepFive   = "(those of step 5)"
	notChanged = "(stays as it is)"
)

// scenes returns one scene per step, in the order of workflows.Titles.
func (s *stage) scenes() []scene {
	kinds := registrars.SettingKinds(s.settings())
	last := make([]scene, 0, len(kinds)+5)
	hosts := s.hosts()
	if s.input.BareTransfer {
		last = append(last, s.request(registrars.OwnerChange), s.request(registrars.ContactChange))
	}
	if s.input.BareTransfer || s.input.Unit.Type.Provisions() && len(hosts) > 0 {
		last = append(append(last, hosts...), s.request(registrars.NameServerChange))
	}
	for _, kind := range kinds {
		last = append(last, s.request(kind))
	}
	last = append(last, s.reads("name servers, holder, expiry and settings are compared"))
	switch s.input.Unit.Type {
	case orders.Renewal:
		return slices.Concat([]scene{s.reads("the expiry date, which the renewal relies on"), s.main(), s.waits()}, last)
	case orders.Restore:
		return slices.Concat([]scene{s.reads("whether it is in redemption")}, []scene{s.main(), s.waits()}, last)
	case orders.NameServerChange:
		return slices.Concat([]scene{s.reads("")}, hosts, []scene{s.main(), s.waits()}, last)
	case orders.OwnerChange, orders.ContactChange:
		return slices.Concat([]scene{s.reads(""), s.main(), s.waits()}, last)
	case orders.SettingsChange:
		return append([]scene{s.reads("")}, last...)
	case orders.Adoption:
		return append(s.modelWith(part{
			six: s.reads("it must be registered; Billing gets its expiry date and its name servers"),
			ten: func(context.Context) (string, error) {
				return "nothing was requested: the registrar has the domain", nil
			},
			recorded: "dates by the registrar's expiry date; shown by the order's, or as if the period began now",
		}), last...)
	}
	var authCode []scene
	if s.input.NewAuthCode {
		authCode = []scene{s.request(registrars.AuthCodeChange)}
	}
	return slices.Concat(s.model(), authCode, last)
}

// model returns the twelve steps and Billing.
func (s *stage) model() []scene {
	return s.modelWith(part{s.main(), s.waits(), "once the registrar has confirmed", "dates as if the registrar confirmed now"})
}

// part is the registrar's part of the model: steps 6 and 10, and the notes of step 11 and of
// Billing.
type part struct {
	six, ten             scene
	registered, recorded string
}

func (s *stage) modelWith(p part) []scene {
	return []scene{
		s.account, s.members, s.domainSubscription,
		s.onDomain("", func(ctx context.Context) error {
			_, err := s.operations.AddDomainRequest(ctx, activities.AddDomainRequestInput{
				SubscriptionID: s.input.DomainSubscriptionID, Domain: s.domain().Name,
			})
			return err
		}),
		s.onDomain("", func(ctx context.Context) error {
			_, err := s.operations.GetNameServers(ctx, activities.GetNameServersInput{
				SubscriptionID: s.input.DomainSubscriptionID, Domain: s.domain().Name,
			})
			return err
		}),
		p.six,
		s.onDomain("", func(ctx context.Context) error {
			_, err := s.operations.CreateDomain(ctx, activities.CreateDomainInput{
				AccountID: s.input.AccountID, SubscriptionID: s.input.DomainSubscriptionID,
				DomainID: s.input.DomainID, Domain: s.domain().Name, Adopts: s.input.Unit.Type == orders.Adoption,
			})
			return err
		}),
		s.hostingSubscription,
		s.bind("when step 7 creates the domain; when the name exists, step 12 binds"),
		p.ten,
		s.onDomain(p.registered, func(ctx context.Context) error {
			_, err := s.operations.RegisterDomain(ctx, activities.RegisterDomainInput{
				AccountID: s.input.AccountID, SubscriptionID: s.input.DomainSubscriptionID, Domain: s.domain().Name,
				Adopts: s.input.Unit.Type == orders.Adoption,
			})
			return err
		}),
		s.bind("unless step 9 has"),
		s.onDomain(p.recorded, s.record),
	}
}

func (s *stage) domain() *orders.DomainOrder { return s.input.Unit.Domain }

func (s *stage) settings() domains.Settings {
	if s.domain() == nil {
		return domains.Settings{}
	}
	return s.domain().Settings
}

// onDomain returns a scene that applies only to orders with a domain.
func (s *stage) onDomain(note string, call func(context.Context) error) scene {
	return func(ctx context.Context) (string, error) {
		if s.domain() == nil {
			return noDomain, nil
		}
		return note, call(ctx)
	}
}

func (s *stage) account(ctx context.Context) (string, error) {
	if s.input.NewAccount {
		_, err := s.operations.AddAccount(ctx, activities.AddAccountInput{AccountID: s.input.AccountID, AskLogin: s.input.AskLogin})
		return "", err
	}
	_, err := s.operations.ReadAccount(ctx, activities.ReadAccountInput{AccountID: s.input.AccountID})
	return fmt.Sprintf("the order is for existing account %d", s.input.AccountID), err
}

func (s *stage) members(ctx context.Context) (string, error) {
	if len(s.input.Users) == 0 {
		return fmt.Sprintf("the order is for existing account %d", s.input.AccountID), nil
	}
	_, err := s.operations.AddAccountMember(ctx, activities.AddAccountMemberInput{AccountID: s.input.AccountID, Users: s.input.Users})
	return "", err
}

func (s *stage) domainSubscription(ctx context.Context) (string, error) {
	if s.domain() == nil {
		return noDomain, nil
	}
	_, err := s.operations.ActivateSubscription(ctx, activities.ActivateSubscriptionInput{
		AccountID: s.input.AccountID, SubscriptionID: s.input.DomainSubscriptionID, Template: s.domain().Template,
		Item: s.input.Unit.Item, APSDefaults: s.domain().APSDefaults,
	})
	return "", err
}

func (s *stage) hostingSubscription(ctx context.Context) (string, error) {
	hosting := s.input.Unit.Hosting
	if hosting == nil {
		return noHosting, nil
	}
	_, err := s.operations.ActivateSubscription(ctx, activities.ActivateSubscriptionInput{
		AccountID: s.input.AccountID, SubscriptionID: s.input.HostingSubscriptionID, Template: hosting.Template,
		Item: hosting.Item, APSDefaults: hosting.APSDefaults,
	})
	return "", err
}

func (s *stage) bind(note string) scene {
	return func(ctx context.Context) (string, error) {
		switch {
		case s.domain() == nil:
			return noDomain, nil
		case s.input.Unit.Hosting == nil:
			return noHosting, nil
		}
		_, err := s.operations.BindServicesToDomain(ctx, activities.BindServicesInput{
			DomainID: s.input.DomainID, SubscriptionID: s.input.HostingSubscriptionID,
		})
		return note, err
	}
}

func (s *stage) record(ctx context.Context) error {
	user := func(id int) int {
		if id == workflows.AccountUser {
			return firstUser
		}
		return id
	}
	servers := s.domain().NameServers
	if len(servers) == 0 {
		servers = domains.NameServers{unknownHost1, unknownHost2}
	}
	users := s.input.UserIDs
	_, err := s.billing.AddDomainSubscription(ctx, activities.AddDomainSubscriptionInput{
		SubscriptionID: s.input.DomainSubscriptionID, ParentID: s.input.HostingSubscriptionID, AccountID: s.input.AccountID,
		Registrar: s.domain().Registrar, Domain: s.domain().Name, Years: s.domain().Years, Plan: s.domain().Billing,
		NameServers: servers, OwnerID: user(users.Owner), AdminID: user(users.Admin), BillingID: user(users.Billing),
		TechID: user(users.Tech), RegisteredAt: soon(), ExpiresAt: s.domain().Expires,
	})
	return err
}

// main is the request to the registrar that was ordered.
func (s *stage) main() scene {
	kinds := workflows.KindsOf(s.input.Unit, s.input.BareTransfer)
	if len(kinds) == 0 {
		return func(context.Context) (string, error) { return noDomain, nil }
	}
	return s.request(kinds[0])
}

// request shows a request to the registrar in the terms of the contract, because each
// plug-in has its own.
func (s *stage) request(kind registrars.Kind) scene {
	return func(context.Context) (string, error) {
		d := s.domain()
		parameters := []PlannedParameter{{"domain", d.Name.String()}}
		add := func(name, value string) { parameters = append(parameters, PlannedParameter{name, value}) }
		switch kind {
		case registrars.Registration, registrars.Renewal:
			add("years", strconv.Itoa(d.Years))
			if kind == registrars.Registration && d.Language != "" {
				add("language", d.Language)
			}
		case registrars.Transfer:
			if item, _ := s.order.Item(s.input.Unit.Item); !item.TransferKey().IsZero() {
				add("authCode", domains.Redacted)
			}
		}
		bare := s.input.BareTransfer && kind == registrars.Transfer
		if kind.Delegates() && !bare {
			// Hosts below a name that is new here are not there yet.
			first := len(d.Hosts) > 0 && kind != registrars.NameServerChange
			if len(d.NameServers) > 0 && !first {
				add("nameServers", strings.Join(d.NameServers, " "))
			} else {
				add("nameServers", stepFive)
			}
		}
		roles := kind.Roles()
		if bare {
			roles = nil
		}
		for _, role := range roles {
			add("contacts."+string(role), s.contact(role))
		}
		for _, setting := range settingsOf(kind, d.Settings) {
			add(setting.Name, setting.Value)
		}
		s.note(PlannedCall{System: d.Registrar, Name: strings.ReplaceAll(string(kind), "-", " "), Parameters: parameters})
		return "through the ledger: once", nil
	}
}

// hosts is the step that registers hosts below the domain, if any are ordered.
func (s *stage) hosts() []scene {
	d := s.domain()
	if d == nil || len(d.Hosts) == 0 {
		return nil
	}
	return []scene{func(context.Context) (string, error) {
		for _, host := range d.Hosts {
			v4, v6 := host.Split()
			s.note(PlannedCall{System: d.Registrar, Name: "register host", Parameters: []PlannedParameter{
				{"host", host.Name}, {"addresses", strings.Join(append(v4, v6...), " ")},
			}})
		}
		return "each unless it is there with these addresses", nil
	}}
}

// contact says where the data of a role come from.
func (s *stage) contact(role registrars.Role) string {
	switch ref := s.input.Contacts.Of(role); ref.Source {
	case activities.FromCustomer:
		return "the customer of the order"
	case activities.FromAdditional:
		return fmt.Sprintf("additional contact %d of the order", ref.ID)
	case activities.FromUser:
		return fmt.Sprintf("user %d, read from Operations", ref.ID)
	case activities.FromAccount:
		return fmt.Sprintf("account %d, read from Operations", s.input.AccountID)
	}
	return notChanged
}

// settingsOf returns the setting that a kind of request changes.
func settingsOf(kind registrars.Kind, settings domains.Settings) []PlannedParameter {
	flag := func(name string, value *bool) []PlannedParameter {
		return []PlannedParameter{{name, strconv.FormatBool(*value)}}
	}
	switch kind {
	case registrars.LockChange:
		return flag("lock", settings.Lock)
	case registrars.PrivacyChange:
		return flag("privacy", settings.Privacy)
	case registrars.AutoRenewalChange:
		return flag("autoRenewal", settings.AutoRenewal)
	case registrars.ZoneReset:
		return []PlannedParameter{{"zoneTemplate", strconv.Itoa(*settings.ZoneTemplate)}}
	case registrars.DNSSECChange:
		how := "sign"
		switch {
		case settings.DNSSEC.Key != nil:
			how = "by the order's key"
		case len(settings.DNSSEC.DS) > 0:
			how = fmt.Sprintf("by the order's %d DS records", len(settings.DNSSEC.DS))
		case !settings.DNSSEC.Sign:
			how = "remove"
		}
		return []PlannedParameter{{"dnssec", how}}
	}
	return nil
}

// waits is the step that waits for the registrar's confirmation.
func (s *stage) waits() scene {
	return func(context.Context) (string, error) {
		if s.domain() == nil {
			return noDomain, nil
		}
		return "waits; asks the registrar when there is news", nil
	}
}

// reads is a step that reads the domain at the registrar.
func (s *stage) reads(note string) scene {
	return func(context.Context) (string, error) {
		if s.domain() == nil {
			return noDomain, nil
		}
		s.note(PlannedCall{System: s.domain().Registrar, Name: "read domain", Parameters: []PlannedParameter{{"domain", s.domain().Name.String()}}})
		return note, nil
	}
}
