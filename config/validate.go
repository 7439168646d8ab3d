package config

import (
	"fmt"
	"maps"
	"math"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// validate checks what can be checked without a connection and reports all mistakes with
// their keys.
func (c Config) validate(plugins Plugins) []error {
	v := validator{wrong: map[string]bool{}}
	v.database(c.Database)
	v.histories(c.Histories, c.Database)
	v.atLeast("worker.activities", c.Worker.Activities, 1)
	v.atLeast("worker.workflow_tasks", c.Worker.WorkflowTasks, 2)
	v.atLeast("worker.workflow_cache", c.Worker.WorkflowCache, 1)
	v.between("worker.stop_timeout", c.Worker.StopTimeout, time.Second, 10*time.Minute)
	if c.Worker.Address != "" {
		v.listens("worker.address", c.Worker.Address, "127.0.0.1:8089 or :8089, or empty for none")
	}
	v.deployment(c.Worker)
	v.endpoint("operations.url", c.Operations.URL, false)
	v.between("operations.timeout", c.Operations.Timeout, time.Second, LongestTimeout)
	v.notExample("operations.password", c.Operations.Password)
	v.notExample("billing.password", c.Billing.Password)
	v.pair("operations.login", c.Operations.Login, "operations.password", c.Operations.Password)
	v.endpoint("billing.url", c.Billing.URL, false)
	v.between("billing.timeout", c.Billing.Timeout, time.Second, LongestTimeout)
	v.pair("billing.username", c.Billing.Username, "billing.password", c.Billing.Password)
	if len(c.Registrars) == 0 {
		v.add("registrars", "is missing: name at least one registrar account")
	}
	for _, name := range slices.Sorted(maps.Keys(c.Registrars)) {
		v.registrar(name, c.Registrars[name], plugins)
	}
	v.plans(c.Plans, c.Registrars)
	v.atLeast("orders.trailing_slots", c.Orders.TrailingSlots, 0)
	v.between("orders.repeat_window", c.Orders.RepeatWindow, 0, 30*24*time.Hour)
	v.between("orders.attention_after.unreadable", c.Orders.AttentionAfter.Unreadable, time.Second, 30*24*time.Hour)
	v.between("orders.attention_after.refused", c.Orders.AttentionAfter.Refused, time.Second, 30*24*time.Hour)
	v.gateway(c.Gateway)
	if !isRate(c.Batches.OrdersPerSecond) || c.Batches.OrdersPerSecond == 0 || c.Batches.OrdersPerSecond > mostOrdersPerSecond {
		v.add("batches.orders_per_second", "is %g and must be above 0 and at most %d", c.Batches.OrdersPerSecond, mostOrdersPerSecond)
	}
	v.retention(c.Retention, c.Orders)
	v.lifecycle(c.Lifecycle)
	v.drift(c.Drift)
	for i, host := range c.Hooks.PrivateHosts {
		if strings.ContainsAny(host, "/:@[]* ") && net.ParseIP(host) == nil || host == "" {
			v.add("hooks.private_hosts", "has %q as entry %d, which must be a host name or an IP address, without scheme and port", host, i+1)
		}
	}
	return v.errs
}

// mostOrdersPerSecond is far above what a registrar account serves.
const mostOrdersPerSecond = 1000

type validator struct {
	errs  []error
	wrong map[string]bool
}

// add reports a key only once: a missing value need not be well formed.
func (v *validator) add(key, format string, args ...any) {
	if v.wrong[key] {
		return
	}
	v.wrong[key] = true
	v.errs = append(v.errs, fmt.Errorf("config: %s %s", key, fmt.Sprintf(format, args...)))
}

func (v *validator) required(key, value string) {
	if value == "" {
		v.add(key, "is missing")
	}
}

func (v *validator) atLeast(key string, value, least int) {
	if value < least {
		v.add(key, "is %d and must be at least %d", value, least)
	}
}

func (v *validator) between(key string, value, least, most time.Duration) {
	if value < least || value > most {
		v.add(key, "is %s and must be within %s and %s", value, least, most)
	}
}

func (v *validator) pair(keyA, a, keyB string, b Secret) {
	if (a == "") != (b == "") {
		v.add(keyA, "and %s must be given together", keyB)
	}
}

// endpoint checks a URL. If the requests themselves carry credentials, plain http is
// allowed on this machine only.
func (v *validator) endpoint(key, raw string, secure bool) {
	if raw == "" {
		v.add(key, "is missing")
		return
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "":
		v.add(key, "must be a URL such as https://host:port/path")
	case u.User != nil:
		v.add(key, "must not hold a login or password; they have keys of their own")
	case u.Scheme == "https", u.Scheme == "http" && (!secure || isLoopback(u.Hostname())):
	case u.Scheme == "http":
		v.add(key, "must begin with https://")
	default:
		v.add(key, "must begin with https:// or http://")
	}
}

// account checks the URL of a registrar account, whose plug-in may have a scheme of its own.
func (v *validator) account(key, raw, scheme string) {
	if scheme == "" || raw == "" {
		v.endpoint(key, raw, true)
		return
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "" || u.Scheme != scheme:
		v.add(key, "must be a URL such as %s://host:port", scheme)
	case u.User != nil:
		v.add(key, "must not hold a login or password; they have keys of their own")
	}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

func (v *validator) database(d Database) {
	v.required("database.url", string(d.URL))
	if u, err := url.Parse(string(d.URL)); err == nil {
		password, _ := u.User.Password()
		v.notExample("database.url", Secret(password))
	}
	if !slices.ContainsFunc([]string{"postgres://", "postgresql://", "sqlite:"}, func(scheme string) bool { return strings.HasPrefix(string(d.URL), scheme) }) {
		v.add("database.url", "must begin with postgres:// or sqlite:")
	}
	v.atLeast("database.max_connections", d.MaxConnections, 1)
	v.required("database.sealing_key", d.SealingKey)
	if d.SealingKey == "" {
		return
	}
	if _, ok := d.SealingKeys[d.SealingKey]; !ok {
		v.add("database.sealing_keys", "lacks the key %q that database.sealing_key names", d.SealingKey)
	}
	for id, key := range d.SealingKeys {
		v.key("database.sealing_keys."+id, key)
	}
}

var accountName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

func (v *validator) registrar(name string, r Registrar, plugins Plugins) {
	key := "registrars." + name
	if !accountName.MatchString(name) {
		v.add(key, "must be named with 1 to 40 lower-case letters, digits and hyphens")
	}
	plugin, known := plugins[r.Plugin]
	v.required(key+".plugin", r.Plugin)
	if !known {
		v.add(key+".plugin", "is %q and must be one of: %s", r.Plugin, plugins.Names())
	}
	v.account(key+".url", r.URL, plugin.Scheme)
	v.required(key+".login", r.Login)
	v.required(key+".password", string(r.Password))
	v.notExample(key+".password", r.Password)
	v.notExample(key+".billing_password", r.BillingPassword)
	v.ownSecret(key+".callback_secret", r.CallbackSecret)
	v.ownSecret(key+".callback_secret_old", r.CallbackSecretOld)
	v.between(key+".timeout", r.Timeout, time.Second, LongestTimeout)
	if r.WatchEvery < plugin.ShortestWatch {
		v.add(key+".watch_every", "is %s and must be at least %s: more often harms the registrar", r.WatchEvery, plugin.ShortestWatch)
	}
	v.between(key+".pending_deadline", r.PendingDeadline, onLoopback(r, time.Hour), 365*24*time.Hour)
	v.settle(key, r)
	if r.RefundDays < 0 || r.RefundDays > mostRefundDays {
		v.add(key+".refund_days", "is %d and must be between 0 and %d", r.RefundDays, mostRefundDays)
	}
	v.atLeast(key+".calls_at_once", r.CallsAtOnce, 1)
	if !isRate(r.CallsPerSecond) {
		v.add(key+".calls_per_second", "must be a number of 0 or more")
	}
	if r.CallbackSecret == "" && r.CallbackSecretOld != "" {
		v.add(key+".callback_secret_old", "is the previous secret: give callback_secret, the current one, as well")
	}
	if utf8.RuneCountInString(r.BillingLogin) > 40 {
		v.add(key+".billing_login", "is longer than 40 characters")
	}
	if utf8.RuneCountInString(string(r.BillingPassword)) > 32 {
		v.add(key+".billing_password", "is longer than 32 characters")
	}
	if known && r.Settings != nil {
		plugin.Check(r, func(sub, rule string) { v.add(key+"."+sub, "%s", rule) })
	}
}

// isRate reports whether a rate is a finite number of 0 or more. YAML and the environment can
// also express infinities and NaN.
func isRate(rate float64) bool { return rate >= 0 && !math.IsInf(rate, 0) }

// onLoopback returns the shortest time that a registrar may be given, or a second for one on
// this machine: it is a stand-in, which answers as fast as it was told to.
func onLoopback(r Registrar, shortest time.Duration) time.Duration {
	if u, err := url.Parse(r.URL); err == nil && isLoopback(u.Hostname()) {
		return time.Second
	}
	return shortest
}

// settle requires that the time to settle is longer than a request may take.
func (v *validator) settle(key string, r Registrar) {
	if shortest := onLoopback(r, ShortestSettle); r.Settle < shortest {
		v.add(key+".settle", "is %s and must be at least %s: a request may be under way for that long, and could be made twice", r.Settle, shortest)
	}
	if r.Settle > longestSettle {
		v.add(key+".settle", "is %s and must be at most %s", r.Settle, longestSettle)
	}
}

// plans checks what only the configuration can know; the catalog checks the rest.
func (v *validator) plans(p Plans, accounts map[string]Registrar) {
	if len(p.Domains)+len(p.Hosting) == 0 {
		v.add("plans", "is missing: no order can be served without a plan")
	}
	for i, plan := range p.Domains {
		if _, ok := accounts[plan.Registrar]; !ok {
			v.add(fmt.Sprintf("plans.domains[%d].registrar", i), "%q is not one of registrars", plan.Registrar)
		}
		if len(plan.Periods) == 0 {
			v.add(fmt.Sprintf("plans.domains[%d].periods", i), "is missing: name each PlanPeriodID that is sold, with its years, such as {1: 1, 2: 2}")
		}
	}
}
