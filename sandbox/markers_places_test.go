package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.temporal.io/api/temporalproto"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/proto"

	"domainprovisioning/assembly"
	histopen "domainprovisioning/internal/histories"
	"domainprovisioning/store"
)

// place is where markers are searched for.
type place struct {
	items [][]byte
	// control is a word that is public and must be found there.
	control string
	// mayBePersonal: it is for the scope operate, and may hold what is personal.
	mayBePersonal bool
}

// places collects everything that outlives a call, or that somebody can read.
func (f *fixture) places(c caller, worker, hook string, numbers []string, commands bool) map[string]*place {
	f.t.Helper()
	found := map[string]*place{
		"log at debug of worker, relay and gateway": {items: [][]byte{[]byte(f.log.String())}, control: "DP00000001"},
		"metrics of the worker":                     {items: [][]byte{caller{f.t, "http://" + worker, ""}.answer("/metrics")}, control: netimAccount},
		"metrics of the gateway":                    {items: [][]byte{c.answer("/metrics")}, control: "domainprovisioning"},
		"tables":                                    {items: f.rows(), control: "shop.example"},
	}
	f.addTemporal(found)
	f.addAnswers(found, c, hook, numbers)
	f.addDesk(found, c, numbers)
	if commands {
		found["starter"] = &place{control: "DP00000001", items: f.commands("list", "status DP00000001", "status SO-1002", "audit", "operations", "inbox")}
		if references := f.references(); len(references) > 0 {
			found["starter quote"] = &place{control: "Cannot process", mayBePersonal: true, items: f.commands("quote " + references[0])}
		}
	}
	return found
}

// addDesk adds the pages of the desk, as somebody sees them who may read, and the live part of
// each order's page.
func (f *fixture) addDesk(found map[string]*place, c caller, numbers []string) {
	f.t.Helper()
	_, key, err := f.Store.CreateAPIKey(f.t.Context(), "key-desk", sandboxKey, []store.Scope{store.ScopeRead, store.ScopeAll}, "test")
	if err != nil {
		f.t.Fatal(err)
	}
	pages := &place{control: "shop.example"}
	found["pages of the desk"] = pages
	paths := []string{"/", "/orders", "/search?q=example", "/registrars", "/inbox", "/news", "/figures"}
	for _, number := range numbers {
		paths = append(paths, "/orders/"+number, "/orders/"+number+"/live")
	}
	pages.items = caller{f.t, c.url, key.Reveal()}.pages(paths...)
}

// pages are pages of the desk, as somebody sees them who has logged in by the caller's key.
func (c caller) pages(paths ...string) (bodies [][]byte) {
	c.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	response, err := browser.PostForm(c.url+"/desk/login", url.Values{"key": {c.key}})
	if err != nil {
		c.t.Fatal(err)
	}
	response.Body.Close()
	for _, path := range paths {
		response, err := browser.Get(c.url + "/desk" + path)
		if err != nil {
			c.t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			c.t.Fatalf("/desk%s: %s, %v", path, response.Status, err)
		}
		bodies = append(bodies, body)
	}
	return bodies
}

// answer is what a GET request is answered, whatever the status.
func (c caller) answer(path string) []byte {
	c.t.Helper()
	_, answer := c.send(http.MethodGet, path, nil, nil)
	return answer
}

// rows are all rows of all tables, each with all of its columns as text.
func (f *fixture) rows() (items [][]byte) {
	f.t.Helper()
	db := f.database()
	defer db.Close()
	tables := f.query(db, `SELECT name FROM sqlite_master WHERE type = 'table'`)
	if len(tables) < 20 {
		f.t.Errorf("only %d tables", len(tables))
	}
	for _, table := range tables {
		items = append(items, f.query(db, fmt.Sprintf(`SELECT * FROM %q`, strings.TrimSpace(string(table))))...)
	}
	return items
}

// database opens the store's file beside the store.
func (f *fixture) database() *sql.DB {
	f.t.Helper()
	db, err := sql.Open("sqlite", strings.TrimPrefix(string(f.Config.Database.URL), "sqlite:"))
	if err != nil {
		f.t.Fatal(err)
	}
	return db
}

func (f *fixture) query(db *sql.DB, text string) (items [][]byte) {
	f.t.Helper()
	rows, err := db.QueryContext(f.t.Context(), text)
	if err != nil {
		f.t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		f.t.Fatal(err)
	}
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			f.t.Fatal(err)
		}
		var row []byte
		for _, value := range values {
			if raw, ok := value.([]byte); ok {
				value = string(raw)
			}
			row = fmt.Appendf(row, "%v\n", value)
		}
		items = append(items, row)
	}
	if err := rows.Err(); err != nil {
		f.t.Fatal(err)
	}
	return items
}

