package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/invopop/jsonschema"
)

// operation is what the API's description says about a route, in addition to what the
// route itself says.
type operation struct {
	id, tag, summary, text string
	parameters             []parameter
	// body is a value of the type of the request's body; nil without one.
	body         any
	bodyType     string // media type; "" is application/json
	bodyOptional bool
	// orXML describes the body in its text/xml form; "" if there is none.
	orXML string
	// open is true if fields that are not described are ignored, not refused.
	open    bool
	answers []answer
	// key is true if a caller without a key is refused in another way than by
	// route.scope.
	key bool
}

type parameter struct {
	name, in, text string
	required       bool
	schema         map[string]any
}

type answer struct {
	status int
	text   string
	// value is a value of the answer's type; nil means no body, or text if kind is set.
	value  any
	kind   string // media type; "" is application/json
	header map[string]string
	// orCSV says that the answer comes as CSV where that is asked for.
	orCSV bool
}

// apiVersion is the version of the description. A new field raises the second number;
// nothing is ever removed under /v1. A new value of a closed set raises it too.
const apiVersion = "1.8.0"

// OpenAPI returns the API's description, OpenAPI 3.1, generated from the routes and the
// types that the handlers use.
func (g *Gateway) OpenAPI() ([]byte, error) { return describeAPI(g.routes()) }

// serveOpenAPI is GET /openapi.json.
func (g *Gateway) serveOpenAPI(w http.ResponseWriter, _ *http.Request) error {
	document, err := g.OpenAPI()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(document)
	return nil
}

// describer collects the schemas that operations refer to.
type describer struct{ schemas map[string]any }

func describeAPI(routes []route) ([]byte, error) {
	d := describer{schemas: map[string]any{}}
	paths := map[string]map[string]any{}
	for _, r := range routes {
		described, err := d.operation(r)
		if err != nil {
			return nil, fmt.Errorf("gateway: describe %s: %w", r.doc.id, err)
		}
		if paths[r.path] == nil {
			paths[r.path] = map[string]any{}
		}
		paths[r.path][strings.ToLower(r.method)] = described
	}
	for _, part := range []any{ProgressEvent{}, EndEvent{}} {
		if _, err := d.ref(part, true); err != nil {
			return nil, err
		}
	}
	webhooks, err := d.news()
	if err != nil {
		return nil, err
	}
	problem, err := d.ref(Problem{}, true)
	if err != nil {
		return nil, err
	}
	document := map[string]any{
		"openapi":           "3.1.0",
		"jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
		"info": map[string]any{
			"title": "Domain provisioning", "version": apiVersion,
			"summary":     "Orders for domains with hosting, and the confirmations of registrars",
			"description": "A request that is answered with 200, 201 or 202 is stored and never lost. Errors are problem details (RFC 9457).",
			"license":     map[string]any{"name": "Apache-2.0", "identifier": "Apache-2.0"},
		},
		"servers": []any{map[string]any{"url": "/", "description": "This gateway"}},
		"tags": []any{
			map[string]any{"name": "orders", "description": "Orders in, and how they stand"},
			map[string]any{"name": "batches", "description": "Many orders at once"},
			map[string]any{"name": "domains", "description": "The domains that are held, for years after their orders"},
			map[string]any{"name": "registrars", "description": "Confirmations in"},
			map[string]any{"name": "domains", "description": "Domains that are held, in the years after their orders"},
			map[string]any{"name": "hooks", "description": "Events out"},
			map[string]any{"name": "service", "description": "Health, metrics, this description"},
		},
		"paths": paths, "webhooks": webhooks,
		"components": map[string]any{
			"schemas": d.schemas,
			"securitySchemes": map[string]any{
				"key": map[string]any{"type": "http", "scheme": "bearer", "description": "An API key made by `starter keys create`"},
				"basicKey": map[string]any{
					"type": "http", "scheme": "basic", "description": "The API key as the password, for XML-RPC clients",
				},
			},
			"responses": map[string]any{
				"Problem": map[string]any{
					"description": "A problem (RFC 9457)",
					"content":     map[string]any{"application/problem+json": map[string]any{"schema": problem}},
				},
			},
		},
	}
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return nil, fmt.Errorf("gateway: description: %w", err)
	}
	return buffer.Bytes(), nil
}

