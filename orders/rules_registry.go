package orders

import (
	"net/netip"
	"regexp"
	"strings"

	"domainprovisioning/domains"
)

// This file holds the rules for what an order gives for the registry alone: addresses of name
// servers, and the language of a name.

// addresses applies RuleHostAddress. Whether the host needs any, Resolve says, which knows
// the domain's name.
func (c *itemChecker) addresses(n int, server server) {
	whole := c.whole.in("nameServers", n)
	if count := len(server.addresses); count > domains.MaxHostAddresses {
		c.refuse(RuleHostAddress, whole.in("addresses"), "holds %d addresses, and at most %d are possible", count, domains.MaxHostAddresses)
		return
	}
	if len(server.addresses) > 0 && strings.TrimSpace(server.host) == "" && !c.Refused(whole.in("host")) {
		c.Refuse(RuleHostAddress, whole.in("host"), "is missing")
	}
	seen := map[netip.Addr]bool{}
	for i, text := range server.addresses {
		field := whole.in("addresses", i)
		address, problem := domains.ParseHostAddress(text)
		switch {
		case problem != "":
			c.Refuse(RuleHostAddress, field, problem)
		case seen[address]:
			c.Refuse(RuleHostAddress, field, "is given twice")
		}
		seen[address] = true
	}
}

// subscription applies RuleSubscription. Whose it is, Operations says.
func (c *itemChecker) subscription() {
	field := c.field("subscriptionId")
	switch {
	case c.item.subscription == "" || c.Refused(field):
	case c.item.Subscription() == 0:
		c.Refuse(RuleSubscription, field, "must be the id of a subscription")
	case !c.Order.Customer.IsExisting():
		c.Refuse(RuleSubscription, field, "is for an order of an existing account")
	case c.item.isDomain && !c.item.operation.Provisions() && c.item.operation != 0:
		c.refuse(RuleSubscription, field, "is given, but a %s uses no subscription", c.item.operation)
	}
}

// languageForm is the length of a code (Realtime Register), and what one consists of.
var languageForm = regexp.MustCompile(`^[A-Za-z0-9-]{1,10}$`)

// language applies RuleLanguage. Which codes there are, the registry says.
func (c *itemChecker) language() {
	field := c.field("language")
	switch {
	case !c.item.has(ParamLanguage) || c.Refused(field):
	case !languageForm.MatchString(c.item.language):
		c.Refuse(RuleLanguage, field, "must be a registry's code of a language: 1 to 10 letters, digits or hyphens")
	case c.item.operation != Registration:
		c.Refuse(RuleLanguage, field, "is for a registration only")
	}
}
