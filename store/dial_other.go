//go:build !linux

package store

import (
	"syscall"
	"time"
)

// limitUnacknowledged leaves it to the system how long it tries.
func limitUnacknowledged(syscall.RawConn, time.Duration) error { return nil }
