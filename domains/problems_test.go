package domains_test

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/domains"
)

func TestProblemsOfAContactAllAtOnce(t *testing.T) {
	if problems := person().Problems(); problems != nil {
		t.Fatalf("a good contact has %v", problems)
	}
	nobody := domains.Contact{Country: "US", Fax: domains.Phone{CountryCode: "1"}}
	want := []domains.Problem{
		{"firstName", "is missing"}, {"lastName", "is missing"}, {"address1", "is missing"}, {"postalCode", "is missing"},
		{"city", "is missing"}, {"state", "is missing"}, {"phone.countryCode", "is missing"}, {"phone.number", "is missing"},
		{"email", "is missing"},
	}
	if got := nobody.Problems(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := (domains.Contact{}).Problems(); !slices.Contains(got, domains.Problem{Field: "country", Problem: "is missing"}) {
		t.Errorf("got %v", got)
	}
	for name, c := range map[string]struct {
		change func(*domains.Contact)
		fields string
	}{
		"no postal code where there is none": {func(c *domains.Contact) { c.Country, c.PostalCode, c.State = "QA", "", "" }, ""},
		"no state where there is none":       {func(c *domains.Contact) { c.Country, c.State = "DE", "" }, ""},
		"a fax":                              {func(c *domains.Contact) { c.Fax = domains.Phone{CountryCode: "1", AreaCode: "212", Number: "5550199"} }, ""},
		"the wrong country":                  {func(c *domains.Contact) { c.Country = "UK" }, "country"},
		"the wrong state":                    {func(c *domains.Contact) { c.State = "Bavaria" }, "state"},
		"six at once": {func(c *domains.Contact) {
			c.FirstName, c.City, c.Country, c.Email = " ", "", "Germany", "nobody"
			c.Phone.Number, c.Fax = "1-800-FLOWERS", domains.Phone{CountryCode: "DE", Number: "1"}
		}, "firstName city country phone.number fax.countryCode email"},
	} {
		contact := person()
		c.change(&contact)
		fields := []string{}
		for _, problem := range contact.Problems() {
			fields = append(fields, problem.Field)
			for _, value := range []string{"Jane", "Sampleton", "nobody", "FLOWERS", "Bavaria"} {
				if strings.Contains(problem.Problem, value) {
					t.Errorf("%s quotes %s: %s", problem.Field, value, problem.Problem)
				}
			}
		}
		if got := strings.Join(fields, " "); got != c.fields {
			t.Errorf("%s: got %q, want %q", name, got, c.fields)
		}
	}
}

// The digest by which a contact is found again at a registrar is made of this.
func TestTheJSONOfAContactStays(t *testing.T) {
	contact := person()
	contact.Phone = domains.Phone{CountryCode: "+49", AreaCode: "(089)", Number: "12 34"}
	got, err := json.Marshal(contact.Normalised())
	const want = `{"firstName":"Jane","lastName":"Example","address1":"1 Main St","postalCode":"10001","city":"Sampleton","state":"NY",` +
		`"country":"US","phone":{"countryCode":"49","areaCode":"089","number":"1234"},"email":"jane@shop.example"}`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestEmailProblem(t *testing.T) {
	const form = "must be an e-mail address such as name@example.com"
	const alone = "must be the address alone, without a name, a comment, brackets or quotes"
	for address, want := range map[string]string{
		"jane@shop.example":                       "",
		" jane@shop.example ":                     "",
		"jane.o'hara+x@sub.shop.example":          "",
		"j_d@xn--bcher-kva.example":               "",
		"":                                        "is missing",
		"jane":                                    form,
		"@shop.example":                           form,
		"jane@":                                   form,
		"jane@@shop.example":                      form,
		"jane doe@shop.example":                   form,
		"jane..doe@shop.example":                  form,
		"a@b.example, c@d.example":                form,
		"jane@shop.example\nBcc: x@y.example":     form,
		"Jane <jane@shop.example>":                alone,
		"<jane@shop.example>":                     alone,
		"jane@shop.example (Jane)":                alone,
		`"jane doe"@shop.example`:                 alone,
		"jane@localhost":                          "has a domain that is not valid",
		"jane@192.0.2.1":                          "has a domain that is not valid",
		"jane@[192.0.2.1]":                        "has a domain that is not valid",
		"jane@shop_.example":                      "has a domain that is not valid",
		"jane@-shop.example":                      "has a domain that is not valid",
		"jane@bücher.example":                     `must have its domain in coded form ("xn--")`,
		"jäne@shop.example":                       "must have only ASCII characters before the @",
		strings.Repeat("a", 65) + "@shop.example": "has more than 64 characters before the @",
		strings.Repeat("a", 64) + "@" + strings.Repeat("b.", 92) + "example": "is longer than 254 characters",
	} {
		if got := domains.EmailProblem(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}

func FuzzEmail(f *testing.F) {
	for _, seed := range []string{"jane@shop.example", "a@b", `"x"@y.example`, "a@b.example (c)", "a@xn--bcher-kva.example"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		if domains.EmailProblem(address) != "" {
			return
		}
		address = strings.TrimSpace(address)
		if parsed, err := mail.ParseAddress(fmt.Sprintf("<%s>", address)); err != nil || parsed.Address != address || len(address) > 254 {
			t.Errorf("%q was taken", address)
		}
	})
}
