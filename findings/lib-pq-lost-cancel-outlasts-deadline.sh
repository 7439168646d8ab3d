#!/usr/bin/env bash
# github.com/lib/pq 1.12.3, with Go 1.26, against a server of a few lines that speaks PostgreSQL's
# protocol 3.0.
#
# Guess: QueryContext returns when its deadline has passed, and closes the connection.
# Behaviour: it only asks the server, over a second connection, to cancel the statement, and goes on
# reading until the first one answers. PostgreSQL forgets a request that reaches a session before
# its statement has begun, and a network may lose it: then the caller waits for as long as the
# statement takes. The result is returned as if there had been no deadline; the connection is dropped.
# Seen: "deadline after 200ms", "returned after the server's 2s: true", "asked to cancel: 1".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > main.go <<'GO'
package main

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"

	_ "github.com/lib/pq"
)

const takes = 2 * time.Second

var cancels atomic.Int32

// message is one of the server's: a letter, its length, and its content.
func message(kind byte, content string) string {
	return string(kind) + string(binary.BigEndian.AppendUint32(nil, uint32(len(content)+4))) + content
}

func read(c net.Conn, typed bool) (kind byte, content []byte, err error) {
	head := make([]byte, 4)
	if typed {
		one := make([]byte, 1)
		if _, err = io.ReadFull(c, one); err != nil {
			return 0, nil, err
		}
		kind = one[0]
	}
	if _, err = io.ReadFull(c, head); err != nil {
		return 0, nil, err
	}
	content = make([]byte, binary.BigEndian.Uint32(head)-4)
	_, err = io.ReadFull(c, content)
	return kind, content, err
}

func serve(c net.Conn) {
	defer c.Close()
	_, start, err := read(c, false)
	if err != nil {
		return
	}
	if binary.BigEndian.Uint32(start) == 80877102 { // a request to cancel, which comes too early
		cancels.Add(1)
		return
	}
	ready := message('Z', "I")
	io.WriteString(c, message('R', "\x00\x00\x00\x00")+message('K', "\x00\x00\x00\x01\x00\x00\x00\x02")+ready)
	for {
		kind, _, err := read(c, true)
		if err != nil || kind == 'X' {
			return
		}
		if kind == 'Q' {
			time.Sleep(takes)
			io.WriteString(c, message('C', "SELECT 0\x00")+ready)
		}
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	db, err := sql.Open("postgres", "postgres://me@"+listener.Addr().String()+"/x?sslmode=disable")
	if err != nil {
		panic(err)
	}
	connection, err := db.Conn(context.Background())
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err = connection.ExecContext(ctx, "SELECT pg_sleep(2)")
	fmt.Println("deadline after 200ms")
	fmt.Println("returned after the server's 2s:", time.Since(began) >= takes)
	fmt.Println("error:", err)
	fmt.Println("asked to cancel:", cancels.Load())
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/lib/pq@v1.12.3 >/dev/null 2>&1
seen=$(go run .)
echo "$seen"
for line in "deadline after 200ms" "returned after the server's 2s: true" "asked to cancel: 1"; do
  grep -qxF "$line" <<<"$seen" || { echo "it behaves otherwise now: no \"$line\""; exit 1; }
done
