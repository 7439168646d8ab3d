package batch_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
		"numbers JSON has not":  {"planId,periodId,accountId\n007,+7,+007\n", "", []string{"", `{"customer":{"accountId":"+007"},"items":[{"periodId":7,"planId":"007"}]}`}},
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
		"many columns":       {columns(batch.MostColumns + 1), "", "line 1 names more than 100 columns"},
		"a long name":        {"domain,/" + strings.Repeat("a", batch.MostName) + "\n", "", "line 1 names column 2 with more than 256 bytes"},
		"a deep name":        {"domain," + strings.Repeat("/a", batch.MostSteps+1) + "\n", "", "line 1 names column 2 by a pointer of more than 8 steps"},
		"a long first row":   {strings.Repeat(",", 2*batch.MostLine), "", "a row after line 0 that is longer than 262144 bytes"},
		"a long row":         {"domain\na\n\"" + strings.Repeat("b\n", batch.MostLine) + "\"", "", "a row after line 2 that is longer than 262144 bytes"},
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

// columns are the names of so many columns.
func columns(count int) string {
	names := make([]string, count)
	for n := range names {
		names[n] = fmt.Sprintf("/%s%d", strings.Repeat("c", 40), n)
	}
	return strings.Join(names, ",") + "\n"
}

func TestATableUpToItsBounds(t *testing.T) {
	for name, table := range map[string]string{
		"columns":   columns(batch.MostColumns) + "1\n",
		"a name":    "/" + strings.Repeat("a", batch.MostName-1) + "\n1\n",
		"steps":     strings.Repeat("/a", batch.MostSteps) + "\n1\n",
		"long rows": "domain\n" + strings.Repeat(strings.Repeat("a", batch.MostLine-1)+"\n", 3) + strings.Repeat("b", batch.MostLine),
	} {
		if _, err := expanded(t, table, ""); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A row repeats the names of the columns in its order: what counts is the order.
func TestWhatRowsBecomeIsBounded(t *testing.T) {
	h := begin(t, outside.Options{})
	names := strings.TrimSuffix(columns(batch.MostColumns), "\n")
	row := strings.TrimSuffix(strings.Repeat("1,", batch.MostColumns), ",") + "\n"
	count := batch.MostBytes/len(names) + 1
	table := names + "\n" + strings.Repeat(row, count)
	if len(table) > batch.MostBytes/10 {
		t.Fatalf("the table itself has %d bytes", len(table))
	}
	_, err := h.taker.Take(t.Context(), batch.Wanted{Form: batch.CSV, Client: "shop"}, strings.NewReader(table))
	if input, ok := errors.AsType[*batch.InputError](err); !ok || !input.TooLarge || !strings.Contains(err.Error(), "larger than 33554432 bytes") {
		t.Errorf("got %v", err)
	}
	// A character that JSON escapes makes a row longer than it is sent.
	report := h.refused(batch.Wanted{Form: batch.CSV}, strings.NewReader("domain\n"+strings.Repeat("<", batch.MostLine/6)+"\n"), "1 of 1 lines")
	if got := told(report, 2); got != ": is longer than 262144 bytes" {
		t.Errorf("line 2: %s", got)
	}
}

// What a caller has named is told shortened.
func TestReasonsDoNotRepeatLongNames(t *testing.T) {
	h := begin(t, outside.Options{})
	report := h.refused(batch.Wanted{}, lines(`{"`+strings.Repeat("n", 5000)+`":1}`), "1 of 1 lines")
	for _, reason := range report.Refused[0].Reasons {
		if len(reason.Pointer) > 600 || len(reason.Message) > 1100 {
			t.Errorf("a reason of %d and %d bytes", len(reason.Pointer), len(reason.Message))
		}
	}
}

// A caller who has gone away is not worked for.
func TestABatchWhoseCallerHasGoneIsLeft(t *testing.T) {
	h := begin(t, outside.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for form, text := range map[batch.Form]string{batch.CSV: "domain\na\n", batch.JSONLines: "{}\n"} {
		in := strings.NewReader(text)
		if _, err := h.taker.Take(ctx, batch.Wanted{Form: form, Client: "shop"}, in); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", form, err)
		}
	}
}

// A table of whole orders is a batch, whose reasons name the line and the column.
func TestATableIsTakenAsABatch(t *testing.T) {
	h := begin(t, outside.Options{})
	const table = "vendorAccountId,/items/0/id,/items/0/parentId,planId,periodId,operation,domain,accountId,/items/0/transferKey\n" +
		"1,0,-1,5,1,registration,a,500100,\n" +
		"1,0,-1,five,1,registration,b,500100,\n" +
		"1,0,-1,007,1,registration,c,500100,\n"
	report := h.refused(batch.Wanted{Form: batch.CSV}, strings.NewReader(table), "2 of 3 lines")
	if got := told(report, 2); got != "" {
		t.Errorf("line 2: %s", got)
	}
	for _, line := range []int{3, 4} {
		if got := told(report, line); !strings.Contains(got, "/items/0/planId: ") {
			t.Errorf("line %d: %s", line, got)
		}
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
