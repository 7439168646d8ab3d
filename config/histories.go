package config

import (
	"maps"
	"regexp"
	"slices"
)

// Histories says how Temporal's histories are sealed. Without a key they are written in plain
// text, and what is sealed cannot be read.
type Histories struct {
	// Seal is false while the keys only open: every program must have a key before one seals by it.
	Seal bool `yaml:"seal"`
	// Key names the one of Keys that seals.
	Key  string            `yaml:"key"`
	Keys map[string]Secret `yaml:"keys"`
}

// Sealed reports whether new payloads are sealed.
func (h Histories) Sealed() bool { return h.Seal && h.Key != "" }

var historiesKeyID = regexp.MustCompile(`^[A-Za-z0-9-]{1,16}$`)

// exampleHistoriesKey is the key that the example shows, and which everybody knows.
const exampleHistoriesKey = "RXhhbXBsZSBvbmx5LiBSdW4gYHN0YXJ0ZXIga2V5YC4="

// IDs lists the keys, that which seals first.
func (h Histories) IDs() []string {
	ids := slices.AppendSeq([]string{}, maps.Keys(h.Keys))
	slices.Sort(ids)
	if _, ok := h.Keys[h.Key]; ok {
		ids = append([]string{h.Key}, slices.DeleteFunc(ids, func(id string) bool { return id == h.Key })...)
	}
	return ids
}

func (v *validator) histories(h Histories, d Database) {
	if h.Key == "" && len(h.Keys) > 0 {
		v.add("histories.key", "is missing: name the one of histories.keys that seals")
	}
	if _, ok := h.Keys[h.Key]; h.Key != "" && !ok {
		v.add("histories.keys", "lacks the key %q that histories.key names", h.Key)
	}
	for _, id := range h.IDs() {
		key := "histories.keys." + id
		if !historiesKeyID.MatchString(id) {
			v.add(key, "must be named with 1 to 16 letters, digits or hyphens")
		}
		if v.material(key, h.Keys[id]) || h.Keys[id] == exampleHistoriesKey {
			v.add(key, "is the example, which everybody knows; `starter key` generates one")
		}
		for _, sealing := range d.SealingKeys {
			if h.Keys[id] == sealing {
				v.add(key, "is one of database.sealing_keys too; `starter key` generates another one")
			}
		}
	}
}
