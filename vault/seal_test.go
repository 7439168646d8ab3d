package vault_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"domainprovisioning/vault"
)

func sealer(t testing.TB, ids ...string) *vault.Sealer {
	t.Helper()
	keys := make([]vault.Key, len(ids))
	for i, id := range ids {
		material := make([]byte, vault.KeyBytes)
		copy(material, id)
		keys[i] = vault.Key{ID: id, Material: material}
	}
	s, err := vault.NewSealer(keys)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSealOpensOnlyWhereItWasSealed(t *testing.T) {
	s := sealer(t, "k1")
	sealed, err := s.Seal([]byte("hunter2"), "order/1")
	if err != nil || strings.Contains(sealed, "hunter2") || !strings.HasPrefix(sealed, "k1:") {
		t.Fatalf("got %q, %v", sealed, err)
	}
	plain, err := s.Open(sealed, "order/1")
	if err != nil || string(plain) != "hunter2" {
		t.Fatalf("got %q, %v", plain, err)
	}
	again, err := s.Seal([]byte("hunter2"), "order/1")
	if err != nil || again == sealed {
		t.Error("sealing twice gives the same text")
	}
	for name, open := range map[string]func() ([]byte, error){
		"another place": func() ([]byte, error) { return s.Open(sealed, "order/2") },
		"altered":       func() ([]byte, error) { return s.Open(flip(sealed), "order/1") },
		"no key id":     func() ([]byte, error) { return s.Open("nothing", "order/1") },
		"unknown key":   func() ([]byte, error) { return s.Open("k9"+sealed[2:], "order/1") },
		"not base64":    func() ([]byte, error) { return s.Open("k1:%%", "order/1") },
		"other key":     func() ([]byte, error) { return sealer(t, "k2", "k1x").Open("k2"+sealed[2:], "order/1") },
	} {
		if plain, err := open(); err == nil {
			t.Errorf("%s: opened as %q", name, plain)
		}
	}
}

func flip(sealed string) string {
	id, encoded, _ := strings.Cut(sealed, ":")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		panic(err)
	}
	raw[len(raw)-1] ^= 1
	return id + ":" + base64.StdEncoding.EncodeToString(raw)
}

func TestKeysAreRotated(t *testing.T) {
	sealed, err := sealer(t, "old").Seal([]byte("hunter2"), "c")
	if err != nil {
		t.Fatal(err)
	}
	both := sealer(t, "new", "old")
	if plain, err := both.Open(sealed, "c"); err != nil || !bytes.Equal(plain, []byte("hunter2")) {
		t.Errorf("got %q, %v", plain, err)
	}
	if fresh, err := both.Seal(nil, "c"); err != nil || !strings.HasPrefix(fresh, "new:") {
		t.Errorf("sealed as %q, %v", fresh, err)
	}
}

func TestSealerRefusesBadKeys(t *testing.T) {
	good := make([]byte, vault.KeyBytes)
	for name, keys := range map[string][]vault.Key{
		"none":      nil,
		"short":     {{ID: "k", Material: good[1:]}},
		"no id":     {{Material: good}},
		"colon":     {{ID: "a:b", Material: good}},
		"the twice": {{ID: "k", Material: good}, {ID: "k", Material: good}},
	} {
		if _, err := vault.NewSealer(keys); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	material, err := base64.StdEncoding.DecodeString(vault.GenerateKey())
	if err != nil || len(material) != vault.KeyBytes {
		t.Errorf("the generated key has %d bytes, %v", len(material), err)
	}
}
