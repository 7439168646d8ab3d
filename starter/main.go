// Command starter is the command line for people and order systems. It places orders,
// shows their state, and resumes orders that wait for a person's decision.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/desk"
	"domainprovisioning/starter/terminal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "starter:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) error {
	s := &starter{
		in: in, out: out, errOut: errOut, environment: os.Environ(), terminal: terminal.Is(out), interactive: terminal.Is(in) && terminal.Is(errOut),
	}
	root := s.command() //nolint:contextcheck // cobra hands on the context of ExecuteContext
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(desk.WithBy(ctx, desk.By{Actor: currentUser(), Via: "starter"}))
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return errors.New("interrupted")
	}
	return err
}

// starter is the state that the subcommands share.
type starter struct {
	in          io.Reader
	out, errOut io.Writer
	environment []string
	// terminal: the output is one. interactive: a person can be asked.
	terminal, interactive bool

	configPath string
	gatewayURL string
	item       int
	json       bool
	verbose    bool
}

func (s *starter) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "starter",
		Short: "Place orders for domains with hosting, and manage them",
		Long: `Place orders for domains with hosting, and manage them.

The configuration file is ` + config.DefaultFile + `, or what --config or ` + config.FileVariable + `
names. Single values are overridden by ` + config.EnvironmentPrefix + `... variables. TEMPORAL_ADDRESS,
TEMPORAL_NAMESPACE and other TEMPORAL_... variables say where Temporal is. With --gateway,
order, status, watch, list, audit ORDER and the commands about orders need neither of them,
but an API key; close needs the database.

An ORDER argument is an order number or a domain name.`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	flags := root.PersistentFlags()
	flags.StringVar(&s.configPath, "config", "", "configuration file (default $"+config.FileVariable+" or "+config.DefaultFile+")")
	flags.StringVar(&s.gatewayURL, "gateway", "", "use this gateway instead of the database and Temporal (default $"+gatewayVariable+");\nits API key is in $"+keyVariable+", or in the file named by $"+keyVariable+"_FILE")
	flags.BoolVar(&s.json, "json", false, "print JSON")
	flags.BoolVarP(&s.verbose, "verbose", "v", false, "log what is done")
	root.AddCommand(
		s.orderCommand(), s.statusCommand(), s.watchCommand(), s.listCommand(),
		s.retryCommand(), s.amendCommand(), s.cancelCommand(), s.extendCommand(), s.skipCommand(), s.confirmCommand(), s.closeCommand(), s.operationsCommand(), s.auditCommand(),
		s.inboxCommand(), s.watchStatusCommand(), s.restoreCommand(), s.serveCommand(), s.readyCommand(), s.keysCommand(), s.callbackCommand(), s.migrateCommand(), s.keyCommand(),
	)
	return root
}

func (s *starter) log() *slog.Logger {
	level := slog.LevelWarn
	if s.verbose {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(s.errOut, &slog.HandlerOptions{Level: level}))
}

func (s *starter) config() (config.Config, error) {
	path := s.configPath
	if path == "" {
		path = os.Getenv(config.FileVariable)
	}
	if path == "" {
		path = config.DefaultFile
	}
	return assembly.Load(path, s.environment)
}

// system is the connected product that most subcommands use.
type system struct {
	*assembly.Assembly

	desk     *desk.Desk
	temporal client.Client
}

// connect reads the configuration and connects to the database and to Temporal. Its
// errors say in one line what is wrong.
func (s *starter) connect(ctx context.Context) (*system, func(), error) {
	a, closeStore, err := s.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	temporal, err := assembly.DialTemporal(ctx, s.log())
	if err != nil {
		closeStore()
		return nil, nil, err
	}
	connected := &system{Assembly: a, desk: a.Desk(temporal), temporal: temporal}
	return connected, func() {
		temporal.Close()
		closeStore()
	}, nil
}

// open is connect for a command that does not need Temporal and works while it is away.
func (s *starter) open(ctx context.Context) (*assembly.Assembly, func(), error) {
	if err := s.atHome(); err != nil {
		return nil, nil, err
	}
	cfg, err := s.config()
	if err != nil {
		return nil, nil, err
	}
	a, err := assembly.Open(ctx, cfg, s.log())
	if err != nil {
		return nil, nil, err
	}
	return a, func() { a.Close(context.WithoutCancel(ctx)) }, nil
}
