package internal

import (
	"strconv"
	"strings"
)

// Status is a result: 0 is success. Description is for people and contains none of our
// passwords; it may quote personal data.
type Status struct {
	Code        int
	Description string
}

// Reply is what the server said about the request as a whole and about each domain. Its
// request id has been checked.
type Reply struct {
	whole   *Status // nil if it has no number
	domains []answer
}

type answer struct {
	fqdn   string
	status *Status
}

// newReply extracts the results from a response; scrub removes our secrets.
func newReply(r *response, scrub func(string) string) *Reply {
	reply := &Reply{whole: number(r.Statuses, scrub)}
	for _, d := range r.Domains {
		reply.domains = append(reply.domains, answer{strings.TrimSpace(d.FQDN), number(d.Statuses, scrub)})
	}
	return reply
}

// number reads the only status of a node. It returns nil if there is none, more than
// one, or one whose code is not a number.
func number(statuses []status, scrub func(string) string) *Status {
	if len(statuses) != 1 {
		return nil
	}
	code, err := strconv.Atoi(strings.TrimSpace(statuses[0].Code))
	if err != nil {
		return nil
	}
	return &Status{Code: code, Description: scrub(statuses[0].description())}
}

// Of returns the result of the operation on one domain: of the two levels the domain's
// own decides, but if they contradict each other neither is believed. requestIsEnough
// says that the status of the request replaces that of a missing domain node. The error
// is a *MalformedError, which means that the outcome is unknown.
func (r *Reply) Of(fqdn string, requestIsEnough bool) (Status, error) {
	if r.whole == nil {
		return Status{}, &MalformedError{"the status of the request has no number"}
	}
	matched := r.matching(fqdn)
	switch {
	case len(matched) == 0 && r.whole.Code != 0 && len(r.domains) == 0:
		return *r.whole, nil
	case len(matched) == 0 && requestIsEnough && len(r.domains) == 0:
		return *r.whole, nil
	case len(matched) == 0:
		return Status{}, &MalformedError{"it says nothing of the domain"}
	}
	first := matched[0].status
	for _, node := range matched {
		if node.status == nil {
			return Status{}, &MalformedError{"the status of the domain has no number"}
		}
		if node.status.Code != first.Code {
			return Status{}, &MalformedError{"it says two things of the domain"}
		}
	}
	if first.Code == 0 && r.whole.Code != 0 {
		return Status{}, &MalformedError{"the status of the request contradicts that of the domain"}
	}
	return *first, nil
}

func (r *Reply) matching(fqdn string) []answer {
	var matched []answer
	for _, node := range r.domains {
		if strings.EqualFold(node.fqdn, fqdn) {
			matched = append(matched, node)
		}
	}
	if len(matched) == 0 && len(r.domains) == 1 && r.domains[0].fqdn == "" {
		return r.domains
	}
	return matched
}
