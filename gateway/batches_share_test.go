package gateway_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"domainprovisioning/gateway"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
)

// slow sends a batch of which a first line comes and no more until the writer is used. The answer's
// status comes when it does; 0 is none.
func (f *fixture) slow(key string) (*io.PipeWriter, <-chan int) {
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
	return writer, answers
}

// A client that sends slowly has one batch at a time, and leaves room for another client.
func TestAClientKeepsNoOtherFromBatches(t *testing.T) {
	f := begin(t, outside.Options{})
	web, till := f.keyOf("web"), f.keyOf("till")
	writer, answers := f.slow(web)
	for deadline := time.Now().Add(30 * time.Second); ; {
		got := f.batch(web, "?dryRun=true", outside.InLines(t, "a"))
		if got.status == http.StatusTooManyRequests && got.header.Get("Retry-After") != "" && strings.Contains(got.body, "one of this client") {
			break
		}
		select {
		case <-answers: // it came while the one above was read, and was refused itself
			writer, answers = f.slow(web)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d %s", got.status, got.body)
		}
	}
	if got := f.batch(till, "?dryRun=true", outside.InLines(t, "b")); got.status != http.StatusOK {
		t.Errorf("%d %s", got.status, got.body)
	}
	_, _ = io.WriteString(writer, outside.InLines(t, "c"))
	_ = writer.Close()
	if status := <-answers; status != http.StatusCreated {
		t.Errorf("got %d", status)
	}
	if got := f.batch(web, "?dryRun=true", outside.InLines(t, "d")); got.status != http.StatusOK {
		t.Errorf("afterwards: %d %s", got.status, got.body)
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
	writer, answers := f.slow(web)
	_, _ = io.WriteString(writer, outside.InLines(t, "a"))
	select {
	case status := <-answers:
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
