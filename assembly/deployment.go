package assembly

import (
	"errors"

	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/config"
)

// developing is the product's version in a build of no release.
const developing = "development"

// errNoBuildID is for each program of its own: workers may be told their build id where they run.
var errNoBuildID = errors.New(
	"config: worker.build_id is missing: worker.deployment is given, and this build of no release has no version of its own")

// Deployment says as which version of which deployment the workers of this program poll. It is
// empty if worker.deployment is. Every workflow moves on to the version that is current
// (AutoUpgrade): orders wait for days, and replay keeps them right on a newer build.
func Deployment(cfg config.Worker) (worker.DeploymentOptions, error) {
	return deploymentOf(cfg, ThisVersion())
}

func deploymentOf(cfg config.Worker, build Version) (worker.DeploymentOptions, error) {
	if cfg.Deployment == "" {
		return worker.DeploymentOptions{}, nil
	}
	id := cfg.BuildID
	// Two builds of a tree with changes call themselves the same.
	if id == "" && build.Product != developing && !build.Modified {
		id = build.Product
	}
	if !config.IsBuildID(id) {
		return worker.DeploymentOptions{}, Exit(ExitRefused, errNoBuildID)
	}
	return worker.DeploymentOptions{
		UseVersioning:             true,
		Version:                   worker.WorkerDeploymentVersion{DeploymentName: cfg.Deployment, BuildID: id},
		DefaultVersioningBehavior: workflow.VersioningBehaviorAutoUpgrade,
	}, nil
}

// BuildID is the version of this build in the deployment; "" if there is no deployment, or if this
// build has none of its own and only workers are told it where they run.
func BuildID(cfg config.Worker) string {
	deployment, err := Deployment(cfg)
	if err != nil {
		return ""
	}
	return deployment.Version.BuildID
}

// DeploymentWords is the same for people: deployment and build id, or that there is none.
func DeploymentWords(d worker.DeploymentOptions) string {
	if !d.UseVersioning {
		return "not versioned"
	}
	return d.Version.DeploymentName + ", build " + d.Version.BuildID
}
