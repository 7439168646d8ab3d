package main

import (
	"context"
	"sync"

	"domainprovisioning/assembly"
	"domainprovisioning/store"
)

// serving is the gateway of the sandbox, with an API key that permits everything.
type serving struct {
	*assembly.Serving

	key  string
	end  context.CancelFunc
	done sync.WaitGroup
}

// sandboxKey is the name of that key.
const sandboxKey = "sandbox"

// serve starts the gateway. It makes a key unless there is one.
func (s *system) serve(ctx context.Context, key string) (*serving, error) {
	if key == "" {
		_, made, err := s.Store.CreateAPIKey(ctx, sandboxKey, "", store.Scopes(), "sandbox")
		if err != nil {
			return nil, err
		}
		key = made.Reveal()
	}
	made, err := s.Gateway(ctx, s.temporal)
	if err != nil {
		return nil, err
	}
	running, end := context.WithCancel(context.WithoutCancel(ctx))
	g := &serving{Serving: made, key: key, end: end}
	g.done.Go(func() {
		if err := made.Serve(running); err != nil {
			s.Log.Error("the gateway cannot go on", "error", err)
		}
	})
	return g, nil
}

func (g *serving) url() string { return "http://" + g.Address }

func (g *serving) stop() {
	g.end()
	g.done.Wait()
}
