package store

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestOrdersAreStoredInTheOrderOfTheCallers holds for both databases.
func TestOrdersAreStoredInTheOrderOfTheCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(4, false)
		got := queue(t, 10, func() (func(), error) { return turns.takeOrder(t.Context()) })
		time.Sleep(time.Second)
		synctest.Wait()
		if !slices.IsSorted(*got) || len(*got) != 10 {
			t.Errorf("%v", *got)
		}
	})
}

// queue lets callers take turns, one after another, and returns in which order they got them.
// Each waits before the next one comes.
func queue(t *testing.T, callers int, take func() (done func(), err error)) (order *[]int) {
	t.Helper()
	order = &[]int{}
	for n := range callers {
		go func() {
			done, err := take()
			if err != nil {
				t.Error(err)
				return
			}
			*order = append(*order, n)
			time.Sleep(time.Millisecond)
			done()
		}()
		synctest.Wait()
	}
	return order
}

func TestTurnsComeInTheOrderOfTheCallers(t *testing.T) {
	t.Parallel()
	want := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	for name, c := range map[string]struct {
		turns  turns
		writes bool
	}{
		"of writers":     {newTurns(4, true), true},
		"of connections": {newTurns(1, false), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got := queue(t, len(want), func() (func(), error) { return c.turns.take(t.Context(), c.writes) })
				time.Sleep(time.Second)
				synctest.Wait()
				if !slices.Equal(*got, want) {
					t.Errorf("%v", *got)
				}
			})
		})
	}
}

// TestWritersWhoWaitKeepNoConnection: they would hold up everybody who only reads.
func TestWritersWhoWaitKeepNoConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(2, true)
		written, err := turns.take(t.Context(), true)
		if err != nil {
			t.Fatal(err)
		}
		order := queue(t, 3, func() (func(), error) { return turns.take(t.Context(), true) })
		began := time.Now()
		read, err := turns.take(t.Context(), false)
		if err != nil || time.Since(began) != 0 || len(*order) != 0 {
			t.Errorf("a reader waited for %v, %v, while %d wrote as well", time.Since(began), err, len(*order))
		}
		read()
		written()
		time.Sleep(time.Second)
		synctest.Wait()
		if len(*order) != 3 {
			t.Errorf("%d of 3 have written", len(*order))
		}
	})
}

// TestSeveralWriteAtOnceWhereTheDatabaseLetsThem holds for PostgreSQL.
func TestSeveralWriteAtOnceWhereTheDatabaseLetsThem(t *testing.T) {
	t.Parallel()
	turns := newTurns(2, false)
	for range 2 {
		if _, err := turns.take(t.Context(), true); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWhoGivesUpWaitingGivesTheTurnBack, whatever it was waiting for.
func TestWhoGivesUpWaitingGivesTheTurnBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(1, true)
		read, err := turns.take(t.Context(), false)
		if err != nil {
			t.Fatal(err)
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for range 2 { // one has the turn to write and waits for a connection, the other waits for the turn
			go func() {
				if _, err := turns.take(short, true); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("past its deadline: %v", err)
				}
			}()
		}
		time.Sleep(2 * time.Second)
		read()
		began := time.Now()
		if _, err := turns.take(t.Context(), true); err != nil || time.Since(began) != 0 {
			t.Errorf("the turn was kept for %v, %v", time.Since(began), err)
		}
	})
}

func TestReadsAreToldFromWrites(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]bool{
		"SELECT 1": true, "\n\t\tSELECT number FROM orders": true, "WITH n AS (SELECT 1) SELECT * FROM n": true,
		"UPDATE orders SET number = $1": false, "\n\tINSERT INTO orders VALUES ($1)": false, "DELETE FROM orders": false, "": false,
	} {
		if reads(query) != want {
			t.Errorf("%q reads: %t", query, !want)
		}
	}
}
