// Command sandbox runs the whole system on one machine: an embedded Temporal server with
// its Web UI, the worker, SQLite, and stand-ins for Operations, Billing and the
// registrars that speak the real wire formats. It needs no money and no internet.
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/desk"
	"domainprovisioning/messages"
	"domainprovisioning/sandbox/embedded"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/starter/terminal"
	"domainprovisioning/workflows"
)

// orderFiles are the orders that come with the sandbox: examples of each type, and those
// that only a scenario places.
//
//go:embed orders scenarios
var orderFiles embed.FS

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1)
	}
}

// settings are the values of the flags.
type settings struct {
	once         bool
	pendingFor   time.Duration
	zoneDelay    time.Duration
	temporalPort int
	uiPort       int
	gatewayPort  int
	earlyWatch   bool
	orders       int // of a scenario with many
	scenario     string
	story        *story // of the scenario; nil if it has none, or if files are given
	faults       faultList
	life         bool
	lifeYear     time.Duration
	verbose      bool
	version      bool
	files        []string
}

func parse(args []string, errOut io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.BoolVar(&s.once, "once", false, "exit when the orders have ended: 0 if all are done, 1 otherwise")
	flags.DurationVar(&s.pendingFor, "pending", 5*time.Second, "how long the registrar keeps a registration pending; 0 registers at once")
	flags.DurationVar(&s.zoneDelay, "zone-delay", 0, "how long a new DNS zone is not served; with it, name servers are tested before a registration")
	flags.IntVar(&s.temporalPort, "temporal-port", 0, "port of Temporal on 127.0.0.1 (default a free one)")
	flags.IntVar(&s.uiPort, "ui-port", 0, "port of the Web UI on 127.0.0.1 (default a free one)")
	flags.IntVar(&s.gatewayPort, "gateway-port", 0, "port of the gateway on 127.0.0.1 (default a free one)")
	flags.BoolVar(&s.earlyWatch, "early-watch", true,
		"ask the registrar as soon as it has finished; otherwise an order waits for a callback, or up to ten minutes for the watch")
	flags.IntVar(&s.orders, "orders", 200, "how many orders a scenario with many places, at most 1000")
	flags.StringVar(&s.scenario, "scenario", "", "run with one of these kinds of trouble:\n"+scenarioHelp())
	flags.BoolVar(&s.life, "life", false, "run a portfolio of 50 domains through three years in a minute, and print what has become of each")
	flags.DurationVar(&s.lifeYear, "life-year", 20*time.Second, "how long a year takes with -life, at least 10s")
	flags.Var(&s.faults, "fault", "make a stand-in fail, as "+faults.Syntax+"; may be repeated; kinds:\n"+faultHelp())
	flags.BoolVar(&s.verbose, "v", false, "log what is done")
	flags.Usage = func() {
		_, _ = fmt.Fprintf(errOut, `Usage: go run ./sandbox [flags] [ORDER.xml|ORDER.json...]

Starts the whole system on this machine, places the orders (default
sandbox/orders/shop.xml) and shows their steps. Without -once it stays up for
further orders until Ctrl-C.

`)
		flags.PrintDefaults()
	}
	version := flags.Bool("version", false, "print the version")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if s.version = *version; s.version {
		return s, nil
	}
	s.files = flags.Args()
	if s.pendingFor < 0 || s.zoneDelay < 0 {
		return s, errors.New("-pending and -zone-delay must not be negative")
	}
	if s.orders < 1 || s.orders > listAtOnce {
		return s, fmt.Errorf("-orders must be 1 to %d", listAtOnce)
	}
	if s.life {
		if s.scenario != "" || len(s.files) > 0 {
			return s, errors.New("-life takes neither a scenario nor orders")
		}
		if s.lifeYear < 10*time.Second {
			return s, errors.New("-life-year must be at least 10s: the registries and the orders need some time")
		}
		s.story, s.pendingFor = livesLong(s.lifeYear), 0
		return s, nil
	}
	return s, s.applyScenario()
}

func run(ctx context.Context, args []string, stdout, errOut io.Writer) error {
	s, err := parse(args, errOut)
	if err != nil {
		return err
	}
	if s.version {
		_, err := fmt.Fprintln(stdout, assembly.ThisVersion().Line("sandbox"))
		return err
	}
	placings, err := s.placings()
	if err != nil {
		return err
	}
	level := slog.LevelError
	if s.verbose {
		level = slog.LevelInfo
	}
	out := terminal.NewScreen(stdout)
	if terminal.Is(stdout) && terminal.Is(errOut) {
		// The log would be drawn over, and push the checklist away.
		errOut = out
	}
	log := slog.New(slog.NewTextHandler(errOut, &slog.HandlerOptions{Level: level}))
	running, err := start(ctx, s, log)
	if err != nil {
		return err
	}
	defer running.stop()
	// Whoever follows the orders here does it for the operator.
	ctx = desk.WithBy(ctx, desk.By{Actor: person, Via: "sandbox", Operator: true})
	running.introduce(out)
	done := running.place(ctx, out, placings)
	if s.story != nil && s.story.play != nil && done == nil {
		done = s.story.play(ctx, running, out)
	}
	done = errors.Join(done, running.world.troubles(out))
	if s.story != nil {
		done = errors.Join(done, s.story.count(ctx, out, running))
	}
	if s.once || ctx.Err() != nil {
		return done
	}
	if done != nil {
		_, _ = fmt.Fprintf(out, "\n%s\n", done)
	}
	_, _ = fmt.Fprintf(out, "\nready for further orders; Ctrl-C stops\n")
	<-ctx.Done()
	return nil
}

