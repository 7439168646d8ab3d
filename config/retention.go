package config

import "time"

// Retention says how long what is over is kept; 0 is for good.
type Retention struct {
	Orders          time.Duration `yaml:"orders"`
	Refusals        time.Duration `yaml:"refusals"`
	Inbox           time.Duration `yaml:"inbox"`
	IdempotencyKeys time.Duration `yaml:"idempotency_keys"`
	Acts            time.Duration `yaml:"acts"`
	News            time.Duration `yaml:"news"`
}

const (
	day = 24 * time.Hour
	// longestNews is how long deliveries that are over are kept at most.
	longestNews = 30 * day
	// longestKept is a hundred years: a typing error beyond it.
	longestKept = 100 * 365 * day
)

// retention requires times within which nothing is needed any more: an unmatched confirmation is
// compared with orders for a week, and a request is repeated while its order is open.
func (v *validator) retention(r Retention, orders Orders) {
	for _, each := range []struct {
		key         string
		value       time.Duration
		least, most time.Duration
	}{
		{"orders", r.Orders, max(day, orders.RepeatWindow), longestKept},
		{"refusals", r.Refusals, day, longestKept},
		{"inbox", r.Inbox, 8 * day, longestKept},
		{"idempotency_keys", r.IdempotencyKeys, day, longestKept},
		{"acts", r.Acts, 30 * day, longestKept},
	} {
		if each.value != 0 {
			v.between("retention."+each.key, each.value, each.least, each.most)
		}
	}
	v.between("retention.news", r.News, day, longestNews)
}
