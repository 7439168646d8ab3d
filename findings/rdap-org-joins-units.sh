#!/usr/bin/env bash
# github.com/openrdap/rdap 0.10.2, with Go 1.26.
#
# Guess: VCard.Org() of a registrant whose "org" is a list, the name of the organisation and then
# its units (RFC 6350, 6.6.4; RFC 7095, 3.3.1.3), is the name of the organisation.
# Behaviour: it is all of the list, joined by blanks. The registrant of a domain compares unequal
# to its own name as soon as the registry shows a unit. GetFirst("org").Value is the list.
# Also: the dates of events are the texts of the registry; RFC 3339 allows a small t and z, which
# time.Parse(time.RFC3339, ...) refuses.
# Seen: "Org: Example Wings Sales", "Value: [Example Wings Sales]", "date with small letters: true".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > main.go <<'GO'
package main

import (
	"fmt"
	"time"

	"github.com/openrdap/rdap"
)

func main() {
	object, err := rdap.NewDecoder([]byte(`{"objectClassName": "domain", "ldhName": "shop.example",
		"events": [{"eventAction": "expiration", "eventDate": "2027-03-01t12:00:00z"}],
		"entities": [{"objectClassName": "entity", "roles": ["registrant"], "vcardArray": ["vcard", [
			["version", {}, "text", "4.0"], ["fn", {}, "text", ""], ["org", {}, "text", ["Example Wings", "Sales"]]]]}]}`)).Decode()
	if err != nil {
		panic(err)
	}
	domain := object.(*rdap.Domain)
	card := domain.Entities[0].VCard
	fmt.Println("Org:", card.Org())
	fmt.Println("Value:", card.GetFirst("org").Value)
	_, err = time.Parse(time.RFC3339, domain.Events[0].Date)
	fmt.Println("date with small letters:", err != nil)
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/openrdap/rdap@v0.10.2 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
seen=$(go run .)
for line in "Org: Example Wings Sales" "Value: [Example Wings Sales]" "date with small letters: true"; do
  grep -xF "$line" <<<"$seen" || { echo "not seen any more: $line"; exit 1; }
done
