package orders

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// change returns the worked order with one value replaced.
func change(at int, value any) []any {
	list := worked()
	list[at] = value
	return list
}

// withContacts returns a registration by an existing customer with additional
// contacts.
func withContacts(params []string, contacts ...group) []any {
	s := oneDomain(registration(params...)...)
	s.contacts = contacts
	return s.list()
}

// TestListRejections covers the rejections of docs/protocols/orders.md, section 4,
// that concern the structure of the list. Those about content, which JSON shares, are
// in both_test.go.
func TestListRejections(t *testing.T) {
	end := sections{items: []string{"20=36=0=-1"}, groups: []group{{0, []string{"DomainID="}}}, contact: newCustomer()}.list()
	wrongParams := worked()
	wrongParams[9] = 2
	tooMany := worked()
	tooMany[9] = 4
	tests := []struct {
		name string
		list []any
		rule int
		want string
	}{
		{"slot counter", change(4, 9), RuleSlotCounter,
			"ProvisioningDataSlotCounter is 9, but the section holds 8 values: item 0 with 1 parameter makes 2 + 1, item 1 with 3 parameters makes 2 + 3"},
		{"slot counter too small", change(4, 3), RuleSlotCounter,
			"ProvisioningDataSlotCounter is 3, but the section holds 8 values: item 0 with 1 parameter makes 2 + 1, item 1 with 3 parameters makes 2 + 3"},
		{"no groups", []any{1, 0, 5, 1, "AccountID=1", 0, 0}, RuleSlotCounter,
			"ProvisioningDataSlotCounter is 5, but the section holds 0 values"},
		{"parameter counter too small", wrongParams, RuleParameterCounter, "item 1: ProvisioningParametersCounter is 2, but 3 parameters follow"},
		{"parameter counter too large", tooMany, RuleParameterCounter, "item 1: ProvisioningParametersCounter is 4, but 3 parameters follow"},
		{"parameter counter of the sample page", withCounter(6), RuleParameterCounter, "item 0: ProvisioningParametersCounter is 6, but 7 parameters follow"},
		{"list ends in contact data", end[:len(end)-5], RuleListEnds, "list ends in section ContactData: 3 values missing"},
		{"empty list", nil, RuleListEnds, "list ends in section VendorAccountID: 1 value missing"},
		{"list ends before the items", worked()[:1], RuleListEnds, "list ends in section ProvisioningItems: 1 value missing"},
		{"list ends in the items", worked()[:3], RuleListEnds, "list ends in section ProvisioningItems: 1 value missing"},
		{"list ends before the parameters", worked()[:4], RuleListEnds, "list ends in section ProvisioningData: 1 value missing"},
		{"list ends right after the slot counter", worked()[:5], RuleListEnds, "list ends in section ProvisioningData: 8 values missing"},
		{"list ends after an item id", worked()[:6], RuleListEnds, "list ends in section ProvisioningData: 7 values missing"},
		{"list ends after a group", worked()[:8], RuleListEnds, "list ends in section ProvisioningData: 5 values missing"},
		{"list ends in a group", worked()[:11], RuleListEnds, "list ends in section ProvisioningData: 2 values missing"},
		{"list ends before contact data", worked()[:13], RuleListEnds, "list ends in section ContactData: 1 value missing"},
		{"list ends before the pay tool", worked()[:15], RuleListEnds, "list ends in section PayTool: 1 value missing"},
		{"list ends in the pay tool", worked()[:16], RuleListEnds, "list ends in section PayTool: 2 values missing"},
		{"list ends before the additional contacts", worked()[:18], RuleListEnds, "list ends in section AdditionalContactsData: 1 value missing"},
		{"list ends in the additional contacts", append(worked()[:18], 2, 900), RuleListEnds, "list ends in section AdditionalContactsData: 3 values missing"},
		{"values left over", append(worked(), "TermsID=1", 2), RuleLeftOver, "2 values left over after the additional contacts section"},
		{"one value left over", append(worked(), 1), RuleLeftOver, "1 value left over after the additional contacts section"},
		{"no counter: negative", change(13, -1), RuleCounterNotWhole, "ContactDataCounter must be a whole number of 0 or more"},
		{"no counter: a double", change(13, 1.0), RuleCounterNotWhole, "ContactDataCounter must be a whole number of 0 or more"},
		{"no counter: text", change(13, "one"), RuleCounterNotWhole, "ContactDataCounter must be a whole number of 0 or more"},
		{"no counter: beyond 32 bits", change(13, 1<<40), RuleCounterNotWhole, "ContactDataCounter must be a whole number of 0 or more"},
		{"no counter: items", change(1, true), RuleCounterNotWhole, "ProvisioningItemsCounter must be a whole number of 0 or more"},
		{"no counter: slots", change(4, -8), RuleCounterNotWhole, "ProvisioningDataSlotCounter must be a whole number of 0 or more"},
		{"no counter: parameters", change(9, "x"), RuleCounterNotWhole, "item 1: ProvisioningParametersCounter must be a whole number of 0 or more"},
		{"no counter: pay tool", change(15, 2.5), RuleCounterNotWhole, "PayToolCounter must be a whole number of 0 or more"},
		{"no counter: additional contacts", change(18, nil), RuleCounterNotWhole, "AdditionalContactsDataCounter must be a whole number of 0 or more"},
		{"no counter: parameters of a contact", append(worked()[:18], 1, 900, -2), RuleCounterNotWhole,
			"additional contact 900: NumberOfParametersInContact must be a whole number of 0 or more"},
		{"two groups", sections{items: []string{"20=36=0=-1"}, contact: existing,
			groups: []group{{0, []string{"DomainID="}}, {0, []string{"Gift=1"}}}}.list(), RuleGroupTwice, "item 0 has two parameter groups"},
		{"item: three numbers", change(2, "20=36=0"), RuleItemForm, "ProvisioningItem must be PlanID=PlanPeriodID=ProvisioningItemID=ParentItemID"},
		{"item: no number", change(2, "20=x=0=-1"), RuleItemForm, "ProvisioningItem must be PlanID=PlanPeriodID=ProvisioningItemID=ParentItemID"},
		{"item: negative item", change(2, "20=36=-2=-1"), RuleItemForm, "ProvisioningItem must be PlanID=PlanPeriodID=ProvisioningItemID=ParentItemID"},
		{"parameter: without =", change(7, "DomainID"), RuleParameterNoPair, `item 0: parameter "DomainID" is not Name=Value`},
		{"parameter: unknown text is not quoted", change(7, "s3cret"), RuleParameterNoPair, `item 0: parameter 1 is not Name=Value`},
		{"parameter: not a string", change(7, 2.5), RuleParameterNoPair, `item 0: parameter 1 is not Name=Value`},
		{"contact with fewer parameters", withShortContact(5), RuleContactCounter, "additional contact 900: 5 parameters announced, 4 present"},
		{"contact with more parameters", withShortContact(1), RuleContactCounter, "additional contact 900: 1 parameter announced, 4 present"},
		{"no id: vendor", change(0, -1), RuleID, "VendorAccountID must be a whole number of 0 or more"},
		{"no id: group", change(8, -1), RuleID, "ProvisioningItemID must be a whole number of 0 or more"},
		{"no id: contact", append(worked()[:18], 1, "x", 0), RuleID, "AdditionalContactID must be a whole number of 0 or more"},
		{"no id: contact without header", append(worked()[:18], 1, "LoginID=x", "a=b"), RuleID, "AdditionalContactID must be a whole number of 0 or more"},
		{"slot without =", change(16, "4111111111111111x"), RuleSlotNoPair, "PayTool: slot 1 is not Name=Value"},
		{"section counter: items", change(1, 1), RuleCounter, "ProvisioningItemsCounter is 1, but 2 items follow"},
		{"section counter: too large", change(13, 3), RuleCounter, "ContactDataCounter is 3, but 1 slot follows"},
		{"section counter: too small", change(15, 1), RuleCounter, "PayToolCounter is 1, but 2 slots follow"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ReadList(test.list)
			wantMessages(t, err, test.want)
			if got := rules(faultsOf(t, err)); !slices.Equal(got, []int{test.rule}) {
				t.Errorf("rules %v, want %d", got, test.rule)
			}
		})
	}
}

