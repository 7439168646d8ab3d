package epp

import (
	"crypto/rand"
	"math/big"
)

// The characters of an auth code. Registries ask for letters of both cases, digits and a sign;
// those that look alike are left out, because people read codes to each other.
const (
	upper  = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	lower  = "abcdefghijkmnopqrstuvwxyz"
	digits = "23456789"
	signs  = "-_.+"
)

// newCode makes a random text of at least four characters, with one of each sort. One of 16
// characters has more than 80 bits.
func newCode(length int) string {
	sorts := []string{upper, lower, digits, signs}
	code := make([]byte, length)
	for i := range code {
		from := upper + lower + digits
		if i < len(sorts) {
			from = sorts[i]
		}
		code[i] = from[below(len(from))]
	}
	// The first four are not to be told by their place. A letter comes first.
	for i := length - 1; i > 1; i-- {
		j := 1 + below(i)
		code[i], code[j] = code[j], code[i]
	}
	return string(code)
}

// below returns a random number from 0 to n-1.
func below(n int) int {
	number, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	return int(number.Int64())
}
