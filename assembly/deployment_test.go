package assembly

import (
	"strings"
	"testing"

	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/config"
)

func TestTheVersionOfWorkersInTheirDeployment(t *testing.T) {
	release, none := Version{Product: "v1.2.0"}, Version{Product: developing}
	for name, c := range map[string]struct {
		setting config.Worker
		build   Version
		want    string // the build id, or part of the error
		refused bool
	}{
		"no deployment":                    {config.Worker{}, none, "", false},
		"a release":                        {config.Worker{Deployment: "shop"}, release, "v1.2.0", false},
		"a release under another name":     {config.Worker{Deployment: "shop", BuildID: "blue"}, release, "blue", false},
		"no release":                       {config.Worker{Deployment: "shop"}, none, "config: worker.build_id is missing", true},
		"a release with changes":           {config.Worker{Deployment: "shop"}, Version{Product: "v1.2.0+dirty", Modified: true}, "config: worker.build_id is missing", true},
		"changes, with a name":             {config.Worker{Deployment: "shop", BuildID: "7"}, Version{Product: "v1.2.0+dirty", Modified: true}, "7", false},
		"no release, with a name":          {config.Worker{Deployment: "shop", BuildID: "7"}, none, "7", false},
		"a build whose version is no name": {config.Worker{Deployment: "shop"}, Version{Product: "v1:2"}, "config: worker.build_id is missing", true},
	} {
		got, err := deploymentOf(c.setting, c.build)
		if c.refused {
			if err == nil || !strings.Contains(err.Error(), c.want) || ExitCodeOf(err) != ExitRefused {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		want := worker.DeploymentOptions{}
		if c.want != "" {
			want = worker.DeploymentOptions{
				UseVersioning: true, Version: worker.WorkerDeploymentVersion{DeploymentName: "shop", BuildID: c.want},
				DefaultVersioningBehavior: workflow.VersioningBehaviorAutoUpgrade,
			}
		}
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if words := DeploymentWords(got); !strings.Contains(words, c.want) {
			t.Errorf("%s: %q", name, words)
		}
	}
}
