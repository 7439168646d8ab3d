package portfolio

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/billing"
	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/operations"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// Walk walks over one registrar account and compares what we hold with what the account, Billing
// and Operations have. It keeps no more than a page of the registrar's list in memory. All fields
// but Billing and Operations are required.
type Walk struct {
	Account    string
	Registrar  registrars.Registrar
	Store      *store.Store
	Billing    *billing.Client
	Operations *operations.Client
	// Every is how long a round may take, and ReadDays in how many days each domain is compared as
	// a whole once.
	Every    time.Duration
	ReadDays int
	// PerSecond is how many calls the registrar is asked for in a second.
	PerSecond float64
	Log       *slog.Logger
}

const (
	// chunk is how many domains of a page are compared at once.
	chunk = 500
	// partSize is how many domains are compared as a whole at once: some ten seconds of calls, in
	// which the account's other calls have one worker less.
	partSize = 25
	// longestPause is between two parts: a small account is through in minutes.
	longestPause = 10 * time.Minute
)

// Begin implements activities.Walker.
func (w *Walk) Begin(ctx context.Context) (activities.BeginWalkResult, error) {
	walk, err := w.Store.BeginWalk(ctx, w.Account)
	if err != nil {
		return activities.BeginWalkResult{}, err
	}
	held, err := w.Store.CountHeld(ctx, w.Account)
	if err != nil {
		return activities.BeginWalkResult{}, err
	}
	_, lists := w.Registrar.(registrars.DomainLister)
	result := activities.BeginWalkResult{Round: walk.Round, Lists: lists}
	result.Parts, result.Pause = w.parts(held)
	return result, nil
}

// parts is into how many parts the domains of a round are divided, and the pause between two.
func (w *Walk) parts(held int) (parts int, pause time.Duration) {
	// In seconds: a hundred thousand days are more than a time.Duration holds.
	cycle := int64(w.ReadDays) * 24 * 60 * 60
	domains := (int64(held)*int64(w.Every/time.Second) + cycle - 1) / cycle
	parts = int((domains + partSize - 1) / partSize)
	if parts > 0 {
		// A fifth of the time is left for retries.
		pause = min(longestPause, w.Every*4/5/time.Duration(parts))
	}
	return parts, pause
}

// Page implements activities.Walker.
func (w *Walk) Page(ctx context.Context, in activities.WalkPageInput) (activities.WalkPageResult, error) {
	var result activities.WalkPageResult
	walk, err := w.Store.WalkOf(ctx, w.Account, in.Round)
	if err != nil {
		return result, err
	}
	lister, lists := w.Registrar.(registrars.DomainLister)
	if !lists {
		return result, fmt.Errorf("portfolio: %s does not list its domains any more", w.Account)
	}
	page, err := lister.ListDomains(ctx, in.From)
	if err != nil {
		return result, err
	}
	result.Next, result.Unreadable, result.Calls = page.Next, len(page.Unreadable), 1
	for part := range slices.Chunk(page.Domains, chunk) {
		listed := make(map[string]registrars.ListedDomain, len(part)) // one may be listed twice
		for _, one := range part {
			listed[one.Domain.Name.String()] = one
			result.Partly = result.Partly || !one.Whole
		}
		counts, err := w.compareListed(ctx, walk, listed)
		result.Add(counts)
		if err != nil {
			return result, err
		}
	}
	return result, nil
}

func (w *Walk) compareListed(ctx context.Context, walk store.Walk, listed map[string]registrars.ListedDomain) (activities.WalkCounts, error) {
	names := make([]string, 0, len(listed))
	whole := true
	for name, one := range listed {
		names = append(names, name)
		whole = whole && one.Whole
	}
	slices.Sort(names)
	held, err := w.Store.MarkSeen(ctx, w.Account, walk.Round, names)
	if err != nil {
		return activities.WalkCounts{}, err
	}
	found := findings{kinds: messages.ListedDifferences()}
	if whole {
		found.kinds = append(found.kinds, messages.ReadDifferences()...)
	}
	known := make(map[string]store.Domain, len(held))
	for _, domain := range held {
		known[domain.Name] = domain
	}
	for _, name := range names {
		if domain, ours := known[name]; ours {
			found.add(name, Compare(domain, listed[name]))
		} else {
			found.add(name, Compared{Facts: []store.Fact{Unknown(listed[name])}})
		}
	}
	return w.record(ctx, walk, found)
}

// findings are what was found for domains that were compared in the same kinds.
type findings struct {
	kinds []messages.Difference
	names []string
	of    []Compared
}

func (f *findings) add(name string, found Compared) {
	f.names, f.of = append(f.names, name), append(f.of, found)
}

