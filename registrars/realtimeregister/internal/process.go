package internal

import "encoding/json"

// Process is one process. Only its number and its status are needed.
type Process struct {
	ID           json.Number                `json:"id"`
	Status       string                     `json:"status"`
	StatusDetail string                     `json:"statusDetail"`
	ResumeTypes  []string                   `json:"resumeTypes"`
	Type         string                     `json:"type"`
	Action       string                     `json:"action"`
	Identifier   string                     `json:"identifier"`
	Command      map[string]json.RawMessage `json:"command"`
	Error        ProcessError               `json:"error"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (p *Process) UnmarshalJSON(raw []byte) error {
	*p = Process{}
	_, err := lenient(raw, p)
	return err
}

// ProcessError says why a process has failed.
type ProcessError struct {
	Message string `json:"message"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (e *ProcessError) UnmarshalJSON(raw []byte) error {
	*e = ProcessError{}
	_, err := lenient(raw, e)
	return err
}

// Unreadable returns what keeps a process from being used; "" if nothing does.
func (p Process) Unreadable() string {
	switch {
	case !IsID(p.ID.String()):
		return "id is not a number"
	case p.Status == "":
		return "status is not a text"
	}
	return ""
}

// ProcessList is a page of processes.
type ProcessList struct {
	// Processes has every item of the page; one that is no object is empty, and so Unreadable.
	Processes []Process
}

// UnmarshalJSON implements json.Unmarshaler. Without the member entities, or with another
// type, it is no empty list.
func (l *ProcessList) UnmarshalJSON(raw []byte) error {
	*l = ProcessList{}
	var entities []json.RawMessage
	if json.Unmarshal(members(raw)["entities"], &entities) != nil || entities == nil {
		return &MalformedError{"the list has no entities"}
	}
	for _, entity := range entities {
		var process Process
		_ = json.Unmarshal(entity, &process) // what is no object stays empty
		l.Processes = append(l.Processes, process)
	}
	return nil
}
