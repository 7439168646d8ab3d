package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// shiftClock lets the database's clock be off from that of all other processes. Programs in
// Go ask the kernel for the time and cannot be told another one; PostgreSQL asks the C
// library, which libfaketime stands before. It is in force for what is started from now on.
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

// checkClock makes sure that a time of the database is off as it was to be.
func checkClock(database time.Time, by time.Duration) error {
	if off := time.Until(database); (off - by).Abs() > time.Minute {
		return fmt.Errorf("chaos: the database's clock is off by %s and not by %s", off, by)
	}
	return nil
}
