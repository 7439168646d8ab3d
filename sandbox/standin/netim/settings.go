package netim

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"

	"domainprovisioning/domains"
)

func (s *Server) domainDelete(c *call) (any, *fault) {
	r, refused := s.ours(c)
	if refused != nil {
		return nil, refused
	}
	if c.string("typeDelete") != "NOW" {
		return nil, invalid("typeDelete")
	}
	if _, tld, _, _ := s.split(r.name); tld.NoImmediateDelete {
		return nil, refuse(textNotOffered)
	}
	return s.start(c, order{code: "domainDelete", data: r.name, apply: func() {
		if s.state.registrations[r.name] == r {
			delete(s.state.registrations, r.name)
			s.state.deleted[r.name] = &deletion{r, s.options.Calendar()}
		}
		s.state.effect(r.name).Deletions++
	}})
}

// domainSetDNSsec has a different spelling as an operation code
// (docs/protocols/netim.md, section 4).
func (s *Server) domainSetDNSsec(c *call) (any, *fault) {
	r, refused := s.signable(c)
	if refused != nil {
		return nil, refused
	}
	value := c.string("value")
	if value != "0" && value != "1" {
		return nil, invalid("value")
	}
	return s.start(c, order{code: "domainSetDNSSEC", data: r.name, apply: func() {
		r.signed, r.dnssec, r.ds = value == "1", nil, nil
		s.state.effect(r.name).Signatures++
	}})
}

func (s *Server) domainSetDNSSecExt(c *call) (any, *fault) {
	r, refused := s.signable(c)
	if refused != nil {
		return nil, refused
	}
	dnssec := map[string]string{}
	for _, name := range []string{"flags", "protocol", "algo"} {
		number, refused := c.int(name)
		if refused != nil || number < 0 || number > 65535 || (name != "flags" && number > 255) {
			return nil, invalid(name)
		}
		dnssec[name] = strconv.Itoa(number)
	}
	key := c.string("pubKey")
	if _, err := base64.StdEncoding.DecodeString(key); err != nil {
		return nil, invalid("pubKey")
	}
	var records []domains.DS
	algorithm, _ := c.int("algo")
	for i, record := range dsRecords(c.args["DSRecords"]) {
		digest, err := hex.DecodeString(record.member("digest").value())
		tag, err1 := strconv.ParseUint(record.member("key").value(), 10, 16)
		kind, err2 := strconv.ParseUint(record.member("type").value(), 10, 8)
		if err != nil || err1 != nil || err2 != nil || len(digest) == 0 {
			return nil, invalid("DSRecords")
		}
		// Registries write digests in upper case.
		text := strings.ToUpper(record.member("digest").value())
		dnssec["digest"+strconv.Itoa(i+1)] = text
		records = append(records, domains.DS{KeyTag: int(tag), Algorithm: algorithm, DigestType: int(kind), Digest: text})
	}
	if len(records) == 0 && key == "" {
		return nil, invalid("pubKey")
	}
	if key != "" {
		dnssec["pubKey"] = key
	}
	return s.start(c, order{code: "domainSetDNSSECExt", data: r.name, apply: func() {
		r.signed, r.dnssec, r.ds = true, dnssec, records
		s.state.effect(r.name).Signatures++
	}})
}

// dsRecords reads an array of records, or a single one, which is what the vendor's client
// documents. They are structs or Maps.
func dsRecords(n *node) []*node {
	switch {
	case n == nil:
		return nil
	case n.member("digest") != nil:
		return []*node{n}
	}
	return n.children
}

func (s *Server) signable(c *call) (*registration, *fault) {
	r, refused := s.ours(c)
	if refused != nil {
		return nil, refused
	}
	if _, tld, _, _ := s.split(r.name); tld.NoDNSSEC {
		return nil, refuse(textNotOffered)
	}
	return r, nil
}

func (s *Server) domainZoneInit(c *call) (any, *fault) {
	r, refused := s.ours(c)
	if refused != nil {
		return nil, refused
	}
	number, refused := c.int("numTemplate")
	if refused != nil || number < 1 {
		return nil, invalid("numTemplate")
	}
	return s.start(c, order{code: "domainZoneInit", data: r.name, apply: func() {
		s.state.effect(r.name).ZoneInits = append(s.state.effect(r.name).ZoneInits, number)
	}})
}
