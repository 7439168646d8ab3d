package domains

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Settings are the settings of a domain. Nil means that a setting is not given.
type Settings struct {
	// DNSSEC says how the zone is signed.
	DNSSEC *DNSSEC `json:"dnssec,omitempty"`
	// Lock is the registrar lock against transfers.
	Lock *bool `json:"lock,omitempty"`
	// Privacy hides the holder in WHOIS.
	Privacy *bool `json:"privacy,omitempty"`
	// AutoRenewal renews the domain at the registrar without an order.
	AutoRenewal *bool `json:"autoRenewal,omitempty"`
	// ZoneTemplate is the number of the registrar's template for the zone on its own
	// name servers.
	ZoneTemplate *int `json:"zoneTemplate,omitempty"`
}

// DNSSEC says how a zone is signed.
type DNSSEC struct {
	// Sign asks the registrar to sign the zone on its own name servers, or to stop.
	// With Key or DS, the zone is signed elsewhere, and Sign must be true.
	Sign bool `json:"sign"`
	// Key is the public key of a zone that is signed elsewhere.
	Key *DNSKEY `json:"key,omitempty"`
	// DS are the delegation signer records of a zone that is signed elsewhere.
	DS []DS `json:"ds,omitempty"`
}

// DNSKEY is a public key of a zone (RFC 4034, section 2).
type DNSKEY struct {
	Flags     int    `json:"flags"`     // 256 zone key, 257 key-signing key
	Protocol  int    `json:"protocol"`  // 3
	Algorithm int    `json:"algorithm"` // such as 13
	PublicKey string `json:"publicKey"` // base64
}

// DS is a delegation signer record (RFC 4034, section 5).
type DS struct {
	KeyTag     int    `json:"keyTag"`
	Algorithm  int    `json:"algorithm"`
	DigestType int    `json:"digestType"`
	Digest     string `json:"digest"` // hexadecimal
}

// maxZoneTemplate is the largest number of a template, the largest xsd:int.
const maxZoneTemplate = 1<<31 - 1

// ParseSettings reads the JSON form. Blanks and line breaks in keys and digests, as dig
// prints them, are dropped. The errors name the field and the rule, but no value. What an
// order must fulfil beyond that, see Settings.Problems.
func ParseSettings(document []byte) (Settings, error) {
	var s Settings
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		return Settings{}, settingsError(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Settings{}, errors.New("settings must be one JSON object")
	}
	s.DNSSEC.dropBlanks()
	return s, s.validate()
}

// settingsError keeps only the name of the field, because other texts of the
// decoder may quote what was sent.
func settingsError(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return fmt.Errorf("settings.%s has the wrong type", wrong.Field)
	}
	return errors.New("settings must be a JSON object of dnssec, lock, privacy, autoRenewal and zoneTemplate")
}

func (s Settings) validate() error {
	if s == (Settings{}) {
		return errors.New("settings changes nothing")
	}
	if s.ZoneTemplate != nil && (*s.ZoneTemplate < 1 || *s.ZoneTemplate > maxZoneTemplate) {
		return errors.New("settings.zoneTemplate must be a number above 0")
	}
	if s.DNSSEC == nil {
		return nil
	}
	return s.DNSSEC.validate()
}

func (d DNSSEC) validate() error {
	switch {
	case d.Key != nil && len(d.DS) > 0:
		return errors.New("settings.dnssec takes key or ds, not both")
	case !d.Sign && (d.Key != nil || len(d.DS) > 0):
		return errors.New("settings.dnssec.sign must be true with key or ds")
	case len(d.DS) > maxDS:
		return fmt.Errorf("settings.dnssec.ds takes at most %d records", maxDS)
	}
	if k := d.Key; k != nil {
		key, err := base64.StdEncoding.DecodeString(k.PublicKey)
		switch {
		case k.Flags != 256 && k.Flags != 257:
			return errors.New("settings.dnssec.key.flags must be 256 or 257")
		case k.Protocol != 3:
			return errors.New("settings.dnssec.key.protocol must be 3")
		case k.Algorithm < 1 || k.Algorithm > 255:
			return errors.New("settings.dnssec.key.algorithm must be 1 to 255")
		case err != nil || len(key) == 0:
			return errors.New("settings.dnssec.key.publicKey must be base64")
		}
	}
	for i, ds := range d.DS {
		digest, err := hex.DecodeString(ds.Digest)
		switch {
		case ds.KeyTag < 0 || ds.KeyTag > 65535:
			return fmt.Errorf("settings.dnssec.ds[%d].keyTag must be 0 to 65535", i)
		case ds.Algorithm < 1 || ds.Algorithm > 255:
			return fmt.Errorf("settings.dnssec.ds[%d].algorithm must be 1 to 255", i)
		case ds.DigestType < 1 || ds.DigestType > 255:
			return fmt.Errorf("settings.dnssec.ds[%d].digestType must be 1 to 255", i)
		case err != nil || len(digest) == 0:
			return fmt.Errorf("settings.dnssec.ds[%d].digest must be hexadecimal", i)
		}
	}
	return nil
}

// maxDS is more records than any registry accepts.
const maxDS = 8
