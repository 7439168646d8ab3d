package realtimeregister

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"domainprovisioning/sandbox/standin/faults"
)

// The statuses of a process that occur here.
const (
	statusRunning   = "RUNNING"
	statusSuspended = "SUSPENDED"
	statusCompleted = "COMPLETED"
	statusFailed    = "FAILED"
	statusCancelled = "CANCELLED"
	statusInDoubt   = "IN_DOUBT"
)

// process is one process.
type process struct {
	id                        int64
	status, detail            string
	action, label, identifier string
	kind                      string // domain or host
	command                   fields
	resume                    []string
	created, updated, due     time.Time
	failWith                  string
	apply                     func() string // the effect; a non-empty result says why it failed
	billables                 []billable
	synchronous               bool
	failure                   string
	garbled                   bool // see Server.Garble
}

func (p *process) final() bool {
	return p.status == statusCompleted || p.status == statusFailed || p.status == statusCancelled
}

// change is a request that passed all checks.
type change struct {
	action, label, command string
	kind                   string // empty: domain
	billables              []billable
	status                 int // HTTP status if it is done at once
	apply                  func() string
	result                 func(done bool) map[string]any
}

// change returns a quote, or accepts the request: it reserves the money and
// starts a process.
func (s *Server) change(c *call, f fields, t TLD, made change) (answer, *problem) {
	charges := chargesOf(made.billables)
	if c.quote {
		return answer{status: http.StatusOK, body: map[string]any{"command": made.command, "quote": quoteOf(charges)}}, nil
	}
	if refused := s.affordable(f, t, charges); refused != nil {
		return answer{}, refused
	}
	name := c.vars[0]
	behaviour, own := s.state.behaviours[name]
	if !own {
		behaviour = s.options.Behaviour
	}
	now := s.options.Now()
	s.state.lastProcess++
	p := &process{
		id: s.state.lastProcess, status: statusRunning, action: made.action, label: made.label, identifier: name, command: f,
		created: now, updated: now, due: now.Add(behaviour.PendingFor), failWith: behaviour.FailWith, apply: made.apply, billables: charges,
	}
	if p.kind = made.kind; p.kind == "" {
		p.kind = "domain"
	}
	delete(p.command, "billables")
	s.state.processes = append(s.state.processes, p)
	switch {
	case c.fault == faults.InDoubt:
		p.status = statusInDoubt
	case c.fault == faults.UnknownStatus:
		p.status = unknownWord
	case behaviour.Manual:
		p.status, p.resume = statusSuspended, []string{"TIMER", "RESEND", "CANCEL"}
		if behaviour.NoCancel {
			p.resume = p.resume[:2]
		}
	case !t.Async && c.fault != faults.NoProcessID && (!own || behaviour.PendingFor == 0):
		p.synchronous = true
		if s.conclude(p); p.status == statusFailed {
			return answer{}, bad("ProcessError", "%s", p.failure)
		}
		return s.doneAnswer(p, made), nil
	}
	return s.pendingAnswer(c, p, made), nil
}

func (s *Server) doneAnswer(p *process, made change) answer {
	done := answer{status: made.status}
	if made.result != nil {
		done.body = made.result(true)
	}
	if s.options.ProcessIDAlways {
		done.process = p.id
	}
	return done
}

func (s *Server) pendingAnswer(c *call, p *process, made change) answer {
	body := map[string]any{}
	if made.result != nil {
		body = made.result(false)
	}
	pending := answer{status: http.StatusAccepted, body: body, process: p.id}
	if s.options.ProcessIDInBody {
		body["processId"], pending.process = p.id, 0
	}
	if c.fault == faults.NoProcessID {
		delete(body, "processId")
		pending.process = 0
	}
	return pending
}

// conclude ends a process: it fails with failWith, or takes effect.
func (s *Server) conclude(p *process) {
	if p.failWith != "" {
		s.end(p, statusFailed, p.failWith)
		return
	}
	if why := p.apply(); why != "" {
		s.end(p, statusFailed, why)
		return
	}
	s.end(p, statusCompleted, "")
}

// end sets the final status of a process, settles its money, and sends a
// notification.
func (s *Server) end(p *process, status, text string) {
	p.status, p.failure, p.detail, p.resume, p.updated = status, text, text, nil, s.options.Now()
	if status == statusCompleted {
		p.failure = ""
		s.state.balance -= totalOf(p.billables)
	}
	s.notify(p)
}

// reserved returns the amount that running processes have reserved.
func (s *Server) reserved() int64 {
	var sum int64
	for _, p := range s.state.processes {
		if !p.final() {
			sum += totalOf(p.billables)
		}
	}
	return sum
}

func (s *Server) document(p *process) map[string]any {
	body := map[string]any{
		"id": p.id, "user": s.options.Customer + "/api", "customer": s.options.Customer, "status": p.status, "type": p.kind,
		"action": p.action, "identifier": p.identifier, "createdDate": stamp(p.created), "startedDate": stamp(p.created),
		"updatedDate": stamp(p.updated), "command": p.command,
	}
	if p.detail != "" {
		body["statusDetail"] = p.detail
	}
	if len(p.resume) > 0 {
		body["resumeTypes"] = p.resume
	}
	if p.failure != "" {
		body["error"] = map[string]any{"type": "ProcessError", "message": p.failure}
	}
	if total := totalOf(p.billables); total > 0 {
		member := "reservation"
		if p.status == statusCompleted {
			member = "transaction"
		}
		if !p.final() || p.status == statusCompleted {
			body[member] = map[string]any{"EUR": total}
		}
	}
	return body
}

func (s *Server) processOf(c *call) (*process, *problem) {
	for _, p := range s.state.processes {
		if strconv.FormatInt(p.id, 10) == c.vars[0] {
			return p, nil
		}
	}
	return nil, missing("Process")
}

func (s *Server) readProcess(c *call) (answer, *problem) {
	p, refused := s.processOf(c)
	if refused != nil {
		return answer{}, refused
	}
	return answer{status: http.StatusOK, body: s.document(p)}, nil
}

func (s *Server) cancelProcess(c *call) (answer, *problem) {
	p, refused := s.processOf(c)
	if refused != nil {
		return answer{}, refused
	}
	if !slices.Contains(p.resume, "CANCEL") {
		return answer{}, bad("ObjectStatusProhibitsOperation", "The process cannot be cancelled")
	}
	s.end(p, statusCancelled, "")
	return answer{status: http.StatusNoContent}, nil
}

func (s *Server) resend(c *call) (answer, *problem) {
	p, refused := s.processOf(c)
	switch {
	case refused != nil:
		return answer{}, refused
	case !slices.Contains(p.resume, "RESEND"):
		return answer{}, bad("ObjectStatusProhibitsOperation", "The process cannot be resent")
	}
	return answer{status: http.StatusOK, body: map[string]any{}}, nil
}

// listProcesses lists the processes, the oldest first.
func (s *Server) listProcesses(c *call) (answer, *problem) {
	all := make([]map[string]any, 0, len(s.state.processes))
	garbled := map[any]bool{}
	for _, p := range s.state.processes {
		all, garbled[p.id] = append(all, s.document(p)), p.garbled
	}
	return listing{
		identifying: []string{"id"}, garble: func(one map[string]any) {
			if !garbled[one["id"]] {
				return
			}
			one["action"], one["error"] = []string{}, "no object"
			if one["status"] != statusCompleted {
				one["status"] = []string{}
			}
		},
		filters: []string{
			"id", "user", "status", "statusDetail", "resumeTypes", "createdDate", "startedDate", "updatedDate", "type", "action", "identifier", "command",
		},
	}.list(c, all)
}
