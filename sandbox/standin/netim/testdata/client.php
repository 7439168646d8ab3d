<?php
// A reseller's program on PHP's own SoapClient and our WSDL. It calls every function, and
// stops at the first answer that is not the expected one.
//
//   php client.php WSDL LOGIN PASSWORD

[, $wsdl, $login, $password] = $argv;

set_error_handler(fn (int $level, string $text, string $file, int $line) => throw new ErrorException($text, 0, $level, $file, $line));

function same(mixed $want, mixed $got, string $what): void
{
    if ($want !== $got) {
        throw new Exception("$what: got " . json_encode($got) . ', want ' . json_encode($want));
    }
}

final class Reseller
{
    public int $calls = 0;
    public string $session = '';

    public function __construct(private SoapClient $client) {}

    public function open(string $function, mixed ...$arguments): void
    {
        $this->calls++;
        $this->session = $this->client->__soapCall($function, $arguments);
        same(1, preg_match('/^[0-9a-f]{32}$/', $this->session), $function);
    }

    public function __call(string $function, array $arguments): mixed
    {
        $this->calls++;
        return $this->client->__soapCall($function, [$this->session, ...$arguments]);
    }

    // Calls a function that makes an operation, and returns the number of that.
    public function order(string $status, string $code, string $function, mixed ...$arguments): int
    {
        $operation = $this->$function(...$arguments);
        same([$status, $code], [$operation->STATUS, $operation->TYPE], $function);
        same(true, is_int($operation->ID_OPE) && $operation->ID_OPE > 0, "number of $function");
        return $operation->ID_OPE;
    }

    public function refused(string $code, string $function, mixed ...$arguments): void
    {
        try {
            $this->$function(...$arguments);
        } catch (SoapFault $fault) {
            same($code, $fault->faultcode, "fault of $function");
            same(true, str_starts_with($fault->getMessage(), "$code : "), "text of $function");
            return;
        }
        throw new Exception("$function was not refused");
    }
}

$netim = new Reseller(new SoapClient($wsdl, ['cache_wsdl' => WSDL_CACHE_NONE, 'connection_timeout' => 5]));

// Sessions and the account.
$netim->open('sessionOpen', $login, $password, 'EN');
same('Hello', $netim->hello(), 'hello');
same(null, $netim->sessionSetPreference('lang', 'FR'), 'sessionSetPreference');
$info = $netim->sessionInfo();
same([$netim->session, 'FR', 1], [$info->IDSession, $info->lang, $info->sync], 'sessionInfo');
same('10000.00', $netim->queryResellerAccount()->BALANCE_AMOUNT, 'queryResellerAccount');
same(null, $netim->sessionClose(), 'sessionClose');
$netim->refused('E02', 'hello');
$netim->open('login', strtolower($login), $password, 'EN', 'client.php');

// Contacts, without the members that are optional, and with the telephone numbers that
// the vendor's examples have.
$person = [
    'firstName' => 'barack', 'lastName' => "o'hara", 'bodyForm' => 'IND', 'bodyName' => '', 'address1' => '1 Road', 'address2' => '', 'zipCode' => '20500',
    'area' => 'DC', 'city' => 'Washington', 'country' => 'US', 'phone' => '2024561111', 'fax' => '', 'email' => 'barack@holder.example',
    'language' => 'EN', 'isOwner' => 0,
];
$other = $netim->contactCreate($person);
$owner = $netim->contactCreate(['isOwner' => 1, 'phone' => '+1 2024561111', 'additional' => ['R_ID' => '7', 'BOUND' => ['shop.example' => '8']]] + $person);
$next = $netim->contactCreate((object)(['isOwner' => 1, 'email' => 'next@holder.example'] + $person));
$contact = $netim->contactInfo($owner);
same([$owner, "o'hara", '+1 2024561111', 1], [$contact->idContact, $contact->lastName, $contact->phone, $contact->isOwner], 'contactInfo');
same(['BOUND' => ['shop.example' => '8'], 'R_ID' => '7'], $contact->additional, 'additional');
$netim->order('Done', 'contactUpdate', 'contactUpdate', $other, ['city' => 'Boston'] + $person);
$netim->order('Done', 'contactOwnerUpdate', 'contactOwnerUpdate', $next, ['isOwner' => 1, 'city' => 'Salem'] + $person);
$netim->refused('E13', 'contactUpdate', $owner, $person);
same(['Boston', 'Salem'], [$netim->contactInfo($other)->city, $netim->contactInfo($next)->city], 'updated contacts');
same([$other, $owner, $next], array_column($netim->queryContactList('', ''), 'idContact'), 'queryContactList');
same([$owner], array_column($netim->queryContactList($owner, 'idContact'), 'idContact'), 'queryContactList by id');

// Extensions, names and prices.
same(['tld' => 'example', 'HasEppCode' => 1], array_intersect_key((array)$netim->domainTldInfo('EXAMPLE'), ['tld' => 1, 'HasEppCode' => 1]), 'domainTldInfo');
$open = (array)$netim->queryOpeList('EXAMPLE');
same([1, 1, 1], [$open['domainCreate'], $open['domainRestore'], $open['domainSetPreference.to_be_renewed']], 'queryOpeList');
same('AVAILABLE', $netim->domainCheck('shop.example')[0]->result, 'domainCheck');
same('NOT AVAILABLE', $netim->domainCheck('away.example')[0]->result, 'domainCheck');
same(['EUR', '10.00', 0], array_values(array_intersect_key((array)$netim->queryDomainPrice('shop.example'), ['FeeCurrency' => 1, 'Fee4Renewal' => 1, 'IsPremium' => 1])), 'queryDomainPrice');
same('10.00', $netim->queryDomainPrice('away.example', 'KEY-1')->Fee4Transfer, 'queryDomainPrice with a key');

