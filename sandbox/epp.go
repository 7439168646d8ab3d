package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"domainprovisioning/sandbox/standin/epp"
)

// eppStandIn is the registry that speaks EPP. One of its zones answers at once, the other later;
// a restore is done only with its report.
func eppStandIn(options worldOptions, calendar func() time.Time) (*epp.Server, error) {
	certificates, err := epp.NewCertificates(time.Now())
	if err != nil {
		return nil, fmt.Errorf("sandbox: certificates: %w", err)
	}
	return epp.New(epp.Options{
		Calendar: calendar, Certificates: certificates, Frame: options.eppFrame,
		Login: eppLogin, Password: registrarPass, ClientCertificate: true,
		Behaviour: epp.Behaviour{PendingFor: options.pendingFor, Manual: options.manual},
		Zones:     map[string]epp.Zone{eppLater: {Async: true, RestoreReport: true}, eppAtOnce: {RestoreReport: true}},
	}), nil
}

// serveEPP serves it, and writes what its client needs into a folder.
func (w *world) serveEPP(ctx context.Context) (err error) {
	if w.folder, err = os.MkdirTemp("", "domainprovisioning-certificates-"); err != nil {
		return fmt.Errorf("sandbox: no folder for certificates: %w", err)
	}
	if w.EPPAuthority, w.EPPCertificate, w.EPPKey, err = w.epp.Certificates().WriteTo(w.folder); err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("sandbox: no port for a stand-in: %w", err)
	}
	w.EPP = "epp://" + listener.Addr().String()
	go func() { _ = w.epp.Serve(listener) }() //nolint:contextcheck // it serves until it is closed
	return nil
}

// seedEPP creates what the example orders need there.
func (w *world) seedEPP(created time.Time) {
	for _, name := range []string{
		"renewed." + eppLater, "sold." + eppLater, "managed." + eppLater, "adopted." + eppLater, redeemed + "." + eppLater,
		"delegated." + eppAtOnce, "secured." + eppAtOnce,
	} {
		expires := created.AddDate(1, 0, 0)
		if strings.HasPrefix(name, redeemed) {
			expires = created.AddDate(0, 10, 0) // it has expired
		}
		w.epp.AddDomain(epp.Domain{
			Name: name, Registrant: "old-contact", Created: created, Expires: expires,
			Contacts:    map[string]string{"admin": "old-contact", "tech": "old-contact", "billing": "old-contact"},
			NameServers: []string{"ns1.dns.example", "ns2.dns.example"},
		})
	}
	w.epp.AddElsewhere(eppTransfer, eppTransferKey, false)
	w.epp.SetPhase(redeemed+"."+eppLater, epp.Redemption)
}
