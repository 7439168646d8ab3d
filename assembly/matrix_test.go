package assembly_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"domainprovisioning/assembly"
)

var update = flag.Bool("update", false, "write the capability matrix into docs/registrars.md")

const (
	matrixFile  = "../docs/registrars.md"
	matrixBegin = "<!-- matrix: made by `make docs` -->\n"
	matrixEnd   = "<!-- end of matrix -->\n"
)

// TestTheCapabilityMatrixIsThatOfThePlugins keeps docs/registrars.md up to date.
func TestTheCapabilityMatrixIsThatOfThePlugins(t *testing.T) {
	document, err := os.ReadFile(matrixFile)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(document), matrixBegin)
	_, tail, ended := strings.Cut(rest, matrixEnd)
	if !ok || !ended {
		t.Fatalf("%s lacks the marks of the matrix", matrixFile)
	}
	want := head + matrixBegin + assembly.Matrix() + matrixEnd + tail
	if *update {
		if err := os.WriteFile(matrixFile, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(document) != want {
		t.Errorf("%s is out of date; run `make docs`", matrixFile)
	}
}
