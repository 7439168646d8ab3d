package netim

import (
	"context"
	"strconv"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim/internal"
)

// Answer is what Netim says about a feature: Yes, No, or nothing.
type Answer string

// The answers. An empty one forbids nothing.
const (
	Yes Answer = "1"
	No  Answer = "0"
)

// TLDInfo is what Netim says about a registry suffix.
type TLDInfo struct {
	TLD string
	// PeriodCreate and PeriodRenew are the years of a registration and of a renewal as
	// the API writes them, such as "1-10"; "" if Netim does not say.
	PeriodCreate, PeriodRenew string
	// AuthCode says whether a transfer needs an auth code.
	AuthCode Answer
	// ZoneCheck says whether the name servers must serve the zone before they are
	// accepted.
	ZoneCheck Answer
	// The others say what can be ordered.
	RegistrarLock, AutoRenewal, WhoisPrivacy, DNSSEC Answer
}

// allows reports whether the periods include so many years. An unreadable text
// forbids nothing: the registrar decides.
func allows(periods string, years int) bool {
	readable := false
	for _, part := range strings.FieldsFunc(periods, func(r rune) bool { return r == ',' || r == ';' }) {
		low, high, isRange := strings.Cut(part, "-")
		if !isRange {
			high = low
		}
		from, err1 := strconv.Atoi(strings.TrimSpace(low))
		to, err2 := strconv.Atoi(strings.TrimSpace(high))
		if err1 != nil || err2 != nil {
			return true
		}
		readable = true
		if from <= years && years <= to {
			return true
		}
	}
	return !readable
}

// TLDInfo reads the rules of a registry suffix such as "com.au" with domainTldInfo;
// an answer is cached for an hour. For a suffix that Netim does not know it returns
// an error of ClassRejected.
func (n *Netim) TLDInfo(ctx context.Context, tld string) (TLDInfo, error) {
	c := call{name: "domainTldInfo", field: "tld"}
	suffix, err := domains.ParseTLD(tld)
	if err != nil {
		return TLDInfo{}, errs.Invalid(c.name, "tld", "not a top-level domain")
	}
	if info, ok := n.tlds.get(suffix); ok {
		return info, nil
	}
	value, err := n.call(ctx, c, internal.String(internal.Suffix(suffix)))
	if err != nil {
		return TLDInfo{}, notSold(err)
	}
	answer := func(member string) Answer {
		if text := Answer(value.Field(member)); text == Yes || text == No {
			return text
		}
		return ""
	}
	info := TLDInfo{
		TLD: suffix, PeriodCreate: value.Field("PeriodCreate"), PeriodRenew: value.Field("PeriodRenew"),
		AuthCode: answer("HasEppCode"), ZoneCheck: answer("HasZonecheck"),
		RegistrarLock: answer("HasRegistrarLock"), AutoRenewal: answer("HasAutorenew"),
		WhoisPrivacy: answer("HasWhoisPrivacy"), DNSSEC: answer("HasDnsSec"),
	}
	n.tlds.put(suffix, info)
	return info, nil
}

// HasAuthCodes implements registrars.AuthCodeRules with domainTldInfo.
func (n *Netim) HasAuthCodes(ctx context.Context, tld string) (bool, error) {
	info, err := n.TLDInfo(ctx, tld)
	return info.AuthCode != No, err
}

// notSold interprets a refusal of domainTldInfo, which can only be about the TLD.
func notSold(err error) error {
	const name = "domainTldInfo"
	if !refused(err, name) {
		return err
	}
	cause, _ := registrars.AsError(err)
	return &registrars.Error{
		Registrar: pluginName, Call: name, Class: registrars.ClassRejected, Code: cause.Code, Detail: cause.Detail,
		Field: "tld", Rule: "the top-level domain is not sold",
	}
}
