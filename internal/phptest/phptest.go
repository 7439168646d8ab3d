// Package phptest finds PHP for the tests that let its SOAP extension, which nobody here
// wrote, speak with ours. Only tests import it.
package phptest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"
)

// timeout is that of one run of a script. A run takes some 50 ms.
const timeout = time.Minute

// PHP runs scripts.
type PHP struct{ path string }

// Find returns a PHP with the extension soap, or skips the test if there is none. With
// TEST_PHP_REQUIRED in the environment that is a failure.
func Find(t testing.TB) PHP {
	t.Helper()
	path, err := exec.LookPath("php")
	if err == nil {
		err = exec.CommandContext(t.Context(), path, "-r", `exit(extension_loaded("soap") ? 0 : 1);`).Run() //nolint:gosec // the PHP of this machine
	}
	if err != nil {
		if os.Getenv("TEST_PHP_REQUIRED") != "" {
			t.Fatalf("php with its extension soap is required here: %v", err)
		}
		t.Skip("skipped without php and its extension soap (Debian: php-cli, php-soap)")
	}
	return PHP{path}
}

// Run runs a script with an input and returns what it printed. Its warnings are an error,
// as is an exit status other than 0.
func (p PHP) Run(ctx context.Context, input io.Reader, script string, arguments ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	// Warnings of PHP must not get into the output.
	command := exec.CommandContext(ctx, p.path, append([]string{"-d", "display_errors=stderr", "-d", "log_errors=0", script}, arguments...)...) //nolint:gosec // a script of a test
	var output, trouble bytes.Buffer
	command.Stdin, command.Stdout, command.Stderr = input, &output, &trouble
	if err := command.Run(); err != nil {
		return output.Bytes(), fmt.Errorf("phptest: %s: %w\n%s%s", script, err, output.Bytes(), trouble.Bytes())
	}
	if trouble.Len() > 0 {
		return output.Bytes(), fmt.Errorf("phptest: %s: %s", script, trouble.Bytes())
	}
	return output.Bytes(), nil
}
