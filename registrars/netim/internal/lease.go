package internal

import (
	"context"
	"errors"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

// If processes share the account's sessions (Config.Sessions), a client leases one while it
// makes calls, renews the lease, and releases it soon after its last call. So processes
// that call in turn share a session, and the session of a killed process passes to the next
// within the length of a lease.
const (
	// leaseFor is short, because after a kill the next process waits for it. A lease that
	// expires too early does no harm: two processes then use one session for a moment.
	leaseFor   = 5 * time.Second
	renewEvery = leaseFor / 3
	// lookEvery is how often a client checks its lease, or checks for a free session. A lease
	// is released after one to two such intervals without a call, not at once, because the
	// calls of an order follow one another.
	lookEvery = 200 * time.Millisecond
	// storeWithin is the time-out of a call to the store.
	storeWithin = 3 * time.Second
)

// lease is a lease that the client holds. Its fields are guarded by the session's lock.
type lease struct {
	session registrars.Session
	renewed time.Time // taken before the store was asked to renew it
}

// enter counts a call until the function that it returns is called.
func (c *Client) enter() (leave func()) {
	c.session.calls.Add(1)
	c.session.used.Store(true)
	return func() {
		c.session.used.Store(true)
		c.session.calls.Add(-1)
	}
}

// dropLapsed gives up a lease that has expired: another process may have the session.
func (c *Client) dropLapsed() {
	if l := c.session.lease; l != nil && time.Since(l.renewed) >= leaseFor {
		c.session.lease, c.session.id = nil, ""
	}
}

// find returns the id of an open session, or "" if the caller must open one. It may wait
// for the length of a lease: by then the session of a killed holder is free, or the holders
// of all sessions are alive and another session is needed.
func (c *Client) find(ctx context.Context) (id string, err error) {
	if c.config.Sessions == nil {
		return "", nil
	}
	if c.session.lease != nil {
		if err := c.replace(ctx); !errors.Is(err, registrars.ErrSessionLost) {
			return "", notFound(err)
		}
		c.session.lease = nil
	}
	for started := time.Now(); ; {
		further := time.Since(started) >= leaseFor
		take := registrars.TakeAny
		if c.session.apart {
			take = registrars.TakeOwn
		}
		err := c.obtain(ctx, take, further)
		if further && c.session.apart && errors.Is(err, registrars.ErrSessionsTaken) {
			err = c.obtain(ctx, registrars.TakeAny, further)
		}
		if err == nil {
			return c.session.lease.session.ID.Reveal(), nil
		}
		if further || !errors.Is(err, registrars.ErrSessionsTaken) {
			return "", notFound(err)
		}
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
			return "", notFound(ctx.Err())
		}
	}
}

// replace turns the lease into one of a session that must be opened, because the leased
// session has ended. The new session takes its place unless the old one was opened on
// another host: if a session serves only the host that opened it, the old one lives on
// there, and hosts that replaced each other's sessions would open one with every call.
func (c *Client) replace(ctx context.Context) error {
	l := c.session.lease
	if l.session.Foreign && !l.session.ID.IsZero() {
		c.session.apart = true
		err := c.obtain(ctx, registrars.TakeNone, true)
		if err == nil {
			_ = c.giveBack(ctx, l) // if this fails, it expires
		}
		if !errors.Is(err, registrars.ErrSessionsTaken) {
			return err
		}
	}
	l.session.ID = domains.Secret{}
	return c.keepLease(ctx, l)
}

// obtain leases a session.
func (c *Client) obtain(ctx context.Context, take string, further bool) error {
	ctx, cancel := context.WithTimeout(ctx, storeWithin)
	defer cancel()
	asked := time.Now()
	session, err := c.config.Sessions.Lease(ctx, registrars.SessionTerms{
		Lease: leaseFor, Idle: sessionIdle, Most: c.config.MostSessions, Further: further, Take: take,
	})
	if err != nil {
		return err
	}
	l := &lease{session: session, renewed: asked}
	c.session.lease = l
	go c.lookAfter(l) //nolint:gosec,contextcheck // it outlives the call that began it, and ends with the lease
	return nil
}

