package registrarstest_test

import (
	"context"
	"strings"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/registrarstest"
)

// hosting is notes with name servers and hosts below a domain.
type hosting struct {
	*notes

	hosts  map[string][]domains.Host
	breaks registrarstest.Fault
	// doubles makes a second host of a name, and loses denies what an answer was lost of.
	doubles, loses bool
	// refuses makes Check refuse hosts all the same.
	refuses bool
}

func (h *hosting) Describe() registrars.Descriptor {
	d := h.notes.Describe()
	d.Kinds = append(d.Kinds, registrars.NameServerChange)
	return d
}

func (h *hosting) Check(ctx context.Context, request registrars.Request) error {
	if request.Kind == registrars.NameServerChange {
		return nil
	}
	if !h.refuses {
		request.Hosts = nil
	}
	return h.notes.Check(ctx, request)
}

func (h *hosting) Submit(ctx context.Context, request registrars.Request) (registrars.Operation, error) {
	if request.Kind == registrars.NameServerChange {
		return registrars.Operation{Kind: request.Kind, Domain: request.Domain, Status: registrars.StatusDone}, nil
	}
	return h.notes.Submit(ctx, request)
}

func (h *hosting) FindHost(_ context.Context, name string) (registrars.HeldHost, error) {
	if len(h.hosts[name]) == 0 || h.loses {
		return registrars.HeldHost{State: registrars.FoundNothing}, nil
	}
	return registrars.HeldHost{State: registrars.FoundObject, Addresses: h.hosts[name][0].Addresses}, nil
}

func (h *hosting) CreateHost(_ context.Context, host domains.Host) (registrars.Status, error) {
	fault := h.breaks
	h.breaks = ""
	switch {
	case fault == registrarstest.CutBefore:
		return "", trouble("host", registrars.ClassOutcomeUnknown, "")
	case len(h.hosts[host.Name]) > 0 && !h.doubles:
		return "", trouble("host", registrars.ClassConflict, "")
	}
	h.hosts[host.Name] = append(h.hosts[host.Name], host)
	if fault == registrarstest.CutAfter {
		return "", trouble("host", registrars.ClassOutcomeUnknown, "")
	}
	return registrars.StatusDone, nil
}

type hostingWorld struct {
	world

	of *hosting
}

func (w hostingWorld) Hosts(name string) int { return len(w.of.hosts[name]) }

func (w hostingWorld) BreakHost(fault registrarstest.Fault) bool {
	if fault != registrarstest.CutBefore && fault != registrarstest.CutAfter {
		return false
	}
	w.of.breaks = fault
	return true
}

// The suite finds what a plug-in breaks that registers hosts.
func TestTheSuiteExaminesHosts(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*hosting)
		want   string
	}{
		"an honest one":           {func(*hosting) {}, ""},
		"a second host of a name": {func(h *hosting) { h.doubles = true }, "2 hosts"},
		"hosts are refused":       {func(h *hosting) { h.refuses = true }, "Check with hosts: notes: check: invalid"},
		"a host is denied":        {func(h *hosting) { h.loses = true }, "FindHost: nothing, want object"},
	} {
		found := registrarstest.Findings(t, registrarstest.Subject{NotCarried: nothingElse, New: func(testing.TB) (registrars.Registrar, registrarstest.World) {
			h := &hosting{notes: newNotes(), hosts: map[string][]domains.Host{}}
			c.change(h)
			return h, hostingWorld{world{h.notes}, h}
		}})
		var about []string
		for _, finding := range found {
			if strings.HasPrefix(finding, "hosts below") || strings.HasPrefix(finding, "a host whose") {
				about = append(about, finding)
			}
		}
		if all := strings.Join(about, "\n"); (c.want == "") != (all == "") || !strings.Contains(all, c.want) {
			t.Errorf("%s: found %q, want %q", name, all, c.want)
		}
	}
}
