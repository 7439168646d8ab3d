package embedded

import (
	"context"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
)

// A server takes ports by number and some time later, so no other process must get them
// in between. The ports are below those that operating systems assign, in blocks of one
// server each, and each process begins with a different block.
const (
	serverPorts = 9
	blockSize   = 10
	firstPort   = 10_000
	lastPort    = 32_000
	blocks      = (lastPort - firstPort) / blockSize
	// stride is the distance between the blocks of one process; the blocks in between are
	// for the processes that were started with it. It has no divisor in common with
	// blocks, so that every block is reached.
	stride = 251
)

var serversStarted atomic.Int64

// FreePorts finds ports for a server that is restarted at the same address. The operating
// system does not assign them to anybody else.
func FreePorts(ctx context.Context) ([]int, error) { return freePorts(ctx) }

// freePorts finds the ports of one server, excluding the ones in told.
func freePorts(ctx context.Context, told ...int) ([]int, error) {
	var taken error
	for range blocks {
		ports := block(serversStarted.Add(1) - 1)
		taken = nil
		for _, port := range ports {
			if slices.Contains(told, port) {
				taken = fmt.Errorf("%d is to be used otherwise", port)
			} else if err := checkFree(ctx, port); err != nil {
				taken = err
			}
		}
		if taken == nil {
			return ports, nil
		}
	}
	return nil, fmt.Errorf("embedded: no free ports from %d to %d: %w", firstPort, lastPort, taken)
}

// block returns the ports of the n-th server that this process starts.
func block(n int64) []int {
	ports := make([]int, serverPorts)
	for i := range ports {
		ports[i] = firstPort + int((int64(os.Getpid())+stride*n)%blocks)*blockSize + i
	}
	return ports
}

// checkFree returns an error if nothing can listen on the port.
func checkFree(ctx context.Context, port int) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(loopback, strconv.Itoa(port)))
	if err != nil {
		return fmt.Errorf("%d is taken or not allowed; choose another: %w", port, err)
	}
	return listener.Close()
}
