package assembly

import (
	"strings"
	"testing"
	"time"

	"domainprovisioning/config"
)

func TestAnOpenListenerWithoutTLSIsWarnedOf(t *testing.T) {
	for address, warned := range map[string]bool{
		"127.0.0.1:8088": false, "localhost:8088": false, "[::1]:8088": false, ":8088": true, "0.0.0.0:8088": true, "10.0.0.1:8088": true, "gateway.internal:8088": true,
	} {
		for _, cert := range []string{"", "cert.pem"} {
			warnings := Warnings(config.Config{Gateway: config.Gateway{Address: address, TLSCertFile: cert}}, time.Now())
			if (len(warnings) == 1 && strings.Contains(warnings[0], "INSECURE: gateway.address "+address)) != (warned && cert == "") {
				t.Errorf("%s %s: %q", address, cert, warnings)
			}
		}
	}
}
