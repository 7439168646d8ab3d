package desk

import (
	"encoding/csv"
	"io"
	"strconv"
	"time"
)

// WriteDomains writes the domains of a list as CSV, with a first row of names. page reads the page at
// a cursor.
func WriteDomains(out io.Writer, page func(cursor string) (DomainPage, error)) error {
	rows := csv.NewWriter(out)
	_ = rows.Write([]string{
		"domain", "registrar", "client", "state", "since", "expires", "renewal", "attention", "attentionSince", "next", "nextAt",
		"vendorAccountId", "planId", "periodId", "accountId", "domainSubscription", "hostingSubscription", "order",
	})
	for cursor := ""; ; {
		found, err := page(cursor)
		if err != nil {
			return err
		}
		for _, each := range found.Domains {
			period := ""
			if each.Period != nil {
				period = strconv.Itoa(*each.Period)
			}
			_ = rows.Write([]string{
				each.Name, each.Registrar, each.Client, string(each.State), cellOf(&each.Since), cellOf(each.Expires), string(each.Renewal),
				string(each.Attention), cellOf(each.AttentionSince), each.Next, cellOf(each.NextAt),
				numberCell(each.VendorAccount), numberCell(each.Plan), period, numberCell(each.Account),
				numberCell(each.DomainSubscription), numberCell(each.HostingSubscription), each.Order,
			})
		}
		rows.Flush()
		if err := rows.Error(); err != nil {
			return err
		}
		if cursor = found.Next; cursor == "" {
			return nil
		}
	}
}

func cellOf(at *time.Time) string {
	if at == nil {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

func numberCell(number int) string {
	if number == 0 {
		return ""
	}
	return strconv.Itoa(number)
}
