package realtimeregister

import "slices"

// zone is a zone that is served here.
type zone struct {
	id                        int64
	service, Template, master string
	DNSSEC                    bool
}

func (z *zone) document() map[string]any {
	body := map[string]any{"id": z.id, "service": z.service, "dnssec": z.DNSSEC}
	if z.Template != "" {
		body["template"] = z.Template
	}
	if z.master != "" {
		body["master"] = z.master
	}
	return body
}

// zoneGiven is the member zone of a request.
type zoneGiven struct {
	Service  *string `json:"service"`
	Template *string `json:"template"`
	Link     *bool   `json:"link"`
	Master   *string `json:"master"`
	DNSSEC   *bool   `json:"dnssec"`
}

func (s *Server) readZone(f fields) (zoneGiven, *problem) {
	given, refused := read[zoneGiven](f, "zone")
	switch {
	case refused != nil:
	case given.Service != nil && *given.Service != "BASIC" && *given.Service != "PREMIUM":
		refused = violation("zone.service", "not allowed", *given.Service)
	case given.Template != nil && !slices.Contains(s.state.templates, *given.Template):
		refused = missing("Template")
	}
	return given, refused
}

// newZone returns an empty zone.
func (s *Server) newZone() *zone {
	s.state.lastZone++
	return &zone{id: s.state.lastZone, service: "BASIC"}
}

// take gives a zone what a request asks for.
func (z *zone) take(given zoneGiven) {
	if given.Service != nil {
		z.service = *given.Service
	}
	if given.Template != nil {
		z.Template = *given.Template
	}
	if given.Link != nil && !*given.Link {
		z.Template = ""
	}
	if given.Master != nil {
		z.master = *given.Master
	}
	if given.DNSSEC != nil {
		z.DNSSEC = *given.DNSSEC
	}
}

// zoneOf makes the zone that a new domain is to have; nil if the request asks for none.
func (s *Server) zoneOf(f fields) (*zone, *problem) {
	given, refused := s.readZone(f)
	if refused != nil || !f.has("zone") {
		return nil, refused
	}
	made := s.newZone()
	made.take(given)
	return made, nil
}

// zoneMember changes the zone of a domain, and makes one where there is none.
func (s *Server) zoneMember(f fields, d *domain) (func(), *problem) {
	given, refused := s.readZone(f)
	if refused != nil {
		return nil, refused
	}
	return func() {
		if d.zone == nil {
			d.zone, d.ns = s.newZone(), slices.Clone(ownNameServers)
		}
		d.zone.take(given)
	}, nil
}
