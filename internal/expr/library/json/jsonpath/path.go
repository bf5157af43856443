// Package jsonpath reads the paths of Newtonsoft's SelectToken: the text to steps, which the tokens' package takes.
package jsonpath

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// Step takes the tokens so far to further ones.
type Step struct {
	// Deep says that the step looks at all descendants.
	Deep bool
	// All selects every child: of an object where it is written as a name, of an array where it is an index.
	All, Field bool
	// Names and Indices are what it selects.
	Names   []string
	Indices []int
	// Slice is [start:end:step], each nil where it is left out.
	Slice *[3]*int
	// Filter is [?(…)].
	Filter *Filter
}

// stepBytes and wordBytes are what a step and a name or number cost of the memory budget, in bytes.
const (
	stepBytes = 512
	wordBytes = 64
)

// parser reads a JSONPath as Newtonsoft's JPath does.
type parser struct {
	thread *value.Thread
	s      string
	i      int
	// inQuery says that operators end a name.
	inQuery bool
	// nested is how many queries are around.
	nested int
}

// Parse returns the steps of a path.
func Parse(t *value.Thread, path string) ([]Step, *value.Exception) {
	p := &parser{thread: t, s: path}
	if strings.HasPrefix(path, "$") && (len(path) == 1 || path[1] == '.' || path[1] == '[') {
		p.i++
	}
	var steps []Step
	first := p.i == 0
	for p.i < len(p.s) {
		st, e := p.step(first)
		if e != nil {
			return nil, e
		}
		first = false
		if steps, e = value.Append(t, steps, st); e != nil {
			return nil, e
		}
	}
	return steps, nil
}

func (p *parser) peek() byte {
	if p.i < len(p.s) {
		return p.s[p.i]
	}
	return 0
}

func (p *parser) fail(format string, args ...any) *value.Exception {
	return value.Throw("Newtonsoft.Json.JsonException", fmt.Sprintf(format, args...))
}

// pay takes a step of the budget and its memory.
func (p *parser) pay(size int64) *value.Exception {
	if e := p.thread.Budget.Step(); e != nil {
		return e
	}
	return p.thread.Budget.Alloc(size)
}

func (p *parser) step(first bool) (Step, *value.Exception) {
	var st Step
	if e := p.pay(wordBytes); e != nil {
		return st, e
	}
	switch p.peek() {
	case '.':
		p.i++
		if p.peek() == '.' {
			p.i++
			st.Deep = true
		}
		if p.peek() == '[' {
			return p.brackets(st)
		}
		return p.name(st)
	case '[':
		return p.brackets(st)
	}
	if !first {
		return st, p.fail("Unexpected character following indexer: %c", p.peek())
	}
	return p.name(st)
}

func (p *parser) name(st Step) (Step, *value.Exception) {
	start := p.i
	ends := ".[ )]"
	if p.inQuery {
		ends += "=!<>&|"
	}
	for p.i < len(p.s) && strings.IndexByte(ends, p.s[p.i]) < 0 {
		p.i++
	}
	switch name := p.s[start:p.i]; name {
	case "":
		return st, p.fail("Unexpected end while parsing path.")
	case "*":
		st.All, st.Field = true, true
	default:
		st.Names = []string{name}
	}
	return st, nil
}

func (p *parser) spaces() {
	for p.peek() == ' ' {
		p.i++
	}
}

// brackets reads [0], ['a','b'], [*], [1:3] or [?(…)].
func (p *parser) brackets(st Step) (Step, *value.Exception) {
	p.i++
	p.spaces()
	switch c := p.peek(); {
	case c == '\'':
		return p.quotedNames(st)
	case c == '?':
		return p.query(st)
	case c == '*':
		p.i++
		st.All = true
		p.spaces()
		return st, p.closing()
	}
	return p.numbers(st)
}

func (p *parser) closing() *value.Exception {
	if p.peek() != ']' {
		if p.i >= len(p.s) {
			return p.fail("Path ended with open indexer.")
		}
		return p.fail("Unexpected character while parsing path indexer: %c", p.peek())
	}
	p.i++
	return nil
}

func (p *parser) quotedNames(st Step) (Step, *value.Exception) {
	for {
		name, e := p.quoted()
		if e != nil {
			return st, e
		}
		if st.Names, e = value.Append(p.thread, st.Names, name); e != nil {
			return st, e
		}
		p.spaces()
		if p.peek() != ',' {
			return st, p.closing()
		}
		p.i++
		p.spaces()
	}
}

func (p *parser) quoted() (string, *value.Exception) {
	quote := p.peek()
	if quote != '\'' {
		return "", p.fail("Unexpected character while parsing path indexer: %c", quote)
	}
	p.i++
	b := value.NewText(p.thread)
	for p.i < len(p.s) {
		c := p.s[p.i]
		p.i++
		switch {
		case c == quote:
			return b.Done()
		case c == '\\' && p.i < len(p.s):
			b.Char(p.s[p.i])
			p.i++
		default:
			b.Char(c)
		}
	}
	return "", p.fail("Path ended with an open string.")
}

// numbers reads indices with commas, or a slice.
func (p *parser) numbers(st Step) (Step, *value.Exception) {
	var slice [3]*int
	part, isSlice := 0, false
	for {
		p.spaces()
		n, ok := p.number()
		if ok {
			slice[part] = &n
			if !isSlice {
				var e *value.Exception
				if st.Indices, e = value.Append(p.thread, st.Indices, n); e != nil {
					return st, e
				}
				if e := p.pay(wordBytes); e != nil {
					return st, e
				}
			}
		}
		p.spaces()
		switch {
		case p.peek() == ':' && part < 2:
			p.i++
			isSlice = true
			part++
		case p.peek() == ',' && ok && !isSlice:
			p.i++
		case !ok && !isSlice:
			return st, p.fail("Array index expected.")
		default:
			if isSlice {
				st.Slice, st.Indices = &slice, nil
			}
			return st, p.closing()
		}
	}
}

func (p *parser) number() (int, bool) {
	start := p.i
	if p.peek() == '-' {
		p.i++
	}
	for p.peek() >= '0' && p.peek() <= '9' {
		p.i++
	}
	n, err := strconv.Atoi(p.s[start:min(p.i, start+maxDigits)])
	return n, err == nil && p.i-start <= maxDigits
}

// maxDigits is the length of the longest number that is an index.
const maxDigits = 20
