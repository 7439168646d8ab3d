package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"domainprovisioning/messages"
)

// What is held of a domain is kept until an order of ours changes it or a person accepts what the
// registrar has: otherwise a reading would take over what somebody has changed behind our back, and
// nobody would learn of it. Changed and accepted parts are forgotten, and the next reading fills
// what is empty. Name servers that an order names are held as they were ordered: a reading may have
// begun before the order was done, or a registrar still tell the old ones, and a repair would set them
// again.

// keepHeld is what is held after a reading, as the column has it.
func keepHeld(before string, read *messages.Held) (string, error) {
	if read == nil {
		return before, nil
	}
	held := *read
	if before != "" {
		var known messages.Held
		if err := json.Unmarshal([]byte(before), &known); err != nil {
			return "", fmt.Errorf("store: what is held: %w", err)
		}
		held = known.Or(held)
	}
	text, err := json.Marshal(held)
	if err != nil {
		return "", fmt.Errorf("store: what is held: %w", err)
	}
	return string(text), nil
}

// changes are the parts that the order changes.
func (p Unit) changes() []messages.Difference {
	switch p.program() {
	case "name-server-change":
		return []messages.Difference{messages.DiffersNameServers}
	case "owner-change", "contact-change":
		return []messages.Difference{messages.DiffersOwner}
	case "settings-change":
		return []messages.Difference{messages.DiffersDNSSEC, messages.DiffersLock, messages.DiffersPrivacy, messages.DiffersAutoRenewal}
	}
	return nil
}

// setHeld replaces what is held of a domain whose row is locked.
func (s *Store) setHeld(ctx context.Context, tx *sqlx.Tx, name string, held messages.Held) error {
	text, err := json.Marshal(held)
	if err != nil {
		return fmt.Errorf("store: what is held: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE domains SET held = $2 WHERE name = $1`, name, string(text)); err != nil {
		return fmt.Errorf("store: what is held: %w", err)
	}
	return nil
}

// forgetChanged forgets what an order has changed of a domain, if it is held where it has changed it.
func (s *Store) forgetChanged(ctx context.Context, tx *sqlx.Tx, unit Unit, state UnitState) error {
	changed := unit.changes()
	if state != UnitDone || len(changed) == 0 {
		return nil
	}
	return s.changeHeld(ctx, tx, unit, func(held messages.Held) messages.Held { return held.Without(changed) })
}

// holdOrdered holds the name servers that an order has set of a domain, if it is held where it has
// set them.
func (s *Store) holdOrdered(ctx context.Context, tx *sqlx.Tx, unit Unit, ending Ending) error {
	if ending.State != UnitDone || len(ending.NameServers) == 0 {
		return nil
	}
	return s.changeHeld(ctx, tx, unit, func(held messages.Held) messages.Held {
		held.NameServers = ending.NameServers
		return held
	})
}

// changeHeld changes what is held of the domain of a unit, if it is held at the account of the unit.
func (s *Store) changeHeld(ctx context.Context, tx *sqlx.Tx, unit Unit, change func(messages.Held) messages.Held) error {
	domain, err := s.lockedDomain(ctx, tx, unit.Domain)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil || domain.EndedAt != nil || domain.Registrar != unit.Registrar {
		return err
	}
	if domain.Held != nil {
		return s.setHeld(ctx, tx, unit.Domain, change(*domain.Held))
	}
	held := change(messages.Held{})
	if len(held.NameServers) == 0 {
		return nil // it was not read yet
	}
	return s.setHeld(ctx, tx, unit.Domain, held)
}
