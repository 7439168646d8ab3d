package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// freeText are the flags whose values nobody can list: what a person makes up or knows from
// elsewhere.
var freeText = []string{
	"actor", "reason", "id", "text", "domain", "event", "claim", "reference", "gateway", "client", "as", "accept-price", "name-servers", "cursor", "head", "url", "address", "order", "label", "max-price", "key",
}

// inForm are the flags whose values have a form that their help shows by an example.
var inForm = []string{"since", "until", "expires", "expiring-before"}

// TestEveryFlagWithAListOfValuesIsCompleted walks the tree of commands: a flag that takes a text
// completes it, or is among those that cannot. So a new flag cannot be forgotten.
func TestEveryFlagWithAListOfValuesIsCompleted(t *testing.T) {
	s := &starter{}
	root := s.command()
	root.InitDefaultCompletionCmd()
	used := map[string]bool{}
	visit(root, func(command *cobra.Command) {
		check := func(flag *pflag.Flag) {
			if kind := flag.Value.Type(); kind != "string" && kind != "stringSlice" {
				return
			}
			_, completed := command.GetFlagCompletionFunc(flag.Name)
			file := strings.HasSuffix(flag.Name, "-file") || flag.Name == "config" // the shell completes files
			// "reason" of a list is that of the orders.
			free := slices.Contains(freeText, flag.Name) || slices.Contains(inForm, flag.Name)
			used[flag.Name] = true
			if !completed && !file && !free {
				t.Errorf("%s --%s (%s) is not completed", command.CommandPath(), flag.Name, flag.Usage)
			}
		}
		command.LocalFlags().VisitAll(check)
	})
	for _, name := range slices.Concat(freeText, inForm) {
		if !used[name] {
			t.Errorf("no command has a flag --%s", name)
		}
	}
}

// TestEveryArgumentIsCompleted: a command that takes arguments completes them, or takes files,
// which the shell completes, or what nobody can list.
func TestEveryArgumentIsCompleted(t *testing.T) {
	files := []string{"order", "amend", "batch"}
	free := []string{"ready", "keys create", "hooks add", "quote"}
	visit(new(starter).command(), func(command *cobra.Command) {
		_, arguments, takes := strings.Cut(command.Use, " ")
		name := strings.TrimPrefix(command.CommandPath(), "starter ")
		if !takes || arguments == "" || slices.Contains(files, name) || slices.Contains(free, name) {
			return
		}
		if command.ValidArgsFunction == nil {
			t.Errorf("%s: %s is not completed", name, arguments)
		}
	})
}

func visit(command *cobra.Command, do func(*cobra.Command)) {
	do(command)
	for _, sub := range command.Commands() {
		if sub.Name() != "completion" && sub.Name() != "help" {
			visit(sub, do)
		}
	}
}

// What the shell is offered is what the commands take.
func TestTheShellIsOfferedWhatCommandsTake(t *testing.T) {
	configured(t)
	if got := start(t, "", "migrate"); got.err != nil {
		t.Fatal(got.err)
	}
	for line, want := range map[string]string{
		"list --state ":                         "open\nstopped\nrunning\n",
		"retry --for ":                          "balance",
		"list --reason ":                        "balance",
		"inbox --state ":                        "received\ndelivered\nlate\nunmatched\naccount\n",
		"inbox --registrar ":                    "netim-main\n",
		"operations --registrar ":               "netim-main\n",
		"operations --state ":                   "loose\n",
		"operations check --registrar ":         "netim-main\n",
		"confirm --by-hand ":                    "done\nrefused\n",
		"callback sign --status ":               "done\nfailed\n",
		"keys create shop --scope ":             "place\nread\n",
		"keys create shop --scope place,":       "place,read\nplace,operate\n",
		"hooks add https://x.example/ --event ": "*\norder.*\norder.accepted\n",
		"hooks deliveries --state ":             "waiting\ndelivered\n",
		"hooks remove ":                         ":4",
		"batch --mode ":                         "all\ngood\n",
		"batch list --state ":                   "running\npaused\n",
		"batch results --form ":                 "csv\njsonl\n",
		"batch show ":                           ":4",
		"domains --state ":                      "new\nactive\n",
		"domains --reason ":                     "not-renewed\n",
		"domains --format ":                     "table\ncsv\njson\n",
		"domains import --account ":             "netim-main\n",
		"domain renewal shop.example ":          "us\nnone\n",
		"domain left ":                          ":4",
		"keys revoke ":                          ":4",
		"desk ":                                 ":4",
		"registrar-password ":                   "netim-main\n",
	} {
		fields := strings.Split(line, " ")
		got := start(t, "", append([]string{"__complete"}, fields...)...)
		if got.err != nil || !strings.Contains(got.out, want) {
			t.Errorf("%s: %q, %v", line, got.out, got.err)
		}
	}
	start(t, "", "keys", "create", "shop", "--scope", "read")
	if got := start(t, "", "__complete", "keys", "revoke", ""); !strings.HasPrefix(got.out, "shop") {
		t.Errorf("keys: %q", got.out)
	}
}
