package telemetry

import "github.com/prometheus/client_golang/prometheus"

// Kind is what a metric is to Prometheus.
type Kind string

// The kinds.
const (
	Counter   Kind = "counter"
	Gauge     Kind = "gauge"
	Histogram Kind = "histogram"
)

// Origin says which processes fill a metric.
type Origin string

// The origins.
const (
	// FromWorker and FromGateway are what a process counts of its own work: add them up.
	FromWorker  Origin = "worker"
	FromGateway Origin = "gateway"
	FromBoth    Origin = "both"
	// FromStore is what every process reads from the one store: take the largest.
	FromStore Origin = "both, of the store"
)

// Metric defines a metric: nowhere else are its name and its labels written down. No label can
// be filled by a caller with values of its own, or hold a domain, an order number or personal
// data.
type Metric struct {
	Name   string
	Kind   Kind
	Labels []string
	Origin Origin
	Help   string
	// Buckets are the upper bounds of a histogram, in seconds.
	Buckets []float64
}

// requestBuckets suit answers to HTTP requests, and callBuckets calls to systems that may take
// their time-out of nearly two minutes.
var (
	requestBuckets = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
	callBuckets    = []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120}
)

// What a process counts of its own work.
var (
	httpRequests = Metric{"domainprovisioning_http_requests_total", Counter, []string{"route", "method", "status"}, FromGateway,
		"Requests answered.", nil}
	httpSeconds = Metric{"domainprovisioning_http_request_seconds", Histogram, []string{"route"}, FromGateway,
		"Time taken to answer a request.", requestBuckets}
	ordersSent = Metric{"domainprovisioning_orders_total", Counter, []string{"source", "outcome"}, FromGateway,
		"Orders sent to the gateway, by outcome: started, waiting, existing, refused, failed.", nil}
	callbacks = Metric{"domainprovisioning_callbacks_total", Counter, []string{"registrar", "outcome"}, FromGateway,
		"Callbacks of registrars, by outcome: stored, known, signature, stale, malformed, failed, unknown.", nil}
	eventStreams = Metric{"domainprovisioning_event_streams", Gauge, nil, FromGateway,
		"Event streams that are open.", nil}
	calls = Metric{"domainprovisioning_calls_total", Counter, []string{"system", "call", "effect", "outcome"}, FromWorker,
		"Calls of both lanes, every try of them: system is operations, billing, store or a registrar plug-in; effect is change or read; " +
			"outcome is ok, the class of the error, or cancelled, no-answer, not-tried, panic. A call that finds what an earlier try has left is ok.", nil}
	callSeconds = Metric{"domainprovisioning_call_seconds", Histogram, []string{"system", "call"}, FromWorker,
		"Time taken by a try of a call.", callBuckets}
	watchRounds = Metric{"domainprovisioning_watch_rounds_total", Counter, []string{"registrar", "outcome"}, FromWorker,
		"Rounds of an account's watch, by outcome as in domainprovisioning_calls_total.", nil}
	spendable = Metric{"domainprovisioning_registrar_spendable", Gauge, []string{"registrar", "currency"}, FromWorker,
		"What the account may spend, its credit included, when the process last read that, which it does before it pays for a request; " +
			"absent before, and for registrars that do not tell.", nil}
	getsWork = Metric{"domainprovisioning_worker_gets_work", Gauge, []string{"build"}, FromWorker,
		"1 if Temporal gives work to the build of the process, asked once a minute: it is current or ramping, or workers have no versions. " +
			"0 if its workers poll and get nothing. build is empty for workers without a version.", nil}
	expires = Metric{"domainprovisioning_expires_timestamp_seconds", Gauge, []string{"setting"}, FromBoth,
		"Until when a certificate can be used that a setting names, as the process has read it last: that of a " +
			"registrar account, such as registrars.registry-main.epp.certificate_file, or gateway.tls_cert_file. " +
			"Of a file with several certificates the earliest end.", nil}
	webhooks = Metric{"domainprovisioning_webhooks_total", Counter, []string{"outcome"}, FromBoth,
		"News sent to the endpoints of order systems, every try of them: sent, failed, refused.", nil}
	removed = Metric{"domainprovisioning_removed_total", Counter, []string{"kind"}, FromBoth,
		"What was kept for as long as the configuration says and was then removed, or erased: orders, batches, refusals, inbox, idempotency-keys, acts, news, runs (orders whose runs were deleted in Temporal).", nil}
)

