package main

import (
	"sync"
	"testing"
)

// stream keeps inFlight workflows running. A server sometimes loses the news that a
// workflow has ended, and its client then asks again after 20 seconds. In a stream that
// delays only one of inFlight, whereas waiting for the last of a number of workflows
// would delay everything.
type stream struct {
	group sync.WaitGroup

	lock              sync.Mutex
	changed           sync.Cond
	started, finished int
	stopped           bool
	failed            func() bool
}

// startStream starts the stream. run runs the n-th workflow, from 1, to its end.
func startStream(tb testing.TB, run func(n int)) *stream {
	tb.Helper()
	s := &stream{failed: tb.Failed}
	s.changed.L = &s.lock
	for range inFlight {
		s.group.Go(func() {
			for n := s.next(); n > 0; n = s.next() {
				run(n)
				s.ended()
			}
		})
	}
	return s
}

// next returns the number of the next workflow, or 0 if there is none.
func (s *stream) next() int {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.stopped {
		return 0
	}
	s.started++
	return s.started
}

func (s *stream) ended() {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.finished++
	// One failure is enough.
	s.stopped = s.stopped || s.failed()
	s.changed.Broadcast()
}

// await returns when n have finished, or one has failed. It returns how many have
// finished.
func (s *stream) await(n int) int {
	s.lock.Lock()
	defer s.lock.Unlock()
	for s.finished < n && !s.stopped {
		s.changed.Wait()
	}
	return s.finished
}

// sound returns how many have finished, or 0 if one has failed, because then the others
// prove nothing.
func (s *stream) sound() int {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.stopped {
		return 0
	}
	return s.finished
}

// stop starts no more workflows, waits for those running, and returns the total.
func (s *stream) stop() int {
	s.lock.Lock()
	s.stopped = true
	s.lock.Unlock()
	s.group.Wait()
	return s.finished
}

func TestAStreamIsNotHeldUpByOne(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	s := startStream(t, func(n int) {
		if n == 3 {
			<-hold
		}
	})
	if got := s.await(1000); got < 1000 {
		t.Errorf("%d have finished", got)
	}
	close(hold)
	if all := s.stop(); all < 1000 || all != s.started || s.sound() != 0 {
		t.Errorf("%d of %d have finished", all, s.started)
	}
}

func TestAStreamEndsWithAFailure(t *testing.T) {
	t.Parallel()
	s := startStream(t, func(int) {})
	s.lock.Lock()
	s.failed = func() bool { return true }
	s.lock.Unlock()
	s.await(1 << 40)
	if s.stop() == 0 || s.sound() != 0 {
		t.Error("a failure counts as a result")
	}
}
