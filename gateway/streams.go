package gateway

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// streams counts the open event streams, in all and by API key.
type streams struct {
	most, share int

	mu   sync.Mutex
	open int
	by   map[string]int // by the name of the key
}

// newStreams allows so many streams in all. A key may have a quarter of them, so that one caller
// that forgets to close its streams leaves the others theirs.
func newStreams(most int) *streams {
	return &streams{most: most, share: max(1, most/4), by: map[string]int{}}
}

// take takes a place for a stream, until release is called.
func (s *streams) take(key string) (release func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.by[key] >= s.share:
		p := newProblem(http.StatusTooManyRequests, "too-many-streams", "Too many event streams",
			fmt.Sprintf("this API key has %d open, which is its share", s.by[key]))
		p.retryAfter = 5 * time.Second
		return nil, p
	case s.open >= s.most:
		return nil, unavailable("too-many-streams", fmt.Sprintf("%d event streams are open", s.open), nil)
	}
	s.open++
	s.by[key]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.open--
		if s.by[key]--; s.by[key] == 0 {
			delete(s.by, key)
		}
	}, nil
}
