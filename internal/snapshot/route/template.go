package route

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Bounds of a URL template.
const (
	MaxTemplateLength     = 1000 // characters, as in API Management
	MaxTemplateSegments   = 64
	MaxTemplateParameters = 32 // in path and query together
)

// TemplateError says what is wrong with a URL template, and where.
type TemplateError struct {
	Template string
	Offset   int // byte of Template, from 0
	Reason   string
}

// Error returns the reason with the template and the column, counted from 1.
func (e *TemplateError) Error() string {
	text := e.Template
	if len(text) > 120 {
		text = strings.ToValidUTF8(text[:120], "") + "…"
	}
	return fmt.Sprintf("URL template %q, column %d: %s", text, e.Offset+1, e.Reason)
}

// Template is a URL template of an operation, read and checked.
type Template struct {
	text     string
	segments []segment
	names    []string // parameters of the path, in order
	query    []queryRule
	matrix   bool // a literal holds a semicolon
}

// segment is one path segment of a template. A literal segment has no
// separators; "{id}" has one, empty; "{a}-{b}.x" has the separators "-", ".x".
type segment struct {
	prefix     string
	separators []string // what follows each parameter; only the last may be empty
	wildcard   bool
}

// String returns the template as it was written.
func (t *Template) String() string { return t.text }

// Parameters returns the names of the template's parameters: those of the path
// in order, then those of the query. A "/*" is the parameter "*".
func (t *Template) Parameters() []string {
	out := append([]string(nil), t.names...)
	for _, q := range t.query {
		if q.parameter != "" {
			out = append(out, q.parameter)
		}
	}
	return out
}

// ParseTemplate reads a URL template such as "/items/{id}/*" or
// "/search?q={term}". Its errors are of type *TemplateError.
func ParseTemplate(text string) (*Template, error) {
	p := templateParser{t: &Template{text: text}, seen: map[string]bool{}}
	if utf8.RuneCountInString(text) > MaxTemplateLength {
		return nil, p.fail(0, "longer than MaxTemplateLength (%d characters)", MaxTemplateLength)
	}
	path, query, hasQuery := p.cutQuery()
	if err := p.path(path); err != nil {
		return nil, err
	}
	if hasQuery {
		if err := p.query(query, len(path)+1); err != nil {
			return nil, err
		}
	}
	return p.t, nil
}

type templateParser struct {
	t    *Template
	seen map[string]bool // names of parameters, folded
}

func (p *templateParser) fail(at int, format string, args ...any) error {
	return &TemplateError{Template: p.t.text, Offset: at, Reason: fmt.Sprintf(format, args...)}
}

// cutQuery splits the template at the first question mark outside braces.
func (p *templateParser) cutQuery() (path, query string, found bool) {
	depth := 0
	for i := range len(p.t.text) {
		switch p.t.text[i] {
		case '{':
			depth++
		case '}':
			depth--
		case '?':
			if depth <= 0 {
				return p.t.text[:i], p.t.text[i+1:], true
			}
		}
	}
	return p.t.text, "", false
}

func (p *templateParser) path(path string) error {
	for at := 0; at < len(path); {
		end := at + segmentEnd(path[at:])
		if end > at {
			if err := p.segment(path[at:end], at); err != nil {
				return err
			}
		}
		at = end + 1
	}
	return nil
}

// segmentEnd returns the index of the next slash, or the length.
func segmentEnd(s string) int {
	if i := strings.IndexByte(s, '/'); i >= 0 {
		return i
	}
	return len(s)
}

