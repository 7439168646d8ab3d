package workflows

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/messages"
	"domainprovisioning/orders"
)

// The typed search attributes. They are not encrypted, so they hold no personal data.
var (
	DomainNameKey         = temporal.NewSearchAttributeKeyKeyword("DomainName")
	TLDKey                = temporal.NewSearchAttributeKeyKeyword("TLD")
	RegistrarKey          = temporal.NewSearchAttributeKeyKeyword("Registrar")
	OrderNumberKey        = temporal.NewSearchAttributeKeyKeyword("OrderNumber")
	ProvisioningStepKey   = temporal.NewSearchAttributeKeyInt64("ProvisioningStep")
	ProvisioningStateKey  = temporal.NewSearchAttributeKeyKeyword("ProvisioningState")
	ProvisioningReasonKey = temporal.NewSearchAttributeKeyKeyword("ProvisioningReason") // unset unless a person is needed
)

// SearchAttributeNames lists the attributes that must exist in the namespace, each with
// the server's name of its type.
func SearchAttributeNames() map[string]string {
	names := map[string]string{}
	for _, key := range []temporal.SearchAttributeKey{
		DomainNameKey, TLDKey, RegistrarKey, OrderNumberKey, ProvisioningStepKey, ProvisioningStateKey, ProvisioningReasonKey,
	} {
		names[key.GetName()] = key.GetValueType().String()
	}
	return names
}

// WorkflowID is the id of the workflow that carries a unit of work. It allows one open
// order per domain and type. The id of hosting without a domain holds order and item.
func WorkflowID(orderNumber string, unit orders.Unit) string {
	if unit.Domain != nil {
		return idPrefix(unit.Type) + "/" + unit.Domain.Name.String()
	}
	return fmt.Sprintf("%s/%s/%d", hostingPrefix, orderNumber, unit.Item)
}

// hostingPrefix is what the workflow ids of hosting without a domain begin with.
const hostingPrefix = "hosting-provisioning"

// InitialSearchAttributes are the search attributes that an order starts with.
func InitialSearchAttributes(orderNumber string, unit orders.Unit) temporal.SearchAttributes {
	updates := []temporal.SearchAttributeUpdate{
		OrderNumberKey.ValueSet(orderNumber),
		ProvisioningStepKey.ValueSet(1),
		ProvisioningStateKey.ValueSet(string(messages.Running)),
	}
	if unit.Domain != nil {
		updates = append(updates,
			DomainNameKey.ValueSet(unit.Domain.Name.String()),
			TLDKey.ValueSet(unit.Domain.TLD),
			RegistrarKey.ValueSet(unit.Domain.Registrar))
	}
	return temporal.NewSearchAttributes(updates...)
}

// StaticSummary is the one-line title of an order's workflow, at most 200 bytes.
func StaticSummary(orderNumber string, unit orders.Unit) string {
	switch {
	case unit.Domain == nil:
		return "Hosting, order " + orderNumber
	case unit.Hosting == nil:
		return trim(title(unit)+unit.Domain.Name.String()+", order "+orderNumber, 200)
	default:
		return trim(title(unit)+unit.Domain.Name.String()+" with hosting, order "+orderNumber, 200)
	}
}

// title says what is ordered for a domain; "" for a registration, which is the usual case.
func title(unit orders.Unit) string {
	if unit.Type == orders.Registration {
		return ""
	}
	words := strings.ReplaceAll(unit.Type.String(), "-", " ")
	return strings.ToUpper(words[:1]) + words[1:] + " of "
}

// StaticDetails says in Markdown what was ordered.
func StaticDetails(orderNumber string, unit orders.Unit) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Order **%s**, item %d\n\n", orderNumber, unit.Item)
	if d := unit.Domain; d != nil {
		period := "1 year"
		if d.Years > 1 {
			period = fmt.Sprintf("%d years", d.Years)
		}
		fmt.Fprintf(&b, "- %s of domain `%s`", strings.ReplaceAll(unit.Type.String(), "-", " "), d.Name)
		if unit.Type == orders.Registration || unit.Type == orders.Renewal {
			fmt.Fprintf(&b, " for %s", period)
		}
		fmt.Fprintf(&b, " at registrar account `%s`\n", d.Registrar)
		if len(d.NameServers) > 0 {
			fmt.Fprintf(&b, "- the customer's own name servers: %s\n", list(d.NameServers))
		}
	}
	if h := unit.Hosting; h != nil {
		fmt.Fprintf(&b, "- hosting from service template %d\n", h.Template)
	}
	return b.String()
}

// trim cuts a text to a number of bytes without splitting a character, because invalid
// UTF-8 cannot be shown at all.
func trim(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}

// published is what the search attributes say.
type published struct {
	step   int
	state  messages.State
	reason messages.Reason
}

// publish shows the state of the order in two places. The current details are always exact
// and cost nothing. The search attributes can be filtered by, and are there when no worker
// answers, but each update is an event and a write to the visibility store: updates at
// every step would cost a third of the throughput. So they are written when the state
// changes. For an order that waits or needs attention they show the exact step; for one
// that runs, the step at which it began to run.
func (u *unitRun) publish(ctx workflow.Context) error {
	workflow.SetCurrentDetails(ctx, u.checklist())
	next := published{step: u.current, state: u.shownState()}
	attention := u.shownAttention()
	if u.records && attention != nil {
		next.reason = attention.Reason
	}
	if next == u.published || (next.state == u.published.state && (next.state == messages.Running || next.state == messages.Undoing)) {
		return nil
	}
	if u.fast && !u.ordinary && u.published.state == messages.Waiting && next.state == messages.Running {
		return nil // it passes in a moment; where it does not, a person is told
	}
	attributes := []temporal.SearchAttributeUpdate{
		ProvisioningStepKey.ValueSet(int64(next.step)), ProvisioningStateKey.ValueSet(string(next.state)),
	}
	if next.reason != u.published.reason {
		if next.reason == "" {
			attributes = append(attributes, ProvisioningReasonKey.ValueUnset())
		} else {
			attributes = append(attributes, ProvisioningReasonKey.ValueSet(string(next.reason)))
		}
	}
	u.published = next
	if u.records && !next.state.Closed() {
		u.tell(next.state, attention)
	}
	return workflow.UpsertTypedSearchAttributes(ctx, attributes...)
}

