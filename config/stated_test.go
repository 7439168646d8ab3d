package config_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
)

// remark is what the example says above a key.
type remark struct {
	path, text string
	keys       []string // this key and those after it
}

// remarks lists the remarks of the example.
func remarks(node *yaml.Node, path string) []remark {
	var all []remark
	for i := 0; node.Kind == yaml.MappingNode && i < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		r := remark{path: strings.TrimPrefix(path+"."+key.Value, "."), text: strings.TrimSpace(regexp.MustCompile(`\s*\n?#+ ?`).ReplaceAllString(key.HeadComment, " "))}
		for j := i; j < len(node.Content); j += 2 {
			r.keys = append(r.keys, strings.TrimPrefix(path+"."+node.Content[j].Value, "."))
		}
		if value.Kind == yaml.MappingNode && value.Style == yaml.FlowStyle && len(value.Content) > 0 {
			r.keys = nil // what is said is said of the keys inside
			for j := 0; j < len(value.Content); j += 2 {
				r.keys = append(r.keys, r.path+"."+value.Content[j].Value)
			}
		}
		all = append(append(all, r), remarks(value, r.path)...)
	}
	for _, element := range node.Content {
		if node.Kind == yaml.SequenceNode {
			all = append(all, remarks(element, path)...)
		}
	}
	return all
}

// put gives a key another value; "" takes it away.
func put(t *testing.T, node *yaml.Node, path, value string) {
	t.Helper()
	key, rest, inner := strings.Cut(path, ".")
	for node.Kind == yaml.SequenceNode {
		node = node.Content[0]
	}
	for i := 0; i < len(node.Content); i += 2 {
		switch {
		case node.Content[i].Value != key:
			continue
		case inner:
			put(t, node.Content[i+1], rest, value)
		case value == "":
			node.Content = append(node.Content[:i], node.Content[i+2:]...)
		default:
			var parsed yaml.Node
			if err := yaml.Unmarshal([]byte(value), &parsed); err != nil {
				t.Fatal(err)
			}
			node.Content[i+1] = parsed.Content[0]
		}
		return
	}
	if inner || value == "" {
		t.Fatalf("the example has no %s", path)
	}
	node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, &yaml.Node{Kind: yaml.ScalarNode, Value: value})
}

// checked reads the whole example with these values, as the programs do.
func checked(t *testing.T, values map[string]string) (config.Config, error) {
	t.Helper()
	root := everyKey(t)
	put(t, root, "registrars.netim-main.callback_secret", "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz")
	put(t, root, "registrars.netim-main.callback_secret_old", "")
	for path, value := range values {
		put(t, root, path, value)
	}
	content, err := yaml.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return assembly.Check(file, nil)
}

func TestEveryDefaultIsTheOneStated(t *testing.T) {
	stated := regexp.MustCompile(`Defaults? (.+?)\.(?:\s|$)`)
	tried := 0
	for _, r := range remarks(everyKey(t), "") {
		found := stated.FindStringSubmatch(r.text)
		if found == nil || strings.HasPrefix(found[1], "the registry's own") {
			continue
		}
		first, _, _ := strings.Cut(found[1], ", for plug-in")
		for n, value := range strings.Split(first, " and ") {
			tried++
			without, err := checked(t, map[string]string{r.keys[n]: ""})
			if err != nil {
				t.Errorf("without %s: %v", r.keys[n], err)
			}
			if value == "none" {
				value = "null"
			}
			if with, err := checked(t, map[string]string{r.keys[n]: value}); err != nil || !reflect.DeepEqual(with, without) {
				t.Errorf("the default of %s is not %s: %v", r.keys[n], value, err)
			}
		}
	}
	if tried < 30 {
		t.Errorf("only %d defaults were found", tried)
	}
	if cfg, err := checked(t, nil); err != nil || cfg.Registrars["realtime-main"].Timeout.Seconds() != 60 {
		t.Errorf("%v, %v", cfg.Registrars["realtime-main"].Timeout, err)
	}
}

// attempt breaks a rule that the example states: the value, and what is said about it.
type attempt struct{ key, value, want string }

