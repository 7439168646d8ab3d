package config

import "regexp"

var deploymentName = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

// A build id may be a version of Go modules, such as v1.2.0+dirty.
var buildID = regexp.MustCompile(`^[A-Za-z0-9._+-]{1,128}$`)

// IsBuildID reports whether a text can be a build id: 1 to 128 letters, digits, dots, underscores,
// plus signs or hyphens.
func IsBuildID(text string) bool { return buildID.MatchString(text) }

func (v *validator) deployment(w Worker) {
	if w.Deployment != "" && !deploymentName.MatchString(w.Deployment) {
		v.add("worker.deployment", "must be 1 to 64 letters, digits or hyphens, or empty for none")
	}
	switch {
	case w.BuildID == "":
	case w.Deployment == "":
		v.add("worker.build_id", "and worker.deployment must be given together")
	case !IsBuildID(w.BuildID):
		v.add("worker.build_id", "must be 1 to 128 letters, digits, dots, underscores, plus signs or hyphens")
	}
}
