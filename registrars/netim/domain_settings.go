package netim

import (
	"fmt"

	"domainprovisioning/registrars"
)

// checkSettings checks the one setting that the kind changes.
func checkSettings(request registrars.Request) error {
	if broken := request.Unset(); broken != nil {
		return broken.In(pluginName, "check")
	}
	if request.Kind != registrars.DNSSECChange {
		return nil
	}
	if broken := request.UnsoundDNSSEC(); broken != nil {
		return broken.In(pluginName, "check")
	}
	records := request.Settings.DNSSEC.DS
	for i, ds := range records {
		// domainSetDNSSecExt carries one algorithm for all records.
		if ds.Algorithm != records[0].Algorithm {
			return errs.Invalid("check", fmt.Sprintf("settings.dnssec.ds[%d].algorithm", i), "the same for all records at this registrar")
		}
	}
	return nil
}
