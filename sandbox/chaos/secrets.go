//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"

	"domainprovisioning/internal/histories"
	"domainprovisioning/store"
)

// finder finds many texts at once.
type finder map[[finderPrefix]byte][]string

// finderPrefix is the length of the shortest text that can be found, in bytes.
const finderPrefix = 8

// add adds texts to look for.
func (f finder) add(texts ...string) error {
	for _, text := range texts {
		if len(text) < finderPrefix {
			return fmt.Errorf("chaos: a secret of %d characters is too short to look for", len(text))
		}
		key := [finderPrefix]byte([]byte(text[:finderPrefix]))
		if !slices.Contains(f[key], text) {
			f[key] = append(f[key], text)
		}
	}
	return nil
}

// find returns the texts that occur in a content.
func (f finder) find(content []byte) []string {
	found := map[string]bool{}
	for at := 0; at+finderPrefix <= len(content); at++ {
		for _, text := range f[[finderPrefix]byte(content[at:at+finderPrefix])] {
			if at+len(text) <= len(content) && string(content[at:at+len(text)]) == text {
				found[text] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// secretsOf collects every secret that was used in a run.
func secretsOf(ctx context.Context, s *system, mark string, orders []*order) (finder, error) {
	w, f := s.world, finder{}
	all := []string{
		w.secrets.netim, w.secrets.names4ever, w.secrets.realtime, w.secrets.epp, w.secrets.operations, w.secrets.billing,
		w.secrets.callback, w.secrets.hook, w.secrets.sealing, w.secrets.histories, s.key,
		// These are secrets of customers, and of domains that come from elsewhere.
		mark + "-pass-", mark + "-transfer-",
	}
	all = append(append(all, w.netim.SessionIDs()...), w.eppSecrets()...)
	for _, o := range orders {
		if o.domain == "" {
			continue
		}
		all = append(all, w.netim.Effects(o.domain).AuthCodes...)
		if registration, ok := w.netim.Registration(o.domain); ok && registration.AuthID != "" {
			all = append(all, registration.AuthID)
		}
		if domain, ok := w.realtime.Domain(o.domain); ok && domain.AuthCode != "" {
			all = append(all, domain.AuthCode)
		}
		password, err := s.store.Secret(ctx, "registrar/"+names4everAccount+"/"+o.domain+"/password")
		switch {
		case err == nil:
			all = append(all, password.Reveal())
		case !errors.Is(err, store.ErrNotFound):
			return f, err
		}
	}
	return f, f.add(all...)
}

// inLogs looks for secrets and addresses in the logs of the processes.
func inLogs(logs string, f finder) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(logs, "*.log"))
	if err != nil {
		return nil, fmt.Errorf("chaos: logs: %w", err)
	}
	with := maps.Clone(f)
	// Logs must not hold addresses of customers either, and a panic would appear there
	// too.
	if err := with.add("@chaos.example", "goroutine 1 [", "panic serving", "nondeterministic workflow"); err != nil {
		return nil, err
	}
	var found []string
	for _, file := range files {
		if filepath.Base(file) == ownLog {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("chaos: logs: %w", err)
		}
		for _, text := range with.find(content) {
			found = append(found, fmt.Sprintf("the log %s holds %q", filepath.Base(file), text))
		}
	}
	return found, nil
}

// inHistories looks for secrets in the histories of all workflows, opened, and counts the
// histories.
func inHistories(ctx context.Context, temporal client.Client, codec converter.PayloadCodec, f finder) (found []string, searched int, err error) {
	var page []byte
	for {
		list, err := temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{PageSize: 500, NextPageToken: page})
		if err != nil {
			return nil, 0, fmt.Errorf("chaos: histories: %w", err)
		}
		for _, execution := range list.GetExecutions() {
			of := execution.GetExecution()
			searched++
			content, err := historyOf(ctx, temporal, codec, of.GetWorkflowId(), of.GetRunId())
			if err != nil {
				return nil, 0, err
			}
			for _, text := range f.find(content) {
				found = append(found, fmt.Sprintf("the history of %s holds %q", of.GetWorkflowId(), text))
			}
		}
		if page = list.GetNextPageToken(); len(page) == 0 {
			return found, searched, nil
		}
	}
}

// historyOf returns all events in their wire form, which contains the opened payloads unchanged.
func historyOf(ctx context.Context, temporal client.Client, codec converter.PayloadCodec, workflow, run string) ([]byte, error) {
	var content []byte
	events := temporal.GetWorkflowHistory(ctx, workflow, run, false, 0)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return nil, fmt.Errorf("chaos: history of %s: %w", workflow, err)
		}
		if err := histories.Open(ctx, event, codec); err != nil {
			return nil, fmt.Errorf("chaos: history of %s: %w", workflow, err)
		}
		if content, err = (proto.MarshalOptions{}).MarshalAppend(content, event); err != nil {
			return nil, fmt.Errorf("chaos: history of %s: %w", workflow, err)
		}
	}
	return content, nil
}
