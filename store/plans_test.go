package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// wholeTable is a line of a plan that reads every row of a table that grows with the orders, or
// that looks for rows by what nearly all of them have in common.
var wholeTable = regexp.MustCompile(`(?m)^SCAN (provisionings|orders|registrar_operations|confirmations|reserved_ids|data_keys|refusals|idempotency_keys|acts|quotes|secrets|registrar_contacts|batches|batch_lines|domains|drift_facts)( USING INDEX provisionings_reason)?$`)

// erasable places an order and gives it up.
func erasable(ctx context.Context, s *store.Store) (number string, err error) {
	accepted, err := s.AcceptOrder(ctx, acceptance("", "", "{}"))
	if err == nil {
		err = s.CloseUnit(ctx, accepted.Number, 0, store.UnitCancelled, "")
	}
	return accepted.Number, err
}

// dueLines asks for the due lines of a batch that runs.
func dueLines(ctx context.Context, s *store.Store) error {
	batch, _, err := s.BeginBatch(ctx, store.NewBatch{Client: "shop", Mode: "good", Lines: 1})
	if err == nil {
		err = s.StoreLines(ctx, batch.ID, []store.NewLine{{Line: 1, Account: "netim-main", Document: []byte("{}")}})
	}
	if err == nil {
		_, err = s.StartBatch(ctx, batch.ID)
	}
	if err == nil {
		_, err = s.DueAccounts(ctx)
	}
	return err
}