func (p *templateParser) segment(s string, at int) error {
	if k := len(p.t.segments); k > 0 && p.t.segments[k-1].wildcard {
		return p.fail(at, "a wildcard must be the last segment")
	}
	if len(p.t.segments) == MaxTemplateSegments {
		return p.fail(at, "more segments than MaxTemplateSegments (%d)", MaxTemplateSegments)
	}
	if s == "*" || (strings.HasPrefix(s, "{*") && strings.HasSuffix(s, "}")) {
		return p.wildcard(s, at)
	}
	seg := segment{}
	literal, err := p.literal(&s, &at)
	if err != nil {
		return err
	}
	seg.prefix = literal
	for s != "" {
		if err := p.parameter(&s, &at); err != nil {
			return err
		}
		if strings.HasPrefix(s, "{") {
			return p.fail(at, "two parameters side by side: write a literal between them")
		}
		if literal, err = p.literal(&s, &at); err != nil {
			return err
		}
		seg.separators = append(seg.separators, literal)
	}
	if len(seg.separators) == 0 && dotSegment(seg.prefix) {
		return p.fail(at-1, "dot segment: requests with such a path are refused")
	}
	p.t.segments = append(p.t.segments, seg)
	return nil
}

func (p *templateParser) wildcard(s string, at int) error {
	name := "*"
	if s != "*" {
		name = s[2 : len(s)-1]
	}
	if err := p.name(name, at); err != nil {
		return err
	}
	p.t.names = append(p.t.names, name)
	p.t.segments = append(p.t.segments, segment{wildcard: true})
	return nil
}

// literal reads up to the next parameter and returns the text in the form in
// which requests are compared: canonical, in lower case.
func (p *templateParser) literal(s *string, at *int) (string, error) {
	end := strings.IndexByte(*s, '{')
	if end < 0 {
		end = len(*s)
	}
	text, start := (*s)[:end], *at
	*s, *at = (*s)[end:], start+end
	if i := strings.IndexAny(text, "}*#"); i >= 0 {
		switch text[i] {
		case '}':
			return "", p.fail(start+i, "closing brace without an opening one")
		case '*':
			return "", p.fail(start+i, "a wildcard must be a whole segment, the last: \"/*\"")
		}
		return "", p.fail(start+i, "a template has no fragment")
	}
	// A letter in front keeps a lone "." from being taken for a dot segment.
	canonical, err := normalize("/x" + text)
	if err != nil {
		return "", p.fail(start+max(0, min(err.Offset-2, len(text))), "%s", err.Reason)
	}
	canonical = canonical[2:]
	if strings.Contains(canonical, "/") {
		return "", p.fail(start, "escaped slash: requests with one are matched as with a slash")
	}
	p.t.matrix = p.t.matrix || strings.Contains(canonical, ";")
	return lowerASCII(canonical), nil
}

// parameter reads "{name}".
func (p *templateParser) parameter(s *string, at *int) error {
	end := strings.IndexByte(*s, '}')
	if end < 0 {
		return p.fail(*at, "opening brace without a closing one in the same segment")
	}
	name := (*s)[1:end]
	if err := p.name(name, *at); err != nil {
		return err
	}
	p.t.names = append(p.t.names, name)
	*s, *at = (*s)[end+1:], *at+end+1
	return nil
}

// name checks a parameter's name and that no other has it.
func (p *templateParser) name(name string, at int) error {
	folded := strings.ToLower(name)
	switch {
	case name == "":
		return p.fail(at, "parameter without a name")
	case strings.ContainsAny(name, "{}/?&=#") || (name != "*" && strings.Contains(name, "*")):
		return p.fail(at, "parameter name %q: letters, digits, '-', '_' and '.' are possible", name)
	case !utf8.ValidString(name):
		return p.fail(at, "parameter name that is not UTF-8")
	case p.seen[folded]:
		return p.fail(at, "second parameter with the name %q (case does not count)", name)
	case len(p.seen) == MaxTemplateParameters:
		return p.fail(at, "more parameters than MaxTemplateParameters (%d)", MaxTemplateParameters)
	}
	p.seen[folded] = true
	return nil
}

// lowerASCII folds letters A to Z: the only ones whose case does not count in
// a path.
func lowerASCII(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return string(appendLower(nil, s))
		}
	}
	return s
}

// appendLower appends s with A to Z in lower case.
func appendLower(dst []byte, s string) []byte {
	for i := range len(s) {
		dst = append(dst, foldedBytes[s[i]])
	}
	return dst
}

// foldedBytes holds each byte, A to Z in lower case.
var foldedBytes = func() (t [256]byte) {
	for i := range t {
		t[i] = lowerByte(byte(i))
	}
	return t
}()
