package vault

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// DigestKey makes keyed digests (HMAC-SHA-256): without the key nobody can guess what a digest is
// of, however few texts there may be.
type DigestKey struct {
	id  string
	key []byte
}

// KeyedPrefix begins a digest of the random digest key. No id of a sealing key begins so.
const KeyedPrefix = randomKey + ":"

const randomKey = "*"

// NewDigestKey makes the random digest key, and returns it wrapped as well. Unlike keys that
// follow from a sealing key it outlives that key: it is only wrapped anew.
func (s *Sealer) NewDigestKey(reference string) (key DigestKey, wrapped string, err error) {
	material := make([]byte, sha256.Size)
	_, _ = rand.Read(material) // crypto/rand.Read never fails
	wrapped, err = s.wrap(material, reference)
	return DigestKey{randomKey, material}, wrapped, err
}

// DigestKey unwraps the random digest key, or returns ErrUnreadable.
func (s *Sealer) DigestKey(wrapped, reference string) (DigestKey, error) {
	material, err := s.unwrap(wrapped, reference)
	return DigestKey{randomKey, material}, err
}

// Digest returns the digest of a text. The purpose keeps apart equal texts that mean different
// things.
func (k DigestKey) Digest(purpose, text string) string { return k.of(purpose + "\x00" + text) }

// Matches reports whether a digest is that of a text.
func (k DigestKey) Matches(digest, purpose, text string) bool {
	return hmac.Equal([]byte(digest), []byte(k.Digest(purpose, text)))
}

func (k DigestKey) of(text string) string {
	mac := hmac.New(sha256.New, k.key)
	mac.Write([]byte(text))
	return k.id + ":" + hex.EncodeToString(mac.Sum(nil))
}

// derivedKey is the key of digests that follows from a sealing key, so that neither tells the
// other. Digests had such keys before there was a random one.
func derivedKey(id string, material []byte) (DigestKey, error) {
	key, err := hkdf.Key(sha256.New, material, nil, "domainprovisioning: login of a customer", sha256.Size)
	if err != nil {
		return DigestKey{}, fmt.Errorf("vault: digest: %w", err)
	}
	return DigestKey{id, key}, nil
}

// DerivedDigest returns the digest of a text under the key derived from the first sealing key.
func (s *Sealer) DerivedDigest(text string) string { return s.digests[s.primary].of(text) }

// DerivedKeys are the digest keys derived from the sealing keys, by their ids.
func (s *Sealer) DerivedKeys() DerivedKeys { return maps.Clone(s.digests) }

// DerivedKeys are digest keys that were derived from sealing keys, by the ids of these.
type DerivedKeys map[string]DigestKey

// WrapDerived wraps a derived digest key, so that its digests can be compared after its sealing
// key is gone. The sealing key does not follow from it.
func (s *Sealer) WrapDerived(key DigestKey, reference string) (string, error) {
	return s.wrap(key.key, reference)
}

// DerivedKey unwraps a derived digest key, or returns ErrUnreadable.
func (s *Sealer) DerivedKey(id, wrapped, reference string) (DigestKey, error) {
	material, err := s.unwrap(wrapped, reference)
	return DigestKey{id, material}, err
}

// Digests are the digests of a text under all keys.
func (d DerivedKeys) Digests(text string) []string {
	digests := make([]string, 0, len(d))
	for _, id := range slices.Sorted(maps.Keys(d)) {
		digests = append(digests, d[id].of(text))
	}
	return digests
}

// Match reports whether a digest is that of a text. known is false if its key is not there, so
// that it cannot be compared.
func (d DerivedKeys) Match(digest, text string) (matches, known bool) {
	id, _, _ := strings.Cut(digest, ":")
	key, known := d[id]
	return known && hmac.Equal([]byte(digest), []byte(key.of(text))), known
}