func (u *unitRun) progress() (messages.Progress, error) {
	progress := messages.Progress{
		OrderNumber: u.input.OrderNumber,
		State:       u.shownState(),
		Step:        u.current,
		Steps:       append([]messages.StepProgress(nil), u.steps...),
		Attention:   u.shownAttention(),
		Notes:       append([]string(nil), u.notes...),
		Revision:    u.revision,
		Troubles:    append([]messages.PastAttention(nil), u.troubles...),
		Actions:     u.actions(),
	}
	if u.refusal(messages.ActionAmend) == "" {
		for _, change := range messages.Changes() {
			if u.refuseChange(change) == "" {
				progress.Amendable = append(progress.Amendable, change)
			}
		}
	}
	if u.waits() {
		progress.Deadline = u.deadline(u.request)
	}
	if u.givenUp != nil {
		progress.Undo, _ = u.undoLines()
	}
	if u.domain != nil {
		progress.Domain = u.domain.Name.String()
		progress.Registrar = u.domain.Registrar
	}
	return progress, nil
}

// OrderNumberOf returns the order number of a run as Temporal describes it, or an error if
// the run has none and so is not ours.
func OrderNumberOf(run *workflowpb.WorkflowExecutionInfo) (string, error) {
	var number string
	payload := run.GetSearchAttributes().GetIndexedFields()[OrderNumberKey.GetName()]
	if err := converter.GetDefaultDataConverter().FromPayload(payload, &number); err != nil {
		return "", fmt.Errorf("workflows: order number of the run: %w", err)
	}
	return number, nil
}

// Carries reports whether a run, as Temporal describes it, carries the order.
func Carries(run *workflowpb.WorkflowExecutionInfo, orderNumber string) bool {
	number, err := OrderNumberOf(run)
	return err == nil && number == orderNumber
}

// maxDetails is the size limit of the details in Temporal, in bytes.
const maxDetails = 20 << 10

// checklist is the order as Markdown for the Web UI. It is written at every step and again
// at every replay, so it avoids the cost of formatting verbs.
func (u *unitRun) checklist() string {
	var b strings.Builder
	b.Grow(lineBytes * (len(u.steps) + 2))
	write := func(texts ...string) {
		for _, text := range texts {
			b.WriteString(text)
		}
	}
	write("**", string(u.shownState()), "** at step ", strconv.Itoa(u.current), "\n\n")
	if a := u.shownAttention(); a != nil {
		write("> **Needs attention** since ", stamp(a.Since), ": `", string(a.Reason), "`\n>\n> ",
			strings.ReplaceAll(trim(a.Message, 4000), "\n", " "), "\n")
		if a.Reference != "" {
			write(">\n> What the system has said: `starter quote ", a.Reference, "`\n")
		}
		if u.attention != nil && u.said != "" { // the workflow's own trouble
			write(">\n> It begins:\n>\n>     ", quoted(u.said), "\n")
		}
		for n, action := range a.Actions {
			if n == 0 {
				write(">\n> Allowed:\n")
			}
			write("> - ", string(action), ": `", messages.CommandLine(action, u.input.OrderNumber), "`\n")
		}
		write("\n")
	}
	write("| | step | when | |\n|---|---|---|---|\n")
	for _, line := range u.steps {
		when := ""
		switch {
		case !line.FinishedAt.IsZero():
			when = stamp(line.FinishedAt)
		case !line.StartedAt.IsZero():
			when = "since " + stamp(line.StartedAt)
		}
		write("| ", mark(line.State), " | ", label(line), " | ", when, " | ", line.Note, " |\n")
	}
	for _, note := range u.notes {
		write("\n- ", note)
	}
	for n, past := range u.troubles {
		if n == 0 {
			write("\n\n| earlier trouble | step | from | until | cure |\n|---|---|---|---|---|\n")
		}
		write("| ", string(past.Reason), " | ", strconv.Itoa(past.Step), " | ", stamp(past.Since), " | ", stamp(past.Until), " | ", cell(past.Cure), " |\n")
	}
	return trim(b.String(), maxDetails)
}

// cell is a text that stays in its cell of a table.
func cell(text string) string { return strings.NewReplacer("|", "/", "\n", " ").Replace(text) }

// quoted is a text of elsewhere as the rest of a block of code in a quotation.
func quoted(text string) string {
	return strings.Map(func(c rune) rune {
		if c != '\n' && unicode.IsControl(c) {
			return ' '
		}
		return c
	}, strings.ReplaceAll(text, "\n", "\n>     "))
}

// lineBytes is the approximate length of a line of the checklist.
const lineBytes = 100

// ModelSteps is the number of steps of the Domain and Hosting Provisioning Model;
// the lines after it are ours.
const ModelSteps = 12

func label(line messages.StepProgress) string {
	if line.Number > ModelSteps {
		return line.Title
	}
	return strconv.Itoa(line.Number) + " " + line.Title
}

// mark is a word instead of a pictogram, so that it can be read aloud and needs no font.
func mark(state messages.StepState) string {
	switch state {
	case messages.StepOpen:
		return ""
	case messages.StepParked:
		return "**attention**"
	default:
		return string(state)
	}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
