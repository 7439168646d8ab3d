package vault

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"
)

// A sealed payload has these two entries of metadata and no others; those of the payload inside are
// sealed with it. The names are the ones that Temporal's own examples use.
const (
	SealedEncoding = "binary/encrypted"
	KeyMetadata    = "encryption-key-id"
)

// CodecKeyBytes is the size of a key of the codec: AES-256.
const CodecKeyBytes = 32

// CodecKey is a key of the codec with its name.
type CodecKey struct {
	// ID names the key in the payloads that it sealed: 1 to 16 letters, digits or hyphens.
	ID string
	// Material is the key itself, CodecKeyBytes long.
	Material []byte
}

// Codec seals payloads with AES-256-GCM under the first of its keys, and opens what any of them
// sealed. Payloads that were written in plain text are left as they are, and so is what it
// cannot open: Converter says what happens then. It is safe for concurrent use.
type Codec struct {
	primary string // "" seals nothing
	keys    map[string]*subtle.AESGCM
	size    int
}

var codecKeyID = regexp.MustCompile(`^[A-Za-z0-9-]{1,16}$`)

// NewCodec checks the keys. If seal is set the first one seals, otherwise all of them only open.
// Without keys the codec seals and opens nothing, but it still knows what is sealed.
func NewCodec(keys []CodecKey, seal bool) (*Codec, error) {
	codec := &Codec{keys: make(map[string]*subtle.AESGCM, len(keys)), size: compressFrom}
	for _, key := range keys {
		if !codecKeyID.MatchString(key.ID) {
			return nil, fmt.Errorf("vault: key id %q must be 1 to 16 letters, digits or hyphens", key.ID)
		}
		if _, twice := codec.keys[key.ID]; twice {
			return nil, fmt.Errorf("vault: key id %q is given twice", key.ID)
		}
		if len(key.Material) != CodecKeyBytes {
			return nil, fmt.Errorf("vault: key %q must be %d bytes long", key.ID, CodecKeyBytes)
		}
		var err error
		if codec.keys[key.ID], err = subtle.NewAESGCM(key.Material); err != nil {
			return nil, fmt.Errorf("vault: key %q: %w", key.ID, err)
		}
	}
	if seal && len(keys) > 0 {
		codec.primary = keys[0].ID
	}
	return codec, nil
}

// Seals reports whether new payloads are sealed.
func (c *Codec) Seals() bool { return c.primary != "" }

// Encode implements converter.PayloadCodec. A payload that is sealed already stays as it is.
func (c *Codec) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	if !c.Seals() {
		return payloads, nil
	}
	encoded := make([]*commonpb.Payload, len(payloads))
	for n, payload := range payloads {
		if _, sealed := SealedBy(payload); sealed {
			encoded[n] = payload
			continue
		}
		content, err := proto.Marshal(payload)
		if err != nil {
			return nil, fmt.Errorf("vault: seal a payload: %w", err)
		}
		if content, err = pack(content, c.size); err != nil {
			return nil, fmt.Errorf("vault: seal a payload: %w", err)
		}
		data, err := c.keys[c.primary].Encrypt(content, boundTo(c.primary))
		if err != nil {
			return nil, fmt.Errorf("vault: seal a payload: %w", err)
		}
		encoded[n] = &commonpb.Payload{
			Metadata: map[string][]byte{converter.MetadataEncoding: []byte(SealedEncoding), KeyMetadata: []byte(c.primary)},
			Data:     data,
		}
	}
	return encoded, nil
}

// Decode implements converter.PayloadCodec. It returns no error: one payload that cannot be
// opened must not keep the others from being read.
func (c *Codec) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	decoded := make([]*commonpb.Payload, len(payloads))
	for n, payload := range payloads {
		decoded[n] = payload
		if opened, err := c.open(payload); err == nil {
			decoded[n] = opened
		}
	}
	return decoded, nil
}

// ErrSealed says that a payload cannot be opened: its key is not configured, or it was altered.
var ErrSealed = errors.New("vault: a sealed payload cannot be opened")

// open returns the payload inside a sealed one, and any other payload as it is.
func (c *Codec) open(payload *commonpb.Payload) (*commonpb.Payload, error) {
	id, sealed := SealedBy(payload)
	if !sealed {
		return payload, nil
	}
	key, known := c.keys[id]
	if !known {
		return nil, fmt.Errorf("%w: histories.keys has no key %q", ErrSealed, id)
	}
	content, err := key.Decrypt(payload.GetData(), boundTo(id))
	if err != nil {
		return nil, fmt.Errorf("%w: it was altered, or key %q is another one than that which sealed it", ErrSealed, id)
	}
	if content, err = unpack(content); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSealed, err)
	}
	opened := &commonpb.Payload{}
	if proto.Unmarshal(content, opened) != nil {
		return nil, fmt.Errorf("%w: it holds no payload", ErrSealed)
	}
	return opened, nil
}

// SealedBy returns the id of the key that sealed a payload, if one did. What does not have the
// form of an id is not repeated, because it ends up in errors.
func SealedBy(payload *commonpb.Payload) (id string, sealed bool) {
	if string(payload.GetMetadata()[converter.MetadataEncoding]) != SealedEncoding {
		return "", false
	}
	id = string(payload.GetMetadata()[KeyMetadata])
	if !codecKeyID.MatchString(id) {
		id = ""
	}
	return id, true
}

// boundTo is the associated data: the metadata of a sealed payload, which cannot be changed
// without it no longer opening.
func boundTo(id string) []byte { return []byte(SealedEncoding + "\n" + id) }
