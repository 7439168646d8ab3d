package netim

import (
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"domainprovisioning/internal/phptest"
)

// phpCalls is how many calls testdata/client.php makes.
const phpCalls = 66

// TestPHPClient runs a reseller's program on PHP's SoapClient, which sends the parts under
// the names of the WSDL, whatever these are, and counts what it has left here.
func TestPHPClient(t *testing.T) {
	for name, own := range map[string]bool{"known names": false, "names of its own": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			php := phptest.Find(t)
			s := newSystem(t, Options{OwnPartNames: own, Domains: map[string]Behaviour{"slow.example": {Manual: true}}})
			s.AddElsewhere("away.example", "KEY-1")
			output, err := php.Run(t.Context(), strings.NewReader(""), filepath.Join("testdata", "client.php"), s.url+WSDLPath, "AB1234", "secret")
			if err != nil {
				t.Fatal(err)
			}
			if made, err := strconv.Atoi(strings.TrimSpace(string(output))); err != nil || made != phpCalls || s.Calls("") != phpCalls {
				t.Errorf("made %q calls, %d arrived, want %d", output, s.Calls(""), phpCalls)
			}
			for _, function := range slices.Sorted(maps.Keys(s.functions)) {
				if s.Calls(function) == 0 {
					t.Errorf("%s was not called", function)
				}
			}
			wantPHPEffects(t, s)
		})
	}
}

func wantPHPEffects(t *testing.T, s *system) {
	t.Helper()
	shop, away := s.Effects("shop.example"), s.Effects("away.example")
	want := Effects{
		Renewals: []int{3}, ZoneInits: []int{7}, OwnerChanges: 1, ContactChanges: 1, NameServerChanges: 1, Signatures: 7,
		Deletions: 1, Restorations: 1,
		Preferences: []string{"whois_privacy=1", "registrar_lock=1", "auto_renew=1", "to_be_renewed=1", "note=for Ada & Co"},
	}
	if !reflect.DeepEqual(shop, want) {
		t.Errorf("shop.example: %+v", shop)
	}
	if len(away.AuthCodes) != 1 || s.Count("domainTransferIn", "away.example") != 1 {
		t.Errorf("away.example: %+v", away)
	}
	got := map[string]int{}
	for _, operation := range s.Operations() {
		got[operation.Status]++
	}
	if operations := map[string]int{Done: 25, Cancelled: 1}; !reflect.DeepEqual(got, operations) {
		t.Errorf("operations %v, want %v", got, operations)
	}
	registrations, contacts := s.Registrations(), s.Contacts()
	if len(registrations) != 2 || registrations[1].Created.AddDate(5, 0, 0) != registrations[1].Expires || len(s.Hosts()) != 1 {
		t.Errorf("%+v, %+v", registrations, s.Hosts())
	}
	// Two years, a transfer, three more years and a restoration, at 10.00 each.
	if left := s.Balance(); left != 10_000_00-70_00 {
		t.Errorf("balance %d", left)
	}
	if len(contacts) != 3 || contacts[1].Additional["BOUND/shop.example"] != "8" || contacts[2].Fields["city"] != "Salem" || len(s.Sessions()) != 0 {
		t.Errorf("%+v, %d sessions", contacts, len(s.Sessions()))
	}
}