// What is read from the store.
var (
	openOrders = Metric{"domainprovisioning_open_orders", Gauge, []string{"state", "reason", "registrar", "type"}, FromStore,
		"Orders that have not ended, as lists show them: running, waiting, attention, undoing. An order in attention has its reason; " +
			"what has passed its deadline is deadline-passed. A combination that no order has is absent.", nil}
	oldestOrder = Metric{"domainprovisioning_open_orders_oldest_seconds", Gauge, []string{"state"}, FromStore,
		"For how long the order that has been in its state for longest has been in it; 0 without any.", nil}
	stopped = Metric{"domainprovisioning_stopped_orders", Gauge, []string{"run"}, FromStore,
		"Open orders whose workflows do not go on by themselves, by what was done to them: terminated, deleted, failed, paused, stuck and so on.", nil}
	backlog = Metric{"domainprovisioning_backlog", Gauge, []string{"kind"}, FromStore,
		"What is stored and has not got to where it belongs: orders to start, confirmations to deliver, confirmations that fit no order " +
			"(unmatched), news to send.", nil}
	backlogOldest = Metric{"domainprovisioning_backlog_oldest_seconds", Gauge, []string{"kind"}, FromStore,
		"For how long the oldest of each kind of the backlog has waited; 0 without any.", nil}
	looseEnds = Metric{"domainprovisioning_loose_ends", Gauge, []string{"kind"}, FromStore,
		"Things that exist or were paid for outside, that no order takes care of and nobody has settled: abandoned, left, perhaps-paid-twice.", nil}
	unknownOutcomes = Metric{"domainprovisioning_unknown_outcomes", Gauge, []string{"registrar"}, FromStore,
		"Requests to an account of which nobody knows whether they took effect.", nil}
	unknownOldest = Metric{"domainprovisioning_unknown_outcomes_oldest_seconds", Gauge, []string{"registrar"}, FromStore,
		"How long ago the oldest of those was begun; 0 without any.", nil}
	watchAge = Metric{"domainprovisioning_watch_round_age_seconds", Gauge, []string{"registrar"}, FromStore,
		"Seconds since the last good round of a registrar account's watch, or since the watch began without one.", nil}
	watchEvery = Metric{"domainprovisioning_watch_interval_seconds", Gauge, []string{"registrar"}, FromBoth,
		"How often the account is to be asked for pending operations, by the configuration of the process.", nil}
	unreadable = Metric{"domainprovisioning_unreadable_operations", Gauge, []string{"registrar"}, FromStore,
		"Items of a registrar's list of pending operations that the last round of its watch could not read.", nil}
	accountNews = Metric{"domainprovisioning_account_notices", Gauge, []string{"registrar", "matter"}, FromStore,
		"What a registrar has written about the account itself, for the first time or again, in the last seven days: about access, such as a password that expires, funds, maintenance, or other.", nil}
	walkAge = Metric{"domainprovisioning_walk_age_seconds", Gauge, []string{"registrar"}, FromStore,
		"Seconds since the last good walk over a registrar account, or since walks are expected without one.", nil}
	walkEvery = Metric{"domainprovisioning_walk_interval_seconds", Gauge, []string{"registrar"}, FromStore,
		"How often a registrar account is to be walked over.", nil}
	drift = Metric{"domainprovisioning_drift", Gauge, []string{"severity"}, FromStore,
		"Differences between what we hold of domains and what registrars, Billing and Operations have: high, medium, low.", nil}
	batchLines = Metric{"domainprovisioning_batch_lines", Gauge, []string{"state"}, FromStore,
		"Lines of batches that run or are paused, by what has become of them: waiting, placed, refused, cancelled.", nil}
	heldDomains = Metric{"domainprovisioning_domains", Gauge, []string{"state"}, FromStore,
		"Domains that are or were held, by where they are in their lives.", nil}
	domainsAttention = Metric{"domainprovisioning_domains_attention", Gauge, []string{"reason"}, FromStore,
		"Domains that need a person, by why.", nil}
	endpointsDisabled = Metric{"domainprovisioning_webhook_endpoints_disabled", Gauge, nil, FromStore,
		"Endpoints of order systems that get no news any more, because they have failed for too long.", nil}
	storeReadable = Metric{"domainprovisioning_store_readable", Gauge, nil, FromBoth,
		"1 if the last reading of the store succeeded, else 0; then the metrics of the store are absent.", nil}
	storeSeconds = Metric{"domainprovisioning_store_read_seconds", Gauge, nil, FromBoth,
		"Time taken by the last reading of the store for metrics.", nil}
)

// seriesRefused guards against labels of the SDK that somebody else fills.
var seriesRefused = Metric{"domainprovisioning_sdk_series_refused_total", Counter, nil, FromBoth,
	"Values of the Temporal SDK that were not kept, because their metric has too many combinations of labels.", nil}

// Definitions lists every metric of ours.
func Definitions() []Metric {
	return []Metric{
		openOrders, oldestOrder, stopped, looseEnds, unknownOutcomes, unknownOldest, backlog, backlogOldest,
		watchAge, watchEvery, watchRounds, accountNews, walkAge, walkEvery, drift, unreadable, spendable, expires, getsWork, calls, callSeconds,
		ordersSent, callbacks, webhooks, endpointsDisabled, batchLines, heldDomains, domainsAttention, removed, httpRequests, httpSeconds, eventStreams,
		storeReadable, storeSeconds, seriesRefused,
	}
}

func (m Metric) desc() *prometheus.Desc { return prometheus.NewDesc(m.Name, m.Help, m.Labels, nil) }

func (m Metric) counter() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: m.Name, Help: m.Help}, m.Labels)
}

func (m Metric) histogram() *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: m.Name, Help: m.Help, Buckets: m.Buckets}, m.Labels)
}

func (m Metric) gauges() *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: m.Name, Help: m.Help}, m.Labels)
}

func (m Metric) gauge() prometheus.Gauge {
	return prometheus.NewGauge(prometheus.GaugeOpts{Name: m.Name, Help: m.Help})
}
