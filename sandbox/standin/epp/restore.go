package epp

import "time"

// redeemable finds the domain of a restore, whose update must be empty (RFC 3915, section 4.2.5).
func (s *Server) redeemable(r *request) (*domain, *answer) {
	d, refused := s.own(r)
	if refused != nil {
		return nil, refused
	}
	for _, part := range r.object.children {
		if part.local != "name" && len(part.children) > 0 {
			return nil, refuse(2306).because(part, "an update that restores changes nothing else")
		}
	}
	if d.pendingStatus != "" {
		return nil, refuse(2304).because(r.object.get("name"), "the domain has the status %s", d.pendingStatus)
	}
	return d, nil
}

func (s *Server) restoreDomain(r *request) *answer {
	d, refused := s.redeemable(r)
	if refused != nil {
		return refused
	}
	restore := r.extensions[nsRGP].get("restore")
	if report := restore.get("report"); report != nil {
		return refuse(2306).because(report, "belongs to the operation report")
	}
	if phase := d.rgp(s.today()); len(phase) == 0 || phase[0] != "redemptionPeriod" {
		return refuse(2304).because(r.object.get("name"), "the domain is not in redemption")
	}
	reports := s.zone(d.name).RestoreReport
	reply, price := s.carry(r, d, change{
		kind: "restore", status: "pendingUpdate", labels: []string{"restore"}, command: "restore", years: 1,
		apply: func() {
			if d.restoring = reports; !reports {
				s.bringBack(d)
			}
		},
	})
	if reply.code >= 2000 {
		return reply
	}
	if reports || reply.code == 1001 {
		reply.more = rgpData("upData", "pendingRestore")
	}
	reply.more += s.feeResult(r, "updData", price)
	return reply
}

func (s *Server) reportRestore(r *request) *answer {
	d, refused := s.redeemable(r)
	if refused != nil {
		return refused
	}
	restore := r.extensions[nsRGP].get("restore")
	report := restore.get("report")
	switch {
	case report == nil:
		return refuse(2003).because(restore, "lacks the report")
	case !d.restoring:
		return refuse(2304).because(r.object.get("name"), "no report is due")
	}
	deleted, _ := readTime(report.value("delTime")) // the grammar has read both
	restored, _ := readTime(report.value("resTime"))
	if restored.Before(deleted) {
		return refuse(2004).because(report.get("resTime"), "is before the deletion")
	}
	s.bringBack(d)
	return &answer{code: 1000}
}

// bringBack ends the redemption of a domain.
func (s *Server) bringBack(d *domain) {
	d.restoring, d.deleted = false, time.Time{}
	d.updated, d.updater = s.today(), s.options.Login
}
