package domains

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// characterTable says for every code point what IDNA 2008 makes of it in an ordered name.
// It stands here as data, and not in the tables of the toolchain, so that a build with
// another Go sells the same names (docs/decisions/0015). Each line is a run of code points:
// the first, the last, and what they are. What no line names is refused, such as everything
// that the table's version of Unicode does not know.
//
// To make it anew: go test ./domains -run TestTheTableOfCharacters -update.
//
//go:embed data/characters.txt
var characterTable string

// standing is what IDNA 2008 makes of a code point.
type standing byte

const (
	refused    standing = 'x' // DISALLOWED or UNASSIGNED (RFC 5892)
	valid      standing = 'v' // PVALID
	joiner     standing = 'j' // CONTEXTJ
	contextual standing = 'o' // CONTEXTO
	mapped     standing = 'm' // to others by case, width or NFC (RFC 5895)
)

// run is a line of the table.
type run struct {
	first, last rune
	standing    standing
	shift       rune   // mapped: to the code point this much higher,
	to          string // or to this text
}

// joiningTable gives the joining types, which no public library has.
//
//go:embed data/joining.txt
var joiningTable string

// The joining types of Unicode: on which sides a character joins its neighbours.
const (
	dualJoining  standing = 'D'
	rightJoining standing = 'R'
	leftJoining  standing = 'L'
)

var (
	characters = sync.OnceValue(func() []run { return parseRuns(characterTable) })
	joining    = sync.OnceValue(func() []run { return parseRuns(joiningTable) })
)

func parseRuns(table string) []run {
	var runs []run
	for line := range strings.Lines(table) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			runs = append(runs, parseRun(line))
		}
	}
	return runs
}

// parseRun reads a line such as "0061..007A v", "0041..005A m +32" or "FB1D m 05D9 05B4".
// A test holds that every line has this form.
func parseRun(line string) run {
	words := strings.Fields(line)
	first, last, long := strings.Cut(words[0], "..")
	r := run{first: codePoint(first), last: codePoint(first), standing: standing(words[1][0])}
	if long {
		r.last = codePoint(last)
	}
	if r.standing == mapped {
		if strings.ContainsAny(words[2][:1], "+-") {
			shift, _ := strconv.ParseInt(words[2], 10, 32)
			r.shift = rune(shift)
		} else {
			for _, word := range words[2:] {
				r.to += string(codePoint(word))
			}
		}
	}
	return r
}

func codePoint(hex string) rune {
	n, _ := strconv.ParseInt(hex, 16, 32)
	return rune(n)
}

// character returns what a code point is and, if it is mapped, to what.
func character(r rune) (standing, string) {
	switch run := find(characters(), r); {
	case run == nil:
		return refused, ""
	case run.standing != mapped:
		return run.standing, ""
	case run.to != "":
		return mapped, run.to
	default:
		return mapped, string(r + run.shift)
	}
}

// joins reports whether a character has one of the joining types.
func joins(r rune, types ...standing) bool {
	run := find(joining(), r)
	return run != nil && slices.Contains(types, run.standing)
}

// find returns the run that holds a code point, or nil.
func find(runs []run, r rune) *run {
	at, found := slices.BinarySearchFunc(runs, r, func(run run, r rune) int {
		switch {
		case run.last < r:
			return -1
		case run.first > r:
			return 1
		}
		return 0
	})
	if !found {
		return nil
	}
	return &runs[at]
}
