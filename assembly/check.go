package assembly

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"domainprovisioning/config"
	"domainprovisioning/registrars"
)

// Check reads the configuration and says everything that is wrong with it and that can be
// known without a connection: what Load says, and what the rooms, certificates and files say.
// Each mistake is one line. With an error the configuration holds what could be read.
func Check(path string, environment []string) (config.Config, error) {
	cfg, loaded := Load(path, environment)
	if loaded != nil && len(cfg.Registrars) == 0 {
		return cfg, Exit(ExitRefused, loaded)
	}
	errs := append([]error{loaded, keyPair(cfg.Gateway)}, expired(cfg, time.Now())...)
	// Workers alone may be told their build id, where they run.
	_, err := Deployment(cfg.Worker)
	if !errors.Is(err, errNoBuildID) {
		errs = append(errs, err)
	}
	_, err = certificates("operations.ca_file", cfg.Operations.CAFile)
	errs = append(errs, err)
	_, err = certificates("billing.ca_file", cfg.Billing.CAFile)
	errs = append(errs, err)
	if loaded == nil { // otherwise the rooms would say the same once more
		a, err := Prepare(cfg, slog.New(slog.DiscardHandler))
		errs = append(errs, err)
		if err == nil {
			_, err = a.Decoders()
			errs = append(errs, err)
		}
		_, err = sealer(cfg.Database)
		errs = append(errs, err)
	}
	_, err = temporalOptions(slog.New(slog.DiscardHandler))
	return cfg, Exit(ExitRefused, onceEach(append(errs, err)...))
}

// onceEach joins errors, and leaves out lines that are there already.
func onceEach(errs ...error) error {
	joined := errors.Join(errs...)
	if joined == nil {
		return nil
	}
	var lines []string
	for line := range strings.SplitSeq(joined.Error(), "\n") {
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return errors.New(strings.Join(lines, "\n"))
}

// Warnings says what of a right configuration is dangerous, one line each.
func Warnings(cfg config.Config, now time.Time) []string {
	warnings := warned(ends(cfg), now)
	host, _, err := net.SplitHostPort(cfg.Gateway.Address)
	if err != nil || cfg.Gateway.TLSCertFile != "" || host == "localhost" {
		return warnings
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
		return warnings
	}
	return append(warnings, "INSECURE: gateway.address "+cfg.Gateway.Address+" is open to other machines, and without TLS: API keys and personal data can be read on their way. "+
		"Give gateway.tls_cert_file and gateway.tls_key_file, or let only a proxy that provides TLS reach it")
}

func keyPair(cfg config.Gateway) error {
	if cfg.TLSCertFile == "" || cfg.TLSKeyFile == "" {
		return nil
	}
	if _, err := tls.LoadX509KeyPair(cfg.TLSCertFile, cfg.TLSKeyFile); err != nil {
		return fmt.Errorf("config: gateway.tls_cert_file and gateway.tls_key_file: %w", err)
	}
	return nil
}

// Connection is an outside system and whether it can be reached.
type Connection struct {
	Name, Address string
	// Offers is what a registrar said that it offers, for people; see registrars.Reacher.
	Offers string
	Err    error
}

// reachTimeout bounds one attempt to reach a system.
const reachTimeout = 10 * time.Second

// Connections tries every system of the configuration at once. It reads in the database and in
// Temporal. With a registrar whose plug-in is a registrars.Reacher it goes as far as a login; to
// Operations, Billing and other registrars it only opens a connection, with TLS where the address is
// https, because no call to them is free of effect for sure.
func (a *Assembly) Connections(ctx context.Context) []Connection {
	cfg := a.Config
	all := []Connection{{Name: "database", Address: DatabaseAt(cfg)}, {Name: "temporal", Address: TemporalAt(a.Log)}}
	tries := []func(context.Context) (offers string, err error){silent(a.reachDatabase), silent(a.reachTemporal)}
	reach := func(name, address string, try func(context.Context) (string, error)) {
		all = append(all, Connection{Name: name, Address: address})
		tries = append(tries, try)
	}
	reach("operations", cfg.Operations.URL, silent(func(ctx context.Context) error {
		return open(ctx, cfg.Operations.URL, 0, "operations.ca_file", cfg.Operations.CAFile)
	}))
	reach("billing", cfg.Billing.URL, silent(func(ctx context.Context) error {
		return open(ctx, cfg.Billing.URL, 0, "billing.ca_file", cfg.Billing.CAFile)
	}))
	for _, name := range a.AccountNames() {
		reach("registrars."+name, cfg.Registrars[name].URL, func(ctx context.Context) (string, error) { return a.reachAccount(ctx, name) })
	}
	var group sync.WaitGroup
	for n, try := range tries {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, reachTimeout)
			defer cancel()
			all[n].Offers, all[n].Err = try(ctx)
		})
	}
	group.Wait()
	return all
}

