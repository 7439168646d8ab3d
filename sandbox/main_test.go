package main

import (
	"bytes"
	"context"
	"flag"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"domainprovisioning/assembly"
	"domainprovisioning/internal/outside"
)

// output collects what the sandbox prints while it runs.
type output = outside.Output

// TestSandboxCarriesTheGivenOrders runs the command as a new user would.
func TestSandboxCarriesTheGivenOrders(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a Temporal server of its own")
	}
	t.Parallel()
	var out, errOut output
	err := run(t.Context(), []string{"-once", "-pending", "1s", "orders/shop.xml", "orders/own-name-servers.json"}, &out, &errOut)
	if err != nil {
		t.Fatalf("%v\n%s%s", err, out.String(), errOut.String())
	}
	for _, want := range []string{
		"Temporal Web UI  http://127.0.0.1:", "/namespaces/default/workflows/domain-provisioning%2Fshop.example/",
		"10 [~] Registrar confirms", "10 [x] Registrar confirms", "12 [-] Bind hosting services", "order DP00000001 is done",
		"xn--bcher-kva.example", "the customer's own: ns1.mine.example", "order SO-1001 is done",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in the output:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("terminal sequences in what is no terminal")
	}
}

// TestSandboxStaysUpUntilItIsStopped runs a scenario, which ends with what was lost and looked for,
// and with the effects outside.
func TestSandboxStaysUpUntilItIsStopped(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a Temporal server of its own")
	}
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var out, errOut output
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"-pending", "0", "-scenario", "submit-answer-lost"}, &out, &errOut) }()
	ready := time.NewTicker(20 * time.Millisecond)
	defer ready.Stop()
	deadline := time.After(patience)
	for !strings.Contains(out.String(), "ready for further orders") {
		select {
		case err := <-ended:
			t.Fatalf("ended early: %v\n%s%s", err, out.String(), errOut.String())
		case <-deadline:
			t.Fatalf("not ready:\n%s%s", out.String(), errOut.String())
		case <-ready.C:
		}
	}
	shown := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"AT NETIM CALL OUTCOME", "domainCreate carried out, the answer was lost", "domainInfo",
		"paid requests that Netim has carried out 1 1 registrations at Netim 1 1",
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is not in the output:\n%s", want, out.String())
		}
	}
	_, rest, _ := strings.Cut(out.String(), "Configuration    ")
	file, _, _ := strings.Cut(rest, "\n")
	if _, err := assembly.Load(file, nil); err != nil {
		t.Errorf("the configuration that it shows cannot be used: %v", err)
	}
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("does not stop within a minute")
	}
	if _, err := os.Stat(filepath.Dir(file)); !os.IsNotExist(err) {
		t.Errorf("the temporary folder is left behind: %v", err)
	}
}

func TestSandboxNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	taken := strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no such order":    {[]string{"-once", "nowhere.xml"}, "nowhere.xml"},
		"no such scenario": {[]string{"-scenario", "sunshine"}, "there is no scenario \"sunshine\""},
		"no such fault":    {[]string{"-fault", "netim:domainCreate:sunshine"}, "sunshine"},
		"no such call":     {[]string{"-once", "-fault", "netim:domainCreat:cut-after"}, `netim has no call "domainCreat"; it has `},
		"no orders":        {[]string{"-orders", "0"}, "-orders must be 1 to 1000"},
		"too many orders":  {[]string{"-orders", "1001"}, "-orders must be 1 to 1000"},
		"negative time":    {[]string{"-pending", "-1s"}, "must not be negative"},
		"taken port":       {[]string{"-once", "-temporal-port", taken}, taken + " is taken"},
		"taken UI port":    {[]string{"-once", "-ui-port", taken}, taken + " is taken"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errOut bytes.Buffer
			err := run(t.Context(), c.args, &out, &errOut)
			if err == nil || !strings.Contains(err.Error()+errOut.String(), c.want) {
				t.Errorf("got %v\n%s", err, errOut.String())
			}
		})
	}
}

func TestHelpListsScenariosAndFaults(t *testing.T) {
	t.Parallel()
	var errOut bytes.Buffer
	if _, err := parse([]string{"-h"}, &errOut); err != flag.ErrHelp { //nolint:errorlint // flag returns it unwrapped
		t.Fatal(err)
	}
	for _, want := range []string{"-once", "submit-answer-lost", "cut-after", "ORDER.xml|ORDER.json"} {
		if !strings.Contains(errOut.String(), want) {
			t.Errorf("%q is not in the help:\n%s", want, errOut.String())
		}
	}
}

func TestEveryScenarioOfTheCommandLineParses(t *testing.T) {
	t.Parallel()
	for _, known := range scenarios() {
		if _, err := parse([]string{"-scenario", known.name}, &bytes.Buffer{}); err != nil {
			t.Errorf("%s: %v", known.name, err)
		}
	}
}

// TestRefusedOrderEndsWithAnError: with -once, scripts see the refusal.
func TestRefusedOrderEndsWithAnError(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a Temporal server of its own")
	}
	t.Parallel()
	var out, errOut output
	broken := filepath.Join(t.TempDir(), "order.xml")
	if err := os.WriteFile(broken, alter(t, shop(t), "OrderOperationType=10", "OrderOperationType=30"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := run(t.Context(), []string{"-once", broken}, &out, &errOut)
	if err == nil || !strings.Contains(err.Error(), "OrderOperationType 30") {
		t.Errorf("got %v", err)
	}
}
