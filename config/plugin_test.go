package config_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/names4ever"
	"domainprovisioning/registrars/netim"
	"domainprovisioning/registrars/realtimeregister"
)

// everyPlugin is the example with its commented-out accounts and settings enabled.
func everyPlugin(t *testing.T) string {
	t.Helper()
	content := regexp.MustCompile(`(?m)^  # ([a-z0-9-]+:$|  )`).ReplaceAllString(example(t), "  $1")
	return regexp.MustCompile(`(?m)^      # ([a-z_]+: )`).ReplaceAllString(content, "      $1")
}

// TestTheExampleShowsTheSettingsOfEveryPlugin: every key of every block appears in an
// account that is valid once its comment marks are removed.
func TestTheExampleShowsTheSettingsOfEveryPlugin(t *testing.T) {
	content := everyPlugin(t)
	if _, err := read(t, content); err != nil {
		t.Fatal(err)
	}
	var document struct {
		Registrars map[string]map[string]any `yaml:"registrars"`
	}
	if err := yaml.Unmarshal([]byte(content), &document); err != nil {
		t.Fatal(err)
	}
	for name, plugin := range assembly.Plugins() {
		for _, account := range document.Registrars {
			if account["plugin"] != name {
				continue
			}
			shown, _ := account[name].(map[string]any)
			for _, setting := range plugin.Describe(name) {
				if _, ok := shown[setting.Key]; !ok {
					t.Errorf("config/example.yaml does not explain %s.%s", name, setting.Key)
				}
			}
			name = ""
		}
		if name != "" {
			t.Errorf("config/example.yaml shows no account of plug-in %s", name)
		}
	}
}

