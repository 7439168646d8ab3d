package epp

import (
	"slices"
	"strconv"
	"strings"

	"domainprovisioning/domains"
)

// digestLengths are in octets, by the types of RFC 4034, 4509 and 6605.
var digestLengths = map[int]int{1: 20, 2: 32, 4: 48}

func number(n *node, local string) int {
	value, _ := strconv.Atoi(n.value(local)) // the grammar has read it
	return value
}

// records reads dsData and keyData, of which the zone takes one kind.
func (s *Server) records(d *domain, n *node) (ds []domains.DS, keys []domains.DNSKEY, refused *answer) {
	takesKeys := s.zone(d.name).KeyData
	for _, one := range n.all("keyData") {
		if !takesKeys {
			return nil, nil, refuse(2306).because(one, "this zone takes DS records")
		}
		key := strings.ReplaceAll(one.value("pubKey"), " ", "")
		keys = append(keys, domains.DNSKEY{Flags: number(one, "flags"), Protocol: number(one, "protocol"), Algorithm: number(one, "alg"), PublicKey: key})
	}
	for _, one := range n.all("dsData") {
		if takesKeys {
			return nil, nil, refuse(2306).because(one, "this zone takes keys")
		}
		record := domains.DS{KeyTag: number(one, "keyTag"), Algorithm: number(one, "alg"), DigestType: number(one, "digestType"), Digest: strings.ToUpper(one.value("digest"))}
		if want := digestLengths[record.DigestType]; len(record.Digest) == 0 || want != 0 && len(record.Digest) != 2*want {
			return nil, nil, refuse(2005).because(one.get("digest"), "has not the length of its type")
		}
		ds = append(ds, record)
	}
	return ds, keys, nil
}

// sign gives a domain the records of a create, or of the element add of an update.
func (s *Server) sign(d *domain, n *node) *answer {
	ds, keys, refused := s.records(d, n)
	if refused != nil {
		return refused
	}
	for _, one := range ds {
		if slices.Contains(d.ds, one) {
			return refuse(2306).because(n.get("dsData"), "the domain has this record")
		}
		d.ds = append(d.ds, one)
	}
	for _, one := range keys {
		if slices.Contains(d.keys, one) {
			return refuse(2306).because(n.get("keyData"), "the domain has this key")
		}
		d.keys = append(d.keys, one)
	}
	if life := n.get("maxSigLife"); life != nil {
		return refuse(2102).because(life, "the life of signatures is not for the client to set")
	}
	return nil
}

// resigns: an update has something to change of the records. All its parts may be absent or empty.
func resigns(n *node) bool {
	return n.get("rem") != nil || n.get("add") != nil || n.get("chg").get("maxSigLife") != nil
}

// resign changes the records of a domain as an update says: first rem, then add.
func (s *Server) resign(d *domain, n *node) *answer {
	switch urgent := n.attr("urgent"); {
	case urgent == "1" || urgent == "true":
		return refuse(2102).because(n, "nothing is urgent here")
	case n.get("chg").get("maxSigLife") != nil:
		return refuse(2102).because(n.get("chg"), "the life of signatures is not for the client to set")
	}
	if rem := n.get("rem"); rem != nil {
		if refused := s.unsign(d, rem); refused != nil {
			return refused
		}
	}
	if add := n.get("add"); add != nil {
		return s.sign(d, add)
	}
	return nil
}

func (s *Server) unsign(d *domain, rem *node) *answer {
	if all := rem.get("all"); all != nil {
		if all.text == "0" || all.text == "false" {
			return refuse(2306).because(all, "all is removed or nothing")
		}
		d.ds, d.keys = nil, nil
		return nil
	}
	ds, keys, refused := s.records(d, rem)
	if refused != nil {
		return refused
	}
	for _, one := range ds {
		i := slices.Index(d.ds, one)
		if i < 0 {
			return refuse(2303).because(rem.get("dsData"), "the domain has no such record")
		}
		d.ds = slices.Delete(d.ds, i, i+1)
	}
	for _, one := range keys {
		i := slices.Index(d.keys, one)
		if i < 0 {
			return refuse(2303).because(rem.get("keyData"), "the domain has no such key")
		}
		d.keys = slices.Delete(d.keys, i, i+1)
	}
	return nil
}

func numberTag(name string, value int) string { return leafTag(name, strconv.Itoa(value)) }

// signatures is the extension of infData.
func (d *domain) signatures() string {
	content := each(d.ds, func(one domains.DS) string {
		return tag("secDNS:dsData", numberTag("secDNS:keyTag", one.KeyTag)+numberTag("secDNS:alg", one.Algorithm)+
			numberTag("secDNS:digestType", one.DigestType)+leafTag("secDNS:digest", one.Digest))
	}) + each(d.keys, func(one domains.DNSKEY) string {
		return tag("secDNS:keyData", numberTag("secDNS:flags", one.Flags)+numberTag("secDNS:protocol", one.Protocol)+
			numberTag("secDNS:alg", one.Algorithm)+leafTag("secDNS:pubKey", one.PublicKey))
	})
	if content == "" {
		return ""
	}
	return tag("secDNS:infData", content, "xmlns:secDNS", nsSecDNS)
}
