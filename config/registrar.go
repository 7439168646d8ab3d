package config

import (
	"errors"
	"reflect"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"
)

// Registrar is one account at a registrar: the keys that all accounts have, and the block
// of its plug-in.
type Registrar struct {
	Plugin   string `yaml:"plugin"`
	URL      string `yaml:"url"`
	Login    string `yaml:"login"`
	Password Secret `yaml:"password"`
	// CallbackSecret signs the callbacks of the registrar, or of somebody who sends them
	// for it. CallbackSecretOld is the previous one, while it is being changed.
	CallbackSecret    Secret        `yaml:"callback_secret"`
	CallbackSecretOld Secret        `yaml:"callback_secret_old"`
	Timeout           time.Duration `yaml:"timeout"`
	WatchEvery        time.Duration `yaml:"watch_every"`
	PendingDeadline   time.Duration `yaml:"pending_deadline"`
	Settle            time.Duration `yaml:"settle"`
	RefundDays        int           `yaml:"refund_days"`
	CallsAtOnce       int           `yaml:"calls_at_once"`
	CallsPerSecond    float64       `yaml:"calls_per_second"`
	BillingLogin      string        `yaml:"billing_login"`
	BillingPassword   Secret        `yaml:"billing_password"`
	// Settings is the block with the plug-in's name, as Plugin.Settings created it; nil
	// stands for the defaults.
	Settings any `yaml:"-"`

	// Other entries of the file, which can only be judged once the plug-in is known.
	others []entry
}

// entry is a key of the file with its value.
type entry struct{ key, value *yaml.Node }

// UnmarshalYAML reads the keys that all accounts have and keeps the other entries for
// applySettings.
func (r *Registrar) UnmarshalYAML(node *yaml.Node) error {
	type plain Registrar
	err := node.Decode((*plain)(r))
	if _, typed := errors.AsType[*yaml.TypeError](err); err != nil && !typed {
		return err // mistakes in single keys are found by shape
	}
	own := keysOf(reflect.TypeFor[Registrar]())
	for _, e := range entries(node) {
		if !slices.Contains(own, e.key.Value) {
			r.others = append(r.others, e)
		}
	}
	return nil
}

// MarshalYAML writes an account with its settings. A domains.Secret in the settings
// cannot be written.
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

// entries lists the entries of a mapping, followed by those of merged mappings (<<). The
// decoder has already refused anchors that contain themselves.
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

// withDefaults fills in what an account leaves out.
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
