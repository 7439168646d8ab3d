package assembly

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	deploymentpb "go.temporal.io/api/deployment/v1"
	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"domainprovisioning/intake"
	"domainprovisioning/internal/outside"
	"domainprovisioning/telemetry"
)

// turns is Temporal with the build that is current.
type turns struct {
	client.Client

	mu      sync.Mutex
	current string
	away    error
}

func (s *turns) answer(current string, away error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current, s.away = current, away
}

func (s *turns) DescribeTaskQueue(context.Context, string, enumspb.TaskQueueType) (*workflowservice.DescribeTaskQueueResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	versions := &taskqueuepb.TaskQueueVersioningInfo{}
	if s.current != "" {
		versions.CurrentDeploymentVersion = &deploymentpb.WorkerDeploymentVersion{DeploymentName: "shop", BuildId: s.current}
	}
	return &workflowservice.DescribeTaskQueueResponse{VersioningInfo: versions}, s.away
}

// gauge is what the metrics say of a build; "" if they say nothing.
func gauge(m *telemetry.Metrics, build string) string {
	answer := httptest.NewRecorder()
	m.Handler(quiet()).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for line := range strings.Lines(answer.Body.String()) {
		if value, found := strings.CutPrefix(line, `domainprovisioning_worker_gets_work{build="`+build+`"} `); found {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func TestWorkersSayWhetherTheirBuildGetsWork(t *testing.T) {
	none, b := intake.Build{}, intake.Build{Deployment: "shop", ID: "b"}
	for name, c := range map[string]struct {
		build   intake.Build
		current string
		want    string // part of the error
	}{
		"no versions anywhere":                 {none, "", ""},
		"the current build":                    {b, "b", ""},
		"a build that was never current":       {b, "", "to workers of build b of shop, but to those of no version"},
		"a build beside the current one":       {b, "a", "to workers of build b of shop, but to those of build a of shop"},
		"no version, while a build is current": {none, "a", "to workers of no version, but to those of build a of shop"},
		"the same name in another deployment":  {intake.Build{Deployment: "other", ID: "b"}, "b", "to workers of build b of other, but to those of build b of shop"},
	} {
		asked := &turns{current: c.current}
		w := &Workers{metrics: telemetry.New(), temporal: asked, build: c.build}
		asked.away = errors.New("busy")
		if err := w.Turn(t.Context()); !errors.Is(err, asked.away) || w.Idle() != nil || gauge(w.metrics, c.build.ID) != "" {
			t.Errorf("%s: before anybody has answered: %v, %v, %q", name, err, w.Idle(), gauge(w.metrics, c.build.ID))
		}
		asked.away = nil
		want := "1"
		if c.want != "" {
			want = "0"
		}
		err := w.Turn(t.Context())
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) || gauge(w.metrics, c.build.ID) != want {
			t.Errorf("%s: %v, %q", name, err, gauge(w.metrics, c.build.ID))
		}
		asked.away = errors.New("busy")
		if again := w.Turn(t.Context()); !errors.Is(again, asked.away) || !errors.Is(w.Idle(), err) {
			t.Errorf("%s: while Temporal is away: %v, %v", name, again, w.Idle())
		}
	}
}

// A worker whose build gets no work says so at once and every ten minutes, and once when it does.
func TestAWorkerThatGetsNoWorkSaysSoNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, log := &turns{current: "a"}, &outside.Output{}
		w := &Workers{metrics: telemetry.New(), temporal: asked, build: intake.Build{Deployment: "shop", ID: "b"}, log: slog.New(slog.NewTextHandler(log, nil))}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); w.GuardTurn(ctx) }()
		said := func(after time.Duration, noWork, work int) {
			t.Helper()
			time.Sleep(after) // of the test's own clock
			synctest.Wait()
			if text := log.String(); strings.Count(text, "these workers get no work") != noWork || strings.Count(text, "these workers get work now") != work {
				t.Errorf("after %s more: %s", after, text)
			}
		}
		said(0, 1, 0)
		said(9*time.Minute+30*time.Second, 1, 0)
		said(time.Minute, 2, 0)
		asked.answer("a", errors.New("busy"))
		said(15*time.Minute, 2, 0)
		asked.answer("b", nil)
		said(time.Minute, 2, 1)
		said(time.Hour, 2, 1)
		asked.answer("a", nil)
		said(time.Minute, 3, 1)
		stop()
		<-ended
	})
}
