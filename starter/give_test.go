package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"

	"domainprovisioning/desk"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// shops places an order for each of n domains, shop0 first.
func (h *house) shops(n int) {
	h.t.Helper()
	for i := range n {
		h.prints(outside.Alter(h.t, outside.DomainOnly, `"shop"`, fmt.Sprintf(`"shop%d"`, i)), "order -")
	}
}

// sent are the commands that reached workflows, each as its workflow and its name.
func (h *house) sent() []string {
	h.t.Helper()
	var all []string
	for _, update := range h.temporal.Updates() {
		id := strings.TrimPrefix(update.GetWorkflowExecution().GetWorkflowId(), "domain-provisioning/")
		all = append(all, id+" "+update.GetRequest().GetInput().GetName())
	}
	return all
}

// one decodes the only command that was sent.
func one[C any](h *house) C {
	h.t.Helper()
	var command C
	updates := h.temporal.Updates()
	if len(updates) != 1 {
		h.t.Fatalf("sent %v", h.sent())
	}
	if err := converter.GetDefaultDataConverter().FromPayloads(updates[0].GetRequest().GetInput().GetArgs(), &command); err != nil {
		h.t.Fatal(err)
	}
	return outside.Timed(h.t, command)
}

func TestEachCommandReachesItsOrder(t *testing.T) {
	until := time.Now().UTC().AddDate(0, 1, 0).Truncate(time.Second)
	for command, check := range map[string]func(h *house, actor, reason string) bool{
		"cancel shop.example --yes --delete-registration": func(h *house, actor, reason string) bool {
			return one[messages.Cancel](h) == messages.Cancel{Actor: actor, Reason: reason, Sent: messages.Sent{Recorded: true}, DeleteRegistration: true}
		},
		"cancel shop.example --yes --keep": func(h *house, actor, reason string) bool {
			return one[messages.Cancel](h) == messages.Cancel{Actor: actor, Reason: reason, Sent: messages.Sent{Recorded: true}, Keep: true}
		},
		"extend shop.example --until " + until.Format(time.RFC3339): func(h *house, actor, reason string) bool {
			got := one[messages.Extend](h)
			return got.Until.Equal(until) && got.Actor == actor && got.Reason == reason
		},
		"extend DP00000001 48h": func(h *house, _, _ string) bool {
			left := time.Until(one[messages.Extend](h).Until)
			return left > 47*time.Hour && left <= 48*time.Hour
		},
		"skip shop.example --step 13 --billing-domain 7": func(h *house, actor, reason string) bool {
			return one[messages.Skip](h) == messages.Skip{Actor: actor, Reason: reason, Sent: messages.Sent{Recorded: true}, Step: 13, BillingDomainID: 7}
		},
		"skip shop.example": func(h *house, actor, reason string) bool { // the step that it is at
			return one[messages.Skip](h) == messages.Skip{Actor: actor, Reason: reason, Sent: messages.Sent{Recorded: true}, Step: 6}
		},
		"confirm shop.example --by-hand done --expires 2027-03-01": func(h *house, actor, reason string) bool {
			got := one[messages.ConfirmByHand](h)
			return got.Expires.Format(time.DateOnly) == "2027-03-01" && got.Outcome == messages.OutcomeDone && got.Actor == actor && got.Reason == reason
		},
		"confirm shop.example --by-hand refused": func(h *house, _, _ string) bool {
			return one[messages.ConfirmByHand](h).Outcome == messages.OutcomeRefused
		},
	} {
		t.Run(command, func(t *testing.T) {
			bothWays(t, func(t *testing.T, h *house) {
				h.prints(outside.NewCustomer, "order -")
				h.parked()
				name, _, _ := strings.Cut(command, " ")
				if strings.Contains(command, "--by-hand") {
					name = "confirm-by-hand"
				}
				h.prints("", command+" --actor jane --reason as-agreed", "order DP00000001 shop.example: "+name+" is done\n")
				actor, reason := "jane", "as-agreed"
				if h.over != "" {
					actor, reason = "api/shop", "jane: as-agreed"
				}
				if !check(h, actor, reason) {
					t.Errorf("sent %v", h.temporal.Updates())
				}
				h.prints("", "audit shop.example", " "+name+" ", "accepted", "jane: as-agreed")
			})
		})
	}
}