// notFound is the error of a call that was not sent because no session was found. An error
// of the store is treated as a registrar that cannot be reached: without the store no
// session could be shared, and each process would open its own.
func notFound(err error) error {
	if err == nil || errors.Is(err, registrars.ErrSessionsTaken) {
		return err
	}
	return &TransportError{Sent: false, Err: err}
}

// keepOpened stores a newly opened session for the other processes. The caller may have
// given up by then.
func (c *Client) keepOpened(ctx context.Context, id domains.Secret) error {
	l := c.session.lease
	if l == nil {
		return nil
	}
	l.session.ID = id
	err := c.keepLease(context.WithoutCancel(ctx), l)
	if err != nil {
		c.session.lease = nil
	}
	return notFound(err)
}

func (c *Client) keepLease(ctx context.Context, l *lease) error {
	ctx, cancel := context.WithTimeout(ctx, storeWithin)
	defer cancel()
	asked := time.Now()
	err := c.config.Sessions.Keep(ctx, l.session, leaseFor)
	if err == nil {
		l.renewed = asked
	}
	return err
}

// forget gives back the room of a session that could not be opened. If the session was
// opened although the answer was lost, only the registrar counts it.
func (c *Client) forget(ctx context.Context) {
	l := c.session.lease
	if l == nil {
		return
	}
	c.session.lease = nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeWithin)
	defer cancel()
	// If this fails, the room stays taken until the session would have ended by itself.
	_ = c.config.Sessions.Forget(ctx, l.session)
}

// release leaves the client's session, if it has one, to others.
func (c *Client) release(ctx context.Context) error {
	l := c.session.lease
	if l == nil {
		return nil
	}
	c.session.lease, c.session.id = nil, ""
	return c.giveBack(ctx, l)
}

func (c *Client) giveBack(ctx context.Context, l *lease) error {
	if l.session.ID.IsZero() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, storeWithin)
	defer cancel()
	if err := c.config.Sessions.Release(ctx, l.session); err != nil && !errors.Is(err, registrars.ErrSessionLost) {
		return err
	}
	return nil
}

// lookAfter renews a lease while calls are made, and releases it when there are none.
func (c *Client) lookAfter(l *lease) {
	ctx := context.Background()
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for range ticker.C {
		switch has, due := c.look(ctx, l); {
		case !has:
			return
		case due:
			c.renew(ctx, l)
		}
	}
}

// look releases an unused lease. It reports whether the client still has the lease, and
// whether it is due for renewal.
func (c *Client) look(ctx context.Context, l *lease) (has, due bool) {
	unlock, err := c.lockSession(ctx)
	if err != nil {
		return false, false
	}
	defer unlock()
	if c.session.lease == l && c.session.calls.Load() == 0 && !c.session.used.Swap(false) {
		// If this fails, the lease expires.
		_ = c.release(ctx)
	}
	return c.session.lease == l, time.Since(l.renewed) >= renewEvery
}

// renew renews a lease. Calls go on in the meantime.
func (c *Client) renew(ctx context.Context, l *lease) {
	asked := time.Now()
	renewing, cancel := context.WithTimeout(ctx, storeWithin)
	defer cancel()
	// The number suffices to identify the session; its other fields are guarded by the lock.
	err := c.config.Sessions.Renew(renewing, registrars.Session{Number: l.session.Number}, leaseFor)
	unlock, lockErr := c.lockSession(ctx)
	if lockErr != nil {
		return
	}
	defer unlock()
	switch {
	case c.session.lease != l:
	case errors.Is(err, registrars.ErrSessionLost):
		c.session.lease, c.session.id = nil, ""
	case err != nil:
		c.dropLapsed()
	case asked.After(l.renewed):
		l.renewed = asked
	}
}
