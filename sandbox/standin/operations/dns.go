package operations

import (
	"net"
	"strings"

	"golang.org/x/net/dns/dnsmessage"

	"domainprovisioning/sandbox/standin/dns"
)

// ServeDNS answers SOA queries about the zones on a UDP socket, until the socket is
// closed. It returns nil then. A zone that is not live, or not there, is refused, as
// name servers that only serve their own zones do.
func (s *Server) ServeDNS(socket net.PacketConn) error { return dns.Serve(socket, s.soa) }

func (s *Server) soa(question dnsmessage.Question) (dnsmessage.Message, bool) {
	name := strings.ToLower(strings.TrimSuffix(question.Name.String(), "."))
	if !s.ZoneServed(name) {
		return dnsmessage.Message{Header: dnsmessage.Header{RCode: dnsmessage.RCodeRefused}}, true
	}
	reply := dnsmessage.Message{Header: dnsmessage.Header{Authoritative: true}}
	primary, err := dnsmessage.NewName(s.options.NameServers[0] + ".")
	if err == nil && question.Type == dnsmessage.TypeSOA {
		reply.Answers = []dnsmessage.Resource{dns.SOA(question.Name, primary)}
	}
	return reply, true
}
