package domains

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
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

// Over returns the settings, with those of below where they say nothing.
func (s Settings) Over(below Settings) Settings {
	return Settings{
		DNSSEC: cmp.Or(s.DNSSEC, below.DNSSEC), Lock: cmp.Or(s.Lock, below.Lock), Privacy: cmp.Or(s.Privacy, below.Privacy),
		AutoRenewal: cmp.Or(s.AutoRenewal, below.AutoRenewal), ZoneTemplate: cmp.Or(s.ZoneTemplate, below.ZoneTemplate),
	}
}

// Same reports whether the same settings have the same values.
func (s Settings) Same(other Settings) bool {
	return same(s.Lock, other.Lock) && same(s.Privacy, other.Privacy) && same(s.AutoRenewal, other.AutoRenewal) &&
		same(s.ZoneTemplate, other.ZoneTemplate) && s.DNSSEC.same(other.DNSSEC)
}

func same[T comparable](a, b *T) bool {
	return a == b || a != nil && b != nil && *a == *b
}

func (d *DNSSEC) same(other *DNSSEC) bool {
	if d == nil || other == nil {
		return d == other
	}
	return d.Sign == other.Sign && same(d.Key, other.Key) && slices.Equal(d.DS, other.DS)
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

// SettingsError says what is wrong with settings.
type SettingsError struct {
	// Problems are not empty. Their fields begin with "settings".
	Problems []Problem
}

func (e *SettingsError) Error() string { return e.Problems[0].Field + " " + e.Problems[0].Problem }

func badSettings(field, problem string) error {
	return &SettingsError{[]Problem{{field, problem}}}
}

// ParseSettings reads the JSON form. Blanks and line breaks in keys and digests, as dig
// prints them, are dropped. The error is a *SettingsError; it names fields and rules, but no
// value. What an order must fulfil beyond that, see Settings.Problems.
func ParseSettings(document []byte) (Settings, error) {
	var s Settings
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		return Settings{}, settingsError(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Settings{}, badSettings("settings", "must be one JSON object")
	}
	s.DNSSEC.dropBlanks()
	if problems := s.unusable(); problems != nil {
		return s, &SettingsError{problems}
	}
	return s, nil
}

// settingsError keeps only the name of a field, because other texts of the
// decoder may quote what was sent.
func settingsError(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return badSettings("settings."+wrong.Field, "has the wrong type")
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok && len(name) <= 80 {
		return badSettings("settings", "has the unknown field "+name)
	}
	return badSettings("settings", "must be a JSON object of dnssec, lock, privacy, autoRenewal and zoneTemplate")
}

// unusable returns everything that makes settings unusable for every registrar.
func (s Settings) unusable() []Problem {
	if s == (Settings{}) {
		return []Problem{{"settings", "changes nothing"}}
	}
	var problems problemList
	if s.ZoneTemplate != nil {
		problems.require(*s.ZoneTemplate >= 1 && *s.ZoneTemplate <= maxZoneTemplate, "settings.zoneTemplate", "must be a number above 0")
	}
	if s.DNSSEC != nil {
		s.DNSSEC.unusable(&problems)
	}
	return problems
}

func (d DNSSEC) unusable(problems *problemList) {
	problems.require(d.Key == nil || len(d.DS) == 0, "settings.dnssec", "takes key or ds, not both")
	problems.require(d.Sign || d.Key == nil && len(d.DS) == 0, "settings.dnssec.sign", "must be true with key or ds")
	problems.require(len(d.DS) <= maxDS, "settings.dnssec.ds", fmt.Sprintf("takes at most %d records", maxDS))
	if k := d.Key; k != nil {
		key, err := base64.StdEncoding.DecodeString(k.PublicKey)
		const field = "settings.dnssec.key."
		problems.require(k.Flags == 256 || k.Flags == 257, field+"flags", "must be 256 or 257")
		problems.require(k.Protocol == 3, field+"protocol", "must be 3")
		problems.require(k.Algorithm >= 1 && k.Algorithm <= 255, field+"algorithm", "must be 1 to 255")
		problems.require(err == nil && len(key) > 0, field+"publicKey", "must be base64")
	}
	for i, ds := range d.DS {
		digest, err := hex.DecodeString(ds.Digest)
		field := fmt.Sprintf("settings.dnssec.ds[%d].", i)
		problems.require(ds.KeyTag >= 0 && ds.KeyTag <= 65535, field+"keyTag", "must be 0 to 65535")
		problems.require(ds.Algorithm >= 1 && ds.Algorithm <= 255, field+"algorithm", "must be 1 to 255")
		problems.require(ds.DigestType >= 1 && ds.DigestType <= 255, field+"digestType", "must be 1 to 255")
		problems.require(err == nil && len(digest) > 0, field+"digest", "must be hexadecimal")
	}
}

type problemList []Problem

func (p *problemList) require(ok bool, field, problem string) {
	if !ok {
		*p = append(*p, Problem{field, problem})
	}
}

// maxDS is more records than any registry accepts.
const maxDS = 8

// OnOff is the word for a setting that is turned on or off.
func OnOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
