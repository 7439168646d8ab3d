package frames

import (
	"bytes"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"domainprovisioning/wire/xmltext"
)

// writer writes XML, in the order in which it is told.
type writer struct{ b []byte }

// open begins an element with attributes in pairs of name and value.
func (w *writer) open(name string, attributes ...string) {
	w.b = append(append(w.b, '<'), name...)
	w.attributes(attributes)
	w.b = append(w.b, '>')
}

func (w *writer) close(name string) {
	w.b = append(append(append(w.b, "</"...), name...), '>')
}

// empty writes an element without content.
func (w *writer) empty(name string, attributes ...string) {
	w.b = append(append(w.b, '<'), name...)
	w.attributes(attributes)
	w.b = append(w.b, "/>"...)
}

// leaf writes an element with a text, without any blank around it.
func (w *writer) leaf(name, text string, attributes ...string) {
	w.open(name, attributes...)
	w.text(text)
	w.close(name)
}

// given writes an element, unless nothing of its text can be written.
func (w *writer) given(name, text string, attributes ...string) {
	before := len(w.b)
	w.open(name, attributes...)
	empty := len(w.b)
	if w.text(text); len(w.b) == empty {
		w.b = w.b[:before]
		return
	}
	w.close(name)
}

func (w *writer) number(name string, n int, attributes ...string) {
	w.leaf(name, strconv.Itoa(n), attributes...)
}

func (w *writer) attributes(pairs []string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		w.b = append(append(append(w.b, ' '), pairs[i]...), `="`...)
		w.text(pairs[i+1])
		w.b = append(w.b, '"')
	}
}

// text writes characters that XML allows, and blanks for line breaks and tabulators: the types
// of the schemas would turn them into blanks anyway. Blanks alone are nothing.
func (w *writer) text(text string) {
	before := len(w.b)
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		switch {
		case r == '&':
			w.b = append(w.b, "&amp;"...)
		case r == '<':
			w.b = append(w.b, "&lt;"...)
		case r == '>':
			w.b = append(w.b, "&gt;"...)
		case r == '"':
			w.b = append(w.b, "&quot;"...)
		case r == '\n', r == '\r', r == '\t':
			w.b = append(w.b, ' ')
		case r == utf8.RuneError && size == 1, !xmltext.Allowed(r):
		default:
			w.b = append(w.b, text[at:at+size]...)
		}
		at += size
	}
	if len(bytes.TrimLeft(w.b[before:], " ")) == 0 {
		w.b = w.b[:before]
	}
}

// token is a text as the type token of a schema has it: no blanks at its ends, and single ones
// within.
func token(text string) string { return strings.Join(strings.Fields(text), " ") }

// day is a date without a zone, in UTC.
func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// moment is a time in UTC, with the precision that the RFCs show.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.0Z") }