// What is asked all the time, or by a person who waits, finds its rows by an index, and a list
// comes in the order of one. SQLite plans without having counted rows, so its plans are always
// the same, and a new index that misleads it shows here. Three questions do read all rows:
// OpenAccounts, once when a worker starts, the list of all operations, finished ones too, and the
// one for the id of an order that a restore has lost.
// CountOpen reads the entries of all open units in an index, and no row.
func TestNoQuestionReadsAWholeTable(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "store.db")
	s := open(t, url, nil)
	units := func(filter store.UnitFilter) func(context.Context, *store.Store) error {
		return func(ctx context.Context, s *store.Store) error { _, err := s.Units(ctx, filter); return err }
	}
	operations := func(filter store.LedgerFilter) func(context.Context, *store.Store) error {
		return func(ctx context.Context, s *store.Store) error { _, err := s.LedgerRows(ctx, filter); return err }
	}
	inbox := func(filter store.ConfirmationFilter) func(context.Context, *store.Store) error {
		return func(ctx context.Context, s *store.Store) error { _, err := s.Confirmations(ctx, filter); return err }
	}
	domains := func(filter store.DomainFilter) func(context.Context, *store.Store) error {
		return func(ctx context.Context, s *store.Store) error { _, err := s.Domains(ctx, filter); return err }
	}
	for _, c := range []struct {
		what, index string
		ordered     bool // a list that is not sorted as a whole
		ask         func(ctx context.Context, s *store.Store) error
	}{
		{"all units", "provisionings_listed", true, units(store.UnitFilter{})},
		{"units that need a person", "provisionings_shown", true, units(store.UnitFilter{Shown: messages.NeedsAttention})},
		{"those of an account", "provisionings_shown", true, units(store.UnitFilter{Shown: messages.NeedsAttention, Registrar: "netim-main"})},
		{"units for a reason", "provisionings_reason", true, units(store.UnitFilter{Reason: "balance"})},
		{"stopped units", "provisionings_stopped", true, units(store.UnitFilter{Stopped: true})},
		{"open units", "provisionings_listed", true, units(store.UnitFilter{State: store.UnitOpen})},
		{"units of an account", "provisionings_listed", true, units(store.UnitFilter{Registrar: "netim-main"})},
		{"units at a step", "provisionings_listed", true, units(store.UnitFilter{Step: 6})},
		{"old units", "provisionings_listed", true, units(store.UnitFilter{OlderThan: time.Hour})},
		{"units by a text", "provisionings_listed", true, units(store.UnitFilter{Text: "shop"})},
		{"units of a customer's account", "provisionings_listed", true, units(store.UnitFilter{Account: 1001})},
		{"the next page", "provisionings_listed", true, units(store.UnitFilter{After: &store.UnitCursor{CreatedAt: time.Now(), OrderNumber: "SO-1"}})},
		{"units of a domain", "provisionings_domain", true, units(store.UnitFilter{Domain: "shop.example"})},
		{"the addressee of a confirmation", "provisionings_domain", true, units(store.UnitFilter{Domain: "shop.example", Registrar: "netim-main", State: store.UnitOpen, Limit: 1})},
		{"units of a client", "provisionings_listed", true, units(store.UnitFilter{Client: "shop"})},
		{"an order by its number", "orders_any_label", false, units(store.UnitFilter{Number: "SO-1"})},
		{"an order of a client by its number", "orders_any_label", false, units(store.UnitFilter{Number: "SO-1", Client: "shop"})},
		{"units of an order", "autoindex_provisionings", false, units(store.UnitFilter{OrderNumber: "SO-1"})},
		{"open operations", "registrar_operations_open", true, operations(store.LedgerFilter{Open: true})},
		{"open operations of an account", "registrar_operations_open", true, operations(store.LedgerFilter{Open: true, Account: "netim-main"})},
		{"operations of a domain", "registrar_operations_domain", true, operations(store.LedgerFilter{Domain: "shop.example"})},
		{"an operation by its reference", "registrar_operations_reference", false, operations(store.LedgerFilter{Account: "netim-main", Reference: "101", Limit: 1})},
		{"the inbox", "confirmations_received", true, inbox(store.ConfirmationFilter{})},
		{"the latest of the inbox", "confirmations_received", true, inbox(store.ConfirmationFilter{Latest: true})},
		{"the latest without an order", "confirmations_waiting", false, inbox(store.ConfirmationFilter{State: store.Unmatched, Latest: true})},
		{"the inbox of an account", "confirmations_received", true, inbox(store.ConfirmationFilter{Account: "netim-main"})},
		{"the inbox of a domain", "confirmations_domain", true, inbox(store.ConfirmationFilter{Domain: "shop.example"})},
		{"confirmations without an order", "confirmations_waiting", true, inbox(store.ConfirmationFilter{State: store.Unmatched})},
		{"news about accounts", "COVERING INDEX confirmations_account_news", false, func(ctx context.Context, s *store.Store) error {
			_, err := s.CountAccountNews(ctx)
			return err
		}},
		{"the backlog", "provisionings_unstarted", false, func(ctx context.Context, s *store.Store) error { _, err := s.Backlog(ctx, time.Hour); return err }},
		{"open units by state", "COVERING INDEX provisionings_standing", false, func(ctx context.Context, s *store.Store) error { _, err := s.CountOpen(ctx); return err }},
		{"unknown outcomes", "registrar_operations_unknown", false, func(ctx context.Context, s *store.Store) error { _, err := s.CountUnknown(ctx); return err }},
		{"stopped units by state", "provisionings_stopped", false, func(ctx context.Context, s *store.Store) error { _, err := s.CountStopped(ctx); return err }},
		{"open units as lists show them", "provisionings_shown", false, func(ctx context.Context, s *store.Store) error { _, err := s.CountByState(ctx); return err }},
		{"units of the last days", "provisionings_listed", false, func(ctx context.Context, s *store.Store) error { _, err := s.CountDays(ctx, time.Hour); return err }},
		{"requests carried out lately", "registrar_operations_finished", true, func(ctx context.Context, s *store.Store) error { _, err := s.Waits(ctx, time.Hour); return err }},
		{"pending operations by account", "registrar_operations_open", false, func(ctx context.Context, s *store.Store) error { _, err := s.CountPending(ctx); return err }},
		{"units to start", "provisionings_unstarted", true, func(ctx context.Context, s *store.Store) error { _, err := s.ClaimUnstarted(ctx, 1); return err }},
		{"accounts with confirmations", "confirmations_waiting", false, func(ctx context.Context, s *store.Store) error { _, err := s.WaitingAccounts(ctx); return err }},
		{"confirmations to deliver", "confirmations_undelivered", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.ClaimConfirmations(ctx, "netim-main", 10)
			return err
		}},
		{"confirmations whose order has come", "provisionings_domain", false, func(ctx context.Context, s *store.Store) error {
			_, err := s.Rematch(ctx, time.Hour, time.Minute)
			return err
		}},
		{"runs to compare", "provisionings_run_seen", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.ClaimRuns(ctx, time.Hour, 100)
			return err
		}},
		{"endpoints with news", "news_due", false, func(ctx context.Context, s *store.Store) error { _, err := s.DueHooks(ctx); return err }},
		{"news to send", "news_due", false, func(ctx context.Context, s *store.Store) error {
			_, err := s.ClaimNews(ctx, "hook_x", time.Minute, 10)
			return err
		}},
		{"deliveries of all", "news_listed", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.Deliveries(ctx, store.DeliveryFilter{})
			return err
		}},
		{"deliveries", "news_listed_of_hook", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.Deliveries(ctx, store.DeliveryFilter{Hook: "hook_x"})
			return err
		}},
		{"deliveries about an order", "news_order", false, func(ctx context.Context, s *store.Store) error {
			_, err := s.Deliveries(ctx, store.DeliveryFilter{Hook: "hook_x", OrderNumber: "SO-1"})
			return err
		}},
		{"old deliveries", "news_handled", false, func(ctx context.Context, s *store.Store) error { _, err := s.DropNews(ctx, 100); return err }},
		{"old texts", "quotes_created", false, func(ctx context.Context, s *store.Store) error { _, err := s.DropQuotes(ctx, 100); return err }},
		{"refusals to remove", "refusals_received", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.DropRefusals(ctx, time.Hour, 10)
			return err
		}},
		{"confirmations to remove", "confirmations_received", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.DropConfirmations(ctx, time.Hour, 10)
			return err
		}},
		{"requests to remove", "idempotency_keys_created", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.DropRequests(ctx, time.Hour, 10)
			return err
		}},
		{"news to remove", "news_handled", false, func(ctx context.Context, s *store.Store) error {
			_, err := s.DropHandledNews(ctx, time.Hour, 10)
			return err
		}},
		{"acts to remove", "acts_at", false, func(ctx context.Context, s *store.Store) error {
			_, _, err := s.DropActs(ctx, time.Hour, 10)
			return err
		}},
		{"orders to erase", "orders_kept", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.ErasableOrders(ctx, time.Hour, 10)
			return err
		}},
		{"an order to erase", "registrar_contacts_unit", false, func(ctx context.Context, s *store.Store) error {
			number, err := erasable(ctx, s)
			if err == nil {
				_, err = s.Erase(ctx, store.Erasing{Number: number})
			}
			return err
		}},
		{"erased orders with runs", "orders_runs_due", true, func(ctx context.Context, s *store.Store) error { _, err := s.OrdersWithRuns(ctx, 10); return err }},
		{"an order whose runs are gone", "autoindex_orders", false, func(ctx context.Context, s *store.Store) error {
			return errors.Join(s.RunsDeleted(ctx, "SO-1"), s.RunsRemain(ctx, "SO-1", time.Hour))
		}},
		{"whether an order is repeatable", "autoindex_orders", false, func(ctx context.Context, s *store.Store) error {
			_, err := s.RepeatableUntil(ctx, "DP00000001", time.Hour)
			return err
		}},
		{"the document of an order", "autoindex_data_keys", false, func(ctx context.Context, s *store.Store) error {
			if _, err := s.OrderDocument(ctx, "SO-1"); !errors.Is(err, store.ErrNotFound) {
				return err
			}
			return nil
		}},
		{"addresses of orders", "autoindex_orders", false, func(ctx context.Context, s *store.Store) error {
			_, err := s.Addresses(ctx, []string{"SO-1", "DP00000001"})
			return err
		}},
		{"needed sealing keys", "data_keys_of_key", false, func(ctx context.Context, s *store.Store) error { return s.CheckKeys(ctx) }},
		{"digest keys", "data_keys_others", false, func(ctx context.Context, s *store.Store) error { return s.Reread(ctx) }},
		{"a page of the watch", "registrar_operations_untold", true, func(ctx context.Context, s *store.Store) error { _, err := s.OpenRows(ctx, "netim-main"); return err }},
		{"its next page", "registrar_operations_untold", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.OpenRowsAfter(ctx, "netim-main", store.LedgerRow{Key: "SO-1/0/registration"}, time.Now())
			return err
		}},
		{"operations of which nothing was heard", "registrar_operations_quiet", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.QuietRows(ctx, "netim-main", time.Hour, 10)
			return err
		}},
		{"requests on which an auth code depends", "registrar_operations_domain", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.AuthCodeRows(ctx, "netim-main", "shop.example")
			return err
		}},
		{"operations whose orders do not know their end", "registrar_operations_unspoken", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.UntoldRows(ctx, "netim-main")
			return err
		}},
		{"accounts with lines of batches", "batch_lines_due", false, dueLines},
		{"the next line of an account", "batch_lines_due", false, func(ctx context.Context, s *store.Store) error {
			_, _, err := s.ClaimLine(ctx, "netim-main", time.Second)
			return err
		}},
		{"batches", "batches_listed", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.Batches(ctx, store.BatchFilter{})
			return err
		}},
		{"batches of a client", "batches_of_client", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.Batches(ctx, store.BatchFilter{Client: "shop"})
			return err
		}},
		{"lines of a batch", "autoindex_batch_lines", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.BatchLines(ctx, "batch_x", "", 0, 10)
			return err
		}},
		{"refused lines of a batch", "batch_lines_state", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.BatchLines(ctx, "batch_x", store.LineRefused, 0, 10)
			return err
		}},
		{"how a batch stands", "batch_lines_state", false, func(ctx context.Context, s *store.Store) error { _, err := s.CountBatch(ctx, "batch_x"); return err }},
		{"lines of all batches", "batches_unfinished", false, func(ctx context.Context, s *store.Store) error { _, err := s.CountBatchLines(ctx); return err }},
		{"batches that are over", "batches_unfinished", false, func(ctx context.Context, s *store.Store) error { _, err := s.FinishBatches(ctx); return err }},
		{"batches to remove", "batches_ended", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.DropBatches(ctx, time.Hour, 10)
			return err
		}},
		{"half-stored batches", "batches_unfinished", false, func(ctx context.Context, s *store.Store) error {
			_, err := s.DropUnfinishedBatches(ctx, time.Hour)
			return err
		}},
		{"names of a batch", "provisionings_domain", false, func(ctx context.Context, s *store.Store) error {
			_, _, err := s.KnownNames(ctx, "shop", []string{"a.example", "b.example"}, []string{"1", "2"})
			return err
		}},
		{"domains that a list has", "autoindex_domains", false, func(ctx context.Context, s *store.Store) error {
			_, err := s.MarkSeen(ctx, "netim-main", 1, []string{"a.example", "b.example"})
			return err
		}},
		{"domains that a list lacks", "domains_registrar", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.Unseen(ctx, "netim-main", 1, time.Now(), "", 10)
			return err
		}},
		{"domains to compare", "domains_compared", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.ToCompare(ctx, "netim-main", 1, time.Now(), false, 10)
			return err
		}},
		{"domains to compare again", "drift_facts_account", false, func(ctx context.Context, s *store.Store) error {
			_, err := s.ToCompare(ctx, "netim-main", 1, time.Now(), true, 10)
			return err
		}},
		{"domains under way", "provisionings_domain", false, func(ctx context.Context, s *store.Store) error {
			_, err := s.Unjudged(ctx, []string{"a.example", "b.example"}, time.Now())
			return err
		}},
		{"differences of domains that were compared", "drift_facts_", false, func(ctx context.Context, s *store.Store) error {
			_, _, err := s.RecordDrift(ctx, store.Judged{Account: "netim-main", Round: 1, Domains: []string{"a.example", "b.example"}, Kinds: messages.Differences()})
			return err
		}},
		{"all differences", "drift_facts_open", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.Facts(ctx, store.FactFilter{})
			return err
		}},
		{"differences of an account", "drift_facts_", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.Facts(ctx, store.FactFilter{Registrar: "netim-main"})
			return err
		}},
		{"differences of a severity", "drift_facts_severity", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.Facts(ctx, store.FactFilter{Severity: messages.SeverityHigh})
			return err
		}},
		{"differences by severity", "drift_facts_severity", false, func(ctx context.Context, s *store.Store) error { _, err := s.CountDrift(ctx); return err }},
		{"domains", "autoindex_domains", true, domains(store.DomainFilter{})},
		{"the next page of domains", "autoindex_domains", true, domains(store.DomainFilter{After: &store.DomainCursor{Name: "shop.example"}})},
		{"domains by a text", "autoindex_domains", true, domains(store.DomainFilter{Text: "shop"})},
		{"domains that expire", "domains_expires", true, domains(store.DomainFilter{ExpiringBefore: time.Now()})},
		{"domains of a client that expire", "domains_expires", true, domains(store.DomainFilter{
			ExpiringBefore: time.Now(), Client: "shop", Registrar: "netim-main", State: messages.LifeActive, Account: 1, After: &store.DomainCursor{At: time.Now(), Name: "a.example"},
		})},
		{"domains that need a person", "domains_attention", true, domains(store.DomainFilter{Attention: true})},
		{"domains of a client that need a person", "domains_attention", true, domains(store.DomainFilter{
			Reason: messages.HasExpired, Client: "shop", After: &store.DomainCursor{At: time.Now(), Name: "a.example"},
		})},
		{"domains in a state", "domains_state", true, domains(store.DomainFilter{State: messages.LifeMissing})},
		{"domains that have left", "domains_state", true, domains(store.DomainFilter{State: messages.LifeGone})},
		{"domains of a registrar account", "domains_registrar", true, domains(store.DomainFilter{Registrar: "netim-main"})},
		{"domains of a client", "domains_client", true, domains(store.DomainFilter{Client: "shop", After: &store.DomainCursor{Name: "a.example"}})},
		{"domains of a customer", "domains_account", true, domains(store.DomainFilter{Account: 1001})},
		{"domains by state", "COVERING INDEX domains_state", false, func(ctx context.Context, s *store.Store) error { _, err := s.CountDomains(ctx); return err }},
		{"domains by attention", "domains_attention", false, func(ctx context.Context, s *store.Store) error { _, err := s.CountDomainAttention(ctx); return err }},
		{"whether domains are known", "autoindex_domains", false, func(ctx context.Context, s *store.Store) error {
			_, err := s.KnownDomains(ctx, []string{"a.example", "b.example"})
			return err
		}},
		{"lives to tell", "domains_look", false, func(ctx context.Context, s *store.Store) error { _, err := s.ClaimLooks(ctx, 10); return err }},
		{"lives that have missed a date", "domains_next", true, func(ctx context.Context, s *store.Store) error {
			_, err := s.WakeOverdue(ctx, time.Hour, 10)
			return err
		}},
		{"operations that may go on after all", "registrar_operations_ended", false, func(ctx context.Context, s *store.Store) error {
			_, err := s.EndedRows(ctx, "netim-main", time.Hour)
			return err
		}},
	} {
		plans, err := s.Plans(t.Context(), url, c.ask)
		if err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		plan := strings.Join(plans, "\n")
		sorted := strings.Contains(plan, "B-TREE FOR ORDER BY")
		if !strings.Contains(plan, c.index) || wholeTable.MatchString(plan) || c.ordered && sorted {
			t.Errorf("%s must be found by %s:\n%s", c.what, c.index, plan)
		}
	}
}
