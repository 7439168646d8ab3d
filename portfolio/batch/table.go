package batch

import (
	"bufio"
	"bytes"
	"context"
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

// The limits of a table. They bound what a short first row can ask for in each order: a name is
// repeated there, and each of its steps is an object of its own.
const (
	MostColumns = 100
	MostName    = 256 // bytes of a column's name
	MostSteps   = 8   // of a column's pointer
	// mostElement is the highest index that a column may name.
	mostElement = 99
)

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
	guard    *rowGuard
	last     int // the line where the last row begins
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
	guard := &rowGuard{from: in, left: MostLine}
	t := &Table{rows: ReadCSV(guard), guard: guard, template: bytes.TrimPrefix(template, bom), bare: bare}
	names, err := t.row()
	if errors.Is(err, io.EOF) {
		return nil, &InputError{Rule: "is empty"}
	}
	if err != nil {
		return nil, err
	}
	if len(names) > MostColumns {
		return nil, &InputError{Line: 1, Rule: fmt.Sprintf("names more than %d columns", MostColumns)}
	}
	known := map[string]bool{}
	for n, name := range names {
		column, err := columnOf(n+1, strings.TrimSpace(name))
		if err != nil {
			return nil, err
		}
		place := strings.Join(column.path, "\x00")
		if known[place] {
			return nil, &InputError{Line: 1, Rule: fmt.Sprintf("names %s twice", clip(column.name))}
		}
		known[place] = true
		t.columns = append(t.columns, column)
	}
	return t, t.try()
}

// columnOf understands the name of a column. Error: *InputError.
func columnOf(number int, name string) (column, error) {
	if len(name) > MostName {
		return column{}, &InputError{Line: 1, Rule: fmt.Sprintf("names column %d with more than %d bytes", number, MostName)}
	}
	pointer, short := shortNames[name]
	switch {
	case short:
	case strings.HasPrefix(name, "/"):
		pointer = name
	default:
		return column{}, &InputError{Line: 1, Rule: fmt.Sprintf("names column %d %q, which is neither a JSON pointer nor one of %s", number, clip(name), strings.Join(ShortNames(), ", "))}
	}
	path := strings.Split(pointer, "/")[1:]
	if len(path) > MostSteps {
		return column{}, &InputError{Line: 1, Rule: fmt.Sprintf("names column %d by a pointer of more than %d steps", number, MostSteps)}
	}
	for i := range path {
		path[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(path[i])
	}
	return column{name, path}, nil
}

// rowGuard gives no more of its reader than one row may have, so that no row is held that is too
// long, whatever its quotes and commas are.
type rowGuard struct {
	from     io.Reader
	given    int64
	left     int64
	exceeded bool
}

func (g *rowGuard) Read(p []byte) (int, error) {
	if g.left <= 0 {
		// What ends here is a row of just the size that it may have.
		n, err := g.from.Read(p[:min(1, len(p))])
		g.exceeded = g.exceeded || n > 0
		if n > 0 {
			err = errTooLarge
		}
		return 0, err
	}
	n, err := g.from.Read(p[:min(g.left, int64(len(p)))])
	g.given += int64(n)
	g.left -= int64(n)
	return n, err
}

// row reads the next row, of at most MostLine bytes. Errors: io.EOF, *InputError, and that of the
// reader.
func (t *Table) row() ([]string, error) {
	t.guard.left = t.rows.InputOffset() + int64(len(bom)) + MostLine - t.guard.given
	cells, err := t.rows.Read()
	if t.guard.exceeded {
		return nil, &InputError{Rule: fmt.Sprintf("has a row after line %d that is longer than %d bytes", t.last, MostLine), TooLarge: true}
	}
	if err != nil {
		return nil, rowError(err)
	}
	t.last, _ = t.rows.FieldPos(0)
	return cells, nil
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
		cells, err := t.row()
		if err != nil {
			return 0, nil, err
		}
		number = t.last
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
	// 007 is no number of JSON.
	digits := strings.TrimPrefix(cell, "+")
	if value, err := strconv.Atoi(cell); number && err == nil && strconv.Itoa(value) == digits {
		return json.Number(digits), nil
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
func clip(text string) string { return clipTo(text, 60) }

// clipTo shortens a text to so many characters.
func clipTo(text string, most int) string {
	if len(text) <= most {
		return text
	}
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "..."
	}
	return text
}

// readTable reads a batch in the form of a table of whole orders. What counts is the order that a row
// becomes: it repeats the names of the columns.
func readTable(ctx context.Context, in io.Reader, add func(*line) error) error {
	table, err := NewTable(in, nil)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		number, document, err := table.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = add(bounded(number, document, len(document) > MostLine))
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
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
