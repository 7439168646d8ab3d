package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"domainprovisioning/intake/outbox"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// oldSecretFor is how long the old secret of an endpoint signs beside its new one.
const oldSecretFor = 24 * time.Hour

// NewHook is an endpoint that is to be told news.
type NewHook struct {
	URL    string   `json:"url" jsonschema:"format=uri,maxLength=2000,description=Where events are sent: https\\, at a host on the Internet"`
	Events []string `json:"events,omitempty" jsonschema:"description=Which events: types\\, all of a kind such as order.*\\, or * for all; absent: *"`
}

// MadeHook is an endpoint with its secret, which is shown only this once.
type MadeHook struct {
	store.Hook

	Secret string `json:"secret" jsonschema:"description=Signs the events\\, by the Standard Webhooks specification; shown only this once"`
}

// FieldError names the field of a request that breaks a rule.
type FieldError struct{ Field, Rule string }

func (e *FieldError) Error() string { return e.Field + " " + e.Rule }

// Hooks lists the endpoints of the caller's client, oldest first.
func (d *Desk) Hooks(ctx context.Context) ([]store.Hook, error) {
	return d.Store.Hooks(ctx, clientOf(ctx))
}

// Hook returns an endpoint of the caller's client. Error: ErrNoHook.
func (d *Desk) Hook(ctx context.Context, id string) (store.Hook, error) {
	hook, err := d.Store.Hook(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && clientOf(ctx) != "" && hook.Client != clientOf(ctx) {
		return store.Hook{}, ErrNoHook
	}
	return hook, err
}

// ErrNoHook means that there is no such endpoint.
var ErrNoHook = errors.New("there is no such endpoint")

// AddHook adds an endpoint for the caller's client; a caller without one names it, or "" for the
// orders of all clients. Errors: *FieldError, *NotAllowedError.
func (d *Desk) AddHook(ctx context.Context, wanted NewHook, of string) (MadeHook, error) {
	if len(wanted.Events) == 0 {
		wanted.Events = []string{"*"}
	}
	if own := clientOf(ctx); own != "" {
		of = own
	}
	if err := d.checkHook(wanted.URL, wanted.Events); err != nil {
		return MadeHook{}, err
	}
	var made MadeHook
	err := d.recordHook(ctx, "hook-add", "", func() error {
		hook, secret, err := d.Store.AddHook(ctx, store.NewHook{Client: of, URL: wanted.URL, Events: wanted.Events, By: byOf(ctx).Actor})
		if errors.Is(err, store.ErrManyHooks) {
			return &NotAllowedError{fmt.Sprintf("a client may have %d endpoints; remove one that is not needed", store.MostHooks)}
		}
		made = MadeHook{hook, secret.Reveal()}
		return err
	})
	return made, err
}

func (d *Desk) checkHook(address string, events []string) error {
	if err := outbox.CheckURL(address, d.PrivateHosts); err != nil {
		return &FieldError{"url", err.Error()}
	}
	return CheckEvents(events)
}

// CheckEvents checks the events that an endpoint chooses. Error: *FieldError.
func CheckEvents(events []string) error {
	for i, event := range events {
		switch {
		case !slices.Contains(messages.NewsPatterns(), event):
			return &FieldError{"events", fmt.Sprintf("holds %q, and may hold %s", event, strings.Join(messages.NewsPatterns(), ", "))}
		case slices.Contains(events[:i], event):
			return &FieldError{"events", fmt.Sprintf("holds %q twice", event)}
		}
	}
	return nil
}

// ChangedHook says what an endpoint is to be given; absent fields stay.
type ChangedHook struct {
	URL    string   `json:"url,omitempty" jsonschema:"format=uri,maxLength=2000,description=The new address; absent: as it is"`
	Events []string `json:"events,omitempty" jsonschema:"description=The new events; absent: as they are"`
}

// ChangeHook changes an endpoint. Errors: ErrNoHook, *FieldError.
func (d *Desk) ChangeHook(ctx context.Context, id string, change ChangedHook) (store.Hook, error) {
	if change.URL == "" && len(change.Events) == 0 {
		return store.Hook{}, &FieldError{"url", "or events must be given"}
	}
	err := CheckEvents(change.Events)
	if change.URL != "" {
		err = d.checkHook(change.URL, change.Events)
	}
	if err != nil {
		return store.Hook{}, err
	}
	return d.onHook(ctx, "hook-change", id, func() (store.Hook, error) { return d.Store.ChangeHook(ctx, id, change.URL, change.Events) })
}

// EnableHook lets a disabled endpoint be told news again. Error: ErrNoHook.
func (d *Desk) EnableHook(ctx context.Context, id string) (store.Hook, error) {
	return d.onHook(ctx, "hook-enable", id, func() (store.Hook, error) { return d.Store.EnableHook(ctx, id) })
}

// RemoveHook removes an endpoint; what was on its way is not sent any more. Error: ErrNoHook.
func (d *Desk) RemoveHook(ctx context.Context, id string) error {
	_, err := d.onHook(ctx, "hook-remove", id, func() (store.Hook, error) { return store.Hook{}, d.Store.RemoveHook(ctx, id) })
	return err
}

// RotateHook gives an endpoint a new secret. For a day the old one signs as well. Error:
// ErrNoHook.
func (d *Desk) RotateHook(ctx context.Context, id string) (MadeHook, error) {
	var made MadeHook
	_, err := d.onHook(ctx, "hook-rotate", id, func() (store.Hook, error) {
		hook, secret, err := d.Store.RotateHook(ctx, id, oldSecretFor)
		made = MadeHook{hook, secret.Reveal()}
		return hook, err
	})
	return made, err
}

// onHook carries out a command about an endpoint of the caller's client, and records it.
func (d *Desk) onHook(ctx context.Context, command, id string, do func() (store.Hook, error)) (hook store.Hook, err error) {
	if _, err := d.Hook(ctx, id); err != nil {
		return store.Hook{}, err
	}
	err = d.recordHook(ctx, command, id, func() error {
		hook, err = do()
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return hook, ErrNoHook
	}
	return hook, err
}

func (d *Desk) recordHook(ctx context.Context, command, id string, do func() error) error {
	return d.record(ctx, &store.Act{Command: command, Item: store.NoItem, Reason: id}, func() string { return "" }, do)
}

// SentEvent names an event that was sent on request.
type SentEvent struct {
	EventID string `json:"eventId"`
}

// TestHook sends an endpoint a test event. Errors: ErrNoHook, *NotAllowedError.
func (d *Desk) TestHook(ctx context.Context, id string) (SentEvent, error) {
	if err := d.enabledHook(ctx, id); err != nil {
		return SentEvent{}, err
	}
	event, err := d.Store.TestHook(ctx, id)
	return SentEvent{event}, err
}

func (d *Desk) enabledHook(ctx context.Context, id string) error {
	hook, err := d.Hook(ctx, id)
	if err == nil && hook.DisabledAt != nil {
		return &NotAllowedError{"the endpoint is disabled; enable it first"}
	}
	return err
}

// Deliveries lists what was sent to an endpoint, newest first, or to all of the caller's if the
// filter names none. The filter's order is anything that Find takes. Errors: ErrNoHook,
// *SeveralOrdersError.
func (d *Desk) Deliveries(ctx context.Context, filter store.DeliveryFilter) ([]store.Delivery, error) {
	if filter.Hook != "" || clientOf(ctx) != "" {
		if _, err := d.Hook(ctx, filter.Hook); err != nil {
			return nil, err
		}
	}
	return d.deliveries(ctx, filter)
}

func (d *Desk) deliveries(ctx context.Context, filter store.DeliveryFilter) ([]store.Delivery, error) {
	if filter.OrderNumber != "" {
		key, err := d.keyOf(ctx, filter.OrderNumber)
		if errors.Is(err, ErrNotFound) {
			return []store.Delivery{}, nil
		}
		if err != nil {
			return nil, err
		}
		filter.OrderNumber = key
	}
	return d.Store.Deliveries(ctx, filter)
}

// keyOf returns the key of the order that an argument of Find names. Errors: ErrNotFound,
// *SeveralOrdersError.
func (d *Desk) keyOf(ctx context.Context, order string) (string, error) {
	found, err := d.Find(ctx, order)
	if _, noName := errors.AsType[*NameError](err); noName {
		return "", ErrNotFound
	}
	if err != nil {
		return "", err
	}
	return found[0].Order, nil
}

// Resent counts the events that are sent again.
type Resent struct {
	Events int `json:"events" jsonschema:"description=How many events are sent again"`
}

// Resend sends an endpoint an event again, or all that are kept of an order, under their old
// ids. Errors: ErrNoHook, *FieldError, *NotAllowedError,
// *SeveralOrdersError.
func (d *Desk) Resend(ctx context.Context, hook, event, order string) (Resent, error) {
	if (event == "") == (order == "") {
		return Resent{}, &FieldError{"event", "or order must be given, and not both"}
	}
	if err := d.enabledHook(ctx, hook); err != nil {
		return Resent{}, err
	}
	none := &NotAllowedError{"the endpoint has no such event; events are kept for 30 days"}
	if order != "" {
		key, err := d.keyOf(ctx, order)
		if errors.Is(err, ErrNotFound) {
			return Resent{}, none
		}
		if err != nil {
			return Resent{}, err
		}
		order = key
	}
	count, err := d.Store.Resend(ctx, hook, event, order)
	if err == nil && count == 0 {
		return Resent{}, none
	}
	return Resent{count}, err
}
