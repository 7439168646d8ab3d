package epp

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// results are the texts of RFC 5730, section 3.
var results = map[int]string{
	1000: "Command completed successfully",
	1001: "Command completed successfully; action pending",
	1300: "Command completed successfully; no messages",
	1301: "Command completed successfully; ack to dequeue",
	1500: "Command completed successfully; ending session",
	2000: "Unknown command",
	2001: "Command syntax error",
	2002: "Command use error",
	2003: "Required parameter missing",
	2004: "Parameter value range error",
	2005: "Parameter value syntax error",
	2100: "Unimplemented protocol version",
	2101: "Unimplemented command",
	2102: "Unimplemented option",
	2103: "Unimplemented extension",
	2104: "Billing failure",
	2105: "Object is not eligible for renewal",
	2106: "Object is not eligible for transfer",
	2200: "Authentication error",
	2201: "Authorization error",
	2202: "Invalid authorization information",
	2300: "Object pending transfer",
	2301: "Object not pending transfer",
	2302: "Object exists",
	2303: "Object does not exist",
	2304: "Object status prohibits operation",
	2305: "Object association prohibits operation",
	2306: "Parameter value policy error",
	2307: "Unimplemented object service",
	2308: "Data management policy violation",
	2400: "Command failed",
	2500: "Command failed; server closing connection",
	2501: "Authentication error; server closing connection",
	2502: "Session limit exceeded; server closing connection",
}

// answer is a response before it is written.
type answer struct {
	code   int
	values []extValue
	text   string // after that of the code
	queue  string // msgQ with its content; "": count and id alone, while there are messages
	data   string // the content of resData
	more   string // the content of extension
	frame  []byte // instead of a response
}

// extValue names an element and says what is wrong with it.
type extValue struct {
	of     name
	reason string
}

func refuse(code int) *answer { return &answer{code: code} }

// because adds the element that is to blame, and why.
func (a *answer) because(of *node, format string, arguments ...any) *answer {
	blamed := name{nsEPP, "undef"}
	if of != nil {
		blamed = name{of.space, of.local}
	}
	a.values = append(a.values, extValue{blamed, fmt.Sprintf(format, arguments...)})
	return a
}

// says adds a text to that of the code.
func (a *answer) says(text string) *answer {
	a.text += "; " + text
	return a
}

func (v *violation) refusal() *answer {
	return refuse(2001).because(&node{space: v.space, local: v.local}, "%s", v.rule)
}

// escape makes text of a value. Characters that XML does not have become question marks.
func escape(value string) string {
	clean := strings.Map(func(r rune) rune {
		if r == 0x9 || r == 0xA || r == 0xD || r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 {
			return r
		}
		return '?'
	}, strings.ToValidUTF8(value, "?"))
	return escaper.Replace(clean)
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\r", "&#13;")

// tag writes an element with content that is XML; attributes are pairs.
func tag(name, content string, attributes ...string) string {
	var b strings.Builder
	b.WriteString("<" + name)
	for i := 0; i+1 < len(attributes); i += 2 {
		b.WriteString(" " + attributes[i] + `="` + escape(attributes[i+1]) + `"`)
	}
	if content == "" {
		return b.String() + "/>"
	}
	return b.String() + ">" + content + "</" + name + ">"
}

// leafTag writes an element with a text.
func leafTag(name, value string, attributes ...string) string {
	return tag(name, escape(value), attributes...)
}

// each writes an element for every value of a list.
func each[T any](list []T, write func(T) string) string {
	var b strings.Builder
	for _, one := range list {
		b.WriteString(write(one))
	}
	return b.String()
}

// statusTags writes an element for every status.
func statusTags(name string, statuses []string) string {
	return each(statuses, func(status string) string { return tag(name, "", "s", status) })
}

// optional writes an element with a text, unless that is empty.
func optional(name, value string, attributes ...string) string {
	if value == "" {
		return ""
	}
	return leafTag(name, value, attributes...)
}

// at writes a date and time as RFC 5730 shows them.
func at(name string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return leafTag(name, stamp(t))
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.0Z") }

func frameOf(content string) []byte {
	return []byte(`<?xml version="1.0" encoding="UTF-8" standalone="no"?>` + "\n" + tag("epp", content, "xmlns", nsEPP))
}

// result writes the result of an answer.
func (a *answer) result(code int) string {
	message := results[a.code]
	if a.text != "" {
		message += a.text
	}
	blamed := each(a.values, func(value extValue) string {
		return tag("extValue", tag("value", tag("x:"+value.of.local, ""), "xmlns:x", value.of.space)+leafTag("reason", value.reason))
	})
	return tag("result", leafTag("msg", message)+blamed, "code", strconv.Itoa(code))
}
