package assembly

import (
	"runtime/debug"
	"strings"
	"testing"

	"go.temporal.io/sdk/temporal"
)

func TestTheVersionIsThatOfTheBuild(t *testing.T) {
	for name, c := range map[string]struct {
		build   debug.BuildInfo
		stamped string
		want    string
	}{
		"a release": {debug.BuildInfo{
			GoVersion: "go1.26.8", Main: debug.Module{Version: "v1.2.0"},
			Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "false"}},
		}, "", "starter v1.2.0 (0123456789ab), go1.26.8, Temporal SDK " + temporal.SDKVersion},
		"changed files": {debug.BuildInfo{
			GoVersion: "go1.26.8", Main: debug.Module{Version: "(devel)"},
			Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "0123"}, {Key: "vcs.modified", Value: "true"}, {Key: "vcs.time", Value: "yesterday"}},
		}, "", "starter development (0123, modified), go1.26.8, Temporal SDK " + temporal.SDKVersion},
		"an image": {
			debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: "(devel)"}}, "v1.2.0", "starter v1.2.0, go1.26.8, Temporal SDK " + temporal.SDKVersion,
		},
		"go run": {debug.BuildInfo{GoVersion: "go1.26.8"}, "", "starter development, go1.26.8, Temporal SDK " + temporal.SDKVersion},
	} {
		if got := versionOf(&c.build, c.stamped).Line("starter"); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if this := ThisVersion(); this.Product == "" || !strings.HasPrefix(this.Go, "go") || this.SDK == "" {
		t.Errorf("this test is %+v", this)
	}
}
