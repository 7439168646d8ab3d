package objects

import (
	"strings"
	"testing"

	"domainprovisioning/registrars"
)

// TestEveryCodeHasItsClass examines each code of RFC 5730, and that one nobody knows is judged by
// its first digits and never taken for success.
func TestEveryCodeHasItsClass(t *testing.T) {
	const success = registrars.Class("")
	for _, c := range []struct {
		code    Code
		class   registrars.Class
		certain bool // that nothing was changed
		ends    bool // the session
	}{
		{1000, success, false, false}, {1001, success, false, false}, {1300, success, false, false}, {1301, success, false, false}, {1500, success, false, true},
		{2000, registrars.ClassRejected, true, false}, {2001, registrars.ClassInvalid, true, false}, {2002, registrars.ClassTemporary, true, false},
		{2003, registrars.ClassInvalid, true, false}, {2004, registrars.ClassInvalid, true, false}, {2005, registrars.ClassInvalid, true, false},
		{2100, registrars.ClassRejected, true, false}, {2101, registrars.ClassRejected, true, false}, {2102, registrars.ClassRejected, true, false},
		{2103, registrars.ClassRejected, true, false}, {2104, registrars.ClassBalance, true, false}, {2105, registrars.ClassRejected, true, false},
		{2106, registrars.ClassRejected, true, false}, {2200, registrars.ClassAuth, true, false}, {2201, registrars.ClassRejected, true, false},
		{2202, registrars.ClassInvalid, true, false}, {2300, registrars.ClassTemporary, true, false}, {2301, registrars.ClassRejected, true, false},
		{2302, registrars.ClassUnavailable, true, false}, {2303, registrars.ClassNotFound, true, false}, {2304, registrars.ClassRejected, true, false},
		{2305, registrars.ClassRejected, true, false}, {2306, registrars.ClassRejected, true, false}, {2307, registrars.ClassRejected, true, false},
		{2308, registrars.ClassRejected, true, false}, {2400, registrars.ClassTemporary, false, false}, {2500, registrars.ClassTemporary, false, true},
		{2501, registrars.ClassAuth, true, true}, {2502, registrars.ClassRateLimited, true, true},
	} {
		if !c.code.Known() {
			t.Errorf("%d is not known", c.code)
		}
		if got := c.code.Success(); got != (c.class == success) {
			t.Errorf("%d is a success: %t", c.code, got)
		}
		if c.class != success {
			if class, rule := c.code.Trouble(); class != c.class || rule == "" {
				t.Errorf("%d is %s, %q, want %s", c.code, class, rule, c.class)
			}
		}
		if c.code.Certain() != c.certain || c.code.Ends() != c.ends {
			t.Errorf("%d: certain %t, ends %t", c.code, c.code.Certain(), c.code.Ends())
		}
	}
	for code, want := range map[Code]registrars.Class{
		1002: registrars.ClassOutcomeUnknown, 1999: registrars.ClassOutcomeUnknown, 1501: registrars.ClassOutcomeUnknown, 3000: registrars.ClassOutcomeUnknown,
		2099: registrars.ClassInvalid, 2199: registrars.ClassRejected, 2299: registrars.ClassAuth, 2399: registrars.ClassRejected,
		2499: registrars.ClassTemporary, 2599: registrars.ClassTemporary, 2600: registrars.ClassOutcomeUnknown, 9999: registrars.ClassOutcomeUnknown,
	} {
		class, rule := code.Trouble()
		if code.Known() || code.Success() || class != want || !strings.Contains(rule, "unknown code") {
			t.Errorf("%d: known %t, success %t, %s, %q, want %s", code, code.Known(), code.Success(), class, rule, want)
		}
	}
	for _, code := range []Code{2599, 2500} {
		if code.Certain() || !code.Ends() {
			t.Errorf("%d: certain %t, ends %t", code, code.Certain(), code.Ends())
		}
	}
}
