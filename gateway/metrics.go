package gateway

import (
	"context"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"domainprovisioning/intake"
	"domainprovisioning/store"
)

// metrics are the metrics for Prometheus. No label can be filled by a caller with values
// of its own, or hold a domain or personal data.
type metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec
	duration  *prometheus.HistogramVec
	orders    *prometheus.CounterVec
	callbacks *prometheus.CounterVec
	streams   prometheus.Gauge
}

func newMetrics(s *store.Store) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "domainprovisioning_http_requests_total", Help: "Requests answered.",
		}, []string{"route", "method", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "domainprovisioning_http_request_seconds", Help: "Time taken to answer a request.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"route"}),
		orders: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "domainprovisioning_orders_total",
			Help: "Orders sent to the gateway, by outcome: started, waiting, existing, refused, failed.",
		}, []string{"source", "outcome"}),
		callbacks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "domainprovisioning_callbacks_total",
			Help: "Callbacks of registrars, by outcome: stored, known, signature, stale, malformed, failed.",
		}, []string{"registrar", "outcome"}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "domainprovisioning_event_streams", Help: "Event streams that are open.",
		}),
	}
	m.registry.MustRegister(
		m.requests, m.duration, m.orders, m.callbacks, m.streams, backlog{store: s}, looseEnds{store: s}, stopped{store: s}, rounds{store: s}, unreadable{store: s},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

func (m *metrics) served(route, verb string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, method(verb), strconv.Itoa(status)).Inc()
	m.duration.WithLabelValues(route).Observe(took.Seconds())
}

// backlog counts what waits for the relay. It reads the store when Prometheus asks.
type backlog struct{ store *store.Store }

var backlogDesc = prometheus.NewDesc("domainprovisioning_backlog",
	"What is stored and has not reached its workflow yet: orders to start, confirmations to deliver, confirmations that fit no order.",
	[]string{"kind"}, nil)

func (backlog) Describe(descriptions chan<- *prometheus.Desc) { descriptions <- backlogDesc }

func (b backlog) Collect(found chan<- prometheus.Metric) {
	collect(found, backlogDesc, func(ctx context.Context) (map[string]int, error) {
		counts, err := b.store.Backlog(ctx, intake.RematchFor)
		return map[string]int{"orders": counts.Unstarted, "confirmations": counts.Undelivered, "unmatched": counts.Unmatched}, err
	})
}

// looseEnds counts what a person has to settle. It reads the store when Prometheus asks.
type looseEnds struct{ store *store.Store }

var looseEndsDesc = prometheus.NewDesc("domainprovisioning_loose_ends",
	"Things that exist or were paid for outside, that no order takes care of and nobody has settled: abandoned, left, perhaps-paid-twice.",
	[]string{"kind"}, nil)

func (looseEnds) Describe(descriptions chan<- *prometheus.Desc) { descriptions <- looseEndsDesc }

func (l looseEnds) Collect(found chan<- prometheus.Metric) {
	collect(found, looseEndsDesc, l.store.CountLooseEnds)
}

// stopped counts the orders whose workflows do not go on. It reads the store when
// Prometheus asks.
type stopped struct{ store *store.Store }

var stoppedDesc = prometheus.NewDesc("domainprovisioning_stopped_orders",
	"Open orders whose workflows do not go on by themselves, by what was done to them: terminated, deleted, failed, paused, stuck and so on.",
	[]string{"run"}, nil)

func (stopped) Describe(descriptions chan<- *prometheus.Desc) { descriptions <- stoppedDesc }

func (s stopped) Collect(found chan<- prometheus.Metric) {
	collect(found, stoppedDesc, s.store.CountStopped)
}

// rounds tells how long ago each watch finished its last successful round. It reads the
// store when Prometheus asks.
type rounds struct{ store *store.Store }

var roundsDesc = prometheus.NewDesc("domainprovisioning_watch_round_age_seconds",
	"Seconds since the last good round of a registrar account's watch, or since the watch began without one.",
	[]string{"registrar"}, nil)

func (rounds) Describe(descriptions chan<- *prometheus.Desc) { descriptions <- roundsDesc }

func (r rounds) Collect(found chan<- prometheus.Metric) {
	collect(found, roundsDesc, func(ctx context.Context) (map[string]int, error) {
		watches, err := r.store.Watches(ctx)
		ages := make(map[string]int, len(watches))
		for _, watch := range watches {
			ages[watch.Account] = int(watch.Age().Seconds())
		}
		return ages, err
	})
}

// unreadable counts what the watches cannot read of the registrars' lists. It reads the store
// when Prometheus asks.
type unreadable struct{ store *store.Store }

var unreadableDesc = prometheus.NewDesc("domainprovisioning_unreadable_operations",
	"Items of a registrar's list of pending operations that the last round of its watch could not read.",
	[]string{"registrar"}, nil)

func (unreadable) Describe(descriptions chan<- *prometheus.Desc) { descriptions <- unreadableDesc }

func (u unreadable) Collect(found chan<- prometheus.Metric) {
	collect(found, unreadableDesc, u.store.CountUnreadable)
}

// collect reads counts by one label from the store.
func collect[K ~string](found chan<- prometheus.Metric, desc *prometheus.Desc, count func(context.Context) (map[K]int, error)) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	counts, err := count(ctx)
	if err != nil {
		found <- prometheus.NewInvalidMetric(desc, err)
		return
	}
	for value, n := range counts {
		found <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(n), string(value))
	}
}
