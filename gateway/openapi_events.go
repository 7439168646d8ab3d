package gateway

import "github.com/invopop/jsonschema"

// mediaEvents is the media type of event streams.
const mediaEvents = "text/event-stream"

// OrderEvent describes an event of a stream: a ProgressEvent or an EndEvent. The members are the
// fields of the event; data holds its JSON document.
type OrderEvent struct{}

// JSONSchema describes the type, which reflection cannot.
func (OrderEvent) JSONSchema() *jsonschema.Schema {
	const schemas = "#/components/schemas/"
	return &jsonschema.Schema{
		OneOf: []*jsonschema.Schema{{Ref: schemas + "ProgressEvent"}, {Ref: schemas + "EndEvent"}},
		Extras: map[string]any{"discriminator": map[string]any{
			"propertyName": "event", "mapping": map[string]any{"progress": schemas + "ProgressEvent", "end": schemas + "EndEvent"},
		}},
	}
}

// ProgressEvent tells how a unit of work stands.
type ProgressEvent struct {
	Event string     `json:"event" jsonschema:"enum=progress"`
	ID    string     `json:"id" jsonschema:"description=Stands for the state that the event tells"`
	Data  UnitStatus `json:"data"`
}

// EndEvent says that the order has ended. Its data is an empty object.
type EndEvent struct {
	Event string   `json:"event" jsonschema:"enum=end"`
	ID    string   `json:"id" jsonschema:"enum=end"`
	Data  struct{} `json:"data"`
}
