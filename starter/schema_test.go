package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/spf13/cobra"

	"domainprovisioning/assembly"
	"domainprovisioning/desk"
	"domainprovisioning/gateway"
	"domainprovisioning/intake/restore"
	"domainprovisioning/messages"
	"domainprovisioning/portfolio"
	"domainprovisioning/store"
)

const schemaFile = "../docs/starter.schema.json"

// documents has the type of each command's JSON document. The key is the command without the
// name of the program; "order --dry-run" and "operations --state" have documents of their own.
func documents() map[string]any {
	bulk := []taken{}
	return map[string]any{
		"error": failure{}, "version": assembly.Version{}, "config check": checkedConfig{},
		"order": []placedOrder{}, "order --dry-run": []rehearsedOrder{}, "status": []shownOrder{}, "watch": shownOrder{}, "list": desk.Page{},
		"retry": bulk, "amend": bulk, "cancel": bulk, "extend": bulk, "skip": bulk, "confirm": bulk, "close": bulk,
		"audit": desk.ActPage{}, "audit verify": store.ActsVerified{}, "inbox": []desk.Report{}, "quote": desk.Quote{}, "registrar-password": changedPassword{}, "auth-code": desk.AuthCodes{}, "watch-status": []desk.Watch{},
		"operations": []desk.Operation{}, "operations --state": []desk.LooseEnd{}, "operations check": []checkedOperation{},
		"operations cancel": desk.Operation{}, "operations settle": []settledEnd{}, "drift": desk.DriftPage{}, "drift repair": []desk.Repair{},
		"restore-check": restore.Report{}, "keys create": createdKey{}, "keys list": []store.APIKey{}, "keys revoke": revokedKey{}, "desk": deskLink{},
		"hooks add": desk.MadeHook{}, "hooks list": []store.Hook{}, "hooks change": store.Hook{}, "hooks rotate": desk.MadeHook{}, "hooks enable": store.Hook{},
		"hooks remove": removedHook{}, "hooks test": desk.SentEvent{}, "hooks deliveries": []store.Delivery{}, "hooks resend": desk.Resent{},
		"batch": desk.BatchReport{}, "batch --follow": desk.Batch{}, "batch list": desk.BatchPage{}, "batch show": desk.Batch{}, "batch pause": desk.Batch{}, "batch resume": desk.Batch{},
		"batch cancel": desk.Batch{}, "batch results": writtenResults{},
		"domains": desk.DomainPage{}, "domains import": portfolio.ImportReport{}, "domain": desk.WholeDomain{}, "domain renewal": messages.Life{}, "domain left": messages.Life{},
		"domain look": desk.Looked{}, "domain restore": desk.Placed{},
		"callback sign": signedCallback{}, "callback sign --send": gateway.Taken{}, "callback secret": generatedSecret{}, "ready": gateway.Health{},
		"migrate": migrated{}, "key": generatedKey{}, "key list": []store.KeyUse{}, "key forget": forgottenKey{}, "reseal": []store.Resealed{}, "erase": []desk.Erasure{},
	}
}

// noDocument are the commands that print none, and why.
var noDocument = map[string]string{
	"serve": "it serves until it is stopped", "hooks listen": "it prints the events themselves", "hooks receive": "the same", "help": "cobra's", "completion": "for the shell", "completion bash": "for the shell",
	"completion zsh": "for the shell", "completion fish": "for the shell", "completion powershell": "for the shell",
}

func TestEveryCommandHasADocument(t *testing.T) {
	described := documents()
	for _, command := range runnable(new(starter).command()) {
		if described[command] == nil && noDocument[command] == "" {
			t.Errorf("%s has no document", command)
		}
	}
}

// runnable lists the commands that do something, without the name of the program.
func runnable(command *cobra.Command) []string {
	var all []string
	for _, sub := range command.Commands() {
		if sub.Runnable() {
			all = append(all, strings.TrimPrefix(sub.CommandPath(), "starter "))
		}
		all = append(all, runnable(sub)...)
	}
	return all
}

// TestTheSchemaIsThatOfTheCode keeps docs/starter.schema.json up to date.
func TestTheSchemaIsThatOfTheCode(t *testing.T) {
	definitions := map[string]any{}
	for command, document := range documents() {
		reflector := jsonschema.Reflector{Anonymous: true, Namer: func(t reflect.Type) string {
			if strings.HasSuffix(t.PkgPath(), "/restore") {
				return "Restore" + t.Name()
			}
			if strings.HasSuffix(t.PkgPath(), "/gateway") {
				return "Gateway" + t.Name()
			}
			if t.Name() == "" {
				return ""
			}
			return strings.ToUpper(t.Name()[:1]) + t.Name()[1:]
		}}
		encoded, err := json.Marshal(reflector.Reflect(document))
		if err != nil {
			t.Fatal(err)
		}
		var reflected map[string]any
		if err := json.Unmarshal(encoded, &reflected); err != nil {
			t.Fatal(err)
		}
		types, _ := reflected["$defs"].(map[string]any)
		for name, definition := range types {
			if known, ok := definitions[name]; ok && !reflect.DeepEqual(known, definition) {
				t.Errorf("two types are called %s", name)
			}
			definitions[name] = definition
		}
		delete(reflected, "$defs")
		delete(reflected, "$schema")
		definitions[command] = reflected
	}
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "starter --json",
		"description": "The JSON document of each command, by its name. A command that fails prints the definition error, unless its own document says so in place. " +
			"watch prints a stream of documents, one a line.",
		"$defs": definitions,
	}); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(schemaFile, buffer.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(written, buffer.Bytes()) {
		t.Errorf("%s is out of date; run `make docs`", schemaFile)
	}
}

// schemas validates documents by the file in docs.
type schemas struct {
	t        *testing.T
	compiler *validator.Compiler
	seen     map[string]bool
}

func newSchemas(t *testing.T) *schemas {
	t.Helper()
	content, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	document, err := validator.UnmarshalJSON(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	compiler := validator.NewCompiler()
	if err := compiler.AddResource("starter.schema.json", document); err != nil {
		t.Fatal(err)
	}
	return &schemas{t, compiler, map[string]bool{}}
}

// conforms demands that a text is exactly one document of a definition.
func (s *schemas) conforms(definition, text string) {
	s.t.Helper()
	s.seen[definition] = true
	compiled, err := s.compiler.Compile("starter.schema.json#/$defs/" + strings.ReplaceAll(definition, " ", "%20"))
	if err != nil {
		s.t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	var first, second any
	if err := decoder.Decode(&first); err != nil {
		s.t.Fatalf("%s: %v in %q", definition, err, text)
	}
	if decoder.Decode(&second) == nil {
		s.t.Errorf("%s: more than one document: %s", definition, text)
	}
	value, err := validator.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := compiled.Validate(value); err != nil {
		s.t.Errorf("%s: %v in %s", definition, err, text)
	}
}

// unseen lists the definitions of commands that no document was compared with.
func (s *schemas) unseen() []string {
	var all []string
	for command := range documents() {
		if !s.seen[command] {
			all = append(all, command)
		}
	}
	slices.Sort(all)
	return all
}

func writeFile(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
