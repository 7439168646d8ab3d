package telemetry

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/client"
)

// sdk keeps the metrics of the Temporal SDK, in the registry of all others. It is no library, such
// as the SDK's contrib/opentelemetry, because the workers' signs of life are taken from it too, and
// because it must bound what others can write into labels. Its names are those of Temporal's documentation
// with the endings that Prometheus demands: _total for counters, _seconds for timers, which are
// histograms. It keeps the labels that say where something happened, if they have a value.
type sdk struct {
	refused prometheus.Counter
	now     func() time.Time

	lock     sync.RWMutex
	series   map[string]prometheus.Metric // by name and labels
	families map[string]int               // number of series by name

	beating sync.Mutex
	beats   map[Beat]time.Time
}

// mostSeries bounds the combinations of labels of one metric. A worker for ten registrar accounts
// has some two hundred of the metric that has most.
const mostSeries = 1000

// sdkLabels are the labels that are kept. All others are dropped.
var sdkLabels = []string{
	"namespace", "task_queue", "worker_type", "poller_type", "workflow_type", "activity_type", "operation", "status_code", "cause", "failure_reason",
}

// noneTag is how the SDK says that a label has no value.
const noneTag = "none"

var (
	sdkBuckets = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300}
	// An order may wait for days before its workflow ends.
	sdkLongBuckets = []float64{.1, 1, 10, 60, 600, 3600, 6 * 3600, 86400, 3 * 86400, 7 * 86400, 30 * 86400}
)

func newSDK() *sdk {
	refused := seriesRefused.counter()
	return &sdk{
		refused: refused.WithLabelValues(), now: time.Now,
		series: map[string]prometheus.Metric{}, families: map[string]int{}, beats: map[Beat]time.Time{},
	}
}

// SDK returns the handler for the options of a Temporal client, whose workers report to it too.
func (m *Metrics) SDK() client.MetricsHandler { return sdkHandler{of: m.sdk} }

// Describe implements prometheus.Collector. It tells nothing, because the SDK names its metrics
// when it first uses them.
func (*sdk) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (s *sdk) Collect(found chan<- prometheus.Metric) {
	s.lock.RLock()
	defer s.lock.RUnlock()
	for _, metric := range s.series {
		found <- metric
	}
}

// find returns the series of a name and labels, which first makes at its first use, or nil if
// there are too many.
func (s *sdk) find(name string, tags map[string]string, first func(help string, labels prometheus.Labels) prometheus.Metric) prometheus.Metric {
	labels := prometheus.Labels{}
	key := strings.Builder{}
	key.WriteString(name)
	for _, label := range sdkLabels {
		if value := tags[label]; value != "" && value != noneTag {
			labels[label] = value
			key.WriteString("\x00" + label + "\x00" + value)
		}
	}
	s.lock.RLock()
	known, there := s.series[key.String()]
	s.lock.RUnlock()
	if there {
		return known
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	if known, there = s.series[key.String()]; there {
		return known
	}
	if s.families[name] >= mostSeries {
		return nil
	}
	s.families[name]++
	made := first(sdkHelp(name), labels)
	s.series[key.String()] = made
	return made
}

// sdkHandler implements client.MetricsHandler with the tags that it was given.
type sdkHandler struct {
	of   *sdk
	tags map[string]string
}

// WithTags implements client.MetricsHandler.
func (h sdkHandler) WithTags(tags map[string]string) client.MetricsHandler {
	all := make(map[string]string, len(h.tags)+len(tags))
	maps.Copy(all, h.tags)
	maps.Copy(all, tags)
	return sdkHandler{h.of, all}
}

// Counter implements client.MetricsHandler.
func (h sdkHandler) Counter(name string) client.MetricsCounter {
	found, ok := h.of.find(name+"_total", h.tags, func(help string, labels prometheus.Labels) prometheus.Metric {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name + "_total", Help: help, ConstLabels: labels})
	}).(prometheus.Counter)
	if !ok {
		return refusing{h.of}
	}
	return counting{found}
}

// Gauge implements client.MetricsHandler.
func (h sdkHandler) Gauge(name string) client.MetricsGauge {
	found, ok := h.of.find(name, h.tags, func(help string, labels prometheus.Labels) prometheus.Metric {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels})
	}).(prometheus.Gauge)
	if !ok {
		return refusing{h.of}
	}
	beat, beats := beatOf(name, h.tags)
	return gauging{found, func() {
		if beats {
			h.of.beat(beat)
		}
	}}
}

// Timer implements client.MetricsHandler.
func (h sdkHandler) Timer(name string) client.MetricsTimer {
	buckets := sdkBuckets
	if strings.HasSuffix(name, "endtoend_latency") {
		buckets = sdkLongBuckets
	}
	found, ok := h.of.find(name+"_seconds", h.tags, func(help string, labels prometheus.Labels) prometheus.Metric {
		return prometheus.NewHistogram(prometheus.HistogramOpts{Name: name + "_seconds", Help: help, ConstLabels: labels, Buckets: buckets})
	}).(prometheus.Histogram)
	if !ok {
		return refusing{h.of}
	}
	return timing{found}
}

type counting struct{ prometheus.Counter }

// Inc implements client.MetricsCounter.
func (c counting) Inc(by int64) { c.Add(float64(by)) }

type gauging struct {
	prometheus.Gauge

	beat func()
}

// Update implements client.MetricsGauge.
func (g gauging) Update(to float64) { g.Set(to); g.beat() }

type timing struct{ prometheus.Histogram }

// Record implements client.MetricsTimer.
func (t timing) Record(took time.Duration) { t.Observe(took.Seconds()) }

// refusing counts what is not kept.
type refusing struct{ of *sdk }

func (r refusing) Inc(int64)            { r.of.refused.Inc() }
func (r refusing) Update(float64)       { r.of.refused.Inc() }
func (r refusing) Record(time.Duration) { r.of.refused.Inc() }

// Beat is a sign of life of the workers of a task queue, for its workflows or for its activities.
type Beat struct {
	TaskQueue string
	Workflows bool
}

// pollerTypes and workerTypes say, of which kind of work the SDK's labels speak.
var (
	pollerTypes = map[string]bool{"workflow_task": true, "workflow_sticky_task": true, "activity_task": false}
	workerTypes = map[string]bool{"WorkflowWorker": true, "ActivityWorker": false}
)

// slotGauges change whenever a task begins or ends.
var slotGauges = []string{"temporal_worker_task_slots_used", "temporal_worker_task_slots_available"}

// beatOf says whose sign of life a gauge is. The number of pollers is told at the begin and at
// the end of every poll, successful or not, which lasts for a minute or so at most.
func beatOf(name string, tags map[string]string) (Beat, bool) {
	workflows, known := false, false
	switch {
	case name == "temporal_num_pollers":
		workflows, known = lookup(pollerTypes, tags["poller_type"])
	case slices.Contains(slotGauges, name):
		workflows, known = lookup(workerTypes, tags["worker_type"])
	}
	return Beat{tags["task_queue"], workflows}, known
}

func lookup(of map[string]bool, name string) (value, known bool) {
	value, known = of[name]
	return value, known
}

func (s *sdk) beat(beat Beat) {
	s.beating.Lock()
	defer s.beating.Unlock()
	s.beats[beat] = s.now()
}

// LastBeat returns when the workers of a task queue last gave a sign of life: a poll or a task
// began or ended. It is zero if they never have.
func (m *Metrics) LastBeat(of Beat) time.Time {
	m.sdk.beating.Lock()
	defer m.sdk.beating.Unlock()
	return m.sdk.beats[of]
}
