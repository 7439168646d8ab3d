package portfolio

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/portfolio/batch"
	"domainprovisioning/registrars"
)

// OfAccount lists the domains of a registrar account, page by page. Neither customers nor plans are
// known to a registrar.
func OfAccount(ctx context.Context, account string, lister registrars.DomainLister) Source {
	return func(yield func(Row, error) bool) {
		for from := ""; ; {
			page, err := lister.ListDomains(ctx, from)
			if err != nil {
				yield(Row{}, err)
				return
			}
			for _, item := range page.Unreadable {
				if !yield(Row{Registrar: account, Unreadable: strings.TrimSpace(item.Reference + " " + item.Rule)}, nil) {
					return
				}
			}
			for _, listed := range page.Domains {
				if !yield(Row{Name: listed.Domain.Name, Registrar: account, Expires: listed.Domain.Expires}, nil) {
					return
				}
			}
			if from = page.Next; from == "" {
				return
			}
		}
	}
}

// InputError says why a table cannot be imported at all.
type InputError struct {
	Line int // 0 is the whole
	Rule string
}

func (e *InputError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("line %d %s", e.Line, e.Rule)
	}
	return "the table " + e.Rule
}

// importColumn is a column of a table, and how a cell of it is read. The error is a rule.
type importColumn struct {
	name string
	read func(*Row, string) error
}

func importColumns() []importColumn {
	number := func(into func(*Row) *int) func(*Row, string) error {
		return func(row *Row, cell string) (err error) {
			*into(row), err = parseNumber(cell, 1)
			return err
		}
	}
	return []importColumn{
		{"domain", func(row *Row, cell string) (err error) {
			if row.Name, err = domains.OrderedName(cell); err != nil {
				return errors.New("is no domain name")
			}
			return nil
		}},
		{"registrar", func(row *Row, cell string) error { row.Registrar = cell; return nil }},
		{"accountId", number(func(row *Row) *int { return &row.Account })},
		{"planId", number(func(row *Row) *int { return &row.Plan })},
		{"periodId", func(row *Row, cell string) error {
			period, err := parseNumber(cell, orders.NoPeriod)
			row.Period = &period
			return err
		}},
		{"vendorAccountId", number(func(row *Row) *int { return &row.Vendor })},
		{"domainSubscription", number(func(row *Row) *int { return &row.DomainSubscription })},
		{"hostingSubscription", number(func(row *Row) *int { return &row.HostingSubscription })},
		{"renewal", func(row *Row, cell string) error {
			row.Renewal = messages.RenewalMode(cell)
			if row.Renewal != messages.RenewalByUs && row.Renewal != messages.RenewalByNobody {
				return errors.New("must be us or none: whether the registrar renews it is read there")
			}
			return nil
		}},
		{"expires", func(row *Row, cell string) (err error) {
			for _, form := range []string{time.DateOnly, time.RFC3339} {
				if row.Expires, err = time.Parse(form, cell); err == nil {
					return nil
				}
			}
			return errors.New("must be a day such as 2027-03-01")
		}},
	}
}

func parseNumber(cell string, least int) (int, error) {
	number, err := strconv.ParseInt(cell, 10, 32)
	if err != nil || int(number) < least {
		return 0, fmt.Errorf("must be a whole number from %d on", least)
	}
	return int(number), nil
}

// ImportColumns names the columns that a table may have. The first two are required.
func ImportColumns() []string {
	names := make([]string, 0, len(importColumns()))
	for _, column := range importColumns() {
		names = append(names, column.name)
	}
	return names
}

// OfTable lists the domains of a CSV table, whose first row names its columns in any order. A row
// that cannot be read is listed as such, and hides no other. Errors: *InputError, and that of the
// reader.
func OfTable(in io.Reader) (Source, error) {
	rows := batch.ReadCSV(in)
	columns, err := headOf(rows)
	if err != nil {
		return nil, err
	}
	return func(yield func(Row, error) bool) {
		for {
			cells, err := rows.Read()
			wrong, malformed := errors.AsType[*csv.ParseError](err)
			switch {
			case errors.Is(err, io.EOF):
				return
			case malformed:
				if !yield(Row{Line: wrong.StartLine, Unreadable: "is not CSV: " + wrong.Err.Error()}, nil) {
					return
				}
				continue
			case err != nil:
				yield(Row{}, err)
				return
			}
			if !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
				continue
			}
			line, _ := rows.FieldPos(0)
			row := rowOf(columns, cells)
			if row.Line = line; !yield(row, nil) {
				return
			}
		}
	}, nil
}

// headOf reads the first row of a table.
func headOf(rows *csv.Reader) ([]importColumn, error) {
	names, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, &InputError{Rule: "is empty"}
	}
	if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
		return nil, &InputError{Line: wrong.StartLine, Rule: "is not CSV: " + wrong.Err.Error()}
	}
	if err != nil {
		return nil, err
	}
	all := importColumns()
	columns := make([]importColumn, len(names))
	for n, name := range names {
		name = strings.TrimSpace(name)
		at := slices.IndexFunc(all, func(column importColumn) bool { return column.name == name })
		switch {
		case at < 0:
			return nil, &InputError{Line: 1, Rule: fmt.Sprintf("names column %d %.60q, which is none of %s", n+1, name, strings.Join(ImportColumns(), ", "))}
		case slices.ContainsFunc(columns[:n], func(column importColumn) bool { return column.name == name }):
			return nil, &InputError{Line: 1, Rule: "names " + name + " twice"}
		}
		columns[n] = all[at]
	}
	for _, required := range all[:2] {
		if !slices.ContainsFunc(columns, func(column importColumn) bool { return column.name == required.name }) {
			return nil, &InputError{Line: 1, Rule: "names no column " + required.name}
		}
	}
	return columns, nil
}

// rowOf reads the cells of a row. The first one that is wrong makes it unreadable.
func rowOf(columns []importColumn, cells []string) Row {
	var row Row
	wrong := func(column, rule string) {
		if row.Unreadable == "" {
			row.Column, row.Unreadable = column, rule
		}
	}
	for n, cell := range cells {
		cell = strings.TrimSpace(cell)
		switch {
		case cell == "":
		case n >= len(columns):
			wrong("", fmt.Sprintf("has %d cells, and the first line names %d columns", len(cells), len(columns)))
		default:
			if err := columns[n].read(&row, cell); err != nil {
				wrong(columns[n].name, err.Error())
			}
		}
	}
	if row.Name.IsZero() {
		wrong("domain", "is empty")
	}
	if row.Registrar == "" {
		wrong("registrar", "is empty")
	}
	return row
}
