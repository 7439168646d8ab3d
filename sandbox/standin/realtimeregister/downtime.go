package realtimeregister

import "time"

// Downtime is a planned maintenance of a registry.
type Downtime struct {
	ID         int64
	Start, End time.Time
	Reason     string // may be empty
	Provider   string
	TLDs       []string // may be empty
}

func (s *Server) listDowntime(c *call) (answer, *problem) {
	all := make([]map[string]any, 0, len(s.options.Downtime))
	for _, d := range s.options.Downtime {
		provider := map[string]any{"name": d.Provider}
		if len(d.TLDs) > 0 {
			provider["tlds"] = d.TLDs
		}
		one := map[string]any{"id": d.ID, "startDate": stamp(d.Start), "endDate": stamp(d.End), "provider": provider}
		if d.Reason != "" {
			one["reason"] = d.Reason
		}
		all = append(all, one)
	}
	return listing{identifying: []string{"id"}, filters: []string{"id", "startDate", "endDate", "reason"}}.list(c, all)
}
