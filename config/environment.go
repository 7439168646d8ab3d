package config

import (
	"encoding"
	"errors"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// EnvironmentPrefix is the prefix of the variables that override single values:
// DP_DATABASE_URL is database.url, DP_REGISTRARS_NETIM_MAIN_PASSWORD is
// registrars.netim-main.password. A variable that ends in _FILE names a file that holds
// the value, as container secrets do. Lists cannot be overridden.
const EnvironmentPrefix = "DP_"

// fileSuffix is the suffix of a variable that names a file.
const fileSuffix = "_FILE"

// overrider applies the environment to the configuration.
type overrider struct {
	values map[string]string // not used yet
	used   map[string]bool
	errs   []error
}

func newOverrider(environment []string) *overrider {
	o := &overrider{values: map[string]string{}, used: map[string]bool{}}
	for _, entry := range environment {
		if name, value, ok := strings.Cut(entry, "="); ok && strings.HasPrefix(name, EnvironmentPrefix) {
			o.values[name] = value
		}
	}
	return o
}

// moved reports a variable whose key has moved.
func (o *overrider) moved(from, to string) {
	for _, suffix := range []string{"", fileSuffix} {
		if _, ok := o.values[from+suffix]; ok {
			delete(o.values, from+suffix)
			o.errs = append(o.errs, fmt.Errorf("config: the environment variable %s has moved to %s", from+suffix, to+suffix))
		}
	}
}

// finish returns all mistakes. A variable with the prefix that matches no key is one, so
// that a typo is not ignored.
func (o *overrider) finish() []error {
	for _, name := range slices.Sorted(maps.Keys(o.values)) {
		o.errs = append(o.errs, fmt.Errorf("config: the environment variable %s fits no key", name))
	}
	return o.errs
}

// walk applies the variables below a name to a value. path is the key of the value.
func (o *overrider) walk(v reflect.Value, name, path string) {
	if _, text := reflect.TypeAssert[encoding.TextUnmarshaler](v.Addr()); text {
		o.leaf(v, name, path)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i, key := range keys(v.Type()) {
			o.walk(v.Field(i), join(name, key), under(path, key))
		}
	case reflect.Map:
		if v.Type().Key().Kind() != reflect.String {
			return
		}
		for _, key := range v.MapKeys() {
			// A map's element cannot be set in place.
			element := reflect.New(v.Type().Elem()).Elem()
			element.Set(v.MapIndex(key))
			o.walk(element, join(name, key.String()), under(path, key.String()))
			v.SetMapIndex(key, element)
		}
	case reflect.Slice:
	default:
		o.leaf(v, name, path)
	}
}

// Variable is the variable that overrides the value of a key such as registrars.netim-main.password.
func Variable(key string) string { return join(EnvironmentPrefix, key) }

func join(name, key string) string {
	if !strings.HasSuffix(name, "_") {
		name += "_"
	}
	return name + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(key))
}

func (o *overrider) leaf(v reflect.Value, name, path string) {
	value, ok := o.values[name]
	delete(o.values, name)
	_, file := o.values[name+fileSuffix]
	if !ok && !file && o.used[name] {
		o.errs = append(o.errs, fmt.Errorf("config: the environment variable %s fits more than one key; rename an account", name))
		return
	}
	o.used[name] = ok || file
	if path, file := o.values[name+fileSuffix]; file {
		delete(o.values, name+fileSuffix)
		if ok {
			o.errs = append(o.errs, fmt.Errorf("config: set %s or %s_FILE, not both", name, name))
			return
		}
		content, err := ReadValueFile(path)
		if err != nil {
			o.errs = append(o.errs, fmt.Errorf("config: %s_FILE: %w", name, err))
			return
		}
		value, ok = strings.TrimRight(string(content), "\r\n"), true
	}
	if !ok {
		return
	}
	if err := set(v, value); err != nil {
		o.errs = append(o.errs, fmt.Errorf("config: %s %w, in the environment variable %s", path, err, name))
	}
}

// set parses a value into a field. Errors do not quote the value, which may be a secret.
func set(v reflect.Value, value string) error {
	if text, ok := reflect.TypeAssert[encoding.TextUnmarshaler](v.Addr()); ok {
		if text.UnmarshalText([]byte(value)) != nil {
			return errors.New("cannot be read")
		}
		return nil
	}
	wrong := errors.New(ruleOf(v.Type()))
	if v.Type() == reflect.TypeFor[time.Duration]() {
		duration, err := time.ParseDuration(value)
		if err != nil {
			return wrong
		}
		v.SetInt(int64(duration))
		return nil
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(value)
	case reflect.Int, reflect.Int64:
		number, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return wrong
		}
		v.SetInt(number)
	case reflect.Float64:
		number, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return wrong
		}
		v.SetFloat(number)
	case reflect.Bool:
		truth, err := strconv.ParseBool(value)
		if err != nil {
			return wrong
		}
		v.SetBool(truth)
	default:
		return errors.New("cannot be set from the environment")
	}
	return nil
}

// keys yields the index and the key of each field of a struct, in order.
func keys(t reflect.Type) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for i := range t.NumField() {
			if key, ok := t.Field(i).Tag.Lookup("yaml"); ok && key != "-" && !yield(i, key) {
				return
			}
		}
	}
}

// Keys lists every key of the file once, by its last part, without those of plug-ins. The
// example must explain all of them.
func Keys() []string {
	seen := map[string]bool{}
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Struct:
			for i, key := range keys(t) {
				seen[key] = true
				walk(t.Field(i).Type)
			}
		case reflect.Map, reflect.Slice:
			walk(t.Elem())
		}
	}
	walk(reflect.TypeFor[Config]())
	return slices.Sorted(maps.Keys(seen))
}
