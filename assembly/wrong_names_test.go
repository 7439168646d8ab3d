package assembly_test

import (
	"strings"

	"domainprovisioning/orders"
)

const theDomain = "/items/1/domain"

func because(rule int, pointer, part string) []reason { return []reason{{rule, pointer, part}} }

// wrongNames are orders of names that nobody can have, or not here.
func wrongNames() []wrong {
	bad := func(name, typed, part string) wrong {
		return wrong{name: name, change: label(typed), want: because(orders.RuleDomainName, theDomain, part)}
	}
	all := []wrong{
		bad("en dash", "my–shop", `holds "–" (U+2013) at character 3, which a domain name cannot have: a hyphen may be meant`),
		bad("soft hyphen", "my\u00ADshop", "at character 3, which a domain name cannot have: a hyphen may be meant"),
		bad("underscore", "my_shop", `holds "_" (U+005F) at character 3, which a domain name cannot have: a hyphen may be meant`),
		bad("ligature", "oﬃce", `at character 2, which a domain name cannot have: "ffi" may be meant`),
		bad("roman numeral", "henryⅧ", `holds "Ⅷ" (U+2167) at character 6, which a domain name cannot have: "viii" may be meant`),
		bad("symbol", "i♥you", `holds "♥" (U+2665) at character 2, which a domain name cannot have`),
		bad("emoji", "shop😀", `holds "😀" (U+1F600) at character 5, which a domain name cannot have`),
		bad("zero-width space", "my\u200Bshop", "holds an invisible character (U+200B) at character 3"),
		bad("byte order mark", "\uFEFFshop", "holds an invisible character (U+FEFF) at character 1"),
		bad("no-break space", "my\u00A0shop", "(U+00A0) at character 3"),
		bad("blank", "my shop", "holds a blank at character 3"),
		bad("slash", "shop/cart", `holds "/" (U+002F) at character 5`),
		bad("address of a page", "https://shop", `holds ":" (U+003A) at character 6`),
		bad("e-mail address", "me@shop", `holds "@" (U+0040) at character 3`),
		bad("wildcard", "*", `holds "*" (U+002A) at character 1`),
		bad("hyphen first", "-shop", "begins with a hyphen"),
		bad("hyphen last", "shop-", "ends with a hyphen"),
		bad("hyphens third and fourth", "my--shop", "has hyphens at characters 3 and 4"),
		bad("hyphens of a Unicode name", "ñu--shop", "has hyphens at characters 3 and 4"),
		bad("mark first", "\u0301shop", "(U+0301), which must follow a letter"),
		bad("middle dot", "a·b", `holds "·" (U+00B7) at character 2, which a domain name can have only between two letters "l"`),
		bad("Greek numeral sign", "͵shop", "which a domain name can have only before a Greek letter"),
		bad("Hebrew geresh", "a׳b", "which a domain name can have only after a Hebrew letter"),
		bad("Katakana middle dot", "a・b", "which a domain name can have only beside Japanese characters"),
		bad("two kinds of Arabic digits", "ا٠۰", "which cannot stand beside digits of the other Arabic kind"),
		bad("joiner between Latin letters", "a\u200Db", "only where the script changes its form"),
		bad("final sigma in capitals", "ΟΔΟΣ", `whose small letter at the end of a word may be "σ" or "ς"`),
		bad("Turkish capital", "İSTANBUL", `whose small letter depends on the language: write "i" or "ı"`),
		bad("left to right within right to left", "אa", "mixes characters that are written from right to left with others"),
		bad("digit before right to left", "1א", "mixes characters that are written from right to left with others"),
		bad("too long", strings.Repeat("a", 64), "is longer than 63 characters"),
		bad("too long in its coded form", strings.Repeat("ü", 60), "is in the form that registries keep longer than 63 characters"),
		bad("far too long", strings.Repeat("a", 2000), "is far too long"),
		bad("coded form of nothing", "xn--", `"xn--" and stands for no name`),
		bad("coded form of no name", "xn--99999999", `begins with "xn--"`),
		bad("coded form of plain letters", "xn--shop-", `begins with "xn--" and stands for no name`),
		bad("coded form of a symbol", "xn--iyou-5u3b", "stands for"),
		bad("coded form of a wide letter", "xn--hop-p96s", "stands for"),
		bad("two labels in one", "shop。store", "holds \"。\" (U+3002) at character 5, and only one label is taken here"),
		bad("empty label", "shop..example", "has an empty label"),
		bad("empty label first", ".shop.example", "has an empty label"),
		bad("only full stops", "..", "has an empty label"),
		bad("name too long", strings.Repeat(strings.Repeat("a", 62)+".", 4)+"example", "at most 253 are possible"),
		bad("address", "192.0.2.1", "ends with a number, as an address does"),
		bad("wrong character in another label", "shop.ex_ample", `holds "_" (U+005F) at character 3 in label 2`),
		{name: "another top-level domain", change: label("shop.test"), want: because(orders.RuleForeignTLD, theDomain, "is not a name under the plan's top-level domain example")},
		{name: "name of a host", change: label("www.shop.example"), want: because(orders.RuleForeignTLD, theDomain, "is not a name under the plan's top-level domain example")},
		{name: "no name", change: label(""), want: because(orders.RuleDomainEmpty, theDomain, "must not be empty")},
		{name: "only blanks", change: label("  "), want: because(orders.RuleDomainEmpty, theDomain, "must not be empty")},
		{name: "without a name", change: noParam(1, "DomainID"), want: because(orders.RuleDomainIncomplete, theDomain, "is missing")},
		{name: "line break in a name", change: label("my\nshop"), want: because(orders.RuleText, theDomain, "it holds a line break, U+000A, at character 3")},
		{name: "same name in other letters", change: both(label("shop"), second(planNetim, "SHOP.example.")),
			want: because(orders.RuleDomainTwice, "/items/2/domain", "shop.example is ordered twice")},
		{name: "bad name in the other item", change: second(planNetim, "my shop"),
			want: because(orders.RuleDomainName, "/items/2/domain", "holds a blank at character 3")},
	}
	return append(all, takenNames()...)
}

