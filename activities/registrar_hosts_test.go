package activities_test

import (
	"context"
	"net/netip"
	"strings"
	"testing"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
)

// keeper is a registrar of which a test scripts what it says about one host.
type keeper struct {
	scripted

	finds   []registrars.HeldHost // in turn; the last one stays
	creates []error               // in turn; none: done
	made    int
	status  registrars.Status
}

func (k *keeper) FindHost(context.Context, string) (registrars.HeldHost, error) {
	found := k.finds[0]
	k.finds = k.finds[min(1, len(k.finds)-1):]
	return found, nil
}

func (k *keeper) CreateHost(context.Context, domains.Host) (registrars.Status, error) {
	k.made++
	if len(k.creates) == 0 {
		return k.status, nil
	}
	err := k.creates[0]
	k.creates = k.creates[1:]
	return "", err
}

// What a try does, depending on what the registrar has and says.
func TestAHostIsMadeOnceAndNeverChanged(t *testing.T) {
	address := netip.MustParseAddr("192.0.2.1")
	host := domains.Host{Name: "ns1.shop.example", Addresses: []netip.Addr{address}}
	nothing := registrars.HeldHost{State: registrars.FoundNothing}
	there := registrars.HeldHost{State: registrars.FoundObject, Addresses: host.Addresses}
	other := registrars.HeldHost{State: registrars.FoundObject, Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.9")}}
	coming := registrars.HeldHost{State: registrars.FoundOperation}
	for name, c := range map[string]struct {
		finds   []registrars.HeldHost
		creates []error
		status  registrars.Status
		made    int
		class   registrars.Class // of the error; "" for none
		retried bool
	}{
		"there":                                     {[]registrars.HeldHost{there}, nil, "", 0, "", false},
		"there with other addresses":                {[]registrars.HeldHost{other}, nil, "", 0, registrars.ClassConflict, false},
		"being made":                                {[]registrars.HeldHost{coming}, nil, "", 0, registrars.ClassTemporary, true},
		"nobody can tell":                           {[]registrars.HeldHost{{State: registrars.Unclear}}, nil, "", 0, registrars.ClassTemporary, true},
		"made":                                      {[]registrars.HeldHost{nothing}, nil, registrars.StatusDone, 1, "", false},
		"made later":                                {[]registrars.HeldHost{nothing}, nil, registrars.StatusPending, 1, registrars.ClassTemporary, true},
		"the answer is lost, the next try looks":    {[]registrars.HeldHost{nothing}, []error{ofClass(registrars.ClassOutcomeUnknown)}, "", 1, registrars.ClassOutcomeUnknown, true},
		"not reached":                               {[]registrars.HeldHost{nothing}, []error{ofClass(registrars.ClassTemporary)}, "", 1, registrars.ClassTemporary, true},
		"refused because it is there":               {[]registrars.HeldHost{nothing, there}, []error{ofClass(registrars.ClassConflict)}, "", 1, "", false},
		"refused, and it is there otherwise":        {[]registrars.HeldHost{nothing, other}, []error{ofClass(registrars.ClassRejected)}, "", 1, registrars.ClassConflict, false},
		"refused because another account has it":    {[]registrars.HeldHost{nothing, nothing}, []error{ofClass(registrars.ClassConflict)}, "", 1, registrars.ClassConflict, false},
		"refused for its addresses, and not there":  {[]registrars.HeldHost{nothing}, []error{ofClass(registrars.ClassInvalid)}, "", 1, registrars.ClassInvalid, false},
		"refused because an earlier try is pending": {[]registrars.HeldHost{nothing, coming}, []error{ofClass(registrars.ClassRejected)}, "", 1, registrars.ClassTemporary, true},
	} {
		t.Run(name, func(t *testing.T) {
			w, in := placed(t, outside.Options{}, outside.NewCustomer)
			k := &keeper{finds: c.finds, creates: c.creates, status: c.status}
			_, err := w.RegistrarActivities(k, nil).RegisterHosts(t.Context(), activities.RegisterHostsInput{
				Registrar: outside.Account, Domain: in.Domain, Hosts: domains.Hosts{host},
			})
			if k.made != c.made {
				t.Errorf("made %d times, want %d", k.made, c.made)
			}
			if c.class == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantClass(t, err, c.class)
			if application, _ := failure(t, err); application.NonRetryable() == c.retried {
				t.Errorf("tried again: %t", !application.NonRetryable())
			}
			if strings.Contains(err.Error(), "Jane") {
				t.Error("the error quotes the registrar's text")
			}
		})
	}
}

// A plug-in that registers no hosts is a person's matter, also if a configuration has changed
// since the order came.
func TestHostsNeedARegistrarThatKeepsThem(t *testing.T) {
	w, in := placed(t, outside.Options{}, outside.NewCustomer)
	_, err := w.RegistrarActivities(&scripted{}, nil).RegisterHosts(t.Context(), activities.RegisterHostsInput{
		Registrar: outside.Account, Domain: in.Domain, Hosts: domains.Hosts{{Name: "ns1.shop.example"}},
	})
	wantClass(t, err, registrars.ClassInvalid)
}
