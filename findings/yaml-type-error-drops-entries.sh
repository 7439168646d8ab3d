#!/usr/bin/env bash
# go.yaml.in/yaml/v3 3.0.6, with Go 1.26.
#
# Guess: an UnmarshalYAML that returns a *yaml.TypeError (which the decoder collects, so that
# one run reports all mistakes) leaves the value that it has filled in where it belongs, as a
# field with a wrong type does: the rest is decoded, and the errors are reported at the end.
# Behaviour: that holds for a field of a struct. As an entry of a map or an element of a list
# the value is dropped, key and all, although decoding goes on: a check after the decoding
# finds an empty map. Any other error ends the decoding at once.
# Seen: "map: 0 entries, after 3", "list: 0 entries, after 3", "struct: a 1, after 3".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > main.go <<'GO'
package main

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

type checked struct{ A int }

// UnmarshalYAML fills the value in, and has a remark about it.
func (c *checked) UnmarshalYAML(node *yaml.Node) error {
	type plain checked
	if err := node.Decode((*plain)(c)); err != nil {
		return err
	}
	return &yaml.TypeError{Errors: []string{"not as agreed"}}
}

func main() {
	var inMap struct {
		Entries map[string]checked
		After   int
	}
	_ = yaml.Unmarshal([]byte("entries: {one: {a: 1}, two: {a: 2}}\nafter: 3\n"), &inMap)
	fmt.Printf("map: %d entries, after %d\n", len(inMap.Entries), inMap.After)
	var inList struct {
		Entries []checked
		After   int
	}
	_ = yaml.Unmarshal([]byte("entries: [{a: 1}, {a: 2}]\nafter: 3\n"), &inList)
	fmt.Printf("list: %d entries, after %d\n", len(inList.Entries), inList.After)
	var inStruct struct {
		One   checked
		After int
	}
	_ = yaml.Unmarshal([]byte("one: {a: 1}\nafter: 3\n"), &inStruct)
	fmt.Printf("struct: a %d, after %d\n", inStruct.One.A, inStruct.After)
}
GO
go mod init finding >/dev/null 2>&1
go get go.yaml.in/yaml/v3@v3.0.6 >/dev/null 2>&1
seen=$(go run .)
echo "$seen"
for line in "map: 0 entries, after 3" "list: 0 entries, after 3" "struct: a 1, after 3"; do
  grep -qx "$line" <<<"$seen" || { echo "it behaves otherwise now: no \"$line\""; exit 1; }
done
