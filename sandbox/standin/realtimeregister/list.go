package realtimeregister

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// listing describes a list. All lists share one format.
type listing struct {
	// identifying are the members that come whatever is asked for.
	identifying []string
	// filters are the members by which the list can be filtered, and sorted.
	filters []string
	// values returns what a filter of a member compares; nil means the member itself.
	values func(one map[string]any, field string) []string
	// garble makes an item unreadable that is to be shown so; nil: none is.
	garble func(one map[string]any)
}

// asked is what a request asks of a list.
type asked struct {
	limit, offset int
	export        bool
	noTotal       bool
	fields        []string
}

// list answers with those of the items that the query asks for.
func (l listing) list(c *call, all []map[string]any) (answer, *problem) {
	a, all, refused := l.read(c.query, all)
	if refused != nil {
		return answer{}, refused
	}
	sortBy(all, c.query["order"])
	total := len(all)
	pagination := map[string]any{"limit": a.limit, "offset": a.offset, "total": total}
	if a.export {
		a.limit, pagination = total, map[string]any{"limit": total, "offset": 0, "total": total}
	}
	if a.noTotal {
		delete(pagination, "total")
	}
	body := map[string]any{"pagination": pagination}
	if a.limit > 0 || a.export {
		page := all[min(a.offset, total):min(a.offset+a.limit, total)]
		for _, one := range page {
			l.show(one, a)
		}
		body["entities"] = page
	}
	return answer{status: http.StatusOK, body: body}, nil
}

// read reads the query, and returns the items that pass its filters.
func (l listing) read(query map[string][]string, all []map[string]any) (asked, []map[string]any, *problem) {
	a := asked{limit: 10}
	for name, values := range query {
		value := values[0]
		var err error
		switch name {
		case "limit":
			a.limit, err = strconv.Atoi(value)
		case "offset":
			a.offset, err = strconv.Atoi(value)
		case "export":
			a.export, err = strconv.ParseBool(value)
		case "total", "no-total":
			var given bool
			given, err = strconv.ParseBool(value)
			a.noTotal = given == (name == "no-total")
		case "fields":
			a.fields = strings.Split(strings.Join(values, ","), ",")
		case "q":
			all = slices.DeleteFunc(all, func(one map[string]any) bool { return !mentions(one, value) })
		case "order":
			for _, order := range values {
				if field := strings.TrimPrefix(order, "-"); !slices.Contains(l.filters, field) {
					return a, nil, bad("ValidationError", "Unknown order %s", field)
				}
			}
		default:
			field, op, _ := strings.Cut(name, ":")
			if !slices.Contains(l.filters, field) {
				return a, nil, bad("ValidationError", "Unknown filter %s", field)
			}
			for _, value := range values {
				keep, refused := filter(op, value)
				if refused != nil {
					return a, nil, refused
				}
				all = slices.DeleteFunc(all, func(one map[string]any) bool { return !keep(l.of(one, field)) })
			}
		}
		if err != nil || a.limit < 0 || a.limit > 1000 || a.offset < 0 {
			return a, nil, violation(name, "not allowed", value)
		}
	}
	if a.export && (query["limit"] != nil || query["offset"] != nil) {
		return a, nil, bad("ValidationError", "export cannot be used with limit or offset")
	}
	return a, all, nil
}

func (l listing) of(one map[string]any, field string) []string {
	if l.values != nil {
		return l.values(one, field)
	}
	return texts(one[field])
}

// show leaves out of an item what was not asked for.
func (l listing) show(one map[string]any, a asked) {
	if l.garble != nil {
		l.garble(one)
	}
	if len(a.fields) == 0 && !a.export {
		return
	}
	for name := range one {
		if !slices.Contains(a.fields, name) && !slices.Contains(l.identifying, name) {
			delete(one, name)
		}
	}
}

// filter returns the filter of an operator; no operator means eq. A list passes if one of its
// values does, and for the negative operators if all do.
func filter(op, value string) (keep func([]string) bool, refused *problem) {
	positive, negative := strings.CutPrefix(op, "not_")
	if op == "ne" {
		positive, negative = "eq", true
	}
	list := strings.Split(value, ",")
	var fits func(string) bool
	switch positive {
	case "", "eq":
		fits = func(have string) bool { return have == value }
	case "in":
		fits = func(have string) bool { return slices.Contains(list, have) }
	case "like":
		fits = like(value).MatchString
	case "null":
		return func(have []string) bool { return (len(have) == 0) != negative }, nil
	case "gt", "lt", "gte", "lte":
		if negative {
			return nil, bad("ValidationError", "Unknown operator %s", op)
		}
		fits = func(have string) bool {
			order := compare(have, value)
			return order > 0 && op[0] == 'g' || order < 0 && op[0] == 'l' || order == 0 && len(op) == 3
		}
	default:
		return nil, bad("ValidationError", "Unknown operator %s", op)
	}
	return func(have []string) bool { return slices.ContainsFunc(have, fits) != negative }, nil
}

// like is a pattern in which % stands for any text.
func like(pattern string) *regexp.Regexp {
	return regexp.MustCompile("^(?s)" + strings.ReplaceAll(regexp.QuoteMeta(pattern), "%", ".*") + "$")
}

// compare compares numbers as such, and all else as text: that is right for Timestamps in UTC.
func compare(a, b string) int {
	x, err := strconv.ParseInt(a, 10, 64)
	y, also := strconv.ParseInt(b, 10, 64)
	if err == nil && also == nil {
		return cmp.Compare(x, y)
	}
	return strings.Compare(a, b)
}

// texts returns the values of a member as texts; none for an absent one and for an object.
func texts(value any) []string {
	switch value := value.(type) {
	case []string:
		return value
	case string:
		return []string{value}
	case bool, int, int64:
		return []string{fmt.Sprint(value)}
	}
	return nil
}

// mentions reports whether a text is in any member of an item.
func mentions(one map[string]any, text string) bool {
	for _, value := range one {
		if slices.ContainsFunc(texts(value), func(have string) bool { return strings.Contains(strings.ToLower(have), strings.ToLower(text)) }) {
			return true
		}
	}
	return false
}

// sortBy sorts by fields, and keeps the order of creation if they are equal.
func sortBy(all []map[string]any, orders []string) {
	for _, order := range slices.Backward(orders) {
		field, descending := strings.CutPrefix(order, "-")
		if descending {
			slices.Reverse(all)
		}
		slices.SortStableFunc(all, func(a, b map[string]any) int {
			compared := compare(strings.Join(texts(a[field]), ","), strings.Join(texts(b[field]), ","))
			if descending {
				return -compared
			}
			return compared
		})
	}
}
