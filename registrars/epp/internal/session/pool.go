package session

import (
	"context"
	"crypto/tls"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"domainprovisioning/domains"
	"domainprovisioning/registrars/epp/internal/frames"
	"domainprovisioning/registrars/epp/internal/objects"
	"domainprovisioning/wire/exchange"
)

// Config says how to reach a registry and who we are there.
type Config struct {
	// Address is host:port, and TLS how the registry is verified and we are.
	Address string
	TLS     *tls.Config
	Login   string
	// Password is sent at every login, 6 to 16 characters, or more where the registry offers RFC 8807.
	Password domains.Secret
	Language string
	// Without are objects and extensions that are not used although they are offered, and Needs
	// those without which there is nothing to do here.
	Without, Needs []string
	// Most is the largest number of sessions. A session is kept by a hello each Hello, and ended
	// when it was not used for Keep, or some twelve hours after its login.
	Most        int
	Hello, Keep time.Duration
	// Timeout is that of an exchange with all that comes before it, and of a hello.
	Timeout time.Duration
	// LargestFrame is in bytes, with its length.
	LargestFrame int
	// CallsPerSecond limits the frames of this pool, all but hello: who waited with it would lose
	// the session that it keeps.
	CallsPerSecond float64
	// SessionsWait is how long no login is tried after the registry has allowed no session at all.
	SessionsWait time.Duration
	// Agent names this program to a registry with RFC 8807, and Mark begins the ids of the
	// transactions that are not an order's.
	Agent, Mark string
	// Told is told what a login has said of the account, also one that was refused, without our
	// passwords. Several sessions may be told the same, at the same time. Nil: nobody is told.
	Told func([]objects.Event)
	Now  func() time.Time
}

// Pool is the sessions of an account. It is safe for concurrent use.
type Pool struct {
	config Config
	pace   *rate.Limiter
	count  atomic.Uint64
	offers atomic.Pointer[objects.Offers] // of the newest session; nil: there was none

	mu      sync.Mutex
	idle    []*session // the one used last is the last
	open    int        // with those that are being opened
	opening int        // that are being opened
	waiters []*waiter  // the one that has waited longest is the first
	// limit is how many sessions the registry has allowed, until it is tried again.
	limit      int
	limitUntil time.Time
	refused    *objects.LoginError
	pauseUntil time.Time
	pause      time.Duration
}

// NewPool returns a pool without sessions: the first call opens one.
func NewPool(config Config) *Pool {
	return &Pool{config: config, pace: rate.NewLimiter(rate.Limit(config.CallsPerSecond), max(1, int(config.CallsPerSecond))), limit: config.Most}
}

// Do sends a command once and returns its answer, whatever its code. A command that changes
// nothing is sent once more when its session has broken, and any command after a refusal which
// says that the session, and not the command, was wrong.
//
// Errors: *exchange.TransportError, *objects.MalformedError, *objects.LoginError, *objects.UnofferedError, objects.ErrPassword.
func (p *Pool) Do(ctx context.Context, call objects.Transaction) (objects.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, p.config.Timeout)
	defer cancel()
	if call.ID == "" {
		call.ID = p.id()
	}
	for again := false; ; again = true {
		answer, err := p.once(ctx, call)
		broken, sent := errors.AsType[*exchange.TransportError](err)
		switch {
		case again || ctx.Err() != nil:
		case sent && errors.Is(broken.Err, errClosed) && (!broken.Sent || !objects.Changes(call.Command)):
			continue
		case err == nil && loggedOut(answer.Code()):
			continue // the registry has ended the session's login; a new one is opened
		}
		return answer, err
	}
}

// loggedOut reports whether an answer says that the session has no login. RFC 5730 has 2002 for
// that; some registries answer 2200.
func loggedOut(code objects.Code) bool {
	return code == objects.WrongOrder || code == objects.NotLoggedIn
}

