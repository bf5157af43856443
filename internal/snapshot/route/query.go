package route

import (
	"net/url"
	"strings"
)

// queryRule is one part of the query in a template: "name={parameter}",
// "name=literal" or "name". All parts are required.
type queryRule struct {
	name      string // decoded
	parameter string // name of the parameter that takes the value, or ""
	literal   string // decoded value, where fixed
	fixed     bool
}

// query reads the part of a template behind the question mark.
func (p *templateParser) query(text string, at int) error {
	for part := range strings.SplitSeq(text, "&") {
		if part != "" {
			if err := p.queryPart(part, at); err != nil {
				return err
			}
		}
		at += len(part) + 1
	}
	return nil
}

func (p *templateParser) queryPart(part string, at int) error {
	name, value, hasValue := strings.Cut(part, "=")
	plain, err := url.QueryUnescape(name)
	switch {
	case err != nil:
		return p.fail(at, "query name %q has a broken escape", name)
	case name == "" || strings.ContainsAny(name, "{}"):
		return p.fail(at, "query part %q: write it as name={parameter} or name=value", part)
	case p.hasQuery(plain):
		return p.fail(at, "second query part with the name %q", plain)
	case len(p.t.query) == MaxTemplateParameters:
		return p.fail(at, "more query parts than MaxTemplateParameters (%d)", MaxTemplateParameters)
	}
	rule := queryRule{name: plain}
	at += len(name) + 1
	if strings.HasPrefix(value, "{") && strings.IndexByte(value, '}') == len(value)-1 {
		rule.parameter = value[1 : len(value)-1]
		if err := p.name(rule.parameter, at); err != nil {
			return err
		}
	} else if hasValue {
		if strings.ContainsAny(value, "{}#") {
			return p.fail(at, "query value %q: it is a parameter or a literal, as a whole", value)
		}
		if rule.literal, err = url.QueryUnescape(value); err != nil {
			return p.fail(at, "query value %q has a broken escape", value)
		}
		rule.fixed = true
	}
	p.t.query = append(p.t.query, rule)
	return nil
}

func (p *templateParser) hasQuery(name string) bool {
	for _, q := range p.t.query {
		if strings.EqualFold(q.name, name) {
			return true
		}
	}
	return false
}

// holds reports whether a request's raw query satisfies the rule.
func (r *queryRule) holds(raw string) bool {
	value, ok := queryValue(raw, r.name)
	return ok && (!r.fixed || equalEscaped(value, r.literal))
}

// queryValue returns the first value of a query parameter, still escaped. The
// case of names does not count.
func queryValue(raw, name string) (string, bool) {
	for raw != "" {
		part := raw
		if i := strings.IndexByte(raw, '&'); i >= 0 {
			part, raw = raw[:i], raw[i+1:]
		} else {
			raw = ""
		}
		key, value := part, ""
		if i := strings.IndexByte(part, '='); i >= 0 {
			key, value = part[:i], part[i+1:]
		}
		if equalEscaped(key, name) {
			return value, true
		}
	}
	return "", false
}

// equalEscaped compares an escaped query text with a plain one, without case
// and without allocating. A broken escape stands for itself.
func equalEscaped(text, plain string) bool {
	k := 0
	for i := 0; i < len(text); k++ {
		c, width := text[i], 1
		switch c {
		case '+':
			c = ' '
		case '%':
			if v, ok := unhex(text, i+1); ok {
				c, width = v, 3
			}
		}
		if k >= len(plain) || lowerByte(c) != lowerByte(plain[k]) {
			return false
		}
		i += width
	}
	return k == len(plain)
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// Param is a parameter of a URL template with the value that the request gave
// it.
type Param struct {
	Name  string // as in the template; "*" for an unnamed wildcard
	Value string // a view of the request's path or query, still escaped
	Query bool   // the value is from the query, where "+" is a space
}

// Decoded returns the value without escapes. It allocates only where the value
// has some. A broken escape stands for itself.
func (p Param) Decoded() string {
	if strings.IndexByte(p.Value, '%') < 0 && (!p.Query || strings.IndexByte(p.Value, '+') < 0) {
		return p.Value
	}
	var b strings.Builder
	b.Grow(len(p.Value))
	for i := 0; i < len(p.Value); i++ {
		c := p.Value[i]
		if c == '%' {
			if v, ok := unhex(p.Value, i+1); ok {
				b.WriteByte(v)
				i += 2
				continue
			}
		}
		if c == '+' && p.Query {
			c = ' '
		}
		b.WriteByte(c)
	}
	return b.String()
}
