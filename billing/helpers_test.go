package billing_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"domainprovisioning/billing"
	"domainprovisioning/domains"
)

// Fixtures are broken into lines to be readable; on the wire there are none
// between elements.
var lineBreaks = regexp.MustCompile(`>\s*\n\s*<`)

func fixture(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func oneLine(s string) string { return lineBreaks.ReplaceAllString(s, "><") }

// serve answers every call with a reply fixture and keeps the last request.
func serve(t *testing.T, reply string, config billing.Config) (client *billing.Client, request *string) {
	t.Helper()
	answer := fixture(t, reply+".reply")
	request = new(string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*request = string(body)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	config.URL = server.URL + "/RPC2"
	client, err := billing.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client, request
}

var shop = domains.MustParseName("shop.example")

func subscription() billing.DomainSubscription {
	start := time.Unix(1767225600, 0)
	s := billing.DomainSubscription{
		SubscriptionID: 700101, ParentID: 700102,
		Status: billing.StatusActive, ServStatus: billing.ServStatusRunning,
		StartDate: start, ExpirationDate: billing.ExpirationDate(start, 1),
		AccountID: 500100, PlanID: 3, SubscriptionPeriod: 1,
		SubscriptionFee: 1250, RenewalFee: 1250, RefundPeriod: 5,
		BillingPeriodType: billing.BillingPeriodYears, BillingPeriod: 1,
		LastBillDate: start, NextBillDate: billing.ExpirationDate(start, 1),
		RegistrarID: 7, FullDomainName: shop, Login: "reglogin", Password: domains.NewSecret("regsecret"),
		OwnerUsersID: 900, AdminUsersID: 900, BillingUsersID: 900, TechUsersID: 901,
	}
	s.SetNameServers(domains.NameServers{"ns1.dns.example", "ns2.dns.example"})
	return s
}