// What cannot be given is refused before anything is connected: here nothing could be.
func TestWhatCannotBeGivenNamesTheFlag(t *testing.T) {
	t.Setenv("DOMAINPROVISIONING_CONFIG", "/nowhere/x.yaml")
	for _, c := range []struct{ command, want string }{
		{"retry shop.example", "--reason must say"}, {"cancel shop.example --yes", "--reason must say"}, {"extend shop.example 72h", "--reason must say"},
		{"skip shop.example", "--reason must say"}, {"confirm shop.example --by-hand done", "--reason must say"}, {"close shop.example", "--reason must say"},
		{"retry shop.example --reason x --actor=", "--actor must say"}, {"retry shop.example --reason " + strings.Repeat("x", 1001), "--reason must say in at most 1000 bytes"},
		{"retry --reason x", "name one or several orders, or say which by a filter"}, {"retry shop.example --for auth --reason x", "but not both"},
		{"retry --for auth --reason x", "--yes is required with a filter"}, {"retry a b --item 1 --reason x", "--item goes with one order"},
		{"retry --state odd --reason x", `--state is "odd" and must be one of`}, {"retry shop.example --reason x --id é", "--id must be"},
		{"extend --reason x", "say for how long"}, {"extend shop.example --reason x", `the last argument is "shop.example" and must say for how long`},
		{"extend shop.example 72h --id k --reason x", "--id needs --until"}, {"extend shop.example -- -1h", "in the future"},
		{"extend shop.example --until tomorrow --reason x", "--until is"}, {"extend shop.example 9000h --reason x", "at most 366 days ahead"},
		{"skip --for rejected --reason x --yes", "--step is required with a filter"}, {"skip a b --billing-domain 7 --reason x", "goes with one order"},
		{"confirm shop.example --by-hand perhaps", `--by-hand is "perhaps" and must be done or refused`}, {"confirm shop.example --expires 2027-03-01", "--expires goes with --by-hand done"},
		{"confirm shop.example --by-hand done --expires soon", "--expires is"}, {"confirm shop.example --reason x", "--reason goes with --by-hand"},
		{"confirm shop.example --by-hand done --claim x --reason x", "--claim goes with a report"}, {"confirm a b --reference 7", "goes with one order"},
		{"cancel shop.example --keep --delete-registration --reason x", "none of the others can be"},
	} {
		got := start(t, "", strings.Fields(c.command)...)
		if got.err == nil || !strings.Contains(got.err.Error(), c.want) || got.out != "" {
			t.Errorf("%s: got %v, want %q", c.command, got.err, c.want)
		}
	}
}

func TestACommandThatIsRefusedSaysWhy(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.prints(outside.NewCustomer, "order -")
		h.parked()
		h.temporal.Refuse("not now: step 3 is running. Allowed: cancel")
		commands := []string{"retry", "cancel --yes", "extend --until 2027-01-24T12:00:00Z", "skip --step 6", "confirm --by-hand done"}
		for _, command := range commands {
			h.fails("", command+" shop.example --reason x", "not now: step 3 is running. Allowed: cancel")
			got := h.fails("", command+" shop.example --reason x --json", "not now")
			var results []taken
			if err := json.Unmarshal([]byte(got.out), &results); err != nil || len(results) != 1 || results[0].Outcome != refused ||
				results[0].Refusal != "not now: step 3 is running. Allowed: cancel" {
				t.Errorf("%s: %s", command, got.out)
			}
		}
		h.temporal.Refuse("")
		if err := h.store.CloseUnit(t.Context(), "DP00000001", 1, store.UnitDone, ""); err != nil {
			t.Fatal(err)
		}
		for _, command := range commands {
			h.fails("", command+" shop.example --reason x", "order DP00000001 is done, and takes no command")
		}
		if sent := h.sent(); len(sent) != 0 {
			t.Errorf("sent %v", sent)
		}
	})
}

