package desk

import (
	"fmt"

	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// stopped tells people what happened to an open order whose workflow does not go on by
// itself, and what to do.
func stopped(unit Unit, run store.RunState) *messages.Attention {
	attention := &messages.Attention{Reason: messages.Reason(run), Actions: []messages.Action{}}
	give := func(action messages.Action) string { return "`" + messages.CommandLine(action, unit.Order) + "`" }
	again := give(messages.ActionResume) + " resumes it, " + give(messages.ActionCancel) + " gives it up and takes back what it made"
	switch run {
	case store.RunTerminated:
		attention.Message = "its workflow was terminated in Temporal; " + again
	case store.RunDeleted:
		attention.Message = "Temporal has no workflow of it: it was deleted, or never started; " + again
	case store.RunFailed:
		attention.Message = "its workflow has failed without recording that; " + again
	case store.RunTimedOut:
		attention.Message = "its workflow had a time-out and reached it; " + again
	case store.RunEnded:
		attention.Message = "its workflow has ended without recording that; look at it in the Temporal Web UI, then close the order with " + give(messages.ActionClose)
	case store.RunForeign:
		attention.Message = "under its workflow id runs the workflow of another order; when that has ended, " + again + "; until then only " + give(messages.ActionClose) + " gives it up"
	case store.RunPaused:
		attention.Message = "its workflow, or the call that is under way, was paused in Temporal: unpause it there"
	case store.RunStuck:
		attention.Message = "no worker can continue its workflow: its tasks fail. The Temporal Web UI shows why; deploy a worker whose version and keys fit"
	case store.RunUnserved:
		attention.Message = "it waits for a worker, but none that gets work is running"
		if unit.Registrar != "" {
			attention.Message += fmt.Sprintf(": let a worker run whose configuration has registrar account %q", unit.Registrar)
		}
		attention.Message += "; if workers are versions of a deployment, make their build current"
	default:
		return nil
	}
	switch run {
	case store.RunTerminated, store.RunDeleted, store.RunFailed, store.RunTimedOut:
		attention.Actions = []messages.Action{messages.ActionResume, messages.ActionCancel, messages.ActionClose}
	case store.RunEnded, store.RunForeign:
		attention.Actions = []messages.Action{messages.ActionClose}
	}
	return attention
}

// hindered is stands for a workflow that answers although it does not go on: what it says is
// allowed stays allowed.
func hindered(unit Unit, answer messages.Progress, run store.RunState) messages.Progress {
	progress := stands(unit, answer, run)
	if progress.Attention != nil && len(answer.Actions) > 0 {
		progress.Attention.Actions = answer.Actions
	}
	return progress
}

// stands adds to a checklist what was done to the workflow.
func stands(unit Unit, progress messages.Progress, run store.RunState) messages.Progress {
	if attention := stopped(unit, run); attention != nil {
		progress.State, progress.Attention = messages.NeedsAttention, attention
		attention.Step = progress.Step
		if unit.Since != nil && unit.Run == string(run) {
			attention.Since = *unit.Since
		}
	}
	return progress
}