func TestEachAccountHasTheSettingsOfItsPlugin(t *testing.T) {
	cfg, err := read(t, everyPlugin(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"netim-main": &netim.Settings{Language: "EN", DomainBoundFields: []string{"R_ID"}, DNSServer: "192.0.2.53:53"},
		"names4ever-main": &names4ever.Settings{PlanID: "7", ContentType: "text/xml", RDAPURL: "https://rdap.example/", DNSServer: "192.0.2.53:53",
			CodeClasses: map[int]registrars.Class{104: registrars.ClassBalance}},
		"realtime-main": &realtimeregister.Settings{TemplatePrefix: "template-"},
	} {
		if got := cfg.Registrars[name].Settings; !reflect.DeepEqual(got, want) {
			t.Errorf("%s has %+v, want %+v", name, got, want)
		}
	}
	// A configuration that is written out, as the sandbox does, reads the same.
	written, err := yaml.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	again, err := read(t, string(written))
	if err != nil || !reflect.DeepEqual(cfg, again) {
		t.Errorf("written and read again: %v\n%+v\n%+v", err, cfg, again)
	}
}

func TestSettingsInTheWrongPlaceAreNamed(t *testing.T) {
	const after = "    login: AB123\n"
	for name, c := range map[string]struct {
		from, to, want string
		variables      []string
	}{
		"old place":          {after, after + "    language: EN\n", "registrars.netim-main.language has moved to registrars.netim-main.netim.language", nil},
		"old place of both":  {after, after + "    dns_server: 192.0.2.53:53\n", "registrars.netim-main.dns_server has moved to registrars.netim-main.netim.dns_server", nil},
		"old key of another": {after, after + "    plan_id: \"7\"\n", "registrars.netim-main.plan_id is a setting of plug-in names4ever; remove it", nil},
		"block of another":   {after, after + "    names4ever: {plan_id: \"7\"}\n", "registrars.netim-main.names4ever is the block of another plug-in; the account is of netim", nil},
		"unknown":            {after, after + "    planid: \"7\"\n", "unknown key registrars.netim-main.planid", nil},
		"unknown in block":   {"      language: EN", "      lingua: EN", "unknown key registrars.netim-main.netim.lingua; netim has: language, domain_bound_fields, dns_server", nil},
		"key of another":     {"      language: EN", "      plan_id: \"7\"", "unknown key registrars.netim-main.netim.plan_id", nil},
		"not a list":         {"      # domain_bound_fields: [R_ID]", "      domain_bound_fields: {a: b}", "registrars.netim-main.netim.domain_bound_fields must be a list", nil},
		"no block at all":    {"    netim:\n", "    netim: EN\n    unused:\n", "registrars.netim-main.netim must be keys with their values", nil},
		"old variable":       {"", "", "DP_REGISTRARS_NETIM_MAIN_LANGUAGE has moved to DP_REGISTRARS_NETIM_MAIN_NETIM_LANGUAGE", []string{"DP_REGISTRARS_NETIM_MAIN_LANGUAGE=EN"}},
		"old file": {"", "", "DP_REGISTRARS_NETIM_MAIN_DNS_SERVER_FILE has moved to DP_REGISTRARS_NETIM_MAIN_NETIM_DNS_SERVER_FILE",
			[]string{"DP_REGISTRARS_NETIM_MAIN_DNS_SERVER_FILE=/nowhere"}},
		"variable of another": {"", "", "DP_REGISTRARS_NETIM_MAIN_NAMES4EVER_PLAN_ID fits no key", []string{"DP_REGISTRARS_NETIM_MAIN_NAMES4EVER_PLAN_ID=7"}},
	} {
		t.Run(name, func(t *testing.T) {
			content := strings.Replace(example(t), c.from, c.to, 1)
			if c.from != "" && !strings.Contains(example(t), c.from) {
				t.Fatalf("the example lacks %q", c.from)
			}
			_, err := read(t, content, c.variables...)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if c.from != "" && !strings.Contains(err.Error(), "config: line "+fmt.Sprint(lineOf(content, example(t)))+":") {
				t.Errorf("the line is missing or wrong: %v", err)
			}
		})
	}
}

// lineOf returns the first line in which two texts differ.
func lineOf(a, b string) int {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range as {
		if as[i] != bs[i] {
			return i + 1
		}
	}
	return 0
}

func TestTheEnvironmentReachesTheBlock(t *testing.T) {
	file := filepath.Join(t.TempDir(), "server")
	if err := os.WriteFile(file, []byte("192.0.2.1:53\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// The account has no block in the file, and a variable names its plug-in.
	content := strings.Replace(everyPlugin(t), "    plugin: names4ever\n", "", 1)
	cfg, err := read(t, content, "DP_REGISTRARS_NAMES4EVER_MAIN_PLUGIN=names4ever", "DP_REGISTRARS_NAMES4EVER_MAIN_NAMES4EVER_PLAN_ID=8",
		"DP_REGISTRARS_NETIM_MAIN_NETIM_LANGUAGE=FR", "DP_REGISTRARS_NETIM_MAIN_NETIM_DNS_SERVER_FILE="+file,
		"DP_REGISTRARS_REALTIME_MAIN_REALTIMEREGISTER_CREDIT_LIMIT_CENTS=500")
	if err != nil {
		t.Fatal(err)
	}
	n, n4e, rtr := cfg.Registrars["netim-main"].Settings.(*netim.Settings), cfg.Registrars["names4ever-main"].Settings.(*names4ever.Settings),
		cfg.Registrars["realtime-main"].Settings.(*realtimeregister.Settings)
	if n.Language != "FR" || n.DNSServer != "192.0.2.1:53" || n4e.PlanID != "8" || rtr.CreditLimitCents != 500 {
		t.Errorf("got %+v, %+v, %+v", n, n4e, rtr)
	}
}

// TestEveryMistakeIsNamedInOneRun: mistakes in the file's form, its keys, the plug-in's
// rules and the environment.
func TestEveryMistakeIsNamedInOneRun(t *testing.T) {
	content := example(t)
	for from, to := range map[string]string{
		"  max_connections: 10": "  max_conections: 10", "      language: EN": "      language: DE\n      dns_server: nowhere\n      colour: red",
		"watch_every: 10m": "watch_every: often", "    login: AB123": "    login: \"\"\n    plan_id: \"7\"",
	} {
		content = strings.Replace(content, from, to, 1)
	}
	_, err := read(t, content, "DP_UNUSED=1", "DP_WORKER_ACTIVITIES=0")
	if err == nil {
		t.Fatal("taken")
	}
	for _, want := range []string{
		"unknown key database.max_conections", "netim.language must be EN or FR", "netim.dns_server must be host:port", "unknown key registrars.netim-main.netim.colour",
		"registrars.netim-main.watch_every must be a duration such as 90s, 10m or 120h", "registrars.netim-main.login is missing", "plan_id is a setting of plug-in names4ever", "DP_UNUSED fits no key", "worker.activities is 0",
	} {
		if strings.Count(err.Error(), want) != 1 {
			t.Errorf("%q is not named once in:\n%v", want, err)
		}
	}
	if lines := strings.Count(err.Error(), "\n") + 1; lines != 9 {
		t.Errorf("%d mistakes are named, want 9:\n%v", lines, err)
	}
}

func TestAWatchIsAsOftenAsItsRegistrarAllows(t *testing.T) {
	for every, refused := range map[string]string{
		"1m": "netim-main.watch_every is 1m0s and must be at least 5m0s", "59s": "realtime-main.watch_every is 59s and must be at least 1m0s",
	} {
		content := strings.Replace(everyPlugin(t), "  realtime-main:\n", "  realtime-main:\n    watch_every: "+every+"\n", 1)
		if every == "1m" {
			if _, err := read(t, content); err != nil {
				t.Errorf("realtimeregister allows 1m: %v", err)
			}
			content = strings.Replace(content, "watch_every: 10m", "watch_every: 1m", 1)
		}
		if _, err := read(t, content); err == nil || !strings.Contains(err.Error(), refused) {
			t.Errorf("got %v, want %q", err, refused)
		}
	}
}

func TestMergedMappingsHoldBlocks(t *testing.T) {
	content := strings.Replace(everyPlugin(t), "  netim-main:\n", "  netim-main: &main\n", 1)
	content = strings.Replace(content, "  names4ever-main:\n", "  netim-second:\n    <<: *main\n    netim: {language: FR}\n  netim-third:\n    <<: [*main]\n  names4ever-main:\n", 1)
	cfg, err := read(t, content)
	if err != nil {
		t.Fatal(err)
	}
	for account, want := range map[string]string{"netim-main": "EN", "netim-second": "FR", "netim-third": "EN"} {
		if got := cfg.Registrars[account].Settings.(*netim.Settings).Language; got != want {
			t.Errorf("%s has %s", account, got)
		}
	}
}

// settings has a field of each type that a plug-in may use.
type settings struct {
	Key    domains.Secret `yaml:"key" doc:"what opens it"`
	Wait   time.Duration  `yaml:"wait" doc:"for how long"`
	Rate   float64        `yaml:"rate" doc:"how fast"`
	Strict bool           `yaml:"strict" doc:"whether"`
	Names  []string       `yaml:"names" doc:"which"`
}

// TestAPluginMayHaveSecrets: and settings of other types, from the file, from a variable
// and from a file that a variable names. No error shows a secret.
func TestAPluginMayHaveSecrets(t *testing.T) {
	plugins := config.Plugins{"netim": {
		Settings: func() any { return &settings{Wait: time.Second} },
		Check: func(account config.Registrar, wrong func(key, rule string)) {
			if account.Settings.(*settings).Key.IsZero() {
				wrong("netim.key", "is missing")
			}
		},
	}}
	content := regexp.MustCompile(`(?s)    netim:\n.*?(    # Time-out of one call)`).ReplaceAllString(example(t), "    netim: {key: s3cret, rate: 0.5, strict: true, names: [a, b]}\n$1")
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("s3cret-of-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, variable := range map[string]string{
		"s3cret": "PATH=/", "s3cret-of-variable": "DP_REGISTRARS_NETIM_MAIN_NETIM_KEY=s3cret-of-variable", "s3cret-of-file": "DP_REGISTRARS_NETIM_MAIN_NETIM_KEY_FILE=" + file,
	} {
		cfg, err := config.Read(strings.NewReader(content), []string{variable}, plugins)
		if err != nil {
			t.Fatal(err)
		}
		got := *cfg.Registrars["netim-main"].Settings.(*settings)
		if got.Key.Reveal() != want || got.Wait != time.Second || got.Rate != 0.5 || !got.Strict || !slices.Equal(got.Names, []string{"a", "b"}) {
			t.Errorf("%s: got %+v", variable, got)
		}
		if shown := fmt.Sprintf("%+v %#v", cfg, got.Key); strings.Contains(shown, "s3cret") {
			t.Errorf("a secret is in %s", shown)
		}
	}
	_, err := config.Read(strings.NewReader(strings.Replace(content, "key: s3cret", "key: [s3cret]", 1)), nil, plugins)
	if err == nil || !strings.Contains(err.Error(), "registrars.netim-main.netim.key is missing") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v", err)
	}
	described := plugins["netim"].Describe("netim")
	if !described[0].Required || described[1].Default != "1s" || described[2] != (config.Setting{Key: "rate", Doc: "how fast", Default: "0"}) {
		t.Errorf("described %+v", described)
	}
}

// TestPluginsDeclareSoundSettings: names and keys have the usual form, no block has the
// name of a key that all accounts have, and every key has an explanation.
func TestPluginsDeclareSoundSettings(t *testing.T) {
	form := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	common := config.Keys()
	for _, name := range slices.Sorted(maps.Keys(assembly.Plugins())) {
		if !form.MatchString(name) || slices.Contains(common, name) {
			t.Errorf("a plug-in cannot be called %q", name)
		}
		plugin := assembly.Plugins()[name]
		for _, setting := range plugin.Describe(name) {
			if !form.MatchString(setting.Key) || setting.Doc == "" || strings.ContainsAny(setting.Doc, "|\n") {
				t.Errorf("%s.%s: %q", name, setting.Key, setting.Doc)
			}
		}
		if plugin.Settings() == plugin.Settings() {
			t.Errorf("the accounts of %s would share their settings", name)
		}
		if fields := reflect.TypeOf(plugin.Settings()).Elem().NumField(); fields != len(plugin.Describe(name)) {
			t.Errorf("%d fields of %s, and %d keys", fields, name, len(plugin.Describe(name)))
		}
	}
}

// TestAPluginMayHaveASchemeOfItsOwn for the URL of an account, and then no other is taken.
func TestAPluginMayHaveASchemeOfItsOwn(t *testing.T) {
	plugins := assembly.Plugins()
	plugin := plugins["netim"]
	plugin.Scheme, plugin.Check = "epp", func(config.Registrar, func(key, rule string)) {}
	plugins["netim"] = plugin
	for url, want := range map[string]string{
		"epp://epp.registry.example:700": "", "epp://epp.registry.example": "",
		"https://epp.registry.example":         "registrars.netim-main.url must be a URL such as epp://host:port",
		"epp:epp.registry.example":             "registrars.netim-main.url must be a URL such as epp://host:port",
		"epp://me:hunter2@registry.example:70": "registrars.netim-main.url must not hold a login or password",
		"\"\"":                                 "registrars.netim-main.url is missing",
	} {
		content := strings.Replace(example(t), "https://api.netim.com/2.0/", url, 1)
		_, err := config.Read(strings.NewReader(content), nil, plugins)
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("%s: %v", url, err)
		}
		if want == "" {
			if _, err := read(t, content); err == nil || !strings.Contains(err.Error(), "registrars.netim-main.url must begin with https:// or http://") {
				t.Errorf("%s without a scheme of its own: %v", url, err)
			}
		}
	}
}
