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
	// story is for a scenario with orders of its own; see stories.go.
	story *story
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
	list := stories()
	for _, trouble := range []scenario{
		{name: "happy-path", help: "the registrar confirms after some seconds", apply: func(*settings) {}},
		{name: "registered-at-once", help: "the registrar answers done in step 6", apply: func(s *settings) { s.pendingFor = 0 }},
		{name: "submit-answer-lost", help: "the registrar registers, its answer is cut", apply: fault("netim:domainCreate:cut-after")},
		{name: "submit-never-arrived", help: "the request is cut before it arrives", apply: fault("netim:domainCreate:cut-before")},
		{name: "operations-answer-lost", help: "each Operations call is cut after its effect", apply: fault(
			"operations:pem.addAccount:cut-after", "operations:pem.addAccountMember:cut-after",
			"operations:pem.activateSubscription:cut-after", "operations:pem.addDomainRequest:cut-after",
			"operations:pem.addDomain:cut-after", "operations:pem.bindServicesToDomain:cut-after")},
		{name: "operations-faults", help: "each Operations call is answered by a fault after its effect", apply: fault(
			"operations:pem.addAccount:fault", "operations:pem.addAccountMember:fault",
			"operations:pem.activateSubscription:fault", "operations:pem.addDomainRequest:fault",
			"operations:pem.addDomain:fault", "operations:pem.bindServicesToDomain:fault")},
		{name: "unknown-status-word", help: "the registrar answers with a word that nobody knows", apply: fault("netim:domainCreate:unknown-status")},
		{name: "session-expired", help: "the registrar's session ends before step 6", apply: fault("netim:domainCreate:session-expired")},
		{name: "malformed-answer", help: "the registrar's answer is garbage", apply: fault("netim:domainCreate:malformed")},
		{name: "dns-not-ready", help: "the zone goes live after half a minute, and the top-level domain requires it", apply: func(s *settings) { s.zoneDelay = 30 * time.Second }},
		{name: "dns-test-refuses", help: "the registrar's own DNS test fails although the zone is live", apply: fault("netim:domainCreate:dns-not-ready")},
		{name: "session-limit", help: "other programs hold all sessions of the registrar account for a minute or two", apply: fault("netim:sessionOpen:too-many-sessions*2")},
		{name: "rate-limited", help: "the registrar asks for the request later", apply: fault("netim:domainCreate:rate-limit*2")},
		{name: "slow-registrar", help: "the registrar takes a minute", apply: func(s *settings) { s.pendingFor = time.Minute }},
	} {
		trouble.story = shopOrder()
		list = append(list, trouble)
	}
	return list
}

func scenarioHelp() string {
	var b strings.Builder
	for _, s := range scenarios() {
		fmt.Fprintf(&b, "  %-30s %s\n", s.name, s.help)
	}
	return strings.TrimRight(b.String(), "\n")
}

func (s *settings) applyScenario() error {
	if s.scenario == "" {
		return nil
	}
	for _, known := range scenarios() {
		if known.name == s.scenario {
			if known.apply != nil {
				known.apply(s)
			}
			if len(s.files) == 0 {
				s.story = known.story
			}
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
