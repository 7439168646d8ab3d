package xmlrpc

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// DecodeBase64Text decodes text that a peer encoded as base64, with line breaks
// and blanks anywhere, and trims it. Bytes that are not UTF-8 are read as
// Windows-1250 if they use its extra range, and otherwise as ISO-8859-2: both
// have been seen. ok is false if the text is not base64, or decodes to control
// characters, which means that it was ordinary text; use it as it is then.
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
