package config

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// examplePassword stands for every secret in config/example.yaml.
	examplePassword = "change-me"
	// shortestSecret is how many characters a secret must have that we choose ourselves. What
	// other systems ask for is not ours to judge.
	shortestSecret = 16
)

// notExample refuses a password that everybody can read in the example.
func (v *validator) notExample(key string, secret Secret) {
	if strings.EqualFold(string(secret), examplePassword) {
		v.add(key, "must be changed: everybody knows that of the example")
	}
}

// ownSecret refuses a secret that can be guessed. An empty one is none.
func (v *validator) ownSecret(key string, secret Secret) {
	v.notExample(key, secret)
	if secret != "" && utf8.RuneCountInString(string(secret)) < shortestSecret {
		v.add(key, "must be at least %d characters long", shortestSecret)
	}
}

// material requires a key of 32 bytes in base64, and reports whether they are all zeros.
func (v *validator) material(name string, key Secret) (zeros bool) {
	material, err := base64.StdEncoding.DecodeString(string(key))
	if err != nil || len(material) != 32 {
		v.add(name, "must be 32 bytes in base64; `starter key` generates one")
		return false
	}
	return !slices.ContainsFunc(material, func(b byte) bool { return b != 0 })
}

// key requires a sealing key. That of the example consists of zeros.
func (v *validator) key(name string, key Secret) {
	v.notExample(name, key)
	if v.material(name, key) {
		v.add(name, "must be changed: everybody knows that of the example; `starter key` generates one")
	}
}
