// Package schemas checks the EPP frames of a test against the XML schemas of the RFCs, with libxml2,
// which nobody here wrote. Only tests import it. The schemas are not part of this project: the check
// is left out where they, or xmllint, are not found.
package schemas

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Folder is the variable of the environment that names the folder of the schemas. Without it, they
// are looked for in ../shared/epp/schemas beside the root of the project.
const Folder = "EPP_SCHEMAS"

// Bounds of what is kept of one test; what is beyond them is not checked, and the test says so.
const (
	MostFrames = 4000
	MostOctets = 64 << 10 // of one frame
)

const (
	batch   = 200 // files of one run
	timeout = time.Minute
	nsEPP   = "urn:ietf:params:xml:ns:epp-1.0"
	nsXSI   = "http://www.w3.org/2001/XMLSchema-instance"
)

// RFC 8748 has the second name; the copy of its schema that is around has the first.
const (
	feeInCopies = "urn:ietf:params:xml:ns:fee-1.0"
	feeInRFC    = "urn:ietf:params:xml:ns:epp:fee-1.0"
)

var unavailable sync.Once

// Record returns a function that keeps frames, for Options.Frame of the stand-in, and checks them
// when the test ends. It must be called before the stand-in is started, so that its end comes after
// the stand-in's. Frames with elements of a namespace that has no schema are left out, and those of
// another direction than command and response, such as what a fault has broken. The function is
// safe for concurrent use.
func Record(t testing.TB) func(direction string, frame []byte) {
	t.Helper()
	validator, err := newValidator(t.TempDir())
	if err != nil {
		unavailable.Do(func() { t.Logf("EPP frames are not checked against the schemas: %v", err) })
		return func(string, []byte) {}
	}
	kept := &frames{seen: map[[sha256.Size]byte]bool{}}
	t.Cleanup(func() {
		kept.mu.Lock()
		defer kept.mu.Unlock()
		if kept.left > 0 {
			t.Logf("%d EPP frames were too many or too long to be checked", kept.left)
		}
		problems, err := validator.Check(kept.list)
		if err != nil {
			t.Error(err)
		}
		for _, problem := range problems {
			t.Error(problem)
		}
	})
	return kept.keep
}

type frames struct {
	mu   sync.Mutex
	seen map[[sha256.Size]byte]bool
	list [][]byte
	left int
}

func (f *frames) keep(direction string, frame []byte) {
	if direction != "command" && direction != "response" {
		return
	}
	digest := sha256.Sum256(shape(frame))
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.seen[digest]:
	case len(f.list) == MostFrames || len(frame) > MostOctets:
		f.left++
	default:
		f.seen[digest] = true
		f.list = append(f.list, bytes.Clone(frame))
	}
}

var random = regexp.MustCompile(`<(clTRID|domain:pw|contact:pw|contact:id|domain:registrant)>[^<]*<`)

// shape is a frame without what differs from one run to the next: ids, codes, handles and digits.
// One frame of each shape is checked.
func shape(frame []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if r >= '1' && r <= '9' {
			return '0'
		}
		return r
	}, random.ReplaceAll(frame, []byte("<$1><")))
}

// Validator checks frames.
type Validator struct {
	folder, xmllint string
	known           map[string]bool // namespaces
}

// New returns a Validator, or skips the test where the schemas or xmllint are missing.
func New(t testing.TB) *Validator {
	t.Helper()
	validator, err := newValidator(t.TempDir())
	if err != nil {
		t.Skipf("skipped: %v", err)
	}
	return validator
}

func newValidator(folder string) (*Validator, error) {
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		return nil, errors.New("there is no xmllint (Debian: libxml2-utils)")
	}
	source, err := find()
	if err != nil {
		return nil, err
	}
	v := &Validator{folder: folder, xmllint: xmllint, known: map[string]bool{nsXSI: true}}
	return v, v.copy(source)
}

func find() (string, error) {
	if named := os.Getenv(Folder); named != "" {
		return named, nil
	}
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		if filepath.Dir(root) == root {
			return "", errors.New("the root of the project is not found")
		}
		root = filepath.Dir(root)
	}
	folder := filepath.Join(filepath.Dir(root), "shared", "epp", "schemas")
	if _, err := os.Stat(folder); err != nil {
		return "", fmt.Errorf("the schemas are not in %s, and %s names no folder", folder, Folder)
	}
	return folder, nil
}

