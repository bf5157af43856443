package document

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ParseJSON reads a JSON document. The error is a *SyntaxError.
func ParseJSON(data []byte) (*Node, error) {
	p := &jsonParser{s: string(data), line: 1, column: 1}
	p.s = strings.TrimPrefix(p.s, "\ufeff")
	n, err := p.value(0)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.pos < len(p.s) {
		return nil, p.errorf("unexpected %s after the document", p.here())
	}
	return n, nil
}

type jsonParser struct {
	s            string
	pos          int
	line, column int32 // Of seen.
	seen         int   // How far line and column have been counted.
	nodes        int
	slab         []Node
}

func (p *jsonParser) errorf(format string, args ...any) error {
	line, column := p.position()
	return &SyntaxError{Line: int(line), Column: int(column), Message: fmt.Sprintf(format, args...)}
}

// position counts lines and characters up to pos. It only moves forward, so
// all of its calls together read the document once.
func (p *jsonParser) position() (line, column int32) {
	for p.seen < p.pos {
		c := p.s[p.seen]
		switch {
		case c == '\n':
			p.line++
			p.column = 1
		case c < utf8.RuneSelf || utf8.RuneStart(c):
			p.column++
		}
		p.seen++
	}
	return p.line, p.column
}

// here describes the next character, for errors.
func (p *jsonParser) here() string {
	if p.pos >= len(p.s) {
		return "end of the document"
	}
	r, _ := utf8.DecodeRuneInString(p.s[p.pos:])
	return fmt.Sprintf("%q", r)
}

func (p *jsonParser) space() {
	for p.pos < len(p.s) {
		switch p.s[p.pos] {
		case ' ', '\t', '\r', '\n':
			p.pos++
		default:
			return
		}
	}
}

func (p *jsonParser) node(k Kind) (*Node, error) {
	if p.nodes++; p.nodes > MaxNodes {
		return nil, p.errorf("the document has more than %d values (limit MaxNodes)", MaxNodes)
	}
	if len(p.slab) == 0 {
		p.slab = make([]Node, 32)
	}
	n := &p.slab[0]
	p.slab = p.slab[1:]
	n.Kind = k
	n.Line, n.Column = p.position()
	return n, nil
}

func (p *jsonParser) value(depth int) (*Node, error) {
	if depth > MaxDepth {
		return nil, p.errorf("the document is nested deeper than %d (limit MaxDepth)", MaxDepth)
	}
	p.space()
	if p.pos >= len(p.s) {
		return nil, p.errorf("the document ends where a value is expected")
	}
	switch c := p.s[p.pos]; {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.list(depth)
	case c == '"':
		n, err := p.node(String)
		if err != nil {
			return nil, err
		}
		n.Text, err = p.text()
		return n, err
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	default:
		return p.word()
	}
}

func (p *jsonParser) word() (*Node, error) {
	for _, w := range []struct {
		text string
		kind Kind
	}{{"true", Bool}, {"false", Bool}, {"null", Null}} {
		if strings.HasPrefix(p.s[p.pos:], w.text) {
			n, err := p.node(w.kind)
			if err != nil {
				return nil, err
			}
			n.Text = w.text
			p.pos += len(w.text)
			return n, nil
		}
	}
	return nil, p.errorf("unexpected %s where a value is expected", p.here())
}

func (p *jsonParser) number() (*Node, error) {
	n, err := p.node(Number)
	if err != nil {
		return nil, err
	}
	end := p.pos
	for end < len(p.s) && strings.IndexByte("+-0123456789.eE", p.s[end]) >= 0 {
		end++
	}
	n.Text = p.s[p.pos:end]
	if !json.Valid([]byte(n.Text)) {
		return nil, p.errorf("%q is not a number", n.Text)
	}
	p.pos = end
	return n, nil
}

// text reads a string; the next character is its quote.
func (p *jsonParser) text() (string, error) {
	start := p.pos
	for i := start + 1; i < len(p.s); i++ {
		switch c := p.s[i]; {
		case c == '"':
			p.pos = i + 1
			text := p.s[start+1 : i]
			if !utf8.ValidString(text) {
				p.pos = start
				return "", p.errorf("the string is not UTF-8")
			}
			return text, nil
		case c == '\\':
			return p.escaped(start)
		case c < ' ':
			p.pos = i
			return "", p.errorf("a string must not hold a control character; write %s", "\\n or \\u0000")
		}
	}
	return "", p.errorf("the string does not end")
}

// escaped reads a string that has escapes.
func (p *jsonParser) escaped(start int) (string, error) {
	for i := start + 1; i < len(p.s); i++ {
		switch p.s[i] {
		case '\\':
			i++
		case '"':
			var text string
			if err := json.Unmarshal([]byte(p.s[start:i+1]), &text); err != nil {
				return "", p.errorf("the string has an escape or a character that JSON does not allow")
			}
			p.pos = i + 1
			return text, nil
		}
	}
	return "", p.errorf("the string does not end")
}

func (p *jsonParser) list(depth int) (*Node, error) {
	n, err := p.node(List)
	if err != nil {
		return nil, err
	}
	p.pos++
	if p.space(); p.next(']') {
		return n, nil
	}
	for {
		item, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		n.Items = append(n.Items, item)
		p.space()
		if p.next(']') {
			return n, nil
		}
		if !p.next(',') {
			return nil, p.errorf("unexpected %s in a list: a comma or ] is expected", p.here())
		}
	}
}

func (p *jsonParser) object(depth int) (*Node, error) {
	n, err := p.node(Object)
	if err != nil {
		return nil, err
	}
	p.pos++
	if p.space(); p.next('}') {
		return n, nil
	}
	for {
		m, err := p.member(depth)
		if err != nil {
			return nil, err
		}
		n.Members = append(n.Members, m)
		p.space()
		if p.next('}') {
			return n, noDuplicates(n)
		}
		if !p.next(',') {
			return nil, p.errorf("unexpected %s in an object: a comma or } is expected", p.here())
		}
	}
}

func (p *jsonParser) member(depth int) (Member, error) {
	p.space()
	var m Member
	m.Line, m.Column = p.position()
	if p.pos >= len(p.s) || p.s[p.pos] != '"' {
		return m, p.errorf("unexpected %s: a name in quotes is expected", p.here())
	}
	var err error
	if m.Name, err = p.text(); err != nil {
		return m, err
	}
	p.space()
	if !p.next(':') {
		return m, p.errorf("unexpected %s: a colon is expected after %q", p.here(), m.Name)
	}
	m.Value, err = p.value(depth + 1)
	return m, err
}

func (p *jsonParser) next(c byte) bool {
	if p.pos < len(p.s) && p.s[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

// noDuplicates fails where an object has a name twice: one of the two values
// would be lost without a word.
func noDuplicates(n *Node) error {
	const few = 12
	if len(n.Members) <= few {
		for i := range n.Members {
			for j := range i {
				if n.Members[i].Name == n.Members[j].Name {
					return duplicate(&n.Members[i])
				}
			}
		}
		return nil
	}
	seen := make(map[string]struct{}, len(n.Members))
	for i := range n.Members {
		if _, ok := seen[n.Members[i].Name]; ok {
			return duplicate(&n.Members[i])
		}
		seen[n.Members[i].Name] = struct{}{}
	}
	return nil
}

func duplicate(m *Member) error {
	return &SyntaxError{Line: int(m.Line), Column: int(m.Column), Message: fmt.Sprintf("the name %q is there twice", m.Name)}
}
