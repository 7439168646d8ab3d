package billing

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Row is a row of the DOMAINGATE table. Fees are in hundredths.
type Row struct {
	DomainID, SubscriptionID, ParentID    int
	Status, ServStatus                    int
	Start, Expiration                     time.Time
	AccountID, PlanID, Years              int
	SetupFee, SubscriptionFee, RenewalFee int
	TransferFee, NonRefundableAmount      int
	RefundPeriod                          int
	BillingPeriodType, BillingPeriod      int
	LastBill, NextBill                    time.Time
	RegistrarID                           int
	FullDomainName                        string
	NameServers                           [4]string
	Users                                 [4]int // owner, admin, billing, tech
	// DomainStatus is the text in DomainInfoGet_API; if empty, it is derived from
	// Status.
	DomainStatus string
}

// Registered is the status text that prevents a second row of the name.
const Registered = "Registered"

func (r Row) statusText() string {
	if r.DomainStatus != "" {
		return r.DomainStatus
	}
	switch r.Status {
	case 10:
		return "Ordered"
	case 50:
		return "Expired"
	case 60:
		return "Terminated"
	case 70:
		return "Cancelled"
	case 80:
		return "Suspended"
	default:
		return Registered
	}
}

func (s *Server) add(in []any, raw []byte) ([]any, refusal) {
	row, err := readRow(in, raw)
	if err != "" {
		return nil, err
	}
	for _, old := range s.rows {
		if old.SubscriptionID == row.SubscriptionID {
			return nil, refuse("Subscription with ID %d already exists.", row.SubscriptionID)
		}
		if old.FullDomainName == row.FullDomainName && old.statusText() == Registered {
			return nil, refuse("Domain '%s' is already used.", row.FullDomainName)
		}
	}
	return []any{s.insert(row)}, ""
}

func (s *Server) insert(row Row) int {
	row.DomainID = s.next
	s.next++
	s.rows = append(s.rows, row)
	return row.DomainID
}

// info prefers the registered row of a name to others, and a later one to an
// earlier one. Its strings have trailing blanks, as observed.
func (s *Server) info(in []any) ([]any, refusal) {
	if len(in) != 1 {
		return nil, refuse("%s takes 1 parameter, got %d", DomainInfoGet, len(in))
	}
	name, ok := in[0].(string)
	if !ok || len(name) > 255 {
		return nil, refuse("FullDomainName must be Str(255)")
	}
	found := -1
	for i, row := range s.rows {
		if strings.EqualFold(row.FullDomainName, name) && (found < 0 || s.rows[found].statusText() != Registered) {
			found = i
		}
	}
	switch {
	case found >= 0:
		return s.rows[found].positional(), ""
	case s.options.EmptyWhenUnknown:
		return nil, ""
	default:
		return nil, refuse("Table Domain does not contain row with ID %d.", s.next)
	}
}

const vendorAccount = 1

func (r Row) positional() []any {
	_, zone, _ := strings.Cut(r.FullDomainName, ".")
	out := make([]any, 0, 11+len(r.NameServers)+6*len(r.Users))
	out = append(out,
		r.AccountID, vendorAccount, r.DomainID, r.FullDomainName+" ", zone, r.statusText()+"  ",
		"External DNS", r.Years, unix(r.Start), unix(r.Expiration))
	for _, ns := range r.NameServers {
		out = append(out, ns+" ")
	}
	out = append(out, "Customer ") // company
	for _, user := range r.Users {
		// The real rows hold the person of that user; here it is made up.
		out = append(out, "User", "", strconv.Itoa(user), fmt.Sprintf("user%d@customer.example ", user), "", "")
	}
	return out
}

// nullInt is how Billing writes an Int that is NULL.
const nullInt = math.MinInt32

// unix returns Unix time, limited to the 32 bits of an Int.
func unix(t time.Time) int {
	if t.IsZero() {
		return nullInt
	}
	return int(min(t.Unix(), math.MaxInt32))
}

// Rows returns the table in the order of insertion.
func (s *Server) Rows() []Row {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.rows)
}

// RowsOf returns the rows of a name.
func (s *Server) RowsOf(name string) []Row {
	return slices.DeleteFunc(s.Rows(), func(r Row) bool { return !strings.EqualFold(r.FullDomainName, name) })
}

// AddExisting adds a row without any check and returns its DomainID.
func (s *Server) AddExisting(row Row) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.insert(row)
}
