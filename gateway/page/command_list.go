package page

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// commands lists what can be done about an order, in the order of the buttons. Settling has a form
// of its own, because it is about a loose end.
func commands() []command {
	return slices.Concat(retries(), []command{
		{
			Action: messages.ActionConfirm, Label: "Ask the registrar", Scope: store.ScopeOperate, NoReason: true,
			Does:   "Tells the order that the registrar may have finished. The order asks the registrar and acts on its answer.",
			Fields: []field{{Name: "reference", Label: "Operation at the registrar", Hint: "Its id there, if you know it.", Kind: "text"}},
			give: func(ctx context.Context, g given) (string, error) {
				confirmed, err := g.desk.Confirm(ctx, g.unit, desk.Confirmation{EventID: g.id, Reference: strings.TrimSpace(g.form.Get("reference"))})
				return "the order was told: " + confirmed.State, err
			},
		},
		{
			Action: messages.ActionConfirmByHand, Label: "State the outcome", Scope: store.ScopeOperate, Grave: true,
			Does: "States what the registrar has done, where it cannot be asked. The reason is the evidence.",
			Fields: []field{
				{Name: "outcome", Label: "Outcome", Kind: "select", Required: true, Choices: []string{string(messages.OutcomeDone), string(messages.OutcomeRefused)}},
				{Name: "expires", Label: "Expires", Hint: "When the domain expires, if that is known.", Kind: "date"},
			},
			give: confirmByHand,
		},
		{
			Action: messages.ActionExtend, Label: "Extend", Scope: store.ScopeOperate,
			Does:   "Moves the deadline: the order goes on waiting, and a person is told later.",
			Fields: []field{{Name: "hours", Label: "Hours from now", Hint: "72 are three days.", Kind: "number", Required: true}},
			give:   extend,
		},
		{
			Action: messages.ActionSkip, Label: "Skip the step", Scope: store.ScopeOperate, Grave: true,
			Does: "Leaves out the step that the order is at.",
			Fields: []field{
				{Name: "step", Label: "Step", Hint: "The number of the step that you mean, so that no other is left out.", Kind: "number", Required: true},
				{Name: "billing", Label: "Domain in Billing", Hint: "Its id, if you have recorded it there by hand.", Kind: "number"},
			},
			give: skip,
		},
		{
			Action: messages.ActionCancel, Label: "Cancel the order", Scope: store.ScopeCancel, Grave: true,
			Does: "Gives the order up and takes back what it made, the latest first. Nobody can undo that.",
			Fields: []field{
				{Name: "keep", Label: "Leave what the order made as it is, and only list it", Kind: "checkbox"},
				{Name: "delete", Label: "Delete a confirmed registration, as long as it can be given back", Kind: "checkbox"},
			},
			give: cancel,
		},
		{
			Action: messages.ActionClose, Label: "Close the order", Scope: store.ScopeCancel, Grave: true,
			Does: "Ends the order as cancelled, as it is: what it made stays and is listed.",
			give: func(ctx context.Context, g given) (string, error) {
				answer, err := g.desk.Close(ctx, g.unit, g.who.by.Actor, g.reason())
				return answer.Next, err
			},
		},
	})
}

