// Package config reads the one configuration of all programs: a YAML file, in which the
// environment can override single values. It checks everything that can be checked
// without a connection and names the key of each mistake before anything starts. The
// address of Temporal is not part of it: that comes from the TEMPORAL_* variables and
// profiles, which all Temporal tools share.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"time"

	"go.yaml.in/yaml/v3"
)

// FileVariable is the environment variable that names the configuration file; DefaultFile
// is used if it is not set.
const (
	FileVariable = "DOMAINPROVISIONING_CONFIG"
	DefaultFile  = "domainprovisioning.yaml"
)

// Secret is a value that must not be printed.
type Secret string

// String hides the value.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "[redacted]"
}

// GoString hides the value from %#v.
func (s Secret) GoString() string { return s.String() }

// Config is the whole configuration. config/example.yaml explains every key.
type Config struct {
	Database   Database             `yaml:"database"`
	Worker     Worker               `yaml:"worker"`
	Operations Operations           `yaml:"operations"`
	Billing    Billing              `yaml:"billing"`
	Registrars map[string]Registrar `yaml:"registrars"`
	Plans      Plans                `yaml:"plans"`
	Orders     Orders               `yaml:"orders"`
	IDs        IDs                  `yaml:"ids"`
	Gateway    Gateway              `yaml:"gateway"`
	Batches    Batches              `yaml:"batches"`
	Hooks      Hooks                `yaml:"hooks"`
	Histories  Histories            `yaml:"histories"`
	Retention  Retention            `yaml:"retention"`
	Lifecycle  Lifecycle            `yaml:"lifecycle"`
	Drift      Drift                `yaml:"drift"`
}

// Batches says how fast the orders of batches are placed.
type Batches struct {
	// OrdersPerSecond is that of each registrar account, by all processes together.
	OrdersPerSecond float64 `yaml:"orders_per_second"`
}

// Hooks bounds where news of orders may be sent.
type Hooks struct {
	// PrivateHosts lists hosts that may be told news without being on the Internet.
	PrivateHosts []string `yaml:"private_hosts"`
}

// Database is where the application keeps its own data.
type Database struct {
	URL            Secret            `yaml:"url"`
	MaxConnections int               `yaml:"max_connections"`
	SealingKey     string            `yaml:"sealing_key"`
	SealingKeys    map[string]Secret `yaml:"sealing_keys"`
}

// Worker bounds what one worker process does at once.
type Worker struct {
	Activities    int           `yaml:"activities"`
	WorkflowTasks int           `yaml:"workflow_tasks"`
	WorkflowCache int           `yaml:"workflow_cache"`
	StopTimeout   time.Duration `yaml:"stop_timeout"`
	// Address is where the process tells how it is; "" is nowhere.
	Address string `yaml:"address"`
	// Deployment is the name of Temporal's worker deployment; "" is none, and the workers are not
	// versioned. BuildID is their version in it; "" is the version of the build.
	Deployment string `yaml:"deployment"`
	BuildID    string `yaml:"build_id"`
}

// Operations says how to reach Operations.
type Operations struct {
	URL      string        `yaml:"url"`
	Login    string        `yaml:"login"`
	Password Secret        `yaml:"password"`
	Timeout  time.Duration `yaml:"timeout"`
	CAFile   string        `yaml:"ca_file"`
}

// Billing says how to reach Billing.
type Billing struct {
	URL      string        `yaml:"url"`
	Username string        `yaml:"username"`
	Password Secret        `yaml:"password"`
	Timeout  time.Duration `yaml:"timeout"`
	CAFile   string        `yaml:"ca_file"`
}

// Plans is the plan catalog: what the plan ids of an order mean.
type Plans struct {
	Domains []DomainPlan  `yaml:"domains"`
	Hosting []HostingPlan `yaml:"hosting"`
}

// DomainPlan is a plan that sells names under one top-level domain.
type DomainPlan struct {
	Plan      int    `yaml:"plan"`
	TLD       string `yaml:"tld"`
	Registrar string `yaml:"registrar"`
	// Years is the period of an order that names none, and Periods are those that are sold.
	Years    int         `yaml:"years"`
	Periods  map[int]int `yaml:"periods"`
	Template int         `yaml:"template"`
	Billing  BillingPlan `yaml:"billing"`
	// RequiredFields are parameters that every order for the plan must have.
	RequiredFields []string `yaml:"required_fields"`
	// AllowEmptyTransferKey accepts transfers without a key.
	AllowEmptyTransferKey bool `yaml:"allow_empty_transfer_key"`
	// PriceLimit is what a request may cost at the registrar.
	PriceLimit PriceLimit `yaml:"price_limit"`
}

// PriceLimit is the most that a request of each kind may cost at the registrar, as an amount
// with two decimals; "" sets none.
type PriceLimit struct {
	Currency     string `yaml:"currency"`
	Registration string `yaml:"registration"`
	Renewal      string `yaml:"renewal"`
	Restore      string `yaml:"restore"`
	Transfer     string `yaml:"transfer"`
	OwnerChange  string `yaml:"owner_change"`
}

// BillingPlan is what Billing records with the domain.
type BillingPlan struct {
	Plan            int    `yaml:"plan"`
	SetupFee        string `yaml:"setup_fee"`
	SubscriptionFee string `yaml:"subscription_fee"`
	RenewalFee      string `yaml:"renewal_fee"`
	TransferFee     string `yaml:"transfer_fee"`
	NonRefundable   string `yaml:"non_refundable"`
	RefundDays      int    `yaml:"refund_days"`
	PeriodType      int    `yaml:"period_type"`
	Period          int    `yaml:"period"`
	RegistrarID     int    `yaml:"registrar_id"`
}

