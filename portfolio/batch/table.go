package batch

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// shortNames are names of columns beside JSON pointers: fields of the order, of its first item, and
// of an existing customer.
var shortNames = map[string]string{
	"number": "/number", "vendorAccountId": "/vendorAccountId", "accountId": "/customer/accountId",
	"planId": "/items/0/planId", "periodId": "/items/0/periodId", "operation": "/items/0/operation",
	"domain": "/items/0/domain", "transferKey": "/items/0/transferKey", "expires": "/items/0/expires", "language": "/items/0/language",
	"subscriptionId": "/items/0/subscriptionId",
	"owner":          "/items/0/contacts/owner", "admin": "/items/0/contacts/admin", "tech": "/items/0/contacts/tech", "billing": "/items/0/contacts/billing",
}

// ShortNames lists the names of columns that are no JSON pointers.
func ShortNames() []string { return slices.Sorted(maps.Keys(shortNames)) }

// numbers are the fields of an order that are numbers, by the last step of their pointers.
var numberFields = []string{"id", "planId", "periodId", "parentId", "vendorAccountId", "accountId", "subscriptionId"}

// mostElement is the highest index that a column may name.
const mostElement = 99

// column is a column of a table: where its cells belong.
type column struct {
	name string
	path []string // the steps of its pointer
}

// Table reads a CSV table of orders. Its first row names the fields; each other row is an order: the
// template, with the row's cells. An empty cell leaves what the template has. Without a template one
// in the column of the transfer key is the empty key, which registrations must have.
type Table struct {
	rows     *csv.Reader
	columns  []column
	template []byte
	bare     bool // there is no template
}

// NewTable reads the first row. The template is the JSON form of an order, or part of one; nil is an
// empty one. Errors: *InputError, and that of the reader.
func NewTable(in io.Reader, template []byte) (*Table, error) {
	bare := len(bytes.TrimSpace(template)) == 0
	if bare {
		template = []byte("{}")
	}
	t := &Table{rows: ReadCSV(in), template: bytes.TrimPrefix(template, bom), bare: bare}
	names, err := t.rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, &InputError{Rule: "is empty"}
	}
	if err != nil {
		return nil, rowError(err)
	}
	for n, name := range names {
		name = strings.TrimSpace(name)
		pointer, short := shortNames[name]
		switch {
		case short:
		case strings.HasPrefix(name, "/"):
			pointer = name
		default:
			return nil, &InputError{Line: 1, Rule: fmt.Sprintf("names column %d %q, which is neither a JSON pointer nor one of %s", n+1, clip(name), strings.Join(ShortNames(), ", "))}
		}
		path := strings.Split(pointer, "/")[1:]
		for i := range path {
			path[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(path[i])
		}
		if slices.ContainsFunc(t.columns, func(c column) bool { return slices.Equal(c.path, path) }) {
			return nil, &InputError{Line: 1, Rule: fmt.Sprintf("names %s twice", clip(name))}
		}
		t.columns = append(t.columns, column{name, path})
	}
	return t, t.try()
}

// ReadCSV reads the rows of a table as spreadsheets write it, of any number of cells each.
func ReadCSV(in io.Reader) *csv.Reader {
	buffered := bufio.NewReader(in)
	if start, _ := buffered.Peek(len(bom)); bytes.Equal(start, bom) {
		_, _ = buffered.Discard(len(bom))
	}
	rows := csv.NewReader(buffered)
	rows.FieldsPerRecord = -1
	rows.Comma = separator(buffered)
	return rows
}

// separator is a semicolon if the first row has one and no comma, as some spreadsheets write it.
func separator(in *bufio.Reader) rune {
	start, _ := in.Peek(4096)
	first, _, _ := bytes.Cut(start, []byte("\n"))
	if bytes.ContainsRune(first, ';') && !bytes.ContainsRune(first, ',') {
		return ';'
	}
	return ','
}

// try sets every column once, so that one that fits no order is found before any row is.
func (t *Table) try() error {
	order, err := t.start()
	if err != nil {
		return err
	}
	for _, column := range t.columns {
		if order, err = set(order, column.path, column.path, "0"); err != nil {
			return &InputError{Line: 1, Rule: fmt.Sprintf("names column %s, which %s", clip(column.name), err)}
		}
	}
	return nil
}

func (t *Table) start() (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(t.template))
	decoder.UseNumber()
	var order map[string]any
	if err := decoder.Decode(&order); err != nil || order == nil {
		return nil, &InputError{Rule: "has a template that is not a JSON object"}
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, &InputError{Rule: "has a template that is more than one JSON object"}
	}
	return order, nil
}

// Next returns the next order and the number of the line where its row begins. Errors: io.EOF,
// *InputError, and that of the reader.
func (t *Table) Next() (number int, document []byte, err error) {
	for {
		cells, err := t.rows.Read()
		if err != nil {
			return 0, nil, rowError(err)
		}
		number, _ = t.rows.FieldPos(0)
		if !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			continue
		}
		document, err = t.order(number, cells)
		return number, document, err
	}
}

