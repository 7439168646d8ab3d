package assembly

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"domainprovisioning/config"
	"domainprovisioning/registrars"
)

// Matrix is what each registrar plug-in can do, as Markdown: docs/registrars.md is
// made of it. It reads the plug-ins themselves, so it cannot promise what they lack.
func Matrix() (string, error) {
	made, err := described()
	if err != nil {
		return "", err
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
	row("guard against renewing twice", func(r registrars.Registrar) string { return string(r.Describe().RenewalGuard) })
	row("a second request while one is pending", func(r registrars.Registrar) string { return r.Describe().Duplicates })
	row("password of the domain", func(r registrars.Registrar) string { return yes(r.Describe().DomainPassword) })
	row("sessions of an account", func(r registrars.Registrar) string {
		if n := r.Describe().Sessions; n > 0 {
			return strconv.Itoa(n)
		}
		return "none"
	})
	for _, r := range made {
		fmt.Fprintf(&b, "\nWhat %s does not document is assumed:\n\n", r.Describe().Title)
		for _, assumption := range r.Describe().Assumptions {
			fmt.Fprintf(&b, "- %s\n", assumption)
		}
	}
	return b.String(), nil
}

func yes(ok bool) string {
	if ok {
		return "yes"
	}
	return "no"
}

// described makes one of each plug-in, with an account that does not exist. No
// plug-in calls its registrar before it is asked to.
func described() ([]registrars.Registrar, error) {
	var made []registrars.Registrar
	for _, name := range slices.Sorted(maps.Keys(plugins())) {
		account := config.Registrar{Plugin: name, URL: "https://registrar.invalid/", Login: "NOBODY", Password: "none"}
		if name == "names4ever" {
			account.PlanID = "0"
		}
		one, err := plugins()[name](account, nil)
		if err != nil {
			return nil, fmt.Errorf("assembly: describe %s: %w", name, err)
		}
		made = append(made, one)
	}
	return made, nil
}
