package gateway

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"domainprovisioning/desk"
	"domainprovisioning/domains"
	"domainprovisioning/store"
)

// keys decides who a caller is, what it may do, and how fast.
type keys struct {
	store  *store.Store
	perSec rate.Limit
	burst  int

	mu       sync.Mutex
	limiters map[string]*rate.Limiter // by the name of the key, so there are no more than keys
}

func newKeys(s *store.Store, perSecond float64, burst int) *keys {
	return &keys{store: s, perSec: rate.Limit(perSecond), burst: burst, limiters: map[string]*rate.Limiter{}}
}

// bearer authenticates a request by its header Authorization: Bearer KEY.
func (k *keys) bearer(ctx context.Context, r *http.Request, scopes ...store.Scope) (store.APIKey, error) {
	key, ok := bearer(r)
	if !ok {
		p := newProblem(http.StatusUnauthorized, "no-key", "An API key is required", "send Authorization: Bearer KEY")
		p.challenge = `Bearer realm="domainprovisioning"`
		return store.APIKey{}, p
	}
	return k.permit(ctx, domains.NewSecret(key), scopes...)
}

// bearer takes the token from the header Authorization. The case of the scheme does not
// matter (RFC 9110, section 11.1).
func bearer(r *http.Request) (token string, ok bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return token, ok && strings.EqualFold(scheme, "Bearer")
}

// permit checks a key, its scopes and its rate.
func (k *keys) permit(ctx context.Context, secret domains.Secret, scopes ...store.Scope) (store.APIKey, error) {
	key, err := k.store.Authenticate(ctx, secret)
	missing := slices.IndexFunc(scopes, func(scope store.Scope) bool { return !key.May(scope) })
	switch {
	case errors.Is(err, store.ErrKeyRefused):
		p := newProblem(http.StatusUnauthorized, "key-refused", "The API key is not accepted", "it is unknown or revoked")
		p.challenge = `Bearer realm="domainprovisioning", error="invalid_token"`
		return key, p
	case err != nil:
		return key, err
	case missing >= 0:
		scope := string(scopes[missing])
		p := newProblem(http.StatusForbidden, "scope-missing", "The API key does not permit this", "it lacks the scope "+scope)
		p.challenge = `Bearer realm="domainprovisioning", error="insufficient_scope", scope="` + scope + `"`
		return key, p
	}
	if wait := k.wait(key.Name); wait > 0 {
		return key, tooFast(wait)
	}
	return key, nil
}

func tooFast(wait time.Duration) *Problem {
	p := newProblem(http.StatusTooManyRequests, "too-fast", "Too many requests", "slow down")
	p.retryAfter = wait
	return p
}

// stillPermits repeats the check of bearer for a long-running request. It returns true if
// the store does not answer.
func (k *keys) stillPermits(r *http.Request, scope store.Scope) bool {
	ctx, cancel := context.WithTimeout(r.Context(), healthTimeout)
	defer cancel()
	token, _ := bearer(r)
	key, err := k.store.Authenticate(ctx, domains.NewSecret(token))
	return !errors.Is(err, store.ErrKeyRefused) && (err != nil || key.May(scope))
}

// wait takes a request from the key's allowance, or returns how long to wait for one.
func (k *keys) wait(name string) time.Duration {
	k.mu.Lock()
	limiter, ok := k.limiters[name]
	if !ok {
		limiter = rate.NewLimiter(k.perSec, k.burst)
		k.limiters[name] = limiter
	}
	k.mu.Unlock()
	reservation := limiter.Reserve()
	if wait := reservation.Delay(); wait > 0 {
		reservation.Cancel()
		return wait
	}
	return 0
}

type keyOfContext struct{}

func withKey(ctx context.Context, key store.APIKey) context.Context {
	if holder, ok := ctx.Value(callerOfContext{}).(*caller); ok {
		holder.name = key.Name
	}
	return context.WithValue(ctx, keyOfContext{}, key)
}

// by says, for the record of acts, who gives the commands of a request.
func by(key store.APIKey) desk.By {
	return desk.By{Actor: "api/" + key.Name, Client: key.Client, Key: key.Name, Via: "api", Operator: key.May(store.ScopeAll)}
}

// keyOf returns the key that permitted the request.
func keyOf(ctx context.Context) store.APIKey {
	key, _ := ctx.Value(keyOfContext{}).(store.APIKey)
	return key
}

// caller is who made a request, for the access log. It is filled when the key is
// accepted.
type caller struct{ name string }

type callerOfContext struct{}
