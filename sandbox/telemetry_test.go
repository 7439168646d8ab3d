package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/messages"
	"domainprovisioning/telemetry"
)

// scraped are metrics as Prometheus reads them: values by name and labels.
type scraped map[string]float64

func scrape(t *testing.T, address string) scraped {
	t.Helper()
	answer, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%d %s, %v", answer.StatusCode, body, err)
	}
	found := scraped{}
	lines := bufio.NewScanner(strings.NewReader(string(body)))
	for lines.Scan() {
		line := lines.Text()
		space := strings.LastIndex(line, " ")
		if space < 0 || line[0] == '#' {
			continue
		}
		value, err := strconv.ParseFloat(line[space+1:], 64)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		found[line[:space]] = value
	}
	return found
}

// sum adds up the series of a metric that have all these labels, written as label="value".
func (s scraped) sum(name string, labels ...string) (sum float64, series int) {
	for key, value := range s {
		if found, rest, _ := strings.Cut(key, "{"); found == name && !slices.ContainsFunc(labels, func(label string) bool { return !strings.Contains(rest, label) }) {
			sum, series = sum+value, series+1
		}
	}
	return sum, series
}

// reports lets the fixture's workers report to metrics of the process, and tell how they are.
func (f *fixture) reports() *assembly.Status {
	f.t.Helper()
	f.workers.Stop()
	f.Config.Worker.Address = "127.0.0.1:0"
	if err := f.report(f.t.Context(), server.HostPort(), f.namespace); err != nil {
		f.t.Fatal(err)
	}
	f.startWorkers()
	if err := f.workers.Start(); err != nil {
		f.t.Fatal(err)
	}
	f.status.Tell(f.workers, f.reporting)
	return f.status
}

// What the worker says about an order while it waits, about the calls of both lanes, and what the
// SDK adds, under which names and in which units.
func TestTheMetricsOfAWorker(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true}, func(c *config.Config) {
		c.Database.URL = config.Secret("sqlite:" + filepath.Join(t.TempDir(), "metrics.db"))
	})
	status := f.reports()
	placed := f.place(shop(t))
	f.until(shopWorkflow, messages.Waiting)
	if err := f.watchRound(t.Context(), netimAccount); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		answer, err := http.Get("http://" + status.Address + path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, answer.StatusCode)
		}
	}
	// The SDK counts a completed workflow after the server has it, which is when the round above ended.
	ofSDK := []string{
		"temporal_num_pollers", "temporal_worker_task_slots_available", "temporal_worker_task_slots_used", "temporal_sticky_cache_size",
		"temporal_workflow_task_schedule_to_start_latency_seconds_count", "temporal_workflow_task_execution_latency_seconds_count",
		"temporal_activity_schedule_to_start_latency_seconds_count", "temporal_local_activity_execution_latency_seconds_count",
		"temporal_request_total", "temporal_request_latency_seconds_count", "temporal_workflow_completed_total",
	}
	// Between two polls a poller is none.
	got := scrape(t, status.Address)
	for deadline := time.Now().Add(patience); ; got = scrape(t, status.Address) {
		missing := slices.DeleteFunc(slices.Clone(ofSDK), func(name string) bool { _, series := got.sum(name); return series > 0 })
		pollers, _ := got.sum("temporal_num_pollers", `task_queue="domain-provisioning"`, `poller_type="workflow_task"`)
		if len(missing) == 0 && pollers >= 1 {
			break
		}
		if time.Now().After(deadline) {
			t.Errorf("the SDK does not tell %q, and of %g pollers", missing, pollers)
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	one := func(want float64, name string, labels ...string) {
		t.Helper()
		if sum, series := got.sum(name, labels...); sum != want || series == 0 {
			t.Errorf("%s %v is %g in %d series, want %g", name, labels, sum, series, want)
		}
	}
	one(1, "domainprovisioning_open_orders", `state="waiting"`, `registrar="`+netimAccount+`"`, `type="registration"`, `reason=""`)
	// Local and ordinary activities, each call once, and the registrar by its plug-in.
	one(1, "domainprovisioning_calls_total", `system="operations"`, `call="AddAccount"`, `effect="change"`, `outcome="ok"`)
	one(1, "domainprovisioning_calls_total", `system="netim"`, `call="SubmitRequest"`, `effect="change"`, `outcome="ok"`)
	one(1, "domainprovisioning_call_seconds_count", `system="netim"`, `call="SubmitRequest"`)
	if left, series := got.sum("domainprovisioning_registrar_spendable", `registrar="`+netimAccount+`"`, `currency="EUR"`); left <= 0 || series != 1 {
		t.Errorf("the account may spend %g, in %d series", left, series)
	}
	one(1, "domainprovisioning_watch_rounds_total", `registrar="`+netimAccount+`"`, `outcome="ok"`)
	if seconds, _ := got.sum("domainprovisioning_watch_round_age_seconds", `registrar="`+netimAccount+`"`); seconds > 60 {
		t.Errorf("the last round was %g s ago", seconds)
	}
	// Seconds, and not milliseconds or nanoseconds: a task waits for less than the test lasts.
	if sum, _ := got.sum("temporal_workflow_task_schedule_to_start_latency_seconds_sum", `task_queue="domain-provisioning"`); sum <= 0 || sum > patience.Seconds() {
		t.Errorf("workflow tasks have waited for %g s", sum)
	}
	for key := range got {
		for _, never := range []string{"shop.example", placed.Number, "example.com"} {
			if strings.Contains(key, never) {
				t.Errorf("a label holds %s: %s", never, key)
			}
		}
	}
	known := map[string]bool{}
	for _, m := range slices.Concat(telemetry.Definitions(), telemetry.SDKDefinitions()) {
		known[m.Name] = true
	}
	ending := regexp.MustCompile(`_(bucket|sum|count)$`)
	for key := range got {
		name, _, _ := strings.Cut(key, "{")
		if !known[name] && !known[ending.ReplaceAllString(name, "")] && !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_") {
			t.Errorf("%s is in no list", name)
		}
	}
}

