package activities_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

const shop = "shop.example"

// scripted is a registrar that gives the answers of a test, where the stand-in cannot. It
// counts its calls.
type scripted struct {
	checkError  error
	submit      func(ctx context.Context, request registrars.Request) (registrars.Operation, error)
	finding     registrars.Finding
	findError   error
	operations  map[string]registrars.Operation // by reference
	failing     map[string]error                // by the operation's reference
	domain      registrars.Domain
	domainError error

	checks, submits, finds, asked int
	last                          registrars.Request
}

func (s *scripted) Describe() registrars.Descriptor {
	return registrars.Descriptor{Name: "scripted", Kinds: []registrars.Kind{registrars.Registration}}
}

func (s *scripted) Check(context.Context, registrars.Request) error {
	s.checks++
	return s.checkError
}

func (s *scripted) Submit(ctx context.Context, request registrars.Request) (registrars.Operation, error) {
	s.submits++
	s.last = request
	if s.submit == nil {
		return pending, nil
	}
	return s.submit(ctx, request)
}

func (s *scripted) Operation(_ context.Context, reference string) (registrars.Operation, error) {
	s.asked++
	if err := s.failing[reference]; err != nil {
		return registrars.Operation{}, err
	}
	operation, ok := s.operations[reference]
	if !ok {
		return registrars.Operation{Reference: reference, Status: registrars.StatusPending, Word: "Pending"}, nil
	}
	return operation, nil
}

func (s *scripted) Find(context.Context, registrars.Request) (registrars.Finding, error) {
	s.finds++
	return s.finding, s.findError
}

func (s *scripted) ReadDomain(context.Context, domains.Name) (registrars.Domain, error) {
	return s.domain, s.domainError
}

var pending = registrars.Operation{Reference: "77", Kind: registrars.Registration, Status: registrars.StatusPending, Word: "Pending"}

// ofClass returns an error of a registrar with a detail that quotes the customer.
func ofClass(class registrars.Class) error {
	return &registrars.Error{Registrar: "scripted", Call: "create", Class: class, Detail: "Jane Example, 1 Main Street"}
}

// cannotTell is the answer of a registrar that is there, and cannot tell now.
func cannotTell() error {
	return &registrars.Error{Registrar: "scripted", Call: "info", Class: registrars.ClassTemporary, Code: "2400"}
}

// told is a Notifier that records.
type told struct {
	confirmations []messages.Confirmation
	workflows     []string
	err           error
	ended         bool
}

func (n *told) Notify(_ context.Context, workflowID string, confirmation messages.Confirmation) (bool, error) {
	if n.err != nil {
		return false, n.err
	}
	n.workflows = append(n.workflows, workflowID)
	n.confirmations = append(n.confirmations, confirmation)
	return n.ended, nil
}

// placed returns a world with one order in it.
func placed(t *testing.T, options outside.Options, order string) (*outside.World, activities.SubmitRequestInput) {
	t.Helper()
	w := outside.New(t, options)
	w.Place(t, order)
	input := w.Temporal.Starts()[0].Input
	return w, activities.SubmitRequestInput{
		OrderNumber: input.OrderNumber, Item: input.Unit.Item, AccountID: input.AccountID, Registrar: outside.Account,
		Kind: registrars.Registration, Domain: input.Unit.Domain.Name, TLD: "example", Years: 1,
		NameServers: domains.NameServers{"ns1.dns.example", "ns2.dns.example"}, Contacts: input.Contacts,
	}
}

// failure returns what Temporal is told about an error.
func failure(t *testing.T, err error) (*temporal.ApplicationError, activities.Trouble) {
	t.Helper()
	application, ok := errors.AsType[*temporal.ApplicationError](err)
	if !ok {
		t.Fatalf("got %v, which is no application error", err)
	}
	var trouble activities.Trouble
	if err := application.Details(&trouble); err != nil {
		t.Fatal(err)
	}
	return application, trouble
}

// wantClass checks the class of an error.
func wantClass(t *testing.T, err error, class registrars.Class) {
	t.Helper()
	if application, _ := failure(t, err); application.Type() != string(class) {
		t.Errorf("got %s: %v, want %s", application.Type(), err, class)
	}
}

// environment runs activities as a worker does.
func environment() *testsuite.TestActivityEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	return suite.NewTestActivityEnvironment()
}

func operation(t *testing.T, w *outside.World, in activities.SubmitRequestInput) store.LedgerRow {
	t.Helper()
	row, err := w.Store.LedgerRow(t.Context(), activities.RequestKey(in.OrderNumber, in.Item, registrars.Registration))
	if err != nil {
		t.Fatal(err)
	}
	return row
}
