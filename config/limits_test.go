package config_test

import (
	"slices"
	"strings"
	"testing"

	"domainprovisioning/config"
)

// TestLimits tries the smallest and the largest value of each key, and values beyond: the
// error for those names the key, the value and the limit.
func TestLimits(t *testing.T) {
	for key, c := range map[string]struct {
		variable  string
		allowed   []string
		forbidden map[string]string // by value: the expected error
	}{
		"database.max_connections": {"DP_DATABASE_MAX_CONNECTIONS", []string{"1", "500"}, map[string]string{"0": "is 0 and must be at least 1"}},
		"worker.workflow_tasks":    {"DP_WORKER_WORKFLOW_TASKS", []string{"2"}, map[string]string{"1": "is 1 and must be at least 2"}},
		"worker.workflow_cache":    {"DP_WORKER_WORKFLOW_CACHE", []string{"1"}, map[string]string{"0": "is 0 and must be at least 1"}},
		"worker.stop_timeout": {"DP_WORKER_STOP_TIMEOUT", []string{"1s", "10m"},
			map[string]string{"999ms": "must be within 1s and 10m0s", "10m1s": "is 10m1s and must be within"}},
		"worker.address":     {"DP_WORKER_ADDRESS", []string{":8089", "[::1]:0", ""}, map[string]string{"worker.internal": "must be host:port", "127.0.0.1:": "or empty for none"}},
		"worker.deployment":  {"DP_WORKER_DEPLOYMENT", []string{"", "s", "Shop-2", strings.Repeat("x", 64)}, map[string]string{"a_b": "must be 1 to 64 letters", "a b": "must be 1 to 64", strings.Repeat("x", 65): "must be 1 to 64"}},
		"operations.timeout": {"DP_OPERATIONS_TIMEOUT", []string{"1s", "110s"}, map[string]string{"0s": "is 0s and must be within", "111s": "must be within 1s and 1m50s"}},
		"billing.timeout":    {"DP_BILLING_TIMEOUT", []string{"1s", "110s"}, map[string]string{"111s": "must be within 1s and 1m50s"}},
		"registrars.netim-main.timeout": {"DP_REGISTRARS_NETIM_MAIN_TIMEOUT", []string{"1s", "110s"},
			map[string]string{"111s": "must be within 1s and 1m50s"}},
		"registrars.netim-main.watch_every": {"DP_REGISTRARS_NETIM_MAIN_WATCH_EVERY", []string{"5m", "24h"},
			map[string]string{"4m59s": "must be at least 5m0s: more often harms the registrar"}},
		"registrars.netim-main.pending_deadline": {"DP_REGISTRARS_NETIM_MAIN_PENDING_DEADLINE", []string{"1h", "8760h"},
			map[string]string{"59m": "must be within 1h0m0s and 8760h0m0s", "8761h": "must be within"}},
		"registrars.netim-main.settle": {"DP_REGISTRARS_NETIM_MAIN_SETTLE", []string{"4m", "24h"},
			map[string]string{"3m": "a request may be under way for that long, and could be made twice", "25h": "must be at most 24h0m0s"}},
		"registrars.netim-main.refund_days": {"DP_REGISTRARS_NETIM_MAIN_REFUND_DAYS", []string{"0", "60"},
			map[string]string{"-1": "is -1 and must be between 0 and 60", "61": "is 61 and must be between 0 and 60"}},
		"registrars.netim-main.calls_at_once":    {"DP_REGISTRARS_NETIM_MAIN_CALLS_AT_ONCE", []string{"1"}, map[string]string{"-1": "is -1 and must be at least 1"}},
		"registrars.netim-main.calls_per_second": {"DP_REGISTRARS_NETIM_MAIN_CALLS_PER_SECOND", []string{"0.1"}, map[string]string{"-1": "must be a number of 0 or more"}},
		"registrars.netim-main.billing_login": {"DP_REGISTRARS_NETIM_MAIN_BILLING_LOGIN", []string{"", strings.Repeat("x", 40)},
			map[string]string{strings.Repeat("x", 41): "is longer than 40 characters"}},
		"orders.trailing_slots": {"DP_ORDERS_TRAILING_SLOTS", []string{"0", "9"}, map[string]string{"-1": "is -1 and must be at least 0"}},
		"orders.repeat_window":  {"DP_ORDERS_REPEAT_WINDOW", []string{"0s", "720h"}, map[string]string{"-1s": "must be within", "721h": "must be within 0s and 720h0m0s"}},
		"orders.attention_after.unreadable": {"DP_ORDERS_ATTENTION_AFTER_UNREADABLE", []string{"1s", "720h"},
			map[string]string{"0s": "must be within", "721h": "must be within 1s and 720h0m0s"}},
		"orders.attention_after.refused": {"DP_ORDERS_ATTENTION_AFTER_REFUSED", []string{"1s"}, map[string]string{"721h": "must be within 1s and 720h0m0s"}},
		"gateway.address": {"DP_GATEWAY_ADDRESS", []string{":8088", "[::1]:0", "gateway.internal:443"},
			map[string]string{"gateway.internal": "must be host:port", "": "must be host:port", "127.0.0.1:": "must be host:port"}},
		"gateway.web_ui": {"DP_GATEWAY_WEB_UI", []string{"", "http://temporal.internal/namespaces/default"},
			map[string]string{"temporal.internal": "must be a URL", "https://u:p@temporal.internal": "must not hold a login or password"}},
		"gateway.requests_per_second": {"DP_GATEWAY_REQUESTS_PER_SECOND", []string{"0.5"}, map[string]string{"0": "is 0 and must be above 0"}},
		"gateway.burst":               {"DP_GATEWAY_BURST", []string{"1"}, map[string]string{"0": "is 0 and must be at least 1"}},
		"gateway.event_streams":       {"DP_GATEWAY_EVENT_STREAMS", []string{"1"}, map[string]string{"0": "is 0 and must be at least 1"}},
		"gateway.request_timeout":     {"DP_GATEWAY_REQUEST_TIMEOUT", []string{"1s", "5m"}, map[string]string{"6m": "must be within 1s and 5m0s"}},
		"gateway.stop_timeout":        {"DP_GATEWAY_STOP_TIMEOUT", []string{"1s", "10m"}, map[string]string{"0s": "must be within 1s and 10m0s"}},
		"gateway.tls_cert_file":       {"DP_GATEWAY_TLS_CERT_FILE", []string{""}, map[string]string{"cert.pem": "and gateway.tls_key_file must be given together"}},
		"billing.username":            {"DP_BILLING_USERNAME", []string{""}, map[string]string{"x": "and billing.password must be given together"}},
	} {
		for _, value := range c.allowed {
			if _, err := read(t, example(t), c.variable+"="+value); err != nil {
				t.Errorf("%s=%s: %v", c.variable, value, err)
			}
		}
		for value, want := range c.forbidden {
			_, err := read(t, example(t), c.variable+"="+value)
			if err == nil || !strings.HasPrefix(err.Error(), "config: "+key+" ") || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s=%s: got %v, want %q", c.variable, value, err, want)
			}
		}
	}
}