// withCounter returns sample 3 with another parameter counter.
func withCounter(n int) []any {
	list := samples()[2].order.list()
	list[5] = n
	return list
}

// withShortContact announces n parameters for a contact that has four.
func withShortContact(n int) []any {
	list := withContacts([]string{"OwnerContactID=900"},
		group{900, user("jo")[:4]})
	list[len(list)-5] = n
	return list
}

// TestAllFaultsAtOnce: several faults are reported together, in the order of the list.
func TestAllFaultsAtOnce(t *testing.T) {
	list := []any{
		-5,
		3, "20=36=0=-1", "3=5=0=9", "3=5=2=7",
		99, 0, 2, "DomainID", "=x",
		2, 4, "OrderOperationType=30", "DomainID=", "AdminContactID=me", "ThirdNSID=ns_1",
		4, 0,
		1, "AccountID=none",
		1, "PayToolID",
		1, 900, 1, "FirstNameID=Jo",
		"TermsID=1", 5,
	}
	_, err := ReadList(list)
	wantMessages(t, err,
		"VendorAccountID must be a whole number of 0 or more",
		"ProvisioningDataSlotCounter is 99, but the section holds 12 values: item 0 with 2 parameters makes 2 + 2, "+
			"item 2 with 4 parameters makes 2 + 4, item 4 with 0 parameters makes 2 + 0",
		"provisioning parameters for item 4, but the order has no item 4",
		`item 0: parameter "DomainID" is not Name=Value`,
		"item 0: a parameter is given without a name",
		"item 0: ProvisioningItemID 0 is used twice in the order",
		"item 0: ParentItemID 9 is not an item of the order",
		"item 2: ParentItemID 7 is not an item of the order",
		"item 2: OrderOperationType 30 is not one of 10 (registration), 20 (renewal), 90 (transfer)",
		"item 2: DomainID must not be empty for a domain",
		"item 2: TransferKey must be sent for every operation type; leave its value empty for registration and renewal",
		"item 2: AdminContactID must be a user id",
		`item 2: ThirdNSID "ns_1" holds "_" (U+005F) at character 3 in label 1, which a domain name cannot have: a hyphen may be meant`,
		"item 2: PrimaryNSID is missing: name servers need a primary",
		"item 2: SecondaryNSID is missing: name servers need a secondary",
		"ContactData: AccountID must be an account id",
		"PayTool: slot 1 is not Name=Value",
		"additional contact 900: 1 parameter announced, 2 present",
		"1 value left over after the additional contacts section",
	)
	if !strings.HasPrefix(err.Error(), "orders: VendorAccountID must be") {
		t.Errorf("error text %q", err)
	}
}

