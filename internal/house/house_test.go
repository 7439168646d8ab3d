// Package house holds the rules of the house as tests: which room may import which, what
// the production binaries must not link, and that documents, scripts and the Compose file
// are correct. It has no other code.
package house

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// root is the top of the module, seen from this folder.
const root = "../.."

const module = "domainprovisioning"

// plugin stands for every folder of registrars/ that is a plug-in.
const plugin = "registrars/*"

// everything permits every import of our own packages.
const everything = "*"

// rooms says which rooms a room may import in addition to its own packages;
// docs/architecture.md says what each contains. A room that is not listed fails the test:
// decide, then add it.
func rooms() map[string][]string {
	return map[string][]string{
		"domains":  {},
		"orders":   {"domains", "wire/xmltext"},
		"messages": {"domains", "orders"},
		// One place decides what an interrupted exchange may have left behind.
		"wire/exchange": {},
		"wire/xmltext":  {},
		"wire/xmlrpc":   {"wire/exchange", "wire/xmltext"},
		"operations":    {"wire/xmlrpc", "domains"},
		"billing":       {"wire/xmlrpc", "domains"},
		"registrars":    {"domains"},
		plugin:          {"registrars", "domains", "wire/exchange", "wire/xmltext"},
		"vault":         {},
		"store":         {"domains", "messages", "orders", "vault"},
		// wire/exchange for what peers say: a registrar tells of a request in a later call.
		"activities": {"operations", "billing", "registrars", "store", "messages", "orders", "domains", "vault", "wire/exchange"},
		// Workflow code makes no calls itself, so it gets no client and no store.
		"workflows":     {"activities", "messages", "orders", "domains", "registrars"},
		"intake/inbox":  {"messages", "registrars", "store"},
		"intake/outbox": {"domains", "store", "wire/exchange"},
		"intake": {
			"intake/inbox", "intake/outbox", "orders", "messages", "store", "workflows", "activities", "registrars", "billing", "operations", "vault", "wire/xmlrpc", "domains",
		},
		// It uses the real activities and clients, over connections that lead nowhere.
		"intake/rehearsal": {
			"activities", "billing", "domains", "intake", "operations", "orders", "registrars", "workflows", "wire/xmlrpc",
		},
		"portfolio":       {"activities", "billing", "domains", "intake", "messages", "operations", "orders", "portfolio/batch", "registrars", "store", "workflows"},
		"portfolio/batch": {"intake", "intake/inbox", "orders", "registrars", "store", "workflows"},
		// The command line and the gateway get the same answers here.
		"desk": {"portfolio", "portfolio/batch", "registrars", "intake", "intake/outbox", "orders", "intake/rehearsal", "messages", "store", "workflows", "domains"},
		"gateway": {
			"desk", "gateway/page", "intake", "intake/inbox", "orders", "messages", "intake/rehearsal", "store", "registrars", "billing", "wire/xmlrpc", "domains",
			"telemetry", "portfolio/batch",
		},
		// It has no SQL and no Temporal of its own: the desk answers.
		"gateway/page": {"desk", "domains", "intake", "messages", "store"},
		// The metrics are filled by what assembly puts together; only the gateway counts by itself.
		// Spans are begun here as well, around what wire/exchange tells.
		"telemetry":        {"intake", "messages", "registrars", "store", "workflows", "wire/exchange"},
		"config":           {},
		"starter/terminal": {"messages"},
		"assembly": {
			"activities", "billing", "config", "desk", "domains", "gateway", "gateway/page", "intake", "intake/inbox", "intake/outbox", "messages", "operations", "portfolio",
			"orders", "registrars", plugin, "intake/rehearsal", "store", "telemetry", "vault", "workflows", "portfolio/batch",
		},
		"worker":  {"assembly", "config"},
		"starter": {"portfolio", "portfolio/batch", "registrars", "assembly", "config", "desk", "domains", "gateway", "intake", "messages", "orders", "intake/rehearsal", "store", "starter/terminal", "vault"},
		"sandbox": {everything},
		// Stand-ins are written from the protocols and not from our clients, so that they
		// can disagree with them. They share only the wire format.
		"sandbox/standin":  {"wire/exchange", "wire/xmlrpc", "wire/xmltext", "domains"},
		"sandbox/embedded": {},
		// These are helpers for tests; no production code imports them.
		"internal": {everything},
	}
}