// placing is an order to place.
type placing struct {
	name    string
	content []byte
	// refused is a part of the reason why the order must be refused; "" if it must be
	// accepted.
	refused string
	// ends is the state in which the order must end; "" is done.
	ends messages.State
}

func (s settings) placings() ([]placing, error) {
	if s.story != nil {
		return s.story.placings()
	}
	if len(s.files) == 0 {
		content, err := orderFiles.ReadFile("orders/shop.xml")
		return []placing{{name: "sandbox/orders/shop.xml", content: content}}, err
	}
	placings := make([]placing, 0, len(s.files))
	for _, file := range s.files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		placings = append(placings, placing{name: file, content: content})
	}
	return placings, nil
}

// sandbox is everything that runs in this process.
type sandbox struct {
	dir    string
	server *embedded.Server
	client client.Client
	world  *world
	story  *story
	once   bool
	early  bool // watch registrars early
	orders int  // see settings
	log    *slog.Logger
	// cfg and the next ones change when the product is restarted. The key of the gateway stays.
	cfg       config.Config
	key       string
	deskURL   string // logs in once
	system    *system
	serving   *serving
	stopWatch context.CancelFunc
	watches   sync.WaitGroup
}

func start(ctx context.Context, s settings, log *slog.Logger) (_ *sandbox, err error) {
	b := &sandbox{log: log, story: s.story, once: s.once, early: s.earlyWatch, orders: s.orders}
	defer func() {
		if err != nil {
			b.stop()
		}
	}()
	// The folder is temporary on purpose: the stand-ins forget everything at the end, and
	// a Temporal database cannot outlive server upgrades.
	if b.dir, err = os.MkdirTemp("", "domainprovisioning-sandbox-"); err != nil {
		return nil, err
	}
	options := worldOptions{pendingFor: s.pendingFor, zoneDelay: s.zoneDelay, faults: s.faults}
	if s.story != nil && s.story.pace > 0 {
		options.pace = &workflows.Pace{Origin: time.Now().UTC(), Factor: s.story.pace}
	}
	b.world, err = newWorld(ctx, options)
	if err != nil {
		return nil, err
	}
	// A gateway that is restarted comes back at its port, which nobody else must get meanwhile.
	if s.gatewayPort == 0 {
		ports, err := embedded.FreePorts(ctx)
		if err != nil {
			return nil, err
		}
		s.gatewayPort = ports[0]
	}
	// The Web UI must know the gateway before the gateway is there: its port is held until then.
	held, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.gatewayPort)))
	if err != nil {
		return nil, fmt.Errorf("sandbox: the port for the gateway: %w", err)
	}
	defer func() { _ = held.Close() }() // once more does no harm
	b.server, err = startTemporal(ctx, embedded.Options{
		DatabasePath: filepath.Join(b.dir, "temporal.db"), Port: s.temporalPort, UIPort: s.uiPort,
		CodecEndpoint: "http://" + held.Addr().String() + "/codec",
	})
	if err != nil {
		return nil, err
	}
	b.world.seed(time.Now())
	if s.story != nil && s.story.before != nil {
		s.story.before(b.world)
	}
	cfg := b.world.configuration(databaseIn(b.dir))
	cfg.Gateway.Address = held.Addr().String()
	cfg.Gateway.WebUI = b.server.UIURL() + "/namespaces/" + embedded.Namespace
	if s.story != nil && s.story.configure != nil {
		s.story.configure(&cfg)
	}
	if b.client, err = dial(ctx, b.server.HostPort(), embedded.Namespace, cfg.Histories, log); err != nil {
		return nil, err
	}
	_ = held.Close()
	if err := b.up(ctx, cfg); err != nil {
		return nil, err
	}
	return b, nil
}

// watchEarly runs the watch as soon as the registrar has finished an operation. In
// production its schedule runs it every ten minutes, which is too long for a
// demonstration.
func (b *sandbox) watchEarly(ctx context.Context) {
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for _, watched := range []string{netimAccount, realtimeAccount, exampleAccount, eppAccount} {
			open, err := b.system.Store.OpenRows(ctx, watched)
			// Realtime Register calls us itself when a process has ended.
			if err != nil || !b.finished(watched, open) || watched == realtimeAccount {
				continue
			}
			if err := b.system.watchRound(ctx, watched); err != nil && ctx.Err() == nil {
				b.log.Warn("the early watch failed; the scheduled one goes on", "error", err)
			}
		}
	}
}
