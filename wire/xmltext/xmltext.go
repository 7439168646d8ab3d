// Package xmltext turns what a peer calls XML into bytes that an XML parser accepts. The
// peers are decades old and careless with charsets, and a damaged letter in a message is
// better than a lost reply.
package xmltext

import (
	"bytes"
	"cmp"
	"mime"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

// UTF8 turns a document into UTF-8. It honours a byte order mark, or else the XML
// declaration, or else the charset of the content type that came with the document, which
// may be "". An unknown charset is read as UTF-8, bytes that are not UTF-8 become U+FFFD,
// and characters that XML forbids are dropped. A document that needs no change is returned
// as it is, not copied.
func UTF8(raw []byte, contentType string) []byte {
	raw, charset, marked := byMark(raw)
	if !marked {
		charset = named(cmp.Or(declaredCharset(raw), charsetOf(contentType)))
	}
	if charset != nil {
		if decoded, err := charset.NewDecoder().Bytes(raw); err == nil {
			raw = decoded
		}
	}
	return clean(raw)
}

// CharsetError says why a document cannot be read in its charset.
type CharsetError struct{ Problem string }

func (e *CharsetError) Error() string { return "xmltext: " + e.Problem }

// Strict turns a document that must not be repaired into UTF-8. It honours a byte order
// mark, or else the charset of the content type, or else the XML declaration (RFC 7303,
// section 3.2); otherwise the document is UTF-8. The error is a *CharsetError for a charset
// that is not known, and for bytes that the charset does not have.
func Strict(raw []byte, contentType string) ([]byte, error) {
	text, charset, marked := byMark(raw)
	label := "utf-16" // the only other one that has a mark
	if !marked {
		label = cmp.Or(charsetOf(contentType), declaredCharset(raw))
		if charset = named(label); charset == nil && label != "" && !isUTF8(label) {
			return nil, &CharsetError{"the charset " + strconv.Quote(short(label)) + " is not known"}
		}
	}
	if charset == nil {
		if !utf8.Valid(text) {
			return nil, &CharsetError{"the document is not valid UTF-8, at byte " + strconv.Itoa(invalidAt(text)+1)}
		}
		return text, nil
	}
	decoded, err := charset.NewDecoder().Bytes(text)
	// A decoder writes U+FFFD for bytes that its charset does not have.
	if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
		return nil, &CharsetError{"the document is not valid in its charset " + strconv.Quote(short(label))}
	}
	return decoded, nil
}

// byMark returns what follows a byte order mark, and the charset that the mark tells; nil is
// UTF-8. marked is false for a document without one, which is returned as it is.
func byMark(raw []byte) (text []byte, charset encoding.Encoding, marked bool) {
	switch {
	case bytes.HasPrefix(raw, []byte("\xEF\xBB\xBF")):
		return raw[3:], nil, true
	case bytes.HasPrefix(raw, []byte("\xFE\xFF")):
		return raw[2:], unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), true
	case bytes.HasPrefix(raw, []byte("\xFF\xFE")):
		return raw[2:], unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), true
	}
	return raw, nil, false
}

// charsetOf returns the charset of a content type, or "".
func charsetOf(contentType string) string {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	return params["charset"]
}

// isUTF8 reports whether a label means UTF-8, or its subset ASCII.
func isUTF8(label string) bool {
	charset, err := htmlindex.Get(label)
	if err != nil {
		return strings.EqualFold(strings.TrimSpace(label), "us-ascii")
	}
	name, err := htmlindex.Name(charset)
	return err == nil && name == "utf-8"
}

// short is a label that may be quoted.
func short(label string) string { return label[:min(len(label), 40)] }

// invalidAt returns the place of the first byte that is not UTF-8.
func invalidAt(text []byte) int {
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return len(text)
}

// named returns the charset of a label, or nil for one that must not be decoded:
// "replacement", which browsers use for charsets that they refuse, drops everything;
// UTF-16 needs a mark, because otherwise its declaration could not have been read.
func named(label string) encoding.Encoding {
	charset, err := htmlindex.Get(label)
	if err != nil {
		return nil
	}
	name, err := htmlindex.Name(charset)
	if err != nil || name == "utf-8" || name == "replacement" || strings.HasPrefix(name, "utf-16") {
		return nil
	}
	return charset
}

// declaredCharset returns the encoding of the XML declaration, or "".
func declaredCharset(raw []byte) string {
	head := bytes.TrimLeft(raw[:min(len(raw), 256)], " \t\r\n")
	if !bytes.HasPrefix(head, []byte("<?xml")) {
		return ""
	}
	declaration, _, ok := bytes.Cut(head, []byte("?>"))
	if !ok {
		return ""
	}
	_, rest, ok := bytes.Cut(declaration, []byte("encoding"))
	if !ok {
		return ""
	}
	rest = bytes.TrimLeft(rest, " \t\r\n=")
	if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
		return ""
	}
	label, _, ok := bytes.Cut(rest[1:], rest[:1])
	if !ok {
		return ""
	}
	return string(label)
}

// clean drops forbidden characters, both raw and as character references, and repairs
// UTF-8. Documents that need no change are returned as they are.
func clean(b []byte) []byte {
	if isClean(b) {
		return b
	}
	out := make([]byte, 0, len(b)+16)
	cdata := false
	for len(b) > 0 {
		switch {
		case cdata && bytes.HasPrefix(b, []byte("]]>")):
			cdata = false
		case !cdata && bytes.HasPrefix(b, []byte("<![CDATA[")):
			cdata = true
		case !cdata && bytes.HasPrefix(b, []byte("&#")):
			if size := forbiddenReference(b); size > 0 {
				b = b[size:]
				continue
			}
		}
		r, size := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && size == 1:
			out = append(out, "\uFFFD"...)
		case Allowed(r):
			out = append(out, b[:size]...)
		}
		b = b[size:]
	}
	return out
}

func isClean(b []byte) bool {
	for i, c := range b {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
		if c == '&' && i+1 < len(b) && b[i+1] == '#' {
			return false
		}
	}
	return utf8.Valid(b) && !bytes.Contains(b, []byte("\uFFFE")) && !bytes.Contains(b, []byte("\uFFFF"))
}

// forbiddenReference returns the length of the character reference at the start of b if it
// names a character that XML forbids, or else 0.
func forbiddenReference(b []byte) int {
	end := bytes.IndexByte(b[:min(len(b), 14)], ';')
	if end < 3 {
		return 0
	}
	digits, base := string(b[2:end]), 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n <= utf8.MaxRune && Allowed(rune(n)) {
		return 0
	}
	return end + 1
}

// Allowed reports whether XML 1.0 allows the character (its production Char).
func Allowed(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' ||
		r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= 0x10FFFF
}