// TestEveryStatedLimitIsEnforced walks through the remarks: what a remark limits is tried here,
// or the row says why it is no limit of the configuration.
func TestEveryStatedLimitIsEnforced(t *testing.T) {
	const account, epp, plan = "registrars.netim-main.", "registrars.epp-main.", "plans.domains."
	const ownKey = "b3duIG93biBvd24gb3duIG93biBvd24gb3duIG93biE="
	const elsewhere, advice = "a rule about orders, which has tests of its own", "it cannot be known here"
	rows := map[string]any{
		"database.max_connections":                           []attempt{{"", "0", "must be at least 1"}},
		"database.url":                                       []attempt{{"", "mysql://u:hunter2@h/x", "must begin with postgres:// or sqlite:"}},
		"database.sealing_key":                               []attempt{{"", "k2", `lacks the key "k2"`}},
		"database.sealing_keys.k1":                           []attempt{{"", "AAAA", "must be 32 bytes in base64"}},
		"histories.seal":                                     advice,
		"histories.key":                                      []attempt{{"", "h2", `lacks the key "h2"`}, {"histories.keys", "{h2: " + ownKey + "}", "histories.key is missing"}},
		"histories.keys":                                     []attempt{{"", "{h1: AAAA}", "histories.keys.h1 must be 32 bytes in base64"}, {"", "{h1: RXhhbXBsZSBvbmx5LiBSdW4gYHN0YXJ0ZXIga2V5YC4=}", "is the example"}, {"", "{h1: " + strings.Repeat("A", 43) + "=}", "is the example"}, {"", "{h1_: " + ownKey + "}", "1 to 16 letters"}},
		"worker.activities":                                  []attempt{{"", "0", "must be at least 1"}},
		"worker.workflow_tasks":                              []attempt{{"", "1", "must be at least 2"}},
		"worker.workflow_cache":                              []attempt{{"", "0", "must be at least 1"}},
		"worker.deployment":                                  []attempt{{"", "shop.main", "1 to 64 letters"}, {"", strings.Repeat("x", 65), "1 to 64 letters"}},
		"worker.build_id":                                    []attempt{{"", "v1", "must be given together"}},
		"operations.timeout":                                 []attempt{{"", "111s", "within 1s and 1m50s"}},
		"billing.timeout":                                    []attempt{{"", "111s", "within 1s and 1m50s"}},
		account[:len(account)-1]:                             []attempt{{plan + "registrar", "other", "is not one of registrars"}},
		account + "callback_secret":                          []attempt{{"", "change-me", "must be"}, {"", "15-characters--", "must be"}},
		account + "netim.language":                           []attempt{{"", "DE", "must be EN or FR"}},
		account + "netim.dns_server":                         []attempt{{"", "nowhere", "must be host:port"}},
		account + "netim.domain_bound_fields":                elsewhere,
		account + "timeout":                                  []attempt{{"", "111s", "within 1s and 1m50s"}, {"", "10ms", "within 1s and 1m50s"}},
		account + "watch_every":                              []attempt{{"", "4m59s", "must be at least 5m0s"}, {"registrars.realtime-main.watch_every", "59s", "must be at least 1m0s"}},
		account + "settle":                                   []attempt{{"", "3m59s", "must be at least 4m0s"}},
		account + "pending_deadline":                         []attempt{{"", "59m", "within 1h0m0s"}},
		account + "refund_days":                              []attempt{{"", "61", "between 0 and 60"}, {"", "-1", "between 0 and 60"}},
		account + "calls_at_once":                            []attempt{{"", "-1", "must be at least 1"}, {account + "calls_per_second", "-1", "0 or more"}},
		account + "billing_login":                            []attempt{{"", strings.Repeat("ä", 41), "longer than 40 characters"}, {account + "billing_password", strings.Repeat("x", 33), "longer than 32 characters"}},
		"registrars.names4ever-main.names4ever.plan_id":      []attempt{{"", `""`, "is missing"}},
		"registrars.names4ever-main.names4ever.dns_server":   []attempt{{"", "nowhere", "must be host:port"}},
		"registrars.names4ever-main.names4ever.code_classes": []attempt{{"", "{104: sad}", "code_classes"}},
		"registrars.realtime-main.realtimeregister.credit_limit_cents": []attempt{{"", "-1", "must not be negative"}},
		epp + "login":                             []attempt{{"", "me", "3 to 16 characters"}, {"", "registrar-of-more", "3 to 16 characters"}},
		epp + "password":                          []attempt{{"", "short", "at least 6 characters"}},
		epp + "epp.certificate_file":              []attempt{{"", "/nowhere/epp.pem", "needs key_file"}},
		epp + "epp.ca_file":                       []attempt{{"", "/nowhere/ca.pem", "epp.ca_file cannot be read"}},
		epp + "epp.registrar_id":                  []attempt{{"", "me", "3 to 16 characters"}},
		epp + "epp.sessions":                      []attempt{{"", "51", "must be 1 to 50"}, {"", "-1", "must be 1 to 50"}},
		epp + "epp.hello_every":                   []attempt{{"", "4s", "must be 5s to 10m"}, {"", "11m", "must be 5s to 10m"}, {epp + "epp.keep_sessions", "25h", "must be at most 24h"}},
		epp + "epp.without":                       []attempt{{"", "[urn:ietf:params:xml:ns:domain-1.0]", "which the settings need"}, {"", "[urn:ietf:params:xml:ns:contact-1.0]", "which the settings need"}},
		epp + "epp.hosts":                         []attempt{{"", "object", "must be one of objects, attributes"}},
		epp + "epp.contacts":                      []attempt{{"", "[holder]", "must be of owner, admin, tech and billing"}},
		epp + "epp.handle_prefix":                 []attempt{{"", "DOMAI", "1 to 4 letters or digits"}},
		epp + "epp.postal":                        []attempt{{"", "ascii", "must be one of auto, int, loc"}},
		epp + "epp.dnssec":                        []attempt{{"", "none", "must be one of any, ds, key"}},
		epp + "epp.auth_code_length":              []attempt{{"", "15", "must be 16 to 32"}, {"", "33", "must be 16 to 32"}},
		epp + "epp.launch_phase":                  []attempt{{"", "two words", "must be one word"}, {"", "sunrise", "must be another one"}, {"", "claims", "must be another one"}},
		epp + "epp.prices":                        []attempt{{"", "[create 8.50]", "epp.prices"}, {"", "[delete 8.50EUR]", "epp.prices"}, {"", "[create 0.00EUR]", "above 0"}, {"", "[create 8.50EUR, renew 8.50USD]", "in one currency"}},
		"registrars.example-main.example.channel": []attempt{{"", "API", "1 to 20 lower-case letters"}, {"", strings.Repeat("x", 21), "1 to 20 lower-case letters"}},
		"plans": elsewhere, plan + "periods": []attempt{{"", "{}", "is missing"}}, plan + "required_fields": elsewhere, plan + "template": []attempt{{"", "0", "template"}},
		plan + "years":                    []attempt{{"", "11", "years"}},
		plan + "price_limit":              []attempt{{plan + "registrar", "names4ever-main", "price_limit"}, {plan + "price_limit.registration", "12,00", "price_limit.registration"}, {plan + "price_limit.restore", "60,00", "price_limit.restore"}, {plan + "price_limit.currency", "euro", "currency"}},
		plan + "billing":                  []attempt{{plan + "billing.setup_fee", `"12,5"`, "billing.setup_fee"}, {plan + "billing.setup_fee", `"1.234"`, "billing.setup_fee"}},
		plan + "billing.period_type":      []attempt{{"", "5", "period type 5 is not one of 2 (months), 3 (years), 4 (statement cycle)"}, {"", "1", "period type 1"}},
		"orders.trailing_slots":           []attempt{{"", "-1", "must be at least 0"}},
		"orders.repeat_window":            []attempt{{"", "-1s", "must be within"}},
		"orders.attention_after":          []attempt{{"orders.attention_after.unreadable", "721h", "within 1s and 720h"}, {"orders.attention_after.refused", "0s", "within 1s and 720h"}},
		"ids.account":                     []attempt{{"ids.hosting_subscription.last", "1000000", "must end at 999999"}},
		"batches.orders_per_second":       []attempt{{"", "0", "must be above 0"}, {"", "1001", "at most 1000"}},
		"gateway.address":                 []attempt{{"", "nowhere", "must be host:port"}},
		"gateway.requests_per_second":     []attempt{{"", "0", "must be above 0"}, {"gateway.burst", "0", "must be at least 1"}},
		"gateway.event_streams":           []attempt{{"", "0", "must be at least 1"}},
		"gateway.tls_cert_file":           []attempt{{"", "/nowhere/cert.pem", "must be given together"}},
		"gateway.request_timeout":         []attempt{{"", "301s", "within 1s and 5m0s"}},
		"gateway.stop_timeout":            []attempt{{"", "11m", "within 1s and 10m0s"}},
		"hooks.private_hosts":             []attempt{{"", `["https://crm.internal"]`, "must be a host name or an IP address"}, {"", `["crm.internal:443"]`, "entry 1"}, {"", `[""]`, "entry 1"}},
		"retention.orders":                []attempt{{"", "23h", "within 24h0m0s"}, {"", "-1h", "within 24h0m0s"}},
		"retention.refusals":              []attempt{{"", "23h", "within 24h0m0s"}},
		"retention.inbox":                 []attempt{{"", "191h", "within 192h0m0s"}},
		"retention.idempotency_keys":      []attempt{{"", "23h", "within 24h0m0s"}},
		"retention.acts":                  []attempt{{"", "719h", "within 720h0m0s"}},
		"retention.news":                  []attempt{{"", "23h", "within 24h0m0s and 720h"}, {"", "0s", "within 24h0m0s and 720h"}, {"", "721h", "within 24h0m0s and 720h"}},
		"lifecycle.renewal":               []attempt{{"", "registrar", "must be us or none"}},
		"lifecycle.renew_before":          []attempt{{"", "23h", "within 24h0m0s and 8784h"}, {"", "8785h", "within 24h0m0s and 8784h"}},
		"lifecycle.attention_before":      []attempt{{"", "721h", "within 0s and 720h"}, {"", "-1h", "within 0s and 720h"}},
		"lifecycle.remind":                []attempt{{"", "[0]", "within 1 and 366"}, {"", "[367]", "within 1 and 366"}, {"", "[7, 7]", "has 7 twice"}, {"", "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]", "has 13 days, and may have 12"}},
		"lifecycle.phases":                []attempt{{"", "{COM: {redemption: 1h}}", "in ASCII form"}, {"", "{com: {redemption: soon}}", "lifecycle.phases.com.redemption must be a duration"}, {"", "{com: {renew_grace: 8785h}}", "within 0s and 8784h"}},
		"drift.every":                     []attempt{{"", "59m", "within 1h0m0s and 168h"}, {"", "169h", "within 1h0m0s and 168h"}, {"", "-1h", "within 1h0m0s and 168h"}},
		"drift.read_days":                 []attempt{{"", "0", "between 1 and 366"}, {"", "367", "between 1 and 366"}},
		"gateway.desk.url":                []attempt{{"", "desk.internal", "must be a URL"}, {"", "https://desk.internal/x", "must have no path"}},
		"gateway.desk.user_header":        []attempt{{"", "Authorization", "only the proxy sets"}, {"", "X User", "must be the name of a header"}, {"", "X-User", "gateway.desk.trusted_proxies is missing"}},
		"gateway.desk.trusted_proxies":    []attempt{{"", "[10.0.0.0/33]", "must be networks or addresses"}, {"", "[10.0.0.0/8]", "gateway.desk.user_header is missing"}},
		"gateway.desk.scopes":             []attempt{{"", "[admin]", "must be some of place, read, operate, cancel"}},
		"worker.stop_timeout":             []attempt{{"", "11m", "within 1s and 10m0s"}},
		"worker.address":                  []attempt{{"", "nowhere", "must be host:port"}},
		plan + "allow_empty_transfer_key": elsewhere, "operations.url": advice, "operations.login": []attempt{{"", "x", "must be given together"}},
		"billing.username": []attempt{{"", "x", "must be given together"}},
	}
	limits := regexp.MustCompile(`(?i)at most|at least|maximum|limit|refused|\bmust\b|\bonly\b|\bbelow\b|required|letters|together|two decimals|in base64|host:port|EN or FR|\d to \d|\d+s to|how many|^2 months|accept a|named here`)
	for _, r := range remarks(everyKey(t), "") {
		row, ok := rows[r.path]
		if !ok && limits.MatchString(r.text) {
			t.Errorf("%s states a limit without a row here: %s", r.path, r.text)
		}
		delete(rows, r.path)
		attempts, _ := row.([]attempt)
		for _, a := range attempts {
			if a.key == "" {
				a.key = r.path
			}
			_, err := checked(t, map[string]string{a.key: a.value})
			if err == nil || !strings.Contains(err.Error(), a.want) {
				t.Errorf("%s: %s: got %v, want %q", a.key, a.value, err, a.want)
			}
		}
	}
	for path := range rows {
		t.Errorf("%s is not a key of the example", path)
	}
}
