package assembly

import (
	"context"
	"errors"
	"testing"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
	"domainprovisioning/portfolio"
	"domainprovisioning/registrars"
)

// mute is a registrar that lists no domains.
type mute struct{ registrars.Registrar }

// away is a registrar that does not answer.
type away struct{ registrars.Registrar }

func (away) ListDomains(context.Context, string) (registrars.DomainPage, error) {
	return registrars.DomainPage{}, &registrars.Error{Class: registrars.ClassTemporary}
}

// An import goes by the configuration: who renews, and how many first looks an account bears.
func TestImportsGoByTheConfiguration(t *testing.T) {
	cfg := exampleConfig(t)
	account := cfg.Registrars["netim-main"]
	account.CallsPerSecond = 8
	cfg.Registrars["netim-main"], cfg.Lifecycle.Renewal = account, "us"
	a, err := Prepare(cfg, quiet())
	if err != nil {
		t.Fatal(err)
	}
	importer := a.Importer()
	if importer.Looks["netim-main"] != 2 || len(importer.Looks) != len(a.Accounts) || importer.Renewal != messages.RenewalByUs || len(importer.Catalog.Selling("example", "netim-main")) == 0 {
		t.Errorf("got %+v", importer)
	}
	a.Accounts["mute"] = mute{}
	for name, refused := range map[string]bool{"netim-main": false, "mute": true, "nowhere": true} {
		_, err := a.DomainsOf(t.Context(), name)
		if _, not := errors.AsType[*desk.NotAllowedError](err); not != refused {
			t.Errorf("%s: %v", name, err)
		}
	}
	a.Accounts["away"] = away{}
	source, err := a.DomainsOf(t.Context(), "away")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (&portfolio.Importer{}).Import(t.Context(), source, portfolio.Wanted{}); !errors.Is(err, desk.ErrRegistrarAway) {
		t.Errorf("got %v", err)
	}
}
