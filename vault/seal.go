// Package vault seals what must not be readable where it is stored, values of the database and
// payloads of histories, and keeps the keys for it. It knows no order and no table.
package vault

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
)

// KeyBytes is the size of a sealing key: AES-256.
const KeyBytes = 32

// Key is a sealing key with its name.
type Key struct {
	// ID names the key in the values that it sealed: 1 to 16 letters, digits or
	// hyphens.
	ID string
	// Material is the key itself, KeyBytes long.
	Material []byte
}

// Sealer seals with AES-256-GCM under the first of its keys and opens with any
// of them, so keys can be rotated: put the new key first, and keep the old ones
// until no value sealed by them is left.
type Sealer struct {
	primary string
	keys    map[string]*subtle.AESGCM
	digests DerivedKeys
}

var keyID = regexp.MustCompile(`^[A-Za-z0-9-]{1,16}$`)

// NewSealer checks the keys. The first key seals.
func NewSealer(keys []Key) (*Sealer, error) {
	if len(keys) == 0 {
		return nil, errors.New("vault: a sealing key is required")
	}
	sealer := &Sealer{primary: keys[0].ID, keys: make(map[string]*subtle.AESGCM, len(keys)), digests: make(DerivedKeys, len(keys))}
	for _, key := range keys {
		if !keyID.MatchString(key.ID) {
			return nil, fmt.Errorf("vault: sealing key id %q must be 1 to 16 letters, digits or hyphens", key.ID)
		}
		if _, twice := sealer.keys[key.ID]; twice {
			return nil, fmt.Errorf("vault: sealing key id %q is given twice", key.ID)
		}
		if len(key.Material) != KeyBytes {
			return nil, fmt.Errorf("vault: sealing key %q must be %d bytes long", key.ID, KeyBytes)
		}
		aead, err := subtle.NewAESGCM(key.Material)
		if err != nil {
			return nil, fmt.Errorf("vault: sealing key %q: %w", key.ID, err)
		}
		sealer.keys[key.ID] = aead
		if sealer.digests[key.ID], err = derivedKey(key.ID, key.Material); err != nil {
			return nil, err
		}
	}
	return sealer, nil
}

// Primary is the id of the key that seals.
func (s *Sealer) Primary() string { return s.primary }

// Has reports whether a key is there.
func (s *Sealer) Has(id string) bool { return s.keys[id] != nil }

// GenerateKey returns a new random key for the configuration, in base64.
func GenerateKey() string {
	material := make([]byte, KeyBytes)
	_, _ = rand.Read(material) // crypto/rand.Read never fails
	return base64.StdEncoding.EncodeToString(material)
}

// Seal encrypts. The result is bound to the context and opens only with the
// same one, so that rows cannot be swapped.
func (s *Sealer) Seal(plain []byte, context string) (string, error) {
	sealed, err := s.keys[s.primary].Encrypt(plain, []byte(context))
	if err != nil {
		return "", fmt.Errorf("vault: seal: %w", err)
	}
	return s.primary + ":" + base64.StdEncoding.EncodeToString(sealed), nil
}

// ErrUnreadable says that a sealed value cannot be opened: its key is not
// configured, or it was altered. The error is permanent.
var ErrUnreadable = errors.New("vault: a sealed value cannot be opened")

// Open decrypts what Seal made with the same context, or returns ErrUnreadable.
func (s *Sealer) Open(sealed, context string) ([]byte, error) {
	id, encoded, ok := strings.Cut(sealed, ":")
	if !ok {
		return nil, fmt.Errorf("%w: it does not have the form of one", ErrUnreadable)
	}
	aead, ok := s.keys[id]
	if !ok {
		return nil, fmt.Errorf("%w: the configuration lacks key %q", ErrUnreadable, id)
	}
	return open(aead, encoded, context)
}

func open(aead *subtle.AESGCM, encoded, context string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("%w: it does not have the form of one", ErrUnreadable)
	}
	plain, err := aead.Decrypt(raw, []byte(context))
	if err != nil {
		return nil, fmt.Errorf("%w: it was sealed elsewhere or altered", ErrUnreadable)
	}
	return plain, nil
}
