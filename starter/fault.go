package main

import (
	"errors"
	"fmt"
	"strings"

	"domainprovisioning/assembly"
	"domainprovisioning/gateway"
	"domainprovisioning/intake"
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

// usage is an error of the command line.
func usage(format string, args ...any) error {
	return assembly.Exit(assembly.ExitUsage, fmt.Errorf(format, args...))
}
