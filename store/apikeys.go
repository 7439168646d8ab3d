package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"domainprovisioning/domains"
)

// Scope is something that an API key permits.
type Scope string

// The scopes.
const (
	ScopePlace   Scope = "place"   // place orders
	ScopeRead    Scope = "read"    // see orders and metrics
	ScopeOperate Scope = "operate" // correct orders
	ScopeCancel  Scope = "cancel"  // give orders up, which nobody can take back
	ScopeHooks   Scope = "hooks"   // manage the endpoints that are told news of the client's orders
	// ScopeAll is the operator's: the other scopes reach the orders of all clients, and what belongs
	// to none, such as operations at registrars and metrics.
	ScopeAll Scope = "all"
)

// Scopes lists every scope.
func Scopes() []Scope {
	return []Scope{ScopePlace, ScopeRead, ScopeOperate, ScopeCancel, ScopeHooks, ScopeAll}
}

// APIKey is the record of a key for the gateway, without the key itself.
type APIKey struct {
	// ID is the part of the key by which it is found; it is not secret.
	ID string `json:"id"`
	// Name says whose it is: 1 to 40 letters, digits, dots, hyphens or underscores.
	Name string `json:"name"`
	// Client is the caller, whichever key it uses: idempotency keys belong to the client,
	// so they outlive a change of keys. It has the form of a name.
	Client    string     `json:"client"`
	Scopes    []Scope    `json:"scopes"`
	CreatedAt time.Time  `json:"createdAt"`
	RevokedAt *time.Time `json:"revokedAt,omitempty"`
	// CreatedBy and RevokedBy are who did that, "" where it is not known.
	CreatedBy string `json:"createdBy,omitempty"`
	RevokedBy string `json:"revokedBy,omitempty"`
	// UsedAt is when the key was last accepted, at most an hour before its latest use; nil: never,
	// or not since this is kept.
	UsedAt *time.Time `json:"usedAt,omitempty"`
}

// May reports whether the key permits the scope.
func (k APIKey) May(scope Scope) bool { return slices.Contains(k.Scopes, scope) }

// ErrKeyRefused says that a key is unknown or revoked. It does not tell which of the
// two.
var ErrKeyRefused = errors.New("store: the API key is not accepted")

// A key is dpk_, ten characters that find it, _, and 52 random ones in base32.
const keyPrefix = "dpk_"