// A registration, whose last argument is optional, and one that is cancelled.
$done = $netim->order('Done', 'domainCreate', 'domainCreate', 'shop.example', $owner, $other, $login, $login, 'ns1.host.example', 'ns2.host.example', '', '', '', 2);
same('Done', $netim->queryOpe($done)->STATUS, 'queryOpe');
$slow = $netim->order('Pending', 'domainCreate', 'domainCreate', 'slow.example', $owner, $other, $other, $other, 'ns1.host.example', 'ns2.host.example', '', '', '', 1, 3);
same([[(string)$slow, 'domainCreate', 'slow.example']], array_map(fn ($o) => [$o->id_ope, $o->code_ope, $o->data_ope], $netim->queryOpePending()), 'queryOpePending');
same(null, $netim->cancelOpe($slow), 'cancelOpe');
same([], $netim->queryOpePending(), 'queryOpePending, empty');
$netim->refused('E13', 'queryOpe', 1);

// A transfer is never done at once, but here with the next call.
$netim->refused('E13', 'domainTransferIn', 'away.example', 'WRONG', $owner, $other, $other, $other, 'ns1.host.example', 'ns2.host.example', '', '', '');
$moved = $netim->order('Pending', 'domainTransferIn', 'domainTransferIn', 'away.example', 'KEY-1', $owner, $other, $other, $other, 'ns1.host.example', 'ns2.host.example', '', '', '');
same('Done', $netim->queryOpe($moved)->STATUS, 'queryOpe of the transfer');
$netim->order('Done', 'domainAuthid', 'domainAuthID', 'away.example', 0);

// Changes.
$netim->order('Done', 'domainChangeDNS', 'domainChangeDNS', 'shop.example', 'ns3.host.example', 'ns4.host.example', 'ns5.host.example', '', '');
$netim->order('Done', 'domainChangeContact', 'domainChangeContact', 'shop.example', $login, $other, $other);
$netim->order('Pending', 'domainTransferOwner', 'domainTransferOwner', 'shop.example', $next);
$netim->order('Done', 'domainRenew', 'domainRenew', 'shop.example', 3);
$netim->order('Done', 'domainZoneInit', 'domainZoneInit', 'shop.example', 7);
foreach (['whois_privacy', 'registrar_lock', 'auto_renew', 'to_be_renewed'] as $preference) {
    $netim->order('Done', "domainSetPreference.$preference", 'domainSetPreference', 'shop.example', $preference, '1');
}
$netim->order('Done', 'domainSetPreference', 'domainSetPreference', 'shop.example', 'note', 'for Ada & Co');

// DNSSEC: by Netim, by a key, by one record, and by a list of them.
$record = ['key' => 60485, 'type' => 1, 'digest' => '2BB183AF5F22588179A53B0A98631FAD1A292118'];
$second = ['key' => 60486, 'type' => 1, 'digest' => '3BB183AF5F22588179A53B0A98631FAD1A292118'];
$netim->order('Done', 'domainSetDNSSEC', 'domainSetDNSsec', 'shop.example', 1);
$netim->order('Done', 'domainSetDNSSECExt', 'domainSetDNSSecExt', 'shop.example', [], 257, 3, 13, 'b3BlbnNlc2FtZQ==');
foreach ([[$record], [(object)$record], [[$record]], [[(object)$record]]] as [$records]) {
    $netim->order('Done', 'domainSetDNSSECExt', 'domainSetDNSSecExt', 'shop.example', $records, 257, 3, 5, '');
    same($record['digest'], $netim->domainInfo('shop.example')->DNSSEC['digest1'] ?? '', 'DNSSEC of one record');
}
$netim->order('Done', 'domainSetDNSSECExt', 'domainSetDNSSecExt', 'shop.example', [$record, $second], 257, 3, 5, '');

// Hosts, and what has become of it all.
$netim->order('Done', 'hostCreate', 'hostCreate', 'ns1.shop.example', ['192.0.2.1', '192.0.2.2'], []);
$host = $netim->queryHostList('')[0];
same(['ns1.shop.example', ['192.0.2.1', '192.0.2.2'], []], [$host->name, $host->ipv4, $host->ipv6], 'queryHostList');
same(['away.example', 'shop.example'], array_column($netim->queryDomainList(''), 'domain'), 'queryDomainList');
$domain = $netim->domainInfo('shop.example');
same([$next, $login, $other], [$domain->idOwner, $domain->idAdmin, $domain->idBilling], 'contacts of domainInfo');
same([['ns3.host.example', 'ns4.host.example', 'ns5.host.example'], 1, 1, 1, 1], [$domain->ns, $domain->domainIsLock, $domain->whoisPrivacy, $domain->autoRenew, $domain->IsSigned], 'domainInfo');
same([$record['digest'], $second['digest']], [$domain->DNSSEC['digest1'], $domain->DNSSEC['digest2']], 'DNSSEC of domainInfo');

// A deletion, and back.
$netim->order('Done', 'domainDelete', 'domainDelete', 'shop.example', 'NOW');
$netim->refused('E15-M1502', 'domainInfo', 'shop.example');
$netim->order('Done', 'domainRestore', 'domainRestore', 'shop.example');
same($domain->dateExpiration, $netim->domainInfo('shop.example')->dateExpiration, 'expiry of the restored domain');
$netim->sessionClose();

echo $netim->calls, "\n";
