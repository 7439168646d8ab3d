package house

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	// cited matches a document that a comment names.
	cited = regexp.MustCompile(`[\w./-]+\.md\b`)
	// citedSections matches what may follow it: ", section 9", ", sections 9 and 10.2".
	citedSections = regexp.MustCompile(`^, (?:section (` + number + `)|sections (` + number + `(?:, ` + number + `)* (?:and|to) ` + number + `))`)
	// loosely matches a reference to a section in any other form.
	loosely = regexp.MustCompile(`^,? ?(?:(?:sections?|rules?|part|§) ?)?\d`)
	// dangling matches a section; elsewhere matches a comment that says of which document.
	dangling  = regexp.MustCompile(`\bsections? \d[\d.]*`)
	elsewhere = regexp.MustCompile(`[\w./-]+\.md\b|\bRFC \d`)

	numberIn = regexp.MustCompile(number)
	heading  = regexp.MustCompile(`(?m)^#{1,6} (` + number + `)\.? `)
)

const number = `\d+(?:\.\d+)*`

// wrongCitations says what is wrong with the documents that a comment cites. read returns
// a document of the repository by its path from the top.
func wrongCitations(comment string, read func(path string) (string, error)) []string {
	comment = strings.Join(strings.Fields(comment), " ")
	var wrong []string
	if bare := dangling.FindString(comment); bare != "" && !elsewhere.MatchString(comment) {
		wrong = append(wrong, fmt.Sprintf("%q is of no document", bare))
	}
	for _, at := range cited.FindAllStringIndex(comment, -1) {
		name, rest := comment[at[0]:at[1]], comment[at[1]:]
		if strings.HasPrefix(name, "//") { // part of a URL
			continue
		}
		content, err := read(name)
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("%s is no document of the repository; cite it by its path from the top", name))
			continue
		}
		match := citedSections.FindString(rest)
		if match == "" {
			if loosely.MatchString(rest) {
				wrong = append(wrong, fmt.Sprintf("a section is cited as \"%s, section 9\"", name))
			}
			continue
		}
		for _, section := range numberIn.FindAllString(match, -1) {
			if !hasSection(content, section) {
				wrong = append(wrong, fmt.Sprintf("%s has no section %s", name, section))
			}
		}
	}
	return wrong
}

func hasSection(content, section string) bool {
	for _, match := range heading.FindAllStringSubmatch(content, -1) {
		if match[1] == section {
			return true
		}
	}
	return false
}

func TestCommentsCiteDocumentsThatExist(t *testing.T) {
	read := func(path string) (string, error) {
		content, err := os.ReadFile(filepath.Join(root, path))
		return string(content), err
	}
	protocols := 0
	for _, file := range goFilesAndTests(t) {
		if file == "internal/house/citations_test.go" { // contains wrong citations on purpose
			continue
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, filepath.Join(root, file), nil, parser.ParseComments)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, group := range parsed.Comments {
			protocols += strings.Count(group.Text(), "docs/protocols/")
			for _, wrong := range wrongCitations(group.Text(), read) {
				t.Errorf("%s:%d: %s", file, set.Position(group.Pos()).Line, wrong)
			}
		}
	}
	if protocols < 20 {
		t.Errorf("only %d citations of docs/protocols found; has their form changed?", protocols)
	}
}

func TestWrongCitationsAreFound(t *testing.T) {
	documents := map[string]string{
		"docs/protocols/netim.md": "# Netim\n\n## 2. Wire style\n\nSee ## 9. here.\n\n### 10.2 Transfer\n\n## 12. Repetition\n",
		"README.md":               "# The program\n",
	}
	read := func(path string) (string, error) {
		content, ok := documents[path]
		if !ok {
			return "", os.ErrNotExist
		}
		return content, nil
	}
	for _, c := range []struct {
		name, comment string
		want          []string
	}{
		{"a section", "// as docs/protocols/netim.md, section 2, says.", nil},
		{"the end of a sentence", "See docs/protocols/netim.md, section 10.2.", nil},
		{"over the end of a line", "see docs/protocols/netim.md,\nsection 12)", nil},
		{"several sections", "docs/protocols/netim.md, sections 2, 10.2 and 12, and 40 more", nil},
		{"a whole document", "(README.md): 3 things", nil},
		{"no document", "no word of it, nor of *.md", nil},
		{"another site", "https://site.example/netim.md says so", nil},
		{"no path", "(netim.md, section 2)", []string{"netim.md is no document"}},
		{"no such document", "DESIGN.md, section 2", []string{"DESIGN.md is no document"}},
		{"no such section", "docs/protocols/netim.md, section 3", []string{"has no section 3"}},
		{"no heading", "docs/protocols/netim.md, section 9", []string{"has no section 9"}},
		{"part of a number", "docs/protocols/netim.md, section 1", []string{"has no section 1"}},
		{"no such part of a section", "docs/protocols/netim.md, section 2.1", []string{"has no section 2.1"}},
		{"one of several", "docs/protocols/netim.md, sections 2, 5 and 6", []string{"has no section 5", "has no section 6"}},
		{"without the word", "docs/protocols/netim.md 2", []string{"a section is cited as"}},
		{"without the comma", "docs/protocols/netim.md section 2", []string{"a section is cited as"}},
		{"one for several", "docs/protocols/netim.md, sections 2", []string{"a section is cited as"}},
		{"no document's section", "the table of section 4.", []string{`"section 4." is of no document`}},
		{"a standard's section", "a public key (RFC 4034, section 2)", nil},
		{"two in a comment", "billing.md; docs/protocols/netim.md, section 7", []string{"billing.md is no document", "has no section 7"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := wrongCitations(c.comment, read)
			if len(got) != len(c.want) {
				t.Fatalf("found %q, want %q", got, c.want)
			}
			for i, want := range c.want {
				if !strings.Contains(got[i], want) {
					t.Errorf("found %q, want %q", got[i], want)
				}
			}
		})
	}
}
