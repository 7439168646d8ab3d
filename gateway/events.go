package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/store"
)

const (
	// eventsEvery is how often an open stream looks at first. The interval doubles each
	// time that nothing has changed, up to eventsRarely.
	eventsEvery  = time.Second
	eventsRarely = 8 * time.Second
	// keepAlive is how often a stream without news sends a sign of life.
	keepAlive = 15 * time.Second
	// keyEvery is how often the caller's API key is checked again, so that a revoked key
	// gets no more events.
	keyEvery = time.Minute
	// eventWrite bounds the writing of one event: a client that stops reading is
	// disconnected.
	eventWrite = 10 * time.Second
)

// orderEvents is GET /v1/orders/{id}/events: server-sent events of the checklist. The first
// one is sent at once, and each later one follows a change. After the event "end" the order
// has ended and the stream closes. A client that reconnects first gets the current state,
// unless it has that already, so no event needs to be kept. One that reconnects to an order
// whose end it knows is answered 204, which makes an EventSource stop.
func (g *Gateway) orderEvents(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), g.RequestTimeout)
	defer cancel()
	found, err := g.find(r.WithContext(ctx))
	if err != nil {
		return err
	}
	return g.events(w, r, found, keyOf(r.Context()).Name, func(context.Context) bool { return g.keys.stillPermits(r, store.ScopeRead) })
}

// events is the stream of an order, for a caller who is asked after each minute whether it is
// still permitted.
func (g *Gateway) events(w http.ResponseWriter, r *http.Request, found []desk.Unit, caller string, permitted func(ctx context.Context) bool) error {
	ctx, cancel := context.WithTimeout(r.Context(), g.RequestTimeout)
	defer cancel()
	last := r.Header.Get(headerLastEvent)
	if last != "" && g.endIsKnown(ctx, found, last) {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	release, err := g.streams.take(caller)
	if err != nil {
		return err
	}
	defer release()
	g.Metrics.Streams.Inc()
	defer g.Metrics.Streams.Dec()
	s := stream{w: w, control: http.NewResponseController(w), last: last, sent: make(map[int]string, len(found)), ended: map[int]bool{}}
	// The server's deadlines are for requests that end by themselves.
	_ = s.control.SetReadDeadline(time.Time{})
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy must pass events on at once
	w.WriteHeader(http.StatusOK)
	g.follow(r, &s, found[0].Address(), permitted)
	return nil
}

// headerLastEvent holds the id of the last event that a client has got, when it reconnects.
const headerLastEvent = "Last-Event-ID"

// endIsKnown reports whether all units of an order have ended and nothing is left to tell a
// client that has got the event. One that missed the last state of a unit still gets it.
func (g *Gateway) endIsKnown(ctx context.Context, found []desk.Unit, last string) bool {
	if slices.ContainsFunc(found, desk.Unit.Open) {
		return false
	}
	if !eventForm.MatchString(last) {
		return true // the event end, or none of ours
	}
	if len(found) > 1 {
		return false // the event is about one of them only
	}
	id, _, err := eventOf(g.stand(ctx, found).Units[0])
	return err == nil && id == last
}

// follow writes events until all units have ended, the client has gone, its key is
// revoked, the order cannot be found any more, or the gateway stops.
func (g *Gateway) follow(r *http.Request, s *stream, order string, permitted func(ctx context.Context) bool) {
	pause := eventsEvery
	asked := time.Now()
	for {
		changed, ended, err := g.look(r.Context(), s, order)
		switch {
		case lostSight(err):
			return // a client that reconnects is told why
		case r.Context().Err() != nil, s.gone:
			return
		case ended:
			s.write("id: end\nevent: end\ndata: {}\n\n")
			return
		case changed:
			pause = eventsEvery
		default:
			pause = min(2*pause, eventsRarely)
		}
		if time.Since(s.at) >= keepAlive {
			s.write(": alive\n\n")
		}
		if time.Since(asked) >= keyEvery {
			if !permitted(r.Context()) {
				return
			}
			asked = time.Now()
		}
		select {
		case <-r.Context().Done():
		case <-g.stopping:
			return
		case <-time.After(pause):
		}
	}
}

// look reads the state of an order and sends what has changed. It does not ask the
// workflow of a unit that has ended again. It ignores trouble of the store or of
// Temporal, which passes; the error may say that the order is not found.
func (g *Gateway) look(ctx context.Context, s *stream, order string) (changed, ended bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, g.RequestTimeout)
	defer cancel()
	found, err := g.Desk.Find(ctx, order)
	if err != nil {
		return false, false, err
	}
	var open []desk.Unit
	for _, unit := range found {
		if !s.ended[unit.Item] {
			open = append(open, unit)
		}
	}
	if len(open) == 0 {
		return false, true, nil
	}
	ended = true
	for _, unit := range g.stand(ctx, open).Units {
		changed = s.progress(unit) || changed
		ended = ended && s.ended[unit.Item]
	}
	return changed, ended, nil
}

// lostSight reports whether an error of look stays, so that a stream would be silent for ever.
func lostSight(err error) bool {
	_, several := errors.AsType[*desk.SeveralOrdersError](err)
	_, noName := errors.AsType[*desk.NameError](err)
	return several || noName || errors.Is(err, desk.ErrNotFound)
}

// stream is one client's event stream.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	last    string         // the id of the last event of an earlier stream, or ""
	sent    map[int]string // the id of the last event of each unit, by item
	ended   map[int]bool   // the units whose end was sent
	at      time.Time      // when something was last written
	gone    bool           // the client has stopped reading
}

// eventOf returns the data of a unit's event, and its id. The id is the unit's item and a digest
// of the data: the same state has the same id on every stream of every gateway.
func eventOf(unit UnitStatus) (id string, document []byte, err error) {
	document, err = json.Marshal(unit)
	digest := sha256.Sum256(document)
	return fmt.Sprintf("%d-%x", unit.Item, digest[:8]), document, err
}

// eventForm is the form of the ids of eventOf.
var eventForm = regexp.MustCompile(`^-?[0-9]+-[0-9a-f]{16}$`)

// progress sends a unit's checklist if it has changed.
func (s *stream) progress(unit UnitStatus) (changed bool) {
	if unit.Progress != nil && unit.Progress.State.Closed() && !unit.Open() {
		s.ended[unit.Item] = true
	}
	id, document, err := eventOf(unit)
	before, known := s.sent[unit.Item]
	if err != nil || id == before {
		return false
	}
	s.sent[unit.Item] = id
	if !known && id == s.last {
		return false
	}
	s.write("id: " + id + "\nevent: progress\ndata: " + string(document) + "\n\n")
	return true
}

func (s *stream) write(text string) {
	_ = s.control.SetWriteDeadline(time.Now().Add(eventWrite))
	s.at = time.Now()
	if _, err := s.w.Write([]byte(text)); err != nil || s.control.Flush() != nil {
		s.gone = true
	}
}
