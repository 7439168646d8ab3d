package gateway_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"domainprovisioning/gateway"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
)

// slowBatch is a batch that is being taken, and of which nothing comes until the writer is used. The
// answer's status comes when it does; 0 is none.
type slowBatch struct {
	writer *io.PipeWriter
	answer <-chan int
}

// slow begins a batch, and waits until the gateway reads it.
func (f *fixture) slow(key string) slowBatch {
	f.t.Helper()
	reader, writer := io.Pipe()
	f.t.Cleanup(func() { _ = writer.Close() })
	taken := make(chan struct{})
	traced := httptrace.WithClientTrace(f.t.Context(), &httptrace.ClientTrace{Got100Continue: func() { close(taken) }})
	request, err := http.NewRequestWithContext(traced, http.MethodPost, f.url+"/v1/batches", reader)
	if err != nil {
		f.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set("Expect", "100-continue") // which is told when the first byte is read
	transport := &http.Transport{ExpectContinueTimeout: time.Minute}
	f.t.Cleanup(transport.CloseIdleConnections)
	answers := make(chan int, 1)
	go func() {
		answer, err := transport.RoundTrip(request)
		if err != nil {
			answers <- 0
			return
		}
		_ = answer.Body.Close()
		answers <- answer.StatusCode
	}()
	select {
	case <-taken:
	case status := <-answers:
		f.t.Fatalf("it is not taken: %d", status)
	}
	return slowBatch{writer, answers}
}

// refused sends a batch that must wait for others.
func (f *fixture) refused(key, why string) {
	f.t.Helper()
	got := f.batch(key, "?dryRun=true", outside.InLines(f.t, "asks"))
	if got.status != http.StatusTooManyRequests || got.header.Get("Retry-After") == "" || !strings.Contains(got.body, why) {
		f.t.Errorf("%d %v %s", got.status, got.header, got.body)
	}
}

// end sends a line and the end of the batch.
func (s slowBatch) end(t *testing.T, name string) {
	t.Helper()
	_, _ = io.WriteString(s.writer, outside.InLines(t, name))
	_ = s.writer.Close()
	if status := <-s.answer; status != http.StatusCreated {
		t.Errorf("got %d", status)
	}
}

// A client that sends slowly has one batch at a time, and leaves room for another client.
func TestAClientKeepsNoOtherFromBatches(t *testing.T) {
	f := begin(t, outside.Options{})
	web, till := f.keyOf("web"), f.keyOf("till")
	slow := f.slow(web)
	f.refused(web, "one of this client")
	if got := f.batch(till, "?dryRun=true", outside.InLines(t, "b")); got.status != http.StatusOK {
		t.Errorf("%d %s", got.status, got.body)
	}
	slow.end(t, "c")
	if got := f.batch(web, "?dryRun=true", outside.InLines(t, "d")); got.status != http.StatusOK {
		t.Errorf("afterwards: %d %s", got.status, got.body)
	}
}

// Not more batches are held in memory at once than the gateway says.
func TestTooManyBatchesAtOnceHaveToWait(t *testing.T) {
	f := begin(t, outside.Options{})
	slow := []slowBatch{f.slow(f.keyOf("web")), f.slow(f.keyOf("till"))}
	f.refused(f.place, "2 are being taken")
	for n, one := range slow {
		one.end(t, fmt.Sprintf("n%d", n))
	}
}

// unhurried is a registrar that takes its time for a check, unless the caller goes away.
type unhurried struct {
	registrars.Registrar

	length time.Duration
	asked  *bool
}

func (r unhurried) Check(ctx context.Context, request registrars.Request) error {
	*r.asked = true
	timer := time.NewTimer(r.length)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return r.Registrar.Check(ctx, request)
	}
}

// A body that does not come leaves its place soon, and nothing is stored of it.
func TestABatchThatDoesNotComeIsBrokenOff(t *testing.T) {
	const idle = 100 * time.Millisecond
	f := begin(t, outside.Options{}, func(o *gateway.Options) { o.BatchIdle = idle })
	web := f.keyOf("web")
	slow := f.slow(web)
	_, _ = io.WriteString(slow.writer, outside.InLines(t, "a"))
	select {
	case status := <-slow.answer:
		// The connection may end before its answer is read.
		if status != http.StatusBadRequest && status != 0 {
			t.Errorf("got %d", status)
		}
	case <-time.After(time.Minute):
		t.Fatal("it is still waited for")
	}
	// The next one is taken, though the registrar takes longer than a byte may.
	asked := false
	account := f.Intake.Accounts[outside.Account]
	account.Registrar = unhurried{f.Registrar, 3 * idle, &asked}
	f.Intake.Accounts[outside.Account] = account
	if got := f.batch(web, "?maxPrice=100.00EUR", outside.InLines(t, "b")); got.status != http.StatusCreated || !asked {
		t.Errorf("%d %s", got.status, got.body)
	}
	if listed := f.getAll("/v1/batches"); strings.Count(listed.body, `"id"`) != 1 {
		t.Errorf("stored: %s", listed.body)
	}
}

// What is no id is no batch, on either database.
func TestWhatIsNoBatchIsNotFound(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		for _, id := range []string{"%00", "%ff", "batch_%00", "batch_" + strings.Repeat("a", 19) + "%ff", "batch_" + strings.Repeat("a", 20)} {
			for _, path := range []string{"", "/lines", "/results"} {
				if got := f.get("/v1/batches/" + id + path); got.status != http.StatusNotFound {
					t.Errorf("%s%s: %d %s", id, path, got.status, got.body)
				}
			}
		}
		made := f.batched(f.place, "", outside.InLines(t, "a"))
		for after, want := range map[string]int{"2147483647": 200, "2147483648": 400, "99999999999": 400, "-1": 400} {
			if got := f.get("/v1/batches/" + made.ID + "/lines?after=" + after); got.status != want {
				t.Errorf("after %s: %d %s", after, got.status, got.body)
			}
		}
	})
}
