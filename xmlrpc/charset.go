package xmlrpc

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

// toUTF8 turns a document into UTF-8 that an XML parser accepts: it honours a
// byte order mark and the XML declaration, replaces bytes that are not UTF-8 by
// U+FFFD, and drops characters that XML forbids. An unknown charset is read as
// UTF-8: a damaged letter in a message is better than a lost reply.
func toUTF8(raw []byte) []byte {
	label := ""
	switch {
	case bytes.HasPrefix(raw, []byte("\xEF\xBB\xBF")):
		raw = raw[3:]
	case bytes.HasPrefix(raw, []byte("\xFE\xFF")):
		raw, label = raw[2:], "utf-16be"
	case bytes.HasPrefix(raw, []byte("\xFF\xFE")):
		raw, label = raw[2:], "utf-16le"
	default:
		label = declaredCharset(raw)
		if strings.HasPrefix(label, "utf-16") { // or the declaration could not have been read
			label = ""
		}
	}
	if decoder := decoderOf(label); decoder != nil {
		if decoded, err := decoder.Bytes(raw); err == nil {
			raw = decoded
		}
	}
	return clean(raw)
}

func decoderOf(label string) *encoding.Decoder {
	if label == "" {
		return nil
	}
	charset, err := htmlindex.Get(label)
	if err != nil {
		return nil
	}
	// "replacement" is what browsers use for charsets they refuse: it drops all.
	if name, err := htmlindex.Name(charset); err != nil || name == "utf-8" || name == "replacement" {
		return nil
	}
	return charset.NewDecoder()
}

// declaredCharset returns the encoding of the XML declaration in lower case, or "".
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
	return strings.ToLower(string(label))
}

// clean drops forbidden characters, given raw or as a character reference, and
// repairs UTF-8. Documents without any of these come back as they are.
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
		case allowedRune(r):
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

// forbiddenReference returns the length of the character reference at the start
// of b if it names a character that XML forbids, else 0.
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
	if err != nil || n <= utf8.MaxRune && allowedRune(rune(n)) {
		return 0
	}
	return end + 1
}

// DecodeBase64Text decodes text that a peer put into base64, with line breaks
// and blanks anywhere, and trims it. Bytes that are not UTF-8 are read as
// Windows-1250 if they use its extra range, else as ISO-8859-2: both have been
// seen. ok is false when the text is not base64, or decodes to control
// characters, which means that it was an ordinary word; then use it as it is.
func DecodeBase64Text(s string) (text string, ok bool) {
	packed := withoutBlanks(s)
	if packed == "" {
		return "", false
	}
	data, err := base64.StdEncoding.DecodeString(packed)
	if err != nil {
		if data, err = base64.RawStdEncoding.DecodeString(packed); err != nil {
			return "", false
		}
	}
	for _, c := range data {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' || c == 0x7F {
			return "", false
		}
	}
	if !utf8.Valid(data) {
		charset := charmap.ISO8859_2
		for _, c := range data {
			if c >= 0x80 && c < 0xA0 {
				charset = charmap.Windows1250
				break
			}
		}
		if data, err = charset.NewDecoder().Bytes(data); err != nil {
			return "", false
		}
	}
	return strings.TrimSpace(string(data)), true
}

func withoutBlanks(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '\t' || r == '\r' || r == '\n' {
			return -1
		}
		return r
	}, s)
}
