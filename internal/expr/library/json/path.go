package json

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// A JSONPath is a list of steps; each takes the tokens so far to further ones.
type pathStep struct {
	// deep says that the step looks at all descendants.
	deep bool
	// names and indices are what it selects; all selects every child; slice is [start:end:step].
	names   []string
	indices []int
	all     bool
	slice   *[3]*int
	filter  filter
	root    bool
}

// pathParser reads a JSONPath as Newtonsoft's JPath does.
type pathParser struct {
	s string
	i int
	// inQuery says that operators end a name.
	inQuery bool
}

// parsePath returns the steps of a path.
func parsePath(s string) ([]pathStep, *value.Exception) {
	p := &pathParser{s: s}
	if strings.HasPrefix(s, "$") && (len(s) == 1 || s[1] == '.' || s[1] == '[') {
		p.i++
	}
	var steps []pathStep
	first := p.i == 0
	for p.i < len(p.s) {
		st, e := p.step(first)
		if e != nil {
			return nil, e
		}
		first = false
		steps = append(steps, st)
	}
	return steps, nil
}

func (p *pathParser) peek() byte {
	if p.i < len(p.s) {
		return p.s[p.i]
	}
	return 0
}

func (p *pathParser) fail(format string, args ...any) *value.Exception {
	return jsonError(fmt.Sprintf(format, args...))
}

