package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"domainprovisioning/messages"
)

// LifeChange is what the life of a domain tells of it.
type LifeChange struct {
	Name string
	// Registrar and Round are those that the life knows: a change is not recorded for a domain that
	// was brought again meanwhile.
	Registrar string
	Round     int64
	State     messages.LifeState
	Since     time.Time
	Word      string
	Expires   time.Time // zero is not known
	Renewal   messages.RenewalMode
	Next      string
	NextAt    time.Time // zero for none
	Attention messages.LifeReason
	// Held is what the registrar has. It fills what is not known yet; see keepHeld.
	Held *messages.Held
	// Read says that the registrar was read.
	Read bool
	// Remind are the reminders that are due, in days before Expires. Each is sent once for a date.
	Remind []int
}

// RecordLife records how a domain stands, and tells those who listen what is new about it: that it
// expires soon, was renewed, has expired, is in redemption, needs a person, or has left. A repeat
// tells nothing.
func (s *Store) RecordLife(ctx context.Context, change LifeChange) error {
	return s.transaction(ctx, func(tx *sqlx.Tx) error {
		before, err := s.lockedDomain(ctx, tx, change.Name)
		if err != nil {
			return err
		}
		if before.EndedAt != nil || before.Registrar != change.Registrar || before.HeldRound != change.Round {
			return nil
		}
		reminded, remind := remindedOf(before.Reminded, change.Expires, change.Remind)
		held, err := keepHeld(before.HeldText, change.Held)
		if err != nil {
			return err
		}
		ended, read, attended := `NULL`, `read_at`, `CASE WHEN $8 = '' THEN NULL WHEN attention = $8 THEN attention_since ELSE `+s.clock()+` END`
		if change.State.Ended() {
			ended = s.clock()
		}
		if change.Read {
			read = s.clock()
		}
		var at moment
		err = tx.GetContext(ctx, &at, `UPDATE domains SET state = $2, state_since = $3, word = $4, expires = $5, renewal = $6, next = $7,
				attention_since = `+attended+`, attention = $8, next_at = $9, held = $10, reminded = $11,
				ended_at = `+ended+`, read_at = `+read+`
			WHERE name = $1 RETURNING `+s.clock(),
			change.Name, change.State, instant(change.Since), change.Word, optional(change.Expires), change.Renewal, change.Next,
			change.Attention, optional(change.NextAt), held, reminded)
		if err != nil {
			return fmt.Errorf("store: record life: %w", err)
		}
		for _, news := range lifeNews(before, change, remind) {
			news.Timestamp = at.UTC()
			if _, err := s.tell(ctx, tx, DomainSubject+change.Name, news); err != nil {
				return err
			}
		}
		return nil
	})
}

// DomainSubject begins what stands for a domain in the place of an order's key, in news and acts.
const DomainSubject = "domain/"

// lifeNews are the events between how a domain stood and how it stands.
func lifeNews(before Domain, after LifeChange, remind []int) []messages.News {
	data := messages.NewsData{
		Client: before.Client, Domain: before.Name, Registrar: before.Registrar, Life: after.State,
		Expires: after.Expires, Attention: after.Attention,
	}
	var news []messages.News
	tell := func(kind messages.NewsType) { news = append(news, messages.News{Type: kind, Data: data}) }
	for _, days := range remind {
		data.Days = &days
		tell(messages.NewsExpiring)
		data.Days = nil
	}
	if before.Expires != nil && before.ReadAt != nil && messages.Renewed(*before.Expires, after.Expires) {
		tell(messages.NewsRenewed)
	}
	if before.State != after.State {
		switch {
		case after.State.Ended():
			tell(messages.NewsLeft)
		case after.State == messages.LifeRedemption:
			tell(messages.NewsRedemption)
		case after.State.Expired() && !before.State.Expired() && !after.Expires.IsZero() && !after.Since.Before(after.Expires):
			tell(messages.NewsExpired)
		}
	}
	if after.Attention != "" && after.Attention != before.Attention {
		tell(messages.NewsDomainAttention)
	}
	return news
}

// remindedOf returns the reminders that were sent for a date once those that are due have been,
// and which of these are new.
func remindedOf(before string, expires time.Time, due []int) (after string, remind []int) {
	if expires.IsZero() {
		return before, nil
	}
	day := expires.UTC().Format(time.DateOnly)
	date, list, _ := strings.Cut(before, ":")
	var sent []string
	if date == day && list != "" {
		sent = strings.Split(list, ",")
	}
	for _, days := range due {
		if text := strconv.Itoa(days); !slices.Contains(sent, text) {
			sent, remind = append(sent, text), append(remind, days)
		}
	}
	return day + ":" + strings.Join(sent, ","), remind
}
