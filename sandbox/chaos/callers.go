//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"domainprovisioning/wire/xmlrpc"
)

// callers place orders at the gateways over HTTP, and try again until they get an answer.
type callers struct {
	gateways []string // URLs
	key      string
	http     *http.Client

	mu      sync.Mutex
	answers map[*order][]string // the product's keys of the order, one per answer
	refused map[*order]string
	tries   int
}

func newCallers(gateways []string, key string) *callers {
	return &callers{
		gateways: gateways, key: key, http: &http.Client{Timeout: time.Minute},
		answers: map[*order][]string{}, refused: map[*order]string{},
	}
}

// errRefused means that an order was refused, so trying again is useless.
var errRefused = errors.New("refused")

// place is one caller. It starts at its time and stays until all its orders are answered
// or the run ends. It has its own random generator.
func (c *callers) place(ctx context.Context, o *order, random *rand.Rand, done func(*order) bool) {
	for ; o != nil; o = o.then {
		if !sleep(ctx, o.begins) {
			return
		}
		var group sync.WaitGroup
		// One caller in eight clicks twice.
		if random.IntN(8) == 0 {
			twin := rand.New(rand.NewPCG(random.Uint64(), 0)) //nolint:gosec // repeatable, keeps no secret
			group.Go(func() { c.untilAnswered(ctx, o, twin) })
		}
		answered := c.untilAnswered(ctx, o, random)
		group.Wait()
		// One caller in eight asks again after a while, and must be told of the same
		// order.
		if random.IntN(8) == 0 && sleep(ctx, time.Duration(random.IntN(20))*time.Second) {
			c.untilAnswered(ctx, o, random)
		}
		for answered && o.then != nil && !done(o) {
			if !sleep(ctx, time.Second) {
				return
			}
		}
		if !answered {
			return
		}
	}
}

// untilAnswered tries until there is an answer.
func (c *callers) untilAnswered(ctx context.Context, o *order, random *rand.Rand) bool {
	for ctx.Err() == nil {
		// Some callers have little patience and leave before the answer.
		patience := []time.Duration{300 * time.Millisecond, 2 * time.Second, 10 * time.Second, 40 * time.Second}[random.IntN(4)]
		trying, cancel := context.WithTimeout(ctx, patience)
		number, err := c.try(trying, c.gateways[random.IntN(len(c.gateways))], o)
		cancel()
		c.mu.Lock()
		c.tries++
		switch {
		case err == nil:
			c.answers[o] = append(c.answers[o], number)
		case errors.Is(err, errRefused):
			c.refused[o] = err.Error()
		}
		c.mu.Unlock()
		if err == nil {
			return true
		}
		if errors.Is(err, errRefused) || !sleep(ctx, time.Duration(200+random.IntN(1500))*time.Millisecond) {
			return false
		}
	}
	return false
}

// try asks once and returns the product's key of the order, by which its books know it. An
// order over XML-RPC has no number of its own, so that the answer's number is the key.
func (c *callers) try(ctx context.Context, gateway string, o *order) (string, error) {
	path, media := "/v1/orders", "application/json"
	if o.xml {
		path, media = "/RPC2", "text/xml"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, gateway+path, bytes.NewReader(o.document))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", media)
	request.Header.Set("Authorization", "Bearer "+c.key)
	if o.key != "" {
		request.Header.Set("Idempotency-Key", o.key)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	switch {
	case err != nil:
		return "", err
	case response.StatusCode >= 500, response.StatusCode == http.StatusConflict, response.StatusCode == http.StatusTooManyRequests:
		return "", fmt.Errorf("later: %d", response.StatusCode)
	case response.StatusCode >= 300:
		return "", fmt.Errorf("%w: %d %s", errRefused, response.StatusCode, body)
	case o.xml:
		return numberInCall(body)
	}
	var placed struct {
		Key string `json:"key"`
	}
	if err := json.Unmarshal(body, &placed); err != nil || placed.Key == "" {
		return "", fmt.Errorf("%w: the answer cannot be read: %s", errRefused, body)
	}
	return placed.Key, nil
}

// numberAt is the index of the order's number in the answer; faultLater is the fault code
// that means later.
const numberAt, faultLater = 10, 3

func numberInCall(body []byte) (string, error) {
	value, err := xmlrpc.DecodeResponse(body, xmlrpc.Limits{})
	if fault, ok := errors.AsType[*xmlrpc.Fault](err); ok {
		if fault.Code == faultLater {
			return "", err
		}
		return "", fmt.Errorf("%w: %s", errRefused, strings.TrimSpace(fault.Text))
	}
	if err != nil {
		return "", err
	}
	answer, _ := value.(xmlrpc.Struct)
	outer, _ := answer["Result"].([]any)
	if len(outer) == 1 {
		if values, _ := outer[0].([]any); len(values) > numberAt {
			if number, _ := values[numberAt].(string); number != "" {
				return number, nil
			}
		}
	}
	return "", fmt.Errorf("%w: the answer cannot be read", errRefused)
}

// repeat asks once more for an order that was answered.
func (c *callers) repeat(ctx context.Context, o *order) error {
	number, err := c.try(ctx, c.gateways[o.index%len(c.gateways)], o)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers[o] = append(c.answers[o], number)
	return nil
}

// numbers returns the keys of the order that the callers of an order were told.
func (c *callers) numbers(o *order) (numbers []string, refused string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.answers[o]...), c.refused[o]
}

func (c *callers) counts() (answered, tries int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.answers), c.tries
}

// sleep waits, and reports whether the context is still valid.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
