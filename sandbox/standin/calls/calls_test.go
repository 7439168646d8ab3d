package calls

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"domainprovisioning/sandbox/standin/faults"
)

// server counts effects and applies one decision to every call.
func server(t *testing.T, d faults.Decision) (*httptest.Server, *Log, *atomic.Int32) {
	t.Helper()
	var log Log
	var effects atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		log.Serve(w, r, Exchange{Method: "m", At: time.Unix(1, 0), Decision: d, Body: []byte("<x/>"), Quote: func(text string) Reply {
			return Reply{Status: http.StatusBadRequest, Body: []byte(text)}
		}, Effect: func() Reply {
			effects.Add(1)
			return Reply{Body: []byte("<done/>"), Outcome: OK}
		}})
	}))
	t.Cleanup(s.Close)
	return s, &log, &effects
}

func TestDecisions(t *testing.T) {
	for _, c := range []struct {
		decision faults.Decision
		status   int // 0: no reply
		body     string
		effects  int32
		outcome  string
	}{
		{faults.Decision{}, 200, "<done/>", 1, OK},
		{faults.Decision{Kind: faults.CutBefore}, 0, "", 0, "cut-before"},
		{faults.Decision{Kind: faults.CutAfter}, 0, "", 1, "cut-after"},
		{faults.Decision{Kind: faults.HTTPError, Status: 502}, 502, "Bad Gateway", 0, "http-error"},
		{faults.Decision{Kind: faults.RateLimit, Status: 429}, 429, "Too Many", 0, "rate-limit"},
		{faults.Decision{Kind: faults.Malformed}, 200, "<unfinished", 1, "malformed"},
		{faults.Decision{Kind: faults.HTTPError, Status: 502, Quoting: true}, 502, "Bad Gateway\nCannot process the request POST /\nAuthorization: \n\n<x/>\nXML POST", 0, "http-error"},
		{faults.Decision{Kind: faults.Malformed, Quoting: true}, 200, "<unfinished\nCannot process the request POST /", 1, "malformed"},
		{faults.Decision{Kind: faults.Quote}, 400, "POST /\nAuthorization: \n\n<x/>\nXML POST", 0, "quote"},
	} {
		t.Run(c.outcome, func(t *testing.T) {
			s, log, effects := server(t, c.decision)
			reply, err := s.Client().Post(s.URL, "text/xml", strings.NewReader("<x/>"))
			if (err != nil) != (c.status == 0) {
				t.Fatalf("error %v", err)
			}
			if err == nil {
				defer reply.Body.Close()
				body, _ := io.ReadAll(reply.Body)
				if reply.StatusCode != c.status || !strings.Contains(string(body), c.body) {
					t.Errorf("reply %d %q", reply.StatusCode, body)
				}
				if (reply.Header.Get("Retry-After") != "") != (c.status == 429) {
					t.Error("Retry-After belongs to 429 only")
				}
			}
			if effects.Load() != c.effects {
				t.Errorf("%d effects, want %d", effects.Load(), c.effects)
			}
			if all := log.All(); len(all) != 1 || all[0].Outcome != c.outcome || log.Count("M") != 1 || log.Count("") != 1 {
				t.Errorf("log %+v", all)
			}
		})
	}
}

// What a late call does happens when it answers, and not when its caller leaves.
func TestALateEffectDoesNotFollowItsCaller(t *testing.T) {
	const late = 300 * time.Millisecond
	s, _, effects := server(t, faults.Decision{Kind: faults.Late, Delay: late})
	client := *s.Client()
	client.Timeout = 20 * time.Millisecond
	began := time.Now()
	if _, err := client.Post(s.URL, "text/xml", strings.NewReader("<x/>")); err == nil {
		t.Fatal("an answer came in spite of the delay")
	}
	if effects.Load() != 0 && time.Since(began) < late {
		t.Error("it took effect when the caller left")
	}
	s.Close() // waits for the handler
	if effects.Load() != 1 || time.Since(began) < late {
		t.Errorf("%d effects after %s", effects.Load(), time.Since(began))
	}
}

func TestCallerThatLeavesDoesNotStopTheEffect(t *testing.T) {
	s, log, effects := server(t, faults.Decision{Delay: time.Hour})
	client := *s.Client()
	client.Timeout = 20 * time.Millisecond
	if _, err := client.Post(s.URL, "text/xml", strings.NewReader("<x/>")); err == nil {
		t.Fatal("an answer came in spite of the delay")
	}
	s.Close() // waits for the handler
	if effects.Load() != 1 || log.All()[0].Outcome != OK {
		t.Errorf("effects %d, log %+v", effects.Load(), log.All())
	}
}