func (a *Assembly) reachAccount(ctx context.Context, name string) (offers string, err error) {
	account := a.Config.Registrars[name]
	reacher, ok := a.Accounts[name].(registrars.Reacher)
	if !ok {
		return "", open(ctx, account.URL, plugins()[account.Plugin].Port, "", "")
	}
	switch offers, err = reacher.Reach(ctx); {
	case err == nil:
		return offers, nil
	case registrars.ClassOf(err) == registrars.ClassAuth:
		return "", Exit(ExitRefused, err)
	}
	return "", Exit(ExitUnreachable, fmt.Errorf("cannot be reached: %w", err))
}

// silent is a try of a system that says nothing about itself.
func silent(try func(context.Context) error) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) { return "", try(ctx) }
}

func (a *Assembly) reachDatabase(ctx context.Context) error {
	opened, err := OpenStore(ctx, a.Config)
	if err != nil {
		return err
	}
	return errors.Join(Ready(ctx, opened, a.Config.Histories), opened.Close())
}

func (a *Assembly) reachTemporal(ctx context.Context) error {
	temporal, err := DialTemporal(ctx, a.Log, a.Codec)
	if err != nil {
		return err
	}
	temporal.Close()
	return nil
}

// open opens a connection to an address and closes it. port is meant by an address without one
// that is not of HTTP.
func open(ctx context.Context, address string, port int, caKey, caFile string) error {
	parsed, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("assembly: %w", err)
	}
	host := net.JoinHostPort(parsed.Hostname(), cmp.Or(parsed.Port(), map[string]string{"https": "443", "http": "80"}[parsed.Scheme], strconv.Itoa(port)))
	var connection net.Conn
	if parsed.Scheme == "https" {
		roots, err := certificates(caKey, caFile)
		if err != nil {
			return err
		}
		connection, err = (&tls.Dialer{Config: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}).DialContext(ctx, "tcp", host)
		if err != nil {
			return Exit(ExitUnreachable, fmt.Errorf("cannot be reached: %w", err))
		}
	} else if connection, err = new(net.Dialer).DialContext(ctx, "tcp", host); err != nil {
		return Exit(ExitUnreachable, fmt.Errorf("cannot be reached: %w", err))
	}
	return connection.Close()
}

// DatabaseAt says where the database is, without its login and password.
func DatabaseAt(cfg config.Config) string {
	raw := string(cfg.Database.URL)
	if path, ok := strings.CutPrefix(raw, "sqlite:"); ok {
		path, _, _ = strings.Cut(path, "?")
		return "sqlite:" + path
	}
	parsed, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: "postgres", Host: parsed.Host, Path: parsed.Path}).String()
}

// TemporalAt says where Temporal is, as address/namespace.
func TemporalAt(log *slog.Logger) string {
	options, err := temporalOptions(log)
	if err != nil {
		return ""
	}
	return addressOf(options) + "/" + namespaceOf(options)
}
