package session

import (
	"context"
	"slices"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars/epp/internal/frames"
	"domainprovisioning/registrars/epp/internal/objects"
	"domainprovisioning/wire/exchange"
)

// greet connects and reads the greeting, which must offer what is needed, and a login with our
// password.
func (p *Pool) greet(ctx context.Context) (_ *session, offered frames.Menu, err error) {
	s, err := connect(ctx, p.config.Address, p.config.TLS, p.config.LargestFrame)
	if err != nil {
		return nil, offered, err
	}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	greeting, err := s.next(ctx)
	if err != nil {
		return nil, offered, &exchange.TransportError{Sent: false, Err: err}
	}
	if offered, err = frames.ReadGreeting(greeting); err != nil {
		if answer, unread := frames.Read(greeting); unread == nil && answer.Code().Refuses() {
			// Some registries refuse a connection in the place of the greeting, such as one too many.
			return nil, offered, &objects.LoginError{Answer: answer, Greeting: true}
		}
		return nil, offered, unsent(err)
	}
	s.menu = offered.Use(p.config.Without)
	for _, needed := range p.config.Needs {
		if !s.menu.Has(needed) {
			return nil, offered, &objects.UnofferedError{URI: needed}
		}
	}
	return s, offered, s.takes(p.config.Password)
}

// takes refuses a password that can only be sent where the registry offers RFC 8807.
func (s *session) takes(password domains.Secret) error {
	if !s.menu.Has(frames.LoginSecurity) && !fits(password) {
		return objects.ErrPassword
	}
	return nil
}

// Greeting connects and reads the greeting, as a session begins, and ends the connection. It
// counts for no limit of the pool. Its errors are those of Do.
func (p *Pool) Greeting(ctx context.Context) (objects.Greeting, error) {
	ctx, cancel := context.WithTimeout(ctx, p.config.Timeout)
	defer cancel()
	s, offered, err := p.greet(ctx)
	if err != nil {
		return objects.Greeting{}, err
	}
	s.close()
	return objects.Greeting{
		Server: offered.Server, Languages: offered.Languages, Used: slices.Concat(s.menu.Objects, s.menu.Extensions), Unused: offered.Except(s.menu),
	}, nil
}

// begin opens a session: TLS, the greeting, and login. A new password replaces the one of the
// account; its zero value replaces nothing. The caller has waited for the turn of the login.
func (p *Pool) begin(ctx context.Context, password domains.Secret) (_ *session, err error) {
	s, offered, err := p.greet(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if !password.IsZero() {
		if err := s.takes(password); err != nil {
			return nil, err
		}
	}
	id := p.id()
	answer, err := p.answered(ctx, s, frames.WriteLogin(frames.Login{
		ID: p.config.Login, Password: p.config.Password, NewPassword: password, Language: p.language(offered), Menu: s.menu, Agent: p.config.Agent,
	}, id), id)
	p.tell(answer.Events, password)
	switch {
	case err != nil && password.IsZero():
		return nil, unsent(err)
	case err != nil:
		return nil, err // nobody knows which password is valid
	case !answer.Code().Success():
		return nil, &objects.LoginError{Answer: answer}
	}
	s.old = p.ageFrom(p.config.Now())
	offers := s.menu.Offers()
	p.offers.Store(&offers)
	return s, nil
}

// tell takes the passwords that were sent out of what a login has said, and hands it on. The error of a
// refused login has the same events.
func (p *Pool) tell(events []objects.Event, password domains.Secret) {
	sent := exchange.Secrets{p.config.Password.Reveal(), password.Reveal()}
	for i := range events {
		event := &events[i]
		for _, text := range []*string{&event.Type, &event.Name, &event.Level, &event.Value, &event.Duration, &event.Text} {
			*text = sent.Scrub(*text)
		}
	}
	if p.config.Told != nil && len(events) > 0 {
		p.config.Told(events)
	}
}

const (
	shortestPassword = 6
	english          = "en"
)

func fits(password domains.Secret) bool {
	length := len([]rune(password.Reveal()))
	return length >= shortestPassword && length <= frames.LongestPassword
}

// language is ours if the registry has it, or else its first one: texts are for people, and
// another language is better than no session.
func (p *Pool) language(offered frames.Menu) string {
	isOurs := func(language string) bool { return strings.EqualFold(language, p.config.Language) }
	switch {
	case len(offered.Languages) == 0:
		return english
	case slices.ContainsFunc(offered.Languages, isOurs):
		return offered.Languages[slices.IndexFunc(offered.Languages, isOurs)]
	}
	return offered.Languages[0]
}
