//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
	"go.yaml.in/yaml/v3"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/sandbox/embedded"
	"domainprovisioning/store"
	"domainprovisioning/vault"
)

// system is the product in separate processes, and what it needs. Each worker and gateway
// reaches the database, Temporal and the registry that speaks EPP through its own wires.
type system struct {
	world    *world
	database *postgrestest.Cluster
	url      string // of the database, not through a wire
	store    *store.Store
	temporal *process
	client   client.Client
	codec    *vault.Codec // of the histories
	workers  []*node
	gateways []*node
	urls     []string // of the gateways
	key      string   // an API key that permits everything
	wires    []*wire
	log      *slog.Logger
	end      context.CancelFunc
}

// node is a worker or a gateway.
type node struct {
	*process

	toDatabase, toTemporal, toRegistry *wire
}

const (
	nodesEach   = 2
	buildWithin = 20 * time.Minute
	upWithin    = 2 * time.Minute
)

// build compiles the programs.
func build(ctx context.Context, into string) error {
	ctx, cancel := context.WithTimeout(ctx, buildWithin)
	defer cancel()
	command := exec.CommandContext(ctx, "go", "build", "-o", into, "./worker", "./starter", "./sandbox/chaos/temporal") //nolint:gosec // a folder that we have made
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("chaos: build: %w\n%s", err, output)
	}
	return nil
}

// startSystem starts everything and returns when it serves. dir is for temporary files,
// logs for files that are kept, and clock is the offset of the database's clock.
func startSystem(ctx context.Context, dir, logs string, clock time.Duration, w *world, log *slog.Logger) (s *system, err error) {
	ctx, end := context.WithCancel(ctx)
	s = &system{world: w, log: log, end: end}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if err := build(ctx, dir); err != nil {
		return s, err
	}
	if err := shiftClock(clock); err != nil {
		return s, err
	}
	if s.database, err = postgrestest.Start(); err != nil { //nolint:contextcheck // ends by Stop
		return s, err
	}
	s.url = s.database.URL()
	cfg := w.configuration()
	cfg.Database.URL = config.Secret(s.url)
	if s.store, err = assembly.OpenStore(ctx, cfg); err != nil {
		return s, err
	}
	if _, err := s.store.Migrate(ctx); err != nil {
		return s, err
	}
	made, key, err := s.store.CreateAPIKey(ctx, "chaos", "", store.Scopes(), "chaos")
	if err == nil {
		err = checkClock(made.CreatedAt, clock)
	}
	if err != nil {
		return s, err
	}
	s.key = key.Reveal()
	file := filepath.Join(dir, "chaos.yaml")
	content, err := yaml.Marshal(cfg)
	if err != nil {
		return s, fmt.Errorf("chaos: configuration: %w", err)
	}
	if err := os.WriteFile(file, content, 0o600); err != nil {
		return s, fmt.Errorf("chaos: configuration: %w", err)
	}
	return s, s.launch(ctx, dir, logs, file)
}

// launch starts the processes.
func (s *system) launch(ctx context.Context, dir, logs, file string) error {
	spawner := newSpawner()
	ports, err := embedded.FreePorts(ctx)
	if err != nil {
		return err
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[0]))
	arguments := []string{filepath.Join(dir, "temporal.db")}
	for _, port := range ports {
		arguments = append(arguments, strconv.Itoa(port))
	}
	s.temporal = &process{name: "temporal", program: filepath.Join(dir, "temporal"), args: arguments, spawner: spawner}
	if err := launch(ctx, s.temporal, logs); err != nil {
		return err
	}
	if s.codec, err = assembly.NewCodec(s.world.configuration().Histories); err != nil {
		return err
	}
	opened := s.codec.ForClients()
	s.client, err = client.NewLazyClient(client.Options{
		HostPort: address, Namespace: embedded.Namespace, Logger: assembly.TemporalLog(slog.New(slog.DiscardHandler)),
		DataConverter: opened.Data, FailureConverter: opened.Failure,
	})
	if err != nil {
		return fmt.Errorf("chaos: temporal: %w", err)
	}
	if err := until(ctx, upWithin, "Temporal serves", func(ctx context.Context) error { return assembly.TemporalUp(ctx, s.client) }); err != nil {
		return err
	}
	gatewayPorts, err := embedded.FreePorts(ctx)
	if err != nil {
		return err
	}
	for n := range nodesEach {
		worker, err := s.node(ctx, address, &process{
			name: fmt.Sprintf("worker-%d", n+1), program: filepath.Join(dir, "worker"), args: []string{"-config", file}, spawner: spawner,
			variable: buildVariable(firstBuild),
		}, logs)
		if err != nil {
			return err
		}
		s.workers = append(s.workers, worker)
		listen := net.JoinHostPort("127.0.0.1", strconv.Itoa(gatewayPorts[n]))
		gateway, err := s.node(ctx, address, &process{
			name: fmt.Sprintf("gateway-%d", n+1), program: filepath.Join(dir, "starter"), args: []string{"serve"}, spawner: spawner,
			environment: []string{config.FileVariable + "=" + file, "DP_GATEWAY_ADDRESS=" + listen},
		}, logs)
		if err != nil {
			return err
		}
		s.gateways = append(s.gateways, gateway)
		s.urls = append(s.urls, "http://"+listen)
	}
	if err := s.makeCurrent(ctx, upWithin, firstBuild); err != nil {
		return err
	}
	return until(ctx, upWithin, "both gateways serve", s.serving)
}

