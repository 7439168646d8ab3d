package batch

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sync"
	"time"

	"domainprovisioning/intake"
	"domainprovisioning/registrars"
)

// group is what has one price.
type group struct {
	account, tld string
	kind         registrars.Kind
	years        int
}

// cost is the most that a request of a line may cost.
type cost struct {
	item  int
	of    group
	limit *registrars.Price // of the plan; nil: none
	price registrars.Price
	known bool
}

const (
	// mostGroups bounds how many prices are asked, pricesAtOnce how many at once, and askTimeout how
	// long all of that may take. asksOfGroup is how many lines are tried for one price: that of a
	// name that cannot be had is not always told.
	mostGroups   = 200
	pricesAtOnce = 4
	askTimeout   = 30 * time.Second
	asksOfGroup  = 3
)

// sum reports on judged lines: which are refused, and what the others may cost. A plan's limit
// counts; where there is none, or one in the currency of the account, the registrar is asked once
// for all requests that have one price.
func (t *Taker) sum(ctx context.Context, wanted Wanted, lines []*line) Report {
	asked := map[group][]*line{}
	for _, line := range lines {
		for _, cost := range line.costs {
			if !cost.known && len(asked[cost.of]) < asksOfGroup {
				asked[cost.of] = append(asked[cost.of], line)
			}
		}
	}
	told := t.askPrices(ctx, asked)
	report := Report{Lines: len(lines)}
	var all []cost
	for _, line := range lines {
		if line.reasons != nil {
			report.Refused = append(report.Refused, RefusedLine{line.number, line.domain, line.reasons})
			continue
		}
		for n := range line.costs {
			cost := &line.costs[n]
			if price, ok := told[cost.of]; ok && !cost.known {
				cost.known, cost.price = true, price
				if cost.limit != nil {
					cost.price.Cents = cost.limit.Cents
				}
			}
			line.unpriced = line.unpriced || !cost.known
		}
		if line.unpriced {
			report.Unpriced = append(report.Unpriced, line.number)
		}
		all = append(all, line.costs...)
	}
	report.Costs = sumOf(all)
	if len(report.Costs) == 0 && wanted.Limit != nil {
		report.Costs = []registrars.Price{{Currency: wanted.Limit.Currency}}
	}
	return report
}

// sumOf adds what is known, by currency.
func sumOf(costs []cost) []registrars.Price {
	sums := map[string]int64{}
	for _, cost := range costs {
		if cost.known {
			sums[cost.price.Currency] += cost.price.Cents
		}
	}
	all := make([]registrars.Price, 0, len(sums))
	for _, currency := range slices.Sorted(maps.Keys(sums)) {
		all = append(all, registrars.Price{Cents: sums[currency], Currency: currency})
	}
	return all
}

// askPrices asks the registrars for the price of each group. What is not told in time stays unknown.
func (t *Taker) askPrices(ctx context.Context, asked map[group][]*line) map[group]registrars.Price {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	told := map[group]registrars.Price{}
	var lock sync.Mutex
	var running sync.WaitGroup
	tokens := make(chan struct{}, pricesAtOnce)
	left := mostGroups
	for of, samples := range asked {
		account, ok := t.Intake.Accounts[of.account]
		if !ok || !account.Registrar.Describe().Prices || left == 0 {
			continue
		}
		left--
		tokens <- struct{}{}
		running.Go(func() {
			defer func() { <-tokens }()
			for _, sample := range samples {
				if price, ok := t.askPrice(ctx, account.Registrar, of, sample.document); ok {
					lock.Lock()
					told[of] = price
					lock.Unlock()
					return
				}
			}
		})
	}
	running.Wait()
	return told
}

// askPrice lets a registrar check a request that may cost nothing at all, not even nothing: it tells
// the price in its refusal, and spends nothing.
func (t *Taker) askPrice(ctx context.Context, registrar registrars.Registrar, of group, document []byte) (registrars.Price, bool) {
	inspected := t.Intake.InspectJSON(document)
	for _, unit := range inspected.Units {
		if unit.Domain == nil || unit.Domain.Registrar != of.account || unit.Domain.TLD != of.tld || unit.Domain.Years != of.years ||
			!slices.Contains(t.Intake.KindsOf(unit), of.kind) {
			continue
		}
		request := intake.RequestOf(inspected.Order, unit, of.kind)
		request.PriceLimit = &registrars.Price{Cents: -1}
		for _, reason := range registrars.Reasons(registrar.Check(ctx, request)) {
			if price, ok := priceIn(reason); ok {
				return price, true
			}
		}
	}
	return registrars.Price{}, false
}

// priceWords is how registrars.Request.TooDear tells the price that is above a limit.
var priceWords = regexp.MustCompile(`^the price of ([0-9]+\.[0-9]{2}) ([A-Z]{3}) is above`)

func priceIn(reason *registrars.Error) (registrars.Price, bool) {
	if reason.Class != registrars.ClassPrice {
		return registrars.Price{}, false
	}
	words := priceWords.FindStringSubmatch(reason.Rule)
	if words == nil {
		return registrars.Price{}, false
	}
	price, err := registrars.ParsePrice(words[1] + words[2])
	return price, err == nil
}

// encodeBounds keeps what the requests of a line were counted with.
func encodeBounds(costs []cost) (string, error) {
	bounds := []intake.Bound{}
	for _, cost := range costs {
		if cost.known {
			bounds = append(bounds, intake.Bound{Item: cost.item, Kind: cost.of.kind, Most: cost.price})
		}
	}
	encoded, err := json.Marshal(bounds)
	if err != nil {
		return "", fmt.Errorf("batch: %w", err)
	}
	return string(encoded), nil
}

func decodeBounds(encoded string) (bounds []intake.Bound, err error) {
	if encoded == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(encoded), &bounds); err != nil {
		return nil, fmt.Errorf("batch: bounds of a line: %w", err)
	}
	return bounds, nil
}
