// Package telemetry holds the metrics of worker and gateway. definitions.go is the one place in
// which a metric of ours has its name, its labels and its explanation; sdk.go has those of the
// Temporal SDK. The alerts and the dashboard of deploy/ and the table in docs/metrics.md are
// checked against both.
package telemetry

import (
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the metrics of one process.
type Metrics struct {
	// Orders counts the orders sent, by source and outcome, Callbacks those of registrars, by
	// account and outcome, Webhooks the tries to send news, by outcome, and Removed what was kept for
	// long enough, by kind.
	Orders, Callbacks, Webhooks, Removed *prometheus.CounterVec
	// Streams are the event streams that are open.
	Streams prometheus.Gauge

	registry *prometheus.Registry
	sdk      *sdk
	requests *prometheus.CounterVec
	answered *prometheus.HistogramVec
	calls    *prometheus.CounterVec
	took     *prometheus.HistogramVec
	rounds   *prometheus.CounterVec
	funds    *prometheus.GaugeVec
	work     *prometheus.GaugeVec
	expires  *prometheus.GaugeVec
}

// New returns the metrics of a process, in a registry of their own.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(), sdk: newSDK(),
		Orders: ordersSent.counter(), Callbacks: callbacks.counter(), Webhooks: webhooks.counter(), Removed: removed.counter(), Streams: eventStreams.gauge(),
		requests: httpRequests.counter(), answered: httpSeconds.histogram(),
		calls: calls.counter(), took: callSeconds.histogram(), rounds: watchRounds.counter(),
		funds: spendable.gauges(), work: getsWork.gauges(), expires: expires.gauges(),
	}
	m.registry.MustRegister(
		m.Orders, m.Callbacks, m.Webhooks, m.Removed, m.Streams, m.requests, m.answered, m.calls, m.took, m.rounds, m.funds, m.work, m.expires, m.sdk, m.sdk.refused,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

// Served notes a request of the gateway. The route is one of ours, the method one of HTTP.
func (m *Metrics) Served(route, method string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.answered.WithLabelValues(route).Observe(took.Seconds())
}

// Called notes a try of a call to an outside system, or to the store.
func (m *Metrics) Called(system, call, effect, outcome string, took time.Duration) {
	m.calls.WithLabelValues(system, call, effect, outcome).Inc()
	m.took.WithLabelValues(system, call).Observe(took.Seconds())
}

// Watched notes a round of an account's watch.
func (m *Metrics) Watched(account, outcome string) { m.rounds.WithLabelValues(account, outcome).Inc() }

// GetsWork notes whether Temporal gives work to the build of the process.
func (m *Metrics) GetsWork(build string, gets bool) {
	value := 0.0
	if gets {
		value = 1
	}
	m.work.WithLabelValues(build).Set(value)
}

// currencies bounds a label that a registrar fills.
var currencies = regexp.MustCompile(`^[A-Z]{3}$`)

// Funds notes what a registrar account may spend, in major units of a currency.
func (m *Metrics) Funds(account string, left float64, currency string) {
	if !currencies.MatchString(currency) {
		currency = ""
	}
	m.funds.WithLabelValues(account, currency).Set(left)
}

// Expires notes until when something can be used that a setting names, by its whole key.
func (m *Metrics) Expires(setting string, at time.Time) {
	m.expires.WithLabelValues(setting).Set(float64(at.Unix()))
}

// Handler serves the metrics in the format that the client asks for. What cannot be read is left
// out and logged.
func (m *Metrics) Handler(log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn), ErrorHandling: promhttp.ContinueOnError,
	})
}
