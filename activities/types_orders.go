package activities

import (
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
)

// RecordOutcomeInput closes a unit of work in the store.
type RecordOutcomeInput struct {
	OrderNumber string `json:"orderNumber"`
	Item        int    `json:"item"`
	State       string `json:"state"` // done, failed, cancelled
	// Left says what the order has made and leaves behind, without personal data.
	Left string `json:"left,omitempty"`
	// NameServers are those that the order names, if it is done.
	NameServers domains.NameServers `json:"nameServers,omitempty"`
}

// AdmitInput names a run that has begun, and the unit of work that it carries.
type AdmitInput struct {
	OrderNumber string `json:"orderNumber"`
	Item        int    `json:"item"`
	WorkflowID  string `json:"workflowId"`
	RunID       string `json:"runId"`
}

// AdmitResult says whether the run is wanted.
type AdmitResult struct {
	// Refusal says why it is not; "" for a run that is.
	Refusal string `json:"refusal,omitempty"`
	// Again: another run has carried the order before this one, and may have made anything.
	Again bool `json:"again,omitempty"`
	// Revision is the revision of the order by which the earlier run went.
	Revision int `json:"revision,omitempty"`
	// GivenUp is the command by which the order was given up before; nil if it was not.
	GivenUp *messages.Cancel `json:"givenUp,omitempty"`
}

// GiveUpInput says that an order is given up.
type GiveUpInput struct {
	OrderNumber string          `json:"orderNumber"`
	Item        int             `json:"item"`
	Command     messages.Cancel `json:"command"`
}

// GiveUpResult says whether that was in time.
type GiveUpResult struct {
	// Done: the store has the order as done already.
	Done bool `json:"done,omitempty"`
}

// RecordActInput is a command that was given in Temporal.
type RecordActInput struct {
	OrderNumber string `json:"orderNumber"`
	Item        int    `json:"item"`
	Command     string `json:"command"`
	Actor       string `json:"actor"`
	Reason      string `json:"reason"`
	// Source is unique to the command.
	Source string `json:"source"`
}

// RecordActResult is empty.
type RecordActResult struct{}

// ReadPlanInput names a revision of an order. With it, the unit of work goes by that revision.
type ReadPlanInput struct {
	OrderNumber string `json:"orderNumber"`
	Item        int    `json:"item"`
	Revision    int    `json:"revision"`
}

// ReadPlanResult is what the catalog makes of the revision now. It holds no personal data.
type ReadPlanResult struct {
	Unit     orders.Unit `json:"unit"`
	Contacts Contacts    `json:"contacts,omitzero"`
	// Refused says why the catalog refuses it; the other fields are then empty.
	Refused []string `json:"refused,omitempty"`
}

// RecordByHandInput is what a person states about a request.
type RecordByHandInput struct {
	Registrar string    `json:"registrar"`
	Key       string    `json:"key"`
	Done      bool      `json:"done"` // else the registrar has refused it
	Actor     string    `json:"actor"`
	Evidence  string    `json:"evidence"`
	Expires   time.Time `json:"expires,omitzero"`
}

// RecordOutcomeResult is what was recorded: a history has the result of a call in the fast lane,
// and not its input. A restored database is compared with it.
type RecordOutcomeResult struct {
	State       string              `json:"state,omitempty"`
	Left        string              `json:"left,omitempty"`
	NameServers domains.NameServers `json:"nameServers,omitempty"`
}

// RecordStateInput tells the store the state of an open unit of work.
type RecordStateInput struct {
	OrderNumber string `json:"orderNumber"`
	Item        int    `json:"item"`
	// At is the workflow's time; of two states the later one counts.
	At    time.Time `json:"at"`
	State string    `json:"state"` // running, waiting, attention, undoing
	Step  int       `json:"step"`
	// Reason says why a person is needed; Since is when the state began, zero means At.
	Reason string    `json:"reason,omitempty"`
	Since  time.Time `json:"since,omitzero"`
}

// RecordStateResult is empty.
type RecordStateResult struct{}
