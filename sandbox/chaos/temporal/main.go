// Command temporal is a Temporal server in a separate process, which can be killed and
// restarted: it keeps its state in a file, and its ports.
//
//	temporal FILE PORT...
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	enumspb "go.temporal.io/api/enums/v1"

	"domainprovisioning/sandbox/embedded"
	"domainprovisioning/workflows"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "temporal:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) < 2 {
		return errors.New("usage: temporal FILE PORT")
	}
	options := embedded.Options{
		DatabasePath: args[0], NoUI: true, SearchAttributes: map[string]enumspb.IndexedValueType{},
	}
	for _, arg := range args[1:] {
		port, err := strconv.Atoi(arg)
		if err != nil {
			return fmt.Errorf("port %q: %w", arg, err)
		}
		options.Ports = append(options.Ports, port)
	}
	for name, kind := range workflows.SearchAttributeNames() {
		options.SearchAttributes[name] = enumspb.INDEXED_VALUE_TYPE_KEYWORD
		if kind == "Int" {
			options.SearchAttributes[name] = enumspb.INDEXED_VALUE_TYPE_INT
		}
	}
	server, err := embedded.Start(ctx, options)
	if err != nil {
		return err
	}
	<-ctx.Done()
	return server.Stop()
}