// record records what was found, and has lives look. A domain that differs, and that something is
// under way for or has happened to since it was read, is left to the next round.
func (w *Walk) record(ctx context.Context, walk store.Walk, found findings) (activities.WalkCounts, error) {
	counts := activities.WalkCounts{Domains: len(found.names)}
	var differ []string
	for i, name := range found.names {
		if found.of[i].Look || len(found.of[i].Facts) > 0 {
			differ = append(differ, name)
		}
	}
	under, err := w.Store.Unjudged(ctx, differ, walk.ReadAt.Time)
	if err != nil {
		return counts, err
	}
	// Before the first walk nothing was known of the account: a list tells more than an event for
	// each domain in it.
	judged := store.Judged{Account: w.Account, Round: walk.Round, Kinds: found.kinds, Quiet: walk.GoodRound == 0}
	var looks []string
	for i, name := range found.names {
		if under[name] {
			continue
		}
		judged.Domains = append(judged.Domains, name)
		judged.Facts = append(judged.Facts, found.of[i].Facts...)
		if found.of[i].Look {
			looks = append(looks, name)
		}
	}
	counts.Fresh, counts.Gone, err = w.Store.RecordDrift(ctx, judged)
	if err != nil {
		return counts, err
	}
	for _, name := range looks {
		if err := w.Store.LookAt(ctx, name); err != nil {
			return counts, err
		}
	}
	return counts, nil
}

const (
	// plausible is the part of the domains of an account, one in so many, that may be missing from
	// its list without doubt about the list, and fewPlausible how many always may.
	plausible    = 10
	fewPlausible = 20
	// samples is how many of them are read one by one where there are more.
	samples = 20
)

// Missing implements activities.Walker. A list that lacks much of what we hold is not believed
// until some of it was read, and is missing indeed: no registrar's mistake makes a hundred thousand
// domains missing.
func (w *Walk) Missing(ctx context.Context, in activities.WalkMissingInput) (activities.WalkCounts, error) {
	var counts activities.WalkCounts
	walk, err := w.Store.WalkOf(ctx, w.Account, in.Round)
	if err != nil {
		return counts, err
	}
	held, err := w.Store.CountHeld(ctx, w.Account)
	if err != nil {
		return counts, err
	}
	limit := max(fewPlausible, held/plausible)
	first, err := w.Store.Unseen(ctx, w.Account, in.Round, *walk.BeganAt, "", limit+1)
	if err != nil {
		return counts, err
	}
	if len(first) > limit {
		if err := w.sample(ctx, first[:samples], &counts); err != nil {
			return counts, err
		}
	}
	for after := ""; ; {
		unseen, err := w.Store.Unseen(ctx, w.Account, in.Round, *walk.BeganAt, after, chunk)
		if err != nil || len(unseen) == 0 {
			return counts, err
		}
		after = unseen[len(unseen)-1].Name
		// The domain may be among what could not be read: its life finds out.
		found := findings{}
		if in.Unreadable == 0 {
			found.kinds = messages.ListedDifferences()
		}
		for _, domain := range unseen {
			missing := Missing(domain)
			if in.Unreadable > 0 {
				missing.Facts = nil
			}
			found.add(domain.Name, missing)
		}
		part, err := w.record(ctx, walk, found)
		counts.Add(part)
		if err != nil {
			return counts, err
		}
	}
}

// sample reads some domains that the list lacks. One that the account has all the same says that the
// list cannot be believed, and so does that none could be read: a domain that cannot says nothing.
func (w *Walk) sample(ctx context.Context, unseen []store.Domain, counts *activities.WalkCounts) error {
	lacking, trouble := false, error(nil)
	for _, domain := range unseen {
		name, err := domains.ParseName(domain.Name)
		if err != nil {
			return fmt.Errorf("portfolio: a domain that is held has no domain name: %w", err)
		}
		_, err = w.Registrar.ReadDomain(ctx, name)
		counts.Calls++
		switch {
		case err == nil:
			w.Log.ErrorContext(ctx, "the list of a registrar account lacks many domains that the account has; nothing is concluded from it", "registrar", w.Account)
			return &registrars.Error{Registrar: w.Registrar.Describe().Name, Call: "list of domains", Class: registrars.ClassInvalid}
		case registrars.ClassOf(err) == registrars.ClassNotFound:
			lacking = true
		case !ofDomain(err):
			return err
		default:
			trouble = err
		}
		if err := w.wait(ctx); err != nil {
			return err
		}
	}
	if lacking {
		return nil
	}
	return trouble
}

// wait keeps the rate of the account's calls.
func (w *Walk) wait(ctx context.Context) error {
	if w.PerSecond <= 0 {
		return nil
	}
	timer := time.NewTimer(time.Duration(float64(time.Second) / w.PerSecond))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// End implements activities.Walker.
func (w *Walk) End(ctx context.Context, in activities.EndWalkInput) error {
	return w.Store.EndWalk(ctx, w.Account, in.Round, in.Listed)
}
