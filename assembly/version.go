package assembly

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
)

// Version says which build of the product a program is. The Go tool stamps it into the binary;
// `go run`, and a build outside a checkout, have no revision.
type Version struct {
	// Product is the release, such as v1.2.0, or "development" for a build of no release.
	Product string `json:"version" jsonschema:"description=The release\\, or development"`
	// Revision is the commit, and Modified tells that files differed from it.
	Revision string    `json:"revision,omitempty" jsonschema:"description=The commit; absent where the build does not know it"`
	Modified bool      `json:"modified,omitempty" jsonschema:"description=Files differed from the commit"`
	At       time.Time `json:"at,omitzero" jsonschema:"description=When the commit was made"`
	Go       string    `json:"go"`
	SDK      string    `json:"temporalSdk" jsonschema:"description=Version of Temporal's SDK"`
}

// stamped is the release where the Go tool cannot know it, as in an image whose build has no
// checkout: go build -ldflags="-X domainprovisioning/assembly.stamped=v1.2.0".
var stamped string

// ThisVersion is the version of the running program.
func ThisVersion() Version {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		build = &debug.BuildInfo{}
	}
	return versionOf(build, stamped)
}

func versionOf(build *debug.BuildInfo, stamped string) Version {
	v := Version{
		Product: strings.Trim(cmp.Or(stamped, build.Main.Version), "()"), Go: cmp.Or(build.GoVersion, runtime.Version()), SDK: temporal.SDKVersion,
	}
	if v.Product == "" || v.Product == "devel" {
		v.Product = developing
	}
	for _, setting := range build.Settings {
		switch setting.Key {
		case "vcs.revision":
			v.Revision = setting.Value
		case "vcs.modified":
			v.Modified = setting.Value == "true"
		case "vcs.time":
			v.At, _ = time.Parse(time.RFC3339, setting.Value) // what cannot be read is not known
		}
	}
	return v
}

// Line is the version of a program in one line.
func (v Version) Line(program string) string {
	revision := ""
	if v.Revision != "" {
		revision = " (" + v.Revision[:min(12, len(v.Revision))]
		if v.Modified {
			revision += ", modified"
		}
		revision += ")"
	}
	return fmt.Sprintf("%s %s%s, %s, Temporal SDK %s", program, v.Product, revision, v.Go, v.SDK)
}
