package main

import (
	"encoding/json"
	"net"
	"reflect"
	"strings"
	"testing"

	"domainprovisioning/assembly"
)

func TestTheConfigurationIsChecked(t *testing.T) {
	configured(t, "# callback_secret: change-me", "callback_secret: "+exampleSecret)
	t.Setenv("DP_DATABASE_URL", "postgres://u:hunter2@db.internal:5432/orders?sslmode=verify-full")
	t.Setenv("DP_REGISTRARS_NETIM_MAIN_PASSWORD", "hunter2")
	got := start(t, "", "config", "check")
	if got.err != nil {
		t.Fatal(got.err)
	}
	for _, want := range []string{
		"config.yaml is right\n", "postgres://db.internal:5432/orders\n", "127.0.0.1:1/default\n", "http://operations.internal:8440/RPC2\n", "127.0.0.1:8088, no TLS\n",
		"registrars.netim-main  plug-in netim, https://api.netim.com/2.0/, accepts callbacks\n", ".example at netim-main\n", "hosting\n",
	} {
		if !strings.Contains(got.out, want) {
			t.Errorf("%q is not in\n%s", want, got.out)
		}
	}
	documented := start(t, "", "config", "check", "--json")
	var found checkedConfig
	if err := json.Unmarshal([]byte(documented.out), &found); err != nil || len(found.Registrars) != 1 || len(found.Plans) != 2 {
		t.Errorf("%s, %v", documented.out, err)
	}
	if strings.Contains(got.out+documented.out, "hunter2") || strings.Contains(got.out+documented.out, exampleSecret) {
		t.Error("a secret is printed")
	}
}

// Mistakes of the file, of the environment, of the plans and of files are named together.
func TestMistakesInTheConfigurationAreNamedTogether(t *testing.T) {
	configured(t, "max_connections: 10", "max_conections: 10", `subscription_fee: "12.50"`, `subscription_fee: "12,50"`, `ca_file: ""`, "ca_file: /nowhere/ca.pem")
	t.Setenv("DP_WORKER_ACTIVITIES", "hunter2")
	t.Setenv("DP_GATEWAY_TLS_CERT_FILE", "/nowhere/cert.pem")
	t.Setenv("DP_GATEWAY_TLS_KEY_FILE", "/nowhere/key.pem")
	got := start(t, "", "config", "check", "--json")
	var document failure
	if err := json.Unmarshal([]byte(got.out), &document); err != nil || assembly.ExitCodeOf(got.err) != assembly.ExitRefused {
		t.Fatalf("%s, %v", got.out, got.err)
	}
	var fields []string
	for _, mistake := range document.Error.Problems {
		fields = append(fields, mistake.Field)
	}
	all := " " + strings.Join(fields, " ") + " "
	for _, want := range []string{
		"worker.activities", "plans.domains[0].billing.subscription_fee", "operations.ca_file", "billing.ca_file", "gateway.tls_cert_file", "database.max_conections",
	} {
		if !strings.Contains(all, " "+want+" ") {
			t.Errorf("%s is not among%s", want, all)
		}
	}
	if strings.Contains(got.out+got.err.Error(), "hunter2") {
		t.Errorf("a value is shown: %v", got.err)
	}
}

// With --connect each system is tried and named, the rest after one that is away too.
func TestWhatTheConfigurationNamesIsTried(t *testing.T) {
	h := settled(t)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	t.Setenv("DP_BILLING_URL", "http://"+listener.Addr().String()+"/RPC2")
	if got := h.prints("", "config check --connect"); strings.Count(got, "can be reached\n") != 5 {
		t.Errorf("%s", got)
	}
	t.Setenv("DP_BILLING_URL", "http://127.0.0.1:1/RPC2")
	got := h.fails("", "config check --connect --json", "billing: cannot be reached")
	var found checkedConfig
	if err := json.Unmarshal([]byte(got.out), &found); err != nil || len(found.Connected) != 5 || assembly.ExitCodeOf(got.err) != assembly.ExitUnreachable {
		t.Fatalf("%s, %v", got.out, err)
	}
	for _, tried := range found.Connected {
		if (tried.Error != nil) != (tried.Name == "billing") {
			t.Errorf("%+v", tried)
		}
	}
	// Without the flag nothing is asked.
	h.prints("", "config check", "is right")
	if got := start(t, "", "--gateway", h.gateway, "config", "check"); assembly.ExitCodeOf(got.err) != assembly.ExitUsage {
		t.Errorf("%v", got.err)
	}
}

// What becomes of histories is said, without a key.
func TestTheConfigurationSaysWhetherHistoriesAreSealed(t *testing.T) {
	const one, two = "b25lIG9uZSBvbmUgb25lIG9uZSBvbmUgb25lIG9uZSE=", "dHdvIHR3byB0d28gdHdvIHR3byB0d28gdHdvIHR3byE="
	for lines, want := range map[string]struct {
		words string
		found checkedHistories
	}{
		"keys: {}": {"plain: there is no histories.key", checkedHistories{Keys: []string{}}},
		"keys: {h1: " + one + "}\n  key: h1\n  seal: false":   {"plain, because histories.seal is false; opened by h1", checkedHistories{Key: "h1", Keys: []string{"h1"}}},
		"keys: {h1: " + one + ", h2: " + two + "}\n  key: h2": {"sealed by h2, opened by h2, h1", checkedHistories{Sealed: true, Key: "h2", Keys: []string{"h2", "h1"}}},
	} {
		configured(t, "  seal: true\n", "", "  key: \"\"\n", "", "  keys: {}\n", "  "+lines+"\n")
		got, documented := start(t, "", "config", "check"), start(t, "", "config", "check", "--json")
		var found checkedConfig
		if err := json.Unmarshal([]byte(documented.out), &found); got.err != nil || err != nil || !reflect.DeepEqual(found.Histories, want.found) {
			t.Errorf("%q: %+v, %v, %v", lines, found.Histories, got.err, err)
		}
		if !strings.Contains(got.out, want.words+"\n") || strings.Contains(got.out+documented.out, one) {
			t.Errorf("%q: %s", lines, got.out)
		}
	}
}

func TestTheConfigurationSaysWhichVersionTheWorkersAre(t *testing.T) {
	configured(t)
	if got := start(t, "", "config", "check"); got.err != nil || !strings.Contains(got.out, "not versioned: there is no worker.deployment\n") {
		t.Errorf("%s, %v", got.out, got.err)
	}
	t.Setenv("DP_WORKER_DEPLOYMENT", "shop")
	t.Setenv("DP_WORKER_BUILD_ID", "v7")
	if got := start(t, "", "config", "check"); got.err != nil || !strings.Contains(got.out, "build v7 of deployment shop\n") {
		t.Errorf("%s, %v", got.out, got.err)
	}
	var found checkedConfig
	got := start(t, "", "config", "check", "--json")
	if err := json.Unmarshal([]byte(got.out), &found); err != nil || found.Worker != (checkedWorker{"shop", "v7"}) {
		t.Errorf("%+v, %v, %v", found.Worker, err, got.err)
	}
	// Workers alone may be told their build id, where they run.
	t.Setenv("DP_WORKER_BUILD_ID", "")
	if got := start(t, "", "config", "check"); got.err != nil || !strings.Contains(got.out, "deployment shop, build unknown here\n") ||
		!strings.Contains(got.out, "workers refuse to start unless DP_WORKER_BUILD_ID tells them") {
		t.Errorf("%s, %v", got.out, got.err)
	}
}
