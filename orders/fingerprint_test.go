package orders

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// A repeat of an order is found by the digest of its document, also after an upgrade: the
// documents of the same orders never change, whatever order their slots have. The file
// was written by the release that introduced it.
func TestDocumentsNeverChange(t *testing.T) {
	const golden = "testdata/documents.sha256"
	var got strings.Builder
	for n, list := range documentLists() {
		in, err := Rules{}.ReadList(list)
		if err != nil || !in.Readable() {
			t.Fatalf("list %d: %v, %v", n, err, in.Err())
		}
		order := in.Order
		document := mustWriteJSON(t, order)
		fmt.Fprintf(&got, "%03d %x\n", n, sha256.Sum256([]byte(document)))
		again, err := ReadStored(strings.NewReader(document))
		if err != nil {
			t.Fatalf("document %d cannot be read: %v", n, err)
		}
		if mustWriteJSON(t, again) != document {
			t.Errorf("document %d changes when it is read and written", n)
		}
	}
	files, err := filepath.Glob("../sandbox/orders/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no example orders: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "%s %x\n", filepath.Base(file), sha256.Sum256([]byte(mustWriteJSON(t, mustReadJSON(t, string(text))))))
	}
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(got.String())) {
		t.Errorf("documents have changed: equal orders would no longer be recognised\n%s", got.String())
	}
}

// documentLists are orders with slots in every order, known and unknown ones.
func documentLists() [][]any {
	random := rand.New(rand.NewPCG(14, 7))
	some := func(texts ...string) []string {
		var chosen []string
		for _, n := range random.Perm(len(texts)) {
			if random.IntN(3) > 0 {
				chosen = append(chosen, texts[n])
			}
		}
		return chosen
	}
	mixed := func(texts []string) []string {
		shuffled := make([]string, len(texts))
		for to, from := range random.Perm(len(texts)) {
			shuffled[to] = texts[from]
		}
		return shuffled
	}
	var lists [][]any
	for range 200 {
		s := sections{vendor: random.IntN(9), items: []string{"20=36=0=-1", "3=7=1=0", "3=7=2=0", "20=36=3=-1"}}
		domain := func(label string) []string {
			params := append([]string{"OrderOperationType=10", "DomainID=" + label, "TransferKey="},
				some("OwnerContactID=900", "TechContactID=0", "AdminContactID=901", "BillingContactID=4", "R_NAME=Jane Example", "X=a=b", "Empty=")...)
			if random.IntN(2) == 0 {
				params = append(params, "PrimaryNSID=NS1.dns.example.", "SecondaryNSID=ns2.dns.example")
				params = append(params, some("ThirdNSID=ns3.dns.example")...)
			}
			return mixed(append(params, some(`aps_defaults_`+label+`={"plan":"a=b"}`, `aps_defaults_x`+label+`={ "blank" : "<kept>" }`)...))
		}
		s.groups = []group{{1, domain("shop")}, {2, domain("Bücher")}}
		if random.IntN(2) == 0 {
			s.groups = append(s.groups, group{0, some("DomainID=shop", "Gift=", "Size=1")})
		}
		random.Shuffle(len(s.groups), func(i, j int) { s.groups[i], s.groups[j] = s.groups[j], s.groups[i] })
		if random.IntN(3) == 0 {
			s.contact = append(mixed(existing), some("PromoCodeID=SPRING", "Vendor attribute=x=y", "FullyRegistred=0")...)
		} else {
			s.contact = mixed(append(newCustomer(), some("PromoCodeID=SPRING", "TaxRegID=", "PostAddressID=1 High Street\nSampleton", "Vendor attribute=x=y",
				"PhoneExtensionID=12", "FaxCountryID=49", "FaxNumberID=123457", "BannerID=b", "MiddleNameID=M", "Address2ID=")...))
		}
		s.payment = some("PayToolTypeID=0", "CardNumberID=4111111111111111", "IPAddressID=192.0.2.10")
		s.contacts = []group{
			{900, mixed(append([]string{"LoginID=jo"}, some("FirstNameID=Jo", "Other=1", "PasswordID=pw", "FullyRegistred=1", "AccountID=7", "EmailID=jo@example.com")...))},
			{901, mixed([]string{"LoginID=al", "CityID=Sampleton"})},
		}
		lists = append(lists, s.list())
	}
	for _, sample := range samples() {
		lists = append(lists, sample.order.list())
	}
	return append(lists, worked())
}
