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
	return entities(raw, func(process Process) { l.Processes = append(l.Processes, process) })
}

// entities reads a page of a list; keep is called for every item, and what is no object is empty.
func entities[T any](page []byte, keep func(T)) error {
	var list []json.RawMessage
	if json.Unmarshal(members(page)["entities"], &list) != nil || list == nil {
		return &MalformedError{"the list has no entities"}
	}
	for _, raw := range list {
		var item T
		_ = json.Unmarshal(raw, &item)
		keep(item)
	}
	return nil
}
