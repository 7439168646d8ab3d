package realtimeregister

import (
	"fmt"
	"slices"
	"strconv"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister/internal"
)

// checkSettings checks the one setting that the kind changes.
func (r *RealtimeRegister) checkSettings(request registrars.Request) error {
	if broken := request.Unset(); broken != nil {
		return broken.In(pluginName, "check")
	}
	switch request.Kind {
	case registrars.DNSSECChange:
		return checkDNSSEC(request)
	case registrars.ZoneReset:
		if !plainHandle.MatchString(r.template(*request.Settings.ZoneTemplate)) {
			return errs.Invalid("check", request.Kind.SettingField(), "too long for a template's handle")
		}
	}
	return nil
}

// template returns the handle of a zone template.
func (r *RealtimeRegister) template(number int) string {
	return r.templatePrefix + strconv.Itoa(number)
}

// algorithms are those that the API accepts at all.
var algorithms = []int{3, 5, 6, 7, 8, 10, 12, 13, 14, 15, 16, 17, 23}

// checkDNSSEC checks what the API accepts at all, which is less than RFC 4034
// allows.
func checkDNSSEC(request registrars.Request) error {
	const name = "check"
	broken := func(field, rule string) error { return errs.Invalid(name, "settings.dnssec"+field, rule) }
	d := request.Settings.DNSSEC
	if key := d.Key; key != nil {
		switch {
		case key.Flags != 256 && key.Flags != 257:
			return broken(".key.flags", "256 or 257")
		case key.Protocol != 3:
			return broken(".key.protocol", "3")
		case !slices.Contains(algorithms, key.Algorithm):
			return broken(".key.algorithm", fmt.Sprintf("one of %v", algorithms))
		}
	}
	for i, ds := range d.DS {
		at := fmt.Sprintf(".ds[%d].", i)
		switch {
		case !slices.Contains(algorithms, ds.Algorithm):
			return broken(at+"algorithm", fmt.Sprintf("one of %v", algorithms))
		case ds.DigestType != 1 && ds.DigestType != 2 && ds.DigestType != 4:
			return broken(at+"digestType", "1, 2 or 4")
		}
	}
	return request.UnsoundDNSSEC().In(pluginName, name)
}

// checkSettingRules compares the setting with what the top-level domain allows.
func checkSettingRules(request registrars.Request, info internal.TLDMetadata) error {
	const name = "tlds/info"
	field := request.Kind.SettingField()
	switch request.Kind {
	case registrars.LockChange:
		if list := info.PossibleClientDomainStatuses; len(list) > 0 && !slices.Contains(list, internal.StatusLock) {
			return errs.Invalid(name, field, ruleNotOffered)
		}
	case registrars.PrivacyChange:
		if *request.Settings.Privacy && lacks(info, "PRIVACY_PROTECT") {
			return errs.Invalid(name, field, ruleNotOffered)
		}
	case registrars.DNSSECChange:
		return checkDNSSECRules(*request.Settings.DNSSEC, info)
	}
	return nil
}

func checkDNSSECRules(d domains.DNSSEC, info internal.TLDMetadata) error {
	const name, field = "tlds/info", "settings.dnssec"
	if most := info.AllowedDNSSECRecords; most != nil && d.Sign {
		switch {
		case *most == 0:
			return errs.Invalid(name, field, ruleNotOffered)
		case len(d.DS) > *most:
			return errs.Invalid(name, field+".ds", fmt.Sprintf("at most %d records in this top-level domain", *most))
		}
	}
	refused := func(algorithm int) bool { // by this registry alone
		allowed := info.AllowedDNSSECAlgorithms
		return len(allowed) > 0 && !slices.Contains(allowed, algorithm) && slices.Contains(algorithms, algorithm)
	}
	rule := fmt.Sprintf("one of %v in this top-level domain", info.AllowedDNSSECAlgorithms)
	if d.Key != nil && refused(d.Key.Algorithm) {
		return errs.Invalid(name, field+".key.algorithm", rule)
	}
	for i, ds := range d.DS {
		if refused(ds.Algorithm) {
			return errs.Invalid(name, fmt.Sprintf("%s.ds[%d].algorithm", field, i), rule)
		}
	}
	return nil
}

// lacks reports whether the list omits a feature. Without a list nothing is known,
// so nothing is forbidden.
func lacks(info internal.TLDMetadata, feature string) bool {
	return len(info.FeaturesAvailable) > 0 && !slices.Contains(info.FeaturesAvailable, feature)
}
