package netim

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

// checkSettings checks the one setting that the kind changes.
func checkSettings(request registrars.Request) error {
	if broken := request.Unset(); broken != nil {
		return broken.In(pluginName, "check")
	}
	if request.Kind == registrars.DNSSECChange {
		return checkDNSSEC(*request.Settings.DNSSEC)
	}
	return nil
}

// checkDNSSEC keeps the ranges of RFC 4034 and what domainSetDNSSecExt can carry:
// one key, and one algorithm for all DS records.
func checkDNSSEC(d domains.DNSSEC) error {
	broken := func(field, rule string) error { return invalid("check", "settings.dnssec"+field, rule) }
	switch {
	case d.Key != nil && len(d.DS) > 0:
		return broken("", "takes key or ds, not both")
	case !d.Sign && (d.Key != nil || len(d.DS) > 0):
		return broken(".sign", "must be true with key or ds")
	}
	if key := d.Key; key != nil {
		switch raw, err := base64.StdEncoding.DecodeString(key.PublicKey); {
		case key.Flags < 0 || key.Flags > 65535:
			return broken(".key.flags", "0 to 65535")
		case key.Protocol < 0 || key.Protocol > 255:
			return broken(".key.protocol", "0 to 255")
		case key.Algorithm < 0 || key.Algorithm > 255:
			return broken(".key.algorithm", "0 to 255")
		case err != nil || len(raw) == 0:
			return broken(".key.publicKey", "base64")
		}
	}
	for i, ds := range d.DS {
		at := fmt.Sprintf(".ds[%d].", i)
		switch raw, err := hex.DecodeString(ds.Digest); {
		case ds.KeyTag < 0 || ds.KeyTag > 65535:
			return broken(at+"keyTag", "0 to 65535")
		case ds.Algorithm < 0 || ds.Algorithm > 255:
			return broken(at+"algorithm", "0 to 255")
		case ds.Algorithm != d.DS[0].Algorithm:
			return broken(at+"algorithm", "the same for all records at this registrar")
		case ds.DigestType < 0 || ds.DigestType > 255:
			return broken(at+"digestType", "0 to 255")
		case err != nil || len(raw) == 0:
			return broken(at+"digest", "hexadecimal")
		}
	}
	return nil
}
