package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/internal/outside"
	"domainprovisioning/store"
)

func TestWhoDidWhatIsListed(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.prints(outside.NewCustomer, "order -")
		h.parked()
		h.prints("", "audit shop.example", "no acts\n")
		h.prints("", "retry shop.example --actor jane --reason paid-in")
		h.temporal.Refuse("the order needs nobody: it is at step 7")
		h.fails("", "retry shop.example --reason again", "the order needs nobody")
		actor, via := currentUser(), "starter"
		if h.over != "" {
			actor, via = "api/shop", "api"
		}
		for _, command := range []string{"audit shop.example", "audit DP00000001 --since 1h", "status shop.example"} {
			h.prints("", command, "OUTCOME", " "+actor+" ", " "+via+" ", "accepted  jane: paid-in", "refused", "the order needs nobody: it is at step 7")
		}
		h.prints("", "audit shop.example --limit 1", "accepted", "more with --after 1\n")
		if out := h.prints("", "audit shop.example --after 1"); strings.Contains(out, "accepted") || !strings.Contains(out, "refused") {
			t.Errorf("after the first: %s", out)
		}
		h.prints("", "audit shop.example --since 2990-01-01", "no acts\n")
		var page desk.ActPage
		if err := json.Unmarshal([]byte(h.prints("", "audit shop.example --json")), &page); err != nil || len(page.Acts) != 2 ||
			page.Acts[0].Outcome != store.ActAccepted || page.Acts[1].Previous != page.Acts[0].Hash {
			t.Errorf("%+v, %v", page, err)
		}
		h.fails("", "audit DP00000009", "there is no order DP00000009")
		h.fails("", "audit shop.example --since yesterday", `--since is "yesterday" and must be an age`)
	})
}

func TestTheRecordIsVerified(t *testing.T) {
	s := opened(t) // Temporal is away
	whole := regexp.MustCompile(`^(\d+) acts are whole; the head is (\d+:[0-9a-f]{64})\n$`)
	head := func(args ...string) string {
		t.Helper()
		got := start(t, "", append([]string{"audit", "verify"}, args...)...)
		parts := whole.FindStringSubmatch(got.out)
		if got.err != nil || parts == nil {
			t.Fatalf("%v, %s", got.err, got.out)
		}
		return parts[2]
	}
	if first := head(); !strings.HasPrefix(first, "0:") {
		t.Errorf("the head of nothing is %s", first)
	}
	for _, reason := range []string{"one", "two"} {
		if _, err := s.RecordAct(t.Context(), store.Act{Actor: "anna", Via: "api", Command: "retry", OrderNumber: "SO-1", Reason: reason + "\nline", Outcome: store.ActAccepted}); err != nil {
			t.Fatal(err)
		}
	}
	kept := head()
	if again := head("--head", kept); again != kept || !strings.HasPrefix(kept, "2:") {
		t.Errorf("first %s, then %s", kept, again)
	}
	if got := start(t, "", "audit", "--since", time.Now().UTC().Format(time.DateOnly)); got.err != nil || !strings.Contains(got.out, "one line") || !strings.Contains(got.out, "SO-1") {
		t.Errorf("%v, %s", got.err, got.out)
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{"--head must be NUMBER:HASH", []string{"--head", "2"}},
		{"not whole at act 2: its hash is not that of the head", []string{"--head", "2:" + strings.Repeat("0", 64)}},
		{"not whole at act 3: it is missing", []string{"--head", "7:" + strings.Repeat("0", 64), "--json"}},
	} {
		if got := start(t, "", append([]string{"audit", "verify"}, c.args...)...); got.err == nil || !strings.Contains(got.err.Error(), c.want) {
			t.Errorf("%v: %v", c.args, got.err)
		}
	}
}