// Requests to a registrar carry credentials. On this machine there is no network that
// others could listen to, and a stand-in answers at once.
func TestARegistrarOnThisMachine(t *testing.T) {
	const url, settle, deadline = "DP_REGISTRARS_NETIM_MAIN_URL=", "DP_REGISTRARS_NETIM_MAIN_SETTLE=", "DP_REGISTRARS_NETIM_MAIN_PENDING_DEADLINE="
	for _, host := range []string{"http://localhost:1/", "http://127.0.0.1:1/", "http://[::1]:1/"} {
		if _, err := read(t, example(t), url+host, settle+"1s", deadline+"1s"); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	for _, host := range []string{"http://localhost.example/", "http://10.0.0.1/", "http://127.0.0.1.example/"} {
		_, err := read(t, example(t), url+host, settle+"1s", deadline+"1s")
		if err == nil || !strings.Contains(err.Error(), "registrars.netim-main.url must begin with https://") ||
			!strings.Contains(err.Error(), "registrars.netim-main.settle is 1s and must be at least 4m0s") ||
			!strings.Contains(err.Error(), "registrars.netim-main.pending_deadline is 1s and must be within 1h0m0s and 8760h0m0s") {
			t.Errorf("%s: %v", host, err)
		}
	}
}

// Operators correct several mistakes at once, and find them in the same order each time.
func TestMistakesOfEveryPartAreNamedTogether(t *testing.T) {
	content := strings.Replace(example(t), "  netim-main:", "  b-account: {plugin: netim}\n  a-account: {plugin: netim}\n  netim-main:", 1)
	var first string
	for range 5 {
		_, err := read(t, content, "DP_WORKER_ACTIVITIES=0", "DP_GATEWAY_BURST=0")
		if err == nil {
			t.Fatal("taken")
		}
		if first == "" {
			first = err.Error()
		}
		if err.Error() != first {
			t.Fatalf("once\n%s\nand then\n%v", first, err)
		}
	}
	var keys []string
	for line := range strings.SplitSeq(first, "\n") {
		key, _, ok := strings.Cut(strings.TrimPrefix(line, "config: "), " ")
		if !ok || !strings.HasPrefix(line, "config: ") {
			t.Errorf("line %q", line)
		}
		keys = append(keys, key)
	}
	want := []string{"worker.activities"}
	for _, account := range []string{"a-account", "b-account"} {
		for _, key := range []string{"url", "login", "password"} {
			want = append(want, "registrars."+account+"."+key)
		}
	}
	if want = append(want, "gateway.burst"); !slices.Equal(keys, want) {
		t.Errorf("named %q, want %q", keys, want)
	}
}

func TestWhatAnAccountMayBeCalled(t *testing.T) {
	for name, allowed := range map[string]bool{
		"a": true, "7": true, "netim-2": true, strings.Repeat("x", 40): true,
		strings.Repeat("x", 41): false, "-netim": false, "netim.main": false, "netim_main": false, `"netim main"`: false, "Netim": false,
	} {
		content := strings.NewReplacer("  netim-main:", "  "+name+":", "registrar: netim-main", "registrar: "+name).Replace(example(t))
		_, err := read(t, content)
		if (err == nil) != allowed || err != nil && !strings.Contains(err.Error(), "must be named with 1 to 40 lower-case letters, digits and hyphens") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// For a file of another kind the first error says so.
func TestFilesThatAreNoConfiguration(t *testing.T) {
	for name, c := range map[string]struct{ content, want string }{
		"no YAML":             {"a: [", "config: line 1"},
		"a list":              {"- database", "config: line 1"},
		"a key twice":         {"ids: {}\nids: {}\n", "config: line 2: ids is there twice\n"},
		"an account twice":    {"registrars:\n  a: {plugin: netim}\n  a: {plugin: netim}\n", "config: line 3: registrars.a is there twice\n"},
		"a star":              {"database: {url: *hunter2}", "config: a value begins with *, which has a meaning in YAML: put it in quotes"},
		"a bad escape":        {"database: {url: \"hunter2\\q\"}", "config: found unknown escape character"},
		"a percent sign":      {"database: {url: %hunter2}", "config: found character that cannot start any token"},
		"two documents":       {"ids: {}\n---\nids: {}\n", "config: the file holds more than one document"},
		"a list for a secret": {"database: {url: [hunter2]}", "config: line 1: database.url must be a text\n"},
		"too large":           {strings.Repeat("# hunter2\n", 500_000), "config: the file is larger than 4194304 bytes"},
	} {
		_, err := read(t, c.content)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := config.Load(t.TempDir(), nil, nil); err == nil || !strings.HasPrefix(err.Error(), "config: ") {
		t.Errorf("a folder: %v", err)
	}
}
