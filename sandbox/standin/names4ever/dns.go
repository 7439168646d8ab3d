package names4ever

import (
	"context"
	"errors"
	"net"

	"golang.org/x/net/dns/dnsmessage"

	"domainprovisioning/sandbox/standin/dns"
)

// ServeDNS answers NS queries about the stand-in's names on a UDP socket, until the
// socket is closed. Then it returns nil.
func (s *Server) ServeDNS(socket net.PacketConn) error { return dns.Serve(socket, s.delegation) }

func (s *Server) delegation(question dnsmessage.Question) (dnsmessage.Message, bool) {
	reply := dnsmessage.Message{Header: dnsmessage.Header{Authoritative: true, RecursionAvailable: true}}
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
	return reply, true
}
