package telemetry

import "strings"

// sdkTable has the metrics of the Temporal SDK without temporal_, which their names begin with.
var sdkTable = []struct {
	name string
	kind Kind
	help string
}{
	{"workflow_completed", Counter, "Workflows that have completed."},
	{"workflow_canceled", Counter, "Workflows that have ended as cancelled."},
	{"workflow_failed", Counter, "Workflows that have failed."},
	{"workflow_continue_as_new", Counter, "Workflows that have continued as new, such as a watch."},
	{"workflow_endtoend_latency", Histogram, "Time from the start of a run to its end."},
	{"workflow_task_replay_latency", Histogram, "Time taken to replay a history."},
	{"workflow_task_queue_poll_empty", Counter, "Polls for workflow tasks that got none."},
	{"workflow_task_queue_poll_succeed", Counter, "Polls for workflow tasks that got one."},
	{"workflow_task_schedule_to_start_latency", Histogram, "Time that a workflow task has waited for a worker."},
	{"workflow_task_execution_latency", Histogram, "Time taken by a workflow task, with its local activities."},
	{"workflow_task_execution_failed", Counter, "Workflow tasks that have failed, by failure_reason: NonDeterminismError, WorkflowError and others."},
	{"workflow_task_no_completion", Counter, "Workflow tasks that were not answered."},
	{"activity_poll_no_task", Counter, "Polls for activities that got none."},
	{"activity_schedule_to_start_latency", Histogram, "Time that an activity has waited for a worker."},
	{"activity_execution_failed", Counter, "Tries of activities that have failed, but for benign failures."},
	{"unregistered_activity_invocation", Counter, "Activities that no worker here knows."},
	{"activity_execution_latency", Histogram, "Time taken by a try of an activity."},
	{"activity_succeed_endtoend_latency", Histogram, "Time from the scheduling of an activity to its success."},
	{"activity_task_error", Counter, "Activities whose try could not be carried out at all."},
	{"local_activity_total", Counter, "Local activities begun."},
	{"local_activity_canceled", Counter, "Local activities cancelled; an old name."},
	{"local_activity_execution_cancelled", Counter, "Local activities cancelled."},
	{"local_activity_failed", Counter, "Local activities failed; an old name."},
	{"local_activity_execution_failed", Counter, "Local activities that have failed."},
	{"local_activity_error", Counter, "Local activities whose failure could not be told."},
	{"local_activity_execution_latency", Histogram, "Time taken by a local activity."},
	{"local_activity_succeed_endtoend_latency", Histogram, "Time from the scheduling of a local activity to its success."},
	{"corrupted_signals", Counter, "Signals that could not be decoded."},
	{"worker_start", Counter, "Workers started."},
	{"worker_task_slots_available", Gauge, "Slots for tasks that are free, by worker_type."},
	{"worker_task_slots_used", Gauge, "Slots for tasks that are used, by worker_type."},
	{"poller_start", Counter, "Pollers started."},
	{"num_pollers", Gauge, "Polls that are under way, by task_queue and poller_type."},
	{"request", Counter, "Requests to Temporal."},
	{"request_failure", Counter, "Requests to Temporal that have failed."},
	{"request_latency", Histogram, "Time taken by requests to Temporal."},
	{"long_request", Counter, "Polls sent to Temporal."},
	{"long_request_failure", Counter, "Polls that have failed."},
	{"long_request_latency", Histogram, "Time taken by polls."},
	{"request_resource_exhausted", Counter, "Requests that Temporal refused because a limit was reached, by cause."},
	{"long_request_resource_exhausted", Counter, "Polls that Temporal refused because a limit was reached, by cause."},
	{"request_attempt", Counter, "Tries of requests to Temporal; the client repeats a request that fails for a passing reason."},
	{"request_failure_attempt", Counter, "Tries of requests that have failed."},
	{"request_latency_attempt", Histogram, "Time taken by a try of a request."},
	{"request_resource_exhausted_attempt", Counter, "Tries of requests that Temporal refused because a limit was reached, by cause."},
	{"long_request_attempt", Counter, "Tries of polls."},
	{"long_request_failure_attempt", Counter, "Tries of polls that have failed."},
	{"long_request_latency_attempt", Histogram, "Time taken by a try of a poll."},
	{"long_request_resource_exhausted_attempt", Counter, "Tries of polls that Temporal refused because a limit was reached, by cause."},
	{"sticky_cache_hit", Counter, "Workflow tasks whose workflow was in memory."},
	{"sticky_cache_miss", Counter, "Workflow tasks whose workflow had to be replayed."},
	{"sticky_cache_total_forced_eviction", Counter, "Workflows put out of memory."},
	{"sticky_cache_size", Gauge, "Workflows in memory."},
	{"workflow_active_thread_count", Gauge, "Coroutines of workflows that run."},
	{"nexus_poll_no_task", Counter, "Polls for Nexus tasks that got none."},
	{"nexus_task_schedule_to_start_latency", Histogram, "Time that a Nexus task has waited for a worker."},
	{"nexus_task_execution_failed", Counter, "Nexus tasks that have failed."},
	{"nexus_task_execution_latency", Histogram, "Time taken by a Nexus task."},
	{"nexus_task_endtoend_latency", Histogram, "Time from the scheduling of a Nexus task to its end."},
}

// sdkPrefix is what the names of the SDK begin with.
const sdkPrefix = "temporal_"

// SDKDefinitions lists the metrics of the Temporal SDK, under the names that Prometheus gets.
func SDKDefinitions() []Metric {
	all := make([]Metric, len(sdkTable))
	for i, known := range sdkTable {
		ending := map[Kind]string{Counter: "_total", Histogram: "_seconds"}[known.kind]
		all[i] = Metric{Name: sdkPrefix + known.name + ending, Kind: known.kind, Origin: FromBoth, Help: known.help}
	}
	return all
}

// sdkHelps are the explanations by name.
var sdkHelps = func() map[string]string {
	helps := map[string]string{}
	for _, metric := range SDKDefinitions() {
		helps[metric.Name] = metric.Help
	}
	return helps
}()

// sdkHelp explains a metric of the SDK, or of a later one.
func sdkHelp(name string) string {
	if help := sdkHelps[name]; help != "" {
		return help
	}
	return "A metric of the Temporal SDK: " + strings.TrimPrefix(name, sdkPrefix) + "."
}
