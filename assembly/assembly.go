// Package assembly builds the system from one configuration: store, clients, registrar
// accounts, intake and workers. The worker, the starter and the sandbox are all built
// here, so that they cannot differ.
package assembly

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"slices"
	"strings"

	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"golang.org/x/sync/semaphore"

	"domainprovisioning/billing"
	"domainprovisioning/config"
	"domainprovisioning/desk"
	"domainprovisioning/domains"
	"domainprovisioning/intake"
	"domainprovisioning/intake/rehearsal"
	"domainprovisioning/messages"
	"domainprovisioning/operations"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
	"domainprovisioning/telemetry"
	"domainprovisioning/vault"
	"domainprovisioning/workflows"
)

// Assembly is the system without Temporal.
type Assembly struct {
	Config     config.Config
	Log        *slog.Logger
	Store      *store.Store
	Catalog    *orders.Catalog
	Operations *operations.Client
	Billing    *billing.Client
	Accounts   map[string]registrars.Registrar
	// Codec seals and opens what is in Temporal's histories.
	Codec *vault.Codec
	// Metrics are those of the process.
	Metrics *telemetry.Metrics
	// Tracing is nil while nothing is traced; see StartTracing.
	Tracing *telemetry.Tracing
	// Pace is the calendar of the lives of domains, for the sandbox; nil is the ordinary one.
	Pace *workflows.Pace

	// ends is what of the accounts has an end, as it was read at the start.
	ends []end
}

// New connects to the database and creates the clients, which make no calls yet. Its
// errors are one line that names what is wrong.
func New(ctx context.Context, cfg config.Config, log *slog.Logger) (*Assembly, error) {
	a, err := Prepare(cfg, log)
	if err != nil {
		return nil, err
	}
	if a.Store, err = OpenStore(ctx, cfg); err != nil {
		return nil, err
	}
	a.Metrics.ReadStore(&telemetry.Standing{Store: a.Store, WatchEvery: a.WatchEvery(), Log: log})
	return a, nil
}

// Prepare is New without the database: it makes no connection. The error lists what the
// configuration has wrong that only the rooms themselves find.
func Prepare(cfg config.Config, log *slog.Logger) (*Assembly, error) {
	a := &Assembly{Config: cfg, Log: log, Metrics: telemetry.New()}
	var wrong [5]error
	a.Catalog, wrong[0] = catalog(cfg.Plans)
	a.Accounts, wrong[1] = a.accounts()
	a.Operations, wrong[2] = operationsClient(cfg.Operations)
	a.Billing, wrong[3] = billingClient(cfg.Billing)
	a.Codec, wrong[4] = NewCodec(cfg.Histories)
	if err := errors.Join(append(untold(cfg), wrong[:]...)...); err != nil {
		return nil, Exit(ExitRefused, err)
	}
	a.ends = accountEnds(cfg)
	for _, end := range a.ends {
		a.Metrics.Expires(end.Key, end.At)
	}
	return a, nil
}

// Ready returns an error that names the remedy if the database lacks migrations, or the
// configuration a key that the database or a history in Temporal needs.
func Ready(ctx context.Context, opened *store.Store, histories config.Histories) error {
	if err := opened.CheckSchema(ctx); err != nil {
		return err
	}
	if err := opened.CheckKeys(ctx); err != nil {
		return err
	}
	seals := ""
	if histories.Sealed() {
		seals = histories.Key
	}
	return opened.CheckHistoryKeys(ctx, histories.IDs(), seals)
}