var (
	keyForm = regexp.MustCompile(`^dpk_([a-z2-7]{10})_[A-Z2-7]{52}$`)
	keyName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,40}$`)
)

// ClientName reports whether a text can be the name of a client: 1 to 40 letters, digits, dots,
// hyphens or underscores.
func ClientName(text string) bool { return keyName.MatchString(text) }

// CreateAPIKey creates a key for a client ("" names the client after the key) and
// returns it; it is shown only this once. by is who creates it. A name is never used again, not even after its
// key was revoked, so that records stay true. A client may have any number of keys.
func (s *Store) CreateAPIKey(ctx context.Context, name, client string, scopes []Scope, by string) (APIKey, domains.Secret, error) {
	if client == "" {
		client = name
	}
	for _, word := range []struct{ what, value string }{{"name", name}, {"client", client}} {
		if !keyName.MatchString(word.value) {
			return APIKey{}, domains.Secret{}, fmt.Errorf("store: API key %s %q must be 1 to 40 letters, digits, dots, hyphens or underscores", word.what, word.value)
		}
	}
	if len(scopes) == 0 {
		return APIKey{}, domains.Secret{}, fmt.Errorf("store: an API key needs at least one scope of %v", Scopes())
	}
	words := make([]string, 0, len(scopes))
	for _, scope := range scopes {
		if !slices.Contains(Scopes(), scope) {
			return APIKey{}, domains.Secret{}, fmt.Errorf("store: scope %q is not one of %v", scope, Scopes())
		}
		words = append(words, string(scope))
	}
	key := APIKey{ID: strings.ToLower(rand.Text()[:10]), Name: name, Client: client, Scopes: scopes, CreatedBy: by}
	secret := keyPrefix + key.ID + "_" + rand.Text() + rand.Text()
	err := s.db.GetContext(ctx, &key.CreatedAt, `INSERT INTO api_keys (id, name, client, hash, scopes, created_by, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, `+s.clock()+`) RETURNING created_at`,
		key.ID, name, client, keyHash(secret), strings.Join(words, " "), by)
	key.CreatedAt = key.CreatedAt.UTC()
	if isUniqueViolation(err) {
		return APIKey{}, domains.Secret{}, fmt.Errorf("store: there is or was an API key %s already; take another name", name)
	}
	if err != nil {
		return APIKey{}, domains.Secret{}, fmt.Errorf("store: create API key: %w", err)
	}
	return key, domains.NewSecret(secret), nil
}

// keyHash needs neither salt nor stretching: the key has 256 random bits.
func keyHash(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

type keyRow struct {
	ID        string     `db:"id"`
	Name      string     `db:"name"`
	Client    string     `db:"client"`
	Hash      string     `db:"hash"`
	Scopes    string     `db:"scopes"`
	CreatedAt time.Time  `db:"created_at"`
	RevokedAt *time.Time `db:"revoked_at"`
	CreatedBy string     `db:"created_by"`
	RevokedBy string     `db:"revoked_by"`
	UsedAt    *time.Time `db:"used_at"`
	Unnoted   bool       `db:"unnoted"` // its use was not noted within the last hour
}

func (r keyRow) key() APIKey {
	key := APIKey{
		ID: r.ID, Name: r.Name, Client: r.Client, CreatedAt: r.CreatedAt.UTC(), RevokedAt: utc(r.RevokedAt),
		CreatedBy: r.CreatedBy, RevokedBy: r.RevokedBy, UsedAt: utc(r.UsedAt),
	}
	for word := range strings.FieldsSeq(r.Scopes) {
		key.Scopes = append(key.Scopes, Scope(word))
	}
	return key
}

const keyColumns = `id, name, client, hash, scopes, created_at, revoked_at, created_by, revoked_by, used_at`

// useNoted is how often the use of a key is noted at most.
const useNoted = time.Hour

// Authenticate returns the key's record, or ErrKeyRefused. Anything that does not have
// the form of a key is refused without asking the database.
func (s *Store) Authenticate(ctx context.Context, key domains.Secret) (APIKey, error) {
	parts := keyForm.FindStringSubmatch(key.Reveal())
	if parts == nil {
		return APIKey{}, ErrKeyRefused
	}
	var row keyRow
	if err := s.db.GetContext(ctx, &row, `SELECT `+keyColumns+`, used_at IS NULL OR used_at <= `+s.asOf(-useNoted)+` AS unnoted
		FROM api_keys WHERE id = $1`, parts[1]); err != nil {
		if err := notFound("authenticate", err); !errors.Is(err, ErrNotFound) {
			return APIKey{}, err
		}
		return APIKey{}, ErrKeyRefused
	}
	if subtle.ConstantTimeCompare([]byte(row.Hash), []byte(keyHash(key.Reveal()))) != 1 || row.RevokedAt != nil {
		return APIKey{}, ErrKeyRefused
	}
	if row.Unnoted {
		// It is only for information, so nobody is refused for it.
		_, _ = s.db.ExecContext(ctx, `UPDATE api_keys SET used_at = `+s.clock()+` WHERE id = $1 AND (used_at IS NULL OR used_at <= `+s.asOf(-useNoted)+`)`, row.ID)
	}
	return row.key(), nil
}

// APIKeys lists all keys by name, including revoked ones.
func (s *Store) APIKeys(ctx context.Context) ([]APIKey, error) {
	var rows []keyRow
	if err := s.db.SelectContext(ctx, &rows, `SELECT `+keyColumns+` FROM api_keys ORDER BY name`); err != nil {
		return nil, fmt.Errorf("store: API keys: %w", err)
	}
	keys := make([]APIKey, len(rows))
	for i, row := range rows {
		keys[i] = row.key()
	}
	return keys, nil
}

// RevokeAPIKey ends a key at once; by is who does. Repeating it changes nothing. For a name that
// never existed it returns ErrNotFound.
func (s *Store) RevokeAPIKey(ctx context.Context, name, by string) error {
	var id string
	err := s.db.GetContext(ctx, &id, `UPDATE api_keys SET revoked_by = CASE WHEN revoked_at IS NULL THEN $2 ELSE revoked_by END,
		revoked_at = COALESCE(revoked_at, `+s.clock()+`) WHERE name = $1 RETURNING id`, name, by)
	if err != nil {
		return notFound("API key "+name, err)
	}
	return nil
}
