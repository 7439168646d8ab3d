// Package histories opens sealed histories, for tests that look for what must not be in them:
// sealed, they would show nothing.
package histories

import (
	"context"
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"

	"domainprovisioning/vault"
)

// Open opens all payloads of a message in place. One that the codec cannot open is an error.
func Open(ctx context.Context, message proto.Message, codec converter.PayloadCodec) error {
	return proxy.VisitPayloads(ctx, message, proxy.VisitPayloadsOptions{
		Visitor: func(_ *proxy.VisitPayloadsContext, payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
			opened, err := codec.Decode(payloads)
			for _, payload := range opened {
				if id, sealed := vault.SealedBy(payload); sealed {
					return nil, fmt.Errorf("histories: a payload that key %q has sealed cannot be opened", id)
				}
			}
			return opened, err
		},
	})
}

// Keys counts the payloads of a message by the key that sealed them; those in plain text have the
// key "". Search attributes, which are always plain, are left out.
func Keys(ctx context.Context, message proto.Message) (map[string]int, error) {
	counts := map[string]int{}
	err := proxy.VisitPayloads(ctx, proto.CloneOf(message), proxy.VisitPayloadsOptions{
		SkipSearchAttributes: true,
		Visitor: func(_ *proxy.VisitPayloadsContext, payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
			for _, payload := range payloads {
				id, _ := vault.SealedBy(payload)
				counts[id]++
			}
			return payloads, nil
		},
	})
	return counts, err
}
