// Command kubeschemas writes the JSON schemas by which kubeconform checks deploy/kubernetes. They
// are made from Kubernetes' own description and from definitions of custom resources, which Go
// modules ship, and are strict: a field that Kubernetes does not know is an error.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: kubeschemas FOLDER swagger.json|definition.yaml...")
		os.Exit(2)
	}
	for _, source := range os.Args[2:] {
		if err := convert(os.Args[1], source); err != nil {
			fmt.Fprintln(os.Stderr, "kubeschemas:", err)
			os.Exit(1)
		}
	}
}

// convert writes a schema for each kind that a source describes. YAML includes JSON.
func convert(folder, source string) error {
	content, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	var description struct {
		Definitions map[string]map[string]any
		Spec        struct {
			Group    string
			Names    struct{ Kind string }
			Versions []struct {
				Name   string
				Schema struct {
					OpenAPI map[string]any `yaml:"openAPIV3Schema"`
				}
			}
		}
	}
	read := yaml.Unmarshal
	if filepath.Ext(source) == ".json" {
		read = json.Unmarshal // in a tenth of the time
	}
	if err := read(content, &description); err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	for _, version := range description.Spec.Versions {
		if err := write(folder, description.Spec.Names.Kind, description.Spec.Group, version.Name, strictOf(version.Schema.OpenAPI)); err != nil {
			return err
		}
	}
	for _, definition := range description.Definitions {
		kinds, _ := definition["x-kubernetes-group-version-kind"].([]any)
		if len(kinds) != 1 { // several have parts of every kind, such as options to delete
			continue
		}
		kind, _ := kinds[0].(map[string]any)
		schema, others := strictOf(definition), map[string]any{}
		include(description.Definitions, definition, others)
		schema["definitions"] = others
		if err := write(folder, fmt.Sprint(kind["kind"]), fmt.Sprint(kind["group"]), fmt.Sprint(kind["version"]), schema); err != nil {
			return err
		}
	}
	return nil
}

// write names a schema as kubeconform looks for it: deployment-apps-v1.json.
func write(folder, kind, group, version string, schema map[string]any) error {
	name := strings.ToLower(kind) + "-"
	if group != "" {
		first, _, _ := strings.Cut(group, ".")
		name += first + "-"
	}
	content, err := json.Marshal(schema)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, name+version+".json"), content, 0o600)
}

const reference = "#/definitions/"

// include adds the definitions that a part refers to, and those that these refer to.
func include(all map[string]map[string]any, part any, into map[string]any) {
	switch part := part.(type) {
	case []any:
		for _, one := range part {
			include(all, one, into)
		}
	case map[string]any:
		to, _ := part["$ref"].(string)
		if name := strings.TrimPrefix(to, reference); to != "" && into[name] == nil {
			into[name] = strict(all[name])
			include(all, all[name], into)
		}
		for _, one := range part {
			include(all, one, into)
		}
	}
}

// strict copies a part of a schema, permits no property but those that it names, and lets numbers
// stand for what may be a number or a text.
func strict(part any) any {
	switch part := part.(type) {
	case []any:
		copied := make([]any, len(part))
		for i, one := range part {
			copied[i] = strict(one)
		}
		return copied
	case map[string]any:
		return strictOf(part)
	}
	return part
}

func strictOf(part map[string]any) map[string]any {
	copied := make(map[string]any, len(part)+1)
	for key, one := range part {
		copied[key] = strict(one)
	}
	_, names := part["properties"].(map[string]any)
	_, more := part["additionalProperties"]
	if names && part["type"] == "object" && !more && part["x-kubernetes-preserve-unknown-fields"] != true {
		copied["additionalProperties"] = false
	}
	if part["format"] == "int-or-string" || part["x-kubernetes-int-or-string"] == true {
		delete(copied, "format")
		copied["type"] = []any{"integer", "string"}
	}
	return copied
}
