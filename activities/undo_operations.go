package activities

import "context"

// TakeBack takes back one thing that an order has made in Operations.
func (o *Operations) TakeBack(_ context.Context, in TakeBackInput) (TakeBackResult, error) {
	return TakeBackResult{Outcome: TakeBackCouldNot, Note: "remove it by hand in Operations: " + string(in.What)}, nil
}
