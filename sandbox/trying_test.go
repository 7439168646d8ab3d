package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/config"
	"domainprovisioning/messages"
	"domainprovisioning/sandbox/standin/faults"
)

// TestTriedForLongIsShown: a system does not answer, or gives unusable answers, for
// longer than the configuration allows. The order then needs attention while the retries
// go on by themselves. It goes on as soon as one succeeds, and everything exists once.
func TestTriedForLongIsShown(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for several tries")
	}
	t.Parallel()
	const never = 24 * time.Hour
	refuses := config.AttentionAfter{Unreadable: never, Refused: time.Second}
	garbles := config.AttentionAfter{Unreadable: time.Second, Refused: never}
	for name, c := range map[string]struct {
		faults   []string
		after    config.AttentionAfter
		activity string
		class    string
	}{
		"operations faults whatever it is asked": {
			[]string{"operations:*:fault*always"}, refuses, "AddAccount", "temporary",
		},
		"operations garbles whatever it is asked": {
			[]string{"operations:*:malformed*always"}, garbles, "AddAccount", "temporary",
		},
		"operations garbles what cannot be looked for": {
			[]string{"operations:pem.bindServicesToDomain:malformed*always"}, garbles, "BindServicesToDomain", "outcome-unknown",
		},
		"billing is away": {
			[]string{"billing:*:http-error*always"}, refuses, "AddDomainSubscription", "temporary",
		},
		"billing garbles what it has recorded": {
			[]string{"billing:DomainSubscrWithIDAdd_API:malformed", "billing:DomainInfoGet_API:malformed*always@1"},
			garbles, "AddDomainSubscription", "temporary",
		},
		"netim garbles the request and what it is asked about it": {
			[]string{"netim:domainCreate:malformed", "netim:queryOpePending:malformed*always", "netim:domainInfo:malformed*always"},
			garbles, "SubmitRequest", "temporary",
		},
		"netim garbles the price of a limited request": {
			[]string{"netim:queryDomainPrice:malformed*always"}, garbles, "SubmitRequest", "temporary",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := worldOptions{}
			for _, text := range c.faults {
				options.faults = append(options.faults, fault(t, text))
			}
			f := begin(t, options, func(cfg *config.Config) { cfg.Orders.AttentionAfter = c.after })
			// Its plan limits the price, which is otherwise nobody's concern.
			f.place(alter(t, shop(t), "5=1=1=0", "12=1=1=0"))
			attention := f.until(shopWorkflow, messages.NeedsAttention).Attention
			if attention.Reason != messages.Trying(c.class) || !slices.Contains(attention.Actions, messages.ActionCancel) || slices.Contains(attention.Actions, messages.ActionRetry) || !strings.HasPrefix(attention.Message, c.activity+" has failed") {
				t.Fatalf("the order needs attention: %+v", *attention)
			}
			seen := f.pendingActivity(shopWorkflow).Attempt
			f.eventually("the tries go on", func() bool { return f.pendingActivity(shopWorkflow).Attempt > seen })
			for _, injector := range []*faults.Injector{f.world.operations.Faults, f.world.billing.Faults, f.world.netim.Faults} {
				injector.Clear()
			}
			if progress := f.until(shopWorkflow, messages.Done); progress.Attention != nil {
				t.Errorf("at the end the order needs attention: %+v", *progress.Attention)
			}
			f.want("shop.example", whole())
		})
	}
}
