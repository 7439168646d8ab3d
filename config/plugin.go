package config

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Plugin is what the configuration must know about a registrar's plug-in. The plug-ins
// declare it; this package knows none of them.
type Plugin struct {
	// Timeout of a call, if an account sets none; zero is 90s.
	Timeout time.Duration
	// Scheme is that of an account's URL; "" is https, and http on this machine.
	Scheme string
	// ShortestWatch is the smallest watch_every that is accepted; zero accepts any.
	ShortestWatch time.Duration
	// Settings returns the plug-in's block with its defaults, a new one on each call: a
	// pointer to a struct whose fields are strings, numbers, booleans, durations, secrets
	// and lists of them. The tag yaml of a field is its key; the tag doc says what it
	// means.
	Settings func() any
	// Check reports every mistake in an account: its key within the account, such as
	// "login" or "netim.language", and the rule that it breaks. It shows no secret
	// values.
	Check func(account Registrar, wrong func(key, rule string))
}

// Plugins are the plug-ins by name, which is also the name of their block.
type Plugins map[string]Plugin

// Names lists the plug-ins for people.
func (p Plugins) Names() string { return strings.Join(slices.Sorted(maps.Keys(p)), ", ") }

// owners names the plug-ins whose blocks have a key.
func (p Plugins) owners(key string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(p)) {
		if slices.Contains(settingKeys(p[name].Settings()), key) {
			names = append(names, name)
		}
	}
	return names
}

// applySettings gives each account the settings of its plug-in: the defaults, overridden by the
// block in the file, overridden by the environment.
func applySettings(cfg *Config, plugins Plugins, o *overrider) (mistakes []error) {
	for _, name := range slices.Sorted(maps.Keys(cfg.Registrars)) {
		account := cfg.Registrars[name]
		others := account.others
		account.others = nil
		plugin, known := plugins[account.Plugin]
		account = account.withDefaults(plugin)
		if known {
			account.Settings = plugin.Settings()
		}
		for _, e := range others {
			mistakes = append(mistakes, account.take(e, "registrars."+name, plugins)...)
		}
		if known {
			flat := join(join(EnvironmentPrefix, "registrars"), name)
			block := join(flat, account.Plugin)
			o.walk(reflect.ValueOf(account.Settings).Elem(), block, "registrars."+name+"."+account.Plugin)
			for _, key := range settingKeys(account.Settings) {
				o.moved(join(flat, key), join(block, key))
			}
		}
		cfg.Registrars[name] = account
	}
	return mistakes
}

// take handles an entry whose key is not common to all accounts: it should be the block
// of the plug-in.
func (r *Registrar) take(e entry, path string, plugins Plugins) []error {
	key := e.key.Value
	wrong := func(format string, args ...any) []error {
		return []error{fmt.Errorf("config: line %d: %s.%s %s", e.key.Line, path, key, fmt.Sprintf(format, args...))}
	}
	_, block := plugins[key]
	owners := plugins.owners(key)
	switch {
	case r.Settings == nil:
		return nil // the plug-in is missing or unknown, which is reported elsewhere
	case key == r.Plugin:
		return r.read(e, path+"."+key)
	case block:
		return wrong("is the block of another plug-in; the account is of %s", r.Plugin)
	case slices.Contains(owners, r.Plugin):
		return wrong("has moved to %s.%s.%s", path, r.Plugin, key)
	case len(owners) > 0:
		return wrong("is a setting of plug-in %s; remove it", strings.Join(owners, " and "))
	}
	return []error{fmt.Errorf("config: line %d: unknown key %s.%s", e.key.Line, path, key)}
}

// read decodes the plug-in's block.
func (r *Registrar) read(e entry, path string) []error {
	err := e.value.Decode(r.Settings)
	if _, typed := errors.AsType[*yaml.TypeError](err); err != nil && !typed {
		return []error{syntax(err)}
	}
	var compared shape
	block, own := reflect.TypeOf(r.Settings).Elem(), settingKeys(r.Settings)
	value := e.value
	if value.Kind == yaml.AliasNode {
		value = value.Alias
	}
	if value.Kind == yaml.MappingNode {
		for _, inner := range compared.entries(value, path) {
			if setting, ok := fieldOf(block, inner.key.Value); ok {
				compared.walk(inner.value, setting, path+"."+inner.key.Value)
			} else {
				compared.wrong(inner.key, "unknown key %s.%s; %s has: %s", path, inner.key.Value, r.Plugin, strings.Join(own, ", "))
			}
		}
	} else {
		compared.walk(value, block, path)
	}
	if err != nil && len(compared.mistakes) == 0 {
		compared.wrong(value, "%s cannot be read", path)
	}
	return compared.mistakes
}

// settingKeys lists the keys of a block.
func settingKeys(settings any) []string { return keysOf(reflect.TypeOf(settings).Elem()) }

func keysOf(t reflect.Type) []string {
	var all []string
	for _, key := range keys(t) {
		all = append(all, key)
	}
	return all
}

// Setting describes a key of a plug-in's block for documents.
type Setting struct {
	Key, Doc string
	// Default is "" if there is none.
	Default string
	// Required is true if an account without the setting is refused.
	Required bool
}

// Describe lists the settings of a plug-in in the order of its struct.
func (p Plugin) Describe(name string) []Setting {
	defaults := p.Settings()
	required := map[string]bool{}
	p.Check(Registrar{Plugin: name, Settings: defaults}, func(key, _ string) { required[key] = true })
	v := reflect.ValueOf(defaults).Elem()
	described := make([]Setting, 0, v.NumField())
	for i, key := range keys(v.Type()) {
		s := Setting{Key: key, Doc: v.Type().Field(i).Tag.Get("doc"), Required: required[name+"."+key]}
		// Zero is a real default for numbers and booleans only.
		if kind := v.Field(i).Kind(); !v.Field(i).IsZero() || kind >= reflect.Bool && kind <= reflect.Float64 {
			s.Default = fmt.Sprint(v.Field(i).Interface())
		}
		described = append(described, s)
	}
	return described
}
