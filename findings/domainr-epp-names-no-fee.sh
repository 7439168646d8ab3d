#!/usr/bin/env bash
# github.com/domainr/epp v0.2.0, with Go 1.26.
#
# Guess: of two names that are checked with the fee extension of RFC 8748, the client asks for one
# command, which holds for all names, and tells of each fee which name it is of.
# Behaviour: the command is written once for each name, so two names make two equal commands; and
# the fees come without a name, because the client reads an element fee:name, as drafts had it,
# where the RFC has fee:objID. Class and availability are read.
# Seen: "asked: 2 commands for 2 names", "fee 1: name \"\"", "fee 2: name \"\"".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > main.go <<'GO'
package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/domainr/epp"
)

const (
	head     = `<?xml version="1.0" encoding="UTF-8"?><epp xmlns="urn:ietf:params:xml:ns:epp-1.0">`
	fees     = "urn:ietf:params:xml:ns:epp:fee-1.0"
	domain   = "urn:ietf:params:xml:ns:domain-1.0"
	greeting = head + `<greeting><svID>registry</svID><svDate>2026-01-01T00:00:00.0Z</svDate><svcMenu><version>1.0</version><lang>en</lang><objURI>` + domain +
		`</objURI><svcExtension><extURI>` + fees + `</extURI></svcExtension></svcMenu><dcp><access><all/></access><statement><purpose><prov/></purpose>` +
		`<recipient><ours/></recipient><retention><stated/></retention></statement></dcp></greeting></epp>`
)

func answer(content string) string {
	return head + `<response><result code="1000"><msg>Command completed successfully</msg></result>` + content + `<trID><svTRID>SV-1</svTRID></trID></response></epp>`
}

func check() string {
	names, costs := "", ""
	for _, name := range []string{"first.example", "second.example"} {
		names += `<d:cd><d:name avail="1">` + name + `</d:name></d:cd>`
		costs += `<f:cd avail="1"><f:objID>` + name + `</f:objID><f:class>standard</f:class><f:command name="create"><f:period unit="y">1</f:period><f:fee>10.00</f:fee></f:command></f:cd>`
	}
	return answer(`<resData><d:chkData xmlns:d="` + domain + `">` + names + `</d:chkData></resData><extension><f:chkData xmlns:f="` + fees + `"><f:currency>EUR</f:currency>` + costs + `</f:chkData></extension>`)
}

func write(c net.Conn, frame string) {
	_, _ = c.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(frame)+4)), frame...))
}

func read(c net.Conn) string {
	var length uint32
	if binary.Read(c, binary.BigEndian, &length) != nil {
		return ""
	}
	frame := make([]byte, length-4)
	_, _ = io.ReadFull(c, frame)
	return string(frame)
}

func main() {
	near, far := net.Pipe()
	asked := make(chan string, 1)
	go func() {
		write(far, greeting)
		read(far) // login
		write(far, answer(""))
		asked <- read(far)
		write(far, check())
	}()
	client, err := epp.NewConn(near)
	if err == nil {
		_, err = client.Login("registrar", "password", "")
	}
	if err != nil {
		panic(err)
	}
	got, err := client.CheckDomain("first.example", "second.example")
	if err != nil {
		panic(err)
	}
	fmt.Printf("asked: %d commands for 2 names\n", strings.Count(<-asked, "<fee:command"))
	for i, charge := range got.Charges {
		fmt.Printf("fee %d: name %q\n", i+1, charge.Domain)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/domainr/epp@v0.2.0 >/dev/null 2>&1
seen=$(go run .)
echo "$seen"
for line in 'asked: 2 commands for 2 names' 'fee 1: name ""' 'fee 2: name ""'; do
  grep -qxF "$line" <<<"$seen" || { echo "it behaves otherwise now: no \"$line\""; exit 1; }
done
