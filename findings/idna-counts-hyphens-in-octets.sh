#!/usr/bin/env bash
# golang.org/x/net/idna of golang.org/x/net 0.60.0, with Go 1.26.
#
# Guess: the check of hyphens (CheckHyphens, on in the profiles Registration and Lookup)
# refuses hyphens "in the third and fourth character positions" (RFC 5891, section 4.2.3.1;
# UTS 46, section 4.1), whatever the characters are.
# Behaviour: the positions are counted in octets of UTF-8. A letter of two octets shifts them:
# "ñ--a" is refused, whose hyphens are its second and third characters, and "ñu--shop" is
# taken, whose hyphens are the third and fourth. With ASCII letters both are as guessed.
# Seen: "ñ--a: refused", "ñu--shop: no error", "n--a: no error", "nu--shop: refused".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > main.go <<'GO'
package main

import (
	"fmt"

	"golang.org/x/net/idna"
)

func main() {
	for _, label := range []string{"ñ--a", "ñu--shop", "n--a", "nu--shop"} {
		result := "no error"
		if _, err := idna.Registration.ToASCII(label); err != nil {
			result = "refused"
		}
		fmt.Printf("%s: %s\n", label, result)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get golang.org/x/net/idna@v0.60.0 golang.org/x/text@v0.42.0 >/dev/null 2>&1
seen=$(go run .)
echo "$seen"
for line in "ñ--a: refused" "ñu--shop: no error" "n--a: no error" "nu--shop: refused"; do
  grep -qxF "$line" <<<"$seen" || { echo "it behaves otherwise now: no \"$line\""; exit 1; }
done