// HostingPlan is a plan that sells hosting.
type HostingPlan struct {
	Plan     int `yaml:"plan"`
	Template int `yaml:"template"`
}

// Orders are the settings of order validation.
type Orders struct {
	DomainIDFullName bool `yaml:"domain_id_full_name"`
	TrailingSlots    int  `yaml:"trailing_slots"`
	// RepeatWindow is how long an order without number and idempotency key is treated as
	// a repeat of an equal one.
	RepeatWindow time.Duration `yaml:"repeat_window"`
	// AttentionAfter is how long a call may fail before its order needs attention.
	AttentionAfter AttentionAfter `yaml:"attention_after"`
}

// AttentionAfter is how long a call may fail, while it is retried, before its order is
// shown as needing attention.
type AttentionAfter struct {
	Unreadable time.Duration `yaml:"unreadable"`
	Refused    time.Duration `yaml:"refused"`
}

// IDs are the ranges that ids are reserved from.
type IDs struct {
	Account             Range `yaml:"account"`
	User                Range `yaml:"user"`
	DomainSubscription  Range `yaml:"domain_subscription"`
	HostingSubscription Range `yaml:"hosting_subscription"`
	Domain              Range `yaml:"domain"`
}

// Range is a range of ids, both ends included. If both are zero, the default applies.
type Range struct {
	First int64 `yaml:"first"`
	Last  int64 `yaml:"last"`
}

// These are the limits of settings.
const (
	// ShortestSettle is how long a request to a registrar may be in progress.
	ShortestSettle = 4 * time.Minute
	longestSettle  = 24 * time.Hour
	// mostRefundDays is more than the add grace period of any registry.
	mostRefundDays = 60
	// LongestTimeout keeps a call shorter than the activity that makes it.
	LongestTimeout = 110 * time.Second
)

// Defaults returns the configuration that applies where the file says nothing.
func Defaults() Config {
	return Config{
		Database:   Database{MaxConnections: 10},
		Worker:     Worker{Activities: 100, WorkflowTasks: 100, WorkflowCache: 200, StopTimeout: 30 * time.Second, Address: "127.0.0.1:8089"},
		Operations: Operations{Timeout: 90 * time.Second},
		Billing:    Billing{Timeout: 60 * time.Second},
		Gateway:    gatewayDefaults(),
		Histories:  Histories{Seal: true},
		Retention:  Retention{News: longestNews},
		Batches:    Batches{OrdersPerSecond: 5},
		Lifecycle:  Lifecycle{Renewal: "none", RenewBefore: 30 * day, AttentionBefore: 14 * day, Remind: []int{60, 30, 7, 1}},
		Drift:      Drift{Every: day, ReadDays: 30},
		Orders:     Orders{RepeatWindow: time.Hour, AttentionAfter: AttentionAfter{Unreadable: time.Hour, Refused: 24 * time.Hour}},
	}
}

// Load reads the file, overrides it from the environment and validates the result.
// environment has the form of os.Environ; plugins are those that an account may name. The
// error lists all mistakes, one per line. With an error the configuration holds what
// could be read.
func Load(path string, environment []string, plugins Plugins) (Config, error) {
	file, err := os.Open(path)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return Config{}, fmt.Errorf("config: %s does not exist; copy config/example.yaml there, or name another file in %s", path, FileVariable)
		}
		return Config{}, fmt.Errorf("config: %w", err)
	}
	defer func() { _ = file.Close() }()
	return Read(file, environment, plugins)
}

// maxFile is the maximum size of a configuration file, in bytes.
const maxFile = 4 << 20

// Read is Load for an open file.
func Read(r io.Reader, environment []string, plugins Plugins) (Config, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return Config{}, fmt.Errorf("config: %w", err)
	}
	if len(content) > maxFile {
		return Config{}, fmt.Errorf("config: the file is larger than %d bytes", maxFile)
	}
	cfg := Defaults()
	mistakes, err := decode(content, &cfg)
	if err != nil {
		return Config{}, err
	}
	o := newOverrider(environment)
	o.walk(reflect.ValueOf(&cfg).Elem(), EnvironmentPrefix, "")
	mistakes = append(mistakes, applySettings(&cfg, plugins, o)...)
	mistakes = append(mistakes, o.finish()...)
	return cfg, errors.Join(append(mistakes, cfg.validate(plugins)...)...)
}

// decode reads the file. Mistakes in single keys are returned as mistakes, and the other
// keys are read anyway. The error means that the file as a whole cannot be read.
func decode(content []byte, cfg *Config) (mistakes []error, err error) {
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var document yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, syntax(err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("config: the file holds more than one document")
	}
	// The decoder refuses anchors that contain themselves, which the comparison could not.
	err = document.Decode(cfg)
	_, typed := errors.AsType[*yaml.TypeError](err)
	if err != nil && !typed {
		return nil, syntax(err)
	}
	var compared shape
	compared.walk(document.Content[0], reflect.TypeFor[Config](), "")
	if typed && len(compared.mistakes) == 0 {
		compared.wrong(document.Content[0], "a value here cannot be read")
	}
	return compared.mistakes, nil
}
