package netim

import (
	"sync"
	"time"
)

const (
	// lifetime is how long an answer is believed.
	lifetime = time.Hour
	// mostKnown is how many answers of one kind are kept. When there are more, all
	// are dropped and asked for again.
	mostKnown = 1000
)

// known caches answers of the registrar by name. It is safe for concurrent use.
type known[V any] struct {
	now     func() time.Time
	lock    sync.Mutex
	entries map[string]knownEntry[V]
}

type knownEntry[V any] struct {
	value V
	at    time.Time
}

func newKnown[V any](now func() time.Time) *known[V] {
	return &known[V]{now: now, entries: map[string]knownEntry[V]{}}
}

func (k *known[V]) get(name string) (V, bool) {
	k.lock.Lock()
	defer k.lock.Unlock()
	entry, ok := k.entries[name]
	return entry.value, ok && k.now().Sub(entry.at) < lifetime
}

func (k *known[V]) put(name string, value V) {
	k.lock.Lock()
	defer k.lock.Unlock()
	if len(k.entries) >= mostKnown {
		clear(k.entries)
	}
	k.entries[name] = knownEntry[V]{value, k.now()}
}