func (p *pathParser) step(first bool) (pathStep, *value.Exception) {
	var st pathStep
	switch p.peek() {
	case '.':
		p.i++
		if p.peek() == '.' {
			p.i++
			st.deep = true
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

func (p *pathParser) name(st pathStep) (pathStep, *value.Exception) {
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
		st.all = true
	default:
		st.names = []string{name}
	}
	return st, nil
}

func (p *pathParser) spaces() {
	for p.peek() == ' ' {
		p.i++
	}
}

// brackets reads [0], ['a','b'], [*], [1:3] or [?(…)].
func (p *pathParser) brackets(st pathStep) (pathStep, *value.Exception) {
	p.i++
	p.spaces()
	switch c := p.peek(); {
	case c == '\'' || c == '"':
		return p.quotedNames(st)
	case c == '?':
		return p.query(st)
	case c == '*':
		p.i++
		st.all = true
		p.spaces()
		return st, p.closing()
	}
	return p.numbers(st)
}

func (p *pathParser) closing() *value.Exception {
	if p.peek() != ']' {
		if p.i >= len(p.s) {
			return p.fail("Path ended with open indexer.")
		}
		return p.fail("Unexpected character while parsing path indexer: %c", p.peek())
	}
	p.i++
	return nil
}

func (p *pathParser) quotedNames(st pathStep) (pathStep, *value.Exception) {
	for {
		name, e := p.quoted()
		if e != nil {
			return st, e
		}
		st.names = append(st.names, name)
		p.spaces()
		if p.peek() != ',' {
			return st, p.closing()
		}
		p.i++
		p.spaces()
	}
}

func (p *pathParser) quoted() (string, *value.Exception) {
	quote := p.peek()
	if quote != '\'' && quote != '"' {
		return "", p.fail("Unexpected character while parsing path indexer: %c", quote)
	}
	p.i++
	var b strings.Builder
	for p.i < len(p.s) {
		c := p.s[p.i]
		p.i++
		switch {
		case c == quote:
			return b.String(), nil
		case c == '\\' && p.i < len(p.s):
			b.WriteByte(p.s[p.i])
			p.i++
		default:
			b.WriteByte(c)
		}
	}
	return "", p.fail("Path ended with an open string.")
}

// numbers reads indices with commas, or a slice.
func (p *pathParser) numbers(st pathStep) (pathStep, *value.Exception) {
	var slice [3]*int
	part, isSlice := 0, false
	for {
		p.spaces()
		n, ok := p.number()
		if ok {
			slice[part] = &n
			if !isSlice {
				st.indices = append(st.indices, n)
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
				st.slice, st.indices = &slice, nil
			}
			return st, p.closing()
		}
	}
}

func (p *pathParser) number() (int, bool) {
	start := p.i
	if p.peek() == '-' {
		p.i++
	}
	for p.peek() >= '0' && p.peek() <= '9' {
		p.i++
	}
	n, err := strconv.Atoi(p.s[start:p.i])
	return n, err == nil
}

// selectTokens returns the tokens that a path selects.
func selectTokens(th *value.Thread, root *Token, path string, strict bool) ([]*Token, *value.Exception) {
	steps, e := parsePath(path)
	if e != nil {
		return nil, e
	}
	return runSteps(th, root, []*Token{root}, steps, strict)
}

func runSteps(th *value.Thread, root *Token, list []*Token, steps []pathStep, strict bool) ([]*Token, *value.Exception) {
	for i := range steps {
		st := &steps[i]
		var next []*Token
		if st.root {
			list = []*Token{root}
			continue
		}
		for _, t := range list {
			found, e := st.apply(th, root, t, strict)
			if e != nil {
				return nil, e
			}
			next = append(next, found...)
			if e := th.Budget.Steps(int64(len(found) + 1)); e != nil {
				return nil, e
			}
			if e := th.Budget.AllocElements(int64(len(next)), 8); e != nil {
				return nil, e
			}
		}
		list = next
	}
	return list, nil
}

// apply returns what a step selects from one token.
func (st *pathStep) apply(th *value.Thread, root, t *Token, strict bool) ([]*Token, *value.Exception) {
	if !st.deep {
		return st.children(th, root, t, strict)
	}
	var out []*Token
	var visit func(t *Token, depth int) *value.Exception
	visit = func(t *Token, depth int) *value.Exception {
		if e := th.Budget.Step(); e != nil {
			return e
		}
		if depth > 2*maxDepth {
			return jsonError("The token is nested too deeply.")
		}
		if t.kind != Property {
			found, e := st.children(th, root, t, false)
			if e != nil {
				return e
			}
			out = append(out, found...)
		}
		for _, c := range t.items {
			if e := visit(c, depth+1); e != nil {
				return e
			}
		}
		return nil
	}
	if st.all {
		out = append(out, t)
	}
	return out, visit(t, 0)
}

func (st *pathStep) children(th *value.Thread, root, t *Token, strict bool) ([]*Token, *value.Exception) {
	switch {
	case st.all:
		return valuesOf(t), nil
	case st.filter != nil:
		var out []*Token
		for _, c := range valuesOf(t) {
			ok, e := st.filter(th, root, c)
			if e != nil {
				return nil, e
			}
			if ok {
				out = append(out, c)
			}
		}
		return out, nil
	case st.slice != nil:
		return sliceOf(t, st.slice)
	case st.names != nil:
		return st.named(t, strict)
	}
	return st.indexed(t, strict)
}

// valuesOf returns the elements of an array or the values of an object's properties.
func valuesOf(t *Token) []*Token {
	if t.kind != Object {
		return t.items
	}
	out := make([]*Token, 0, len(t.items))
	for _, p := range t.items {
		out = append(out, p.items[0])
	}
	return out
}

func (st *pathStep) named(t *Token, strict bool) ([]*Token, *value.Exception) {
	var out []*Token
	for _, name := range st.names {
		if t.kind != Object {
			if strict {
				return nil, jsonError("Property '" + name + "' not valid on " + t.shortName() + ".")
			}
			continue
		}
		if p := t.find(name); p != nil {
			out = append(out, p.items[0])
		} else if strict {
			return nil, jsonError("Property '" + name + "' does not exist on JObject.")
		}
	}
	return out, nil
}

func (st *pathStep) indexed(t *Token, strict bool) ([]*Token, *value.Exception) {
	var out []*Token
	for _, i := range st.indices {
		switch {
		case t.kind != Array && t.kind != Constructor:
			if strict {
				return nil, jsonError(fmt.Sprintf("Index %d not valid on %s.", i, t.shortName()))
			}
		case i >= 0 && i < len(t.items):
			out = append(out, t.items[i])
		case strict:
			return nil, jsonError(fmt.Sprintf("Index %d outside the bounds of JArray.", i))
		}
	}
	return out, nil
}

func (t *Token) shortName() string {
	name := t.className()
	return name[strings.LastIndexByte(name, '.')+1:]
}

// sliceOf returns the elements of [start:end:step] as Python does.
func sliceOf(t *Token, s *[3]*int) ([]*Token, *value.Exception) {
	if t.kind != Array {
		return nil, nil
	}
	n, step := len(t.items), 1
	if s[2] != nil {
		step = *s[2]
	}
	if step == 0 {
		return nil, jsonError("Step cannot be zero.")
	}
	start, stop := 0, n
	if step < 0 {
		start, stop = n-1, -1
	}
	if s[0] != nil {
		start = clampIndex(*s[0], n, step)
	}
	if s[1] != nil {
		stop = clampIndex(*s[1], n, step)
	}
	var out []*Token
	for i := start; step > 0 && i < stop || step < 0 && i > stop; i += step {
		if i >= 0 && i < n {
			out = append(out, t.items[i])
		}
		if step > n || step < -n {
			break
		}
	}
	return out, nil
}

func clampIndex(i, n, step int) int {
	if i < 0 {
		i += n
	}
	if step > 0 {
		return min(max(i, 0), n)
	}
	return min(max(i, -1), n-1)
}
