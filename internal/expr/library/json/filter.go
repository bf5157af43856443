package json

import (
	"regexp"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// filter decides whether a child is selected by [?(…)].
type filter func(th *value.Thread, root, t *Token) (bool, *value.Exception)

// query reads ?( … ) up to the closing bracket.
func (p *pathParser) query(st pathStep) (pathStep, *value.Exception) {
	p.i++
	if p.peek() != '(' {
		return st, p.fail("Unexpected character while parsing path indexer: %c", p.peek())
	}
	p.i++
	f, e := p.or(0)
	if e != nil {
		return st, e
	}
	p.spaces()
	if p.peek() != ')' {
		return st, p.fail("Path ended with open query.")
	}
	p.i++
	p.spaces()
	st.filter = f
	return st, p.closing()
}

func (p *pathParser) accept(text string) bool {
	p.spaces()
	if strings.HasPrefix(p.s[p.i:], text) {
		p.i += len(text)
		return true
	}
	return false
}

func (p *pathParser) or(depth int) (filter, *value.Exception) {
	left, e := p.and(depth)
	for e == nil && p.accept("||") {
		var right filter
		if right, e = p.and(depth); e == nil {
			a := left
			left = func(th *value.Thread, root, t *Token) (bool, *value.Exception) {
				if ok, e := a(th, root, t); ok || e != nil {
					return ok, e
				}
				return right(th, root, t)
			}
		}
	}
	return left, e
}

func (p *pathParser) and(depth int) (filter, *value.Exception) {
	left, e := p.term(depth)
	for e == nil && p.accept("&&") {
		var right filter
		if right, e = p.term(depth); e == nil {
			a := left
			left = func(th *value.Thread, root, t *Token) (bool, *value.Exception) {
				if ok, e := a(th, root, t); !ok || e != nil {
					return ok, e
				}
				return right(th, root, t)
			}
		}
	}
	return left, e
}

// pathOperators are the comparisons, the longer ones first.
var pathOperators = []string{"===", "!==", "==", "!=", "<>", "<=", ">=", "=~", "<", ">"}

func (p *pathParser) term(depth int) (filter, *value.Exception) {
	if depth > 32 {
		return nil, p.fail("The path is nested too deeply.")
	}
	p.spaces()
	if p.peek() == '(' {
		p.i++
		f, e := p.or(depth + 1)
		if e == nil && !p.accept(")") {
			e = p.fail("Path ended with open query.")
		}
		return f, e
	}
	left, e := p.operand()
	if e != nil {
		return nil, e
	}
	for _, op := range pathOperators {
		if !p.accept(op) {
			continue
		}
		right, e := p.operand()
		if e != nil {
			return nil, e
		}
		return comparison(op, left, right), nil
	}
	return func(th *value.Thread, root, t *Token) (bool, *value.Exception) {
		list, e := left(th, root, t)
		return len(list) > 0, e
	}, nil
}

// operand yields the tokens that one side of a comparison stands for.
type operand func(th *value.Thread, root, t *Token) ([]*Token, *value.Exception)

func (p *pathParser) operand() (operand, *value.Exception) {
	p.spaces()
	switch c := p.peek(); {
	case c == '@' || c == '$':
		p.i++
		steps, e := p.innerPath()
		return func(th *value.Thread, root, t *Token) ([]*Token, *value.Exception) {
			from := t
			if c == '$' {
				from = root
			}
			return runSteps(th, root, []*Token{from}, steps, false)
		}, e
	case c == '\'' || c == '"':
		s, e := p.quoted()
		return func(_ *value.Thread, root, _ *Token) ([]*Token, *value.Exception) {
			return []*Token{root.world.scalar(String, value.OfGo(s))}, nil
		}, e
	case c == '/':
		return p.regex()
	}
	start := p.i
	for p.i < len(p.s) && strings.IndexByte(" )=!<>&|]", p.s[p.i]) < 0 {
		p.i++
	}
	text := p.s[start:p.i]
	if text == "" {
		return nil, p.fail("Unexpected character while parsing path query: %c", p.peek())
	}
	return func(th *value.Thread, _, _ *Token) ([]*Token, *value.Exception) {
		t, e := Parse(th, text, false)
		return []*Token{t}, e
	}, nil
}

// innerPath reads the steps after @ or $ in a query.
func (p *pathParser) innerPath() ([]pathStep, *value.Exception) {
	var steps []pathStep
	p.inQuery = true
	defer func() { p.inQuery = false }()
	for p.peek() == '.' || p.peek() == '[' {
		st, e := p.step(false)
		if e != nil {
			return nil, e
		}
		steps = append(steps, st)
	}
	return steps, nil
}

// regex reads /pattern/options: a pattern of RE2, whose time is linear.
func (p *pathParser) regex() (operand, *value.Exception) {
	end := strings.IndexByte(p.s[p.i+1:], '/')
	if end < 0 {
		return nil, p.fail("Path ended with an open regex.")
	}
	start := p.i
	p.i += end + 2
	for p.peek() >= 'a' && p.peek() <= 'z' {
		p.i++
	}
	text := p.s[start:p.i]
	return func(_ *value.Thread, root, _ *Token) ([]*Token, *value.Exception) {
		return []*Token{root.world.scalar(String, value.OfGo(text))}, nil
	}, nil
}

func comparison(op string, left, right operand) filter {
	return func(th *value.Thread, root, t *Token) (bool, *value.Exception) {
		a, e := left(th, root, t)
		if e != nil {
			return false, e
		}
		b, e := right(th, root, t)
		if e != nil {
			return false, e
		}
		for _, x := range a {
			for _, y := range b {
				if holds(op, x, y) {
					return true, nil
				}
			}
		}
		return false, th.Budget.Steps(int64(len(a)*len(b)) + 1)
	}
}

// holds compares two scalars.
func holds(op string, x, y *Token) bool {
	if x.isContainer() || y.isContainer() {
		return op == "!=" || op == "<>" || op == "!==" || op == "==" && deepEqual(x, y)
	}
	switch op {
	case "==":
		return looselyEqual(x, y)
	case "!=", "<>":
		return !looselyEqual(x, y)
	case "===":
		return x.kind == y.kind && looselyEqual(x, y)
	case "!==":
		return x.kind != y.kind || !looselyEqual(x, y)
	case "=~":
		return matchesRegex(x, y.val.StringOrNull().Go())
	}
	c, ok := orderOf(x, y)
	switch op {
	case "<":
		return ok && c < 0
	case "<=":
		return ok && c <= 0
	case ">":
		return ok && c > 0
	}
	return ok && c >= 0
}

func looselyEqual(x, y *Token) bool {
	if x.kind == String && y.kind == Date || x.kind == Date && y.kind == String {
		a, b := scalarText(x), scalarText(y)
		return a == b
	}
	if x.kind == y.kind {
		return deepEqual(x, y)
	}
	a, ok1 := numberOf(x)
	b, ok2 := numberOf(y)
	return ok1 && ok2 && a == b
}

func scalarText(t *Token) string {
	if t.kind == Date {
		return dateText(t.val)
	}
	return t.val.StringOrNull().Go()
}

func orderOf(x, y *Token) (int, bool) {
	if x.kind == String && y.kind == String {
		return strings.Compare(scalarText(x), scalarText(y)), true
	}
	a, ok1 := numberOf(x)
	b, ok2 := numberOf(y)
	switch {
	case !ok1 || !ok2:
		return 0, false
	case a < b:
		return -1, true
	case a > b:
		return 1, true
	}
	return 0, true
}

func matchesRegex(x *Token, text string) bool {
	end := strings.LastIndexByte(text, '/')
	if x.kind != String || end <= 0 {
		return false
	}
	pattern := text[1:end]
	if options := text[end+1:]; options != "" {
		pattern = "(?" + strings.NewReplacer("x", "", "m", "m", "s", "s").Replace(options) + ")" + pattern
	}
	re, err := regexp.Compile(pattern)
	return err == nil && re.MatchString(x.val.StringOrNull().Go())
}
