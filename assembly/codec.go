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
	endpoint := gateway.Codec{Payloads: a.Codec, Namespace: client.DefaultNamespace}
	if own, ok := temporal.(*Temporal); ok {
		endpoint.Namespace = namespaceOf(own.options)
	}
	if ui, err := url.Parse(a.Config.Gateway.WebUI); err == nil && ui.Host != "" {
		endpoint.Origin = strings.ToLower(ui.Scheme + "://" + ui.Host)
	}
	return endpoint
}
