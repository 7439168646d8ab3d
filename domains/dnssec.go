package domains

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

func (d *DNSSEC) dropBlanks() {
	if d == nil {
		return
	}
	drop := func(text string) string { return strings.Join(strings.Fields(text), "") }
	if d.Key != nil {
		d.Key.PublicKey = drop(d.Key.PublicKey)
	}
	for i := range d.DS {
		d.DS[i].Digest = drop(d.DS[i].Digest)
	}
}

// Problems returns what is wrong with settings that somebody orders, beyond what
// ParseSettings refuses: keys and digests that have not the length of their type. Types
// that are not known here are taken with any length; the registrar decides about them.
func (s Settings) Problems() []Problem {
	if s.DNSSEC == nil {
		return nil
	}
	var problems []Problem
	if key := s.DNSSEC.Key; key != nil {
		raw, err := base64.StdEncoding.DecodeString(key.PublicKey)
		if problem := keyProblem(key.Algorithm, raw); err == nil && len(raw) > 0 && problem != "" {
			problems = append(problems, Problem{"settings.dnssec.key.publicKey", problem})
		}
	}
	for i, ds := range s.DNSSEC.DS {
		raw, err := hex.DecodeString(ds.Digest)
		want := digestLength(ds.DigestType)
		if err == nil && len(raw) > 0 && want != 0 && len(raw) != want {
			problems = append(problems, Problem{
				fmt.Sprintf("settings.dnssec.ds[%d].digest", i),
				fmt.Sprintf("must have %d hexadecimal digits for digest type %d, and has %d", 2*want, ds.DigestType, 2*len(raw)),
			})
		}
	}
	return problems
}

// digestLength is the length of a digest in octets; 0: the type is not known.
func digestLength(digestType int) int {
	switch digestType {
	case 1: // SHA-1, RFC 3658
		return 20
	case 2, // SHA-256, RFC 4509
		3, // GOST R 34.11-94, RFC 5933
		5, // GOST R 34.11-2012, RFC 9558
		6: // SM3, RFC 9563
		return 32
	case 4: // SHA-384, RFC 6605
		return 48
	}
	return 0
}

// keyProblem compares the length of a public key with its algorithm.
func keyProblem(algorithm int, key []byte) string {
	want := 0
	switch algorithm {
	case 1, 5, 7, 8, 10: // RSA
		return rsaProblem(key)
	case 3, 6: // DSA, RFC 2536: its first octet gives the length
		if len(key) == 0 || key[0] > 8 {
			return "is not a DSA key"
		}
		want = 1 + 20 + 3*(64+8*int(key[0]))
	case 12, // GOST R 34.10-2001, RFC 5933
		13, // ECDSA P-256, RFC 6605
		17, // SM2, RFC 9563
		23: // GOST R 34.10-2012, RFC 9558
		want = 64
	case 14: // ECDSA P-384, RFC 6605
		want = 96
	case 15: // Ed25519, RFC 8080
		want = 32
	case 16: // Ed448, RFC 8080
		want = 57
	}
	if want != 0 && len(key) != want {
		return fmt.Sprintf("must have %d octets for algorithm %d, and has %d", want, algorithm, len(key))
	}
	return ""
}

// Lengths of a modulus in octets (RFC 3110, RFC 5702): 512 to 4096 bits.
const (
	minModulus = 64
	maxModulus = 512
)

// rsaProblem reads a key of RFC 3110: the length of the exponent in one octet, or in two
// after a zero; the exponent; the modulus.
func rsaProblem(key []byte) string {
	const cut = "is not a whole RSA key"
	if len(key) == 0 {
		return cut
	}
	exponent, rest := int(key[0]), key[1:]
	if exponent == 0 {
		if len(rest) < 2 {
			return cut
		}
		exponent, rest = int(rest[0])<<8|int(rest[1]), rest[2:]
	}
	if exponent == 0 || len(rest) <= exponent {
		return cut
	}
	if modulus := len(rest) - exponent; modulus < minModulus || modulus > maxModulus {
		return fmt.Sprintf("has a modulus of %d bits, and %d to %d are possible", 8*modulus, 8*minModulus, 8*maxModulus)
	}
	return ""
}
