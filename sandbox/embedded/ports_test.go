package embedded

import (
	"net"
	"net/netip"
	"slices"
	"testing"
)

func TestPortsThatAreTakenOrToldAreNotFound(t *testing.T) {
	next := serversStarted.Load()
	taken, told := block(next), block(next+1)
	address := netip.AddrPortFrom(netip.MustParseAddr(loopback), uint16(taken[3]))
	// If it fails, another process has the port, which is just as good.
	if listener, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(address)); err == nil {
		defer listener.Close()
	}
	ports, err := freePorts(t.Context(), told[4])
	if err != nil {
		t.Fatal(err)
	}
	if len(ports) != serverPorts || slices.Equal(ports, taken) || slices.Equal(ports, told) {
		t.Errorf("found %v where %d is taken and %d told", ports, taken[3], told[4])
	}
}

func TestEveryBlockComesUpOnce(t *testing.T) {
	seen := make(map[int]bool)
	for n := range int64(blocks) {
		for _, port := range block(n) {
			if seen[port] || port < firstPort || port >= lastPort {
				t.Fatalf("port %d of block %d", port, n)
			}
			seen[port] = true
		}
	}
}
