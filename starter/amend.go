package main

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/spf13/cobra"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
)

// amendment is where an amendment comes from.
type amendment struct {
	keyFile     string
	nameServers []string
}

func (a amendment) byFlags() bool { return a.keyFile != "" || len(a.nameServers) > 0 }

func (s *starter) amendCommand() *cobra.Command {
	g := given{action: messages.ActionAmend}
	var from amendment
	amend := &cobra.Command{
		Use:   "amend [ORDER...] FILE",
		Short: "Replace what orders said and have still to use, and try again",
		Long: long(`Replace what orders said and have still to use, and try the step again. FILE is a JSON
document with the fields that change, such as {"contacts": {"owner": {"city": "Bonn"}}}; - is
standard input. docs/orders.md lists the fields. A new transfer key or other name servers are
flags instead of a FILE; a key is read from a file, because others see what is typed here.
--dry-run says what would be changed, or why the amendment would be refused.`, `amend --name-servers ns1.dns.example,ns2.dns.example --for invalid --reason "moved"`),
		RunE: func(c *cobra.Command, arguments []string) error {
			file := from.keyFile
			if !from.byFlags() {
				if len(arguments) == 0 {
					return usage("name the order and the FILE with the fields that change, or use --transfer-key-file or --name-servers")
				}
				file, arguments = arguments[len(arguments)-1], arguments[:len(arguments)-1]
			}
			g.piped = file == "-"
			if err := s.check(c, &g, arguments); err != nil {
				return err
			}
			if from.keyFile != "" && len(arguments) != 1 {
				return usage("--transfer-key-file holds the key of one domain, and goes with one order")
			}
			document, err := s.readAmendment(from, file)
			if err != nil {
				return err
			}
			g.body = json.RawMessage(document)
			if g.dryRun {
				g.preview, g.printPlan = checkAmendment(document), s.printChanges
			}
			return s.give(c.Context(), &g, arguments, func(ctx context.Context, orders orderDesk, unit desk.Unit, id string) (taken, error) {
				amended, err := orders.Amend(ctx, unit, id, document, g.actor, g.reason)
				return taken{Step: amended.Step, Next: amended.Next, Revision: amended.Revision, Changes: amended.Changes, Notes: amended.Notes}, err
			})
		},
	}
	s.givenFlags(amend, &g, stepFilter)
	amend.ValidArgsFunction = nil // the last argument is a file
	flags := amend.Flags()
	flags.StringVar(&from.keyFile, "transfer-key-file", "", "a file that holds the new transfer key and nothing else; - is standard input")
	flags.StringSliceVar(&from.nameServers, "name-servers", nil, "other name servers, all of them, separated by commas")
	return amend
}

// readAmendment reads the document, or makes it from the flags.
func (s *starter) readAmendment(from amendment, file string) ([]byte, error) {
	fields := map[string]any{}
	if len(from.nameServers) > 0 {
		fields["nameServers"] = from.nameServers
	}
	if file != "" {
		content, err := s.readOrder(file)
		if err != nil {
			return nil, err
		}
		if from.keyFile == "" {
			if !json.Valid(content) {
				return nil, usage("%s is not JSON", file)
			}
			return content, nil
		}
		key := strings.TrimSpace(string(content))
		if key == "" {
			return nil, usage("--transfer-key-file: %s is empty", file)
		}
		fields["transferKey"] = key
	}
	return json.Marshal(fields)
}

// checkAmendment says of each unit what an amendment would change.
func checkAmendment(document []byte) func(context.Context, orderDesk, []desk.Unit) ([]taken, bool, error) {
	return func(ctx context.Context, orders orderDesk, units []desk.Unit) ([]taken, bool, error) {
		return plansFor(units, messages.ActionAmend, func(unit desk.Unit, plan *taken) {
			var checked desk.Amended
			checked, plan.err = orders.CheckAmendment(ctx, unit, document)
			plan.Changes, plan.Notes = checked.Changes, checked.Notes
		}), false, ctx.Err()
	}
}

func (s *starter) printChanges(plan taken) error {
	s.printf("%s would change %s\n", titleOf(plan), strings.Join(words(plan.Changes), ", "))
	for _, note := range plan.Notes {
		s.printf("  %s\n", oneLine(note))
	}
	return nil
}