// roomOf returns the room of a folder and its name in the table.
func roomOf(folder string) (room, listed string) {
	parts := strings.Split(folder, "/")
	if len(parts) > 1 {
		switch two := parts[0] + "/" + parts[1]; {
		case parts[0] == "registrars" && parts[1] != "registrarstest":
			return two, plugin
		case two == "registrars/registrarstest" && len(parts) > 2: // the example is a plug-in like any other
			return two + "/" + parts[2], plugin
		case parts[0] == "wire", two == "sandbox/standin", two == "sandbox/embedded", two == "intake/inbox", two == "intake/outbox", two == "intake/rehearsal", two == "starter/terminal", two == "gateway/page", two == "portfolio/batch":
			return two, two
		}
	}
	return parts[0], parts[0]
}

// goFiles lists the Go files of the module, except its tests, as slash paths from the
// root.
func goFiles(t *testing.T) []string {
	t.Helper()
	return slices.DeleteFunc(goFilesAndTests(t), func(name string) bool { return strings.HasSuffix(name, "_test.go") })
}

func goFilesAndTests(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && name != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata") {
			return filepath.SkipDir
		}
		if !entry.IsDir() && strings.HasSuffix(name, ".go") {
			relative, err := filepath.Rel(root, name)
			if err != nil {
				return err
			}
			files = append(files, filepath.ToSlash(relative))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("only %d Go files found; the tree is not where it was", len(files))
	}
	return files
}

func TestRoomsImportOnlyWhatTheyMay(t *testing.T) {
	table := rooms()
	for _, file := range goFiles(t) {
		room, listed := roomOf(path.Dir(file))
		may, known := table[listed]
		if !known {
			t.Errorf("%s: room %s is not in the table of rooms; decide what it may import and add it", file, room)
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.ImportsOnly)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Error(err)
			}
			folder, ours := strings.CutPrefix(imported, module+"/")
			if !ours {
				continue
			}
			other, otherListed := roomOf(folder)
			if other != room && !slices.Contains(may, otherListed) && !slices.Contains(may, everything) {
				t.Errorf("%s: room %s must not import %s; it may import %v", file, room, folder, may)
			}
		}
	}
}

// TestTableOfRoomsHasNoDeadRows keeps the table free of rooms that do not exist.
func TestTableOfRoomsHasNoDeadRows(t *testing.T) {
	there := map[string]bool{"internal": true}
	for _, file := range goFiles(t) {
		_, listed := roomOf(path.Dir(file))
		there[listed] = true
	}
	for room, may := range rooms() {
		for _, name := range append([]string{room}, may...) {
			if !there[name] && name != everything {
				t.Errorf("the table of rooms names %s (row %s), which does not exist", name, room)
			}
		}
	}
}

func TestFilesStaySmall(t *testing.T) {
	const most = 400
	for _, file := range goFiles(t) {
		content, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		if lines := bytes.Count(content, []byte("\n")); lines > most {
			t.Errorf("%s has %d lines, more than %d: it holds two things", file, lines, most)
		}
	}
}

func TestProductionBinariesLinkNoServerAndNoSandbox(t *testing.T) {
	for _, program := range []string{"./worker", "./starter"} {
		cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", program)
		cmd.Dir = root
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		output, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list %s: %v: %s", program, err, &stderr)
		}
		packages := strings.Fields(string(output))
		if !slices.Contains(packages, "go.temporal.io/sdk/client") {
			t.Fatalf("go list %s lists no Temporal client: %d packages", program, len(packages))
		}
		for _, name := range packages {
			for _, banned := range []string{
				"go.temporal.io/server", "github.com/temporalio/ui-server", "github.com/chromedp", module + "/sandbox", module + "/internal",
			} {
				if name == banned || strings.HasPrefix(name, banned+"/") {
					t.Errorf("%s links %s", program, name)
				}
			}
		}
	}
}

// documents returns the Markdown files that people read.
func documents(t *testing.T) map[string]string {
	t.Helper()
	contents := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range found {
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			contents[name] = string(content)
		}
	}
	if contents[filepath.Join(root, "README.md")] == "" {
		t.Fatal("there is no README.md")
	}
	return contents
}

func TestLinksInDocumentsLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	for name, content := range documents(t) {
		for _, match := range link.FindAllStringSubmatch(content, -1) {
			target, _, _ := strings.Cut(match[1], "#")
			if target == "" || strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(name), target)); err != nil {
				t.Errorf("%s: the link to %s leads nowhere", name, match[1])
			}
		}
	}
}

func TestMakeTargetsInDocumentsExist(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	// In prose `make` is a word; a target is in backquotes or begins a line.
	mention := regexp.MustCompile("(?m)(?:`|^)make ([a-z][a-z-]*)")
	checked := 0
	for name, content := range documents(t) {
		for _, match := range mention.FindAllStringSubmatch(content, -1) {
			checked++
			if !regexp.MustCompile(`(?m)^` + match[1] + `:`).Match(makefile) {
				t.Errorf("%s: there is no make target %s", name, match[1])
			}
		}
	}
	if checked == 0 {
		t.Error("no document names a make target; has the form changed?")
	}
}

// Files and folders of the code that a document names in backquotes, by their paths from
// the top.
func TestFilesInDocumentsExist(t *testing.T) {
	mention := regexp.MustCompile("`((?:[a-z0-9_]+/)+(?:[a-z0-9_]+\\.(?:go|yaml|json|xml|md))?)`")
	checked := 0
	for name, content := range documents(t) {
		for _, match := range mention.FindAllStringSubmatch(content, -1) {
			if strings.HasPrefix(match[1], "internal/") || strings.HasPrefix(match[1], "text/") || strings.HasPrefix(match[1], "docs/") {
				continue // a file of any plug-in; a media type; a link, which is checked elsewhere
			}
			checked++
			if _, err := os.Stat(filepath.Join(root, match[1])); err != nil {
				t.Errorf("%s: there is no %s", name, match[1])
			}
		}
	}
	if checked < 40 {
		t.Errorf("only %d files are named in documents; has the form changed?", checked)
	}
}

func TestGoFoldersInDocumentsExist(t *testing.T) {
	mention := regexp.MustCompile(`go (?:run|build|test) (\./[a-z]+)`)
	for name, content := range documents(t) {
		for _, match := range mention.FindAllStringSubmatch(content, -1) {
			if _, err := os.Stat(filepath.Join(root, match[1])); err != nil {
				t.Errorf("%s: %q names a folder that does not exist", name, match[0])
			}
		}
	}
}

func TestShellScriptsParse(t *testing.T) {
	checked := 0
	for _, folder := range []string{"deploy", ".ci"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			first, _, _ := strings.Cut(string(content), "\n")
			shell := "sh"
			switch {
			case strings.HasPrefix(first, "#!") && strings.Contains(first, "bash"):
				shell = "bash"
			case !strings.HasSuffix(name, ".sh"):
				return nil
			}
			checked++
			if !strings.HasPrefix(first, "#!") {
				t.Errorf("%s does not begin with #!", name)
			}
			if output, err := exec.CommandContext(t.Context(), shell, "-n", name).CombinedOutput(); err != nil {
				t.Errorf("%s -n %s: %v: %s", shell, name, err, output)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if checked < 3 {
		t.Errorf("only %d shell scripts found", checked)
	}
}

// The README is read before anything else, and to its end.
func TestTheREADMEIsShort(t *testing.T) {
	const most = 1200
	content, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if words := len(strings.Fields(string(content))); words > most {
		t.Errorf("README.md has %d words, and is to have %d at most", words, most)
	}
}

// TestImageIsBuiltWithTheGoOfTheModule keeps the Dockerfile and go.mod consistent.
func TestImageIsBuiltWithTheGoOfTheModule(t *testing.T) {
	modfile, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	dockerfile, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`(?m)^go (\S+)$`).FindSubmatch(modfile)
	if match == nil {
		t.Fatal("go.mod names no Go version")
	}
	if want := fmt.Sprintf("ARG GO_VERSION=%s\n", match[1]); !strings.Contains(string(dockerfile), want) {
		t.Errorf("the Dockerfile lacks %q", want)
	}
}
