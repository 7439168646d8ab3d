package main

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"domainprovisioning/internal/chromium"
	"domainprovisioning/messages"
	"domainprovisioning/sandbox/embedded"
)

// The Web UI shows of a sealed order what is plain, and, to somebody who is logged in to the desk
// page and may operate, everything.
func TestTheWebUIOpensHistoriesForThoseWhoOperate(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped in short mode: it starts a browser")
	}
	browser := chromium.Open(t, "..")
	const domain, textOfTheRegistry = "corrected.example", "The registry does not accept this owner"
	b, err := start(t.Context(), settings{}, discardLog())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.stop)
	b.world.netim.RefuseHolder("vera@" + domain)
	document, err := orderFiles.ReadFile("scenarios/rejected-then-corrected-netim.json")
	if err != nil {
		t.Fatal(err)
	}
	placed, err := b.system.intake.Place(t.Context(), document)
	if err != nil {
		t.Fatal(err)
	}
	id := placed.Units[0].WorkflowID
	f := &fixture{system: b.system, t: t, namespace: embedded.Namespace}
	f.until(id, messages.NeedsAttention)
	described, err := f.temporal.DescribeWorkflowExecution(t.Context(), id, "")
	if err != nil {
		t.Fatal(err)
	}
	page := fmt.Sprintf("%s/namespaces/%s/workflows/%s/%s", b.server.UIURL(), embedded.Namespace, url.PathEscape(id), described.GetWorkflowExecutionInfo().GetExecution().GetRunId())
	// Markdown is shown in frames of its own.
	says := func(text string) string {
		return fmt.Sprintf(`[document, ...[...document.querySelectorAll("iframe")].map((f) => f.contentDocument)].some((d) => d?.body?.innerText.includes(%q))`, text)
	}

	browser.Show(chromium.Look{Name: "desktop", Width: 1280, Height: 1600})
	browser.Go(page + "/history")
	browser.Until(says(id))
	browser.Until(says("ActivityTaskScheduled") + " || " + says("Activity Task Scheduled") + " || " + says("SubmitRequest"))
	browser.Shoot("temporal-order-without-the-codec")
	browser.Go(page + "/user-metadata")
	browser.Until(says("Current Details"))
	browser.Shoot("temporal-details-without-the-codec")
	browser.Until("!" + says("Needs attention") + " && !" + says(textOfTheRegistry))

	ticket, err := b.system.Store.CreateDeskTicket(t.Context(), sandboxKey, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	browser.Go("http://" + b.serving.Address + "/desk/login?ticket=" + ticket.Reveal())
	browser.Until(`location.pathname === "/desk/"`)
	browser.Go(page + "/user-metadata")
	browser.Until(says("Needs attention") + " && " + says(textOfTheRegistry))
	browser.Shoot("temporal-details-with-the-codec")
	browser.Go(page + "/history")
	browser.Until(says("SC-1171") + " && " + says("orderNumber"))
	browser.Shoot("temporal-order-with-the-codec")
	progress := f.progress(id)
	if attention := progress.Attention; attention == nil || strings.Contains(fmt.Sprintf("%+v", progress), textOfTheRegistry) || attention.Reference == "" {
		t.Errorf("everybody who reads is told %+v", attention)
	}
}
