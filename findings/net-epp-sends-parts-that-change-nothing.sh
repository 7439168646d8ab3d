#!/usr/bin/env bash
# Net::EPP by libnet-epp-perl 0.22-2 of Debian 12, with libxml-libxml-perl.
#
# Guess: a frame that updates a contact has the parts that were filled, because contact-1.0 demands at
# least a status in an "add" or "rem", as RFC 5733, section 4, has it; only "chg" may be empty.
# Behaviour: the constructor makes all three parts, and those that nothing was put into stay, so the
# frame breaks the schema and a strict server refuses it, whatever is changed. Updates of domains and
# hosts have the empty parts too, where the schemas allow them. Whoever uses it takes the empty parts
# out before sending.
# Seen: "contact: add empty, chg filled, rem empty", "domain: add filled, chg empty, rem empty".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq libnet-epp-perl=0.22-2 >/dev/null 2>&1
dpkg-deb -x libnet-epp-perl_0.22-2_all.deb .
perl -MXML::LibXML -e 1 2>/dev/null || { echo "install libxml-libxml-perl first"; exit 1; }
cat > main.pl <<'PL'
use strict;
use warnings;
use XML::LibXML;
use Net::EPP::Frame::Command::Update::Contact;
use Net::EPP::Frame::Command::Update::Domain;

my $contact = Net::EPP::Frame::Command::Update::Contact->new;
$contact->setContact('C-1001');
$contact->chgAuthInfo('a-long-code-1001');

my $domain = Net::EPP::Frame::Command::Update::Domain->new;
$domain->setDomain('shop.example');
$domain->addStatus('clientHold');

for (['contact', $contact], ['domain', $domain]) {
    my ($name, $frame) = @$_;
    my $sent = XML::LibXML->load_xml(string => $frame->toString);
    my @parts = map {
        my ($part) = $sent->getElementsByLocalName($_);
        $_ . ' ' . (!$part ? 'absent' : $part->hasChildNodes ? 'filled' : 'empty');
    } qw(add chg rem);
    print "$name: ", join(', ', @parts), "\n";
}
PL
seen=$(perl -I"$folder/usr/share/perl5" main.pl)
echo "$seen"
for line in "contact: add empty, chg filled, rem empty" "domain: add filled, chg empty, rem empty"; do
  grep -qxF "$line" <<<"$seen" || { echo "it behaves otherwise now: no \"$line\""; exit 1; }
done
