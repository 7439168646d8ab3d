package outbox

// Restless lets an outbox look again at once where it has found nothing to send, for tests whose
// clock is the store's.
func (o *Outbox) Restless() { o.resting = 0 }
