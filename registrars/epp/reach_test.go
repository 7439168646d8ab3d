package epp_test

import (
	"strings"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp"
	standin "domainprovisioning/sandbox/standin/epp"
)

const uriUnknown = "urn:registry:unknown-1.0"

// TestARegistryIsTriedUntilTheLogin: what it offers is told, and there was no login.
func TestARegistryIsTriedUntilTheLogin(t *testing.T) {
	t.Parallel()
	const fees, security = "urn:ietf:params:xml:ns:epp:fee-1.0", "urn:ietf:params:xml:ns:epp:loginSec-1.0"
	for name, c := range map[string]struct {
		change func(*standin.Options, *epp.Config)
		shows  []string
		rule   string // of the error; "": there is none
	}{
		"all is offered": {
			func(o *standin.Options, _ *epp.Config) { o.Also = []string{uriUnknown} },
			[]string{"; languages: en", "; used: urn:ietf:params:xml:ns:domain-1.0 ", " " + fees, "; offered and not used: " + uriUnknown}, "",
		},
		"not used": {
			func(_ *standin.Options, config *epp.Config) { config.Without = []string{fees} },
			[]string{"; offered and not used: " + fees}, "",
		},
		"nothing else": {
			func(*standin.Options, *epp.Config) {},
			[]string{" " + fees}, "",
		},
		"a service that is missing": {
			func(o *standin.Options, _ *epp.Config) { o.Without = []string{"urn:ietf:params:xml:ns:contact-1.0"} },
			nil, "urn:ietf:params:xml:ns:contact-1.0",
		},
		"a password that cannot be sent": {
			func(o *standin.Options, config *epp.Config) {
				o.Without, config.Password = []string{security}, domains.NewSecret("longer-than-sixteen-characters")
			},
			nil, "password",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "registry", c.change)
			offers, err := w.plugin.Reach(t.Context())
			if c.rule == "" && err != nil {
				t.Fatal(err)
			}
			if c.rule != "" {
				if failed := wantClass(t, err, registrars.ClassAuth); !strings.Contains(failed.Rule, c.rule) {
					t.Errorf("got %v", err)
				}
			}
			for _, text := range c.shows {
				if !strings.Contains(offers, text) {
					t.Errorf("%q lacks %q", offers, text)
				}
			}
			if name == "nothing else" && strings.Contains(offers, "not used") {
				t.Errorf("got %q", offers)
			}
			if w.standin.Calls("login") != 0 || w.standin.Sessions() != 0 {
				t.Errorf("%d logins, %d sessions", w.standin.Calls("login"), w.standin.Sessions())
			}
		})
	}
}

// TestALongGreetingIsCut: it is written by others, and shown to people.
func TestALongGreetingIsCut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "registry", func(o *standin.Options, _ *epp.Config) {
		for range 1000 {
			o.Also = append(o.Also, uriUnknown)
		}
	})
	if offers, err := w.plugin.Reach(t.Context()); err != nil || len(offers) > 4000 || !strings.HasSuffix(offers, " ...") {
		t.Errorf("%d bytes, %v", len(offers), err)
	}
}

// TestAGreetingControlsNoTerminal: offers are printed, and are in JSON, as the plug-in gives them.
func TestAGreetingControlsNoTerminal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "registry", func(o *standin.Options, _ *epp.Config) {
		o.Also = []string{"urn:registry:a\u009b2Jb", "urn:registry:c\u202ed", "urn:registry:e\u2028f", "urn:registry:ü"}
	})
	offers, err := w.plugin.Reach(t.Context())
	if err != nil || !strings.HasSuffix(offers, ": urn:registry:a 2Jb urn:registry:c d urn:registry:e f urn:registry:ü") {
		t.Errorf("%q, %v", offers, err)
	}
}
