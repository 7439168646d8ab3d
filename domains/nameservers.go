package domains

import (
	"fmt"
	"strings"
)

// MinNameServers is the number that every registration needs (orders, rule
// 3.4.1: both the primary and the secondary are required).
const MinNameServers = 2

// NameServers is an ordered list of different host names in lower case without
// final dots. The first one is the primary.
type NameServers []string

// ParseNameServers normalises and checks a list: each a host name (labels of 1
// to 63 letters, digits and hyphens, no hyphen at either end, 253 characters in
// all), all different. It requires no minimum number, which is a rule of the
// order or the registrar. For an empty list it returns nil.
func ParseNameServers(hosts []string) (NameServers, error) {
	if len(hosts) == 0 {
		return nil, nil
	}
	servers := make(NameServers, 0, len(hosts))
	for _, raw := range hosts {
		host, err := ParseHost(raw)
		if err != nil {
			return nil, err
		}
		if servers.Contains(host) {
			return nil, fmt.Errorf("domains: name server %s is given twice", host)
		}
		servers = append(servers, host)
	}
	return servers, nil
}

// ParseHost normalises one host name: lower case, without the final dot. Host
// names are ASCII in every protocol of this project, so an IDN comes in ACE
// form; an order may give it in Unicode, see OrderedHost.
func ParseHost(s string) (string, error) {
	host := strings.ToLower(strings.TrimSuffix(strings.TrimSpace(s), "."))
	if host == "" || len(host) > MaxNameLength || !strings.Contains(host, ".") {
		return "", fmt.Errorf("domains: %q is not a valid host name", s)
	}
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if !isHostLabel(label) {
			return "", fmt.Errorf("domains: %q is not a valid host name", s)
		}
	}
	if isDigits(labels[len(labels)-1]) {
		return "", fmt.Errorf("domains: %q is not a valid host name", s)
	}
	return host, nil
}

func isHostLabel(label string) bool {
	if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	for i := range len(label) {
		c := label[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// Contains reports whether the host is in the list, without regard to case.
func (ns NameServers) Contains(host string) bool {
	for _, have := range ns {
		if strings.EqualFold(have, host) {
			return true
		}
	}
	return false
}

// Same reports whether both lists hold the same hosts in any order. Registries
// do not keep the order, so a check of what was read back compares sets.
func (ns NameServers) Same(other NameServers) bool {
	if len(ns) != len(other) {
		return false
	}
	for _, host := range ns {
		if !other.Contains(host) {
			return false
		}
	}
	return true
}
