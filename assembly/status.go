package assembly

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/client"

	"domainprovisioning/telemetry"
)

// Status is what a worker process tells about itself over HTTP, from its start on.
type Status struct {
	// Address is where it listens; "" if worker.address is empty.
	Address string

	served  atomic.Pointer[served]
	end     context.CancelFunc
	serving sync.WaitGroup
}

// served are the workers of a process and their connection.
type served struct {
	workers  *Workers
	temporal client.Client
}

// Status listens on worker.address and serves /healthz, /readyz and /metrics until Stop. Without
// an address it serves nothing.
func (a *Assembly) Status(ctx context.Context) (*Status, error) {
	s := &Status{end: func() {}}
	if a.Config.Worker.Address == "" {
		return s, nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", a.Config.Worker.Address)
	if err != nil {
		return nil, fmt.Errorf("worker: %w; free the port, or set worker.address to another one or to nothing", err)
	}
	s.Address = listener.Addr().String()
	server := &telemetry.Server{
		Metrics: a.Metrics, Log: a.Log, Alive: s.alive,
		Ready: func(ctx context.Context) []telemetry.Part { return s.ready(ctx, a) },
	}
	serving, end := context.WithCancel(context.WithoutCancel(ctx))
	s.end = end
	s.serving.Go(func() {
		if err := server.Serve(serving, listener); err != nil {
			a.Log.Error("the worker's status is not served any more; the worker goes on", "error", err)
		}
	})
	a.Log.Info("worker tells how it is", "address", s.Address)
	return s, nil
}

// Tell says which workers the process has started.
func (s *Status) Tell(workers *Workers, temporal client.Client) {
	s.served.Store(&served{workers, temporal})
}

// Stop ends the serving.
func (s *Status) Stop() {
	s.end()
	s.serving.Wait()
}

// alive is nil while the process starts: it ends by itself if it cannot.
func (s *Status) alive() error {
	if of := s.served.Load(); of != nil {
		return of.workers.Alive(time.Now())
	}
	return nil
}

// ready asks for everything that a worker needs. That its build gets work is for ?strict alone:
// workers of a new build have to run before it is made current.
func (s *Status) ready(ctx context.Context, a *Assembly) []telemetry.Part {
	of := s.served.Load()
	starting := errors.New("assembly: the workers are not started yet")
	parts := []telemetry.Part{{Name: "database"}, {Name: "temporal", Err: starting}, {Name: "workers", Err: starting}, {Name: "build", Strict: true}}
	var asking sync.WaitGroup
	asking.Go(func() { parts[0].Err = Ready(ctx, a.Store, a.Config.Histories) })
	if of != nil {
		asking.Go(func() { parts[1].Err = TemporalUp(ctx, of.temporal) })
		parts[2].Err, parts[3].Err = of.workers.Alive(time.Now()), of.workers.Idle()
	}
	asking.Wait()
	return parts
}
