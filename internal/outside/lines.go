package outside

import (
	"strings"
	"testing"
)

// InLines are orders for domains of the account Customer, one in each line.
func InLines(t testing.TB, names ...string) string {
	t.Helper()
	var b strings.Builder
	for _, name := range names {
		b.WriteString(strings.ReplaceAll(Alter(t, DomainOnly, `"shop"`, `"`+name+`"`), "\n", " ") + "\n")
	}
	return b.String()
}
