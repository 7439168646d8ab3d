package telemetry

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"domainprovisioning/intake"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// Standing reads how everything stands from the store, for metrics.
type Standing struct {
	Store *store.Store
	// WatchEvery says how often each registrar account that has a watch should be asked for
	// pending operations.
	WatchEvery map[string]time.Duration
	Log        *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time

	lock     sync.Mutex
	at       time.Time
	took     time.Duration
	readings []reading
	err      error
}

// standingFor is how long a reading is served again, however often it is asked for: it reads an
// entry of an index for each open order.
const standingFor = 10 * time.Second

// standingTimeout bounds a reading. It is below the ten seconds that Prometheus waits for.
const standingTimeout = 8 * time.Second

// ReadStore adds what the store knows to the metrics. It may be called once.
func (m *Metrics) ReadStore(standing *Standing) { m.registry.MustRegister(standing) }

// reading is one value.
type reading struct {
	of     Metric
	value  float64
	labels []string
}

// fromStore are the metrics that a reading fills.
var fromStore = []Metric{
	openOrders, oldestOrder, stopped, backlog, backlogOldest, looseEnds, unknownOutcomes, unknownOldest, watchAge, watchEvery,
	accountNews, walkAge, walkEvery, drift, unreadable, endpointsDisabled, batchLines, heldDomains, domainsAttention, storeReadable, storeSeconds,
}

// Describe implements prometheus.Collector.
func (*Standing) Describe(descriptions chan<- *prometheus.Desc) {
	for _, metric := range fromStore {
		descriptions <- metric.desc()
	}
}

// Collect implements prometheus.Collector.
func (s *Standing) Collect(found chan<- prometheus.Metric) {
	readings, took, err := s.read()
	readable := 1.0
	if err != nil {
		readings, readable = nil, 0
	}
	for account, every := range s.WatchEvery {
		readings = append(readings, reading{watchEvery, every.Seconds(), []string{account}})
	}
	readings = append(readings, reading{storeReadable, readable, nil}, reading{storeSeconds, took.Seconds(), nil})
	for _, r := range readings {
		metric, err := prometheus.NewConstMetric(r.of.desc(), prometheus.GaugeValue, r.value, r.labels...)
		if err != nil {
			metric = prometheus.NewInvalidMetric(r.of.desc(), err)
		}
		found <- metric
	}
}

// read returns what the store knows, asked for at most once in standingFor. Those who ask
// meanwhile wait for the same answer.
func (s *Standing) read() ([]reading, time.Duration, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	began := now()
	if age := began.Sub(s.at); !s.at.IsZero() && age >= 0 && age < standingFor {
		return slices.Clip(s.readings), s.took, s.err
	}
	ctx, cancel := context.WithTimeout(context.Background(), standingTimeout)
	defer cancel()
	s.readings, s.err = s.ask(ctx)
	s.at, s.took = began, now().Sub(began)
	if s.err != nil {
		s.Log.WarnContext(ctx, "telemetry: the store could not be read for metrics", "error", s.err)
	}
	return slices.Clip(s.readings), s.took, s.err
}

// ask asks the store everything. Another source of gauges is another function here.
func (s *Standing) ask(ctx context.Context) (all []reading, err error) {
	for _, ask := range []func(context.Context) ([]reading, error){
		s.open, s.waiting, s.unknown, s.watches, s.news, s.walks, s.disabled,
		counted(drift, s.Store.CountDrift), counted(stopped, s.Store.CountStopped), counted(looseEnds, s.Store.CountLooseEnds), counted(unreadable, s.Store.CountUnreadable), counted(batchLines, s.Store.CountBatchLines),
		counted(heldDomains, s.Store.CountDomains), counted(domainsAttention, s.Store.CountDomainAttention),
	} {
		readings, err := ask(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, readings...)
	}
	return all, nil
}

// counted makes a gauge of counts by one label.
func counted[K ~string](of Metric, count func(context.Context) (map[K]int, error)) func(context.Context) ([]reading, error) {
	return func(ctx context.Context) ([]reading, error) {
		counts, err := count(ctx)
		readings := make([]reading, 0, len(counts))
		for value, n := range counts {
			readings = append(readings, reading{of, float64(n), []string{string(value)}})
		}
		return readings, err
	}
}

// open counts the open orders.
func (s *Standing) open(ctx context.Context) ([]reading, error) {
	counts, err := s.Store.CountOpen(ctx)
	alike, oldest := map[[4]string]int{}, map[messages.State]time.Duration{}
	for _, state := range store.OpenStates() {
		oldest[state] = 0
	}
	for _, c := range counts {
		alike[[4]string{string(c.State), reasonLabel(c.Reason), c.Registrar, workflows.TypeOfProgram(c.Program)}] += c.Count
		oldest[c.State] = max(oldest[c.State], c.Oldest)
	}
	readings := make([]reading, 0, len(alike)+len(oldest))
	for labels, n := range alike {
		readings = append(readings, reading{openOrders, float64(n), labels[:]})
	}
	for state, age := range oldest {
		readings = append(readings, reading{oldestOrder, age.Seconds(), []string{string(state)}})
	}
	return readings, err
}

