package activities_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"domainprovisioning/activities"
	"domainprovisioning/intake"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// An account stays that another client's order is for, and the client that reads why learns neither
// the number nor the domain.
func TestAnUndoNamesNoOrderOfAnotherClient(t *testing.T) {
	for _, gone := range []bool{false, true} {
		t.Run(fmt.Sprintf("given up %t", gone), func(t *testing.T) {
			c, _ := provisioned(t, throughMember, false)
			placed, err := c.Intake.Place(intake.WithCaller(t.Context(), intake.Caller{Client: "till"}),
				[]byte(outside.Alter(t, outside.DomainOnly, "500100", fmt.Sprint(c.input.AccountID), `"shop"`, `"theirs"`)))
			if err != nil {
				t.Fatal(err)
			}
			want := "it is used by an order of another client"
			if gone { // it uses the account no longer, but has left a domain
				_, err := c.Store.GiveUp(t.Context(), placed.Number, 0, messages.Cancel{Actor: "tester", Reason: "for a test"})
				if err = errors.Join(err, c.Store.CloseUnit(t.Context(), placed.Number, 0, store.UnitCancelled, "")); err != nil {
					t.Fatal(err)
				}
				c.World.Operations.AddExistingDomain("theirs.example", c.input.AccountID)
				want = "it has a domain of another client's order"
			}
			account := c.takeBack(activities.TakeBackAccount)
			c.wantBack(account, activities.TakeBackKept, want)
			c.keepsSecret(account, placed.Number, "theirs")
			c.wantRemovals()
		})
	}
}

// keepsSecret checks that the note of what is kept names nothing of another client.
func (c *customer) keepsSecret(in activities.TakeBackInput, texts ...string) {
	c.t.Helper()
	got, err := c.TakeBack(c.t.Context(), in)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, text := range texts {
		if strings.Contains(got.Note, text) {
			c.t.Errorf("%s: the note names %s: %s", in.What, text, got.Note)
		}
	}
}
