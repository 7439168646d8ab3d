package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// shiftClock makes the database's clock differ from that of all other processes. Go
// programs ask the kernel for the time and cannot be given another one. PostgreSQL asks
// the C library, which libfaketime intercepts. It applies to processes that are started
// from now on.
func shiftClock(by time.Duration) error {
	if by == 0 {
		return nil
	}
	libraries, err := filepath.Glob("/usr/lib/*/faketime/libfaketime.so.1")
	if err != nil || len(libraries) == 0 {
		return errors.New("chaos: -clock needs libfaketime: Debian's package faketime")
	}
	for name, value := range map[string]string{
		"LD_PRELOAD": libraries[0], "FAKETIME": fmt.Sprintf("%+ds", int(by.Seconds())), "FAKETIME_DONT_FAKE_MONOTONIC": "1",
	} {
		if err := os.Setenv(name, value); err != nil {
			return fmt.Errorf("chaos: clock: %w", err)
		}
	}
	return nil
}

// checkClock checks that a time from the database differs by the intended amount.
func checkClock(database time.Time, by time.Duration) error {
	if off := time.Until(database); (off - by).Abs() > time.Minute {
		return fmt.Errorf("chaos: the database's clock is off by %s and not by %s", off, by)
	}
	return nil
}
