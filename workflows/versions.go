package workflows

import "go.temporal.io/sdk/workflow"

// Orders wait for days across deployments, so a run goes on as the release that began it did.
// What a release changed about runs has a change id; each may be removed, with the older way,
// once no order of an older release is open: Temporal lists those by TemporalChangeVersion.
const (
	// fastLane: repeatable calls are made as local activities first. It comes first in a run,
	// which then has every earlier change too, so that a new run pays for one version.
	fastLane = "fast-lane"
	// hostsBelowTheName: name servers below the ordered domain are created at the registrar.
	hostsBelowTheName = "hosts-below-the-name"
	// commandsOfPeople: a run asks whether it is wanted, records its states, and takes commands.
	commandsOfPeople = "commands"
	// undoOnCancellation: a run that is cancelled in Temporal takes back what it made.
	undoOnCancellation = "undo-on-cancellation"
)

// knows reports whether the run was begun by a release that has a change.
func (u *unitRun) knows(ctx workflow.Context, change string) bool {
	return u.fast || workflow.GetVersion(ctx, change, workflow.DefaultVersion, 1) != workflow.DefaultVersion
}
