// Package pythontest runs Python for the tests that let its XML-RPC, which nobody here wrote,
// speak with ours: as a client, and as a server. Only tests import it.
package pythontest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "embed"
)

// timeout is that of one run of a script.
const timeout = time.Minute

// Find returns the path of Python, or skips the test if there is none. With TEST_PYTHON_REQUIRED
// in the environment that is a failure.
func Find(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("TEST_PYTHON_REQUIRED") != "" {
			t.Fatal("python3 is required here")
		}
		t.Skip("skipped without python3")
	}
	return path
}

// Run runs a script and returns what it printed, also on its standard error. An exit status other
// than 0 is an error.
func Run(t testing.TB, script string, arguments ...string) (output string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	printed, err := exec.CommandContext(ctx, Find(t), append([]string{script}, arguments...)...).CombinedOutput() //nolint:gosec // a script of a test
	return string(printed), err
}

//go:embed relay.py
var relay []byte

// Relay serves XML-RPC by Python's own server and hands every call on to the URL by Python's own
// client: what arrives there has been read and written by Python twice. With an empty URL it
// answers each call with the arguments. It ends with the test.
func Relay(t testing.TB, to string) (url string) {
	t.Helper()
	script := filepath.Join(t.TempDir(), "relay.py")
	if err := os.WriteFile(script, relay, 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), Find(t), script, to) //nolint:gosec // the script beside this file
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var trouble strings.Builder
	command.Stderr = &trouble
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		if t.Failed() && trouble.Len() > 0 {
			t.Log(trouble.String())
		}
	})
	// Python takes a free port and prints it.
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(fmt.Errorf("pythontest: the relay does not start: %w", err))
	}
	return "http://127.0.0.1:" + strings.TrimSpace(line) + "/RPC2"
}
