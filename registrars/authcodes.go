package registrars

import (
	"context"
	"crypto/rand"
	"math/big"

	"domainprovisioning/domains"
)

// AuthCodeRules is for a registrar that serves AuthCodeChange, and that sells
// top-level domains without auth codes and knows which those are. Asking changes
// nothing and may be repeated freely.
type AuthCodeRules interface {
	// HasAuthCodes reports whether domains under a registry suffix, such as "com.au",
	// have an auth code. It is true where the registrar does not say.
	HasAuthCodes(ctx context.Context, tld string) (bool, error)
}

// AuthCodeMaker is for a registrar that takes auth codes from us (Descriptor.TakesAuthCodes), and
// whose account says how long they are. Without it they have AuthCodeLength characters.
type AuthCodeMaker interface {
	// NewAuthCode makes a random one, for Request.NewAuthCode. It makes no call.
	NewAuthCode() domains.Secret
}

// AuthCodeLength is the usual length of an auth code, in characters.
const AuthCodeLength = 20

// The characters of an auth code. Registries ask for letters of both cases, digits and a sign;
// those that look alike are left out, because people read codes to each other.
const (
	upperLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	lowerLetters = "abcdefghijkmnopqrstuvwxyz"
	digits       = "23456789"
	signs        = "-_.+"
)

// NewAuthCode makes a random text of at least four characters, with one of each sort; one of them
// is a sign, and the first a letter. One of 16 characters has more than 80 bits.
func NewAuthCode(length int) domains.Secret {
	sorts := []string{upperLetters, lowerLetters, digits, signs}
	code := make([]byte, length)
	for i := range code {
		from := upperLetters + lowerLetters + digits
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
	return domains.NewSecret(string(code))
}

// below returns a random number from 0 to n-1.
func below(n int) int {
	number, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	return int(number.Int64())
}
