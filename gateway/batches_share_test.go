package gateway_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"domainprovisioning/gateway"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
)

// slowBatch is a batch of which a first part has come, and no more until the writer is used. The
// answer's status comes when it does; 0 is none.
type slowBatch struct {
	writer *io.PipeWriter
	answer <-chan int
}

func (f *fixture) slow(key string) slowBatch {
	f.t.Helper()
	reader, writer := io.Pipe()
	f.t.Cleanup(func() { _ = writer.Close() })
	request, err := http.NewRequestWithContext(f.t.Context(), http.MethodPost, f.url+"/v1/batches", reader)
	if err != nil {
		f.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+key)
	answers := make(chan int, 1)
	go func() {
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			answers <- 0
			return
		}
		_ = answer.Body.Close()
		answers <- answer.StatusCode
	}()
	// More than a client keeps to itself.
	_, _ = io.WriteString(writer, strings.Repeat("\n", 16<<10))
	return slowBatch{writer, answers}
}

// fill sends a slow batch for each of the keys, until they keep one of the asker from being taken.
func (f *fixture) fill(asker, refusal string, keys ...string) []slowBatch {
	f.t.Helper()
	sent := make([]slowBatch, len(keys))
	for i, key := range keys {
		sent[i] = f.slow(key)
	}
	for deadline := time.Now().Add(30 * time.Second); ; {
		got := f.batch(asker, "?dryRun=true", outside.InLines(f.t, "asks"))
		if got.status == http.StatusTooManyRequests {
			if got.header.Get("Retry-After") == "" || !strings.Contains(got.body, refusal) {
				f.t.Fatalf("refused by %v %s", got.header, got.body)
			}
			return sent
		}
		if time.Now().After(deadline) {
			f.t.Fatalf("%d %s", got.status, got.body)
		}
		for i, key := range keys {
			select {
			case <-sent[i].answer: // it came while the asker's was read, and was refused itself
				sent[i] = f.slow(key)
			default:
			}
		}
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
	slow := f.fill(web, "one of this client", web)
	if got := f.batch(till, "?dryRun=true", outside.InLines(t, "b")); got.status != http.StatusOK {
		t.Errorf("%d %s", got.status, got.body)
	}
	slow[0].end(t, "c")
	if got := f.batch(web, "?dryRun=true", outside.InLines(t, "d")); got.status != http.StatusOK {
		t.Errorf("afterwards: %d %s", got.status, got.body)
	}
}

// Not more batches are held in memory at once than the gateway says.
func TestTooManyBatchesAtOnceHaveToWait(t *testing.T) {
	f := begin(t, outside.Options{})
	for n, slow := range f.fill(f.place, "2 are being taken", f.keyOf("web"), f.keyOf("till")) {
		slow.end(t, fmt.Sprintf("n%d", n))
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
	case <-time.After(10 * time.Second):
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