// Open is New for a database that must be Ready.
func Open(ctx context.Context, cfg config.Config, log *slog.Logger) (*Assembly, error) {
	a, err := New(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	if err := Ready(ctx, a.Store, cfg.Histories); err != nil {
		a.Close(context.WithoutCancel(ctx))
		return nil, err
	}
	return a, nil
}

// Close ends sessions at registrars, closes the store, and sends the last spans.
func (a *Assembly) Close(ctx context.Context) {
	for name, account := range a.Accounts {
		if closer, ok := account.(interface{ Close(context.Context) error }); ok {
			if err := closer.Close(ctx); err != nil {
				a.Log.Warn("closing the registrar's session failed; it ends by itself", "registrar", name, "error", err)
			}
		}
	}
	if err := a.Store.Close(); err != nil {
		a.Log.Warn("closing the store failed", "error", err)
	}
	if err := a.Tracing.Stop(ctx); err != nil {
		a.Log.Warn("the last spans could not be sent", "error", err)
	}
}

// OpenStore connects to the database of the configuration.
func OpenStore(ctx context.Context, cfg config.Config) (*store.Store, error) {
	sealer, wrongKeys := sealer(cfg.Database)
	ranges, wrongRanges := ranges(cfg.IDs)
	if err := errors.Join(wrongKeys, wrongRanges); err != nil {
		return nil, Exit(ExitRefused, err)
	}
	opened, err := store.Open(ctx, store.Options{
		URL: string(cfg.Database.URL), MaxConnections: cfg.Database.MaxConnections, Sealer: sealer, Ranges: ranges,
	})
	if err != nil {
		return nil, fmt.Errorf("%w; start it or correct database.url", err)
	}
	return opened, nil
}

// Intake returns the entry for orders.
func (a *Assembly) Intake(temporal client.Client) *intake.Intake {
	in := &intake.Intake{
		Store: a.Store, Temporal: temporal, Namespace: namespaceOfClient(temporal), Catalog: a.Catalog, Log: a.Log,
		Rules: orders.Rules{
			DomainIDFullName: a.Config.Orders.DomainIDFullName,
			TrailingSlots:    a.Config.Orders.TrailingSlots,
		},
		Accounts: make(map[string]intake.Account, len(a.Accounts)), Operations: a.Operations, RepeatWindow: a.Config.Orders.RepeatWindow,
		Starts: semaphore.NewWeighted(intake.StartsAtOnce), Traces: a.Tracing,
		Renewal: messages.RenewalMode(a.Config.Lifecycle.Renewal), Pace: a.Pace,
	}
	for name, account := range a.Accounts {
		in.Accounts[name] = intake.Account{Registrar: account, PendingDeadline: a.Config.Registrars[name].PendingDeadline}
	}
	return in
}

// Desk returns the desk for people and programs.
func (a *Assembly) Desk(temporal client.Client) *desk.Desk {
	in := a.Intake(temporal)
	return &desk.Desk{
		Store: a.Store, Temporal: temporal, Intake: in, WebUI: a.Config.Gateway.WebUI,
		Registrars: atRegistrars{a, temporal}, WatchEvery: a.WatchEvery(), PrivateHosts: a.Config.Hooks.PrivateHosts,
		Rehearsal: &rehearsal.Rehearsal{Intake: in, Logins: a.logins()},
	}
}

// AccountNames lists the registrar accounts in a fixed order.
func (a *Assembly) AccountNames() []string {
	return slices.Sorted(maps.Keys(a.Accounts))
}

// TemporalLog makes the Temporal SDK log through ours.
func TemporalLog(log *slog.Logger) sdklog.Logger { return sdklog.NewStructuredLogger(log) }

func operationsClient(cfg config.Operations) (*operations.Client, error) {
	roots, err := certificates("operations.ca_file", cfg.CAFile)
	if err != nil {
		return nil, err
	}
	c, err := operations.New(operations.Config{
		URL: cfg.URL, Login: cfg.Login, Password: domains.NewSecret(string(cfg.Password)),
		Timeout: cfg.Timeout, RootCAs: roots,
	})
	if err != nil {
		return nil, fmt.Errorf("config: operations: %w", err)
	}
	return c, nil
}

func billingClient(cfg config.Billing) (*billing.Client, error) {
	roots, err := certificates("billing.ca_file", cfg.CAFile)
	if err != nil {
		return nil, err
	}
	c, err := billing.New(billing.Config{
		URL: cfg.URL, Username: cfg.Username, Password: domains.NewSecret(string(cfg.Password)),
		Timeout: cfg.Timeout, RootCAs: roots,
	})
	if err != nil {
		return nil, fmt.Errorf("config: billing: %w", err)
	}
	return c, nil
}

// certificates reads the certificate authorities for a server whose certificate the
// system does not trust. Operations has a self-signed one by default.
func certificates(key, path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	content, err := config.ReadValueFile(path)
	if err != nil {
		return nil, fmt.Errorf("config: %s: %w", key, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(content) {
		return nil, fmt.Errorf("config: %s: %s holds no PEM certificate", key, path)
	}
	return pool, nil
}

func sealer(cfg config.Database) (*vault.Sealer, error) {
	ids := []string{cfg.SealingKey}
	for id := range cfg.SealingKeys {
		if id != cfg.SealingKey {
			ids = append(ids, id)
		}
	}
	keys := make([]vault.Key, 0, len(ids))
	for _, id := range ids {
		material, err := base64.StdEncoding.DecodeString(string(cfg.SealingKeys[id]))
		if err != nil {
			return nil, fmt.Errorf("config: database.sealing_keys.%s is not base64", id)
		}
		keys = append(keys, vault.Key{ID: id, Material: material})
	}
	made, err := vault.NewSealer(keys)
	if err != nil {
		return nil, fmt.Errorf("config: database.sealing_keys: %w", err)
	}
	return made, nil
}

// mostUnbilled is the highest id of a subscription that exists only in Operations.
const mostUnbilled = 999_999

func ranges(cfg config.IDs) (store.Ranges, error) {
	ranges := store.DefaultRanges()
	for _, pair := range []struct {
		key  string
		to   *store.Range
		from config.Range
	}{
		{"account", &ranges.Account, cfg.Account},
		{"user", &ranges.User, cfg.User},
		{"domain_subscription", &ranges.DomainSubscription, cfg.DomainSubscription},
		{"hosting_subscription", &ranges.HostingSubscription, cfg.HostingSubscription},
		{"domain", &ranges.Domain, cfg.Domain},
	} {
		if pair.from == (config.Range{}) {
			continue
		}
		if pair.from.First < 1 || pair.from.Last < pair.from.First || pair.from.Last > math.MaxInt32 {
			return ranges, fmt.Errorf("config: ids.%s is %d to %d and must lie within 1 and %d, first not above last",
				pair.key, pair.from.First, pair.from.Last, math.MaxInt32)
		}
		if pair.key == "hosting_subscription" && pair.from.Last > mostUnbilled {
			return ranges, fmt.Errorf("config: ids.%s is up to %d and must end at %d: above are the subscriptions that Billing knows", pair.key, pair.from.Last, mostUnbilled)
		}
		*pair.to = store.Range(pair.from)
	}
	return ranges, nil
}

// catalog reads the plans to their end; its error has a line for each mistake.
func catalog(plans config.Plans) (*orders.Catalog, error) {
	all := make([]orders.Plan, 0, len(plans.Domains)+len(plans.Hosting))
	var mistakes []error
	for i, p := range plans.Domains {
		billingPlan, wrong := billingPlan(p.Billing)
		for _, mistake := range wrong {
			mistakes = append(mistakes, fmt.Errorf("config: plans.domains[%d].billing.%w", i, mistake))
		}
		limits, wrong := priceLimits(p.PriceLimit)
		for _, mistake := range wrong {
			mistakes = append(mistakes, fmt.Errorf("config: plans.domains[%d].price_limit.%w", i, mistake))
		}
		all = append(all, orders.DomainPlan{
			PlanID: p.Plan, TLD: p.TLD, Registrar: p.Registrar, Years: p.Years,
			Periods: p.Periods, Template: p.Template, Billing: billingPlan, RequiredFields: p.RequiredFields, AllowEmptyTransferKey: p.AllowEmptyTransferKey,
			PriceLimits: limits,
		})
	}
	for _, p := range plans.Hosting {
		all = append(all, orders.HostingPlan{PlanID: p.Plan, Template: p.Template})
	}
	c, err := orders.NewCatalog(all...)
	if err != nil {
		// One problem per line, each with its plan.
		mistakes = append(mistakes, fmt.Errorf("config: plans: %s", strings.ReplaceAll(err.Error(), "\n", "\nconfig: plans: ")))
	}
	return c, errors.Join(mistakes...)
}

func billingPlan(p config.BillingPlan) (plan orders.BillingPlan, mistakes []error) {
	plan = orders.BillingPlan{
		PlanID: p.Plan, RefundDays: p.RefundDays, PeriodType: orders.PeriodType(p.PeriodType),
		Period: p.Period, RegistrarID: p.RegistrarID,
	}
	for _, fee := range []struct {
		key   string
		value string
		to    *orders.Fee
	}{
		{"setup_fee", p.SetupFee, &plan.SetupFee},
		{"subscription_fee", p.SubscriptionFee, &plan.SubscriptionFee},
		{"renewal_fee", p.RenewalFee, &plan.RenewalFee},
		{"transfer_fee", p.TransferFee, &plan.TransferFee},
		{"non_refundable", p.NonRefundable, &plan.NonRefundable},
	} {
		if fee.value == "" {
			continue
		}
		amount, err := orders.ParseFee(fee.value)
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("%s: %w", fee.key, err))
		}
		*fee.to = amount
	}
	return plan, mistakes
}
