package schemas_test

import (
	"strings"
	"testing"

	"domainprovisioning/sandbox/standin/epp/schemas"
)

const (
	hello   = `<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><hello/></epp>`
	fee     = `<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><command><check><d:check xmlns:d="urn:ietf:params:xml:ns:domain-1.0"><d:name>a.registry</d:name></d:check></check><extension><f:check xmlns:f="urn:ietf:params:xml:ns:epp:fee-1.0"><f:command name="create"/></f:check></extension></command></epp>`
	unknown = `<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><command><check><x:check xmlns:x="urn:x"/></check></command></epp>`
	inText  = `<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><response><result code="1301"><msg>m</msg></result><msgQ count="1" id="1"><msg>text <x:x xmlns:x="urn:x"/></msg></msgQ><trID><svTRID>abc</svTRID></trID></response></epp>`
	number  = `<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><response><result code="1999"><msg>m</msg></result><trID><svTRID>abc</svTRID></trID></response></epp>`
)

func TestFramesAreChecked(t *testing.T) {
	v := schemas.New(t)
	var frames [][]byte
	for range 150 { // more than one run
		for _, frame := range []string{hello, fee, unknown, inText} {
			frames = append(frames, []byte(frame))
		}
	}
	problems, err := v.Check(frames)
	if err != nil || len(problems) != 0 {
		t.Fatalf("%v: %v", err, problems)
	}
	if v.Covers([]byte(unknown)) || !v.Covers([]byte(inText)) || !v.Covers([]byte(fee)) {
		t.Error("the wrong frames are left out")
	}
	broken := []string{number, "<epp", strings.Replace(hello, "hello", "bye", 1), strings.Replace(fee, `name="create"`, `name="steal"`, 1)}
	for i, frame := range broken {
		frames[i*199] = []byte(frame)
	}
	problems, err = v.Check(frames)
	if err != nil || len(problems) != len(broken) {
		t.Fatalf("%v: %v", err, problems)
	}
	for i, frame := range broken {
		if !strings.Contains(problems[i], frame) || !strings.Contains(problems[i], "xmllint: ") {
			t.Errorf("problem %s", problems[i])
		}
	}
}

// recorder is a test that notes what is said of it.
type recorder struct {
	testing.TB

	folder string
	ends   []func()
	errors []string
}

func (r *recorder) Helper()             {}
func (r *recorder) TempDir() string     { return r.folder }
func (r *recorder) Cleanup(f func())    { r.ends = append(r.ends, f) }
func (r *recorder) Logf(string, ...any) {}

func (r *recorder) Error(arguments ...any) {
	for _, one := range arguments {
		if text, ok := one.(string); ok {
			r.errors = append(r.errors, text)
		}
	}
}

func TestTheRecorderReportsAtTheEnd(t *testing.T) {
	schemas.New(t) // or skip
	r := &recorder{TB: t, folder: t.TempDir()}
	record := schemas.Record(r)
	for range 3 {
		record("response", []byte(number))
		record("broken", []byte("<epp"))
		record("command", []byte(hello))
		record("command", []byte(unknown))
	}
	record("response", []byte(strings.Repeat(" ", schemas.MostOctets)+"<epp")) // too long to be kept
	for _, end := range r.ends {
		end()
	}
	if len(r.errors) != 1 || !strings.Contains(r.errors[0], number) {
		t.Errorf("errors %q", r.errors)
	}
}

func TestWithoutSchemasNothingIsSaid(t *testing.T) {
	t.Setenv(schemas.Folder, t.TempDir())
	r := &recorder{TB: t, folder: t.TempDir()}
	schemas.Record(r)("response", []byte(number))
	if len(r.ends) != 0 || len(r.errors) != 0 {
		t.Errorf("errors %q", r.errors)
	}
}
