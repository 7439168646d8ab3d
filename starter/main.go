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
	"slices"
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
		fmt.Fprintln(os.Stderr, "starter:", printableLines(err))
		os.Exit(int(assembly.ExitCodeOf(err)))
	}
}

// asOperator says that whoever has the database at hand acts for the operator.
func asOperator(ctx context.Context) context.Context {
	return desk.WithBy(ctx, desk.By{Actor: currentUser(), Via: "starter", Operator: true})
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
	s.json = slices.Contains(args, "--json") // also if what stands before it cannot be read
	err := root.ExecuteContext(asOperator(ctx))
	switch {
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		err = errors.New("interrupted")
	case !s.running:
		err = assembly.Exit(assembly.ExitUsage, err) // only cobra has looked at the arguments
	}
	if err != nil && s.json && !s.printed {
		err = errors.Join(err, s.printJSON(failure{Error: faultOf(err)}))
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

	// running: a command has begun, so that its arguments were understood. printed: it has
	// printed its JSON document.
	running, printed bool
}

func (s *starter) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "starter",
		Short: "Place orders for domains with hosting, and manage them",
		Long: `Place orders for domains with hosting, and manage them.

The configuration file is ` + config.DefaultFile + `, or what --config or ` + config.FileVariable + `
names; starter config check reads it. Single values are overridden by ` + config.EnvironmentPrefix + `... variables. TEMPORAL_ADDRESS,
TEMPORAL_NAMESPACE and other TEMPORAL_... variables say where Temporal is. With --gateway,
order, batch, status, watch, list, audit ORDER, inbox, operations, drift, watch-status, domains,
domain and the commands about orders need neither of them, but an API key; close and domains import
need the database.

An ORDER argument is an order number or a domain name.

With --json a command prints one JSON document, also when it fails; docs/starter.schema.json
describes it. The exit codes are:
  0  done
  1  any other error, and an order that has failed or was cancelled
  2  the command line is wrong: an unknown flag, a missing argument
  3  refused: the order, the command, the API key or the configuration is not accepted
  4  parked: an order needs a person
  5  not found
  6  unreachable: the database, Temporal or the gateway does not answer
Of several orders the worst decides: 6 before 1, 3, 5 and 4.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       assembly.ThisVersion().Product,
	}
	root.SetVersionTemplate(assembly.ThisVersion().Line("starter") + "\n")
	flags := root.PersistentFlags()
	flags.StringVar(&s.configPath, "config", "", "configuration file (default $"+config.FileVariable+" or "+config.DefaultFile+")")
	flags.StringVar(&s.gatewayURL, "gateway", "", "use this gateway instead of the database and Temporal (default $"+gatewayVariable+");\nits API key is in $"+keyVariable+", or in the file named by $"+keyVariable+"_FILE")
	flags.BoolVar(&s.json, "json", false, "print JSON")
	flags.BoolVarP(&s.verbose, "verbose", "v", false, "log what is done")
	root.AddCommand(
		s.orderCommand(), s.batchCommand(), s.statusCommand(), s.watchCommand(), s.listCommand(),
		s.retryCommand(), s.amendCommand(), s.cancelCommand(), s.extendCommand(), s.skipCommand(), s.confirmCommand(), s.closeCommand(), s.operationsCommand(), s.driftCommand(), s.auditCommand(),
		s.inboxCommand(), s.quoteCommand(), s.watchStatusCommand(), s.passwordCommand(), s.authCodeCommand(), s.domainsCommand(), s.domainCommand(), s.restoreCommand(), s.serveCommand(), s.readyCommand(), s.keysCommand(), s.hooksCommand(), s.deskCommand(), s.callbackCommand(), s.migrateCommand(), s.keyCommand(), s.resealCommand(), s.eraseCommand(), s.configCommand(), s.versionCommand(),
	)
	s.noteRunning(root)
	return root
}

// noteRunning makes every command note that it has begun. An error before that is about the
// command line.
func (s *starter) noteRunning(command *cobra.Command) {
	if run := command.RunE; run != nil {
		command.RunE = func(c *cobra.Command, arguments []string) error {
			s.running = true
			return run(c, arguments)
		}
	}
	for _, sub := range command.Commands() {
		s.noteRunning(sub)
	}
}

func (s *starter) log() *slog.Logger {
	level := slog.LevelWarn
	if s.verbose {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(s.errOut, &slog.HandlerOptions{Level: level}))
}

func (s *starter) config() (config.Config, error) {
	cfg, err := assembly.Load(s.configFile(), s.environment)
	return cfg, assembly.Exit(assembly.ExitRefused, err)
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
	temporal, err := assembly.DialTemporal(ctx, s.log(), a.Codec)
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
