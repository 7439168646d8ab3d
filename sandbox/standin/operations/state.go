package operations

import (
	"fmt"
	"slices"
	"time"
)

// state is everything behind the mutex.
type state struct {
	nextID        int
	accounts      map[int]*account
	members       map[int]*member
	subscriptions map[int]*subscription
	domains       map[int]*domain
	logins, names map[string]int // the last member that had each login, and the last domain that had each name
	requests      []request
	zones         map[string]*zone
	removals      []string // see Server.Removals
}

type account struct {
	kind    string
	parent  int
	note    string
	contact contact // zero with external_info
}

type member struct {
	account int
	login   string
	contact contact
}

type subscription struct {
	account, template int
	kind              Kind
	name              string
	created           time.Time
}

type domain struct {
	name            string
	account         int
	subscription    int // 0: its subscription has ended
	registrarStatus int
	bound           []int
}

type request struct {
	subscription, account int
	name                  string
}

type zone struct {
	created     time.Time
	nameServers []string
}

// firstID begins the ids that the server chooses itself, far from those that
// callers choose in tests.
const firstID = 1_000_001

func newState() state {
	return state{
		nextID: firstID, accounts: map[int]*account{}, members: map[int]*member{},
		subscriptions: map[int]*subscription{}, domains: map[int]*domain{}, zones: map[string]*zone{},
		logins: map[string]int{}, names: map[string]int{},
	}
}

// newID uses one sequence for all kinds, so that no two ids are equal by accident
// and mix-ups show.
func (st *state) newID() int {
	for {
		id := st.nextID
		st.nextID++
		if st.accounts[id] == nil && st.members[id] == nil && st.subscriptions[id] == nil && st.domains[id] == nil {
			return id
		}
	}
}

func (st *state) accountExists(id int) bool { return id == ProviderAccount || st.accounts[id] != nil }

func (st *state) putMember(id int, m *member) {
	st.members[id] = m
	st.logins[m.login] = id
}

func (st *state) memberByLogin(login string) (int, bool) {
	id := st.logins[login]
	if m := st.members[id]; m == nil || m.login != login {
		return 0, false // removed since
	}
	return id, true
}

func (st *state) hasMember(account int) bool {
	for _, m := range st.members {
		if m.account == account {
			return true
		}
	}
	return false
}

func (st *state) putDomain(id int, d *domain) {
	st.domains[id] = d
	st.names[d.name] = id
}

func (st *state) domainByName(name string) (int, *domain) {
	id := st.names[name]
	if d := st.domains[id]; d != nil && d.name == name {
		return id, d
	}
	return 0, nil // or removed since
}

// addZone makes sure that a name has a zone, and reports whether it created the
// zone.
func (st *state) addZone(name string, now time.Time, nameServers []string) (made bool) {
	if st.zones[name] != nil {
		return false
	}
	st.zones[name] = &zone{created: now, nameServers: slices.Clone(nameServers)}
	return true
}

// dropZone removes a zone unless a domain or a request still needs it.
func (st *state) dropZone(name string) {
	if _, d := st.domainByName(name); d != nil {
		return
	}
	if slices.ContainsFunc(st.requests, func(q request) bool { return q.name == name }) {
		return
	}
	delete(st.zones, name)
}

// removed records that a call has removed something.
func (st *state) removed(format string, args ...any) {
	st.removals = append(st.removals, fmt.Sprintf(format, args...))
}

// dropRequests removes the requests that match and reports whether there were any.
func (st *state) dropRequests(match func(request) bool) bool {
	before := len(st.requests)
	st.requests = slices.DeleteFunc(st.requests, match)
	return len(st.requests) < before
}
