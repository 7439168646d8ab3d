package store

import (
	"context"
	"net"
	"strings"
	"syscall"
	"time"
)

// vanishedAfter is when a host that no longer answers is given up. A deadline does not: at it the
// driver asks the server to cancel the statement, and goes on reading.
const vanishedAfter = 30 * time.Second

// dialer connects to PostgreSQL.
type dialer struct{ of net.Dialer }

func newDialer() dialer {
	return dialer{net.Dialer{
		// While an answer is awaited, of a server that has the question.
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: vanishedAfter / 2, Interval: vanishedAfter / 6, Count: 3},
		// While a question cannot be handed over.
		Control: func(network, _ string, raw syscall.RawConn) error {
			if !strings.HasPrefix(network, "tcp") {
				return nil
			}
			return limitUnacknowledged(raw, vanishedAfter)
		},
	}}
}

// Dial and DialTimeout are what pq.Dialer asks for.
func (d dialer) Dial(network, address string) (net.Conn, error) {
	return d.of.DialContext(context.Background(), network, address)
}

func (d dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.of.DialContext(ctx, network, address)
}

// DialContext is what pq.DialerContext asks for.
func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return d.of.DialContext(ctx, network, address)
}
