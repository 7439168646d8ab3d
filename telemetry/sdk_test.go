package telemetry_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"domainprovisioning/telemetry"
)

// scrape is what Prometheus is told.
func scrape(t *testing.T, m *telemetry.Metrics) string {
	t.Helper()
	answer := httptest.NewRecorder()
	m.Handler(slog.New(slog.DiscardHandler)).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if answer.Code != 200 {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	return answer.Body.String()
}

// has looks for lines of the metrics.
func has(t *testing.T, metrics string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains("\n"+metrics, "\n"+line+"\n") {
			t.Errorf("the metrics lack %s", line)
		}
	}
}

func TestTheMetricsOfTheSDKHaveTheNamesAndUnitsOfPrometheus(t *testing.T) {
	m := telemetry.New()
	root := m.SDK().WithTags(map[string]string{"namespace": "default", "client_name": "temporal_go", "workflow_type": "none", "task_queue": "none"})
	queue := root.WithTags(map[string]string{"task_queue": "domain-provisioning"})
	queue.Timer("temporal_workflow_task_schedule_to_start_latency").Record(1500 * time.Millisecond)
	queue.WithTags(map[string]string{"failure_reason": "NonDeterminismError"}).Counter("temporal_workflow_task_execution_failed").Inc(2)
	queue.Gauge("temporal_sticky_cache_size").Update(7)
	// The same metric with other labels, in any order of asking.
	root.Counter("temporal_workflow_task_execution_failed").Inc(1)
	root.WithTags(map[string]string{"order_number": "DP00000001"}).Counter("temporal_request").Inc(1)
	got := scrape(t, m)
	has(t, got,
		`temporal_workflow_task_schedule_to_start_latency_seconds_sum{namespace="default",task_queue="domain-provisioning"} 1.5`,
		`temporal_workflow_task_schedule_to_start_latency_seconds_bucket{namespace="default",task_queue="domain-provisioning",le="2.5"} 1`,
		`temporal_workflow_task_execution_failed_total{failure_reason="NonDeterminismError",namespace="default",task_queue="domain-provisioning"} 2`,
		`temporal_workflow_task_execution_failed_total{namespace="default"} 1`,
		`temporal_sticky_cache_size{namespace="default",task_queue="domain-provisioning"} 7`,
		`temporal_request_total{namespace="default"} 1`,
	)
	if strings.Contains(got, "DP00000001") || strings.Contains(got, "none") {
		t.Error("the metrics hold a label that must not be there")
	}
}

// The type of a workflow is what somebody wrote who may start workflows, so the number of series
// has a bound, and what is beyond is counted.
func TestTheSeriesOfAMetricAreBounded(t *testing.T) {
	m := telemetry.New()
	for n := range 1500 {
		handler := m.SDK().WithTags(map[string]string{"workflow_type": fmt.Sprint("made-up-", n)})
		handler.Counter("temporal_workflow_failed").Inc(1)
		handler.Timer("temporal_workflow_endtoend_latency").Record(time.Hour)
		handler.Gauge("temporal_sticky_cache_size").Update(1)
	}
	got := scrape(t, m)
	if n := strings.Count(got, "\ntemporal_workflow_failed_total{"); n != 1000 {
		t.Errorf("%d series", n)
	}
	has(t, got, "domainprovisioning_sdk_series_refused_total 1500", `temporal_workflow_endtoend_latency_seconds_sum{workflow_type="made-up-0"} 3600`)
}

func TestSignsOfLife(t *testing.T) {
	m := telemetry.New()
	queue := m.SDK().WithTags(map[string]string{"task_queue": "q"})
	workflows, activities := telemetry.Beat{TaskQueue: "q", Workflows: true}, telemetry.Beat{TaskQueue: "q"}
	queue.WithTags(map[string]string{"worker_type": "LocalActivityWorker"}).Gauge("temporal_worker_task_slots_used").Update(1)
	queue.Gauge("temporal_sticky_cache_size").Update(1)
	if !m.LastBeat(workflows).IsZero() || !m.LastBeat(activities).IsZero() {
		t.Error("something else is taken for a sign of life")
	}
	queue.WithTags(map[string]string{"poller_type": "workflow_sticky_task"}).Gauge("temporal_num_pollers").Update(0)
	if m.LastBeat(workflows).IsZero() || !m.LastBeat(activities).IsZero() {
		t.Error("the end of a poll for workflows is a sign of life of those alone")
	}
	queue.WithTags(map[string]string{"worker_type": "ActivityWorker"}).Gauge("temporal_worker_task_slots_used").Update(4)
	if time.Since(m.LastBeat(activities)) > time.Minute {
		t.Error("the begin of an activity is a sign of life")
	}
}
