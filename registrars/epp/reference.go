package epp

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp/internal"
	"domainprovisioning/registrars/epp/internal/objects"
)

// reference names an operation. A registry cannot be asked for a transaction, so a reference
// says what to look for: kind:domain:svTRID, where the kind may have the sign by which the
// domain shows that the request was carried out, and the second in which it was accepted, as in
// renewal=2027-03-01+1@1795860000.
type reference struct {
	kind        registrars.Kind
	sign        string
	at          time.Time // zero: not known
	domain      domains.Name
	transaction string
}

func (r reference) String() string {
	kind := string(r.kind)
	if r.sign != "" {
		kind += "=" + r.sign
	}
	if !r.at.IsZero() {
		kind += "@" + strconv.FormatInt(r.at.Unix(), 10)
	}
	return kind + ":" + r.domain.String() + ":" + r.transaction
}

// earlier reports whether a transfer was asked for before that of the reference, as far as both say when.
func (r reference) earlier(moved objects.Transfer) bool {
	return !r.at.IsZero() && !moved.Requested.IsZero() && moved.Requested.Before(r.at.Add(-internal.VisibleWithin))
}

// readReference reads a reference. One that is not ours names nothing.
func readReference(text string) (reference, bool) {
	kind, rest, ok1 := strings.Cut(text, ":")
	name, transaction, ok2 := strings.Cut(rest, ":")
	kind, second, dated := strings.Cut(kind, "@")
	kind, sign, _ := strings.Cut(kind, "=")
	domain, err := domains.ParseName(name)
	found := reference{kind: registrars.Kind(kind), sign: sign, domain: domain, transaction: transaction}
	if dated {
		unix, badSecond := strconv.ParseInt(second, 10, 64)
		err = errors.Join(err, badSecond)
		found.at = time.Unix(unix, 0).UTC()
	}
	_, served := serviceFor(found.kind)
	return found, ok1 && ok2 && err == nil && served
}

// longestID is the longest id of a transaction (RFC 5730, section 4.1).
const longestID = 64

// transactionID is our id of the transaction of a request: the ledger's key and the number of the
// submission. A key that is too long, or has other characters, is shortened and gets its digest.
func transactionID(request registrars.Request) string {
	number := "/" + strconv.Itoa(max(1, request.Submission))
	key := request.Key
	plain := !strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' })
	if plain && len(key) > 0 && len(key)+len(number) <= longestID {
		return key + number
	}
	visible := strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return '_'
		}
		return r
	}, key)
	return visible[:min(len(visible), longestID-len(number)-1-digestLength)] + "." + digest(key) + number
}

const digestLength = 16

// digest is short enough for a reference, and long enough to tell two values apart.
func digest(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	return hex.EncodeToString(sum[:])[:digestLength]
}
