package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"domainprovisioning/assembly"
	"domainprovisioning/gateway"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// TestExitCodesOfOrders: the same mistake has the same code on the database and over the
// gateway, and --json says its word.
func TestExitCodesOfOrders(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.prints(outside.NewCustomer, "order -")
		h.parked()
		expired := outside.Alter(t, outside.HostingOnly, `"periodId": 36`, `"periodId": 12`)
		h.prints(expired, "order -")
		if err := h.store.CloseUnit(t.Context(), "DP00000002", 0, store.UnitFailed, ""); err != nil {
			t.Fatal(err)
		}
		broken := outside.Alter(t, outside.DomainOnly, `"planId": 5`, `"planId": 99`)
		for command, want := range map[string]assembly.ExitCode{
			"list": assembly.ExitOK, "status shop.example": assembly.ExitOK, "order --dry-run - ": assembly.ExitRefused,
			"order -": assembly.ExitRefused, "retry DP00000002 --reason x": assembly.ExitRefused, "list --limit 1001": assembly.ExitRefused,
			"status nobody.example": assembly.ExitNotFound, "watch DP00000009": assembly.ExitNotFound, "audit DP00000009": assembly.ExitNotFound,
			"retry DP00000009 --reason x": assembly.ExitNotFound, "status no_name.-": assembly.ExitNotFound, "retry shop.example --item 7 --reason x": assembly.ExitNotFound,
			"watch shop.example": assembly.ExitParked, "watch DP00000002": assembly.ExitFailed,
			"watch shop.example DP00000009": assembly.ExitNotFound, "watch DP00000002 DP00000009 shop.example": assembly.ExitFailed,
			"retry shop.example": assembly.ExitUsage, "status": assembly.ExitUsage, "watch shop.example --colour": assembly.ExitUsage, "list --state lost": assembly.ExitUsage,
		} {
			got := h.start(broken, strings.Fields(command)...)
			if code := assembly.ExitCodeOf(got.err); code != want {
				t.Errorf("%s: exit code %d (%v), want %d", command, code, got.err, want)
			}
			documented := h.start(broken, strings.Fields(command+" --json")...)
			if want != assembly.ExitOK && !strings.Contains(documented.out, `"`+want.String()+`"`) && !strings.Contains(documented.out, `"outcome": "`+want.String()) {
				t.Errorf("%s: --json lacks the word %s: %s", command, want, documented.out)
			}
		}
		// While the order needs a person, --stay goes on watching; it ends with the order.
		h.shows(messages.Done, nil)
		if got := h.start("", "watch", "--stay", "shop.example"); got.err != nil {
			t.Errorf("%v", got.err)
		}
	})
}

// TestExitCodesOfWhatIsAway: nothing answers.
func TestExitCodesOfWhatIsAway(t *testing.T) {
	h := settled(t)
	h.prints(outside.NewCustomer, "order -")
	for name, c := range map[string]struct {
		environment map[string]string
		args        string
	}{
		"no gateway":                  {nil, "--gateway http://127.0.0.1:1 list"},
		"no Temporal":                 {map[string]string{"TEMPORAL_ADDRESS": "127.0.0.1:1"}, "status shop.example"},
		"no database":                 {map[string]string{"DP_DATABASE_URL": "postgres://u:p@127.0.0.1:1/x?sslmode=disable"}, "list"},
		"no worker":                   {nil, "status shop.example"},
		"no worker, over the gateway": {nil, "--gateway " + h.gateway + " status shop.example"},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range c.environment {
				t.Setenv(variable, value)
			}
			if got := start(t, "", strings.Fields(c.args)...); assembly.ExitCodeOf(got.err) != assembly.ExitUnreachable {
				t.Errorf("%d: %v", assembly.ExitCodeOf(got.err), got.err)
			}
		})
	}
}

// A key that the gateway does not accept is a refusal, as is a configuration that is wrong.
func TestExitCodesOfWhatIsNotAccepted(t *testing.T) {
	h := settled(t)
	t.Setenv(keyVariable, "dpk_nobody")
	if got := start(t, "", "--gateway", h.gateway, "list"); assembly.ExitCodeOf(got.err) != assembly.ExitRefused {
		t.Errorf("%v", got.err)
	}
	t.Setenv("DP_WORKER_ACTIVITIES", "many")
	got := start(t, "", "list", "--json")
	var document failure
	if err := json.Unmarshal([]byte(got.out), &document); err != nil || document.Error.Code != "refused" || len(document.Error.Problems) != 1 ||
		!strings.Contains(document.Error.Message, "must be a whole number") || assembly.ExitCodeOf(got.err) != assembly.ExitRefused {
		t.Errorf("%s, %v", got.out, got.err)
	}
}

func TestTheWorstCodeDecides(t *testing.T) {
	refused, gone := &gateway.Problem{Status: 409}, fmt.Errorf("x: %w", store.ErrNotFound)
	for want, errs := range map[assembly.ExitCode][]error{
		assembly.ExitOK:          {nil, nil},
		assembly.ExitParked:      {nil, parked(errors.New("x"))},
		assembly.ExitNotFound:    {parked(errors.New("x")), gone},
		assembly.ExitRefused:     {gone, refused, parked(errors.New("x"))},
		assembly.ExitFailed:      {errors.New("x"), refused, gone},
		assembly.ExitUnreachable: {errors.New("x"), &gateway.Problem{Status: 503}, refused},
	} {
		if got := assembly.ExitCodeOf(errors.Join(errs...)); got != want {
			t.Errorf("%v: got %d, want %d", errs, got, want)
		}
	}
}

func TestTheVersionIsPrinted(t *testing.T) {
	line := assembly.ThisVersion().Line("starter") + "\n"
	for _, args := range []string{"version", "--version"} {
		if got := start(t, "", args); got.err != nil || got.out != line {
			t.Errorf("%s: %q, %v", args, got.out, got.err)
		}
	}
	var version assembly.Version
	if got := start(t, "", "version", "--json"); json.Unmarshal([]byte(got.out), &version) != nil || version != assembly.ThisVersion() {
		t.Errorf("%s", got.out)
	}
}
