package assembly

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"

	"go.temporal.io/sdk/client"

	"domainprovisioning/config"
	"domainprovisioning/gateway"
	"domainprovisioning/vault"
)

// NewCodec returns the codec of histories. Without keys it seals nothing, and opens nothing.
func NewCodec(cfg config.Histories) (*vault.Codec, error) {
	keys := make([]vault.CodecKey, 0, len(cfg.Keys))
	for _, id := range cfg.IDs() {
		material, err := base64.StdEncoding.DecodeString(string(cfg.Keys[id]))
		if err != nil {
			return nil, fmt.Errorf("config: histories.keys.%s is not base64", id)
		}
		keys = append(keys, vault.CodecKey{ID: id, Material: material})
	}
	codec, err := vault.NewCodec(keys, cfg.Sealed())
	if err != nil {
		return nil, fmt.Errorf("config: histories.keys: %w", err)
	}
	return codec, nil
}

// Temporal is a connection to Temporal through a codec. Its own calls are those of a client;
// Workers makes another client of it, whose converters are those of workers.
type Temporal struct {
	client.Client

	options client.Options
}

// Connect connects with the options, through a codec.
func Connect(ctx context.Context, options client.Options, codec *vault.Codec) (*Temporal, error) {
	options = through(options, codec.ForClients())
	c, err := client.DialContext(ctx, options)
	if err != nil {
		return nil, err
	}
	return &Temporal{c, options}, nil
}

// through returns options with the converters of a codec.
func through(options client.Options, converters vault.Converters) client.Options {
	options.DataConverter, options.FailureConverter = converters.Data, converters.Failure
	return options
}

// forWorkers returns a client for workers, over the same connection. It must be closed.
func forWorkers(ctx context.Context, temporal client.Client, codec *vault.Codec) (client.Client, error) {
	own, ok := temporal.(*Temporal)
	if !ok {
		return nil, fmt.Errorf("assembly: workers need a connection through the codec, not a %T", temporal)
	}
	c, err := client.NewClientFromExistingWithContext(ctx, own.Client, through(own.options, codec.ForWorkers()))
	if err != nil {
		return nil, fmt.Errorf("assembly: workers: %w", err)
	}
	return c, nil
}

// codecEndpoint is what the gateway opens for the Web UI that gateway.web_ui names.
func (a *Assembly) codecEndpoint(temporal client.Client) gateway.Codec {
	return gateway.Codec{Payloads: a.Codec, Namespace: namespaceOfClient(temporal), Origin: originOf(a.Config.Gateway.WebUI)}
}

// originOf is the origin of an address as browsers send it: in lower case, and without the port that
// goes without saying. "" is none.
func originOf(address string) string {
	at, err := url.Parse(strings.ToLower(address))
	if err != nil || at.Host == "" {
		return ""
	}
	if port := (map[string]string{"http": ":80", "https": ":443"})[at.Scheme]; port != "" {
		// "https://ui.example:" is the same, and has no port.
		at.Host = strings.TrimSuffix(strings.TrimSuffix(at.Host, port), ":")
	}
	return at.Scheme + "://" + at.Host
}
