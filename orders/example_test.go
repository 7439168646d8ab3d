package orders_test

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"domainprovisioning/orders"
)

// A hosting service and a domain bought with it, in a list as an XML-RPC decoder returns
// it.
func ExampleRules_ReadList() {
	in, err := orders.Rules{}.ReadList([]any{
		1,                          // VendorAccountID
		2, "20=36=0=-1", "3=5=1=0", // two items; item 1 has item 0 as parent
		8, 0, 1, "DomainID=shop", 1, 3, "OrderOperationType=10", "DomainID=shop", "TransferKey=",
		1, "AccountID=500100",
		2, "PayToolID=3", "IPAddressID=192.0.2.10",
		0,
	})
	if err != nil || in.Err() != nil {
		fmt.Println(err, in.Err())
		return
	}
	fmt.Println(in.Order)
	for _, item := range in.Order.Items {
		fmt.Println(item.ID, item.IsDomain(), item.Type(), item.DomainLabel())
	}
	// Output:
	// order without number of vendor 1: items [item 0 plan 20; item 1 plan 3 registration with item 0], 0 additional contacts
	// 0 false 0 shop
	// 1 true registration shop
}

// All reasons are given at once, in the words of the form that came.
func ExampleFaults() {
	list, _ := orders.Rules{}.ReadList([]any{
		1,
		1, "3=5=0=-1",
		5, 0, 4, "OrderOperationType=10", "DomainID=shop", "TransferKey=a-key", "PrimaryNSID=ns1.dns.example",
		1, "AccountID=500100",
		0,
		0,
	})
	document, _ := orders.Rules{}.ReadJSON(strings.NewReader(`{
		"vendorAccountId": 1,
		"items": [{"id": 0, "planId": 3, "periodId": 5,
			"operation": "registration", "domain": "shop", "transferKey": "a-key", "nameServers": ["ns1.dns.example"]}],
		"customer": {"accountId": 500100}
	}`))
	for _, in := range []*orders.Incoming{list, document} {
		if faults, ok := errors.AsType[orders.Faults](in.Err()); ok {
			for _, fault := range faults {
				fmt.Println(fault.Path, fault.Message)
			}
		}
	}
	// Output:
	// /items ProvisioningDataSlotCounter is 5, but the section holds 6 values: item 0 with 4 parameters makes 2 + 4
	// /items/0/transferKey item 0: TransferKey must be empty for registration and renewal
	// /items/0/nameServers/1 item 0: SecondaryNSID is missing: name servers need a secondary
	// /items/0/transferKey items[0].transferKey must be empty for registration and renewal
	// /items/0/nameServers/1 items[0].nameServers[1] is missing: name servers need a secondary
}

// The sealed storage form, without the pay tool.
func ExampleOrder_WithoutPayment() {
	in, err := orders.Rules{}.ReadJSON(strings.NewReader(`{
		"vendorAccountId": 1, "items": [{"id": 0, "planId": 20, "periodId": 36}],
		"customer": {"accountId": 500100}, "payment": {"CardNumberID": "4111111111111111"}
	}`))
	if err != nil || in.Err() != nil {
		fmt.Println(err, in.Err())
		return
	}
	if err := orders.WriteJSON(os.Stdout, in.Order.WithoutPayment()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {
	//   "vendorAccountId": 1,
	//   "items": [
	//     {
	//       "id": 0,
	//       "planId": 20,
	//       "periodId": 36,
	//       "parentId": -1
	//     }
	//   ],
	//   "customer": {
	//     "accountId": 500100
	//   }
	// }
}

// A catalog turns an order into units of work.
func ExampleCatalog_Resolve() {
	catalog, err := orders.NewCatalog(
		orders.DomainPlan{
			PlanID: 3, TLD: "example", Registrar: "main", Years: 1, Periods: map[int]int{5: 1, 6: 2}, Template: 11,
			Billing: orders.BillingPlan{PlanID: 30, SubscriptionFee: 12_50, PeriodType: orders.PeriodYears, Period: 1, RegistrarID: 7},
		},
		orders.HostingPlan{PlanID: 20, Template: 55},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	in, err := orders.Rules{}.ReadJSON(strings.NewReader(`{
		"vendorAccountId": 1,
		"items": [
			{"id": 0, "planId": 20, "periodId": 36},
			{"id": 1, "planId": 3, "periodId": 6, "parentId": 0,
				"operation": "registration", "domain": "shop", "transferKey": ""}
		],
		"customer": {"accountId": 500100}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, unit := range catalog.Resolve(in) {
		fmt.Println(unit.Type, unit.Domain.Name, unit.Domain.Years, unit.Domain.Registrar, unit.Domain.Billing.SubscriptionFee, unit.Hosting.Create)
	}
	fmt.Println(in.Err())
	// Output:
	// registration shop.example 2 main 12.50 true
	// <nil>
}
