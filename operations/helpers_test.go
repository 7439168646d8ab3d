package operations_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/operations"
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
func serve(t *testing.T, reply string) (client *operations.Client, request *string) {
	t.Helper()
	answer := fixture(t, reply+".reply")
	request = new(string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*request = string(body)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	client, err := operations.New(operations.Config{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client, request
}

var shop = domains.MustParseName("shop.example")

func fullContact() domains.Contact {
	return domains.Contact{
		Title: "Dr.", FirstName: "Jana", MiddleName: "M.", LastName: "Nováková", Organisation: "Shop & Co",
		Address1: "Long Street 1", Address2: "Floor 2", PostalCode: "11000", City: "Praha", State: "Praha", Country: "CZ",
		Phone: domains.Phone{CountryCode: "420", Number: "123456789"},
		Fax:   domains.Phone{CountryCode: "420", AreaCode: "2", Number: "555", Extension: "7"},
		Email: "jana@shop.example",
	}
}

func plainContact() domains.Contact {
	contact := fullContact()
	contact.Title, contact.MiddleName, contact.Organisation, contact.Address2 = "", "", "", ""
	contact.Fax = domains.Phone{}
	return contact
}
