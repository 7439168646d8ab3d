package activities_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/activities"
	"domainprovisioning/billing"
	"domainprovisioning/operations"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
	"domainprovisioning/vault"
	"domainprovisioning/wire/xmlrpc"
)

// elsewhere is the row of an error that no activity meets.
type elsewhere string

// The table has every error type and every named error of the rooms that activities use,
// with the class that it has on purpose, or the reason why it needs none. A new error is
// missing here and fails the test.
func TestEveryErrorOfTheRoomsHasAClass(t *testing.T) {
	type row struct {
		err        error
		class      registrars.Class
		unreadable bool
	}
	inner := errors.New("why")
	const inClients, inPlugins, atIntake, inGateway, atStart, byCommand = elsewhere("the clients wrap it"), elsewhere("the plug-ins wrap it"),
		elsewhere("orders are read and stored at intake"), elsewhere("a matter of the gateway"), elsewhere("no program starts"), elsewhere("the command is refused")
	table := map[string][]any{
		"operations.Error":        {row{err: &operations.Error{Kind: operations.KindOther}, class: registrars.ClassRejected}},
		"operations.FaultError":   {row{err: &operations.FaultError{Method: "pem.addDomain"}, class: registrars.ClassOutcomeUnknown}, row{err: &operations.FaultError{Method: "pem.getDomainByName"}, class: registrars.ClassTemporary}},
		"operations.InvalidError": {row{err: &operations.InvalidError{}, class: registrars.ClassInvalid}},
		"billing.Error":           {row{err: &billing.Error{Kind: billing.KindOther}, class: registrars.ClassRejected}},
		"billing.InvalidError":    {row{err: &billing.InvalidError{}, class: registrars.ClassInvalid}},
		"billing.ErrNotInBilling": {elsewhere("it is an answer")},

		"xmlrpc.RequestError":   {row{err: &xmlrpc.RequestError{Err: inner}, class: registrars.ClassInvalid, unreadable: true}},
		"xmlrpc.TransportError": {row{err: &xmlrpc.TransportError{Sent: true, Err: inner}, class: registrars.ClassOutcomeUnknown}, row{err: &xmlrpc.TransportError{Err: inner}, class: registrars.ClassTemporary}},
		"xmlrpc.MalformedError": {row{err: &xmlrpc.MalformedError{Err: inner}, class: registrars.ClassOutcomeUnknown, unreadable: true}},
		"xmlrpc.ReadError":      {row{err: &xmlrpc.ReadError{Err: &xmlrpc.MalformedError{Err: inner}}, class: registrars.ClassTemporary, unreadable: true}},
		"xmlrpc.StatusError": {
			row{err: &xmlrpc.StatusError{Status: 502}, class: registrars.ClassOutcomeUnknown},
			row{err: &xmlrpc.StatusError{Status: 404}, class: registrars.ClassTemporary},
			row{err: &xmlrpc.StatusError{Status: 403}, class: registrars.ClassAuth},
		},
		"xmlrpc.Fault": {elsewhere("the clients make their own of it")}, "xmlrpc.placed": {inClients},
		"xmlrpc.ErrMalformed": {inClients}, "xmlrpc.ErrTooLarge": {inClients}, "xmlrpc.ErrTooDeep": {inClients},
		"xmlrpc.ErrTooManyValues": {inClients}, "xmlrpc.ErrDoctype": {inClients}, "xmlrpc.ErrNil": {inClients},
		"xmlrpc.ErrDuplicateMember": {inClients}, "xmlrpc.ErrRange": {inClients}, "xmlrpc.ErrCharacter": {inClients}, "xmlrpc.ErrCharset": {inClients},
		"exchange.TransportError": {inClients}, "exchange.StatusError": {inClients}, "exchange.ErrTooLarge": {inClients}, "exchange.ErrNotPublic": {inClients},

		"registrars.Error": {row{err: &registrars.Error{Class: registrars.ClassBalance}, class: registrars.ClassBalance}},
		// Of several rules that a request breaks, the first decides.
		"registrars.joined": {row{err: registrars.Join(
			&registrars.Error{Class: registrars.ClassInvalid}, &registrars.Error{Class: registrars.ClassTemporary}), class: registrars.ClassInvalid}},
		"registrars.ErrSessionsTaken": {inPlugins}, "registrars.ErrSessionLost": {inPlugins},
		"registrars.ErrCallbackSignature": {inGateway}, "registrars.ErrCallbackStale": {inGateway},
		"registrars.ErrCallbackMalformed": {inGateway}, "registrars.ErrCallbackMethod": {inGateway},

		"store.ErrNotFound":            {row{err: store.ErrNotFound, class: registrars.ClassNotFound}},
		"store.ErrTransition":          {row{err: store.ErrTransition, class: registrars.ClassConflict}},
		"vault.ErrSealed":              {elsewhere("it comes before an activity begins or after it has ended")},
		"vault.ErrUnreadable":          {row{err: vault.ErrUnreadable, class: registrars.ClassInvalid}},
		"store.ErasedError":            {row{err: &store.ErasedError{Number: "SO-1"}, class: registrars.ClassInvalid}},
		"store.MissingKeyError":        {atStart},
		"store.MissingHistoryKeyError": {atStart},
		"store.OpenOrderError":         {byCommand},
		"store.RepeatableOrderError":   {byCommand},
		"store.ErrPlanStale":           {atIntake},
		"store.ErrBatchUnderWay":       {atIntake}, "store.ErrBatchLost": {atIntake}, "store.ErrLineSettled": {atIntake},
		"store.ErrRevisionStale": {atIntake}, "store.ErrCommandReused": {atIntake},
		"store.ErrMovedOn":       {row{err: store.ErrMovedOn, class: registrars.ClassTemporary}},
		"store.ErrOvertaken":     {row{err: store.ErrOvertaken, class: registrars.ClassTemporary}},
		"store.ErrWalkOvertaken": {elsewhere("the activities of a walk refuse to go on")},
		"store.ErrSessionsTaken": {inPlugins}, "store.ErrSessionLost": {inPlugins}, "store.ErrKeyRefused": {inGateway},
		"store.DomainOpenError": {atIntake}, "store.NumberTakenError": {atIntake}, "store.IdempotencyError": {atIntake}, "store.GivenUpError": {atIntake}, "store.CustomerKnownError": {atIntake},
		"store.ErrNotWritable": {inGateway}, "store.ErrManyHooks": {inGateway}, "store.ErrNotLoggedIn": {inGateway}, "store.ErrNotOperator": {elsewhere("starter asks for a ticket")}, "store.ErrUnreachable": {elsewhere("a program meets it when it starts")},
		"orders.Faults": {atIntake}, "orders.ErrTooManyValues": {atIntake}, "orders.ErrTextTooLong": {atIntake},
		"orders.ErrNotText": {atIntake}, "orders.ErrTooManyItems": {atIntake}, "orders.ErrTooManyContacts": {atIntake},
		"orders.ErrTooLarge": {atIntake}, "orders.ErrTooDeep": {atIntake}, "orders.ErrTrailingData": {atIntake},

		"domains.NameError": {atIntake}, "domains.SettingsError": {atIntake},

		"activities.context": {
			row{err: context.Canceled, class: registrars.ClassTemporary}, row{err: context.DeadlineExceeded, class: registrars.ClassTemporary},
		},
	}
	for name, rows := range table {
		for _, entry := range rows {
			want, ok := entry.(row)
			if !ok {
				continue
			}
			application, trouble := failure(t, activities.Fail(fmt.Errorf("wrapped: %w", want.err)))
			if trouble.Class != want.class || trouble.Unreadable != want.unreadable || application.NonRetryable() == activities.BehaviourOf(want.class).Retry {
				t.Errorf("%s: %+v, retried %t", name, trouble, !application.NonRetryable())
			}
		}
	}
	found := map[string]bool{"activities.context": true}
	for _, room := range []string{
		"activities", "operations", "billing", "wire/xmlrpc", "wire/exchange", "registrars", "store", "vault", "messages", "orders", "domains",
	} {
		for _, name := range errorsOf(t, room) {
			found[path.Base(room)+"."+name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if table[name] == nil {
			t.Errorf("%s is an error without a class: decide, then add it", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(table)) {
		if !found[name] {
			t.Errorf("%s is in the table and nowhere else", name)
		}
	}
}

// errorsOf lists the error types of a room, which have a method Error, and its variables
// with the usual names of errors.
func errorsOf(t *testing.T, room string) []string {
	t.Helper()
	paths, err := filepath.Glob("../" + room + "/*.go")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no room %s: %v", room, err)
	}
	var names []string
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			switch d := declaration.(type) {
			case *ast.FuncDecl:
				if d.Recv != nil && d.Name.Name == "Error" {
					receiver := d.Recv.List[0].Type
					if pointer, ok := receiver.(*ast.StarExpr); ok {
						receiver = pointer.X
					}
					names = append(names, receiver.(*ast.Ident).Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					values, ok := spec.(*ast.ValueSpec)
					if !ok || d.Tok != token.VAR {
						continue
					}
					for _, name := range values.Names {
						if strings.HasPrefix(name.Name, "Err") {
							names = append(names, name.Name)
						}
					}
				}
			}
		}
	}
	return names
}