func (d *describer) operation(r route) (map[string]any, error) {
	doc := r.doc
	described := map[string]any{"operationId": doc.id, "summary": doc.summary, "tags": []string{doc.tag}}
	if doc.text != "" {
		described["description"] = doc.text
	}
	switch {
	case r.scope != "":
		described["security"] = []any{map[string]any{"key": []string{}}}
		described["description"] = strings.TrimSpace(doc.text + "\n\nThe API key needs the scope `" + string(r.scope) + "`.")
	case doc.key:
		described["security"] = []any{map[string]any{"key": []string{}}, map[string]any{"basicKey": []string{}}, map[string]any{}}
	default:
		described["security"] = []any{}
	}
	if r.scope != "" || doc.key {
		doc.answers = append([]answer{
			{status: http.StatusUnauthorized, text: "The API key is missing or not accepted"},
			{status: http.StatusForbidden, text: "The API key lacks the scope"},
			{status: http.StatusTooManyRequests, text: "Too many requests of this key; Retry-After says when to come again"},
		}, doc.answers...)
	}
	all := append(pathParameters(r.path), doc.parameters...)
	parameters := make([]any, 0, len(all))
	for _, p := range all {
		parameters = append(parameters, map[string]any{
			"name": p.name, "in": p.in, "description": p.text, "required": p.required, "schema": p.schema,
		})
	}
	if len(parameters) > 0 {
		described["parameters"] = parameters
	}
	if doc.body != nil {
		content, err := d.content(doc.bodyType, doc.body, doc.open)
		if err != nil {
			return nil, err
		}
		if doc.bodyType == mediaJSONLines {
			content[mediaCSV] = map[string]any{"schema": map[string]any{"type": "string"}}
		}
		if doc.orXML != "" {
			content[mediaXML] = map[string]any{"schema": map[string]any{"type": "string", "description": doc.orXML}}
		}
		described["requestBody"] = map[string]any{"required": !doc.bodyOptional, "content": content}
	}
	responses := map[string]any{"default": map[string]any{"$ref": "#/components/responses/Problem"}}
	for _, a := range doc.answers {
		response := map[string]any{"description": a.text}
		if a.value != nil || a.kind != "" {
			content, err := d.content(a.kind, a.value, true)
			if err != nil {
				return nil, err
			}
			if a.kind == mediaJSONLines {
				content[mediaCSV] = content[mediaJSONLines]
			}
			if a.orCSV {
				content[mediaCSV] = map[string]any{"schema": map[string]any{"type": "string"}}
			}
			response["content"] = content
		}
		if a.status >= http.StatusBadRequest && a.value == nil && a.kind == "" {
			response["content"] = map[string]any{"application/problem+json": map[string]any{
				"schema": map[string]any{"$ref": "#/components/schemas/Problem"},
			}}
		}
		if headers := doc.headers(a); len(headers) > 0 {
			response["headers"] = headers
		}
		responses[strconv.Itoa(a.status)] = response
	}
	described["responses"] = responses
	return described, nil
}

// headers describes those of an answer.
func (o operation) headers(a answer) map[string]any {
	described := map[string]any{}
	for name, text := range a.header {
		described[name] = map[string]any{"description": text, "schema": map[string]any{"type": "string"}}
	}
	repeats := func(p parameter) bool { return p.text == idempotencyParameter.text } // whose first answer is kept
	if a.status < http.StatusBadRequest && slices.ContainsFunc(o.parameters, repeats) {
		described[headerReplayed] = map[string]any{
			"description": "On the answer to a repeat under the same Idempotency-Key", "schema": map[string]any{"type": "string", "enum": []string{"true"}},
		}
	}
	return described
}

var inPath = regexp.MustCompile(`\{([a-z]+)\}`)

func pathParameters(path string) []parameter {
	matches := inPath.FindAllStringSubmatch(path, -1)
	parameters := make([]parameter, 0, len(matches))
	for _, match := range matches {
		text := "Order number, or a domain name for its newest order"
		switch match[1] {
		case "account":
			text = "Registrar account of the configuration"
		case "reference":
			text = "What a failure or the field reference of an order's attention names"
		case "hook":
			text = "Id of the endpoint"
		case "name":
			text = "Domain name"
		case "batch":
			text = "Id of the batch"
		}
		parameters = append(parameters, parameter{name: match[1], in: "path", text: text, required: true, schema: text1()})
	}
	return parameters
}

func text1() map[string]any { return map[string]any{"type": "string", "minLength": 1} }

// content describes a body of a media type; a value of type string is plain text. open
// allows further fields, because answers of later versions may have some.
func (d *describer) content(kind string, value any, open bool) (map[string]any, error) {
	if kind == "" {
		kind = "application/json"
	}
	if _, text := value.(string); text || value == nil {
		return map[string]any{kind: map[string]any{"schema": map[string]any{"type": "string"}}}, nil
	}
	schema, err := d.ref(value, open)
	if err != nil {
		return nil, err
	}
	return map[string]any{kind: map[string]any{"schema": schema}}, nil
}

// ref adds a type, with the types it consists of, to the schemas and returns a reference.
func (d *describer) ref(value any, open bool) (map[string]any, error) {
	reflector := jsonschema.Reflector{Anonymous: true, AllowAdditionalProperties: open, Mapper: closedSet}
	encoded, err := json.Marshal(reflector.Reflect(value))
	if err != nil {
		return nil, err
	}
	if !bytes.Contains(encoded, []byte(`"$defs"`)) {
		// A map type has no name.
		unnamed := map[string]any{}
		err := json.Unmarshal(encoded, &unnamed)
		delete(unnamed, "$schema")
		return unnamed, err
	}
	moved := bytes.ReplaceAll(encoded, []byte(`"#/$defs/`), []byte(`"#/components/schemas/`))
	var schema struct {
		Ref         string         `json:"$ref"`
		Definitions map[string]any `json:"$defs"`
	}
	if err := json.Unmarshal(moved, &schema); err != nil {
		return nil, err
	}
	for name, definition := range schema.Definitions {
		plain(definition)
		closeMembers(name, definition)
		if known, ok := d.schemas[name]; ok && !reflect.DeepEqual(known, definition) {
			return nil, fmt.Errorf("two types are called %s", name)
		}
		d.schemas[name] = definition
	}
	return map[string]any{"$ref": schema.Ref}, nil
}
