package realtimeregister

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister/internal"
)

// checkSyntax compares a name that is to be registered with what its registry takes, and
// returns every rule that it breaks.
func checkSyntax(request registrars.Request, syntax internal.Syntax) error {
	if request.Kind != registrars.Registration || request.Nameless() {
		return nil
	}
	return registrars.Join(checkLength(request, syntax), checkLanguage(request, syntax))
}

// checkLength compares the length of the label. The registrar does not say which form of an
// internationalised name counts, so only what is wrong in both forms is refused.
func checkLength(request registrars.Request, syntax internal.Syntax) error {
	coded := strings.TrimSuffix(request.Domain.String(), "."+suffix(request))
	shown, _, _ := strings.Cut(request.Domain.Unicode(), ".")
	switch plain := utf8.RuneCountInString(shown); {
	case max(len(coded), plain) < syntax.MinLength:
		return errs.Invalid(nameTLD, "domain", fmt.Sprintf("the label has %d characters, and this top-level domain takes %d at least", plain, syntax.MinLength))
	case syntax.MaxLength > 0 && min(len(coded), plain) > syntax.MaxLength:
		return errs.Invalid(nameTLD, "domain", fmt.Sprintf("the label has %d characters, and this top-level domain takes %d at most", plain, syntax.MaxLength))
	}
	return nil
}

// checkLanguage compares the language of an internationalised name.
func checkLanguage(request registrars.Request, syntax internal.Syntax) error {
	known := strings.Join(slices.Sorted(maps.Keys(syntax.Languages)), ", ")
	switch {
	case !international(request) && request.Language != "":
		return errs.Invalid(nameTLD, "language", "must not be given: the name is not internationalised")
	case !international(request):
	case syntax.NoIDN:
		return errs.Invalid(nameTLD, "domain", "this top-level domain takes no internationalised names")
	case known != "" && request.Language == "":
		return errs.Invalid(nameTLD, "language", "required for an internationalised name in this top-level domain: one of "+known)
	case known != "" && !syntax.Languages[request.Language]:
		return errs.Invalid(nameTLD, "language", "none of those of this top-level domain: "+known)
	}
	return nil
}

// international reports whether the label that is registered is an internationalised one.
func international(request registrars.Request) bool {
	return strings.HasPrefix(request.Domain.String(), "xn--")
}

// checkHosts compares the hosts below the domain with what the registry takes.
func checkHosts(request registrars.Request, rules internal.HostRules) error {
	var wrong []error
	for i, name := range request.NameServers {
		for _, host := range request.Hosts {
			if host.Name != name {
				continue
			}
			v4, v6 := host.Split()
			refused := len(wrong)
			for _, bound := range []struct {
				of                 string
				count, least, most int
			}{
				{"IPv4 addresses", len(v4), rules.LeastIPv4, rules.MostIPv4}, {"IPv6 addresses", len(v6), rules.LeastIPv6, rules.MostIPv6},
				{"addresses", len(v4) + len(v6), rules.Least, rules.Most},
			} {
				switch {
				case len(wrong) > refused: // the bound of all addresses would only repeat it
				case bound.count < bound.least:
					wrong = append(wrong, registrars.HostBroken(i, fmt.Sprintf("at least %d %s in this top-level domain", bound.least, bound.of)).In(pluginName, nameTLD))
				case bound.most > 0 && bound.count > bound.most:
					wrong = append(wrong, registrars.HostBroken(i, fmt.Sprintf("at most %d %s in this top-level domain", bound.most, bound.of)).In(pluginName, nameTLD))
				}
			}
		}
	}
	return registrars.Join(wrong...)
}