// node gives a process its wires and starts it.
func (s *system) node(ctx context.Context, temporal string, p *process, logs string) (*node, error) {
	parsed, err := url.Parse(s.url)
	if err != nil {
		return nil, fmt.Errorf("chaos: %w", err)
	}
	query := parsed.Query()
	n := &node{process: p}
	if n.toDatabase, err = newWire(ctx, "unix", query.Get("host")+"/.s.PGSQL.5432"); err != nil {
		return nil, err
	}
	s.wires = append(s.wires, n.toDatabase)
	if n.toTemporal, err = newWire(ctx, "tcp", temporal); err != nil {
		return nil, err
	}
	s.wires = append(s.wires, n.toTemporal)
	if n.toRegistry, err = newWire(ctx, "tcp", strings.TrimPrefix(s.world.urls["epp"], eppScheme)); err != nil {
		return nil, err
	}
	s.wires = append(s.wires, n.toRegistry)
	query.Del("host")
	parsed.Host, parsed.RawQuery = n.toDatabase.address(), query.Encode()
	p.environment = append(p.environment,
		"DP_DATABASE_URL="+parsed.String(), "TEMPORAL_ADDRESS="+n.toTemporal.address(), "TEMPORAL_NAMESPACE="+embedded.Namespace,
		"DP_REGISTRARS_EPP_CHAOS_URL="+eppScheme+n.toRegistry.address())
	return n, launch(ctx, p, logs)
}

// serving returns an error unless both gateways serve, with everything that they need.
func (s *system) serving(ctx context.Context) error {
	caller := &http.Client{Timeout: 5 * time.Second}
	for _, gateway := range s.urls {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, gateway+"/readyz?strict", nil)
		if err != nil {
			return err
		}
		response, err := caller.Do(request)
		if err != nil {
			return err
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %d", gateway, response.StatusCode)
		}
	}
	return nil
}

// until tries until it succeeds, within the given time.
func until(ctx context.Context, within time.Duration, what string, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		trying, end := context.WithTimeout(ctx, 5*time.Second)
		err := try(trying)
		end()
		if err == nil {
			return nil
		}
		if !sleep(ctx, 100*time.Millisecond) {
			return fmt.Errorf("chaos: waiting until %s: %w", what, errors.Join(ctx.Err(), err))
		}
	}
}

func (s *system) nodes() []*node { return append(append([]*node(nil), s.workers...), s.gateways...) }

func (s *system) processes() []*process {
	all := make([]*process, 0, 1+nodesEach+nodesEach)
	all = append(all, s.temporal)
	for _, n := range s.nodes() {
		all = append(all, n.process)
	}
	return all
}

// quit kills the processes of the product and Temporal, and waits until they have ended.
func (s *system) quit() {
	s.end()
	for _, p := range s.processes() {
		if p != nil && p.finished != nil {
			<-p.finished
		}
	}
}

// close ends everything that startSystem has started.
func (s *system) close() {
	s.quit()
	if s.client != nil {
		s.client.Close()
	}
	for _, w := range s.wires {
		w.close()
	}
	if s.store != nil {
		_ = s.store.Close()
	}
	if s.database != nil {
		_ = s.database.Stop()
	}
}
