package odata

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// node is a part of a filter that is true or false for an entity.
type node interface {
	match(s *subject) bool
}

// subject is what a filter is asked about: an entity and, inside a lambda, one
// element of a list in it.
type subject struct {
	tree    map[string]any
	element any
}

type (
	everything struct{}
	anyOf      []node
	allOf      []node
	negation   struct{ node }

	// quantifier is any or all over the elements of a list.
	quantifier struct {
		place place
		all   bool
		inner node
	}
	// textFunction is one of the functions of text.
	textFunction struct {
		place place
		name  string
		bytes []byte // The text, folded.
	}
	// comparison compares a place with a literal.
	comparison struct {
		place    place
		operator string
		literal  literal
	}
)

func (everything) match(*subject) bool { return true }

func (n anyOf) match(s *subject) bool {
	for _, inner := range n {
		if inner.match(s) {
			return true
		}
	}
	return false
}

func (n allOf) match(s *subject) bool {
	for _, inner := range n {
		if !inner.match(s) {
			return false
		}
	}
	return true
}

func (n negation) match(s *subject) bool { return !n.node.match(s) }

func (n *quantifier) match(s *subject) bool {
	for _, v := range n.place.values(s) {
		if n.inner.match(&subject{tree: s.tree, element: v}) != n.all {
			return !n.all
		}
	}
	return n.all
}

func (n *textFunction) match(s *subject) bool {
	for _, v := range n.place.values(s) {
		value, ok := textOf(v)
		if !ok {
			continue
		}
		if n.holds(value) {
			return true
		}
	}
	return false
}

// foldBuffer is how long a text is folded without memory of its own: names and
// addresses are shorter, and lists ask about very many.
const foldBuffer = 256

// holds asks the function about a text.
func (n *textFunction) holds(value string) bool {
	var buffer [foldBuffer]byte
	folded, ok := foldASCII(buffer[:0], n.cut(value))
	if !ok {
		folded = []byte(fold(value))
	}
	switch n.name {
	case "startswith":
		return bytes.HasPrefix(folded, n.bytes)
	case "endswith":
		return bytes.HasSuffix(folded, n.bytes)
	default:
		return bytes.Contains(folded, n.bytes)
	}
}

// cut leaves of a text what the function looks at: its beginning or its end, as
// long as it is a text of ASCII letters, which folding does not make longer.
func (n *textFunction) cut(value string) string {
	if length := len(n.bytes); len(value) > length {
		switch n.name {
		case "startswith":
			return value[:length]
		case "endswith":
			return value[len(value)-length:]
		}
	}
	return value
}

// foldASCII is fold for a short text in ASCII; false for any other.
func foldASCII(into []byte, value string) ([]byte, bool) {
	if len(value) > cap(into) {
		return nil, false
	}
	for i := range len(value) {
		c := value[i]
		if c >= utf8.RuneSelf {
			return nil, false
		}
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		into = append(into, c)
	}
	return into, true
}

func (n *comparison) match(s *subject) bool {
	values := n.place.values(s)
	switch {
	case n.literal.kind == literalNull:
		return (n.operator == "eq") == (len(values) == 0) && (n.operator == "eq" || n.operator == "ne")
	case n.operator == "ne":
		return !n.some(values, "eq")
	default:
		return n.some(values, n.operator)
	}
}

// some says whether the comparison holds for one of the values.
func (n *comparison) some(values []any, operator string) bool {
	for _, v := range values {
		if n.holds(v, operator) {
			return true
		}
	}
	return false
}

// holds compares one value.
func (n *comparison) holds(value any, operator string) bool {
	order, ok := n.literal.order(value)
	switch {
	case operator == "eq" && ok && order != 0 && n.place.field.Identifier:
		id, _ := textOf(value)
		if _, whole := value.(Whole); whole {
			return fold(strings.Trim(id, "/")) == fold(strings.Trim(n.literal.text, "/"))
		}
		return names(id, n.literal.text)
	case !ok:
		return false
	}
	switch operator {
	case "eq":
		return order == 0
	case "gt":
		return order > 0
	case "lt":
		return order < 0
	case "ge":
		return order >= 0
	default:
		return order <= 0
	}
}

// order compares a value of an entity with the literal: as numbers, times or
// truths where both are, else as text without regard to case.
func (l *literal) order(value any) (int, bool) {
	if truth, ok := value.(bool); ok {
		return compareTruth(truth, l.folded)
	}
	s, ok := textOf(value)
	if !ok {
		return 0, false
	}
	if l.kind == literalNumber {
		if number, err := strconv.ParseFloat(s, 64); err == nil {
			return cmp.Compare(number, l.number), true
		}
	}
	if !l.time.IsZero() {
		if at, ok := parseTime(s); ok {
			return at.Compare(l.time), true
		}
	}
	return strings.Compare(fold(s), l.folded), true
}

// compareTruth compares with true and false, also where they are in quotes.
func compareTruth(truth bool, folded string) (int, bool) {
	want, err := strconv.ParseBool(folded)
	if err != nil || truth != want {
		return 1, err == nil
	}
	return 0, true
}

// Whole is an id that a filter names by all of it only, not by its end: of a
// workspace's API among those of the service, as "/workspaces/sales/apis/orders"
// beside "/apis/orders".
type Whole string

// names says whether a resource id ends with a relative id or a name.
func names(id, relative string) bool {
	relative = strings.Trim(relative, "/")
	return relative != "" && strings.HasSuffix(fold(id), "/"+fold(relative))
}

// values reads a place: the elements of a list, one value, or none.
func (p place) values(s *subject) []any {
	if p.element {
		return []any{s.element}
	}
	for _, path := range p.field.Paths {
		switch v := at(s.tree, path).(type) {
		case nil:
			continue
		case []any:
			return v
		case []string:
			values := make([]any, 0, len(v))
			for _, element := range v {
				values = append(values, element)
			}
			return values
		default:
			return []any{v}
		}
	}
	return nil
}

// at follows a path with dots into a tree.
func at(tree map[string]any, path string) any {
	for {
		name, rest, more := strings.Cut(path, ".")
		value := tree[name]
		if !more {
			return value
		}
		inner, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		tree, path = inner, rest
	}
}

// textOf writes a string or a number as text.
func textOf(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case Whole:
		return string(v), true
	case json.Number:
		return string(v), true
	case int:
		return strconv.Itoa(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	default:
		return "", false
	}
}

// fold makes text comparable without regard to case, as .NET's OrdinalIgnoreCase
// does: by upper case.
func fold(s string) string { return strings.ToUpper(s) }
