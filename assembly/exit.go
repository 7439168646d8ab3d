package assembly

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"net"
	"net/http"
	"net/url"

	"domainprovisioning/desk"
	"domainprovisioning/gateway"
	"domainprovisioning/intake"
	"domainprovisioning/store"
)

// ExitCode is the code with which a program ends.
type ExitCode int

// The exit codes. docs/commands.md explains them; scripts rely on the numbers.
const (
	ExitOK          ExitCode = 0
	ExitFailed      ExitCode = 1 // any other error
	ExitUsage       ExitCode = 2 // an unknown flag, a missing argument
	ExitRefused     ExitCode = 3 // an order, a command, a key or the configuration is not accepted
	ExitParked      ExitCode = 4 // an order needs a person
	ExitNotFound    ExitCode = 5
	ExitUnreachable ExitCode = 6 // the database, Temporal or the gateway does not answer
)

// String is the word of the code, for documents.
func (c ExitCode) String() string {
	switch c {
	case ExitOK:
		return "ok"
	case ExitUsage:
		return "usage"
	case ExitRefused:
		return "refused"
	case ExitParked:
		return "parked"
	case ExitNotFound:
		return "not-found"
	case ExitUnreachable:
		return "unreachable"
	case ExitFailed:
	}
	return "failed"
}

// Worse returns the worse of two codes: what nobody knows the outcome of is worse than what has
// failed, and that is worse than what was never begun.
func (c ExitCode) Worse(other ExitCode) ExitCode {
	rank := map[ExitCode]int{ExitParked: 1, ExitNotFound: 2, ExitRefused: 3, ExitUsage: 4, ExitFailed: 5, ExitUnreachable: 6}
	if rank[other] > rank[c] {
		return other
	}
	return c
}

// exitError is an error with a code of its own.
type exitError struct {
	error

	code ExitCode
}

func (e *exitError) Unwrap() error { return e.error }

// Exit gives an error its exit code; nil stays nil.
func Exit(code ExitCode, err error) error {
	if err == nil {
		return nil
	}
	return &exitError{err, code}
}

// ExitCodeOf returns the exit code for an error: that which Exit has given it, or else that of
// its type. Of joined errors the worst decides. It is the same for the same mistake at home and
// over a gateway.
func ExitCodeOf(err error) ExitCode {
	if err == nil {
		return ExitOK
	}
	if code := exitOfOne(err); code != ExitFailed {
		return code
	}
	switch wrapper := err.(type) { //nolint:errorlint // it goes down the tree by itself
	case interface{ Unwrap() []error }:
		code := ExitOK
		for _, each := range wrapper.Unwrap() {
			code = code.Worse(ExitCodeOf(each))
		}
		return code
	case interface{ Unwrap() error }:
		if inner := wrapper.Unwrap(); inner != nil {
			return ExitCodeOf(inner)
		}
	}
	return ExitFailed
}

// exitOfOne is the code of an error, without those that it wraps.
func exitOfOne(err error) ExitCode {
	switch known := err.(type) { //nolint:errorlint // ExitCodeOf goes down the tree
	case *exitError:
		return known.code
	case *gateway.Problem:
		return ExitOfStatus(known.Status)
	case *desk.NotAllowedError, *desk.FilterError, *desk.SeveralOrdersError, *intake.Refusal, *store.IdempotencyError, *store.ErasedError, *store.OpenOrderError, *store.RepeatableOrderError, *store.MissingKeyError, *store.MissingHistoryKeyError:
		return ExitRefused
	case *desk.NameError:
		return ExitNotFound
	case *url.Error:
		if known.Op == "parse" {
			return ExitUsage
		}
		return ExitUnreachable
	case net.Error:
		return ExitUnreachable
	}
	switch err {
	case desk.ErrSeveral: //nolint:errorlint // likewise
		return ExitRefused
	case desk.ErrNotFound, desk.ErrNoDomain, store.ErrNotFound:
		return ExitNotFound
	case store.ErrUnreachable, store.ErrNotWritable, desk.ErrUnavailable, desk.ErrRegistrarAway, ErrTemporalAway, context.DeadlineExceeded, driver.ErrBadConn, sql.ErrConnDone:
		return ExitUnreachable
	}
	return ExitFailed
}

// ExitOfStatus returns the exit code for the HTTP status of a gateway that refuses or fails.
func ExitOfStatus(status int) ExitCode {
	switch {
	case status == http.StatusNotFound:
		return ExitNotFound
	case status == http.StatusTooManyRequests, status >= http.StatusInternalServerError:
		return ExitUnreachable
	}
	return ExitRefused
}
