package names4ever

import (
	"context"
	"errors"
	"net"

	"golang.org/x/net/dns/dnsmessage"
)

// largestQuery is that of a query over UDP (RFC 1035).
const largestQuery = 512

// ServeDNS answers NS queries about the stand-in's names on a UDP socket, until the
// socket is closed. It returns nil then.
func (s *Server) ServeDNS(socket net.PacketConn) error {
	buffer := make([]byte, largestQuery)
	for {
		n, from, err := socket.ReadFrom(buffer)
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		if answer, ok := s.answer(buffer[:n]); ok {
			// A lost answer is asked for again, as in the real DNS.
			_, _ = socket.WriteTo(answer, from)
		}
	}
}

// answer makes the reply to a query; what is no query gets none.
func (s *Server) answer(query []byte) ([]byte, bool) {
	var message dnsmessage.Message
	if err := message.Unpack(query); err != nil || len(message.Questions) != 1 {
		return nil, false
	}
	question := message.Questions[0]
	reply := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: message.ID, Response: true, Authoritative: true, RecursionAvailable: true},
		Questions: message.Questions,
	}
	records, err := s.Resolver().LookupNS(context.Background(), question.Name.String())
	dnsError, failed := errors.AsType[*net.DNSError](err)
	switch {
	case failed && dnsError.IsNotFound:
		reply.RCode = dnsmessage.RCodeNameError
	case err != nil:
		reply.RCode = dnsmessage.RCodeServerFailure
	}
	for _, record := range records {
		host, err := dnsmessage.NewName(record.Host)
		if err != nil || question.Type != dnsmessage.TypeNS {
			continue
		}
		reply.Answers = append(reply.Answers, dnsmessage.Resource{
			Header: dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET, TTL: 1},
			Body:   &dnsmessage.NSResource{NS: host},
		})
	}
	packed, err := reply.Pack()
	return packed, err == nil
}
