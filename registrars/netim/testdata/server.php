<?php
// A registrar made of PHP's own SoapServer: one call from standard input, answered from a
// WSDL. It prints the function, the arguments as they arrived, the status and the reply.
//
//   php server.php WSDL (declared|untyped) (arrays|objects)
//
// declared: the WSDL says the types of answers. untyped: it does not, and PHP makes Maps of
// arrays, and SOAP-ENC:Structs of objects, with a reference to one that occurs twice.

[, $wsdl, $typing, $form] = $argv;

final class Registrar
{
    public string $function = '';
    public array $arguments = [];

    public function __construct(private bool $declared, private bool $objects) {}

    public function __call(string $function, array $arguments): mixed
    {
        $this->function = $function;
        $this->arguments = $arguments;
        return $this->shape($this->answer($function, array_slice($arguments, 1)));
    }

    private function answer(string $function, array $a): mixed
    {
        return match ($function) {
            'sessionOpen' => '0123456789abcdef0123456789abcdef',
            'sessionClose' => null,
            'contactCreate' => 'CT00077',
            'contactInfo' => $this->contact($a[0]),
            'queryContactList' => $this->twice(['idContact' => 'CT00001', 'firstName' => 'Zoë', 'lastName' => 'A', 'bodyName' => null]),
            'domainCheck' => [['domain' => $a[0], 'result' => 'AVAILABLE', 'reason' => null]],
            'domainInfo' => $this->domain($a[0]),
            'domainTldInfo' => ['tld' => $a[0], 'PeriodCreate' => '1-10', 'PeriodRenew' => '1-9', 'HasEppCode' => 1, 'HasZonecheck' => 0,
                'HasRegistrarLock' => 1, 'HasAutorenew' => 0, 'HasWhoisPrivacy' => 1, 'HasDnsSec' => 1] + self::emptyTLD(),
            'queryDomainPrice' => ['FeeCurrency' => 'EUR', 'Fee4Registration' => '7.50', 'Fee4Renewal' => '8.00', 'Fee4Transfer' => '7.00',
                'Fee4Trade' => '1.00', 'Fee4TransferTrade' => '7.00', 'Fee4Restore' => '50.00', 'Fee4TrusteeService' => '0.00',
                'Fee4LocalContactService' => '0.00', 'IsPremium' => 0],
            'queryResellerAccount' => self::account(),
            'queryHostList' => $this->twice(['name' => 'ns1.shop.example', 'ipv4' => ['192.0.2.1', '192.0.2.2'], 'ipv6' => ['2001:db8::1']]),
            'queryOpePending' => $this->twice(['id_ope' => '81', 'code_ope' => 'domainCreate', 'date_ope' => '2026-01-02 03:04:05', 'data_ope' => 'shop.example']),
            'queryOpe' => $a[0] === 2 ? throw new SoapFault('E02', 'E02 : Session expired') : $this->operation($a[0], 'Done', 'domainCreate'),
            'cancelOpe' => $a[0] === 77 ? null : throw new SoapFault('E13', 'E13 : idOpe : Invalid value'),
            'domainAuthID' => $this->operation(77, 'Pending', 'domainAuthid'),
            'domainSetDNSsec' => $this->operation(77, 'Pending', 'domainSetDNSSEC'),
            'domainSetDNSSecExt' => $this->operation(77, 'Pending', 'domainSetDNSSECExt'),
            'domainSetPreference' => $this->operation(77, 'Pending', "domainSetPreference.$a[1]"),
            default => $this->operation(77, 'Pending', $function),
        };
    }

    private function operation(int $id, string $status, string $code): array
    {
        return ['ID_OPE' => $id, 'STATUS' => $status, 'MESSAGE' => null, 'TYPE' => $code, 'DATE' => '2026-01-02 03:04:05'];
    }

