package desk

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.temporal.io/sdk/client"

	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/store"
)

// Filter narrows a list. Empty fields do not narrow.
type Filter struct {
	Domain    string
	Registrar string
	// State is one of States. A stopped order is open, but its workflow does not go on by itself
	// because it was terminated, deleted or paused, or is stuck; it shows as attention.
	State string
	// Reason is why an order needs a person, such as balance or terminated.
	Reason string
	// Step is where the order stands, or stood when it was cancelled or failed.
	Step int
	// Text is an order number, or a part of a domain name in ASCII form.
	Text string
	// OlderThan is how long the order has been in its state at least.
	OlderThan time.Duration
	// Cursor is Page.Next of the previous page.
	Cursor string
	// Limit is 1 to 1000; zero means 100.
	Limit int
}

// States lists the values of Filter.State: open and stopped comprise several of the others.
func States() []string {
	single := append(store.OpenStates(), messages.Done, messages.Cancelled, messages.Failed)
	states := append(make([]string, 0, 2+len(single)), string(store.UnitOpen), stateStopped)
	for _, state := range single {
		states = append(states, string(state))
	}
	return states
}

const stateStopped = "stopped"

// Page is a part of a list, newest first.
type Page struct {
	Orders []Unit `json:"orders"`
	// Next is the cursor of the next page; "" at the end.
	Next string `json:"next,omitempty" jsonschema:"description=Value of the parameter cursor for the next page; absent at the end"`
	// Note says why the list may be older than usual.
	Note string `json:"note,omitempty" jsonschema:"description=Says so if Temporal does not answer: then nothing goes on\\, and each state is the last one that was recorded"`
}

// FilterError says which field of a filter breaks which rule.
type FilterError struct{ Field, Rule string }

func (e *FilterError) Error() string { return e.Field + " " + e.Rule }

// List lists units of work, newest first, by what the store knows: each workflow tells it
// every change of its state. Error: *FilterError.
func (d *Desk) List(ctx context.Context, filter Filter) (Page, error) {
	if filter.Limit == 0 {
		filter.Limit = 100
	}
	units, err := filter.units()
	if err != nil {
		return Page{}, err
	}
	units.Client = clientOf(ctx)
	if strings.ContainsFunc(filter.Registrar, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return Page{Orders: []Unit{}}, nil // no account has such a name
	}
	asking := make(chan string, 1)
	go func() { asking <- d.noteOf(ctx) }()
	rows, err := d.Store.Units(ctx, units)
	if err != nil {
		return Page{}, err
	}
	page := Page{Orders: []Unit{}, Note: <-asking}
	for n, row := range rows {
		if n == filter.Limit {
			break
		}
		page.Orders = append(page.Orders, d.unit(row))
	}
	if n := len(page.Orders); n > 0 && (len(rows) > n || n == 1000) {
		page.Next = encodeCursor(rows[n-1].Cursor())
	}
	return page, nil
}

// units is the filter for the store.
func (f Filter) units() (store.UnitFilter, error) {
	units := store.UnitFilter{Registrar: f.Registrar, Reason: f.Reason, Text: f.Text, OlderThan: f.OlderThan, Step: f.Step}
	if f.Limit < 1 || f.Limit > 1000 {
		return units, &FilterError{"limit", "must be 1 to 1000"}
	}
	// One row more than requested shows whether there is a next page.
	units.Limit = min(f.Limit+1, 1000)
	if f.Domain != "" {
		name, err := domains.ParseName(f.Domain)
		if err != nil {
			return units, &FilterError{"domain", "must be a domain name"}
		}
		units.Domain = name.String()
	}
	for _, text := range []struct{ field, value string }{{"reason", f.Reason}, {"text", f.Text}} {
		if !plainText(text.value) {
			return units, &FilterError{text.field, fmt.Sprintf("must be at most %d characters long, and hold no control character", maxText)}
		}
	}
	if f.Step < 0 {
		return units, &FilterError{"step", "must be the number of a step"}
	}
	if f.OlderThan < 0 {
		return units, &FilterError{"olderThan", "must be an age such as 48h"}
	}
	switch state := f.State; {
	case state == "":
	case !slices.Contains(States(), state):
		return units, &FilterError{"state", "must be one of " + strings.Join(States(), ", ")}
	case state == stateStopped:
		units.Stopped = true
	case state == string(store.UnitOpen):
		units.State = store.UnitOpen
	default:
		units.Shown = messages.State(state)
	}
	if f.Cursor != "" {
		units.After = new(store.UnitCursor)
		if !decodeCursor(f.Cursor, units.After) || !validKey(units.After.OrderNumber) {
			return units, &FilterError{"cursor", "must come from the previous page"}
		}
	}
	return units, nil
}

// plainText reports whether a list can be searched for a text.
func plainText(text string) bool {
	return len(text) <= maxText && utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// validKey reports whether a text has the form of an order's key.
func validKey(key string) bool {
	client, number, of := strings.Cut(key, ":")
	return orders.ValidNumber(client) && (!of || orders.ValidNumber(number))
}

// maxText is the length of a domain name, the longest text that a list can be searched for.
const maxText = 253

// healthTimeout bounds the question whether Temporal answers: a list does not wait longer.
const healthTimeout = time.Second

// noteOf says so if Temporal does not answer.
func (d *Desk) noteOf(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	if _, err := d.Temporal.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return "Temporal does not answer: nothing goes on, and each state is the last one that was recorded"
	}
	return ""
}

// A cursor is opaque to callers.
func encodeCursor(place any) string {
	document, err := json.Marshal(place)
	if err != nil { // cannot happen with plain values
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(document)
}

func decodeCursor(cursor string, place any) bool {
	document, err := base64.RawURLEncoding.DecodeString(cursor)
	return err == nil && json.Unmarshal(document, place) == nil
}