const tellQueue, tellSignal = "changed-program", "go on"

// A program that is not the one that wrote the history: the SDK counts the failed tasks by the
// reason that the alert looks for.
func TestANonDeterministicTaskIsCounted(t *testing.T) {
	t.Parallel()
	needServer(t)
	metrics := telemetry.New()
	number := nextNamespace.Add(1) - 1
	c, err := dial(t.Context(), server.HostPort(), namespaces[number], config.Histories{}, discardLog(), assembly.MetricsTo(metrics))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	wait := func(ctx workflow.Context) { workflow.GetSignalChannel(ctx, tellSignal).Receive(ctx, nil) }
	before := func(ctx workflow.Context) error {
		_ = workflow.NewTimer(ctx, time.Hour)
		wait(ctx)
		return nil
	}
	after := func(ctx workflow.Context) error {
		wait(ctx) // and began no timer before
		return workflow.Sleep(ctx, time.Hour)
	}
	run := func(program func(workflow.Context) error) worker.Worker {
		w := worker.New(c.(*assembly.Temporal).Client, tellQueue, worker.Options{})
		w.RegisterWorkflowWithOptions(program, workflow.RegisterOptions{Name: "Program"})
		if err := w.Start(); err != nil {
			t.Fatal(err)
		}
		return w
	}
	first := run(before)
	handle, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "changed", TaskQueue: tellQueue}, "Program")
	if err != nil {
		t.Fatal(err)
	}
	within, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	until := func(what string, is func() bool) {
		t.Helper()
		for !is() {
			select {
			case <-within.Done():
				t.Fatalf("gave up waiting until %s", what)
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
	until("the first task is done", func() bool {
		description, err := c.DescribeWorkflowExecution(within, "changed", handle.GetRunID())
		return err == nil && description.GetWorkflowExecutionInfo().GetHistoryLength() >= 5
	})
	first.Stop()
	second := run(after)
	defer second.Stop()
	if err := c.SignalWorkflow(within, "changed", "", tellSignal, nil); err != nil {
		t.Fatal(err)
	}
	serving := httptest.NewServer(metrics.Handler(discardLog()))
	t.Cleanup(serving.Close)
	until("the failed task is counted", func() bool {
		failed, _ := scrape(t, strings.TrimPrefix(serving.URL, "http://")).sum("temporal_workflow_task_execution_failed_total", `failure_reason="NonDeterminismError"`, `task_queue="`+tellQueue+`"`)
		return failed >= 1
	})
}

// The production worker tells how it is at the address of its configuration, starter asks it as
// the container's health check does, and it is ready no longer when its database is gone.
func TestTheProductionWorkerIsAskedForItsHealth(t *testing.T) {
	t.Parallel()
	p := beginProduction(t, func(c *config.Config) { c.Worker.Address = "127.0.0.1:0" })
	p.want("applied", "migrate")
	name := filepath.Join(t.TempDir(), "worker.log")
	log, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	running := p.command(t.Context(), "worker")
	running.Stderr = log
	if err := running.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = running.Process.Kill(); _ = running.Wait() }()
	address := regexp.MustCompile(`"msg":"worker tells how it is","address":"([^"]+)"`)
	deadline := time.Now().Add(patience)
	for {
		content, err := os.ReadFile(name)
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("the worker does not come: %v\n%s", err, content)
		}
		if found := address.FindSubmatch(content); found != nil {
			if out, _, code := p.starter("ready", "http://"+string(found[1])); code == 0 {
				if !strings.Contains(out, `"workers":"ok"`) {
					t.Errorf("it says %s", out)
				}
				break
			}
		}
		time.Sleep(10 * time.Millisecond) // between two questions
	}
	p.refused(assembly.ExitUnreachable, "127.0.0.1:1", "ready", "http://127.0.0.1:1")
}