    private function contact(string $id): array
    {
        return ['idContact' => $id, 'firstName' => 'Zoë Ann', 'lastName' => "O'Neill-Kent", 'bodyForm' => 'ORG', 'bodyName' => 'Books & Co',
            'address1' => '1 High Street', 'address2' => null, 'zipCode' => '2000', 'area' => 'NSW', 'city' => 'Sydney', 'country' => 'AU',
            'phone' => '+61 2 9999 8888', 'fax' => '', 'email' => 'zoe@books.example', 'language' => 'EN', 'isOwner' => $id === 'ADM1' ? 0 : 1,
            'companyNumber' => 'ACN 4711', 'additional' => ['R_ID' => '4711', 'R_TYPE' => 'ACN', 'BOUND' => ['shop.example' => '7']]];
    }

    private function domain(string $name): array
    {
        if ($name !== 'shop.example') {
            throw new SoapFault('E15-M1502', 'E15-M1502 : Domain is not under your management');
        }
        return ['domain' => $name, 'dateCreate' => '2026-01-02', 'dateExpiration' => '2028-01-02', 'dateMinRenew' => null, 'dateMaxRenew' => null,
            'dateMaxRestore' => null, 'status' => 'ACTIVE, DELEGATED', 'idOwner' => 'OWN1', 'idAdmin' => 'ADM1', 'idTech' => 'TEC1', 'idBilling' => 'BIL1',
            'domainIsLock' => 1, 'whoisPrivacy' => 0, 'autoRenew' => 0, 'ns' => ['ns1.host.example', 'ns2.host.example'], 'IsSigned' => 1,
            'HasDNS4Service' => 0, 'authID' => 'KEY', 'DNSSEC' => ['algo' => '13', 'keys' => ['pubKey' => 'b3BlbnNlc2FtZQ==']]];
    }

    private static function account(): array
    {
        $account = ['BALANCE_AMOUNT' => '100.00', 'BALANCE_LOW_LIMIT' => '0.00', 'BALANCE_HARD_LIMIT' => '0.00', 'DOMAIN_AUTO_RENEW' => '0',
            'HOSTING_AUTO_RENEW' => '0', 'DEFAULT_OWNER' => '', 'DEFAULT_BILLING' => '', 'DEFAULT_TECH' => '', 'DEFAULT_ADMIN' => '',
            'PREMIUM_PROCESSING' => '0', 'DEFAULT_DNS_TEMPLATE' => []];
        for ($i = 1; $i <= 5; $i++) {
            $account["DEFAULT_DNS_$i"] = '';
        }
        return $account;
    }

    private static function emptyTLD(): array
    {
        return ['Country' => '', 'Extensions' => '', 'DelaiRenewBeforeExpiration' => 0, 'DelaiRenewAfterExpiration' => 0, 'DelaiRestoreAfterDelete' => 0,
            'HasMultipleCheck' => 0, 'HasImmediateDelete' => 1, 'HasTrusteeService' => 0, 'HasLocalContactService' => 0, 'FeeCurrency' => 'EUR',
            'Fee4Registration' => '7.50', 'Fee4Renewal' => '8.00', 'Fee4Transfer' => '7.00', 'Fee4Trade' => '1.00', 'Informations' => null];
    }

    // A list that holds one thing twice; of one object PHP makes a reference.
    private function twice(array $item): array
    {
        $item = $this->shape($item);
        return [$item, $item];
    }

    private function shape(mixed $value, string $name = ''): mixed
    {
        if (!is_array($value)) {
            return $value;
        }
        // Of an object where a Map is declared PHP makes an empty Map.
        $map = in_array($name, ['additional', 'DNSSEC', 'DEFAULT_DNS_TEMPLATE'], true);
        if ($this->declared && $map) {
            return $value;
        }
        $shaped = [];
        foreach ($value as $key => $member) {
            $shaped[$key] = $this->shape($member, (string)$key);
        }
        return $this->objects && !array_is_list($shaped) ? (object)$shaped : $shaped;
    }
}

$registrar = new Registrar($typing === 'declared', $form === 'objects');
$server = new SoapServer($wsdl, ['cache_wsdl' => WSDL_CACHE_NONE]);
$server->setObject($registrar);
ob_start();
$server->handle(stream_get_contents(STDIN));
$body = ob_get_clean();
echo json_encode(['function' => $registrar->function, 'arguments' => $registrar->arguments, 'status' => http_response_code() ?: 200, 'body' => $body], JSON_THROW_ON_ERROR);
