# A registrar's program on Net::EPP 0.22, which nobody here wrote. It prints a line for every
# command: what it was and the code of the result, which is read from the frame, because the
# methods of Net::EPP::Simple return 1 for 1001 as for 1000.
use strict;
use warnings;
use Net::EPP::Simple;
use Net::EPP::Frame;

my ($port, $ca, $user, $pass) = @ARGV;
my $last;

package Registrar;
our @ISA = ('Net::EPP::Simple');

# request keeps the last answer.
sub request {
	my ($self, $frame) = @_;
	return $last = $self->SUPER::request($frame);
}

package main;

sub said {
	my ($what, @more) = @_;
	my ($result) = $last->getElementsByLocalName('result');
	print join(' ', $what, defined $result ? $result->getAttribute('code') : 'greeting', @more), "\n";
}

my $epp = Registrar->new(
	host => 'localhost', port => $port, user => $user, pass => $pass, verify => 1, ca_file => $ca, load_config => 0, reconnect => 0,
) or die "login: $Net::EPP::Simple::Error\n";
said('login');
die "no greeting\n" unless $epp->ping;
said('hello');

said('check', $epp->check_domain('shop.registry'));
$epp->create_contact({
	id => 'ADA-1', voice => '+44.2079460000', fax => '', email => 'ada@contact.example', authInfo => 'contact-code',
	postalInfo => { int => { name => 'Ada Lovelace', org => 'Engines', addr => {
		street => ['1 Main Street'], city => 'London', sp => '', pc => 'W1A 1AA', cc => 'GB',
	} } },
});
said('contact.create');
$epp->create_host({ name => 'ns1.elsewhere.example', addrs => [] });
said('host.create');
$epp->create_host({ name => 'ns2.elsewhere.example', addrs => [] });
said('host.create');
my %domain = (
	period => 2, registrant => 'ADA-1', contacts => { admin => 'ADA-1', tech => 'ADA-1', billing => 'ADA-1' },
	ns => [qw/ns1.elsewhere.example ns2.elsewhere.example/], authInfo => 'domain-code',
);
$epp->create_domain({ name => 'shop.registry', %domain });
said('create');
$epp->create_domain({ name => 'slow.later', %domain });
said('create pending');
my $info = $epp->domain_info('shop.registry');
said('info', $info->{registrant}, join(',', sort @{$info->{status}}), scalar @{$info->{ns}}, substr($info->{exDate}, 0, 10));
$epp->renew_domain({ name => 'shop.registry', cur_exp_date => substr($info->{exDate}, 0, 10), period => 1 });
said('renew');
$epp->renew_domain({ name => 'shop.registry', cur_exp_date => substr($info->{exDate}, 0, 10), period => 1 });
said('renew again');
my $moved = $epp->domain_transfer_request('away.registry', 'their-code', 1);
said('transfer', $moved->{trStatus});
$moved = $epp->domain_transfer_query('away.registry');
said('transfer query', $moved->{trStatus});

# The pending creation is done by now: its message waits.
my $poll = Net::EPP::Frame::Command::Poll::Req->new;
$epp->request($poll);
my ($queue) = $last->getElementsByLocalName('msgQ');
my ($pan) = $last->getElementsByTagNameNS('urn:ietf:params:xml:ns:domain-1.0', 'name');
said('poll', $queue->getAttribute('count'), $pan->textContent, $pan->getAttribute('paResult'));
my $ack = Net::EPP::Frame::Command::Poll::Ack->new;
$ack->setMsgID($queue->getAttribute('id'));
$epp->request($ack);
said('ack');
$epp->request(Net::EPP::Frame::Command::Poll::Req->new);
said('poll');

$epp->update_domain({
	name => 'shop.registry', add => { status => ['clientTransferProhibited'] }, rem => { ns => ['ns2.elsewhere.example'] },
	chg => { authInfo => 'another-code' },
});
said('update');
# It sends all parts of an update, those empty that change nothing. Only the schema of contacts forbids that.
$epp->update_domain({ name => 'shop.registry', add => { status => { clientHold => 'unpaid' } } });
said('update one part');
$epp->update_host({ name => 'ns1.elsewhere.example', add => { status => ['clientDeleteProhibited'] } });
said('host.update');
$epp->update_contact({ id => 'ADA-1', chg => { email => 'countess@contact.example' } });
said('contact.update');
$epp->delete_domain('shop.registry');
said('delete');
print "logout\n" if $epp->logout;
