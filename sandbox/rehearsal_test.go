package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"domainprovisioning/billing"
	"domainprovisioning/config"
	"domainprovisioning/intake/rehearsal"
	"domainprovisioning/wire/xmlrpc"
)

// listener passes calls on to a stand-in and records them.
type listener struct {
	system string
	to     http.Handler
	heard  *heard
}

// heard holds the calls that were really made, in order.
type heard struct {
	mu    sync.Mutex
	calls []rehearsal.PlannedCall
}

func (l listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "", http.StatusBadRequest)
		return
	}
	method, params, err := xmlrpc.DecodeCall(body, xmlrpc.Limits{})
	if err == nil {
		call := rehearsal.PlannedCall{System: l.system, Name: method}
		if execute, err := billing.ParseExecute(params); err == nil && l.system == "billing" {
			call.Name = execute.Server + "::" + execute.Method
			for n, value := range execute.Params {
				call.Parameters = append(call.Parameters, rehearsal.PlannedParameter{Name: fmt.Sprintf("#%d", n+1), Value: shown(value)})
			}
		} else {
			call.Parameters = flat("", params[0])
		}
		l.heard.mu.Lock()
		// The intake asks whether the customer is new; that is no step.
		if method != "pem.getAccountMemberByLogin" {
			l.heard.calls = append(l.heard.calls, call)
		}
		l.heard.mu.Unlock()
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	l.to.ServeHTTP(w, r)
}

func shown(value any) string {
	if fee, ok := value.(float64); ok {
		return fmt.Sprintf("%.2f", fee)
	}
	return fmt.Sprint(value)
}

// flat lists the members of a struct by their paths, sorted.
func flat(path string, value any) []rehearsal.PlannedParameter {
	members, ok := value.(xmlrpc.Struct)
	if !ok {
		return []rehearsal.PlannedParameter{{Name: path, Value: shown(value)}}
	}
	var all []rehearsal.PlannedParameter
	for name, member := range members {
		all = append(all, flat(strings.TrimPrefix(path+"."+name, "."), member)...)
	}
	slices.SortFunc(all, func(a, b rehearsal.PlannedParameter) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// TestARehearsalIsWhatTheOrderThenDoes rehearses an order, places it, and compares every
// call that Operations and Billing really got with the plan: which calls, in which order,
// and with which parameters.
func TestARehearsalIsWhatTheOrderThenDoes(t *testing.T) {
	t.Parallel()
	h := &heard{}
	f := begin(t, worldOptions{}, func(cfg *config.Config) {
		for system, url := range map[string]*string{"operations": &cfg.Operations.URL, "billing": &cfg.Billing.URL} {
			server := httptest.NewServer(listener{system, passOn(*url), h})
			t.Cleanup(server.Close)
			*url = server.URL + "/RPC2"
		}
	})
	plan, err := f.Desk(f.temporal).Rehearse(t.Context(), shop(t))
	if err != nil || !plan.Accepted || len(plan.Units) != 1 {
		t.Fatalf("%+v, %v", plan, err)
	}
	if len(h.calls) != 0 {
		t.Fatalf("the rehearsal has made %d calls", len(h.calls))
	}
	f.place(shop(t))
	f.finish(shopWorkflow)
	var planned []rehearsal.PlannedCall
	for _, step := range plan.Units[0].Steps {
		for _, call := range step.Calls {
			// If the domain is registered at once, the hosting is bound in step 9 and not
			// again.
			if call.System != netimAccount && step.Number != 12 {
				planned = append(planned, call)
			}
		}
	}
	if len(planned) != len(h.calls) {
		t.Fatalf("%d calls were planned, %d made", len(planned), len(h.calls))
	}
	for n, made := range h.calls {
		if planned[n].Name != made.Name {
			t.Errorf("call %d: planned %s, made %s", n, planned[n].Name, made.Name)
			continue
		}
		same(t, planned[n], made)
	}
}

// same compares the parameters of a call. Values that were not known before are in
// brackets, and the dates are those of the confirmation.
func same(t *testing.T, planned, made rehearsal.PlannedCall) {
	t.Helper()
	values := map[string]string{}
	for _, parameter := range made.Parameters {
		name, _, _ := strings.Cut(parameter.Name, "auth.")
		if name == "" {
			parameter.Name = "auth" // the whole login is masked
		}
		values[parameter.Name] = parameter.Value
	}
	dates := map[string]bool{"#5": true, "#6": true, "#18": true, "#19": true}
	for _, parameter := range planned.Parameters {
		value, ok := values[parameter.Name]
		unknown := strings.HasPrefix(parameter.Value, "(") || strings.HasPrefix(parameter.Value, "[redacted") ||
			(made.System == "billing" && dates[parameter.Name])
		if !ok || (value != parameter.Value && !unknown) {
			t.Errorf("%s: %s: planned %q, made %q", made.Name, parameter.Name, parameter.Value, value)
		}
		delete(values, parameter.Name)
	}
	if len(values) > 0 {
		t.Errorf("%s: made with %d parameters that were not planned", made.Name, len(values))
	}
}

// passOn passes calls on to a server.
func passOn(url string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, url, r.Body)
		if err != nil {
			http.Error(w, "", http.StatusBadGateway)
			return
		}
		request.Header = r.Header
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			http.Error(w, "", http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body)
	})
}
