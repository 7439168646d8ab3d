package assembly

import (
	"domainprovisioning/intake"
	"domainprovisioning/portfolio/batch"
)

// callsOfPlacing is how much of an account's calls_per_second the placing of batches may take: the
// orders that it starts make calls of their own.
const callsOfPlacing = 0.5

// Dispatcher returns what places the lines of batches. Each worker and each gateway runs one.
func (a *Assembly) Dispatcher(in *intake.Intake) *batch.Dispatcher {
	d := &batch.Dispatcher{Store: a.Store, Intake: in, Log: a.Log, Rate: a.Config.Batches.OrdersPerSecond, Rates: map[string]float64{}}
	for name := range a.Accounts {
		d.Rates[name] = a.Config.Batches.OrdersPerSecond
		if calls := a.Config.Registrars[name].CallsPerSecond; calls > 0 {
			d.Rates[name] = min(d.Rates[name], callsOfPlacing*calls)
		}
	}
	return d
}