// second orders one more domain.
func second(plan int, domain string) change {
	return func(o *order) {
		o.items = append(o.items, item{plan: plan, period: 1, id: 2, parent: -1,
			parameters: texts{{"OrderOperationType", "10"}, {"DomainID", domain}, {"TransferKey", ""}}})
	}
}

// takenNames are names that cannot be had: somebody has them, or asks too much.
func takenNames() []wrong {
	says := func(name string, sold int, typed string, want []reason) wrong {
		return wrong{name: name, change: both(plan(sold), label(typed)), want: want}
	}
	taken := func(domain string) []reason {
		return because(orders.RuleRegistrar, theDomain, "=Domain '"+domain+"' is already used.")
	}
	refused := func(pointer, part string) []reason { return because(orders.RuleRegistrar, pointer, part) }
	return []wrong{
		says("taken, says Netim", planNetim, "taken", taken("taken.example")),
		says("taken, says Realtime Register", planRealtime, "taken", taken("taken.sync")),
		says("taken, says RDAP", planClassic, "taken", taken("taken.classic")),
		says("ours already", planNetim, "mine", taken("mine.example")),
		says("premium at Netim", planNetim, "golden", refused(theDomain, "a premium name for 250.00 EUR, and the plan has no price limit for it")),
		says("premium at Realtime Register", planRealtime, "golden", refused(theDomain, "a premium name for 250.00 EUR, and the plan has no price limit for it")),
		says("premium above the limit", planLimited, "golden", refused(theDomain, "the price of 250.00 EUR is above the plan's limit of 12.00 EUR")),
		says("a cent above the limit", planLimited, "dear", refused(theDomain, "the price of 12.01 EUR is above the plan's limit of 12.00 EUR")),
		says("too short for its registry", planASCII, "ab", refused(theDomain, "the label has 2 characters, and this top-level domain takes 3 at least")),
		says("too long for its registry", planASCII, "abcdefghijk", refused(theDomain, "the label has 11 characters, and this top-level domain takes 10 at most")),
		says("internationalised where none is taken", planASCII, "büro", refused(theDomain, "this top-level domain takes no internationalised names")),
		says("without its language", planLanguage, "büro", refused("/items/1/language", "required for an internationalised name in this top-level domain: one of DE, FR")),
		{name: "in another language", change: both(plan(planLanguage), label("büro"), param(1, "DomainLanguage", "IT")),
			want: refused("/items/1/language", "none of those of this top-level domain: DE, FR")},
		{name: "plain name with a language", change: both(plan(planLanguage), param(1, "DomainLanguage", "DE")),
			want: refused("/items/1/language", "must not be given: the name is not internationalised")},
		{name: "language at Netim", change: both(label("büro"), param(1, "DomainLanguage", "DE")),
			want: refused("/items/1/language", "no code of a language can be given at this registrar")},
		{name: "language at Names4Ever", change: both(plan(planClassic), param(1, "DomainLanguage", "DE")),
			want: refused("/items/1/language", "no code of a language can be given at this registrar")},
		{name: "language that is no code", change: both(plan(planLanguage), label("büro"), param(1, "DomainLanguage", "en français")),
			want: []reason{{orders.RuleLanguage, "/items/1/language", "must be a registry's code of a language"}}},
		{name: "language of a transfer", change: both(label("taken"), operation("90"), param(1, "TransferKey", "KEY-9"), param(1, "DomainLanguage", "DE")),
			want: because(orders.RuleLanguage, "/items/1/language", "is for a registration only")},
		{name: "in an open order", change: label("open"), want: because(0, theDomain, "=open.example is in open order OPEN-1")},
	}
}
