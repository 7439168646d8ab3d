package desk

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"domainprovisioning/intake"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// By says who gives a command and by which way; see store.Act.
type By struct {
	Actor, Client, Key, Via string
	// Operator: it acts for the operator, so the orders and endpoints of all clients are its own.
	Operator bool
}

type byOfContext struct{}

// WithBy says who gives the commands of a context.
func WithBy(ctx context.Context, by By) context.Context {
	return context.WithValue(intake.WithCaller(ctx, intake.Caller{Client: by.Client, All: ownerOf(by) == ""}), byOfContext{}, by)
}

// nobody is a client that cannot be.
const nobody = ":"

// ownerOf is whose orders and endpoints somebody sees: those of its own client, or all, which is "",
// if it acts for the operator. Who is not known sees none.
func ownerOf(by By) string {
	if by.Operator {
		return ""
	}
	return cmp.Or(by.Client, nobody)
}

// clientOf is ownerOf of who asks in a context.
func clientOf(ctx context.Context) string { return ownerOf(byOf(ctx)) }

func byOf(ctx context.Context) By {
	by, ok := ctx.Value(byOfContext{}).(By)
	if !ok || by.Actor == "" {
		by.Actor = "unknown"
	}
	return by
}

// ActPage is a part of the record of acts, oldest first.
type ActPage struct {
	Acts []store.Act `json:"acts"`
	// Next is the number after which the next page begins; 0 at the end.
	Next int64 `json:"next,omitempty" jsonschema:"description=Value of the parameter after for the next page; absent at the end"`
}

// Acts lists what people and programs have done to an order, or to all if its number is "".
// It lists the oldest acts first. Error: *FilterError.
func (d *Desk) Acts(ctx context.Context, order string, filter store.ActFilter) (ActPage, error) {
	if filter.Limit == 0 {
		filter.Limit = 100
	}
	switch {
	case filter.Limit < 1 || filter.Limit > 1000:
		return ActPage{}, &FilterError{"limit", "must be 1 to 1000"}
	case filter.After < 0:
		return ActPage{}, &FilterError{"after", "must be the number of an act"}
	}
	filter.OrderNumber = order
	acts, err := d.Store.Acts(ctx, filter)
	if err != nil {
		return ActPage{}, err
	}
	page := ActPage{Acts: acts}
	if len(acts) == filter.Limit && !filter.Latest {
		page.Next = acts[len(acts)-1].Number
	}
	return page, nil
}

// ActsOf lists what people and programs have done to a unit's order. Error: *FilterError.
func (d *Desk) ActsOf(ctx context.Context, unit Unit, filter store.ActFilter) (ActPage, error) {
	return d.Acts(ctx, unit.Order, filter)
}

const (
	// digestTimeout bounds a question about an order's state for the record: a command does not
	// wait longer for a worker that does not answer.
	digestTimeout = 2 * time.Second
	// recordTimeout bounds the writing of the record.
	recordTimeout = 10 * time.Second
)

// acted carries out a command for a unit and records it. The command does not begin while the
// database cannot be written, so nothing is done that could not be recorded. If the record
// fails all the same, after the command was carried out, that is logged with everything that
// the record would say, and the command's own result stands: an error would make people and
// programs repeat what has been done.
func (d *Desk) acted(ctx context.Context, unit Unit, command, reason string, do func() error) error {
	act := store.Act{Command: command, OrderNumber: unit.Order, Item: unit.Item, Reason: reason}
	return d.record(ctx, &act, func() string { return d.digest(ctx, unit) }, do)
}

// record is acted for an act that digest tells the state of. do may complete the act.
func (d *Desk) record(ctx context.Context, act *store.Act, digest func() string, do func() error) error {
	if err := d.begin(ctx, act); err != nil {
		return err
	}
	act.Before = digest()
	err := do()
	if end(act, err); err == nil && act.Before != "" {
		act.After = digest()
	}
	d.write(ctx, *act)
	return err
}

// begin makes sure that an act can be recorded, and notes in it who gives the command.
func (d *Desk) begin(ctx context.Context, act *store.Act) error {
	if err := d.Store.CheckRecordable(ctx); err != nil {
		return fmt.Errorf("desk: the command was not given, because it cannot be recorded: %w", err)
	}
	by := byOf(ctx)
	act.Actor, act.Client, act.Key, act.Via = by.Actor, by.Client, by.Key, by.Via
	return nil
}

