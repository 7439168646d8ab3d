package registrars_test

import (
	"crypto/tls"
	"testing"
	"time"

	"domainprovisioning/internal/selfsigned"
	"domainprovisioning/registrars"
)

// TestAChainEndsWithItsFirstCertificate, wherever that stands, and whatever of it cannot be read.
func TestAChainEndsWithItsFirstCertificate(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Second)
	life := func(days int) selfsigned.Life {
		return selfsigned.Life{From: now, Until: now.AddDate(0, 0, days)}
	}
	for name, c := range map[string]struct {
		own     int
		further []int
		want    int
	}{
		"alone": {90, nil, 90}, "its own": {90, []int{365, 3650}, 90}, "a further one": {90, []int{365, 30, 3650}, 30},
	} {
		var further []selfsigned.Life
		for _, days := range c.further {
			further = append(further, life(days))
		}
		chain, err := tls.LoadX509KeyPair(selfsigned.Write(t, t.TempDir(), 1, life(c.own), further...))
		if err != nil {
			t.Fatal(err)
		}
		chain.Certificate = append(chain.Certificate, []byte("no certificate"))
		if first := registrars.FirstToEnd(chain); first == nil || !first.NotAfter.Equal(life(c.want).Until) {
			t.Errorf("%s: %+v", name, first)
		}
	}
	if first := registrars.FirstToEnd(tls.Certificate{Certificate: [][]byte{nil}}); first != nil {
		t.Errorf("%+v", first)
	}
}