func (t *Table) order(number int, cells []string) ([]byte, error) {
	order, err := t.start()
	if err != nil {
		return nil, err
	}
	for n, cell := range cells {
		cell = strings.TrimSpace(cell)
		switch {
		case cell == "" && (!t.bare || n >= len(t.columns) || t.columns[n].path[len(t.columns[n].path)-1] != "transferKey"):
		case n >= len(t.columns):
			return nil, &InputError{Line: number, Rule: fmt.Sprintf("has %d cells, and the first line names %d columns", len(cells), len(t.columns))}
		case !utf8.ValidString(cell):
			return nil, &InputError{Line: number, Rule: fmt.Sprintf("has text in column %s that is not UTF-8", clip(t.columns[n].name))}
		default:
			if order, err = set(order, t.columns[n].path, t.columns[n].path, cell); err != nil {
				return nil, &InputError{Line: number, Rule: fmt.Sprintf("has column %s, which %s", clip(t.columns[n].name), err)}
			}
		}
	}
	return json.Marshal(order)
}

// Column is the name of the column that a JSON pointer is about; "" if none is.
func (t *Table) Column(pointer string) string {
	for _, column := range t.columns {
		if pointer == "/"+strings.Join(column.path, "/") || pointer == column.name {
			return column.name
		}
	}
	return ""
}

// set puts a cell at a place and returns what holds it. Objects and lists on the way are made.
func set(in any, whole, path []string, cell string) (any, error) {
	if len(path) == 0 {
		return valueOf(in, whole, cell)
	}
	index, isIndex := elementOf(path[0])
	switch holder := in.(type) {
	case []any:
		if !isIndex {
			return nil, fmt.Errorf("goes through a list by %q", clip(path[0]))
		}
		if index > len(holder) {
			return nil, fmt.Errorf("is element %d of a list with %d", index, len(holder))
		}
		if index == len(holder) {
			holder = append(holder, nil)
		}
		value, err := set(holder[index], whole, path[1:], cell)
		holder[index] = value
		return holder, err
	case map[string]any:
		value, err := set(holder[path[0]], whole, path[1:], cell)
		holder[path[0]] = value
		return holder, err
	case nil:
		// Only items, contacts, name servers and the like are lists.
		if isIndex && index == 0 {
			return set([]any{}, whole, path, cell)
		}
		return set(map[string]any{}, whole, path, cell)
	}
	return nil, errors.New("goes through a value")
}

func elementOf(step string) (int, bool) {
	index, err := strconv.Atoi(step)
	return index, err == nil && index >= 0 && index <= mostElement && strconv.Itoa(index) == step
}

// valueOf is the value that a cell stands for: of the type that the template has there, or else of
// that which the field has. What does not fit stays text, and the rules of orders say so.
func valueOf(in any, path []string, cell string) (any, error) {
	number, truth := false, false
	switch in.(type) {
	case map[string]any, []any:
		return nil, errors.New("is an object or a list in the template")
	case json.Number:
		number = true
	case bool:
		truth = true
	case nil:
		last := path[len(path)-1]
		number = slices.Contains(numberFields, last) || slices.Contains(path, "contacts") || path[0] == "groupOrder"
		number = number && !slices.Contains(path, "parameters") && !slices.Contains(path, "slots")
		truth = slices.Contains(path, "settings")
	}
	if _, err := strconv.Atoi(cell); number && err == nil {
		return json.Number(strings.TrimPrefix(cell, "+")), nil
	}
	if truth && (cell == "true" || cell == "false") {
		return cell == "true", nil
	}
	return cell, nil
}

func rowError(err error) error {
	if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
		return &InputError{Line: wrong.StartLine, Rule: "is not CSV: " + wrong.Err.Error()}
	}
	return err
}

// clip shortens what an error quotes.
func clip(text string) string {
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:60]) + "..."
	}
	return text
}

// readTable reads a batch in the form of a table of whole orders.
func readTable(in io.Reader, add func(*line) error) error {
	table, err := NewTable(in, nil)
	if err != nil {
		return err
	}
	for {
		number, document, err := table.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = add(&line{number: number, document: document})
		}
		if err != nil {
			return err
		}
	}
}

// Expand writes a table as JSON lines. Blank lines stand where the table has its first row, or a row
// of several lines, so that each order keeps the number of its line.
func (t *Table) Expand(out io.Writer) error {
	buffered := bufio.NewWriter(out)
	for at := 1; ; at++ {
		number, document, err := t.Next()
		if errors.Is(err, io.EOF) {
			return buffered.Flush()
		}
		if err != nil {
			return errors.Join(err, buffered.Flush())
		}
		for ; at < number; at++ {
			_ = buffered.WriteByte('\n')
		}
		_, _ = buffered.Write(document)
		if err := buffered.WriteByte('\n'); err != nil {
			return err
		}
	}
}
