package main

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"domainprovisioning/config"
	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/messages"
)

// wire is a connection to a server that can be cut and restored.
type wire struct {
	listener    net.Listener
	network, to string // address of the server

	// holds returns the functions that delay a connection: sends is called with the data
	// that is about to be sent to the server, and answers before an answer is passed on.
	// If holds is nil, everything passes.
	holds func() (sends func([]byte), answers func([]byte))

	mu    sync.Mutex
	cut   bool
	ends  map[net.Conn]bool
	group sync.WaitGroup
}

// newWire listens in front of the database at a URL, and returns the URL through the
// wire.
func newWire(t *testing.T, database string) (*wire, string) {
	t.Helper()
	parsed, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: listener, network: "tcp", to: parsed.Host, ends: map[net.Conn]bool{}}
	query := parsed.Query()
	if socket := query.Get("host"); strings.HasPrefix(socket, "/") {
		w.network, w.to = "unix", socket+"/.s.PGSQL.5432"
	}
	query.Del("host")
	parsed.RawQuery = query.Encode()
	w.group.Go(w.accept)
	t.Cleanup(func() {
		_ = listener.Close()
		w.setCut(true)
		w.group.Wait()
	})
	parsed.Host = listener.Addr().String()
	return w, parsed.String()
}

func (w *wire) accept() {
	for {
		near, err := w.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial(w.network, w.to)
		w.mu.Lock()
		if err != nil || w.cut {
			w.mu.Unlock()
			_ = near.Close()
			if err == nil {
				_ = far.Close()
			}
			continue
		}
		w.ends[near], w.ends[far] = true, true
		w.mu.Unlock()
		var toServer, toClient io.Writer = far, near
		if w.holds != nil {
			sends, answers := w.holds()
			toServer, toClient = &held{far, sends}, &held{near, answers}
		}
		w.group.Go(func() { w.pass(near, far, toServer) })
		w.group.Go(func() { w.pass(far, near, toClient) })
	}
}

// held is a connection that asks before it writes.
type held struct {
	io.Writer

	ask func([]byte)
}

func (h *held) Write(p []byte) (int, error) {
	h.ask(p)
	return h.Writer.Write(p)
}

func (w *wire) pass(from, to net.Conn, into io.Writer) {
	_, _ = io.Copy(into, from)
	_ = from.Close()
	_ = to.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.ends, from)
}

// setCut ends all connections and refuses new ones, or lets them pass again.
func (w *wire) setCut(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
	if cut {
		for end := range w.ends {
			_ = end.Close()
		}
	}
}

// Scenario database-down: the database goes away during an order and while the order
// waits. Steps wait and go on, requests meanwhile get a clear answer, and nothing is lost
// or done twice.
func TestTheDatabaseIsAwayForAWhile(t *testing.T) {
	t.Parallel()
	w, through := newWire(t, postgrestest.URL(t))
	f := begin(t, worldOptions{manual: true}, func(cfg *config.Config) { cfg.Database.URL = config.Secret(through) })
	c := f.client()
	f.place(shop(t))
	w.setCut(true)
	if status, answer := c.send(http.MethodPost, "/v1/orders", jsonShop(t), nil); status != http.StatusServiceUnavailable {
		t.Errorf("an order while it is away: %d %s", status, answer)
	}
	if status, answer := c.send(http.MethodGet, "/readyz", nil, nil); status != http.StatusServiceUnavailable {
		t.Errorf("%d %s", status, answer)
	}
	// Whatever step it was at, it is being retried by now.
	f.pendingActivity(shopWorkflow)
	w.setCut(false)
	f.until(shopWorkflow, messages.Waiting)
	w.setCut(true)
	if err := f.world.netim.Complete("shop.example"); err != nil {
		t.Fatal(err)
	}
	if err := f.watchRound(t.Context(), netimAccount); err == nil {
		t.Error("a round of the watch without the ledger succeeded")
	}
	w.setCut(false)
	f.watch()
	f.finish(shopWorkflow)
	f.want("shop.example", whole())
}
