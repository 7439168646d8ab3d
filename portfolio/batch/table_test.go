package batch_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"domainprovisioning/internal/outside"
	"domainprovisioning/portfolio/batch"
)

// expanded are the lines of a table as JSON lines.
func expanded(t *testing.T, table, template string) ([]string, error) {
	t.Helper()
	read, err := batch.NewTable(strings.NewReader(table), []byte(template))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := read.Expand(&out); err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n"), nil
}

func TestATableBecomesOrders(t *testing.T) {
	for name, c := range map[string]struct {
		table, template string
		want            []string
	}{
		"short names and pointers": {
			"domain,transferKey,/items/0/planId,accountId,/items/0/settings/lock\na,0123,5,500100,true\n", "",
			[]string{"", `{"customer":{"accountId":500100},"items":[{"domain":"a","planId":5,"settings":{"lock":true},"transferKey":"0123"}]}`},
		},
		"a template, and empty and missing cells": {
			"domain,planId,transferKey\na,,k1\nb,6\nc\n", `{"items":[{"planId":5,"domain":"x","transferKey":"none"}],"customer":{"accountId":7}}`,
			[]string{
				"", `{"customer":{"accountId":7},"items":[{"domain":"a","planId":5,"transferKey":"k1"}]}`,
				`{"customer":{"accountId":7},"items":[{"domain":"b","planId":6,"transferKey":"none"}]}`, `{"customer":{"accountId":7},"items":[{"domain":"c","planId":5,"transferKey":"none"}]}`,
			},
		},
		"a mark, returns, quotes with line breaks, blank rows, and surplus empty cells": {
			"\xef\xbb\xbfdomain,/items/0/parameters/note\r\n\r\na,\"one\r\ntwo, three\"\r\nb,x,,\r\n", "",
			[]string{"", "", `{"items":[{"domain":"a","parameters":{"note":"one\ntwo, three"}}]}`, "", `{"items":[{"domain":"b","parameters":{"note":"x"}}]}`},
		},
		"semicolons": {"domain;planId\na;5\n", "", []string{"", `{"items":[{"domain":"a","planId":5}]}`}},
		"the type of the template": {
			"/items/0/parameters/n,/x\n7,8\n", `{"items":[{"parameters":{"n":"1"}}],"x":1}`, []string{"", `{"items":[{"parameters":{"n":"7"}}],"x":8}`},
		},
		"a number that is none": {"planId\nfive\n", "", []string{"", `{"items":[{"planId":"five"}]}`}},
		"a second item":         {"domain,/items/1/domain\na,b\n", "", []string{"", `{"items":[{"domain":"a"},{"domain":"b"}]}`}},
		"an escaped pointer":    {"/customer/slots/a~1b\nx\n", "", []string{"", `{"customer":{"slots":{"a/b":"x"}}}`}},
	} {
		got, err := expanded(t, c.table, c.template)
		if err != nil || strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s: got %v\n%s\nwant\n%s", name, err, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func TestTablesThatFitNoOrder(t *testing.T) {
	for name, c := range map[string]struct{ table, template, want string }{
		"empty":              {"", "", "is empty"},
		"an unknown column":  {"domain,colour\n", "", `line 1 names column 2 "colour"`},
		"a column twice":     {"domain,/items/0/domain\n", "", "line 1 names /items/0/domain twice"},
		"a whole object":     {"/items/0\na\n", `{"items":[{}]}`, "is an object or a list"},
		"through a value":    {"/items/0/domain/x\na\n", `{"items":[{"domain":"a"}]}`, "goes through a value"},
		"a gap in a list":    {"/items/3/domain\na\n", `{"items":[{}]}`, "is element 3 of a list with 1"},
		"a name in a list":   {"/items/x/domain\na\n", `{"items":[{}]}`, `goes through a list by "x"`},
		"surplus cells":      {"domain\na\nb,c\n", "", "line 3 has 2 cells, and the first line names 1 columns"},
		"an open quote":      {"domain\na\n\"b\n", "", "line 3 is not CSV"},
		"bytes":              {"domain\n\xff\n", "", "line 2 has text in column domain that is not UTF-8"},
		"a template of two":  {"domain\na\n", `{} {}`, "more than one JSON object"},
		"a template of text": {"domain\na\n", `"a"`, "not a JSON object"},
	} {
		if got, err := expanded(t, c.table, c.template); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, %v; want %q", name, got, err, c.want)
		}
	}
}

// A table of whole orders is a batch, whose reasons name the line and the column.
func TestATableIsTakenAsABatch(t *testing.T) {
	h := begin(t, outside.Options{})
	const table = "vendorAccountId,/items/0/id,/items/0/parentId,planId,periodId,operation,domain,accountId,/items/0/transferKey\n" +
		"1,0,-1,5,1,registration,a,500100,\n" +
		"1,0,-1,five,1,registration,b,500100,\n"
	report := h.refused(batch.Wanted{Form: batch.CSV}, strings.NewReader(table), "1 of 2 lines")
	if got := told(report, 2); got != "" {
		t.Errorf("line 2: %s", got)
	}
	if got := told(report, 3); !strings.Contains(got, "/items/0/planId: ") {
		t.Errorf("line 3: %s", got)
	}
	read, err := batch.NewTable(strings.NewReader(table), nil)
	if err != nil || read.Column("/items/0/planId") != "planId" || read.Column("/items/0/transferKey") != "/items/0/transferKey" || read.Column("/customer") != "" {
		t.Errorf("the columns are not found: %v", err)
	}
}

func FuzzTable(f *testing.F) {
	f.Add("domain,transferKey\na,b\n", `{"items":[{}]}`)
	f.Add("/items/0/x;/a/b\n1;2\n", `{"a":{"b":true}}`)
	f.Fuzz(func(t *testing.T, table, template string) {
		got, err := expanded(t, table, template)
		for _, line := range got {
			if err == nil && line != "" && !json.Valid([]byte(line)) {
				t.Errorf("%q of %q and %q is not JSON", line, table, template)
			}
		}
	})
}