// addTemporal adds what Temporal holds, as it holds it: without the codec.
func (f *fixture) addTemporal(found map[string]*place) {
	f.t.Helper()
	// The wire form has payloads as they are. The Web UI is sent the JSON form, with base64.
	histories, page := &place{control: "shop.example"}, &place{control: "shop.example"}
	visibility, described := &place{control: "shop.example"}, &place{control: "shop.example"}
	opened := &place{control: "DP00000001", mayBePersonal: true}
	found["histories, opened"] = opened
	codec, err := assembly.NewCodec(f.Config.Histories)
	if err != nil {
		f.t.Fatal(err)
	}
	found["histories, raw"], found["histories as the Web UI gets them"], found["visibility"], found["descriptions"] = histories, page, visibility, described
	add := func(to *place, message proto.Message) {
		encoded, err := proto.Marshal(message)
		if err != nil {
			f.t.Fatal(err)
		}
		to.items = append(to.items, encoded)
		if to == visibility {
			return
		}
		shown, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(message)
		if err != nil {
			f.t.Fatal(err)
		}
		page.items = append(page.items, shown)
	}
	for token := []byte(nil); ; {
		listed, err := f.temporal.ListWorkflow(f.t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Namespace: f.namespace, NextPageToken: token})
		if err != nil {
			f.t.Fatal(err)
		}
		for _, execution := range listed.GetExecutions() {
			add(visibility, execution)
			id, run := execution.GetExecution().GetWorkflowId(), execution.GetExecution().GetRunId()
			description, err := f.temporal.DescribeWorkflowExecution(f.t.Context(), id, run)
			if err != nil {
				f.t.Fatal(err)
			}
			add(described, description)
			for events := f.temporal.GetWorkflowHistory(f.t.Context(), id, run, false, 0); events.HasNext(); {
				event, err := events.Next()
				if err != nil {
					f.t.Fatal(err)
				}
				add(histories, event)
				if err := histopen.Open(f.t.Context(), event, codec); err != nil {
					f.t.Fatal(err)
				}
				plain, err := proto.Marshal(event)
				if err != nil {
					f.t.Fatal(err)
				}
				opened.items = append(opened.items, plain)
			}
		}
		if token = listed.GetNextPageToken(); len(token) == 0 {
			return
		}
	}
}

// addAnswers adds the answers of all GET routes, to keys of three sets of scopes.
func (f *fixture) addAnswers(found map[string]*place, c caller, hook string, numbers []string) {
	f.t.Helper()
	var api struct {
		Paths map[string]map[string]any
	}
	c.want(http.StatusOK, http.MethodGet, "/openapi.json", nil, &api)
	quotes := &place{control: "text", mayBePersonal: true}
	references := f.references()
	for name, scopes := range map[string][]store.Scope{
		"read": {store.ScopeRead}, "read, operate": {store.ScopeRead, store.ScopeOperate}, "all": store.Scopes(),
	} {
		_, key, err := f.Store.CreateAPIKey(f.t.Context(), "key-"+strings.NewReplacer(",", "", " ", "-").Replace(name), sandboxKey, scopes, "test")
		if err != nil {
			f.t.Fatal(err)
		}
		answers := &place{control: "shop.example"}
		found["answers to "+name] = answers
		for path, methods := range api.Paths {
			if methods["get"] == nil {
				continue
			}
			of := numbers
			if strings.HasSuffix(path, "/events") {
				of = f.ended() // the stream of an order that is open does not end by itself
			}
			for _, filled := range filled(path, hook, of, references) {
				answer := caller{f.t, c.url, key.Reveal()}.answer(filled)
				if strings.HasPrefix(path, "/v1/quotes/") && name != "read" {
					quotes.items = append(quotes.items, answer)
				} else {
					answers.items = append(answers.items, answer)
				}
			}
		}
	}
	if len(references) > 0 {
		found["quotes"] = quotes
	}
}

func filled(path, hook string, numbers, references []string) (paths []string) {
	switch {
	case strings.Contains(path, "{id}"):
		for _, number := range numbers {
			paths = append(paths, strings.ReplaceAll(path, "{id}", number))
		}
	case strings.Contains(path, "{reference}"):
		for _, reference := range references {
			paths = append(paths, strings.ReplaceAll(path, "{reference}", reference))
		}
	default:
		paths = []string{strings.NewReplacer("{hook}", hook, "{account}", netimAccount).Replace(path)}
	}
	return paths
}

// references are those of all texts of peers that are kept.
func (f *fixture) references() []string { return f.texts(`SELECT reference FROM quotes`) }

// ended are the numbers of the orders that have ended.
func (f *fixture) ended() []string {
	return f.texts(`SELECT order_number FROM provisionings GROUP BY order_number HAVING SUM(state = 'open') = 0`)
}

func (f *fixture) texts(query string) (texts []string) {
	f.t.Helper()
	db := f.database()
	defer db.Close()
	for _, row := range f.query(db, query) {
		texts = append(texts, strings.TrimSpace(string(row)))
	}
	return texts
}

// starterProgram builds the command line once.
var starterProgram = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "starter")
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "starter")
	build := exec.Command("go", "build", "-o", program, "../starter")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, output)
	}
	return program, nil
})

// commands are the outputs of lines of the command line, for people and in JSON.
func (f *fixture) commands(lines ...string) (items [][]byte) {
	f.t.Helper()
	for _, line := range lines {
		inJSON := f.starter(line + " --json")
		if !json.Valid(inJSON) {
			f.t.Errorf("starter %s: %s", line, inJSON)
		}
		items = append(items, f.starter(line), inJSON)
	}
	return items
}

// starter is what a line of the command line prints.
func (f *fixture) starter(line string) []byte {
	f.t.Helper()
	program, err := starterProgram()
	if err != nil {
		f.t.Fatal(err)
	}
	dir := f.t.(*testing.T).TempDir()
	if err := writeConfiguration(dir, f.Config); err != nil {
		f.t.Fatal(err)
	}
	command := exec.CommandContext(f.t.Context(), program, strings.Fields(line+" --config "+configurationIn(dir))...)
	command.Env = append(os.Environ(), "TEMPORAL_ADDRESS="+server.HostPort(), "TEMPORAL_NAMESPACE="+f.namespace)
	output, err := command.CombinedOutput()
	if err != nil && command.ProcessState == nil {
		f.t.Fatal(err)
	}
	return output
}

// says runs a line of the command line, which must print a text.
func (f *fixture) says(line, want string) {
	f.t.Helper()
	if got := string(f.starter(line)); !strings.Contains(got, want) {
		f.t.Errorf("%s: got %q, want %q", line, got, want)
	}
}
