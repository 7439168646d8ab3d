package names4ever

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"time"

	"domainprovisioning/sandbox/standin/calls"
)

// object is one of the many objects of RDAP (RFC 9083).
type object map[string]any

// serveRDAP answers as the registry does.
func (s *Server) serveRDAP(w http.ResponseWriter, r *http.Request, name string) {
	s.log.Serve(rdapWriter{w}, r, calls.Exchange{
		Method: RDAP, At: s.options.Now(), Delay: s.options.Delay, Decision: s.Faults.Begin(RDAP),
		Effect: func() calls.Reply { return s.rdap(strings.ToLower(strings.TrimSuffix(name, "."))) },
		Quote: func(text string) calls.Reply {
			return rdapReply(http.StatusBadRequest, object{
				"errorCode": http.StatusBadRequest, "title": http.StatusText(http.StatusBadRequest), "description": []string{text},
			}, calls.Refused)
		},
	})
}

// rdapWriter gives replies the media type of RDAP.
type rdapWriter struct{ http.ResponseWriter }

func (w rdapWriter) WriteHeader(status int) {
	w.Header().Set("Content-Type", "application/rdap+json")
	w.ResponseWriter.WriteHeader(status)
}

func (s *Server) rdap(name string) calls.Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rdapDown {
		return rdapError(http.StatusServiceUnavailable)
	}
	have, registered := s.public(name)
	if !registered {
		return rdapError(http.StatusNotFound)
	}
	hosts := []object{}
	for _, host := range have.nameServers {
		hosts = append(hosts, object{"objectClassName": "nameserver", "ldhName": strings.ToUpper(host)})
	}
	return rdapReply(0, object{
		"rdapConformance": []string{"rdap_level_0"}, "objectClassName": "domain", "ldhName": name,
		"status": have.statuses(), "nameservers": hosts,
		"events": []object{
			{"eventAction": "registration", "eventDate": have.created.Format(time.RFC3339)},
			{"eventAction": "expiration", "eventDate": have.expires.Format(time.RFC3339)},
		},
		"entities": []object{{
			"objectClassName": "entity", "roles": []string{"registrant"},
			"vcardArray": []any{"vcard", []any{
				[]any{"version", object{}, "text", "4.0"}, []any{"fn", object{}, "text", ""},
				[]any{"org", object{}, "text", have.organisation},
			}},
		}},
	}, calls.OK)
}

// statuses are those that the registry shows.
func (r registration) statuses() []string {
	if len(r.status) == 0 {
		return []string{"active"}
	}
	return r.status
}

// public returns what the registry shows of a name, wherever it is registered.
func (s *Server) public(name string) (registration, bool) {
	if have := s.registrations[name]; have != nil {
		return *have, true
	}
	created, found := s.taken[name]
	return registration{
		organisation: "Elsewhere Ltd", nameServers: elsewhere, created: created, expires: created.AddDate(1, 0, 0),
	}, found
}

func rdapError(status int) calls.Reply {
	return rdapReply(status, object{"errorCode": status, "title": http.StatusText(status)}, calls.Refused)
}

func rdapReply(status int, value object, outcome string) calls.Reply {
	body, err := json.Marshal(value)
	if err != nil {
		return calls.Reply{Status: http.StatusInternalServerError, Outcome: calls.Refused}
	}
	return calls.Reply{Status: status, Body: body, Outcome: outcome}
}

// Resolver is the DNS of the stand-in's names.
type Resolver struct{ server *Server }

// Resolver returns the DNS, which delegates every registered name at once.
func (s *Server) Resolver() Resolver { return Resolver{s} }

// LookupNS answers like net.Resolver.
func (r Resolver) LookupNS(ctx context.Context, name string) ([]*net.NS, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.server.mu.Lock()
	defer r.server.mu.Unlock()
	if r.server.dnsDown {
		return nil, &net.DNSError{Err: "server misbehaving", Name: name, IsTemporary: true}
	}
	have, registered := r.server.public(strings.ToLower(strings.TrimSuffix(name, ".")))
	if !registered || len(have.nameServers) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	var records []*net.NS
	for _, host := range have.nameServers {
		records = append(records, &net.NS{Host: host + "."})
	}
	return records, nil
}
