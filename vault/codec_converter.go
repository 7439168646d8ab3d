package vault

import (
	"context"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Converters are the two converters of a client.
type Converters struct {
	Data    converter.DataConverter
	Failure converter.FailureConverter
}

// ForClients returns the converters of a client. A payload that cannot be opened is an error
// that wraps ErrSealed and names the key.
func (c *Codec) ForClients() Converters { return c.converters(false) }

// ForWorkers returns the converters of the client that workers are made with, and which serves
// nothing else. Where a workflow reads a payload that cannot be opened they panic: the workflow
// task fails and is tried again until the key is there. An error would not do. The SDK
// fails a workflow for good whose input cannot be read, drops such a signal, rejects such an
// update, takes a version marker for version 0, and lets the workflow go on with an error that
// nobody has caused (go.temporal.io/sdk v1.50.0). Some of this happens outside of the workflow's
// coroutine, where workflow.ContextAware is not asked, so the panic is the rule for
// workers, and activities are the exception: they get an error, and are tried again.
func (c *Codec) ForWorkers() Converters { return c.converters(true) }

func (c *Codec) converters(blocks bool) Converters {
	plain := converter.GetDefaultDataConverter()
	data := &sealing{DataConverter: converter.NewCodecDataConverter(plain, c), plain: plain, codec: c, blocks: blocks}
	return Converters{Data: data, Failure: temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{
		DataConverter: data, EncodeCommonAttributes: c.Seals(),
	})}
}

// sealing is a converter that knows what the codec could not open. Without it the SDK would say
// that it does not know the encoding.
type sealing struct {
	converter.DataConverter

	plain  converter.DataConverter // reads what is open
	codec  *Codec
	blocks bool // whether it panics
}

var _ workflow.ContextAware = (*sealing)(nil)

// WithWorkflowContext implements workflow.ContextAware.
func (s *sealing) WithWorkflowContext(workflow.Context) converter.DataConverter { return s }

// WithContext implements workflow.ContextAware: it is asked for activities and clients.
func (s *sealing) WithContext(context.Context) converter.DataConverter {
	if !s.blocks {
		return s
	}
	forgiving := *s
	forgiving.blocks = false
	return &forgiving
}

// FromPayload implements converter.DataConverter.
func (s *sealing) FromPayload(payload *commonpb.Payload, valuePtr any) error {
	opened, err := s.open(payload)
	if err != nil {
		return err
	}
	return s.plain.FromPayload(opened, valuePtr)
}

// FromPayloads implements converter.DataConverter. What nobody reads need not be opened.
func (s *sealing) FromPayloads(payloads *commonpb.Payloads, valuePtrs ...any) error {
	if payloads == nil {
		return s.plain.FromPayloads(payloads, valuePtrs...)
	}
	opened := &commonpb.Payloads{Payloads: make([]*commonpb.Payload, len(payloads.GetPayloads()))}
	copy(opened.GetPayloads(), payloads.GetPayloads())
	for n := range min(len(valuePtrs), len(opened.GetPayloads())) {
		var err error
		if opened.Payloads[n], err = s.open(opened.GetPayloads()[n]); err != nil {
			return err
		}
	}
	return s.plain.FromPayloads(opened, valuePtrs...)
}

func (s *sealing) open(payload *commonpb.Payload) (*commonpb.Payload, error) {
	opened, err := s.codec.open(payload)
	if err != nil && s.blocks {
		panic(err)
	}
	return opened, err
}
