package exchange

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Hidden stands where a secret was.
const Hidden = "[redacted]"

// Secrets are the secrets that were sent in a call: passwords, keys, tokens, transfer codes. A peer
// may quote a request in an error, so whatever text it sends goes through Scrub before it is kept,
// logged or shown.
type Secrets []string

// shortSecret is the length in characters below which a secret is removed only where it stands by
// itself: "ab" is in half of all words.
const shortSecret = 4

// Scrub returns a text without the secrets, in whatever form the peer may have quoted them: as they
// are, escaped for XML, JSON or an URL, also more than once, and in base64, alone or within a
// longer value such as that of HTTP Basic, which is then removed as a whole. A part of a secret stays,
// as where a peer has cut its text, and so does what names letters by HTML's entities.
func (s Secrets) Scrub(text string) string {
	if text == "" {
		return text
	}
	secrets := slices.Clone(s)
	// A secret may be the beginning of another one.
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, secret := range slices.Compact(secrets) {
		if !perhapsIn(text, strings.TrimSpace(secret)) {
			continue
		}
		for _, form := range formsOf(strings.TrimSpace(secret)) {
			text = form.ReplaceAllString(text, Hidden)
		}
	}
	return text
}

// perhapsIn is a quick look whether a text may hold a secret: nearly none does, and the expressions
// take milliseconds to make. Letters and digits stand as they are where nothing is escaped.
func perhapsIn(text, secret string) bool {
	if strings.ContainsAny(text, "%\\\r\n") || strings.Contains(text, "&#") || strings.Contains(text, "&amp;") {
		return true
	}
	longest := ""
	for run := range strings.FieldsFuncSeq(secret, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(run) > len(longest) {
			longest = run
		}
	}
	if strings.Contains(text, longest) {
		return true
	}
	return slices.ContainsFunc(inBase64(secret), func(core string) bool {
		core, _, _ = strings.Cut(strings.ReplaceAll(core, "/", "+"), "+")
		return strings.Contains(text, core)
	})
}

// formsOf are the expressions for the forms of a secret; none for one without text.
func formsOf(secret string) []*regexp.Regexp {
	if secret == "" {
		return nil
	}
	var plain strings.Builder
	for _, r := range secret {
		plain.WriteString(escaped(r))
	}
	if utf8.RuneCountInString(secret) < shortSecret {
		return []*regexp.Regexp{regexp.MustCompile(edge(secret[0]) + plain.String() + edge(secret[len(secret)-1]))}
	}
	forms := []*regexp.Regexp{}
	for _, core := range inBase64(secret) {
		var encoded strings.Builder
		for n, r := range core {
			if n > 0 {
				encoded.WriteString(`[\r\n]*`)
			}
			switch r {
			case '+':
				encoded.WriteString(`(?:-|` + escaped(r) + `)`)
			case '/':
				encoded.WriteString(`(?:_|` + escaped(r) + `)`)
			default:
				encoded.WriteRune(r)
			}
		}
		forms = append(forms, regexp.MustCompile(`[A-Za-z0-9+/_-]*`+encoded.String()+`(?:[A-Za-z0-9+/_=-]|%(?:25)*(?:2[bBfF]|3[dD]))*`))
	}
	return append(forms, regexp.MustCompile(plain.String()))
}

// edge is where a short secret begins or ends that does so with a character: a letter or digit must
// not go on to another one.
func edge(with byte) string {
	if with < utf8.RuneSelf && (unicode.IsLetter(rune(with)) || unicode.IsDigit(rune(with))) {
		return `\b`
	}
	return ""
}

// inBase64 returns what every base64 text holds that encodes a text with the secret in it: it
// depends on where in three bytes the secret begins, and its ends on what stands beside it.
func inBase64(secret string) []string {
	cores := make([]string, 0, 3)
	for before := range 3 {
		size := before + len(secret)
		text := base64.StdEncoding.EncodeToString(append(make([]byte, before), secret...))
		cores = append(cores, text[(before*8+5)/6:size*8/6])
	}
	return cores
}

var entities = map[rune]string{'&': "amp", '<': "lt", '>': "gt", '"': "quot", '\'': "apos"}

var jsonEscapes = map[rune]rune{'\n': 'n', '\r': 'r', '\t': 't', '\b': 'b', '\f': 'f'}

// escaped is an expression for a character as it is, or escaped.
func escaped(r rune) string {
	forms := []string{regexp.QuoteMeta(string(r))}
	// &lt; may have become &amp;lt;, \u0026lt; and so on.
	const reference = `(?:&|\\+u0026|%(?:25)*26)(?:amp;)*`
	if r == '&' {
		forms = []string{reference}
	} else if name, ok := entities[r]; ok {
		forms = append(forms, reference+name+";")
	}
	forms = append(forms, fmt.Sprintf(`%s#0*%d;`, reference, r), fmt.Sprintf(`%s#[xX]0*(?i:%x);`, reference, r))
	var url strings.Builder
	for _, b := range []byte(string(r)) {
		fmt.Fprintf(&url, `%%(?:25)*(?i:%02x)`, b)
	}
	forms = append(forms, url.String())
	if r == ' ' {
		forms = append(forms, `\+`, `%(?:25)*2[bB]`)
	}
	units := utf16.Encode([]rune{r})
	var json strings.Builder
	for _, unit := range units {
		fmt.Fprintf(&json, `\\+u(?i:%04x)`, unit)
	}
	forms = append(forms, json.String())
	before := ""
	switch short, ok := jsonEscapes[r]; {
	case ok:
		forms = append(forms, `\\+`+string(short))
	case r == '\'':
		before = `(?:\\*|')` // SQL doubles it
	case r == '\\' || r == '"' || r == '/':
		before = `\\*`
	}
	// The longest first: a character as it is may begin its own escape.
	slices.SortStableFunc(forms, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return before + `(?:` + strings.Join(forms, `|`) + `)`
}
