package example

import (
	"fmt"
	"time"

	"domainprovisioning/sandbox/standin/calls"
)

// AddName adds a name: ours, or taken by somebody else.
func (s *Server) AddName(name, state string, servers ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names[name] = &Name{Name: name, State: state, Servers: servers, Expires: s.options.Now().UTC().AddDate(1, 0, 0)}
}

// Hold keeps the orders for a name open until Complete or Refuse.
func (s *Server) Hold(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[name] = true
}

// Complete carries out the open order for a name.
func (s *Server) Complete(name string) error { return s.end(name, s.carryOut) }

// Refuse ends the open order for a name without effect.
func (s *Server) Refuse(name, why string) error {
	return s.end(name, func(o *Order) {
		o.State, o.Why = "refused", why
		if o.Type == "register" {
			delete(s.names, name)
		}
	})
}

// Garble makes the open order for a name unreadable in every list; it can still be read by its
// number.
func (s *Server) Garble(name string) error {
	return s.end(name, func(o *Order) { o.garbled = true })
}

func (s *Server) end(name string, how func(*Order)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.orders {
		if o.Name == name && o.State == "open" {
			how(o)
			return nil
		}
	}
	return fmt.Errorf("example: no order for %s is open", name)
}

// Orders returns all orders, in the order in which they were placed.
func (s *Server) Orders() []Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	all := make([]Order, len(s.orders))
	for i, o := range s.orders {
		all[i] = *o
		all[i].due = time.Time{}
	}
	return all
}

// Count counts the orders of a type for a name.
func (s *Server) Count(kind, name string) int {
	n := 0
	for _, o := range s.Orders() {
		if o.Type == kind && o.Name == name {
			n++
		}
	}
	return n
}

// Name returns a name that is not free.
func (s *Server) Name(name string) (Name, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	found, ok := s.names[name]
	if !ok {
		return Name{}, false
	}
	return *found, true
}

// Calls counts the calls of a method, such as "orders.create", that reached the server; ""
// counts all calls.
func (s *Server) Calls(method string) int { return s.log.Count(method) }

// RefuseHolder makes the registry refuse holders with an e-mail address, as one may that has
// found out that nobody reads it.
func (s *Server) RefuseHolder(email string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unwanted[email] = true
}

// Log returns the calls in the order of their arrival.
func (s *Server) Log() []calls.Call { return s.log.All() }
