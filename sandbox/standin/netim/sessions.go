package netim

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"domainprovisioning/sandbox/standin/faults"
)

type session struct {
	opened, active time.Time
	lang           string
	sync           bool
}

// sessionOpen also serves login, whose fourth part is not used.
func (s *Server) sessionOpen(c *call) (any, *fault) {
	if !strings.EqualFold(c.string("idReseller"), s.options.Login) || c.string("password") != s.options.Password {
		return nil, faultf(codeLogin, "Login or password is not valid")
	}
	lang := c.string("language")
	if lang != "EN" && lang != "FR" {
		return nil, invalid("language")
	}
	if c.fault == faults.TooManySessions || len(s.state.sessions) >= s.options.MaxSessions {
		return nil, faultf(codeSessions, "Too many sessions")
	}
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // never fails
	id := hex.EncodeToString(raw)
	s.state.sessionIDs = append(s.state.sessionIDs, id)
	now := s.options.Now()
	// Synchronous is the default since 2.0 (docs/protocols/netim.md, section 3).
	s.state.sessions[id] = &session{opened: now, active: now, lang: lang, sync: true}
	return id, nil
}

func (s *Server) sessionClose(c *call) (any, *fault) {
	delete(s.state.sessions, c.string("IDSession"))
	return nil, nil
}

func (s *Server) hello(*call) (any, *fault) { return "Hello", nil }

func (s *Server) sessionInfo(c *call) (any, *fault) {
	synchronous := 0
	if c.session.sync {
		synchronous = 1
	}
	return structure{"StructSessionInfo", []field{
		{"IDSession", c.string("IDSession")}, {"timeLogin", int(c.session.opened.Unix())},
		{"timeLastActivity", int(c.session.active.Unix())}, {"lang", c.session.lang}, {"sync", synchronous},
	}}, nil
}

func (s *Server) sessionSetPreference(c *call) (any, *fault) {
	value := c.string("value")
	switch c.string("type") {
	case "lang":
		if value != "EN" && value != "FR" {
			return nil, invalid("value")
		}
		c.session.lang = value
	case "sync":
		if value != "0" && value != "1" {
			return nil, invalid("value")
		}
		c.session.sync = value == "1"
	case "syncDelay": // without effect here: nothing waits
		if n, err := strconv.Atoi(value); err != nil || n < -1 || n > 127 {
			return nil, invalid("value")
		}
	default:
		return nil, invalid("type")
	}
	return nil, nil
}

func (s *Server) queryResellerAccount(*call) (any, *fault) {
	fields := []field{
		{"BALANCE_AMOUNT", amount(s.state.balance)}, {"BALANCE_LOW_LIMIT", "0.00"}, {"BALANCE_HARD_LIMIT", amount(s.state.hardLimit)},
		{"DOMAIN_AUTO_RENEW", "0"}, {"HOSTING_AUTO_RENEW", "0"},
		{"DEFAULT_OWNER", ""}, {"DEFAULT_BILLING", s.options.Login},
		{"DEFAULT_TECH", s.options.Login}, {"DEFAULT_ADMIN", s.options.Login}, {"PREMIUM_PROCESSING", "0"},
	}
	for i := 1; i <= 5; i++ {
		fields = append(fields, field{fmt.Sprintf("DEFAULT_DNS_%d", i), ""})
	}
	fields = append(fields, field{"DEFAULT_DNS_TEMPLATE", mapping{}})
	return structure{"StructQueryResellerAccount", fields}, nil
}

func amount(hundredths int) string {
	sign := ""
	if hundredths < 0 {
		sign, hundredths = "-", -hundredths
	}
	return fmt.Sprintf("%s%d.%02d", sign, hundredths/100, hundredths%100)
}