// TestBothCountersWrong: slot counter and parameter counter are both wrong. Both are
// reported, and the sections after them are still checked.
func TestBothCountersWrong(t *testing.T) {
	list := withCounter(6)
	list[3] = 8
	list[len(list)-4] = 0 // ContactDataCounter, with one slot present
	_, err := ReadList(list)
	wantMessages(t, err,
		"ProvisioningDataSlotCounter is 8, but the section holds 9 values: item 0 with 7 parameters makes 2 + 7",
		"item 0: ProvisioningParametersCounter is 6, but 7 parameters follow",
		"ContactDataCounter is 0, but 1 slot follows")
}

// TestEmptyContactSectionIsNoGroup: an empty contact section followed by a pay tool
// looks like a parameter group. The slot counter distinguishes them.
func TestEmptyContactSectionIsNoGroup(t *testing.T) {
	s := oneDomain(registration()...)
	s.contact, s.payment = nil, []string{"PayToolID=3", "IPAddressID=192.0.2.10"}
	_, err := ReadList(s.list())
	for _, fault := range faultsOf(t, err) {
		if fault.Rule != RuleMissingData {
			t.Errorf("unexpected %q", fault.Message)
		}
	}
	list := s.list()
	list[3] = 4 // even a wrong slot counter does not mislead
	_, err = ReadList(list)
	if got := messages(faultsOf(t, err)); len(got) == 0 ||
		got[0] != "ProvisioningDataSlotCounter is 4, but the section holds 5 values: item 0 with 3 parameters makes 2 + 3" {
		t.Errorf("faults %q", got)
	}
}

