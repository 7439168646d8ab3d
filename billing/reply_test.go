package billing_test

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/billing"
)

// unreadable reports whether an error says that waiting seldom helps.
func unreadable(err error) bool {
	marked, ok := errors.AsType[interface {
		error
		Unreadable() bool
	}](err)
	return ok && marked.Unreadable()
}

// replying returns a client whose every call gets this answer.
func replying(t *testing.T, content string) *billing.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<methodResponse>"+content+"</methodResponse>")
	}))
	t.Cleanup(server.Close)
	c, err := billing.New(billing.Config{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func result(value string) string {
	return "<params><param><value><struct><member><name>Result</name><value>" + value + "</value></member></struct></value></param></params>"
}

func arrayOf(values ...string) string {
	return "<array><data><value>" + strings.Join(values, "</value><value>") + "</value></data></array>"
}

const (
	null = "<nil/>"
	vast = "<i4>99999999999</i4>"
	less = "<i4>-424242</i4>"
)

// info returns a row of DomainInfoGet_API with one wrong column.
func info(position int, value string) string {
	row := []string{
		"<i4>500100</i4>", "<i4>1</i4>", "<i4>8123</i4>", "shop.example", "example", "Registered", "External DNS",
		"<i4>1</i4>", "<i4>1767225600</i4>", "<i4>1798761600</i4>", "ns1.dns.example", "ns2.dns.example", "", "",
		"Shop", "Jana", "M", "Nov", "jana@shop.example", "420 123", "",
	}
	row[position] = value
	return result(arrayOf(arrayOf(row...)))
}

// TestUnreadableRepliesNameRowAndColumn: the error of a reply that lacks a necessary value, or
// holds an impossible one, names row and column but no value. A call that only reads has no
// outcome that could be unknown.
func TestUnreadableRepliesNameRowAndColumn(t *testing.T) {
	for content, place := range map[string]string{
		info(0, null):                          "Result[0][0] (AccountID) is missing",
		info(0, "<i4>-2147483648</i4>"):        "Result[0][0] (AccountID) is missing", // NULL
		info(0, less):                          "Result[0][0] (AccountID) is negative",
		info(1, "<double>1.5</double>"):        "Result[0][1] (VendorID) is not a number of 32 bits",
		info(2, vast):                          "Result[0][2]",
		info(2, "99999999999"):                 "Result[0][2] (DomainID) is not a number of 32 bits",
		info(2, arrayOf()):                     "Result[0][2] (DomainID) is not a number of 32 bits",
		info(3, "<boolean>1</boolean>"):        "Result[0][3] (FullDomainName) is not a string",
		info(5, null):                          "Result[0][5] (Status) is missing",
		info(5, " "):                           "Result[0][5] (Status) is missing",
		info(8, less):                          "Result[0][8] (startDate) is negative",
		info(9, "soon"):                        "Result[0][9] (ExpirationDate) is not a number of 32 bits",
		info(11, arrayOf()):                    "Result[0][11] (SecondaryNameServer) is not a string",
		result(arrayOf(arrayOf("<i4>1</i4>"))): "Result[0][1] is missing: the row has 1 values instead of 21",
		result(arrayOf(null)):                  "Result[0] is missing",
		result(arrayOf("<i4>1</i4>")):          "Result[0] is not a row of values",
		result(null):                           "Result is missing",
		result("Registered"):                   "Result is not an array",
		"<params><param><value><nil/></value></param></params>": "the reply is not a struct",
	} {
		_, err := replying(t, content).DomainInfoGet(t.Context(), shop)
		if !unreadable(err) || !strings.Contains(err.Error(), place) || billing.OutcomeUnknown(err) || billing.NotSent(err) || billing.IsNotFound(err) {
			t.Errorf("%s: got %v", place, err)
			continue
		}
		for _, value := range []string{"99999999999", "424242", "soon", "Jana", "500100"} {
			if strings.Contains(err.Error(), value) {
				t.Errorf("the value %s is in %v", value, err)
			}
		}
	}
	for content, place := range map[string]string{
		result(arrayOf(arrayOf(null))):            "Result[0][0] (DomainID) is missing",
		result(arrayOf("<array><data/></array>")): "Result[0][0] (DomainID) is missing",
		result(arrayOf(arrayOf("<i4>0</i4>"))):    "Result[0][0] (DomainID) is missing",
		result(arrayOf(arrayOf(less))):            "Result[0][0] (DomainID) is negative",
		result(arrayOf(arrayOf(vast))):            "Result[0][0]",
		result(arrayOf(arrayOf("many"))):          "Result[0][0] (DomainID) is not a number of 32 bits",
		result(arrayOf(null)):                     "Result[0] is missing",
		result("<array><data/></array>"):          "Result[0] is not a row of values",
	} {
		_, err := replying(t, content).DomainSubscrWithIDAdd(t.Context(), subscription())
		if !unreadable(err) || !strings.Contains(err.Error(), place) || !billing.OutcomeUnknown(err) {
			t.Errorf("%s: got %v", place, err)
		}
	}
}

// TestAColumnThatIsNilIsAbsent: a value that nobody needs may be nil; the columns after it
// keep their places.
func TestAColumnThatIsNilIsAbsent(t *testing.T) {
	for _, position := range []int{1, 3, 4, 6, 7, 8, 9, 12, 14, 16, 20} {
		got, err := replying(t, info(position, null)).DomainInfoGet(t.Context(), shop)
		if err != nil || got.AccountID != 500100 || got.DomainID != 8123 || !got.Registered() || got.Owner.LastName != "Nov" ||
			!slices.Equal(got.NameServers, []string{"ns1.dns.example", "ns2.dns.example"}) {
			t.Errorf("column %d: got %v", position, err)
		}
	}
}

func TestWhatAFaultSaysExists(t *testing.T) {
	for text, used := range map[string]bool{
		"Domain 'shop.example' is already used.":       true,
		"Subscription with ID 700101 already exists.":  true,
		"Table Domain does not contain row with ID 7.": false,
		"Access denied.": false,
	} {
		content := "<fault><value><struct><member><name>faultCode</name><value><i4>1</i4></value></member><member><name>faultString</name><value>" +
			base64.StdEncoding.EncodeToString([]byte(text)) + "</value></member></struct></value></fault>"
		_, err := replying(t, content).DomainSubscrWithIDAdd(t.Context(), subscription())
		if billing.IsAlreadyUsed(err) != used || billing.OutcomeUnknown(err) || strings.Contains(err.Error(), text) {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

// TestWhatCannotBeWrittenIsInvalid: a value that cannot be encoded is refused like one that
// breaks a rule: the error names its place, and nothing is sent.
func TestWhatCannotBeWrittenIsInvalid(t *testing.T) {
	s := subscription()
	s.Login = "reg\x01login"
	_, err := replying(t, result(null)).DomainSubscrWithIDAdd(t.Context(), s)
	if _, ok := errors.AsType[*billing.InvalidError](err); !ok || !billing.NotSent(err) || billing.OutcomeUnknown(err) ||
		!strings.HasSuffix(err.Error(), "at Params[21]") || strings.Contains(err.Error(), "reg") {
		t.Errorf("got %v", err)
	}
}

// TestNoRowBreaksItsReader: whatever a column contains, the row is read or reported as
// unreadable.
func TestNoRowBreaksItsReader(t *testing.T) {
	for _, odd := range []string{
		null, vast, less, "<i4>0</i4>", "<boolean>1</boolean>", "<double>0.5</double>", "<base64>AA==</base64>", "", "x", "<array><data/></array>", arrayOf(null), "<struct/>",
	} {
		for position := range 21 {
			if _, err := replying(t, info(position, odd)).DomainInfoGet(t.Context(), shop); err != nil && !unreadable(err) {
				t.Errorf("%s in column %d: %v", odd, position, err)
			}
		}
		for _, content := range []string{result(odd), result(arrayOf(odd)), result(arrayOf(arrayOf(odd)))} {
			if _, err := replying(t, content).DomainInfoGet(t.Context(), shop); err == nil || !unreadable(err) && !billing.IsNotFound(err) {
				t.Errorf("%s: %v", content, err)
			}
			if _, err := replying(t, content).DomainSubscrWithIDAdd(t.Context(), subscription()); err == nil || !unreadable(err) || !billing.OutcomeUnknown(err) {
				t.Errorf("%s: %v", content, err)
			}
		}
	}
}
