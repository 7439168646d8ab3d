package domains

import "iter"

// Role is the role that a contact has for a domain.
type Role string

// The four roles.
const (
	Owner   Role = "owner"
	Admin   Role = "admin"
	Tech    Role = "tech"
	Billing Role = "billing"
)

// Roles lists the roles, the owner first.
func Roles() []Role { return []Role{Owner, Admin, Tech, Billing} }

// PerRole holds a value for each of the four roles.
type PerRole[T any] struct {
	Owner   T `json:"owner,omitzero"`
	Admin   T `json:"admin,omitzero"`
	Tech    T `json:"tech,omitzero"`
	Billing T `json:"billing,omitzero"`
}

// All iterates over the roles in the order of Roles, with a pointer to the value
// of each.
func (p *PerRole[T]) All() iter.Seq2[Role, *T] {
	return func(yield func(Role, *T) bool) {
		_ = yield(Owner, &p.Owner) && yield(Admin, &p.Admin) && yield(Tech, &p.Tech) && yield(Billing, &p.Billing)
	}
}

// Of returns a pointer to the value of a role, or nil if the role is unknown.
func (p *PerRole[T]) Of(role Role) *T {
	for known, value := range p.All() {
		if known == role {
			return value
		}
	}
	return nil
}
