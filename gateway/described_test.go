package gateway_test

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// description is docs/openapi.json, against which every answer in these tests is validated.
type description struct {
	document map[string]any

	mu       sync.Mutex
	compiler *jsonschema.Compiler
	compiled map[string]*jsonschema.Schema
}

var described = sync.OnceValues(func() (*description, error) {
	content, err := os.ReadFile(openAPIFile)
	if err != nil {
		return nil, err
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	if err := compiler.AddResource("openapi.json", document); err != nil {
		return nil, err
	}
	return &description{document: document.(map[string]any), compiler: compiler, compiled: map[string]*jsonschema.Schema{}}, nil
})

// schema compiles the schema at a JSON pointer.
func (d *description) schema(t testing.TB, pointer string) *jsonschema.Schema {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.compiled[pointer] == nil {
		compiled, err := d.compiler.Compile("openapi.json#" + pointer)
		if err != nil {
			t.Fatal(err)
		}
		d.compiled[pointer] = compiled
	}
	return d.compiled[pointer]
}

// answered demands that the answer to a request is one that the description has: its status and
// its media type, and the form of its body.
func (d *description) answered(t testing.TB, method, path string, got reply) {
	t.Helper()
	path, _, _ = strings.Cut(path, "?")
	template, ok := d.template(path)
	if !ok {
		return // nothing of the API
	}
	operation, ok := d.document["paths"].(map[string]any)[template].(map[string]any)[strings.ToLower(method)].(map[string]any)
	if !ok {
		return
	}
	status := strconv.Itoa(got.status)
	if _, named := operation["responses"].(map[string]any)[status]; !named {
		if got.status < 400 {
			t.Errorf("%s %s: the status %d is not described", method, template, got.status)
			return
		}
		status = "default"
	}
	response := operation["responses"].(map[string]any)[status].(map[string]any)
	pointer := strings.Join([]string{"/paths", escape(template), strings.ToLower(method), "responses", status}, "/")
	if reference, ok := response["$ref"].(string); ok {
		pointer = strings.TrimPrefix(reference, "#")
		response = d.document["components"].(map[string]any)["responses"].(map[string]any)["Problem"].(map[string]any)
	}
	content, _ := response["content"].(map[string]any)
	kind, _, _ := strings.Cut(got.header.Get("Content-Type"), ";")
	switch _, known := content[kind]; {
	case got.body == "" && len(content) == 0:
	case !known:
		t.Errorf("%s %s: %d with a body of type %q, which is not described", method, template, got.status, kind)
	case strings.HasSuffix(kind, "json"):
		if err := conforms(t, d.schema(t, pointer+"/content/"+escape(kind)+"/schema"), got.body); err != nil {
			t.Errorf("%s %s: %d %v in %s", method, template, got.status, err, got.body)
		}
	}
}

// template returns the path of the description that a path belongs to; one without a variable
// comes first.
func (d *description) template(path string) (string, bool) {
	paths := d.document["paths"].(map[string]any)
	if _, exact := paths[path]; exact {
		return path, true
	}
	parts := strings.Split(path, "/")
	for template := range paths {
		pattern := strings.Split(template, "/")
		if len(pattern) != len(parts) {
			continue
		}
		same := true
		for i, part := range pattern {
			same = same && (strings.HasPrefix(part, "{") && parts[i] != "" || part == parts[i])
		}
		if same {
			return template, true
		}
	}
	return "", false
}

// escape escapes a token of a JSON pointer in a URL's fragment.
func escape(token string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(token)
}

// TestAnAnswerThatIsNotDescribedIsFoundOut: the validation of the other tests' answers can fail.
func TestAnAnswerThatIsNotDescribedIsFoundOut(t *testing.T) {
	d, err := described()
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]reply{
		"status":     {status: 299, header: map[string][]string{"Content-Type": {"application/json"}}, body: `{}`},
		"media type": {status: 200, header: map[string][]string{"Content-Type": {"text/html"}}, body: `{}`},
		"form":       {status: 200, header: map[string][]string{"Content-Type": {"application/json"}}, body: `{"number": 7}`},
		"problem":    {status: 418, header: map[string][]string{"Content-Type": {"application/problem+json"}}, body: `{"type": "about:tea"}`},
	} {
		probe := &found{TB: t}
		if d.answered(probe, "GET", "/v1/orders/X-1", got); probe.errors != 1 {
			t.Errorf("%s: %d errors", name, probe.errors)
		}
	}
}

// found counts errors instead of reporting them.
type found struct {
	testing.TB

	errors int
}

func (f *found) Errorf(string, ...any) { f.errors++ }
