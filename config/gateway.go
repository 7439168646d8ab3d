package config

import (
	"net"
	"time"
)

// Gateway configures the HTTP side, for order systems and registrars.
type Gateway struct {
	Address string `yaml:"address"`
	// TLSCertFile and TLSKeyFile are PEM files that must be given together. Without them
	// a proxy in front must provide TLS.
	TLSCertFile string `yaml:"tls_cert_file"`
	TLSKeyFile  string `yaml:"tls_key_file"`
	// WebUI is the namespace's address in the Temporal Web UI, for links.
	WebUI string `yaml:"web_ui"`
	// RequestsPerSecond and Burst bound each API key.
	RequestsPerSecond float64       `yaml:"requests_per_second"`
	Burst             int           `yaml:"burst"`
	EventStreams      int           `yaml:"event_streams"`
	RequestTimeout    time.Duration `yaml:"request_timeout"`
	StopTimeout       time.Duration `yaml:"stop_timeout"`
	Desk              DeskPage      `yaml:"desk"`
}

func gatewayDefaults() Gateway {
	return Gateway{
		Address: "127.0.0.1:8088", RequestsPerSecond: 20, Burst: 40, EventStreams: 100,
		RequestTimeout: 30 * time.Second, StopTimeout: 20 * time.Second,
	}
}

// listens requires an address that a server can listen on.
func (v *validator) listens(key, address, example string) {
	if _, port, err := net.SplitHostPort(address); err != nil || port == "" {
		v.add(key, "must be host:port, such as %s", example)
	}
}

func (v *validator) gateway(g Gateway) {
	v.listens("gateway.address", g.Address, "127.0.0.1:8088 or :8088")
	if (g.TLSCertFile == "") != (g.TLSKeyFile == "") {
		v.add("gateway.tls_cert_file", "and gateway.tls_key_file must be given together")
	}
	if g.WebUI != "" {
		v.endpoint("gateway.web_ui", g.WebUI, false)
	}
	if !isRate(g.RequestsPerSecond) || g.RequestsPerSecond == 0 {
		v.add("gateway.requests_per_second", "is %g and must be above 0", g.RequestsPerSecond)
	}
	v.atLeast("gateway.burst", g.Burst, 1)
	v.atLeast("gateway.event_streams", g.EventStreams, 1)
	v.between("gateway.request_timeout", g.RequestTimeout, time.Second, 5*time.Minute)
	v.between("gateway.stop_timeout", g.StopTimeout, time.Second, 10*time.Minute)
	v.deskPage(g.Desk)
}
