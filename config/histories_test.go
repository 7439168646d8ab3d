package config_test

import (
	"reflect"
	"strings"
	"testing"

	"domainprovisioning/internal/exampleconfig"
)

const (
	oneKey     = "b25lIG9uZSBvbmUgb25lIG9uZSBvbmUgb25lIG9uZSE="
	anotherKey = "dHdvIHR3byB0d28gdHdvIHR3byB0d28gdHdvIHR3byE="
)

// withHistories is the example with these lines as its histories.
func withHistories(t *testing.T, lines string) string {
	t.Helper()
	content := example(t)
	for _, line := range []string{"  seal: true\n", "  key: \"\"\n", "  keys: {}\n"} {
		if !strings.Contains(content, line) {
			t.Fatalf("the example has changed: %q", line)
		}
		content = strings.Replace(content, line, "", 1)
	}
	return strings.Replace(content, "histories:\n", "histories:\n"+lines, 1)
}

func TestHistoriesAreSealedOnceAKeyIsNamed(t *testing.T) {
	for lines, want := range map[string]bool{
		"": false,
		"  key: h1\n  keys: {h1: " + oneKey + "}\n":                true,
		"  seal: false\n  key: h1\n  keys: {h1: " + oneKey + "}\n": false,
	} {
		cfg, err := read(t, withHistories(t, lines))
		if err != nil || cfg.Histories.Sealed() != want {
			t.Errorf("%q: sealed %t, %v", lines, cfg.Histories.Sealed(), err)
		}
	}
}

func TestTheKeyThatSealsComesFirst(t *testing.T) {
	cfg, err := read(t, withHistories(t, "  key: b\n  keys: {a: "+oneKey+", b: "+anotherKey+"}\n"))
	if err != nil || !reflect.DeepEqual(cfg.Histories.IDs(), []string{"b", "a"}) {
		t.Errorf("%v, %v", cfg.Histories.IDs(), err)
	}
}

func TestKeysOfHistoriesComeFromVariablesAndFiles(t *testing.T) {
	content := withHistories(t, "  key: h1\n  keys: {h1: from elsewhere, h2: from elsewhere}\n")
	cfg, err := read(t, content, "DP_HISTORIES_KEYS_H1_FILE="+holding(t, oneKey+"\n"), "DP_HISTORIES_KEYS_H2="+anotherKey, "DP_HISTORIES_KEY=h2", "DP_HISTORIES_SEAL=false")
	if err != nil || string(cfg.Histories.Keys["h1"]) != oneKey || cfg.Histories.IDs()[0] != "h2" || cfg.Histories.Sealed() {
		t.Errorf("%v, %v", cfg.Histories, err)
	}
}

func TestAKeyOfHistoriesIsNoSealingKey(t *testing.T) {
	content := strings.Replace(withHistories(t, "  key: h1\n  keys: {h1: "+oneKey+"}\n"), "k1: "+exampleconfig.Key, "k1: "+oneKey, 1)
	_, err := read(t, content)
	if err == nil || !strings.Contains(err.Error(), "histories.keys.h1 is one of database.sealing_keys too") || strings.Contains(err.Error(), oneKey) {
		t.Errorf("got %v", err)
	}
}
