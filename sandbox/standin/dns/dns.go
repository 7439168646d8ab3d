// Package dns serves the DNS of stand-ins over UDP (RFC 1035).
package dns

import (
	"errors"
	"net"

	"golang.org/x/net/dns/dnsmessage"
)

// largestQuery is the size limit of a query over UDP, in bytes.
const largestQuery = 512

// Answer returns the reply to a question: flags, code and records. Serve fills in
// identity and question. If it returns false, nothing is sent, as if there were no
// server.
type Answer func(question dnsmessage.Question) (dnsmessage.Message, bool)

// Serve answers queries on a socket until it is closed, and then returns nil.
// Anything that is not a query gets no reply.
func Serve(socket net.PacketConn, answer Answer) error {
	buffer := make([]byte, largestQuery)
	for {
		n, from, err := socket.ReadFrom(buffer)
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		if reply, ok := respond(buffer[:n], answer); ok {
			// If the answer is lost, the client asks again, as in the real DNS.
			_, _ = socket.WriteTo(reply, from)
		}
	}
}

func respond(query []byte, answer Answer) ([]byte, bool) {
	var message dnsmessage.Message
	if err := message.Unpack(query); err != nil || message.Response || len(message.Questions) != 1 {
		return nil, false
	}
	reply, ok := answer(message.Questions[0])
	if !ok {
		return nil, false
	}
	reply.ID, reply.Response, reply.RecursionDesired = message.ID, true, message.RecursionDesired
	reply.Questions = message.Questions
	packed, err := reply.Pack()
	return packed, err == nil
}

// SOA is the start of a zone, with the numbers that RFC 1912 advises.
func SOA(zone, primary dnsmessage.Name) dnsmessage.Resource {
	return dnsmessage.Resource{
		Header: dnsmessage.ResourceHeader{Name: zone, Class: dnsmessage.ClassINET, TTL: 1},
		Body: &dnsmessage.SOAResource{
			NS: primary, MBox: primary, Serial: 1, Refresh: 1200, Retry: 180, Expire: 1209600, MinTTL: 3600,
		},
	}
}
