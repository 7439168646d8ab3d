package epp

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"time"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp/internal/objects"
)

// said is what the logins of this process have said of the account (RFC 8807), as notices. It is safe
// for concurrent use.
type said struct {
	now func() time.Time

	mu      sync.Mutex
	waiting []registrars.Notice // that nobody has acknowledged
	taken   []takenNotice       // that somebody has, the latest last
	// turn says that one was taken, and that the queue has its turn.
	turn bool
}

type takenNotice struct {
	id string
	at time.Time
}

// What a process keeps of its logins. What does not wait is said again by the next login. A notice
// that was forgotten, or taken longer ago than offeredEvery, is offered again if a login still says
// it: the inbox knows it, and that it still stands.
const (
	mostWaiting  = 50
	mostTaken    = 500
	offeredEvery = 24 * time.Hour
)

// hear takes what a login has said. What was said before is nothing new.
func (s *said) hear(events []objects.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.now().Add(-offeredEvery)
	s.taken = slices.DeleteFunc(s.taken, func(one takenNotice) bool { return one.at.Before(old) })
	for _, event := range events {
		notice := eventNotice(event)
		if !s.knows(notice.ID) && len(s.waiting) < mostWaiting {
			s.waiting = append(s.waiting, notice)
		}
	}
}

// knows reports whether a notice waits or was taken.
func (s *said) knows(id string) bool {
	return slices.ContainsFunc(s.taken, func(one takenNotice) bool { return one.id == id }) ||
		slices.ContainsFunc(s.waiting, func(one registrars.Notice) bool { return one.ID == id })
}

// queueAsked says that the queue has had its turn.
func (s *said) queueAsked() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn = false
}

// next is the oldest notice that waits, unless the queue has its turn.
func (s *said) next() (registrars.Notice, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turn || len(s.waiting) == 0 {
		return registrars.Notice{}, false
	}
	return s.waiting[0], true
}

// take acknowledges a notice.
func (s *said) take(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.waiting)
	s.waiting = slices.DeleteFunc(s.waiting, func(one registrars.Notice) bool { return one.ID == id })
	if len(s.waiting) < before {
		s.taken = append(s.taken, takenNotice{id, s.now()})
		s.taken = s.taken[max(0, len(s.taken)-mostTaken):]
		s.turn = true
	}
}

// atLogin begins the id and the claim of what a login has said.
const atLogin = "login/"

// eventNotice makes a notice of an event. Its id follows from what the event says, so that one
// warning at many logins, of whatever process, is one notice. The text does not count: it may have
// the days that are left. Of the values those alone count that RFC 8807 fixes, the name of a cipher or
// of a protocol: another one may be counted on at each login, or be a person's, whom the id would tell.
func eventNotice(event objects.Event) registrars.Notice {
	date, named := "", ""
	if !event.Expires.IsZero() {
		date = event.Expires.Format(time.DateOnly)
	}
	if event.Type == "stat" || event.Type == "custom" { // the others say by their type what they are about
		named = plain(event.Name)
	}
	level := ""
	if event.Level == "error" {
		level = event.Level
	}
	words := slices.DeleteFunc([]string{cmp.Or(plain(event.Type), "other"), named, level, date}, func(word string) bool { return word == "" })
	claim := atLogin + strings.Join(words, "/")
	value := ""
	if event.Type == "cipher" || event.Type == "tlsProtocol" {
		value = event.Value
	}
	digest := sha256.Sum256([]byte(strings.Join([]string{event.Type, event.Name, event.Level, event.Expires.Format(time.RFC3339Nano), value}, "\x00")))
	account := registrars.AccountOther
	if slices.Contains([]string{"password", "certificate", "cipher", "tlsProtocol", "newPW"}, event.Type) {
		account = registrars.AccountAccess
	}
	return registrars.Notice{
		ID: atLogin + hex.EncodeToString(digest[:16]), Account: account, Claim: claim[:min(len(claim), longestClaim)],
		Text: registrars.NoticeText(eventText(event)),
	}
}

// eventText is what an event says to people.
func eventText(event objects.Event) string {
	return cmp.Or(event.Text, strings.Join(strings.Fields(event.Name+" "+event.Value+" "+event.Duration), " "))
}
