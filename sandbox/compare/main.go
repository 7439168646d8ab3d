// Command compare measures another revision of this program beside the present one, and prints
// both in one table. It builds the benchmarks of both, and runs them in turns, each in a
// process of its own. It needs Go and git, and no network.
//
//	make compare REV=v0.1.0
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

// settings are the values of the command line.
type settings struct {
	revision       string
	rounds, orders int
}

func parse(args []string, errOut io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.Usage = func() {
		_, _ = fmt.Fprintln(errOut, "usage: compare [-rounds N] [-orders N] REVISION")
		flags.PrintDefaults()
	}
	flags.IntVar(&s.rounds, "rounds", 3, "how often each build has its turn; the spread needs two")
	flags.IntVar(&s.orders, "orders", 150, "how many orders each measurement takes")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if s.revision = flags.Arg(0); flags.NArg() != 1 || s.revision == "" {
		return s, errors.New("name one revision to compare with")
	}
	if s.rounds < 1 || s.orders < 1 {
		return s, errors.New("-rounds and -orders must be at least 1")
	}
	return s, nil
}

func run(ctx context.Context, args []string, out, errOut io.Writer) (err error) {
	s, err := parse(args, errOut)
	if err != nil {
		return err
	}
	began := time.Now()
	top, err := git(ctx, ".", "rev-parse", "--show-toplevel")
	if err != nil {
		return err
	}
	before, err := git(ctx, top, "rev-parse", "--verify", "--end-of-options", s.revision+"^{commit}")
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "compare-")
	if err != nil {
		return fmt.Errorf("no folder for the builds: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	_, _ = fmt.Fprintln(errOut, "building both")
	rev, now := build{name: before}, build{tree: top, program: filepath.Join(folder, "now.test")}
	if now.name, err = present(ctx, top); err != nil {
		return err
	}
	if rev.tree, err = checkout(ctx, top, before, folder); err != nil {
		return err
	}
	rev.program = filepath.Join(folder, "rev.test")
	for _, b := range []build{rev, now} {
		if err := b.compile(ctx); err != nil {
			return err
		}
	}
	measured, err := measure(ctx, rev, now, s, errOut)
	if err != nil {
		return err
	}
	return report(out, s, rev, now, measured, began)
}

// present is the commit of the present tree, and whether it was changed since.
func present(ctx context.Context, top string) (string, error) {
	commit, err := git(ctx, top, "rev-parse", "HEAD")
	if err != nil {
		return "", err
	}
	changes, err := git(ctx, top, "status", "--porcelain")
	if err != nil {
		return "", err
	}
	if changes != "" {
		commit += " with changes"
	}
	return commit, nil
}

// checkout makes a tree of a commit below a folder. The repository itself is not changed, so
// nothing of it needs to be taken back.
func checkout(ctx context.Context, top, commit, folder string) (tree string, err error) {
	tree = filepath.Join(folder, "rev")
	if _, err := git(ctx, top, "clone", "--quiet", "--shared", "--no-checkout", top, tree); err != nil {
		return "", err
	}
	_, err = git(ctx, tree, "checkout", "--quiet", "--detach", commit)
	return tree, err
}

// gitTimeout bounds a call of git, which works on local files only.
const gitTimeout = 2 * time.Minute

func git(ctx context.Context, folder string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, gitTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, "git", args...) //nolint:gosec // git, with our own words and a revision after --end-of-options
	command.Dir = folder
	said := &strings.Builder{}
	command.Stderr = said
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(said.String()))
	}
	return strings.TrimSpace(string(output)), nil
}