func TestACommandUnderAnIDIsOneCommand(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.prints(outside.NewCustomer, "order -")
		h.parked()
		for range 2 {
			h.prints("", "retry shop.example --id k1 --reason x", "retry is done")
		}
		for _, other := range []string{"retry shop.example --reason y", "retry shop.example --reason x --nothing-there", "skip shop.example --step 6 --reason x"} {
			got := h.fails("", other+" --id k1", "")
			if text := got.err.Error(); !strings.Contains(text, "was used for") && !strings.Contains(text, "was used with another body") {
				t.Errorf("%s: %s", other, text)
			}
		}
		if sent := h.sent(); len(sent) != 1 {
			t.Errorf("sent %v", sent)
		}
		h.prints("", "confirm shop.example --id k2", "confirmation k2: delivered\n")
		h.prints("", "confirm shop.example --id k2", "delivered")
		if signals := h.temporal.Signals(); len(signals) != 1 {
			t.Errorf("%d signals", len(signals))
		}
	})
}

func TestAKeyWithoutTheScopeGivesNoCommand(t *testing.T) {
	h := settled(t)
	h.prints(outside.NewCustomer, "order -")
	key := h.prints("", "keys create helper --scope read,operate,all")
	t.Setenv(keyVariable, strings.TrimSpace(key))
	h.over = h.gateway
	h.fails("", "cancel shop.example --yes --reason x", "it lacks the scope cancel")
	h.prints("", "retry shop.example --reason x", "retry is done")
	if sent := h.sent(); len(sent) != 1 {
		t.Errorf("sent %v", sent)
	}
}

func TestACommandForAFilter(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.shops(4)
		h.temporal.RefuseOf("domain-provisioning/shop1.example", "the order does not need attention")
		if err := h.store.CloseUnit(t.Context(), "DP00000003", 0, store.UnitDone, ""); err != nil { // an ended order is not asked
			t.Fatal(err)
		}
		h.prints("", "retry --registrar netim-main --dry-run", "DP00000001", "DP00000002", "DP00000004", "would retry 3 orders; nothing was done\n")
		var plans []taken
		if err := json.Unmarshal([]byte(h.prints("", "retry --text shop2 --state done --dry-run --json")), &plans); err != nil || len(plans) != 1 ||
			plans[0].Outcome != planned || plans[0].Domain != "shop2.example" {
			t.Errorf("planned %+v, %v", plans, err)
		}
		h.prints("", "retry --for balance --yes --reason x", "no order fits\n")
		if sent := h.sent(); len(sent) != 0 {
			t.Fatalf("sent %v", sent)
		}
		got := h.fails("", "retry --registrar netim-main --yes --reason x", "1 of 3 orders did not take the command: 1 refused, 0 failed")
		for _, want := range []string{
			"order DP00000001 shop0.example: retry is done\n", "order DP00000002 shop1.example: refused: the order does not need attention\n",
			"order DP00000004 shop3.example: retry is done\n", "2 accepted, 1 refused, 0 failed\n",
		} {
			if !strings.Contains(got.out, want) {
				t.Errorf("printed\n%s\nwant %s", got.out, want)
			}
		}
		if sent := h.sent(); len(sent) != 2 {
			t.Errorf("sent %v", sent)
		}
		// Several may be named as well, each once, whatever it is called.
		got = h.fails("", "skip DP00000001 shop0.example shop1.example --step 6 --reason x --json", "1 of 2 orders")
		var results []taken
		if err := json.Unmarshal([]byte(got.out), &results); err != nil || len(results) != 2 || results[0].Outcome != accepted || results[0].Next != "skip is done" ||
			results[1].Outcome != refused || results[1].Order != "DP00000002" {
			t.Errorf("%s", got.out)
		}
		// One that does not exist is said before any is asked.
		h.fails("", "retry shop0.example DP00000009 --reason x", "there is no order DP00000009")
		if sent := h.sent(); len(sent) != 3 {
			t.Errorf("sent %v", sent)
		}
	})
}

