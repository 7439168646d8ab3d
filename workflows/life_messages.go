package workflows

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/messages"
)

// listen sets the handlers, before anything can block.
func (l *life) listen(ctx workflow.Context) error {
	troubled := messages.Troubled().Channel(ctx)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			var trouble messages.Trouble
			if troubled.Receive(ctx, &trouble); ctx.Err() != nil {
				return
			}
			l.troubled(ctx, trouble)
		}
	})
	return errors.Join(
		messages.ReadLife().Handle(ctx, func() (messages.Life, error) { return l.view(), nil }),
		messages.ChangeRenewalMode().Handle(ctx, l.changeRenewal, l.validateRenewal),
		messages.MarkDomainLeft().Handle(ctx, l.markLeft, l.validateLeft),
	)
}

// troubled shows that a call has been failing for long, while it is tried again. The look that it
// is part of shows how it ended.
func (l *life) troubled(ctx workflow.Context, trouble messages.Trouble) {
	workflow.SetCurrentDetails(ctx, l.details()+fmt.Sprintf("\n**%s** has failed since %s, %d times: %s\n",
		trouble.Activity, trouble.Since.UTC().Format(time.RFC3339), trouble.Attempt, trouble.Message))
	_, _ = quickly(ctx, "Record that "+l.input.Domain+" cannot be read", lifeCalls.RecordLife, activities.RecordLifeInput{
		Domain: l.input.Domain, Registrar: l.Registrar, Round: l.Round, State: cmp.Or(l.State, messages.LifeNew), Since: l.Since, Word: l.Word,
		Expires: l.Expires, Renewal: l.mode(), Next: l.next.what, NextAt: l.pace.temporal(l.next.at), Attention: messages.NotRead,
	})
}

func (l *life) validateRenewal(ctx workflow.Context, command messages.ChangeRenewal) error {
	if err := inTime(workflow.Now(ctx), command.Sent); err != nil {
		return err
	}
	switch {
	case command.Mode == messages.RenewalByRegistrar:
		return errors.New("mode must be us or none: that the registrar renews it is a setting of the domain; order a settings-change with autoRenewal")
	case !command.Mode.Valid():
		return errors.New("mode must be us or none")
	case l.over || l.State.Ended():
		return errors.New("the domain has left")
	}
	return messages.CheckBy(command.Actor, command.Reason)
}

// changeRenewal records a command, and has the life go by it.
func (l *life) changeRenewal(ctx workflow.Context, command messages.ChangeRenewal) (messages.Life, error) {
	_, err := quickly(ctx, "Record who renews "+l.input.Domain, lifeCalls.RecordRenewal, activities.RecordRenewalInput{
		Domain: l.input.Domain, Command: command, Source: l.source(ctx),
	})
	if err != nil {
		return messages.Life{}, err
	}
	l.Intends, l.woken = command.Mode, true
	l.commands++
	if l.Asked != nil && l.Asked.Outcome != activities.RenewalPlaced {
		l.Asked = nil // ask again at once
	}
	return l.view(), nil
}

func (l *life) validateLeft(ctx workflow.Context, command messages.MarkLeft) error {
	if err := inTime(workflow.Now(ctx), command.Sent); err != nil {
		return err
	}
	switch {
	case !command.As().Ended():
		return errors.New("state must be transferred-away or gone")
	case l.State != messages.LifeMissing && l.State != messages.LifeUnknown:
		return fmt.Errorf("the domain is %s: only one that the registrar account does not have, or whose status nobody explains, can have left", cmp.Or(l.State, messages.LifeNew))
	}
	return messages.CheckBy(command.Actor, command.Reason)
}

// markLeft records that the domain has left, which ends the life.
func (l *life) markLeft(ctx workflow.Context, command messages.MarkLeft) (messages.Life, error) {
	now := l.now(ctx)
	_, err := quickly(ctx, "Record that "+l.input.Domain+" has left", lifeCalls.RecordLeft, activities.RecordLeftInput{
		Domain: l.input.Domain, Registrar: l.Registrar, Round: l.Round, At: now, Command: command, Source: l.source(ctx),
	})
	if err != nil {
		return messages.Life{}, err
	}
	l.State, l.Since, l.next, l.Attention, l.woken = command.As(), now, date{}, "", true
	l.happened(now, string(command.As())+", says "+command.Actor)
	return l.view(), nil
}

// source is unique to the command that is being handled.
func (l *life) source(ctx workflow.Context) string {
	return workflow.GetInfo(ctx).WorkflowExecution.ID + "/" + workflow.GetCurrentUpdateInfo(ctx).ID
}

// view is how the domain stands.
func (l *life) view() messages.Life {
	return messages.Life{
		Domain: l.input.Domain, State: cmp.Or(l.State, messages.LifeNew), Since: l.Since, Expires: l.Expires, Renewal: l.mode(),
		Next: l.next.what, NextAt: l.next.at, Attention: l.Attention,
	}
}

// details show people how the domain stands.
func (l *life) details() string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s** at registrar account `%s`: **%s** since %s\n\n", l.input.Domain, l.Registrar, cmp.Or(l.State, messages.LifeNew), l.Since.Format(time.DateOnly))
	expires := "on a day that the registrar does not tell"
	if !l.Expires.IsZero() {
		expires = "on " + l.Expires.Format(time.DateOnly)
	}
	fmt.Fprintf(&b, "- expires %s; renewed by: %s\n", expires, map[messages.RenewalMode]string{
		messages.RenewalByRegistrar: "the registrar", messages.RenewalByUs: "an order of ours", messages.RenewalByNobody: "nobody, unless it is ordered",
	}[l.mode()])
	if !l.next.at.IsZero() {
		fmt.Fprintf(&b, "- next: %s, on %s\n", l.next.what, l.next.at.Format(time.DateOnly))
	}
	if asked := l.Asked; asked != nil {
		fmt.Fprintf(&b, "- its renewal on %s: %s%s%s\n", asked.At.Format(time.DateOnly), asked.Outcome, orderOf(asked.Order), detailOf(asked.Detail))
	}
	if l.Attention != "" {
		fmt.Fprintf(&b, "- **needs a person: %s**\n", l.Attention)
	}
	if len(l.Happened) > 0 {
		b.WriteString("\n" + strings.Join(l.Happened, "  \n") + "\n")
	}
	return b.String()
}

// LifeSearchAttributes are those of a life. It has none of an order, so that saved queries of
// orders do not list it.
func LifeSearchAttributes(domain, tld, registrar string) temporal.SearchAttributes {
	return temporal.NewSearchAttributes(DomainNameKey.ValueSet(domain), TLDKey.ValueSet(tld), RegistrarKey.ValueSet(registrar))
}

// LifeSummary is the one-line title of a life.
func LifeSummary(domain string) string { return trim("Life of "+domain, 200) }
