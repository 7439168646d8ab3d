package messages

import (
	"slices"
	"strings"
	"time"
)

// NewsType is the type of an event that order systems are told of. Its first word is what it is
// about.
type NewsType string

// The types. An order of several units of work has events of each unit.
const (
	// NewsAccepted: the order is stored and cannot be lost any more.
	NewsAccepted NewsType = "order.accepted"
	// NewsWaiting: the registrar has the request and has not finished it.
	NewsWaiting NewsType = "order.waiting"
	// NewsAttention: a person is needed, for the reason that it gives.
	NewsAttention NewsType = "order.attention"
	// NewsResumed: no person is needed any more, and the order goes on.
	NewsResumed NewsType = "order.resumed"
	// NewsUndoing: the order was given up, and what it has made is being taken back.
	NewsUndoing   NewsType = "order.undoing"
	NewsDone      NewsType = "order.done"
	NewsCancelled NewsType = "order.cancelled"
	NewsFailed    NewsType = "order.failed"
	// NewsExpiring: a domain expires in the given number of days.
	NewsExpiring NewsType = "domain.expiring"
	// NewsRenewed: a domain expires later than it did, whoever has renewed it.
	NewsRenewed NewsType = "domain.renewed"
	// NewsExpired: a domain has expired, and was not renewed.
	NewsExpired NewsType = "domain.expired"
	// NewsRedemption: a domain was deleted after it had expired, and can only be restored.
	NewsRedemption NewsType = "domain.redemption"
	// NewsDomainAttention: a domain needs a person, for the reason that it gives.
	NewsDomainAttention NewsType = "domain.attention"
	// NewsLeft: a domain was transferred away, or its registration has ended.
	NewsLeft NewsType = "domain.left"
	// NewsDrift: a domain stands elsewhere in another way than we hold it.
	NewsDrift NewsType = "domain.drift"
	// NewsTest is sent on request, to try an endpoint. Every endpoint gets it.
	NewsTest NewsType = "hook.test"
)

// NewsTypes lists the types that an endpoint can choose.
func NewsTypes() []NewsType {
	return []NewsType{
		NewsAccepted, NewsWaiting, NewsAttention, NewsResumed, NewsUndoing, NewsDone, NewsCancelled, NewsFailed,
		NewsExpiring, NewsRenewed, NewsExpired, NewsRedemption, NewsDomainAttention, NewsLeft, NewsDrift,
	}
}

// NewsPatterns lists what an endpoint may choose its events by: each type, all of a kind, and
// all there are and will be.
func NewsPatterns() []string {
	patterns := []string{"*"}
	for _, t := range NewsTypes() {
		kind, _, _ := strings.Cut(string(t), ".")
		if kind += ".*"; !slices.Contains(patterns, kind) {
			patterns = append(patterns, kind)
		}
		patterns = append(patterns, string(t))
	}
	return patterns
}

// NewsOf returns the type of the event that a unit of work has passed from one state to
// another, or to the same one for another reason; "" if nobody is told of that. A unit that runs
// passes through its steps in a moment, so running is news only after a person was needed.
func NewsOf(before, after State, sameReason bool) NewsType {
	switch {
	case before == after && (after != NeedsAttention || sameReason):
		return ""
	case before == NeedsAttention && (after == Running || after == Waiting):
		return NewsResumed
	}
	switch after {
	case Waiting:
		return NewsWaiting
	case NeedsAttention:
		return NewsAttention
	case Undoing:
		return NewsUndoing
	case Done:
		return NewsDone
	case Cancelled:
		return NewsCancelled
	case Failed:
		return NewsFailed
	}
	return ""
}

// News is the body of an event, in the form that the Standard Webhooks specification
// recommends. It holds no personal data: who may see more asks for the order.
type News struct {
	Type NewsType `json:"type"`
	// Timestamp is when it happened.
	Timestamp time.Time `json:"timestamp"`
	Data      NewsData  `json:"data"`
}

// NewsData says what an event is about: a unit of work as it stands after the event, or a domain.
type NewsData struct {
	Order     string `json:"order,omitempty" jsonschema:"description=The order's number at its client,example=SO-1001"`
	Client    string `json:"client,omitempty" jsonschema:"description=Whose order it is,example=shop"`
	Item      int    `json:"item" jsonschema:"description=Item of the unit of work that it is about"`
	Domain    string `json:"domain,omitempty" jsonschema:"description=Domain name in ASCII form,example=shop.example"`
	Registrar string `json:"registrar,omitempty" jsonschema:"description=Registrar account of the configuration"`
	State     State  `json:"state,omitempty" jsonschema:"description=Where the unit stands"`
	Step      int    `json:"step,omitempty" jsonschema:"description=The step at which it stands"`
	Reason    string `json:"reason,omitempty" jsonschema:"description=Why it needs a person,example=balance"`
	// Life to Attention are of events about a domain.
	Life    LifeState `json:"domainState,omitempty" jsonschema:"description=Where the domain is in its life\\, in events about a domain"`
	Expires time.Time `json:"expires,omitzero" jsonschema:"description=When the domain expires\\, in events about a domain"`
	Days    *int      `json:"days,omitempty" jsonschema:"description=In how many days the domain expires\\, in domain.expiring"`
	// Attention says why the domain needs a person.
	Attention LifeReason `json:"domainAttention,omitempty" jsonschema:"description=Why the domain needs a person"`
	// Difference to Theirs are of domain.drift.
	Difference Difference `json:"difference,omitempty" jsonschema:"description=What differs\\, in domain.drift,example=name-servers"`
	Severity   Severity   `json:"severity,omitempty" jsonschema:"enum=high,enum=medium,enum=low,description=How much the difference matters"`
	Ours       string     `json:"ours,omitempty" jsonschema:"description=What we hold\\, in domain.drift"`
	Theirs     string     `json:"theirs,omitempty" jsonschema:"description=What the other system has\\, in domain.drift"`
}
