package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/domains"
	"domainprovisioning/starter/terminal"
)

func (s *starter) configCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "config",
		Short: "Look at the configuration",
	}
	command.AddCommand(s.checkConfigCommand())
	return command
}

// checkedConfig is a right configuration, without its secrets.
type checkedConfig struct {
	File       string              `json:"file"`
	Database   string              `json:"database"`
	Temporal   string              `json:"temporal"`
	Operations string              `json:"operations"`
	Billing    string              `json:"billing"`
	Histories  checkedHistories    `json:"histories"`
	Worker     checkedWorker       `json:"worker"`
	Gateway    checkedGateway      `json:"gateway"`
	Registrars []checkedRegistrar  `json:"registrars"`
	Plans      []checkedPlan       `json:"plans"`
	Warnings   []string            `json:"warnings,omitempty" jsonschema:"description=What is dangerous although it is right"`
	Connected  []checkedConnection `json:"connections,omitempty" jsonschema:"description=With --connect: what was tried"`
}

type checkedHistories struct {
	Sealed bool     `json:"sealed" jsonschema:"description=Whether what goes into Temporal's histories is sealed"`
	Key    string   `json:"key,omitempty" jsonschema:"description=The key that seals\\, or would if histories.seal were not false"`
	Keys   []string `json:"keys" jsonschema:"description=The keys that open"`
}

// words is the same for people.
func (h checkedHistories) words() string {
	opens := "opened by " + strings.Join(h.Keys, ", ")
	switch {
	case h.Sealed:
		return "sealed by " + h.Key + ", " + opens
	case len(h.Keys) > 0:
		return "plain, because histories.seal is false; " + opens
	}
	return "plain: there is no histories.key"
}

type checkedWorker struct {
	Deployment string `json:"deployment,omitempty" jsonschema:"description=The worker deployment in Temporal; absent if workers are not versioned"`
	BuildID    string `json:"buildId,omitempty" jsonschema:"description=The version of this build in the deployment; absent if only workers are told it"`
}

// words is the same for people.
func (w checkedWorker) words() string {
	if w.Deployment == "" {
		return "not versioned: there is no worker.deployment"
	}
	if w.BuildID == "" {
		return "deployment " + w.Deployment + ", build unknown here"
	}
	return "build " + w.BuildID + " of deployment " + w.Deployment
}

type checkedGateway struct {
	Address string `json:"address"`
	TLS     bool   `json:"tls"`
}

type checkedRegistrar struct {
	Registrar string `json:"registrar"`
	Plugin    string `json:"plugin"`
	URL       string `json:"url"`
	Callbacks bool   `json:"callbacks" jsonschema:"description=Whether it has a callback_secret\\, without which it accepts no callback"`
}

type checkedPlan struct {
	Plan      int    `json:"plan"`
	TLD       string `json:"tld,omitempty" jsonschema:"description=Absent for a plan of hosting"`
	Registrar string `json:"registrar,omitempty"`
}

type checkedConnection struct {
	Name    string `json:"name" jsonschema:"example=database,example=temporal,example=registrars.netim-main"`
	Address string `json:"address"`
	Offers  string `json:"offers,omitempty" jsonschema:"description=What a registrar says that it offers\\, for people; only a protocol that tells before a login has it"`
	Error   *fault `json:"error,omitempty"`
	Says    string `json:"says,omitempty" jsonschema:"description=With an error: what the registrar has said\\, for people"`
}

