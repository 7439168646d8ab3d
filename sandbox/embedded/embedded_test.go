package embedded_test

import (
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"go.temporal.io/sdk/client"

	"domainprovisioning/sandbox/embedded"
)

func TestServerTakesRequestsInMemoryAndOnFile(t *testing.T) {
	for name, path := range map[string]string{"memory": "", "file": filepath.Join(t.TempDir(), "temporal.db")} {
		t.Run(name, func(t *testing.T) {
			server, err := embedded.Start(t.Context(), embedded.Options{DatabasePath: path})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := server.Stop(); err != nil {
					t.Error(err)
				}
			})
			c, err := client.Dial(client.Options{HostPort: server.HostPort(), Namespace: embedded.Namespace})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if _, err := c.CheckHealth(t.Context(), &client.CheckHealthRequest{}); err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(server.UIURL(), "http://127.0.0.1:") {
				t.Errorf("the Web UI is at %q", server.UIURL())
			}
		})
	}
}

func TestTakenPortIsNamed(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	port := listener.Addr().(*net.TCPAddr).Port
	_, err = embedded.Start(t.Context(), embedded.Options{Port: port})
	if err == nil || !strings.Contains(err.Error(), strconv.Itoa(port)) {
		t.Errorf("the error %v does not name port %d", err, port)
	}
}
