package faults

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Systems lists the stand-ins that a parsed fault can name.
func Systems() []string {
	return []string{"operations", "billing", "netim", "names4ever", "realtimeregister", "example", "epp"}
}

// Syntax is the text form that Parse reads, for the help of a flag.
const Syntax = "system:method:kind[=argument][*times][@skip]"

// KindInfo describes a kind for the help of a flag.
type KindInfo struct {
	Kind     Kind
	Argument string   // what follows "="; empty: nothing
	Systems  []string // the only systems that know it; nil: all
	Help     string
}

// Kinds lists all kinds.
func Kinds() []KindInfo {
	return []KindInfo{
		{Delay, "duration", nil, "answer late (default 2s)"},
		{Late, "duration", nil, "answer late, and have the effect no sooner, although the caller has left (default 2s)"},
		{HTTPError, "status", nil, "an HTTP status instead of an answer (default 503), no effect; EPP has the code 2400 for it"},
		{RateLimit, "status", nil, "HTTP 429 with Retry-After, no effect; EPP has the code 2502 for it"},
		{CutBefore, "", nil, "close the connection before the effect"},
		{CutAfter, "", nil, "close the connection after the effect, without a reply"},
		{Malformed, "", nil, "answer garbage after the effect"},
		{Quote, "", nil, "answer with the system's own error, which quotes the whole request and its credentials, no effect"},
		{RaiseFault, "", []string{"operations", "billing", "epp"}, "answer with an XML-RPC fault, at EPP with the code 2400, after the effect"},
		{Refuse, "", []string{"operations", "billing"}, "answer with the system's own error, no effect"},
		{SessionExpired, "", []string{"netim", "epp"}, "end the session, then refuse the call"},
		{TooManySessions, "", []string{"netim", "epp"}, "refuse to open a session"},
		{UnknownStatus, "", []string{"netim", "realtimeregister", "example", "epp"}, "a status word that nobody knows, after the effect"},
		{DNSNotReady, "", []string{"netim"}, "fail the check of the DNS zone, no effect"},
		{InDoubt, "", []string{"realtimeregister"}, "accept the request, and say that its process is IN_DOUBT"},
		{NoProcessID, "", []string{"realtimeregister"}, "accept the request, and leave its number out of the answer"},
	}
}

// Parse reads a fault such as "netim:domainCreate:cut-after*2". The method may be
// "*" for any; "*always" never wears off; "@3" skips three calls first.
func Parse(text string) (Fault, error) {
	system, rest, ok := strings.Cut(text, ":")
	colon := strings.LastIndex(rest, ":")
	if !ok || colon < 0 {
		return Fault{}, fmt.Errorf("faults: %q is not of the form %s", text, Syntax)
	}
	f := Fault{System: system, Method: rest[:colon]}
	if !slices.Contains(Systems(), f.System) {
		return Fault{}, fmt.Errorf("faults: system %q is not one of %s", f.System, strings.Join(Systems(), ", "))
	}
	switch f.Method {
	case "":
		return Fault{}, fmt.Errorf("faults: %q names no method; use * for any", text)
	case "*":
		f.Method = ""
	}
	kind := rest[colon+1:]
	var err error
	if kind, err = cutNumber(kind, "@", &f.After); err != nil {
		return Fault{}, fmt.Errorf("faults: the number of calls to skip in %q: %w", text, err)
	}
	if before, found := strings.CutSuffix(kind, "*always"); found {
		kind, f.Times = before, Always
	} else if kind, err = cutNumber(kind, "*", &f.Times); err != nil {
		return Fault{}, fmt.Errorf("faults: the number of times in %q: %w", text, err)
	}
	kind, argument, given := strings.Cut(kind, "=")
	f.Kind = Kind(kind)
	if err := f.takeArgument(argument, given); err != nil {
		return Fault{}, err
	}
	return f, nil
}

func cutNumber(s, separator string, n *int) (string, error) {
	before, after, found := strings.Cut(s, separator)
	if !found {
		return s, nil
	}
	v, err := strconv.Atoi(after)
	if err != nil || v < 1 {
		return "", fmt.Errorf("%q is not a number from 1", after)
	}
	*n = v
	return before, nil
}

func (f *Fault) takeArgument(argument string, given bool) error {
	all := Kinds()
	at := slices.IndexFunc(all, func(k KindInfo) bool { return k.Kind == f.Kind })
	if at < 0 {
		names := make([]string, len(all))
		for i, k := range all {
			names[i] = string(k.Kind)
		}
		return fmt.Errorf("faults: kind %q is not one of %s", f.Kind, strings.Join(names, ", "))
	}
	info := all[at]
	if info.Systems != nil && !slices.Contains(info.Systems, f.System) {
		return fmt.Errorf("faults: kind %q is known to %s only", f.Kind, strings.Join(info.Systems, " and "))
	}
	if !given {
		if f.Kind == Delay || f.Kind == Late {
			f.Delay = 2 * time.Second
		}
		return nil
	}
	switch info.Argument {
	case "duration":
		d, err := time.ParseDuration(argument)
		if err != nil || d <= 0 {
			return fmt.Errorf("faults: %q is not a duration such as 1.5s", argument)
		}
		f.Delay = d
	case "status":
		status, err := strconv.Atoi(argument)
		if err != nil || status < 400 || status > 599 {
			return fmt.Errorf("faults: %q is not an HTTP status from 400 to 599", argument)
		}
		f.Status = status
	default:
		return fmt.Errorf("faults: kind %q takes no argument", f.Kind)
	}
	return nil
}
