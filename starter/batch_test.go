package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"domainprovisioning/assembly"
	"domainprovisioning/desk"
	"domainprovisioning/internal/outside"
	"domainprovisioning/portfolio/batch"
)

// drain places what is due, as a worker does.
func (h *house) drain() {
	h.t.Helper()
	temporal, err := assembly.LazyTemporal(slog.New(slog.DiscardHandler), h.assembly.Codec)
	if err != nil {
		h.t.Fatal(err)
	}
	defer temporal.Close()
	d := batch.Dispatcher{Store: h.store, Intake: h.assembly.Intake(temporal), Log: slog.New(slog.DiscardHandler), Rate: 1000}
	if err := d.Drain(context.WithoutCancel(h.t.Context())); err != nil {
		h.t.Fatal(err)
	}
}

func TestABatchIsPlacedAndShown(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		got := h.fails(outside.InLines(t, "a", "a"), "batch -", "1 of 2 lines would be refused")
		if !strings.Contains(got.out, "line 2: a.example is ordered in line 1 as well") || assembly.ExitCodeOf(got.err) != assembly.ExitRefused {
			t.Errorf("%d: %s", assembly.ExitCodeOf(got.err), got.out)
		}
		h.prints(outside.InLines(t, "a", "b"), "batch --dry-run -", "2 of 2 lines are good; nothing was stored", "0.00 EUR in total")
		for command, said := range map[string]string{
			"batch --dry-run -": "line 2: a.example is ordered in line 1 as well", "batch --dry-run --json -": `"refusal": "1 of 2 lines would be refused"`,
		} {
			got := h.fails(outside.InLines(t, "a", "a"), command, "the batch would be refused: 1 of 2 lines would be refused")
			if !strings.Contains(got.out, said) || assembly.ExitCodeOf(got.err) != assembly.ExitRefused {
				t.Errorf("%s: %d: %s", command, assembly.ExitCodeOf(got.err), got.out)
			}
		}
		// At home and over the gateway the report is the same.
		said := decoded[desk.BatchReport](t, h.start(outside.InLines(t, "a", "b", "b"), "batch", "--json", "-").out)
		if said.Lines != 3 || strings.Join(said.Costs, "") != "0.00 EUR" || len(said.Refused) != 1 || said.Refused[0].Line != 3 || said.Refused[0].Domain != "b.example" {
			t.Errorf("got %+v", said)
		}
		h.prints(outside.InLines(t, "a", "a"), "batch --mode good --dry-run -", "1 of 2 lines are good; nothing was stored")
		if units := h.units(); units != "" {
			t.Errorf("placed %s", units)
		}
		made := decoded[desk.BatchReport](t, h.prints(outside.InLines(t, "a", "a", "b"), "batch --mode good --label spring --key once --json -")).Batch.ID
		h.prints(outside.InLines(t, "a", "a", "b"), "batch --mode good --label spring --key once -", "batch "+made+" was accepted before")
		h.prints("", "batch list --state running", made, "3 lines", "spring")
		h.prints("", "batch pause --reason wait "+made, "paused")
		h.prints("", "batch resume --reason on "+made, "running")
		h.drain()
		h.prints("", "batch show "+made, "done", "2 placed, 1 refused, 0 waiting", "2 running")
		h.prints("", "batch show --follow "+made, made+" 100%  done: 2 placed")
		h.prints("", "batch results "+made, "line,domain,registrar,state", "1,a.example,netim-main,placed,DP0000", "2,a.example,netim-main,refused,")
		file := filepath.Join(t.TempDir(), "results.jsonl")
		h.prints("", "batch results --form jsonl --out-file "+file+" "+made, "are in "+file)
		if content, err := os.ReadFile(file); err != nil || strings.Count(string(content), "\n") != 3 {
			t.Errorf("got %s, %v", content, err)
		}
		h.fails("", "batch cancel --reason late "+made, "the batch is done")
		for command, code := range map[string]assembly.ExitCode{
			"batch show batch_x": assembly.ExitNotFound, "batch results batch_x": assembly.ExitNotFound, "batch cancel --reason x batch_x": assembly.ExitNotFound,
			"batch": assembly.ExitUsage, "batch --mode some -": assembly.ExitUsage, "batch --max-price 5 -": assembly.ExitUsage, "batch --accept-unpriced -": assembly.ExitUsage,
			"batch --form xml -": assembly.ExitUsage, "batch --template-file x -": assembly.ExitUsage, "batch list --state x": assembly.ExitUsage, "batch list --limit 0": assembly.ExitUsage,
			"batch results --form xml x": assembly.ExitUsage, "batch results --json x": assembly.ExitUsage, "batch -": assembly.ExitRefused,
		} {
			if got := h.start("", strings.Fields(command)...); assembly.ExitCodeOf(got.err) != code {
				t.Errorf("%s: code %d, %v", command, assembly.ExitCodeOf(got.err), got.err)
			}
		}
	})
}

// The table of a portfolio, with the order that each of its rows changes.
func TestATableWithATemplateIsABatch(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		dir := t.TempDir()
		write := func(name, content string) string {
			t.Helper()
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
		template := write("template.json", outside.DomainOnly)
		good := write("good.csv", "\xef\xbb\xbfdomain,planId\r\na,\r\n\r\nb,5\r\n")
		bad := write("bad.csv", "domain,planId\na,5\nb,five\n")
		broken := write("broken.csv", "domain,planId\na,5\nb,5,6\n")
		got := h.fails("", "batch --template-file "+template+" "+bad, "1 of 2 lines")
		if !strings.Contains(got.out, "line 3: column planId: items[0].planId") {
			t.Errorf("got %s", got.out)
		}
		if got := h.fails("", "batch --template-file "+template+" "+broken, "broken.csv: line 3 has 3 cells"); assembly.ExitCodeOf(got.err) != assembly.ExitRefused {
			t.Errorf("%d: %v", assembly.ExitCodeOf(got.err), got.err)
		}
		if page, err := h.assembly.Desk(nil).Batches(asOperator(t.Context()), "", "", 0); err != nil || len(page.Batches) != 0 {
			t.Errorf("something was stored: %+v, %v", page, err)
		}
		h.prints("", "batch --template-file "+template+" "+good, "2 lines are to be placed")
		h.drain()
		if units := h.units(); units != "a.example running, b.example running" && !strings.Contains(units, "b.example") {
			t.Errorf("placed %q", units)
		}
		h.fails("", "batch --template-file "+write("empty.json", " ")+" "+good, "is empty")
	})
}