func TestTheReasonOfAnOrderIsAFilter(t *testing.T) {
	h := settled(t)
	h.shops(3)
	for _, number := range []string{"DP00000001", "DP00000003"} {
		if _, err := h.store.RecordRun(t.Context(), number, 0, store.RunTerminated); err != nil {
			t.Fatal(err)
		}
	}
	h.prints("", "extend 72h --for terminated --yes --reason x", "2 accepted, 0 refused, 0 failed\n")
	h.prints("", "list --for terminated", "DP00000001", "DP00000003")
	if got := h.prints("", "list --reason terminated --step 2"); strings.Contains(got, "DP") {
		t.Errorf("listed %s", got)
	}
	if sent := strings.Join(h.sent(), ", "); strings.Contains(sent, "shop1") || len(h.sent()) != 2 {
		t.Errorf("sent %s", sent)
	}
}

// A list is read to its end before the first command is given.
func TestAFilterOfSeveralPages(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.shops(5)
		s := &starter{environment: os.Environ(), gatewayURL: h.over}
		orders, closeAll, err := s.storedOrders(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer closeAll()
		units, err := all(asOperator(t.Context()), orders, desk.Filter{State: "open"}, 2)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, unit := range units {
			names = append(names, strings.TrimSuffix(unit.Domain, ".example"))
		}
		if got := strings.Join(names, " "); got != "shop4 shop3 shop2 shop1 shop0" {
			t.Errorf("read %s", got)
		}
	})
}

// What is listed for an order whose workflow does not run is accepted, and the rest is refused
// with what is.
func TestAStoppedOrderTakesWhatItLists(t *testing.T) {
	for command, listed := range map[string]bool{
		"retry": true, "cancel --yes": true, "cancel --yes --keep": true, "close": true,
		"retry --nothing-there": false, "extend --until 2027-01-24T12:00:00Z": false, "skip --step 6": false, "confirm --by-hand done": false,
	} {
		t.Run(command, func(t *testing.T) {
			bothWays(t, func(t *testing.T, h *house) {
				h.prints(outside.NewCustomer, "order -")
				h.temporal.End(t, shopWorkflow, enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED)
				var shown []shownOrder
				if err := json.Unmarshal([]byte(h.prints("", "status shop.example --json")), &shown); err != nil || shown[0].Units[0].Progress.Attention == nil ||
					!slices.Equal(shown[0].Units[0].Progress.Attention.Actions, []messages.Action{messages.ActionResume, messages.ActionCancel, messages.ActionClose}) {
					t.Fatalf("%+v, %v", shown, err)
				}
				switch {
				case command == "close" && h.over != "":
					h.fails("", "close shop.example --reason x", "this command needs the database")
				case listed:
					h.prints("", command+" shop.example --reason x", "order DP00000001 shop.example: ")
				default:
					h.fails("", command+" shop.example --reason x", "workflow")
					if got := h.start("", strings.Fields(command+" shop.example --reason x")...); !strings.Contains(got.err.Error(), "Allowed: resume, cancel, close") &&
						!strings.Contains(got.err.Error(), "a retry without a choice starts it again") || len(h.temporal.Started()) != 1 {
						t.Errorf("%v, started %v", got.err, h.temporal.Started())
					}
				}
			})
		})
	}
}