// copy copies the schemas, and writes one that imports all, because their own imports carry no
// location.
func (v *Validator) copy(source string) error {
	files, err := filepath.Glob(filepath.Join(source, "*.xsd"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("there are no schemas in %s", source)
	}
	var all strings.Builder
	all.WriteString(`<schema xmlns="http://www.w3.org/2001/XMLSchema">` + "\n")
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		content = bytes.ReplaceAll(content, []byte(`"`+feeInCopies+`"`), []byte(`"`+feeInRFC+`"`))
		space, err := target(content)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		v.known[space] = true
		if err := os.WriteFile(filepath.Join(v.folder, filepath.Base(file)), content, 0o600); err != nil {
			return err
		}
		fmt.Fprintf(&all, "<import namespace=%q schemaLocation=%q/>\n", space, filepath.Base(file))
	}
	all.WriteString("</schema>\n")
	return os.WriteFile(filepath.Join(v.folder, "all.xsd"), []byte(all.String()), 0o600)
}

func target(schema []byte) (string, error) {
	var root struct {
		Target string `xml:"targetNamespace,attr"`
	}
	if err := xml.Unmarshal(schema, &root); err != nil {
		return "", err
	}
	return root.Target, nil
}

// Covers says whether there is a schema for every element of a frame. What is inside the elements
// value and msg of EPP needs none. A frame that is no XML is covered: it breaks the schema.
func (v *Validator) Covers(frame []byte) bool {
	decoder := xml.NewDecoder(bytes.NewReader(frame))
	skipping := 0
	for {
		token, err := decoder.Token()
		if err != nil {
			return true
		}
		switch token := token.(type) {
		case xml.StartElement:
			name := token.Name
			switch {
			case skipping > 0, name.Space == nsEPP && (name.Local == "value" || name.Local == "msg"):
				skipping++
			case !v.known[name.Space]:
				return false
			}
		case xml.EndElement:
			skipping = max(skipping-1, 0)
		}
	}
}

// Check returns a problem for each frame that breaks a schema.
func (v *Validator) Check(frames [][]byte) ([]string, error) {
	broken, err := v.Broken(frames)
	var problems []string
	for i, why := range broken {
		if why != "" {
			problems = append(problems, fmt.Sprintf("a frame breaks the schema: %s\n%s", why, frames[i]))
		}
	}
	return problems, err
}

// Broken says of each frame why it breaks a schema; "" is of one that does not, or is not covered.
func (v *Validator) Broken(frames [][]byte) ([]string, error) {
	broken := make([]string, len(frames))
	var covered []int
	for i, frame := range frames {
		if v.Covers(frame) {
			covered = append(covered, i)
		}
	}
	for some := range slices.Chunk(covered, batch) {
		if err := v.run(frames, some, broken); err != nil {
			return broken, err
		}
	}
	return broken, nil
}

// run checks some of the frames.
func (v *Validator) run(frames [][]byte, some []int, broken []string) error {
	names := make([]string, len(some))
	for i, frame := range some {
		names[i] = filepath.Join(v.folder, fmt.Sprintf("frame-%04d.xml", i))
		if err := os.WriteFile(names[i], frames[frame], 0o600); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	command := exec.CommandContext(ctx, v.xmllint, append([]string{"--nonet", "--noout", "--schema", filepath.Join(v.folder, "all.xsd")}, names...)...) //nolint:gosec // a program of this machine, on files of this process
	var said bytes.Buffer
	command.Stdout, command.Stderr = io.Discard, &said
	err := command.Run()
	if exit := (&exec.ExitError{}); err != nil && (!errors.As(err, &exit) || exit.ExitCode() > 4 || ctx.Err() != nil) {
		return fmt.Errorf("xmllint: %w: %s", err, &said)
	}
	for i, name := range names {
		if strings.Contains(said.String(), name+" validates\n") {
			continue
		}
		var why []string
		for line := range strings.Lines(said.String()) {
			if rest, ours := strings.CutPrefix(line, name); ours {
				why = append(why, strings.TrimSpace(rest))
			}
		}
		broken[some[i]] = "xmllint: " + strings.Join(why, "\n")
	}
	return nil
}
