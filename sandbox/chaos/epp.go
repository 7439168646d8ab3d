//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	eppplugin "domainprovisioning/registrars/epp"
	"domainprovisioning/sandbox/standin/epp"
)

const (
	eppScheme = "epp://"
	// These are shorter than a process stands still: sessions are kept, ended and missed meanwhile.
	helloEvery, keepSessions = 20 * time.Second, 40 * time.Second
	restoreLimit             = "60.00" // EUR
)

// eppFiles are the files in PEM of an account at the registry that speaks EPP, and their folder.
type eppFiles struct{ folder, authority, certificate, key string }

func (f eppFiles) settings() *eppplugin.Settings {
	settings := eppplugin.DefaultSettings()
	settings.CAFile, settings.CertificateFile, settings.KeyFile = f.authority, f.certificate, f.key
	settings.HelloEvery, settings.KeepSessions = helloEvery, keepSessions
	return &settings
}

// serveEPP serves the registry that speaks EPP, over TLS with client certificates. One of its zones
// answers at once, the other later; a restore is done only with its report.
func (w *world) serveEPP(ctx context.Context) error {
	certificates, err := epp.NewCertificates(time.Now())
	if err != nil {
		return fmt.Errorf("chaos: certificates: %w", err)
	}
	w.epp = epp.New(epp.Options{
		Login: eppLogin, Password: w.secrets.epp, Certificates: certificates, ClientCertificate: true, Balance: plenty,
		Zones: map[string]epp.Zone{eppLaterTLD: {Async: true, RestoreReport: true}, eppAtOnceTLD: {RestoreReport: true}},
	})
	w.epp.AddContact(oldContact)
	files := &w.certificates
	if files.folder, err = os.MkdirTemp("", "chaos-certificates-"); err != nil {
		return fmt.Errorf("chaos: no folder for certificates: %w", err)
	}
	if files.authority, files.certificate, files.key, err = certificates.WriteTo(files.folder); err != nil {
		return err
	}
	listener, err := listen(ctx)
	if err != nil {
		return err
	}
	w.urls["epp"] = eppScheme + listener.Addr().String()
	go func() { _ = w.epp.Serve(listener) }() //nolint:contextcheck // it serves until it is closed
	return nil
}

func (w *world) closeEPP() (errs []error) {
	if w.epp != nil {
		errs = append(errs, w.epp.Close())
	}
	return append(errs, os.RemoveAll(w.certificates.folder))
}

// putEPP creates a domain that an order will change. Its name servers are none that an order asks for,
// so that those are created.
func (w *world) putEPP(domain string, created time.Time) {
	w.epp.AddDomain(epp.Domain{
		Name: domain, Registrant: oldContact, Created: created, Expires: created.AddDate(1, 0, 0), NameServers: []string{"ns1.old.example", "ns2.old.example"},
		Contacts: map[string]string{"admin": oldContact, "tech": oldContact, "billing": oldContact},
	})
}

// eppSecrets are the key of the certificate, and the auth codes of what the registry has.
func (w *world) eppSecrets() (all []string) {
	for line := range strings.SplitSeq(string(w.epp.Certificates().ClientKey), "\n") {
		if len(line) >= finderPrefix && !strings.HasPrefix(line, "-----") {
			all = append(all, line)
		}
	}
	for _, name := range w.epp.Domains() {
		if domain, _ := w.epp.Domain(name); domain.AuthInfo != "" {
			all = append(all, domain.AuthInfo)
		}
	}
	for _, contact := range w.epp.Contacts() {
		all = append(all, contact.AuthInfo)
	}
	return all
}

