package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"domainprovisioning/internal/chromium"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// looks are the ways in which every page is looked at.
func looks() []chromium.Look {
	return []chromium.Look{
		{Name: "desktop", Width: 1280, Height: 900}, {Name: "phone", Width: 390, Height: 844}, {Name: "dark", Width: 1280, Height: 900, Dark: true},
		{Name: "dark-phone", Width: 390, Height: 844, Dark: true},
	}
}

// seen looks at the page that the browser shows in every way.
func seen(b *chromium.Browser, name string) {
	for _, look := range looks() {
		b.Show(look)
		b.Accessible(name + " as " + look.Name)
		b.Fits(name + " as " + look.Name)
		b.Shoot(name + "-" + look.Name)
	}
	b.Show(looks()[0])
}

// A support person logs in by a link, finds the order that the registry has refused, amends it,
// and sees it finish without loading the page again.
func TestAParkedOrderIsCuredInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped in short mode: it starts a browser")
	}
	t.Parallel()
	const domain, number = "corrected.example", "SC-1171"
	b := chromium.Open(t, "..")
	f := begin(t, worldOptions{manual: true})
	f.world.netim.RefuseHolder("vera@" + domain)
	document, err := orderFiles.ReadFile("scenarios/rejected-then-corrected-netim.json")
	if err != nil {
		t.Fatal(err)
	}
	parked := f.place(document).Units[0].WorkflowID
	f.place(shop(t))
	f.until(parked, messages.NeedsAttention)
	f.until(shopWorkflow, messages.Waiting)
	f.eventually("the store knows the states", func() bool {
		counts, err := f.Store.CountByState(t.Context())
		return err == nil && counts[messages.NeedsAttention] == 1 && counts[messages.Waiting] == 1
	})
	for account := range f.WatchEvery() {
		if account == realtimeAccount {
			continue // one is late
		}
		if err := f.Store.RecordSchedule(t.Context(), account, store.ScheduleRuns); err != nil {
			t.Fatal(err)
		}
	}
	stray := store.Confirmation{EventID: "stray", Source: messages.FromCallback, Account: netimAccount, Domain: "stray.example", Reference: "4711", Claim: "done"}
	if state, err := f.intake.Inbox().TakeAndDeliver(t.Context(), stray); err != nil || state != store.Unmatched {
		t.Fatalf("%s, %v", state, err)
	}
	at := f.client().url
	ticket, err := f.Store.CreateDeskTicket(t.Context(), sandboxKey, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	b.Go(at + "/desk/")
	b.Until(`location.pathname === "/desk/login" && document.querySelector("#key") !== null`)
	seen(b, "login")
	b.Go(at + "/desk/login?ticket=" + ticket.Reveal())
	b.Until(`location.pathname === "/desk/" && document.querySelector(".need") !== null`)
	seen(b, "overview")

	b.Type("#q", domain+"\r")
	b.Until(fmt.Sprintf("location.pathname === %q && document.querySelector('[data-state=attention]') !== null", "/desk/orders/local:"+number))
	seen(b, "order-parked")
	b.Click(fmt.Sprintf(`a[href="/desk/orders/local:%s/0/cancel"]`, number))
	b.Until(`document.querySelector("button.grave") !== null`)
	seen(b, "cancel")
	b.Go(at + "/desk/orders/" + number)
	b.Click(fmt.Sprintf(`a[href="/desk/orders/local:%s/0/amend"]`, number))
	b.Type("#email", "office@"+domain)
	b.Click(`button[value=check]`)
	b.Until(`document.querySelector(".notice.done")?.innerText.includes("contacts") === true`)
	seen(b, "amend")
	b.Type("#reason", "the customer gave another address")
	b.Click(`button[value=amend]`)
	b.Until(`document.querySelector(".notice.done")?.innerText.includes("revision 1") === true`)
	b.Until(`document.querySelector("[data-state=waiting]") !== null`)
	seen(b, "order-waiting")
	b.Run(`window.stayed = true`)
	if err := f.world.netim.Complete(domain); err != nil {
		t.Fatal(err)
	}
	f.watch()
	b.Until(`document.querySelector("[data-state=done]") !== null && window.stayed === true`)
	b.Until(fmt.Sprintf(`document.querySelector("[data-said]").textContent === %q`, domain+": done"))
	b.Click(`form[action$="/contacts"] button`)
	b.Until(`document.querySelector("dl")?.innerText.includes("Vera") === true`)
	seen(b, "order-done")
	for name, path := range map[string]string{
		"orders": "orders", "registrars": "registrars", "inbox": "inbox", "news": "news", "figures": "figures", "search": "search?q=e", "nothing": "search?q=nothing",
		"withdraw": "operations/withdraw?registrar=" + netimAccount + "&reference=101", "settle": "loose-ends/settle?id=1",
	} {
		b.Go(at + "/desk/" + path)
		b.Until(`document.querySelector("h1") !== null`)
		seen(b, name)
	}
	b.Quiet()

	contacts := f.world.netim.Contacts()
	registration, _ := f.world.netim.Registration(domain)
	for _, contact := range contacts {
		if contact.ID == registration.Owner && contact.Fields["email"] != "office@"+domain {
			t.Errorf("the holder's address is %s", contact.Fields["email"])
		}
	}
	if creates := f.world.netim.Creates(domain); creates != 1 {
		t.Errorf("%d registrations", creates)
	}
	if log := f.log.String(); strings.Contains(log, "office@") || strings.Contains(log, ticket.Reveal()) {
		t.Error("the log holds personal data or the ticket")
	}
}
