package assembly

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"domainprovisioning/config"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// sessions keeps the sessions of a registrar account in the store.
type sessions struct {
	assembly   *Assembly // its store is opened after the plug-ins are created
	name, pool string
	holder     string
	host       string
}

var _ registrars.Sessions = (*sessions)(nil)

func (a *Assembly) sessions(name string, account config.Registrar, of string) *sessions {
	host, err := os.Hostname()
	if err != nil {
		host = "" // then all such hosts are treated as one
	}
	return &sessions{assembly: a, name: name, pool: sessionPool(account, of), holder: rand.Text(), host: host}
}

// sessionPool names the pool of an account. Accounts with the same login share a pool, as
// they share the registrar's limit. Sessions of another login or another server are never
// used, nor are those opened for another purpose (of).
func sessionPool(account config.Registrar, of string) string {
	whose := strings.Join([]string{account.URL, strings.ToUpper(strings.TrimSpace(account.Login)), strings.ToUpper(of)}, "\n")
	sum := sha256.Sum256([]byte(whose))
	return account.Plugin + "/" + hex.EncodeToString(sum[:8])
}

func (s *sessions) kept() *store.Sessions { return s.assembly.Store.Sessions(s.pool, s.holder, s.host) }

// nearly is how many sessions before the limit the warning is logged.
const nearly = 2

func (s *sessions) Lease(ctx context.Context, terms registrars.SessionTerms) (registrars.Session, error) {
	leased, err := s.kept().Lease(ctx, store.SessionTerms(terms))
	if leased.Open >= terms.Most-nearly {
		s.assembly.Log.WarnContext(ctx, "the sessions at the registrar become scarce: processes were killed, or more are busy than it allows sessions",
			"registrar", s.name, "sessions", leased.Open, "most", terms.Most)
	}
	return registrars.Session(leased), ofSessions(err)
}

func (s *sessions) Keep(ctx context.Context, session registrars.Session, lease time.Duration) error {
	return ofSessions(s.kept().Keep(ctx, store.Session(session), lease))
}

func (s *sessions) Renew(ctx context.Context, session registrars.Session, lease time.Duration) error {
	return ofSessions(s.kept().Renew(ctx, store.Session(session), lease))
}

func (s *sessions) Release(ctx context.Context, session registrars.Session) error {
	return ofSessions(s.kept().Release(ctx, store.Session(session)))
}

func (s *sessions) Forget(ctx context.Context, session registrars.Session) error {
	return ofSessions(s.kept().Forget(ctx, store.Session(session)))
}

// ofSessions translates an error of the store into one of the registrars contract.
func ofSessions(err error) error {
	switch {
	case errors.Is(err, store.ErrSessionsTaken):
		return registrars.ErrSessionsTaken
	case errors.Is(err, store.ErrSessionLost):
		return registrars.ErrSessionLost
	case err != nil:
		return fmt.Errorf("sessions: %w", err)
	}
	return nil
}
