#!/usr/bin/env bash
# golang.org/x/text/cases of golang.org/x/text 0.42.0, with Go 1.26.
#
# Guess: texts that differ in case only are equal after cases.Fold, and folding what is folded
# changes nothing, as Unicode's CaseFolding.txt has it: the small Cherokee letters fold to the
# capital ones, which are there first, and those to themselves.
# Behaviour: the small letter becomes the capital one, and the capital one the small one. The
# two never meet, and each further Fold swaps them again. strings.EqualFold takes them for
# equal. Other letters are folded as guessed.
# Seen: "Ꭰ folds to ꭰ, then Ꭰ", "ꭰ folds to Ꭰ, then ꭰ", "EqualFold: true", "É folds to é, then é".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > main.go <<'GO'
package main

import (
	"fmt"
	"strings"

	"golang.org/x/text/cases"
)

func main() {
	fold := cases.Fold()
	for _, letter := range []string{"Ꭰ", "ꭰ", "É"} {
		once := fold.String(letter)
		fmt.Printf("%s folds to %s, then %s\n", letter, once, fold.String(once))
	}
	fmt.Println("EqualFold:", strings.EqualFold("Ꭰ", "ꭰ"))
}
GO
go mod init finding >/dev/null 2>&1
go get golang.org/x/text@v0.42.0 >/dev/null 2>&1
seen=$(go run .)
echo "$seen"
for line in "Ꭰ folds to ꭰ, then Ꭰ" "ꭰ folds to Ꭰ, then ꭰ" "EqualFold: true" "É folds to é, then é"; do
  grep -qxF "$line" <<<"$seen" || { echo "it behaves otherwise now: no \"$line\""; exit 1; }
done