func TestUnusedContactIsNoted(t *testing.T) {
	in, err := Rules{}.ReadList(withContacts([]string{"TechContactID=900"},
		group{900, user("jo")}, group{901, []string{"FirstNameID=Al"}}))
	if err != nil || in.Err() != nil {
		t.Fatal(err, in.Err())
	}
	if notes := in.Notes(); len(notes) != 1 || notes[0].Rule != RuleContactUnused || notes[0].Path != "/additionalContacts/1" {
		t.Errorf("notes %+v", notes)
	}
	if o := in.Order; !o.IsNewUser(900) || o.IsNewUser(1) {
		t.Error("new users are those with an additional contact")
	}
}

func TestRulesSettings(t *testing.T) {
	full := Rules{DomainIDFullName: true}
	if _, err := readList(full, worked()); err == nil || !strings.HasPrefix(err.Error(), `orders: item 1: DomainID "shop" `) {
		t.Errorf("a label where a full name is asked for: %v", err)
	}
	if _, err := readList(full, change(11, "DomainID=shop.example")); err != nil {
		t.Errorf("full name: %v", err)
	}

	terms := Rules{TrailingSlots: 2}
	list := append(worked(), "TermsID=1", int64(5))
	o, err := readList(terms, list)
	if err != nil || !slices.Equal(o.Trailing, []any{"TermsID=1", 5}) {
		t.Fatalf("trailing values: %v", err)
	}
	if again, err := readDocument(terms, strings.NewReader(mustWriteJSON(t, o))); err != nil || len(again.Trailing) != 2 {
		t.Errorf("JSON with trailing slots: %v", err)
	}
	_, err = ReadList(list)
	wantMessages(t, err, "2 values left over after the additional contacts section")
	if _, err = readList(terms, append(worked(), 1.5)); err == nil {
		t.Error("a double is left over")
	}
	// The counter decides whether a slot after a contact belongs to it or is trailing.
	after := append(withContacts([]string{"TechContactID=900"}, group{900, user("jo")}), "TermsID=1")
	if o, err = readList(terms, after); err != nil || len(o.Trailing) != 1 {
		t.Errorf("trailing slot after a contact: %v", err)
	}
	_, err = ReadList(after)
	wantMessages(t, err, "additional contact 900: 11 parameters announced, 12 present")
}

func TestListLimits(t *testing.T) {
	items := sections{contact: existing}
	for range MaxItems + 1 {
		items.items = append(items.items, "20=36=0=-1")
	}
	contacts := oneDomain(registration()...)
	for i := range MaxContacts + 1 {
		contacts.contacts = append(contacts.contacts, group{900 + i, nil})
	}
	tests := []struct {
		name string
		list []any
		want error
	}{
		{"values", make([]any, MaxValues+1), ErrTooManyValues},
		{"length", change(7, "DomainID="+strings.Repeat("x", MaxTextLength)), ErrTextTooLong},
		{"text", change(7, "DomainID=\xff"), ErrNotText},
		{"items", items.list(), ErrTooManyItems},
		{"contacts", contacts.list(), ErrTooManyContacts},
	}
	for _, test := range tests {
		if _, err := ReadList(test.list); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
	if _, err := ReadList(change(7, "Gift="+strings.Repeat("x", MaxTextLength-5))); err != nil {
		t.Errorf("the longest value: %v", err)
	}
}
