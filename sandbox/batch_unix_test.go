//go:build unix

package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"domainprovisioning/desk"
	"domainprovisioning/store"
)

// manyOrders are orders at two registrar accounts, by turns, each of a customer of its own.
func manyOrders(t *testing.T, prefix string, count int) (lines string, netim, realtime []string) {
	t.Helper()
	netimOrder, err := os.ReadFile("orders/own-name-servers.json")
	if err != nil {
		t.Fatal(err)
	}
	realtimeOrder, err := os.ReadFile("orders/realtime-1-registration.json")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for n := range count {
		name := fmt.Sprintf("%s%d", prefix, n)
		order := alter(t, netimOrder, "SO-1001", "B-"+name, "bücher", name, "max@buecher", name+"@buecher")
		if n%2 == 1 {
			order = alter(t, realtimeOrder, "SO-1020", "B-"+name, `"domain": "atelier"`, `"domain": "`+name+`"`, "ada@atelier", name+"@atelier")
			realtime = append(realtime, name+"."+realtimeLater)
		} else {
			netim = append(netim, name+"."+defaultNamesTLD)
		}
		all.WriteString(strings.ReplaceAll(string(order), "\n", " ") + "\n")
	}
	return all.String(), netim, realtime
}

func (p *production) batch(content string, flags ...string) desk.Batch {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), "batch.jsonl")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		p.t.Fatal(err)
	}
	var report desk.BatchReport
	if err := json.Unmarshal([]byte(p.want("batch_", append([]string{"batch", "--json", file}, flags...)...)), &report); err != nil {
		p.t.Fatal(err)
	}
	return *report.Batch
}

// released ends the holds of lines whose processes are dead.
func (p *production) released() {
	p.t.Helper()
	db, err := sql.Open("postgres", p.database())
	if err != nil {
		p.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(p.t.Context(), `UPDATE batch_lines SET next_at = next_at - interval '1 hour' WHERE state = 'waiting'`); err != nil {
		p.t.Fatal(err)
	}
}

// batch-with-crash: a batch at two accounts, whose workers are killed again and again while they place
// it. Each line becomes one order, which is carried out once. A second batch is cancelled in the middle.
func TestBatchWithCrash(t *testing.T) {
	t.Parallel()
	p := beginProduction(t)
	p.want("applied", "migrate")
	ledger := p.ledger()
	lines, netim, realtime := manyOrders(t, "crash", 36)
	made := p.batch(lines, "--key", "once")
	placed := func(id string) int {
		counts, err := ledger.CountBatch(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if refused := counts.Lines[store.LineRefused]; refused > 0 {
			t.Fatalf("%d lines are refused: %s", refused, p.want("", "batch", "results", id))
		}
		return counts.Lines[store.LinePlaced]
	}
	for n, until := range []int{1, 7, 12, 20} {
		worker := p.startWorker(fmt.Sprintf("dying worker %d", n), []string{"DP_BATCHES_ORDERS_PER_SECOND=40"})
		p.eventually(func() string {
			if got := placed(made.ID); got < until {
				return fmt.Sprintf("%d lines are placed, want %d", got, until)
			}
			return ""
		})
		worker.signal(syscall.SIGKILL)
		if again := p.batch(lines, "--key", "once"); again.ID != made.ID {
			t.Errorf("the same command made batch %s", again.ID)
		}
	}
	// What the dead workers held is free again, as it is two minutes later.
	p.released()
	p.startWorker("last worker", []string{"DP_BATCHES_ORDERS_PER_SECOND=40"})
	p.want("36 placed", "batch", "show", "--follow", made.ID)
	other, otherNetim, otherRealtime := manyOrders(t, "cancel", 30)
	cancelled := p.batch(other)
	p.eventually(func() string {
		if placed(cancelled.ID) < 5 {
			return "nothing of the second batch is placed"
		}
		return ""
	})
	p.want("cancelled", "batch", "cancel", "--reason", "enough", cancelled.ID)
	of := placed(cancelled.ID)
	p.eventually(func() string {
		requested := 0
		once := func(domains []string, requests func(domain string) int) {
			for _, domain := range domains {
				count := requests(domain)
				if count > 1 {
					t.Fatalf("%s was requested %d times", domain, count)
				}
				requested += count
			}
		}
		once(slices.Concat(netim, otherNetim), p.world.netim.Creates)
		once(slices.Concat(realtime, otherRealtime), func(domain string) int { return p.world.realtime.Count("create", domain) })
		if requested != 36+of {
			return fmt.Sprintf("%d names were requested, want %d", requested, 36+of)
		}
		if accounts := len(p.world.operations.Accounts()); accounts != 36+of {
			return fmt.Sprintf("%d accounts in Operations, want %d", accounts, 36+of)
		}
		return ""
	})
	if got := placed(cancelled.ID); got != of {
		t.Errorf("%d lines were placed after the batch was cancelled", got-of)
	}
	units, err := ledger.Units(t.Context(), store.UnitFilter{Limit: 1000})
	if err != nil || len(units) != 36+of {
		t.Errorf("%d orders, want %d, %v", len(units), 36+of, err)
	}
}
