package operations

import (
	"net"
	"strings"

	"golang.org/x/net/dns/dnsmessage"

	"domainprovisioning/sandbox/standin/dns"
)

// ServeDNS answers SOA queries about the zones on a UDP socket, until the socket is
// closed. Then it returns nil. It refuses queries for a zone that is not live or
// does not exist, like name servers that serve only their own zones.
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
