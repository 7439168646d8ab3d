package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"domainprovisioning/desk"
)

const (
	// eventsEvery is how often an open stream asks its order's workflows.
	eventsEvery = time.Second
	// keepAlive is how often a stream without news says that it lives.
	keepAlive = 15 * time.Second
	// eventWrite bounds the writing of one event: a client that reads no more is let go.
	eventWrite = 10 * time.Second
)

// orderEvents is GET /v1/orders/{id}/events: server-sent events of the checklist. The
// first comes at once; each later one follows a change. After the event "end" the
// order has ended and the stream closes. A client that comes again gets the present
// state first, so that no event needs to be kept.
func (g *Gateway) orderEvents(w http.ResponseWriter, r *http.Request) error {
	found, err := g.find(r)
	if err != nil {
		return err
	}
	select {
	case g.streams <- struct{}{}:
		defer func() { <-g.streams }()
	default:
		return unavailable("too-many-streams", fmt.Sprintf("%d event streams are open", cap(g.streams)), nil)
	}
	g.metrics.streams.Inc()
	defer g.metrics.streams.Dec()
	s := stream{w: w, control: http.NewResponseController(w), sent: make([][]byte, len(found))}
	// The server's deadlines are for requests that end by themselves.
	_ = s.control.SetReadDeadline(time.Time{})
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy must pass events on at once
	w.WriteHeader(http.StatusOK)
	g.follow(r.Context(), &s, found)
	return nil
}

// follow writes events until all units have ended, the client has gone, or the gateway
// stops.
func (g *Gateway) follow(ctx context.Context, s *stream, found []desk.Unit) {
	ticker := time.NewTicker(eventsEvery)
	defer ticker.Stop()
	for {
		current := g.refresh(ctx, found)
		if ctx.Err() != nil {
			return
		}
		ended := true
		for n, unit := range current.Units {
			if !s.progress(n, unit) {
				return
			}
			ended = ended && unit.Progress != nil && unit.Progress.State.Closed()
		}
		if ended {
			s.write("event: end\ndata: {}\n\n")
			return
		}
		if time.Since(s.at) >= keepAlive && !s.write(": alive\n\n") {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-g.stopping:
			return
		case <-ticker.C:
		}
	}
}

// refresh asks how the units stand. What the store says of one that is not started, or
// whose workflow is gone, changes as well.
func (g *Gateway) refresh(ctx context.Context, found []desk.Unit) Order {
	for n, unit := range found {
		if unit.Started {
			continue
		}
		if again, err := g.Desk.Find(ctx, unit.Order); err == nil {
			for _, candidate := range again {
				if candidate.Item == unit.Item {
					found[n] = candidate
				}
			}
		}
	}
	return g.stand(ctx, found)
}

// stream is one client's event stream.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	sent    [][]byte  // the last event of each unit
	at      time.Time // when something was written last
	id      int
}

// progress sends a unit's checklist if it has changed. It reports false when the
// client has gone.
func (s *stream) progress(n int, unit UnitStatus) bool {
	document, err := json.Marshal(unit)
	if err != nil || bytes.Equal(document, s.sent[n]) {
		return true
	}
	s.sent[n] = document
	s.id++
	return s.write(fmt.Sprintf("id: %d\nevent: progress\ndata: %s\n\n", s.id, document))
}

func (s *stream) write(text string) bool {
	_ = s.control.SetWriteDeadline(time.Now().Add(eventWrite))
	s.at = time.Now()
	if _, err := s.w.Write([]byte(text)); err != nil {
		return false
	}
	return s.control.Flush() == nil
}