func (s *starter) checkConfigCommand() *cobra.Command {
	var connect bool
	check := &cobra.Command{
		Use:   "check",
		Short: "Read the configuration and the environment, and say everything that is wrong",
		Long: `Read the configuration and the environment, and say everything that is wrong, or else what was
found: no secret is printed. It makes no connection.

With --connect it tries the database, Temporal, and the addresses of Operations, Billing and
the registrars. To the latter it opens a connection and makes no call, so a wrong password
shows later. At a registry that speaks EPP it shows the certificate of the account, reads the
greeting and says what is offered and what of it is used.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := s.atHome(); err != nil {
				return err
			}
			cfg, err := assembly.Check(s.configFile(), s.environment)
			if err != nil {
				return err
			}
			found := s.found(cfg)
			if connect {
				if found.Connected, err = s.connections(c.Context(), cfg); found.Connected == nil {
					return err
				}
			}
			return errors.Join(s.printConfig(found), err)
		},
	}
	check.Flags().BoolVar(&connect, "connect", false, "try to reach what the configuration names")
	return check
}

func (s *starter) found(cfg config.Config) checkedConfig {
	found := checkedConfig{
		File: s.configFile(), Database: assembly.DatabaseAt(cfg), Temporal: assembly.TemporalAt(slog.New(slog.DiscardHandler)),
		Operations: cfg.Operations.URL, Billing: cfg.Billing.URL,
		Histories:  checkedHistories{Sealed: cfg.Histories.Sealed(), Key: cfg.Histories.Key, Keys: cfg.Histories.IDs()},
		Worker:     checkedWorker{cfg.Worker.Deployment, assembly.BuildID(cfg.Worker)},
		Gateway:    checkedGateway{Address: cfg.Gateway.Address, TLS: cfg.Gateway.TLSCertFile != ""},
		Registrars: []checkedRegistrar{}, Plans: []checkedPlan{}, Warnings: assembly.Warnings(cfg, time.Now()),
	}
	if found.Worker.Deployment != "" && found.Worker.BuildID == "" {
		found.Warnings = append(found.Warnings, "worker.build_id is missing, and this build of no release has no version of its own: workers refuse to start unless DP_WORKER_BUILD_ID tells them")
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Registrars)) {
		account := cfg.Registrars[name]
		found.Registrars = append(found.Registrars, checkedRegistrar{name, account.Plugin, account.URL, account.CallbackSecret != ""})
	}
	for _, plan := range cfg.Plans.Domains {
		found.Plans = append(found.Plans, checkedPlan{plan.Plan, plan.TLD, plan.Registrar})
	}
	for _, plan := range cfg.Plans.Hosting {
		found.Plans = append(found.Plans, checkedPlan{Plan: plan.Plan})
	}
	return found
}

// connections tries what the configuration names. The error lists what cannot be reached.
func (s *starter) connections(ctx context.Context, cfg config.Config) ([]checkedConnection, error) {
	a, err := assembly.Prepare(cfg, s.log())
	if err != nil {
		return nil, err
	}
	var tried []checkedConnection
	var wrong []error
	for _, connection := range a.Connections(ctx) {
		password := cfg.Registrars[strings.TrimPrefix(connection.Name, "registrars.")].Password
		tried = append(tried, checkedConnection{
			connection.Name, connection.Address, connection.Offers, faultOf(connection.Err), terminal.Printable(wordsOf(connection.Err, domains.NewSecret(string(password)))),
		})
		if connection.Err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", connection.Name, connection.Err))
		}
	}
	return tried, errors.Join(wrong...)
}

func (s *starter) printConfig(found checkedConfig) error {
	if s.json {
		return s.printJSON(found)
	}
	s.printf("%s is right\n", found.File)
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	line := func(key, format string, args ...any) {
		_, _ = fmt.Fprintf(table, "%s\t%s\n", key, fmt.Sprintf(format, args...))
	}
	line("database", "%s", found.Database)
	line("temporal", "%s", found.Temporal)
	line("histories", "%s", found.Histories.words())
	line("operations", "%s", found.Operations)
	line("billing", "%s", found.Billing)
	line("worker", "%s", found.Worker.words())
	line("gateway", "%s, %s", found.Gateway.Address, map[bool]string{true: "TLS", false: "no TLS"}[found.Gateway.TLS])
	for _, account := range found.Registrars {
		line("registrars."+account.Registrar, "plug-in %s, %s, %s", account.Plugin, account.URL,
			map[bool]string{true: "accepts callbacks", false: "accepts no callbacks"}[account.Callbacks])
	}
	for _, plan := range found.Plans {
		what := "hosting"
		if plan.TLD != "" {
			what = "." + plan.TLD + " at " + plan.Registrar
		}
		line(fmt.Sprintf("plan %d", plan.Plan), "%s", what)
	}
	for _, connection := range found.Connected {
		state := "can be reached"
		switch {
		case connection.Offers != "":
			state += "; " + oneLine(connection.Offers)
		case connection.Error != nil:
			state = oneLine(connection.Error.Message)
			if connection.Says != "" {
				state += fmt.Sprintf("; the registrar says: %q", connection.Says)
			}
		}
		line("tried "+connection.Name, "%s", state)
	}
	for _, warning := range found.Warnings {
		line("WARNING", "%s", warning)
	}
	return table.Flush()
}

// configPrefix begins each line about the configuration.
const configPrefix = "config: "

// aboutKey is a mistake that names its key.
var aboutKey = regexp.MustCompile(`^(?:line \d+: )?(?:unknown key )?((?:database|worker|operations|billing|registrars|plans|orders|ids|gateway|batches|hooks|histories|retention|lifecycle|drift|DP_[A-Z0-9_]+)[^\s:,;]*)`)

// mistakesOf lists the mistakes in a configuration, by their keys.
func mistakesOf(err error) []problem {
	var mistakes []problem
	for line := range strings.SplitSeq(err.Error(), "\n") {
		text := strings.TrimPrefix(line, configPrefix)
		mistake := problem{Message: text}
		if parts := aboutKey.FindStringSubmatch(text); parts != nil {
			mistake.Field = parts[1]
		}
		mistakes = append(mistakes, mistake)
	}
	return mistakes
}

// configFile is the name of the configuration file.
func (s *starter) configFile() string {
	return cmp.Or(s.configPath, s.variable(config.FileVariable), config.DefaultFile)
}
