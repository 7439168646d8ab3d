#!/usr/bin/env bash
# Package database/sql of Go 1.26, with modernc.org/sqlite 1.54.0 as the driver.
#
# Guess: callers who wait for a connection of a full pool get one in the order in which they came.
# Behaviour: a connection that becomes free goes to any of those who wait. Under steady load the
# last percentile of the waits is several times the median, with no error and no warning. A caller
# who wants turns has to queue before it asks the pool.
# Seen: "in turn: false" for 40 callers of a pool of one connection, who came one after another.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > main.go <<'GO'
package main

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"
	"time"

	_ "modernc.org/sqlite"
)

func main() {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		panic(err)
	}
	db.SetMaxOpenConns(1)
	held, err := db.Conn(context.Background())
	if err != nil {
		panic(err)
	}
	var (
		group  sync.WaitGroup
		lock   sync.Mutex
		served []int
	)
	for n := range 40 {
		group.Go(func() {
			connection, err := db.Conn(context.Background())
			if err != nil {
				panic(err)
			}
			lock.Lock()
			served = append(served, n)
			lock.Unlock()
			if err := connection.Close(); err != nil {
				panic(err)
			}
		})
		// The next one comes when this one waits.
		for db.Stats().WaitCount < int64(n+1) {
			time.Sleep(time.Millisecond)
		}
	}
	if err := held.Close(); err != nil {
		panic(err)
	}
	group.Wait()
	fmt.Printf("served: %d, in turn: %t\n", len(served), slices.IsSorted(served))
}
GO
go mod init finding >/dev/null 2>&1
go get modernc.org/sqlite@v1.54.0 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
seen=$(go run .)
line="served: 40, in turn: false"
grep -xF "$line" <<<"$seen" || { echo "not seen any more: $line; but $seen"; exit 1; }
