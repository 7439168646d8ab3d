package epp

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp/internal/objects"
)

// checkDNSSEC checks what the registry can take: it signs nothing, and keeps keys or digests.
func (e *EPP) checkDNSSEC(request registrars.Request) *registrars.Broken {
	if broken := request.UnsoundDNSSEC(); broken != nil {
		return broken
	}
	field := registrars.DNSSECChange.SettingField()
	switch wanted := request.Settings.DNSSEC; {
	case wanted.Sign && wanted.Key == nil && len(wanted.DS) == 0:
		return &registrars.Broken{Field: field, Rule: "a registry signs no zone: give key or ds of the zone as it is signed"}
	case len(wanted.DS) > 0 && e.settings.DNSSEC == dnssecKey:
		return &registrars.Broken{Field: field + ".ds", Rule: "the registry takes keys, not digests: give key"}
	}
	return nil
}

// material is what the registry gets of a setting: digests, or keys, never both.
func (e *EPP) material(request registrars.Request) (ds []domains.DS, keys []domains.DNSKEY) {
	wanted := request.Settings.DNSSEC
	switch {
	case wanted.Key == nil:
		return wanted.DS, nil
	case e.settings.DNSSEC == dnssecDS:
		return []domains.DS{digestOf(request.Domain.String(), *wanted.Key)}, nil
	}
	return nil, []domains.DNSKEY{canonical(*wanted.Key)}
}

// canonical writes a key in the one form that its octets have: Go reads base64 whose last bits
// are not zero, and the validators of registries do not.
func canonical(key domains.DNSKEY) domains.DNSKEY {
	if raw, err := base64.StdEncoding.DecodeString(key.PublicKey); err == nil {
		key.PublicKey = base64.StdEncoding.EncodeToString(raw)
	}
	return key
}

// changeDNSSEC replaces all keys and digests.
func (e *EPP) changeDNSSEC(ctx context.Context, request registrars.Request) (objects.Command, error) {
	domain, err := e.here(ctx, request)
	if err != nil {
		return nil, err
	}
	change, err := e.signing(ctx, request, domain)
	if err != nil || change == nil {
		return nil, err
	}
	return objects.UpdateDomain{Name: request.Domain.String(), DNSSEC: change}, nil
}

// signing is what has to change for the zone to be signed as requested; nil if nothing has to.
func (e *EPP) signing(ctx context.Context, request registrars.Request, domain held) (*objects.DNSSEC, error) {
	ds, keys := e.material(request)
	signed := len(domain.raw.DS)+len(domain.raw.Keys) > 0 || domain.raw.UnreadableDNSSEC
	have, readable := dnssecShown(domain)
	if !signed && len(ds)+len(keys) == 0 || readable && have == dnssecSign(e, request) {
		return nil, nil
	}
	offers, err := e.registry.Offers(ctx)
	switch {
	case err != nil:
		return nil, e.failure(nameInfo, false, err)
	case !offers.DNSSEC:
		return nil, errs.Invalid(nameInfo, registrars.DNSSECChange.SettingField(), "the registry does not offer it")
	}
	return &objects.DNSSEC{RemoveAll: signed, DS: ds, Keys: keys}, nil
}

// dnssecSign takes a key as both forms: a registry may show the digest of a key that it was given.
func dnssecSign(_ *EPP, request registrars.Request) string {
	wanted := request.Settings.DNSSEC
	switch {
	case wanted == nil:
		return ""
	case wanted.Key != nil:
		return signature([]domains.DS{digestOf(request.Domain.String(), *wanted.Key)})
	}
	return signature(wanted.DS)
}

func dnssecShown(domain held) (string, bool) {
	all := slices.Clone(domain.raw.DS)
	for _, key := range domain.raw.Keys {
		all = append(all, digestOf(domain.Name.String(), key))
	}
	return signature(all), !domain.raw.UnreadableDNSSEC
}

func signature(all []domains.DS) string {
	lines := make([]string, len(all))
	for i, ds := range all {
		lines[i] = fmt.Sprintf("%d %d %d %s", ds.KeyTag, ds.Algorithm, ds.DigestType, strings.ToUpper(ds.Digest))
	}
	slices.Sort(lines)
	return digest(lines...)
}

const digestSHA256 = 2

// digestOf makes the DS record of a key (RFC 4034, section 5.1.4; RFC 4509). The name is in
// lower case already. A key that is not base64 was refused before.
func digestOf(name string, key domains.DNSKEY) domains.DS {
	raw, err := base64.StdEncoding.DecodeString(key.PublicKey)
	if err != nil {
		return domains.DS{}
	}
	data := binary.BigEndian.AppendUint16(nil, uint16(key.Flags))                //nolint:gosec // 0 to 65535, checked
	data = append(append(data, byte(key.Protocol), byte(key.Algorithm)), raw...) //nolint:gosec // 0 to 255, checked
	var owner []byte
	for label := range strings.SplitSeq(name, ".") {
		owner = append(append(owner, byte(len(label))), label...) //nolint:gosec // at most 63
	}
	sum := sha256.Sum256(append(append(owner, 0), data...))
	return domains.DS{KeyTag: keyTag(data), Algorithm: key.Algorithm, DigestType: digestSHA256, Digest: strings.ToUpper(hex.EncodeToString(sum[:]))}
}

// keyTag is the tag of a key's data (RFC 4034, appendix B).
func keyTag(data []byte) int {
	sum := 0
	for i, octet := range data {
		if i%2 == 0 {
			sum += int(octet) << 8
		} else {
			sum += int(octet)
		}
	}
	return (sum + sum>>16) & 0xFFFF
}
