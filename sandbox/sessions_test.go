package main

import (
	"bytes"
	"fmt"
	"testing"
	"time"
)

// TestACrashLoopLeavesOneSession kills real workers one after another, each as soon as it
// has asked the registrar about a domain, while the command line places the orders. A
// killed worker holds its lease; the next one waits for it to expire.
func TestACrashLoopLeavesOneSession(t *testing.T) {
	t.Parallel()
	p := beginProduction(t)
	p.want("applied", "migrate")
	const lives = 5
	for n := 1; n <= lives; n++ {
		order := alter(t, shop(t), "DomainID=shop", fmt.Sprintf("DomainID=shop%d", n), "jane@shop", fmt.Sprintf("jane%d@shop", n))
		p.want("accepted", "order", p.file(order))
		worker := p.command(t.Context(), "worker")
		var log bytes.Buffer
		worker.Stderr = &log
		if err := worker.Start(); err != nil {
			t.Fatal(err)
		}
		domain := fmt.Sprintf("shop%d.example", n)
		for deadline := time.Now().Add(patience); p.world.netim.Creates(domain) == 0; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				_ = worker.Process.Kill()
				_ = worker.Wait()
				t.Fatalf("%s was not asked for in life %d\n%s", domain, n, &log)
			}
		}
		if err := worker.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = worker.Wait()
		if creates := p.world.netim.Creates(domain); creates != 1 {
			t.Errorf("%s was asked for %d times", domain, creates)
		}
	}
	if opened, open := p.world.netim.Calls("sessionOpen"), len(p.world.netim.Sessions()); opened != 1 || open != 1 {
		t.Errorf("%d sessions were opened by %d workers and the command line, %d are open", opened, lives, open)
	}
}
