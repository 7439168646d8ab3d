#!/usr/bin/env bash
# lib/pq 1.12.3, with database/sql of Go 1.26.
#
# Guess: a transaction begun without options sends BEGIN, so that the database's or the
# role's default_transaction_read_only decides whether it may write.
# Behaviour: it sends BEGIN READ WRITE, which overrides that default. A database that was made
# read-only by ALTER DATABASE ... SET default_transaction_read_only = on refuses a plain
# statement of the same program, and takes it within a transaction.
# Seen: "begun with: BEGIN READ WRITE".
#
# A server of a few lines takes the place of PostgreSQL: it says yes to everything and prints
# what begins the transaction.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > main.go <<'GO'
package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	_ "github.com/lib/pq"
)

func message(kind byte, body ...byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4)), body...)
}

func serve(conn net.Conn, begun chan<- string) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	length := make([]byte, 4)
	io.ReadFull(in, length)
	io.CopyN(io.Discard, in, int64(binary.BigEndian.Uint32(length))-4) // the start-up message
	conn.Write(message('R', 0, 0, 0, 0))                               // no password
	conn.Write(message('Z', 'I'))
	for {
		kind, err := in.ReadByte()
		if err != nil {
			return
		}
		io.ReadFull(in, length)
		body := make([]byte, binary.BigEndian.Uint32(length)-4)
		io.ReadFull(in, body)
		if kind != 'Q' {
			return
		}
		text := strings.TrimRight(string(body), "\x00")
		state := byte('I')
		if strings.HasPrefix(text, "BEGIN") {
			state = 'T'
			begun <- text
		}
		conn.Write(message('C', []byte(strings.Fields(text + " ok")[0]+"\x00")...))
		conn.Write(message('Z', state))
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	begun := make(chan string, 1)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(conn, begun)
		}
	}()
	db, err := sql.Open("postgres", "postgres://u@"+listener.Addr().String()+"/d?sslmode=disable")
	if err != nil {
		panic(err)
	}
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		panic(err)
	}
	_ = tx.Rollback()
	text := <-begun
	fmt.Println("begun with:", strings.Join(strings.Fields(text), " "))
	if strings.Join(strings.Fields(text), " ") != "BEGIN READ WRITE" {
		os.Exit(1)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/lib/pq@v1.12.3 >/dev/null 2>&1
go run .