func eppKinds() []kind {
	return []kind{
		{"registration with hosting at " + eppAccount, func(p *planner, o *order) document {
			return p.registration(o, eppLaterPlan, eppLaterTLD, true)
		}},
		{"registration, at once, at " + eppAccount + ", then its renewal", func(p *planner, o *order) document {
			d := p.registration(o, eppAtOncePlan, eppAtOnceTLD, false)
			p.follow(o, eppAtOncePlan, "renewal", nil)
			o.want.add(effects{eppAccount + " renew": 1, "years": 1})
			return d
		}},
		{"transfer to " + eppAccount, (*planner).transferToEPP},
		{"renewal at " + eppAccount, func(p *planner, o *order) document {
			o.want.add(effects{eppAccount + " renew": 1, "years": twoYears})
			return p.change(o, eppLaterPlan, eppLaterTLD, "renewal", nil)
		}},
		{"restore at " + eppAccount, func(p *planner, o *order) document {
			o.want.add(effects{eppAccount + " restore": 1, "years": 1})
			d := p.change(o, eppLaterPlan, eppLaterTLD, "restore", nil)
			p.world.epp.SetPhase(o.domain, epp.Redemption)
			return d
		}},
		{"owner change at " + eppAccount, func(p *planner, o *order) document {
			return p.person(o, eppLaterPlan, eppLaterTLD, "owner-change", "owner", eppAccount+" update:registrant")
		}},
		{"contact change at " + eppAccount, func(p *planner, o *order) document {
			return p.person(o, eppLaterPlan, eppLaterTLD, "contact-change", "tech", eppAccount+" update:contact")
		}},
		{"name server change at " + eppAccount, func(p *planner, o *order) document {
			o.want.add(effects{eppAccount + " update:ns": 1, eppAccount + " host:create": 1, "years": 1})
			below := document{"host": fmt.Sprintf("ns1.%s.%s", label(o), eppLaterTLD), "addresses": []string{"192.0.2.1", "2001:db8::1"}}
			return p.change(o, eppLaterPlan, eppLaterTLD, "name-server-change", document{"nameServers": []any{below, ownServers()[1]}})
		}},
		{"settings change at " + eppAccount, func(p *planner, o *order) document {
			o.want.add(effects{eppAccount + " update:secDNS": 1, eppAccount + " update:status": 1, "years": 1})
			return p.change(o, eppAtOncePlan, eppAtOnceTLD, "settings-change", document{"settings": document{
				"lock": true, "dnssec": document{"sign": true, "ds": []any{document{
					"keyTag": 60485, "algorithm": 13, "digestType": 2,
					"digest": "D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A",
				}}},
			}})
		}},
		{"adoption at " + eppAccount, func(p *planner, o *order) document { return p.adoption(o, eppLaterPlan, eppLaterTLD) }},
	}
}

// transferToEPP brings the domain alone: its contacts and name servers follow, and its code is
// replaced.
func (p *planner) transferToEPP(o *order) document {
	d := p.change(o, eppLaterPlan, eppLaterTLD, transfer, document{
		"transferKey": p.transferKey(o), "settings": document{"lock": true},
	})
	p.world.epp.AddElsewhere(o.domain, p.transferKey(o), false)
	o.want.add(effects{
		"domain subscription": 1, "domain": 1, "registered domain": 1, "Billing row": 1, "years": twoYears, eppAccount + " transfer": 1,
		eppAccount + " update:authInfo": 1, eppAccount + " update:registrant": 1, eppAccount + " update:contact": 1,
		eppAccount + " update:ns": 1, eppAccount + " update:status": 1,
	})
	return d
}

// epp counts the effects at the registry that speaks EPP. It counts what it has accepted, so nothing
// may be pending at the end. Contacts of one person and hosts outside our domains are shared by
// orders: of those there is one.
func (o *outside) epp() {
	registry := o.world.epp
	for _, name := range registry.Domains() {
		domain, _ := registry.Domain(name)
		o.period(name, domain.Created, domain.Expires)
		if slices.ContainsFunc(domain.Statuses, func(status string) bool { return strings.HasPrefix(status, "pending") }) {
			o.note(o.byDomain[name], "change that is pending at "+eppAccount, name)
		}
	}
	handles, shared := map[string]bool{oldContact: true}, map[string]bool{}
	for _, server := range append(ownServers(), platformServers()...) {
		shared[server] = true
	}
	people := map[string]string{}
	for _, contact := range registry.Contacts() {
		handles[contact.ID] = true
		person := contact
		person.ID, person.AuthInfo, person.Disclose = "", "", nil
		key := fmt.Sprintf("%+v", person)
		if other := people[key]; other != "" {
			o.strays = append(o.strays, "the contacts "+other+" and "+contact.ID+" at "+eppAccount+" are the same person")
		}
		people[key] = contact.ID
	}
	for _, effect := range registry.Effects() {
		switch {
		case effect.Label == "contact:create" && handles[effect.Name] && effect.Times == 1: // counted by its address
		case effect.Label == "host:create" && shared[effect.Name] && effect.Times == 1:
		default:
			name := effect.Name
			if effect.Label == "host:create" {
				_, name, _ = strings.Cut(name, ".")
			}
			for range effect.Times {
				o.note(o.byDomain[name], eppAccount+" "+effect.Label, effect.Name)
			}
		}
	}
}

// platformServers are the name servers of the hosting platform.
func platformServers() []string { return []string{"ns1.dns.example", "ns2.dns.example"} }
