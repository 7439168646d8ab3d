package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"domainprovisioning/assembly"
	"domainprovisioning/domains"
	"domainprovisioning/gateway"
	"domainprovisioning/intake"
	"domainprovisioning/registrars"
	"domainprovisioning/starter/terminal"
)

// failure is the JSON document of a command that has failed.
type failure struct {
	Error *fault `json:"error"`
}

// fault is an error for scripts.
type fault struct {
	// Code is the word of the exit code.
	Code    string `json:"code" jsonschema:"enum=failed,enum=usage,enum=refused,enum=parked,enum=not-found,enum=unreachable,description=The word of the exit code"`
	Message string `json:"message" jsonschema:"description=The same text as on the error output"`
	// Problems are all that is wrong with what was given.
	Problems []problem `json:"problems,omitempty" jsonschema:"description=Everything that is wrong with what was given"`
}

// problem is one thing that is wrong.
type problem struct {
	Field   string `json:"field,omitempty" jsonschema:"description=JSON pointer into the order\\, name of a parameter\\, or key of the configuration; absent for the whole"`
	Message string `json:"message"`
}

func faultOf(err error) *fault {
	if err == nil {
		return nil
	}
	return &fault{Code: assembly.ExitCodeOf(err).String(), Message: err.Error(), Problems: problemsOf(err)}
}

// problemsOf lists what an error says about single fields, the same at home and over a gateway.
func problemsOf(err error) []problem {
	var problems []problem
	if refused, ok := errors.AsType[*intake.Refusal](err); ok {
		for n, reason := range refused.Reasons {
			problems = append(problems, problem{Field: refused.Pointers[n], Message: reason})
		}
		return problems
	}
	if answer, ok := errors.AsType[*gateway.Problem](err); ok {
		for _, each := range answer.Errors {
			problems = append(problems, problem{Field: each.Pointer + each.Parameter, Message: each.Detail})
		}
		return problems
	}
	if assembly.ExitCodeOf(err) == assembly.ExitRefused && strings.HasPrefix(err.Error(), configPrefix) {
		return mistakesOf(err)
	}
	return nil
}

// printableLines is an error for people, one line or several. It may quote others, such as the names in
// a certificate.
func printableLines(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for i, line := range lines {
		lines[i] = terminal.Printable(line)
	}
	return strings.Join(lines, "\n")
}

// longestWords bounds what is shown of a registrar's words, in characters.
const longestWords = 1000

// wordsOf is what a registrar has said in an error, for people, cut. Its text is in no error, because
// that is recorded. It controls a terminal unless it is quoted. "" stands for nothing, and for words
// that contain one of our secrets.
func wordsOf(err error, secrets ...domains.Secret) string {
	said, ok := registrars.AsError(err)
	if !ok || slices.ContainsFunc(secrets, func(secret domains.Secret) bool {
		return !secret.IsZero() && strings.Contains(said.Detail, secret.Reveal())
	}) {
		return ""
	}
	if words := []rune(said.Detail); len(words) > longestWords {
		return string(words[:longestWords]) + " ..."
	}
	return said.Detail
}

// usage is an error of the command line.
func usage(format string, args ...any) error {
	return assembly.Exit(assembly.ExitUsage, fmt.Errorf(format, args...))
}
