package assembly

import "testing"

func TestTheOriginOfTheWebUIIsThatOfBrowsers(t *testing.T) {
	for address, want := range map[string]string{
		"":                                      "",
		"/ui":                                   "",
		"https://ui.example/namespaces/default": "https://ui.example",
		"https://ui.example:443/namespaces/x":   "https://ui.example",
		"HTTPS://UI.Example:443":                "https://ui.example",
		"https://ui.example:":                   "https://ui.example",
		"https://ui.example:80/":                "https://ui.example:80",
		"https://ui.example:8443/":              "https://ui.example:8443",
		"http://ui.example:80/":                 "http://ui.example",
		"http://ui.example:443/":                "http://ui.example:443",
		"http://127.0.0.1:8233/namespaces/x":    "http://127.0.0.1:8233",
		"https://[2001:db8::443]/":              "https://[2001:db8::443]",
		"https://[2001:db8::443]:443/":          "https://[2001:db8::443]",
		"http://[::1]:8080/":                    "http://[::1]:8080",
	} {
		if got := originOf(address); got != want {
			t.Errorf("%q: got %q, want %q", address, got, want)
		}
	}
}
