package realtimeregister

import (
	"encoding/base64"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"strings"
)

var updateFields = []string{
	"registrant", "designatedAgent", "contacts", "ns", "zone", "status", "authcode", "autoRenew", "autoRenewPeriod", "privacyProtect",
	"keyData", "dsData", "billables",
}

// updateDomain changes the members that are sent, all at the end of one process.
func (s *Server) updateDomain(c *call) (answer, *problem) {
	f, refused := decode(c.body, updateFields...)
	if refused != nil {
		return answer{}, refused
	}
	d, t, refused := s.unlocked(c, f)
	if refused != nil {
		return answer{}, refused
	}
	switch {
	case f.has("ns") && f.has("zone"):
		return answer{}, bad("ValidationError", "ns and zone cannot be used together")
	case f.has("keyData") && f.has("dsData"):
		return answer{}, bad("ValidationError", "keyData and dsData cannot be used together")
	}
	members := slices.Sorted(maps.Keys(f))
	members = slices.DeleteFunc(members, func(m string) bool { return m == "billables" })
	if len(members) == 0 {
		return answer{}, bad("ValidationError", "Nothing to update")
	}
	var applies []func()
	for _, member := range members {
		apply, refused := s.member(f, d, t, member)
		if refused != nil {
			return answer{}, refused
		}
		applies = append(applies, apply)
	}
	made := change{
		action: "update", label: "update:" + strings.Join(members, "+"), command: "UpdateDomainCommand", status: http.StatusOK,
		apply: func() string {
			for _, apply := range applies {
				apply()
			}
			return ""
		},
	}
	if f.has("registrant") {
		made.billables = append(made.billables, billable{Product: s.product(d.name), Action: "REGISTRANT_CHANGE", Quantity: 1, Amount: s.own(d.name, t.TradePrice)})
	}
	if wanted, _ := read[bool](f, "privacyProtect"); wanted && !d.privacy && t.PrivacyPrice > 0 {
		made.billables = append(made.billables, billable{Product: s.product(d.name), Action: "PRIVACY_PROTECT", Quantity: 1, Amount: t.PrivacyPrice})
	}
	return s.change(c, f, t, made)
}

// unlocked lets an update through if it removes the lock that forbids it.
func (s *Server) unlocked(c *call, f fields) (*domain, TLD, *problem) {
	d, t, refused := s.ours(c, "UPDATE")
	if refused == nil || s.state.domains[c.vars[0]] == nil || !f.has("status") {
		return d, t, refused
	}
	statuses, _ := read[[]string](f, "status")
	if d = s.state.domains[c.vars[0]]; slices.Contains(d.locks, "CLIENT_UPDATE_PROHIBITED") && !slices.Contains(statuses, "CLIENT_UPDATE_PROHIBITED") {
		_, t, _ = s.tldOf(d.name)
		return d, t, nil
	}
	return d, t, refused
}

// member checks one member and returns its effect.
func (s *Server) member(f fields, d *domain, t TLD, name string) (func(), *problem) {
	switch name {
	case "registrant":
		handle, refused := f.handle(name)
		return func() { d.registrant = handle }, firstOf(refused, s.fits(t, handle))
	case "contacts":
		list, refused := s.contacts(f, t)
		return func() { d.contacts = list }, refused
	case "ns":
		ns, refused := s.nameServers(f, d.name, t)
		return func() { d.ns, d.zone = ns, nil }, refused
	case "zone":
		return s.zoneMember(f, d)
	case "status":
		return s.statusMember(f, d, t)
	case "authcode":
		code, refused := f.text(name, 0, 64)
		return func() {
			if code == "" {
				code = s.newAuthcode()
			}
			d.authcode = code
		}, refused
	case "autoRenew":
		renew, refused := read[bool](f, name)
		return func() { d.autoRenew = renew }, refused
	case "autoRenewPeriod":
		period, refused := read[int](f, name)
		if refused == nil && !slices.Contains(t.autoRenewPeriods(), period) {
			refused = violation(name, "not allowed", period)
		}
		return func() { d.autoRenewPeriod = period }, refused
	case "privacyProtect":
		private, refused := read[bool](f, name)
		if refused == nil && private && slices.Contains(t.Without, "PRIVACY_PROTECT") {
			refused = bad("ValidationError", "Privacy protection is not available")
		}
		return func() { d.privacy = private }, refused
	case "keyData":
		keys, refused := readKeys(f, t)
		return func() { d.keys, d.ds = keys, nil }, refused
	case "dsData":
		ds, refused := readDS(f, t)
		return func() { d.ds, d.keys = ds, nil }, refused
	}
	_, refused := read[any](f, name)
	return func() {}, refused
}

// statusMember accepts the whole list: only CLIENT_ statuses may be added or
// removed, and IRTPC_TRANSFER_PROHIBITED may be removed.
func (s *Server) statusMember(f fields, d *domain, t TLD) (func(), *problem) {
	wanted, refused := read[[]string](f, "status")
	if refused != nil {
		return nil, refused
	}
	have := s.statuses(d)
	movable := func(status string) bool { return strings.HasPrefix(status, "CLIENT_") }
	var locks []string
	for _, status := range wanted {
		switch {
		case movable(status) && !slices.Contains(t.statuses(), status):
			return nil, bad("ValidationError", "Status %s is not possible", status)
		case movable(status):
			locks = append(locks, status)
		case !slices.Contains(have, status):
			return nil, bad("ValidationError", "Status %s cannot be added", status)
		case status == "IRTPC_TRANSFER_PROHIBITED":
			locks = append(locks, status)
		}
	}
	for _, status := range have {
		if !movable(status) && status != "IRTPC_TRANSFER_PROHIBITED" && !slices.Contains(wanted, status) {
			return nil, bad("ValidationError", "Status %s cannot be removed", status)
		}
	}
	return func() { d.locks = locks }, nil
}

var algorithms = []int{3, 5, 6, 7, 8, 10, 12, 13, 14, 15, 16, 17, 23}

func readKeys(f fields, t TLD) ([]keyData, *problem) {
	keys, refused := read[[]keyData](f, "keyData")
	if refused != nil {
		return nil, refused
	}
	if len(keys) > t.dnssecRecords() {
		return nil, bad("ValidationError", "At most %d records", t.dnssecRecords())
	}
	for _, key := range keys {
		raw, err := base64.StdEncoding.DecodeString(key.PublicKey)
		if key.Protocol != 3 || key.Flags != 256 && key.Flags != 257 || !slices.Contains(algorithms, key.Algorithm) || err != nil || len(raw) == 0 {
			return nil, violation("keyData", "invalid key", key.PublicKey)
		}
	}
	return keys, nil
}

func readDS(f fields, t TLD) ([]dsData, *problem) {
	records, refused := read[[]dsData](f, "dsData")
	if refused != nil {
		return nil, refused
	}
	if len(records) > t.dnssecRecords() {
		return nil, bad("ValidationError", "At most %d records", t.dnssecRecords())
	}
	for i, ds := range records {
		raw, err := hex.DecodeString(ds.Digest)
		if ds.KeyTag < 0 || ds.KeyTag > 65535 || !slices.Contains(algorithms, ds.Algorithm) || !slices.Contains([]int{1, 2, 4}, ds.DigestType) || err != nil || len(raw) == 0 {
			return nil, violation("dsData", "invalid record", ds.Digest)
		}
		records[i].Digest = strings.ToUpper(ds.Digest) // as registries write it
	}
	return records, nil
}
