package frames

import "domainprovisioning/domains"

// Login is the command that begins a session.
type Login struct {
	ID                    string
	Password, NewPassword domains.Secret
	Language              string
	Menu                  Menu
	// Agent names the program for a registry with RFC 8807.
	Agent string
}

// byExtension stands in the place of a password that the extension carries (RFC 8807, section
// 2.2).
const byExtension = "[LOGIN-SECURITY]"

// LongestPassword is the longest password that login carries without RFC 8807.
const LongestPassword = 16

// WriteHello writes the frame that asks for the greeting again.
func WriteHello() []byte { return []byte(head + `<hello/>` + tail) }

// WriteLogin writes a login.
func WriteLogin(login Login, id string) []byte {
	return write(id, func(w *writer) (extension func()) {
		security := login.Menu.Has(LoginSecurity)
		plain := func(name string, password domains.Secret) {
			if password.IsZero() {
				return
			}
			text := password.Reveal()
			if security {
				text = byExtension
			}
			w.leaf(name, text)
		}
		w.open("login")
		w.leaf("clID", login.ID)
		plain("pw", login.Password)
		plain("newPW", login.NewPassword)
		w.open("options")
		w.leaf("version", "1.0")
		w.leaf("lang", login.Language)
		w.close("options")
		w.open("svcs")
		for _, uri := range login.Menu.Objects {
			w.leaf("objURI", uri)
		}
		if len(login.Menu.Extensions) > 0 {
			w.open("svcExtension")
			for _, uri := range login.Menu.Extensions {
				w.leaf("extURI", uri)
			}
			w.close("svcExtension")
		}
		w.close("svcs")
		w.close("login")
		if !security {
			return nil
		}
		return func() {
			w.open("loginSec:loginSec", "xmlns:loginSec", LoginSecurity)
			w.open("loginSec:userAgent")
			w.leaf("loginSec:app", login.Agent)
			w.close("loginSec:userAgent")
			w.leaf("loginSec:pw", login.Password.Reveal())
			w.given("loginSec:newPW", login.NewPassword.Reveal())
			w.close("loginSec:loginSec")
		}
	})
}

// WriteLogout writes the command that ends a session.
func WriteLogout(id string) []byte {
	return write(id, func(w *writer) func() {
		w.empty("logout")
		return nil
	})
}