// otherReason stands for a reason that this version does not know.
const otherReason = "other"

// reasonLabel is a reason as a label, which has only values that are known.
func reasonLabel(reason string) string {
	if reason == "" || knownReasons[reason] {
		return reason
	}
	return otherReason
}

// knownReasons are the constant reasons and those that are made of kinds and classes.
var knownReasons = func() map[string]bool {
	known := map[string]bool{}
	for _, reason := range messages.Reasons() {
		known[string(reason)] = true
	}
	for _, class := range registrars.Classes() {
		known[string(messages.Trying(string(class)))] = true
	}
	for _, kind := range registrars.Kinds() {
		for _, how := range []store.LedgerState{store.Failed, store.Cancelled} {
			known[string(messages.RequestEnded(string(kind), string(how)))] = true
		}
	}
	return known
}()

// waiting counts the backlog of the relay.
func (s *Standing) waiting(ctx context.Context) ([]reading, error) {
	found, err := s.Store.Backlog(ctx, intake.RematchFor)
	kinds := []struct {
		name   string
		count  int
		oldest time.Duration
	}{
		{"orders", found.Unstarted, found.OldestUnstarted},
		{"confirmations", found.Undelivered, found.OldestUndelivered},
		{"unmatched", found.Unmatched, found.OldestUnmatched},
		{"news", found.News, found.OldestNews},
	}
	readings := make([]reading, 0, 2*len(kinds))
	for _, kind := range kinds {
		readings = append(readings,
			reading{backlog, float64(kind.count), []string{kind.name}}, reading{backlogOldest, kind.oldest.Seconds(), []string{kind.name}})
	}
	return readings, err
}

// unknown counts the requests whose outcome nobody knows, for each account that has a watch too.
func (s *Standing) unknown(ctx context.Context) ([]reading, error) {
	counts, err := s.Store.CountUnknown(ctx)
	byAccount := map[string]store.UnknownCount{}
	for account := range s.WatchEvery {
		byAccount[account] = store.UnknownCount{}
	}
	for _, c := range counts {
		byAccount[c.Account] = c
	}
	readings := make([]reading, 0, 2*len(byAccount))
	for account, c := range byAccount {
		readings = append(readings,
			reading{unknownOutcomes, float64(c.Count), []string{account}}, reading{unknownOldest, c.Oldest.Seconds(), []string{account}})
	}
	return readings, err
}

// disabled counts the endpoints that are told nothing more.
func (s *Standing) disabled(ctx context.Context) ([]reading, error) {
	count, err := s.Store.CountDisabledHooks(ctx)
	return []reading{{endpointsDisabled, float64(count), nil}}, err
}

// watches tells how long ago each watch finished its last successful round.
func (s *Standing) watches(ctx context.Context) ([]reading, error) {
	found, err := s.Store.Watches(ctx)
	readings := make([]reading, 0, len(found))
	for _, watch := range found {
		readings = append(readings, reading{watchAge, watch.Age().Seconds(), []string{watch.Account}})
	}
	return readings, err
}

// news counts what registrars have written about their accounts, by matter, for each account that has
// a watch too.
func (s *Standing) news(ctx context.Context) ([]reading, error) {
	found, err := s.Store.CountAccountNews(ctx)
	counts := map[[2]string]int{}
	for account := range s.WatchEvery {
		for _, matter := range registrars.AccountMatters() {
			counts[[2]string{account, string(matter)}] = 0
		}
	}
	for _, c := range found {
		counts[[2]string{c.Account, c.Matter}] = c.Count
	}
	readings := make([]reading, 0, len(counts))
	for labels, n := range counts {
		readings = append(readings, reading{accountNews, float64(n), labels[:]})
	}
	return readings, err
}

// walks tells how long ago each walk that is expected came to its end last.
func (s *Standing) walks(ctx context.Context) ([]reading, error) {
	found, err := s.Store.Walks(ctx)
	readings := make([]reading, 0, 2*len(found))
	for _, walk := range found {
		if walk.EverySeconds > 0 {
			readings = append(readings,
				reading{walkAge, walk.Age().Seconds(), []string{walk.Account}}, reading{walkEvery, float64(walk.EverySeconds), []string{walk.Account}})
		}
	}
	return readings, err
}

// Reasons lists the values of the label reason.
func Reasons() []string {
	return append(slices.Sorted(maps.Keys(knownReasons)), otherReason)
}
