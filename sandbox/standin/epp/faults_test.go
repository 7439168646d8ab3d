package epp_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/sandbox/standin/epp"
	"domainprovisioning/sandbox/standin/faults"
)

func TestFaults(t *testing.T) {
	const name = "shop.registry"
	for kind, c := range map[faults.Kind]struct {
		code    int // 0: no reply
		made    bool
		ends    bool // the connection
		outcome string
		part    string
	}{
		faults.CutBefore:      {ends: true, outcome: "cut-before"},
		faults.CutAfter:       {made: true, ends: true, outcome: "cut-after"},
		faults.HTTPError:      {code: 2400, outcome: "http-error"},
		faults.RaiseFault:     {code: 2400, made: true, outcome: "fault"},
		faults.RateLimit:      {code: 2502, ends: true, outcome: "rate-limit"},
		faults.SessionExpired: {code: 2002, outcome: "session-expired"},
		faults.UnknownStatus:  {code: 1999, made: true, outcome: "unknown-status"},
		faults.Quote:          {code: 2005, outcome: "quote", part: "secret-code"},
		faults.Delay:          {code: 1000, made: true, outcome: "ok"},
		faults.Late:           {code: 1000, made: true, outcome: "late"},
	} {
		t.Run(string(kind), func(t *testing.T) {
			s := start(t, epp.Options{})
			c2 := s.enter()
			s.Faults.Add(faults.Fault{Method: "domain.create", Kind: kind, Delay: time.Millisecond})
			c2.want(1000, named("check", name))
			c2.write(createFrame(name))
			reply, err := c2.tryRead()
			if found := codeForm.FindStringSubmatch(reply); (err == nil) != (c.code != 0) || err == nil && (found == nil || found[1] != fmt.Sprint(c.code)) || !strings.Contains(reply, c.part) {
				t.Errorf("%v: %s", err, reply)
			}
			if _, made := s.Domain(name); made != c.made || (s.Balance() != 10_000_00) != c.made || (s.Count("create", name) == 1) != c.made {
				t.Errorf("made: %v, balance %d", made, s.Balance())
			}
			if last := s.Log()[2]; last.Method != "domain.create" || last.Outcome != c.outcome && c.outcome != "late" {
				t.Errorf("the log says %+v", last)
			}
			switch {
			case c.ends:
				c2.closed()
			case kind == faults.SessionExpired:
				c2.want(2002, named("check", name))
				c2.want(1000, loginFrame("registrar1", "epp-password"))
			default:
				c2.want(1000, named("check", name))
			}
		})
	}
}

func TestABrokenReply(t *testing.T) {
	var mu sync.Mutex
	var directions []string
	s := start(t, epp.Options{Frame: func(direction string, _ []byte) {
		mu.Lock()
		defer mu.Unlock()
		directions = append(directions, direction)
	}})
	c := s.enter()
	s.Faults.Add(faults.Fault{Method: "domain.create", Kind: faults.Malformed})
	reply := c.send(createFrame("shop.registry"))
	if strings.HasSuffix(reply, "</epp>") || s.Count("create", "shop.registry") != 1 {
		t.Errorf("reply %s", reply)
	}
	c.want(1000, named("info", "shop.registry"))
	mu.Lock()
	defer mu.Unlock()
	if got := strings.Join(directions, " "); got != "response command response command broken command response" {
		t.Errorf("frames: %s", got)
	}
}

func TestAFullRegistry(t *testing.T) {
	s := start(t, epp.Options{})
	s.Faults.Add(faults.Fault{Kind: faults.TooManySessions})
	c := s.dial()
	c.send(frame("<hello/>")) // the fault keeps its turn
	c.want(2502, loginFrame("registrar1", "epp-password"))
	c.closed()
	s.enter()
}

// The effect of a late command does not follow its caller.
func TestALateEffect(t *testing.T) {
	const late = 300 * time.Millisecond
	s := start(t, epp.Options{})
	c := s.enter()
	s.Faults.Add(faults.Fault{Method: "domain.create", Kind: faults.Late, Delay: late})
	began := time.Now()
	c.write(createFrame("shop.registry"))
	_ = c.connection.Close()
	if s.Count("create", "shop.registry") != 0 && time.Since(began) < late {
		t.Error("it took effect when the caller left")
	}
	deadline := time.Now().Add(patience)
	for s.Count("create", "shop.registry") == 0 {
		if time.Now().After(deadline) {
			t.Fatal("it never took effect")
		}
		time.Sleep(5 * time.Millisecond)
	}
	if time.Since(began) < late {
		t.Error("it took effect too soon")
	}
}

// Commands of one session are carried out one after the other, those of several at the same time.
func TestManySessions(t *testing.T) {
	s := start(t, epp.Options{})
	clients := make([]*client, 8)
	for i := range clients {
		clients[i] = s.enter()
	}
	var all sync.WaitGroup
	for i, c := range clients {
		all.Go(func() {
			for n := range 10 {
				c.write(createFrame(fmt.Sprintf("shop%d-%d.registry", i, n)))
			}
			for range 10 {
				if reply, err := c.tryRead(); err != nil || !strings.Contains(reply, `code="1000"`) {
					t.Errorf("%v: %s", err, reply)
				}
			}
			_ = c.send(createFrame("same.registry"))
		})
	}
	all.Wait()
	if len(s.Domains()) != 81 || s.Count("create", "same.registry") != 1 || s.Balance() != 10_000_00-81*10_00 || s.Calls("domain.create") != 88 {
		t.Errorf("%d domains, balance %d", len(s.Domains()), s.Balance())
	}
}

// Close ends what waits.
func TestClosing(t *testing.T) {
	s := start(t, epp.Options{Delay: time.Hour})
	c := s.dial()
	c.write(loginFrame("registrar1", "epp-password"))
	began := time.Now()
	for s.Calls("login") == 0 {
		if time.Since(began) > patience {
			t.Fatal("the login did not arrive")
		}
		time.Sleep(time.Millisecond)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if time.Since(began) > patience {
		t.Error("it waited for the delay")
	}
}
