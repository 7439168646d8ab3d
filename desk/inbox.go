package desk

import (
	"context"
	"time"

	"domainprovisioning/store"
)

// Report is an entry of the inbox: what a registrar or a person has reported.
type Report struct {
	EventID    string     `json:"eventId"`
	Source     string     `json:"source" jsonschema:"example=callback,example=operator"`
	Registrar  string     `json:"registrar,omitempty"`
	Domain     string     `json:"domain,omitempty"`
	Reference  string     `json:"reference,omitempty" jsonschema:"description=The registrar's id of the operation"`
	Claim      string     `json:"claim,omitempty" jsonschema:"description=The claimed outcome; recorded\\, not believed"`
	Quote      string     `json:"quote,omitempty" jsonschema:"description=The reference of what the registrar has written about its account"`
	Matter     string     `json:"matter,omitempty" jsonschema:"enum=access,enum=funds,enum=maintenance,enum=other,description=What of the registrar account it is about"`
	SeenAt     *time.Time `json:"seenAt,omitempty" jsonschema:"description=When the same about the registrar account came last"`
	State      string     `json:"state" jsonschema:"enum=received,enum=delivered,enum=late,enum=unmatched,enum=account,description=account: it is about the registrar account itself"`
	Attempts   int        `json:"attempts" jsonschema:"description=How often the delivery was tried"`
	Trouble    string     `json:"trouble,omitempty" jsonschema:"description=What went wrong the last time"`
	ReceivedAt time.Time  `json:"receivedAt"`
	HandledAt  *time.Time `json:"handledAt,omitempty"`
	WorkflowID string     `json:"workflowId,omitempty"`
}

// Inbox lists what registrars and people have reported, oldest first unless the filter says Latest.
func (d *Desk) Inbox(ctx context.Context, filter store.ConfirmationFilter) ([]Report, error) {
	rows, err := d.Store.Confirmations(ctx, filter)
	if err != nil {
		return nil, err
	}
	all := make([]Report, len(rows))
	for n, r := range rows {
		all[n] = Report{
			EventID: r.EventID, Source: string(r.Source), Registrar: r.Account, Domain: r.Domain, Reference: r.Reference, Claim: r.Claim, Quote: r.Quote, Matter: r.Matter, SeenAt: r.SeenAt,
			State: string(r.State), Attempts: r.Attempts, Trouble: r.Trouble, ReceivedAt: r.ReceivedAt, HandledAt: r.HandledAt, WorkflowID: r.WorkflowID,
		}
	}
	return all, nil
}