// id makes an id for a transaction that is not an order's.
func (p *Pool) id() string { return p.config.Mark + "-" + strconv.FormatUint(p.count.Add(1), 10) }

// once sends a command in a session.
func (p *Pool) once(ctx context.Context, call objects.Transaction) (objects.Answer, error) {
	s, err := p.acquire(ctx)
	if err != nil {
		return objects.Answer{}, err
	}
	answer, err := p.send(ctx, s, call)
	kept := err == nil && !loggedOut(answer.Code()) && !answer.Code().Ends()
	if refused, ok := errors.AsType[*exchange.TransportError](err); ok && !refused.Sent {
		kept = true // nothing was written
	}
	p.release(s, kept) //nolint:contextcheck // a hello belongs to no call
	return answer, err
}

func (p *Pool) send(ctx context.Context, s *session, call objects.Transaction) (objects.Answer, error) {
	frame, err := frames.Write(call.Command, s.menu, call.ID)
	if err != nil {
		return objects.Answer{}, &exchange.TransportError{Sent: false, Err: err}
	}
	if err := p.wait(ctx); err != nil {
		return objects.Answer{}, err
	}
	if call.Claim != nil {
		if err := call.Claim(ctx); err != nil {
			return objects.Answer{}, &exchange.TransportError{Sent: false, Err: err}
		}
	}
	ended := exchange.BeginCall(ctx, exchange.Call{Protocol: "epp", Method: objects.CallOf(call.Command), Host: p.config.Address})
	answer, err := p.answered(ctx, s, frame, call.ID)
	if err == nil && answer.Client == "" && answer.Code()/100 == 25 && objects.Changes(call.Command) {
		// It may have come before the command, as the last word of a session that was idle.
		err = &objects.MalformedError{Why: "it does not say which command it answers"}
	}
	code := 0
	if err == nil {
		code = int(answer.Code())
	}
	ended(exchange.EndOf(code, err))
	return answer, err
}

// answered exchanges a frame for an answer, which must be that of this command.
func (p *Pool) answered(ctx context.Context, s *session, frame []byte, id string) (objects.Answer, error) {
	reply, err := s.exchange(ctx, frame)
	if err != nil {
		return objects.Answer{}, err
	}
	answer, err := frames.Read(reply)
	if err != nil {
		return objects.Answer{}, err
	}
	if answer.Client != "" && answer.Client != id {
		return objects.Answer{}, &objects.MalformedError{Why: "it answers another command"}
	}
	return answer, nil
}

// wait waits for the turn of a frame.
func (p *Pool) wait(ctx context.Context) error {
	if err := p.pace.Wait(ctx); err != nil {
		cause := ctx.Err()
		if cause == nil {
			cause = context.DeadlineExceeded // its turn would have come too late
		}
		return &exchange.TransportError{Sent: false, Err: cause}
	}
	return nil
}

// Offers returns what the registry offers and we use, by its newest greeting. It needs a session only
// while there was none.
func (p *Pool) Offers(ctx context.Context) (objects.Offers, error) {
	if offers := p.offers.Load(); offers != nil {
		return *offers, nil
	}
	ctx, cancel := context.WithTimeout(ctx, p.config.Timeout)
	defer cancel()
	s, err := p.acquire(ctx)
	if err != nil {
		return objects.Offers{}, err
	}
	defer p.release(s, true) //nolint:contextcheck // a hello belongs to no call
	return s.menu.Offers(), nil
}

// ChangePassword logs in, in a session of its own, with a new password. The pool goes on with
// the old one: the configuration is what changes it.
func (p *Pool) ChangePassword(ctx context.Context, password domains.Secret) error {
	ctx, cancel := context.WithTimeout(ctx, p.config.Timeout)
	defer cancel()
	if err := p.wait(ctx); err != nil {
		return err
	}
	s, err := p.begin(ctx, password)
	if s != nil {
		p.end(ctx, s)
	}
	return err
}
