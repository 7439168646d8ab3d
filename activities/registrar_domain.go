package activities

import (
	"context"
	"fmt"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

// ReadDomain reads a domain that a request is to change. One that the account does
// not hold is a person's matter. What cannot be read from outside, such as a name that
// is not delegated, is no reason not to change it.
func (r *Registrar) ReadDomain(ctx context.Context, in ReadDomainInput) (ReadDomainResult, error) {
	domain, err := r.Registrar.ReadDomain(ctx, in.Domain)
	if err != nil {
		if r.Registrar.Describe().Reads == registrars.ReadsOutside {
			return ReadDomainResult{Word: "not to be read from outside"}, nil
		}
		return ReadDomainResult{}, fail(err)
	}
	result := ReadDomainResult{
		Expires: domain.Expires, NameServers: domain.NameServers, Word: domain.Word, Active: domain.Active,
	}
	if teller, ok := r.Registrar.(registrars.PhaseTeller); ok && in.RestoreUnder != "" {
		phases, err := teller.Phases(ctx, in.RestoreUnder)
		if err != nil {
			return ReadDomainResult{}, fail(err)
		}
		result.RestoreIncludesRenewal = phases.RestoreIncludesRenewal
	}
	return result, nil
}

// VerifyDomain reads the domain back and reports what differs from the order. A
// domain that can be read from outside only, where a registry may take its time to
// publish, is not waited for: that it could not be read is a difference too.
func (r *Registrar) VerifyDomain(ctx context.Context, in VerifyDomainInput) (VerifyDomainResult, error) {
	domain, err := r.Registrar.ReadDomain(ctx, in.Domain)
	if err != nil {
		if r.Registrar.Describe().Reads == registrars.ReadsOutside {
			return VerifyDomainResult{Differences: []string{"it could not be read back from outside: " + string(registrars.ClassOf(err))}}, nil
		}
		return VerifyDomainResult{}, fail(err)
	}
	result := VerifyDomainResult{Expires: domain.Expires}
	differ := func(format string, args ...any) {
		result.Differences = append(result.Differences, fmt.Sprintf(format, args...))
	}
	if !domain.Active && (!in.Restored || domain.Phase != registrars.PhaseRenewGrace) {
		differ("the registrar has it in status %q", domain.Word)
	}
	if len(in.NameServers) > 0 && !domain.NameServers.Same(in.NameServers) {
		differ("name servers at the registrar: %v, ordered: %v", []string(domain.NameServers), []string(in.NameServers))
	}
	if owner := domain.Handles[registrars.Owner]; in.OwnerHandle != "" && owner != in.OwnerHandle {
		differ("holder at the registrar: contact %s, ordered: contact %s", owner, in.OwnerHandle)
	} else if in.Holder != nil && owner != "" {
		differences, err := r.holderDiffers(ctx, domain, *in.Holder)
		if err != nil {
			return VerifyDomainResult{}, err
		}
		result.Differences = append(result.Differences, differences...)
	}
	switch days := expiresOff(domain.Expires, in); {
	case days == 0:
	case days <= registrars.ToleratedDays:
		result.Notes = append(result.Notes, fmt.Sprintf("it expires at the registrar on %s, by its calendar; by ours on %s",
			domain.Expires.Format(time.DateOnly), in.Expires.Format(time.DateOnly)))
	default:
		differ("expires at the registrar on %s, ordered: %s",
			domain.Expires.Format(time.DateOnly), in.Expires.Format(time.DateOnly))
	}
	result.Differences = append(result.Differences, settingsDiffer(domain.Settings, in.Settings)...)
	return result, nil
}

// expiresOff is how many days of the calendar a registrar's date lies outside of what was
// ordered; 0 where one of the two is not known.
func expiresOff(expires time.Time, in VerifyDomainInput) int {
	if expires.IsZero() || in.Expires.IsZero() {
		return 0
	}
	earliest := in.Expires
	if !in.Earliest.IsZero() {
		earliest = in.Earliest
	}
	return max(0, registrars.Days(expires, earliest), registrars.Days(in.Expires, expires))
}

// settingsDiffer compares the settings that were ordered and can be read.
func settingsDiffer(have, ordered domains.Settings) []string {
	var differences []string
	for _, setting := range []struct {
		name          string
		have, ordered *bool
	}{
		{"registrar lock", have.Lock, ordered.Lock}, {"privacy", have.Privacy, ordered.Privacy},
		{"automatic renewal", have.AutoRenewal, ordered.AutoRenewal}, {"DNSSEC", signed(have.DNSSEC), signed(ordered.DNSSEC)},
	} {
		if setting.have != nil && setting.ordered != nil && *setting.have != *setting.ordered {
			differences = append(differences,
				fmt.Sprintf("%s at the registrar: %s, ordered: %s", setting.name, domains.OnOff(*setting.have), domains.OnOff(*setting.ordered)))
		}
	}
	return differences
}

func signed(d *domains.DNSSEC) *bool {
	if d == nil {
		return nil
	}
	return &d.Sign
}
