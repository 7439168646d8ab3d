package config

import (
	"errors"
	"reflect"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"
)

// Registrar is one account at a registrar: what all accounts have, and the block of its
// plug-in.
type Registrar struct {
	Plugin   string `yaml:"plugin"`
	URL      string `yaml:"url"`
	Login    string `yaml:"login"`
	Password Secret `yaml:"password"`
	// CallbackSecret signs what the registrar, or somebody for it, sends by itself;
	// CallbackSecretOld is the former one, for the time of a change.
	CallbackSecret    Secret        `yaml:"callback_secret"`
	CallbackSecretOld Secret        `yaml:"callback_secret_old"`
	Timeout           time.Duration `yaml:"timeout"`
	WatchEvery        time.Duration `yaml:"watch_every"`
	PendingDeadline   time.Duration `yaml:"pending_deadline"`
	Settle            time.Duration `yaml:"settle"`
	CallsAtOnce       int           `yaml:"calls_at_once"`
	CallsPerSecond    float64       `yaml:"calls_per_second"`
	BillingLogin      string        `yaml:"billing_login"`
	BillingPassword   Secret        `yaml:"billing_password"`
	// Settings are the block that has the plug-in's name, as Plugin.Settings made it; nil
	// stands for the defaults.
	Settings any `yaml:"-"`

	// What the file holds beside these keys, and what YAML found wrong with them: both wait
	// until it is known which plug-in it is.
	others   []entry
	mistakes *yaml.TypeError
}

// entry is a key of the file with its value.
type entry struct{ key, value *yaml.Node }

// UnmarshalYAML implements yaml.Unmarshaler.
func (r *Registrar) UnmarshalYAML(node *yaml.Node) error {
	type plain Registrar
	err := node.Decode((*plain)(r))
	if !errors.As(err, &r.mistakes) && err != nil {
		return err
	}
	own := keysOf(reflect.TypeFor[Registrar]())
	for _, e := range entries(node) {
		if !slices.Contains(own, e.key.Value) {
			r.others = append(r.others, e)
		}
	}
	return nil
}

// MarshalYAML implements yaml.Marshaler. A domains.Secret among the settings cannot be
// written.
func (r Registrar) MarshalYAML() (any, error) {
	type plain Registrar
	written := struct {
		plain  `yaml:",inline"`
		Blocks map[string]any `yaml:",inline"`
	}{plain: plain(r)}
	if r.Settings != nil {
		written.Blocks = map[string]any{r.Plugin: r.Settings}
	}
	return written, nil
}

// entries lists a mapping, that of merged mappings (<<) after its own. Anchors that hold
// themselves are refused by the decoder, which has seen the node before.
func entries(node *yaml.Node) []entry {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	var own, merged []entry
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if key, value := node.Content[i], node.Content[i+1]; key.Tag == "!!merge" {
				merged = append(merged, entries(value)...)
			} else {
				own = append(own, entry{key, value})
			}
		}
	case yaml.SequenceNode: // of mappings to merge
		for _, each := range node.Content {
			merged = append(merged, entries(each)...)
		}
	}
	for _, e := range merged {
		if !slices.ContainsFunc(own, func(o entry) bool { return o.key.Value == e.key.Value }) {
			own = append(own, e)
		}
	}
	return own
}

// withDefaults fills what an account leaves out.
func (r Registrar) withDefaults(plugin Plugin) Registrar {
	fill := func(value *time.Duration, fallback time.Duration) {
		if *value == 0 {
			*value = fallback
		}
	}
	fill(&r.Timeout, plugin.Timeout)
	fill(&r.Timeout, 90*time.Second)
	fill(&r.WatchEvery, 10*time.Minute)
	fill(&r.PendingDeadline, 5*24*time.Hour)
	fill(&r.Settle, 5*time.Minute)
	if r.CallsAtOnce == 0 {
		r.CallsAtOnce = 4
	}
	if r.CallsPerSecond == 0 {
		r.CallsPerSecond = 5
	}
	return r
}
