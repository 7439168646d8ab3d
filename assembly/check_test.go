package assembly

import (
	"net"
	"strconv"
	"testing"
)

// TestAnAddressOfAnotherProtocolIsTried: the port that it does not have is the plug-in's.
func TestAnAddressOfAnotherProtocolIsTried(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	port := listener.Addr().(*net.TCPAddr).Port
	for _, c := range []struct {
		address string
		port    int
		reached bool
	}{
		{"epp://127.0.0.1", port, true}, {"epp://127.0.0.1:" + strconv.Itoa(port), 700, true}, {"epp://127.0.0.1", 0, false},
	} {
		if err := open(t.Context(), c.address, c.port, "", ""); (err == nil) != c.reached || err != nil && ExitCodeOf(err) != ExitUnreachable {
			t.Errorf("%s, else port %d: %v", c.address, c.port, err)
		}
	}
}
