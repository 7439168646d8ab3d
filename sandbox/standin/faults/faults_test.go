package faults

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestInjectorCountsSkipsAndWearsOff(t *testing.T) {
	var i Injector
	i.Add(Fault{Method: "domainCreate", Kind: CutAfter, Times: 2, After: 1})
	i.Add(Fault{Kind: HTTPError, Times: Always, After: 5})
	got := make([]Kind, 0, 4)
	for range 4 {
		got = append(got, i.Begin("DOMAINCREATE").Kind)
	}
	if want := []Kind{None, CutAfter, CutAfter, None}; !slices.Equal(got, want) {
		t.Errorf("kinds %v, want %v", got, want)
	}
	if d := i.Begin("other"); d.Kind != None {
		t.Errorf("a fault for one method struck another: %v", d)
	}
	for range 3 {
		if d := i.Begin("other"); d.Kind != HTTPError || d.Status != 503 {
			t.Errorf("decision %+v, want an HTTP error 503 for ever", d)
		}
	}
	i.Clear()
	if d := i.Begin("other"); d != (Decision{}) {
		t.Errorf("decision %+v after Clear", d)
	}
}

func TestDelaysAddUpAndOthersKeepTheirTurn(t *testing.T) {
	var i Injector
	i.Add(Fault{Kind: Delay, Delay: time.Second, Times: Always})
	i.Add(Fault{Kind: RateLimit, Delay: time.Second})
	i.Add(Fault{Kind: CutBefore})
	first, second, third := i.Begin("a"), i.Begin("a"), i.Begin("a")
	if first != (Decision{Kind: RateLimit, Delay: 2 * time.Second, Status: 429}) {
		t.Errorf("first decision %+v", first)
	}
	if second.Kind != CutBefore || second.Delay != time.Second {
		t.Errorf("second decision %+v", second)
	}
	if third.Kind != None || third.Delay != time.Second {
		t.Errorf("third decision %+v", third)
	}
}

func TestAppliesSparesFaultsThatCannotShow(t *testing.T) {
	i := Injector{Applies: func(k Kind, method string) bool { return k != DNSNotReady || method == "domainCreate" }}
	i.Add(Fault{Kind: DNSNotReady})
	if d := i.Begin("hello"); d.Kind != None {
		t.Errorf("struck hello: %+v", d)
	}
	if d := i.Begin("domainCreate"); d.Kind != DNSNotReady {
		t.Errorf("did not strike domainCreate: %+v", d)
	}
}

func TestConcurrentCallsStrikeExactlyTimes(t *testing.T) {
	var i Injector
	i.Add(Fault{Kind: CutAfter, Times: 10})
	var struck atomic.Int32
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if i.Begin("a").Kind == CutAfter {
				struck.Add(1)
			}
		})
	}
	group.Wait()
	if struck.Load() != 10 {
		t.Errorf("struck %d times, want 10", struck.Load())
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]Fault{
		"netim:domainCreate:cut-after*2":             {System: "netim", Method: "domainCreate", Kind: CutAfter, Times: 2},
		"operations:pem.addAccount:http-error=502":   {System: "operations", Method: "pem.addAccount", Kind: HTTPError, Status: 502},
		"billing:*:delay=1500ms*always":              {System: "billing", Kind: Delay, Delay: 1500 * time.Millisecond, Times: Always},
		"netim:*:delay":                              {System: "netim", Kind: Delay, Delay: 2 * time.Second},
		"netim:queryOpe:unknown-status*3@4":          {System: "netim", Method: "queryOpe", Kind: UnknownStatus, Times: 3, After: 4},
		"operations:pem.addDomain:cut-before*always": {System: "operations", Method: "pem.addDomain", Kind: CutBefore, Times: Always},
	} {
		got, err := Parse(text)
		if err != nil || got != want {
			t.Errorf("Parse(%q) = %+v, %v; want %+v", text, got, err, want)
		}
	}
}

func TestParseErrorsSayWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "form " + Syntax,
		"netim:cut-after":                "form " + Syntax,
		"plesk:*:delay":                  `system "plesk"`,
		"netim::delay":                   "names no method",
		"netim:*:explode":                `kind "explode" is not one of delay`,
		"netim:*:cut-after*x":            "number of times",
		"netim:*:cut-after*0":            "number from 1",
		"netim:*:cut-after@-1":           "calls to skip",
		"netim:*:cut-after=3":            "takes no argument",
		"netim:*:delay=soon":             "not a duration",
		"netim:*:http-error=200":         "not an HTTP status",
		"operations:*:session-expired":   "known to netim and epp only",
		"billing:X:dns-not-ready*always": "known to netim only",
		"billing:X:unknown-status":       "known to netim and realtimeregister and example and epp only",
		"netim:X:fault":                  "known to operations and billing and epp only",
		"netim:X:in-doubt":               "known to realtimeregister only",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "faults: ") {
			t.Errorf("Parse(%q): error %v, want %q in it", text, err, want)
		}
	}
}

func TestEveryKindIsListedAndParses(t *testing.T) {
	for _, k := range Kinds() {
		system := "billing"
		if k.Systems != nil {
			system = k.Systems[0]
		}
		if _, err := Parse(system + ":*:" + string(k.Kind)); err != nil {
			t.Errorf("%s: %v", k.Kind, err)
		}
		if k.Help == "" {
			t.Errorf("%s has no help", k.Kind)
		}
	}
}
