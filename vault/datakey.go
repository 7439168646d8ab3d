package vault

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
)

// DataKey seals what belongs together, such as all of an order. It is stored wrapped, which is
// sealed by a sealing key: a change of the sealing key only wraps it anew, and without it all
// that it has sealed is gone for good.
type DataKey struct {
	reference string
	aead      *subtle.AESGCM
}

// byDataKey begins a value that a data key has sealed. No id of a sealing key begins so.
const byDataKey = "~"

// NewDataKey makes a data key under a reference, and returns it wrapped as well.
func (s *Sealer) NewDataKey(reference string) (key DataKey, wrapped string, err error) {
	material := make([]byte, KeyBytes)
	_, _ = rand.Read(material) // crypto/rand.Read never fails
	if wrapped, err = s.wrap(material, reference); err != nil {
		return DataKey{}, "", err
	}
	key, err = dataKey(material, reference)
	return key, wrapped, err
}

// DataKey unwraps a data key, or returns ErrUnreadable.
func (s *Sealer) DataKey(wrapped, reference string) (DataKey, error) {
	material, err := s.unwrap(wrapped, reference)
	if err != nil {
		return DataKey{}, err
	}
	return dataKey(material, reference)
}

func dataKey(material []byte, reference string) (DataKey, error) {
	aead, err := subtle.NewAESGCM(material)
	if err != nil {
		return DataKey{}, fmt.Errorf("vault: data key: %w", err)
	}
	return DataKey{reference: reference, aead: aead}, nil
}

// Rewrap wraps a key of any kind under the first sealing key, or returns ErrUnreadable.
func (s *Sealer) Rewrap(wrapped, reference string) (string, error) {
	material, err := s.unwrap(wrapped, reference)
	if err != nil {
		return "", err
	}
	return s.wrap(material, reference)
}

func (s *Sealer) wrap(material []byte, reference string) (string, error) {
	return s.Seal(material, "key/"+reference)
}

func (s *Sealer) unwrap(wrapped, reference string) ([]byte, error) {
	return s.Open(wrapped, "key/"+reference)
}

// Seal is Sealer.Seal under the data key, whose reference the value names.
func (k DataKey) Seal(plain []byte, context string) (string, error) {
	sealed, err := k.aead.Encrypt(plain, []byte(context))
	if err != nil {
		return "", fmt.Errorf("vault: seal: %w", err)
	}
	return byDataKey + k.reference + ":" + base64.StdEncoding.EncodeToString(sealed), nil
}

// Open is Sealer.Open for what the data key has sealed.
func (k DataKey) Open(sealed, context string) ([]byte, error) {
	encoded, ours := strings.CutPrefix(sealed, byDataKey+k.reference+":")
	if !ours {
		return nil, fmt.Errorf("%w: another key has sealed it", ErrUnreadable)
	}
	return open(k.aead, encoded, context)
}

// DataKeyOf is the reference of the data key that has sealed a value; false if a sealing key has.
func DataKeyOf(sealed string) (reference string, ok bool) {
	named, ok := strings.CutPrefix(sealed, byDataKey)
	end := strings.LastIndexByte(named, ':')
	if !ok || end < 0 {
		return "", false
	}
	return named[:end], true
}

// KeyIDOf is the id of the sealing key that has sealed a value; "" if a data key has.
func KeyIDOf(sealed string) string {
	id, _, found := strings.Cut(sealed, ":")
	if !found || strings.HasPrefix(sealed, byDataKey) {
		return ""
	}
	return id
}
