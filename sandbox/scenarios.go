package main

import (
	"fmt"
	"strings"
	"time"

	"domainprovisioning/sandbox/standin/faults"
)

// scenario is a named kind of trouble that can be watched from the command line. Each is
// a test as well; see scenarios_test.go.
type scenario struct {
	name, help string
	apply      func(*settings)
}

func scenarios() []scenario {
	fault := func(texts ...string) func(*settings) {
		return func(s *settings) {
			for _, text := range texts {
				if err := s.faults.Set(text); err != nil {
					panic(err) // a typo in this table
				}
			}
		}
	}
	return []scenario{
		{"happy-path", "the registrar confirms after some seconds", func(*settings) {}},
		{"registered-at-once", "the registrar answers done in step 6", func(s *settings) { s.pendingFor = 0 }},
		{"submit-answer-lost", "the registrar registers, its answer is cut", fault("netim:domainCreate:cut-after")},
		{"submit-never-arrived", "the request is cut before it arrives", fault("netim:domainCreate:cut-before")},
		{"operations-answer-lost", "each Operations call is cut after its effect", fault(
			"operations:pem.addAccount:cut-after", "operations:pem.addAccountMember:cut-after",
			"operations:pem.activateSubscription:cut-after", "operations:pem.addDomainRequest:cut-after",
			"operations:pem.addDomain:cut-after", "operations:pem.bindServicesToDomain:cut-after")},
		{"operations-faults", "each Operations call is answered by a fault after its effect", fault(
			"operations:pem.addAccount:fault", "operations:pem.addAccountMember:fault",
			"operations:pem.activateSubscription:fault", "operations:pem.addDomainRequest:fault",
			"operations:pem.addDomain:fault", "operations:pem.bindServicesToDomain:fault")},
		{"unknown-status-word", "the registrar answers with a word that nobody knows", fault("netim:domainCreate:unknown-status")},
		{"session-expired", "the registrar's session ends before step 6", fault("netim:domainCreate:session-expired")},
		{"malformed-answer", "the registrar's answer is garbage", fault("netim:domainCreate:malformed")},
		{"dns-not-ready", "the zone goes live after half a minute, and the top-level domain requires it", func(s *settings) { s.zoneDelay = 30 * time.Second }},
		{"dns-test-refuses", "the registrar's own DNS test fails although the zone is live", fault("netim:domainCreate:dns-not-ready")},
		{"session-limit", "other programs hold all sessions of the registrar account for a minute or two", fault("netim:sessionOpen:too-many-sessions*2")},
		{"rate-limited", "the registrar asks for the request later", fault("netim:domainCreate:rate-limit*2")},
		{"slow-registrar", "the registrar takes a minute", func(s *settings) { s.pendingFor = time.Minute }},
	}
}

func scenarioHelp() string {
	var b strings.Builder
	for _, s := range scenarios() {
		fmt.Fprintf(&b, "  %-24s %s\n", s.name, s.help)
	}
	return strings.TrimRight(b.String(), "\n")
}

func (s *settings) applyScenario() error {
	if s.scenario == "" {
		return nil
	}
	for _, known := range scenarios() {
		if known.name == s.scenario {
			known.apply(s)
			return nil
		}
	}
	return fmt.Errorf("there is no scenario %q; there are:\n%s", s.scenario, scenarioHelp())
}

// faultList is the value of the flag -fault, which can be repeated.
type faultList []faults.Fault

// String implements flag.Value.
func (l *faultList) String() string { return "" }

// Set implements flag.Value.
func (l *faultList) Set(text string) error {
	fault, err := faults.Parse(text)
	if err != nil {
		return err
	}
	*l = append(*l, fault)
	return nil
}

func faultHelp() string {
	var b strings.Builder
	for _, kind := range faults.Kinds() {
		fmt.Fprintf(&b, "  %-24s %s\n", kind.Kind, kind.Help)
	}
	return strings.TrimRight(b.String(), "\n")
}
