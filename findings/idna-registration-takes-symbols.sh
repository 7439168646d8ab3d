#!/usr/bin/env bash
# golang.org/x/net/idna of golang.org/x/net 0.60.0, with Go 1.26.
#
# Guess: the profile Registration, which "checks whether a given IDN is valid for
# registration, according to Section 4 of RFC 5891", refuses what that section refuses:
# characters that RFC 5892 disallows, such as symbols.
# Behaviour: it refuses only what UTS 46 disallows. Symbols, which UTS 46 takes and marks as
# not valid in IDNA 2008 (NV8), are coded without an error. Roman numerals and underscores are
# refused, so that a short test looks right.
# Seen: "♥: xn--iyou-5u3b, no error", "Ⅷ: refused".
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
	for _, label := range []struct{ what, text string }{
		{"♥", "i♥you"}, {"Ⅷ", "henryⅧ"}, {"letters", "büro"},
	} {
		coded, err := idna.Registration.ToASCII(label.text)
		if err != nil {
			fmt.Printf("%s: refused\n", label.what)
			continue
		}
		fmt.Printf("%s: %s, no error\n", label.what, coded)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get golang.org/x/net/idna@v0.60.0 golang.org/x/text@v0.42.0 >/dev/null 2>&1
seen=$(go run .)
echo "$seen"
for line in "♥: xn--iyou-5u3b, no error" "Ⅷ: refused" "letters: xn--bro-hoa, no error"; do
  grep -qxF "$line" <<<"$seen" || { echo "it behaves otherwise now: no \"$line\""; exit 1; }
done