// What an order has made is shown before it is taken back, and a person agrees to it.
func TestACancellationIsAgreedTo(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.prints(outside.NewCustomer, "order -")
		h.temporal.ShowUndo(t, shopWorkflow, []messages.UndoLine{
			{Title: "registration of shop.example", State: messages.UndoKept, Note: "it could be given back until 2026-12-01"},
			{Title: "account 1048576", State: messages.UndoPlanned},
		})
		got := h.prints("", "cancel shop.example --dry-run", "account 1048576", "planned", "kept", "it could be given back until 2026-12-01", "nothing was done\n")
		if strings.Index(got, "registration") > strings.Index(got, "account") {
			t.Errorf("another order than that of the undo:\n%s", got)
		}
		var plans []taken
		if err := json.Unmarshal([]byte(h.prints("", "cancel shop.example --dry-run --json")), &plans); err != nil || len(plans) != 1 || len(plans[0].Undo) != 2 {
			t.Errorf("%+v, %v", plans, err)
		}
		listed := h.fails("", "cancel shop.example --reason x", "nobody can be asked")
		if !strings.Contains(listed.out, "account 1048576") || len(h.sent()) != 0 {
			t.Errorf("printed %s, sent %v", listed.out, h.sent())
		}
		// At a terminal.
		for _, c := range []struct {
			answer string
			sent   int
			last   string
		}{{"n\n", 0, "nothing was done\n"}, {"\n", 0, "nothing was done\n"}, {"", 0, "nothing was done\n"}, {"yes\n", 1, "cancel is done\n"}} {
			var out, errOut bytes.Buffer
			s := &starter{in: strings.NewReader(c.answer), out: &out, errOut: &errOut, environment: os.Environ(), interactive: true}
			root := s.command()
			root.SetArgs([]string{"--gateway", h.over, "cancel", "shop.example", "--reason", "they stop"})
			if err := root.ExecuteContext(asOperator(t.Context())); err != nil {
				t.Errorf("%q: %v", c.answer, err)
			}
			if len(h.sent()) != c.sent || !strings.Contains(out.String(), "account 1048576") || !strings.HasSuffix(out.String(), c.last) ||
				errOut.String() != "cancel order DP00000001? [y/N] " {
				t.Errorf("%q: sent %v, printed %s and %s", c.answer, h.sent(), &out, &errOut)
			}
		}
	})
}

// An order that has made nothing is given up without a question.
func TestAnOrderThatMadeNothingIsCancelledAtOnce(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.prints(outside.NewCustomer, "order -")
		h.temporal.ShowUndo(t, shopWorkflow, []messages.UndoLine{})
		h.prints("", "cancel shop.example --dry-run", "has made nothing\n")
		h.prints("", "cancel shop.example --reason x", "cancel is done\n")
	})
}

// After an interruption no further order is asked, and those that are under way are waited for.
func TestAnInterruptionStopsAskingMore(t *testing.T) {
	var out bytes.Buffer
	s := &starter{out: &out, terminal: true}
	units := make([]desk.Unit, 50)
	for n := range units {
		units[n] = desk.Unit{Order: fmt.Sprintf("A-%d", n)}
	}
	ctx, interrupt := context.WithCancel(t.Context())
	var asked atomic.Int32
	results := s.giveAll(ctx, nil, &given{action: messages.ActionRetry}, units, func(ctx context.Context, _ orderDesk, _ desk.Unit, _ string) (taken, error) {
		asked.Add(1)
		interrupt()
		return taken{Next: "it goes on"}, ctx.Err() // the command itself is not interrupted
	})
	counts := map[outcome]int{}
	for _, r := range results {
		counts[r.Outcome]++
	}
	if counts[accepted] != int(asked.Load()) || counts[accepted] > atOnce+1 || counts[notGiven] != len(units)-counts[accepted] {
		t.Errorf("%v, %d asked", counts, asked.Load())
	}
	if !strings.HasPrefix(out.String(), "1/50 order A-") {
		t.Errorf("printed %s", &out)
	}
	err := s.summarize(results, true)
	if want := fmt.Sprintf("interrupted: %d of 50 orders were not asked; %d accepted, 0 refused, 0 failed", counts[notGiven], counts[accepted]); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestValuesOfFlagsAreCompleted(t *testing.T) {
	configured(t)
	for command, want := range map[string]string{
		"confirm --by-hand": "done\nrefused\n", "retry --state": "open\nstopped\n", "cancel --for": "balance\n", "list --for": "terminated\n", "retry --registrar": "netim-main\n",
	} {
		if got := start(t, "", append([]string{"__complete"}, append(strings.Fields(command), "")...)...); got.err != nil || !strings.Contains(got.out, want) {
			t.Errorf("%s: %q, %v", command, got.out, got.err)
		}
	}
}
