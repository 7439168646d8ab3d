package main

import (
	"context"
	"testing"

	"go.temporal.io/sdk/client"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/workflows"
)

// inDeployment makes workers a version of a deployment.
func inDeployment(build string) func(*config.Config) {
	return func(c *config.Config) { c.Worker.Deployment, c.Worker.BuildID = "shop", build }
}

// makeCurrent gives the work to a version, once the server knows it. That its workers poll all their
// queues is not checked by the server: see findings/temporal-set-current-takes-a-build-nobody-runs.sh.
func (f *fixture) makeCurrent(build string) {
	f.t.Helper()
	var err error
	f.eventually("build "+build+" is current", func() bool {
		_, err = f.temporal.WorkerDeploymentClient().GetHandle("shop").SetCurrentVersion(f.t.Context(), client.WorkerDeploymentSetCurrentVersionOptions{BuildID: build})
		return err == nil
	})
}

// ranOn returns the build that has carried out the latest task of a workflow.
func (f *fixture) ranOn(workflowID string) string {
	f.t.Helper()
	described, err := f.temporal.DescribeWorkflowExecution(f.t.Context(), workflowID, "")
	if err != nil {
		f.t.Fatal(err)
	}
	return described.GetWorkflowExecutionInfo().GetVersioningInfo().GetDeploymentVersion().GetBuildId()
}

// deploys starts workers of a build beside those that run, makes it current, and stops the others.
func (f *fixture) deploys(build string) {
	f.t.Helper()
	cfg := f.Config
	inDeployment(build)(&cfg)
	a, err := assembly.New(f.t.Context(), cfg, f.Log)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { a.Close(context.Background()) })
	next := a.Workers(f.temporal, func(err error) { f.t.Error(err) })
	if err := next.Start(); err != nil {
		f.t.Fatal(err)
	}
	f.makeCurrent(build)
	f.workers.Stop()
	f.workers = next
}

// completesBySchedule lets the registrar finish the registration of a name, and the schedule of
// the watch see it, whose workflow must run on a build.
func (f *fixture) completesBySchedule(domain, build string) {
	f.t.Helper()
	if err := f.world.netim.Complete(domain); err != nil {
		f.t.Fatal(err)
	}
	watch := f.temporal.ScheduleClient().GetHandle(f.t.Context(), workflows.WatchID(netimAccount))
	if err := watch.Trigger(f.t.Context(), client.ScheduleTriggerOptions{}); err != nil {
		f.t.Fatal(err)
	}
	f.finish("domain-provisioning/" + domain)
	described, err := watch.Describe(f.t.Context())
	if err != nil || len(described.Info.RecentActions) == 0 {
		f.t.Fatalf("the schedule has started nothing: %v", err)
	}
	latest := described.Info.RecentActions[len(described.Info.RecentActions)-1].StartWorkflowResult
	if on := f.ranOn(latest.WorkflowID); on != build {
		f.t.Errorf("the watch ran on build %q", on)
	}
}

// TestAnOrderMovesToTheBuildThatIsCurrent plays a rollout of docs/operating.md: an order waits
// under workers of no version, moves to the first build and to the next one, and is finished there;
// another one is taken back to the first build.
func TestAnOrderMovesToTheBuildThatIsCurrent(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	f.orders("shop")
	if on := f.ranOn(shopWorkflow); on != "" {
		t.Errorf("the order waits on build %q", on)
	}
	f.deploys("a")
	f.orders("second")
	if on := f.ranOn("domain-provisioning/second.example"); on != "a" {
		t.Errorf("the second order waits on build %q", on)
	}
	f.deploys("b")
	f.completesBySchedule("shop.example", "b")
	if on := f.ranOn(shopWorkflow); on != "b" {
		t.Errorf("the order has ended on build %q", on)
	}
	f.deploys("a")
	f.completesBySchedule("second.example", "a")
	if on := f.ranOn("domain-provisioning/second.example"); on != "a" {
		t.Errorf("the second order has ended on build %q", on)
	}
	for _, domain := range []string{"shop.example", "second.example"} {
		f.want(domain, wholeOf(2))
		if creates := f.world.netim.Creates(domain); creates != 1 {
			t.Errorf("%s: %d registrations", domain, creates)
		}
	}
}
