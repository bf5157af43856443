package odata

import (
	"strconv"
	"strings"
	"time"
)

// place is where a value is read: a field of the entity, or the element of a
// lambda, whose field is the list.
type place struct {
	field   *Field
	element bool
}

// operand is one side of a comparison or one argument: exactly one of a place, a
// literal and a lambda.
type operand struct {
	place
	literal *literal
	lambda  node
}

// isPlace says whether the operand is read from the entity.
func (o operand) isPlace() bool { return o.field != nil }

// literalKind is the kind of a literal.
type literalKind int

const (
	literalText literalKind = iota
	literalNumber
	literalTruth
	literalNull
	literalTime
)

// literal is a value in a filter. Its text is always set.
type literal struct {
	kind   literalKind
	text   string
	folded string
	number float64
	truth  bool
	time   time.Time
}

// operand reads a literal, a field, the element of a lambda or a lambda.
func (p *parser) operand() (operand, error) {
	t := p.token
	switch {
	case t.kind == quoted:
		return operand{literal: text(t.text)}, p.next()
	case t.kind != word:
		return operand{}, p.unexpected("a field or a value")
	}
	if err := p.next(); err != nil {
		return operand{}, err
	}
	if p.token.kind == quoted && p.token.column == t.column+len(t.text) {
		return p.prefixed(t)
	}
	if l := plain(t.text); l != nil {
		return operand{literal: l}, nil
	}
	return p.path(t)
}

// text is the literal of a string. One that is a time can be compared with times.
func text(s string) *literal {
	l := &literal{kind: literalText, text: s, folded: fold(s)}
	l.time, _ = parseTime(s)
	return l
}

// prefixed reads datetime'…' and its kin. The string is the current token.
func (p *parser) prefixed(t token) (operand, error) {
	value := p.token.text
	if err := p.next(); err != nil {
		return operand{}, err
	}
	switch strings.ToLower(t.text) {
	case "datetime", "datetimeoffset":
		at, ok := parseTime(value)
		if !ok {
			return operand{}, fault("column %d: %q is not a time such as 2026-01-31T23:59:59Z", t.column, value)
		}
		return operand{literal: &literal{kind: literalTime, text: value, folded: fold(value), time: at}}, nil
	case "guid":
		return operand{literal: text(value)}, nil
	default:
		return operand{}, fault("column %d: %s'…' is not a value; strings have no prefix, times have datetime", t.column, t.text)
	}
}

// isGUID says whether s is a GUID without quotes.
func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		ch := s[i] | 0x20
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if !isDigit(s[i]) && (ch < 'a' || ch > 'f') {
				return false
			}
		}
	}
	return true
}

// plain reads a literal without quotes, or returns nil.
func plain(s string) *literal {
	l := &literal{text: s, folded: fold(s)}
	switch strings.ToLower(s) {
	case "true", "false":
		l.kind, l.truth = literalTruth, strings.EqualFold(s, "true")
		return l
	case "null":
		l.kind = literalNull
		return l
	}
	if isGUID(s) {
		return l
	}
	if !isDigit(s[0]) && s[0] != '-' && s[0] != '+' {
		return nil
	}
	if number, err := strconv.ParseFloat(strings.TrimRight(s, "lLdDfFmM"), 64); err == nil {
		l.kind, l.number = literalNumber, number
		return l
	}
	if at, ok := parseTime(s); ok {
		l.kind, l.time = literalTime, at
		return l
	}
	return nil
}

// path reads a field that begins with t, with what follows it behind slashes.
func (p *parser) path(t token) (operand, error) {
	if p.variable != "" && t.text == p.variable {
		return operand{place: place{p.over, true}}, nil
	}
	path := t.text
	for p.is("/") {
		if err := p.next(); err != nil {
			return operand{}, err
		}
		if p.token.kind != word {
			return operand{}, p.unexpected("the name of a field")
		}
		if p.is("any") || p.is("all") {
			return p.lambda(path, t.column)
		}
		path += "/" + p.token.text
		if err := p.next(); err != nil {
			return operand{}, err
		}
	}
	f := p.fields.find(path)
	if f == nil {
		return operand{}, fault("column %d: there is no field %s; allowed are %s", t.column, path, p.fields.names())
	}
	return operand{place: place{f, false}}, nil
}

// lambda reads any(t: …) or all(t: …) over a field. The word is the current token.
func (p *parser) lambda(path string, column int) (operand, error) {
	f := p.fields.find(path)
	if f == nil {
		return operand{}, fault("column %d: there is no field %s; allowed are %s", column, path, p.fields.names())
	}
	if !f.Lambdas || p.variable != "" {
		return operand{}, fault("column %d: %s cannot be asked %s; allowed are %s", p.token.column, f.Name, p.token.text, f.allowed())
	}
	n := &quantifier{place: place{field: f}, all: p.is("all")}
	if err := p.next(); err != nil {
		return operand{}, err
	}
	if err := p.expect("("); err != nil {
		return operand{}, err
	}
	if !n.all && p.is(")") {
		n.inner = everything{}
		return operand{lambda: n}, p.next()
	}
	if p.token.kind != word {
		return operand{}, p.unexpected("the name of the element")
	}
	p.variable, p.over = p.token.text, f
	defer func() { p.variable, p.over = "", nil }()
	if err := p.next(); err != nil {
		return operand{}, err
	}
	if err := p.expect(":"); err != nil {
		return operand{}, err
	}
	var err error
	if n.inner, err = p.or(); err != nil {
		return operand{}, err
	}
	return operand{lambda: n}, p.expect(")")
}

// layouts are the forms of a time; one without a zone is UTC.
var layouts = [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", time.DateOnly}

// parseTime reads a time in one of the forms of ISO 8601.
func parseTime(s string) (time.Time, bool) {
	if len(s) < len(time.DateOnly) || len(s) > 64 || !isDigit(s[0]) {
		return time.Time{}, false
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, strings.ToUpper(s)); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