// end notes in an act what became of the command.
func end(act *store.Act, err error) {
	switch detail, refused := refusal(err); {
	case err == nil:
		act.Outcome = store.ActAccepted
	case refused:
		act.Outcome, act.Detail, act.After = store.ActRefused, detail, act.Before
	default:
		act.Outcome, act.Detail = store.ActFailed, trouble(err)
	}
}

// write records an act. The caller may have left meanwhile.
func (d *Desk) write(ctx context.Context, act store.Act) {
	recording, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	if _, err := d.Store.RecordAct(recording, act); err != nil {
		d.Intake.Log.ErrorContext(ctx, "an act could not be recorded; this line is its only record",
			"actor", act.Actor, "client", act.Client, "key", act.Key, "via", act.Via, "command", act.Command, "order", act.OrderNumber, "item", act.Item,
			"reason", act.Reason, "outcome", act.Outcome, "detail", act.Detail, "before", act.Before, "after", act.After, "error", err)
	}
}

// Refused records a command that was refused before anybody looked at the order, such as one
// whose API key lacks the scope. order is "" if it is not known.
func (d *Desk) Refused(ctx context.Context, order, command, detail string) {
	by := byOf(ctx)
	d.write(ctx, store.Act{
		Actor: by.Actor, Client: by.Client, Key: by.Key, Via: by.Via, Command: command, OrderNumber: order, Item: store.NoItem,
		Outcome: store.ActRefused, Detail: detail,
	})
}

// refusal returns the sentence of an error that refuses a command, so that nothing was changed.
func refusal(err error) (detail string, refused bool) {
	if e, ok := errors.AsType[*NotAllowedError](err); ok {
		return e.Reason, true
	}
	if e, ok := errors.AsType[*intake.Refusal](err); ok {
		return strings.Join(e.Reasons, "; "), true
	}
	if e, ok := errors.AsType[*store.ErasedError](err); ok {
		return strings.TrimPrefix(e.Error(), "store: "), true
	}
	if e, ok := errors.AsType[*store.OpenOrderError](err); ok {
		return strings.TrimPrefix(e.Error(), "store: "), true
	}
	if e, ok := errors.AsType[*store.RepeatableOrderError](err); ok {
		return strings.TrimPrefix(e.Error(), "store: "), true
	}
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, ErrNotFound) {
		return "there is nothing of that name", true
	}
	return "", false
}

// trouble says in general why a command has failed. The error itself, which may name hosts, is
// the caller's.
func trouble(err error) string {
	unanswered, given := errors.AsType[*UnansweredError](err)
	switch {
	case given:
		return unanswered.Error()
	case errors.Is(err, ErrUnavailable):
		return ErrUnavailable.Error()
	case errors.Is(err, ErrEitherPassword):
		return ErrRegistrarAway.Error() + ": " + ErrEitherPassword.Error()
	case errors.Is(err, ErrRegistrarAway):
		return ErrRegistrarAway.Error()
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "the caller left before there was an answer"
	default:
		return "the store did not answer"
	}
}

// digest is the digest of a unit's state as its workflow tells it, or as the store knows it
// where there is none; "" if nobody answers.
func (d *Desk) digest(ctx context.Context, unit Unit) string {
	ctx, cancel := context.WithTimeout(ctx, digestTimeout)
	defer cancel()
	row, err := d.Store.Unit(ctx, unit.Order, unit.Item)
	if err != nil {
		return ""
	}
	progress, err := d.Progress(ctx, d.unit(row))
	if err != nil {
		return ""
	}
	return digestOf(progress)
}

func digestOf(progress messages.Progress) string {
	state := struct {
		State  messages.State  `json:"state"`
		Step   int             `json:"step"`
		Reason messages.Reason `json:"reason,omitempty"`
	}{State: progress.State, Step: progress.Step}
	if progress.Attention != nil {
		state.Reason = progress.Attention.Reason
	}
	document, err := json.Marshal(state)
	if err != nil { // cannot happen with plain values
		return ""
	}
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:])
}

// claimed is the reason of a command, preceded by the actor that the command names if that is
// not who gave it.
func claimed(ctx context.Context, actor, reason string) string {
	if actor == "" || actor == byOf(ctx).Actor {
		return reason
	}
	return strings.TrimSpace(actor + ": " + reason)
}
