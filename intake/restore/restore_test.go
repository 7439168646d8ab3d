package restore_test

import (
	"context"
	"slices"
	"testing"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"domainprovisioning/domains"
	"domainprovisioning/intake/restore"
	"domainprovisioning/internal/frontend"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
)

// described is a registrar that is only described.
type described struct {
	registrars.Registrar

	d registrars.Descriptor
}

func (d described) Describe() registrars.Descriptor { return d.d }

// lists is one that lists its pending operations.
type lists struct {
	described

	pending []registrars.Operation
}

func (l lists) PendingOperations(context.Context) (registrars.Pending, error) {
	return registrars.Pending{Operations: l.pending}, nil
}

// TestAnAccountThatCannotBeComparedIsNamed: a registrar that has only a queue of news. One that
// answers at once has nothing pending, and there is nothing to say of it.
func TestAnAccountThatCannotBeComparedIsNamed(t *testing.T) {
	w := outside.New(t, outside.Options{})
	temporal, err := client.NewLazyClient(client.Options{HostPort: frontend.New(t).Address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(temporal.Close)
	accounts := map[string]registrars.Registrar{
		"list": lists{}, "queue": described{}, "another-queue": described{}, "at-once": described{d: registrars.Descriptor{Synchronous: true}},
	}
	check := &restore.Check{Store: w.Store, Temporal: temporal, Data: converter.GetDefaultDataConverter(), Accounts: accounts}
	report, err := check.Run(t.Context())
	if err != nil || !slices.Equal(report.Unlisted, []string{"another-queue", "queue"}) || !report.Clean() {
		t.Fatalf("got %+v, %v", report, err)
	}
	accounts["list"] = lists{pending: []registrars.Operation{{
		Reference: "77", Kind: registrars.Registration, Domain: domains.MustParseName("shop.example"), Status: registrars.StatusPending,
	}}}
	if report, err = check.Run(t.Context()); err != nil || report.Clean() || len(report.Pending) != 1 || len(report.Unlisted) != 2 {
		t.Errorf("got %+v, %v", report, err)
	}
}
