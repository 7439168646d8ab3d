package assembly

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"domainprovisioning/registrars"
)

// Matrix describes in Markdown what each registrar plug-in can do, what it assumes and
// which settings it has; docs/registrars.md contains the result. It asks the plug-ins
// themselves, so it cannot promise what they lack.
func Matrix() string {
	all := plugins()
	names := slices.Sorted(maps.Keys(all))
	made := make([]registrars.Registrar, len(names))
	for i, name := range names {
		made[i] = all[name].Type
	}
	var b strings.Builder
	row := func(title string, cell func(registrars.Registrar) string) {
		fmt.Fprintf(&b, "| %s |", title)
		for _, r := range made {
			fmt.Fprintf(&b, " %s |", cell(r))
		}
		b.WriteString("\n")
	}
	row("", func(r registrars.Registrar) string { return r.Describe().Title + " (`" + r.Describe().Name + "`)" })
	b.WriteString("|---|" + strings.Repeat("---|", len(made)) + "\n")
	for _, kind := range registrars.Kinds() {
		row(strings.ReplaceAll(string(kind), "-", " "), func(r registrars.Registrar) string { return yes(r.Describe().Serves(kind)) })
	}
	row("registers hosts below a domain", func(r registrars.Registrar) string { _, ok := r.(registrars.HostKeeper); return yes(ok) })
	row("completion", func(r registrars.Registrar) string {
		if r.Describe().Synchronous {
			return "with the answer"
		}
		return "with the answer, or pending"
	})
	row("completion by callback", func(r registrars.Registrar) string { _, ok := r.(registrars.CallbackDecoder); return yes(ok) })
	row("completion by queue", func(r registrars.Registrar) string { _, ok := r.(registrars.NoticeQueue); return yes(ok) })
	row("shortest interval of the watch", func(r registrars.Registrar) string {
		if every := r.Describe().ShortestPoll; every > 0 {
			return every.String()
		}
		return "nothing to watch"
	})
	row("lists what is pending", func(r registrars.Registrar) string { _, ok := r.(registrars.PendingLister); return yes(ok) })
	row("cancels what is pending", func(r registrars.Registrar) string {
		if _, ok := r.(registrars.Canceller); ok {
			return "perhaps: it may refuse"
		}
		return "no"
	})
	row("tells until when a registration can be given back", func(r registrars.Registrar) string {
		if _, ok := r.(registrars.PhaseTeller); ok {
			return "where the registry's data say so"
		}
		return "no: `refund_days`"
	})
	row("tells how long the phases of a domain's life last", func(r registrars.Registrar) string {
		if _, ok := r.(registrars.PhaseTeller); ok {
			return "where the registry's data say so"
		}
		return "no"
	})
	row("changes the password of its account", func(r registrars.Registrar) string { _, ok := r.(registrars.PasswordChanger); return yes(ok) })
	row("lists the domains of the account", func(r registrars.Registrar) string { _, ok := r.(registrars.DomainLister); return yes(ok) })
	row("keeps contacts", func(r registrars.Registrar) string {
		_, ok := r.(registrars.ContactKeeper)
		if ok && r.Describe().OwnersApart {
			return "yes, owners apart"
		}
		return yes(ok)
	})
	row("domains are read", func(r registrars.Registrar) string {
		if r.Describe().Reads == registrars.ReadsOutside {
			return "from outside (RDAP, DNS)"
		}
		return "at the registrar"
	})
	row("adoption of a domain that the account has", func(r registrars.Registrar) string { return yes(r.Describe().Adopts()) })
	row("guard against renewing twice", func(r registrars.Registrar) string { return string(r.Describe().RenewalGuard) })
	row("tells prices, so that a plan may limit them", func(r registrars.Registrar) string { return yes(r.Describe().Prices) })
	row("a second request while one is pending", func(r registrars.Registrar) string { return r.Describe().Duplicates })
	row("password of the domain", func(r registrars.Registrar) string { return yes(r.Describe().DomainPassword) })
	row("a transfer brings contacts and name servers", transferred)
	row("makes the auth codes of domains", func(r registrars.Registrar) string { return yes(!r.Describe().TakesAuthCodes) })
	row("sessions of an account that processes share", shared)
	for _, r := range made {
		settings(&b, r.Describe())
	}
	for _, r := range made {
		fmt.Fprintf(&b, "\nWhat %s does not document is assumed:\n\n", r.Describe().Title)
		for _, assumption := range r.Describe().Assumptions {
			fmt.Fprintf(&b, "- %s\n", assumption)
		}
	}
	return b.String()
}

// settings writes the table of settings of a plug-in.
func settings(b *strings.Builder, d registrars.Descriptor) {
	fmt.Fprintf(b, "\nThe settings of %s, in the block `%s` of an account:\n\n| key | default | meaning |\n|---|---|---|\n", d.Title, d.Name)
	for _, setting := range Plugins()[d.Name].Describe(d.Name) {
		value := "none"
		switch {
		case setting.Required:
			value = "required"
		case setting.Default != "":
			value = "`" + setting.Default + "`"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", setting.Key, value, setting.Doc)
	}
}

// shared is how many sessions processes share.
func shared(r registrars.Registrar) string {
	if n := r.Describe().Sessions; n > 0 {
		return strconv.Itoa(n)
	}
	return "none"
}

// transferred says whether a transfer brings contacts and name servers.
func transferred(r registrars.Registrar) string {
	if d := r.Describe(); d.Serves(registrars.Transfer) && d.BareTransfers {
		return "no: by requests of their own, afterwards"
	}
	return yes(r.Describe().Serves(registrars.Transfer))
}

func yes(ok bool) string {
	if ok {
		return "yes"
	}
	return "no"
}
