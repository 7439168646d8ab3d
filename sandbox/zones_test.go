package main

import (
	"net"
	"strings"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/workflowservice/v1"
	"golang.org/x/net/dns/dnsmessage"

	"domainprovisioning/config"
	"domainprovisioning/messages"
	"domainprovisioning/registrars/netim"
	"domainprovisioning/sandbox/standin/dns"
	"domainprovisioning/sandbox/standin/faults"
)

// pressOn makes the step that waits for its next try begin it at once, as an operator
// does with `temporal activity reset`.
func (f *fixture) pressOn(workflowID string) {
	f.t.Helper()
	description, err := f.temporal.DescribeWorkflowExecution(f.t.Context(), workflowID, "")
	if err != nil {
		f.t.Fatal(err)
	}
	execution := description.GetWorkflowExecutionInfo().GetExecution()
	for _, activity := range description.GetPendingActivities() {
		_, err := f.temporal.WorkflowService().ResetActivity(f.t.Context(), &workflowservice.ResetActivityRequest{
			Namespace: f.namespace, Execution: &commonpb.WorkflowExecution{WorkflowId: workflowID, RunId: execution.GetRunId()},
			Activity: &workflowservice.ResetActivityRequest_Id{Id: activity.GetActivityId()},
		})
		if err != nil {
			f.t.Fatal(err)
		}
	}
}

// heldFor returns why the step waits for its next try.
func (f *fixture) heldFor(workflowID string) string {
	f.t.Helper()
	if pending := f.pendingActivity(workflowID); pending.Attempt != 2 || !pending.Delayed {
		f.t.Errorf("the step is not retried after a delay: %+v", pending)
	}
	description, err := f.temporal.DescribeWorkflowExecution(f.t.Context(), workflowID, "")
	if err != nil {
		f.t.Fatal(err)
	}
	return f.Codec.ForClients().Failure.FailureToError(description.GetPendingActivities()[0].GetLastFailure()).Error()
}

// TestDNSNotReady: a registration waits until its name servers serve the zone, and the
// registrar is not asked before.
func TestDNSNotReady(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{zoneDelay: time.Hour})
	f.place(shop(t))
	const want = "nameServers: ns1.dns.example refuses to answer for the zone"
	if why := f.heldFor(shopWorkflow); !strings.Contains(why, want) {
		t.Errorf("held for %q, want %q", why, want)
	}
	if calls := f.world.netim.Calls("domainCreate"); calls != 0 {
		t.Fatalf("%d calls of domainCreate although the zone is not live", calls)
	}
	f.world.operations.PublishZone("shop.example")
	f.pressOn(shopWorkflow)
	f.finish(shopWorkflow)
	f.want("shop.example", whole())
	if calls := f.world.netim.Calls("domainCreate"); calls != 1 {
		t.Errorf("%d calls of domainCreate", calls)
	}
}

// TestOwnNameServersThatAreNotReadyRefuseNoOrder: step 4 creates the zone, and the
// customer may be slower than the order.
func TestOwnNameServersThatAreNotReadyRefuseNoOrder(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{zoneDelay: time.Hour})
	f.place(alter(t, shop(t),
		"<value><i4>8</i4></value>", "<value><i4>10</i4></value>",
		"<value><i4>3</i4></value>", "<value><i4>5</i4></value>",
		"<value>TransferKey=</value>", "<value>TransferKey=</value><value>PrimaryNSID=ns1.mine.example</value><value>SecondaryNSID=ns2.mine.example</value>"))
	if why := f.heldFor(shopWorkflow); !strings.Contains(why, "nameServers: ns1.mine.example") {
		t.Errorf("held for %q", why)
	}
	if progress := f.progress(shopWorkflow); progress.Step != 6 || progress.State != messages.Running {
		t.Errorf("step %d is %s", progress.Step, progress.State)
	}
}

// TestDNSTestOfTheRegistrarDecides: it decides if our test cannot tell, because the name
// servers are in trouble as seen from here.
func TestDNSTestOfTheRegistrarDecides(t *testing.T) {
	t.Parallel()
	socket, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	go func() {
		_ = dns.Serve(socket, func(dnsmessage.Question) (dnsmessage.Message, bool) {
			return dnsmessage.Message{Header: dnsmessage.Header{RCode: dnsmessage.RCodeServerFailure}}, true
		})
	}()
	f := begin(t, worldOptions{faults: []faults.Fault{fault(t, "netim:domainCreate:dns-not-ready")}}, func(cfg *config.Config) {
		r := cfg.Registrars[netimAccount]
		r.Settings = &netim.Settings{DNSServer: socket.LocalAddr().String()}
		cfg.Registrars[netimAccount] = r
	})
	f.place(alter(t, shop(t), "5=1=1=0", "6=1=1=0"))
	const checked = "domain-provisioning/shop.checked"
	if why := f.heldFor(checked); !strings.Contains(why, "the name servers do not pass the DNS check") {
		t.Errorf("held for %q", why)
	}
	if calls, creates := f.world.netim.Calls("domainCreate"), f.world.netim.Creates("shop.checked"); calls != 1 || creates != 0 {
		t.Fatalf("%d calls of domainCreate, %d creates", calls, creates)
	}
	f.pressOn(checked)
	f.finish(checked)
	f.want("shop.checked", whole())
}