// retries lists the commands that try the step again.
func retries() []command {
	return []command{
		{
			Action: messages.ActionAmend, Label: "Amend", Scope: store.ScopeOperate,
			Does: "Replaces what the order says and has still to be used, and tries the step again.",
		},
		{
			Action: messages.ActionRetry, Label: "Retry", Scope: store.ScopeOperate,
			Does: "Tries the step again, after the cause was corrected elsewhere. Nothing already done is repeated.",
			give: retried(func(given, *messages.Retry) {}),
		},
		{
			Action: messages.ActionResume, Label: "Resume", Scope: store.ScopeOperate,
			Does: "Starts the workflow of the order again. What was made is found, and nothing is done twice.",
			give: retried(func(given, *messages.Retry) {}),
		},
		{
			Action: messages.ActionAcceptPrice, Label: "Accept the price", Scope: store.ScopeOperate,
			Does:   "Sends the request at exactly the price that you accept.",
			Fields: []field{{Name: "price", Label: "Price", Hint: "As the message says it, such as 250.00EUR.", Kind: "text", Required: true}},
			give:   retried(func(g given, r *messages.Retry) { r.AcceptPrice = strings.TrimSpace(g.form.Get("price")) }),
		},
		{
			Action: messages.ActionTakeOver, Label: "Take over", Scope: store.ScopeOperate, Grave: true,
			Does: "Replaces a domain of another account. Make sure first that this account has lost the name.",
			give: retried(func(_ given, r *messages.Retry) { r.AllowTakeover = true }),
		},
		{
			Action: messages.ActionNothingThere, Label: "Nothing is there", Scope: store.ScopeOperate, Grave: true,
			Does: "Submits the request again. Look at the registrar first: if it has the request, it may be paid for twice.",
			give: retried(func(_ given, r *messages.Retry) { r.NothingThere = true }),
		},
	}
}

// retried gives a retry with a choice.
func retried(choose func(g given, retry *messages.Retry)) func(context.Context, given) (string, error) {
	return func(ctx context.Context, g given) (string, error) {
		retry := messages.Retry{Actor: g.who.by.Actor, Reason: g.reason()}
		choose(g, &retry)
		answer, err := g.desk.Retry(ctx, g.unit, g.id, retry)
		return answer.Next, err
	}
}

func confirmByHand(ctx context.Context, g given) (string, error) {
	by := messages.ConfirmByHand{Actor: g.who.by.Actor, Reason: g.reason(), Outcome: messages.Outcome(g.form.Get("outcome"))}
	var err error
	if day := g.form.Get("expires"); day != "" {
		if by.Expires, err = time.Parse(time.DateOnly, day); err != nil {
			return "", &desk.FilterError{Field: "expires", Rule: "must be a day such as 2026-12-24"}
		}
	}
	if !slices.Contains(messages.Outcomes(), by.Outcome) {
		return "", &desk.FilterError{Field: "outcome", Rule: "must be done or refused"}
	}
	answer, err := g.desk.ConfirmByHand(ctx, g.unit, g.id, by)
	return answer.Next, err
}

func extend(ctx context.Context, g given) (string, error) {
	most := int(messages.MostExtended.Hours())
	hours, err := strconv.Atoi(strings.TrimSpace(g.form.Get("hours")))
	if err != nil || hours < 1 || hours > most {
		return "", &desk.FilterError{Field: "hours", Rule: "must be 1 to " + strconv.Itoa(most)}
	}
	answer, err := g.desk.Extend(ctx, g.unit, g.id, messages.Extend{
		Actor: g.who.by.Actor, Reason: g.reason(), Until: g.now.Add(time.Duration(hours) * time.Hour),
	})
	return answer.Next, err
}

func skip(ctx context.Context, g given) (string, error) {
	skip := messages.Skip{Actor: g.who.by.Actor, Reason: g.reason()}
	var err error
	if skip.Step, err = strconv.Atoi(g.form.Get("step")); err != nil || skip.Step < 1 {
		return "", &desk.FilterError{Field: "step", Rule: "must be the number of the step that the order is at"}
	}
	if id := g.form.Get("billing"); id != "" {
		if skip.BillingDomainID, err = strconv.Atoi(id); err != nil || skip.BillingDomainID < 1 {
			return "", &desk.FilterError{Field: "billing", Rule: "must be the id of a domain in Billing"}
		}
	}
	answer, err := g.desk.Skip(ctx, g.unit, g.id, skip)
	return answer.Next, err
}

func cancel(ctx context.Context, g given) (string, error) {
	cancel := messages.Cancel{Actor: g.who.by.Actor, Reason: g.reason(), Keep: g.form.Has("keep"), DeleteRegistration: g.form.Has("delete")}
	if cancel.Keep && cancel.DeleteRegistration {
		return "", &desk.FilterError{Field: "delete", Rule: "must not come together with keep"}
	}
	answer, err := g.desk.Cancel(ctx, g.unit, g.id, cancel)
	return answer.Next, err
}
