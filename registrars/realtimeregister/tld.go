package realtimeregister

import (
	"context"
	"strings"
	"sync"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister/internal"
)

type tldEntry struct {
	info internal.TLD
	at   time.Time
}

type tldCache struct {
	now     func() time.Time
	lock    sync.Mutex
	entries map[string]tldEntry
}

func (c *tldCache) get(tld string) (internal.TLD, bool) {
	c.lock.Lock()
	defer c.lock.Unlock()
	entry, ok := c.entries[tld]
	return entry.info, ok && c.now().Sub(entry.at) < internal.TLDLifetime
}

func (c *tldCache) put(tld string, info internal.TLD) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.entries[tld] = tldEntry{info, c.now()}
}

// nameTLD is the call that reads the TLD data.
const nameTLD = "tlds/info"

// tld reads the rules of a registry suffix such as "com.au"; an answer is cached for
// a day.
func (r *RealtimeRegister) tld(ctx context.Context, suffix string) (internal.TLD, error) {
	const name = "tlds/info"
	if info, ok := r.tlds.get(suffix); ok {
		return info, nil
	}
	var info internal.TLD
	err := r.read(ctx, name, internal.Path("tlds", suffix, "info"), &info)
	if registrars.ClassOf(err) == registrars.ClassNotFound && err != nil {
		e, _ := registrars.AsError(err)
		return info, &registrars.Error{
			Registrar: pluginName, Call: name, Class: registrars.ClassRejected, Code: e.Code, Detail: e.Detail,
			Field: "tld", Rule: verdicts[typeUnsupported].Rule,
		}
	}
	if err != nil {
		return info, err
	}
	r.tlds.put(suffix, info)
	return info, nil
}

// Phases implements registrars.PhaseTeller with the TLD data. They do not say how early a domain
// can be renewed.
func (r *RealtimeRegister) Phases(ctx context.Context, tld string) (registrars.Phases, error) {
	info, err := r.tld(ctx, strings.TrimPrefix(strings.ToLower(tld), "."))
	if err != nil {
		return registrars.Phases{}, err
	}
	data := info.Metadata
	return registrars.Phases{
		AddGrace:   internal.Period(data.AddGracePeriod, internal.LongestAddGrace),
		RenewGrace: internal.Period(data.AutoRenewGracePeriod, internal.LongestPhase),
		Redemption: internal.Period(data.RedemptionPeriod, internal.LongestPhase), PendingDelete: internal.Period(data.PendingDeletePeriod, internal.LongestPhase),
		RestoreIncludesRenewal: data.RestoreIncludesRenew,
	}, nil
}

// tldOf finds the rules for a name whose suffix is not known: the suffix is what
// follows its first label, or its second.
func (r *RealtimeRegister) tldOf(ctx context.Context, name domains.Name) (internal.TLD, error) {
	_, suffix, _ := strings.Cut(name.String(), ".")
	for {
		info, err := r.tld(ctx, suffix)
		_, parent, more := strings.Cut(suffix, ".")
		if err == nil || !more || registrars.ClassOf(err) != registrars.ClassRejected {
			return info, err
		}
		suffix = parent
	}
}

// suffix returns the request's registry suffix in the form that paths use.
func suffix(request registrars.Request) string {
	return strings.TrimPrefix(strings.ToLower(request.Suffix()), ".")
}
