package jsonpath

import (
	"strings"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// Filter says which children [?(…)] selects.
type Filter struct {
	// Op is "||" or "&&" over All, a comparison of Left and Right, or "" for what Left finds.
	Op          string
	All         []*Filter
	Left, Right *Operand
}

// Operand is one side of a comparison: what Steps select, or a scalar.
type Operand struct {
	// Path says that the operand is what Steps select, from the root of the document where Root.
	Path, Root bool
	Steps      []Step
	// Quoted says that Text is a string or a /pattern/options; otherwise it is written as JSON.
	Quoted bool
	Text   string
}

// maxNested is how deep queries and parentheses in them are nested.
const maxNested = 32

// query reads ?( … ) up to the closing bracket.
func (p *parser) query(st Step) (Step, *value.Exception) {
	p.i++
	if p.peek() != '(' {
		return st, p.fail("Unexpected character while parsing path indexer: %c", p.peek())
	}
	p.i++
	f, e := p.or()
	if e != nil {
		return st, e
	}
	p.spaces()
	if p.peek() != ')' {
		return st, p.fail("Path ended with open query.")
	}
	p.i++
	p.spaces()
	st.Filter = f
	return st, p.closing()
}

func (p *parser) accept(text string) bool {
	p.spaces()
	if strings.HasPrefix(p.s[p.i:], text) {
		p.i += len(text)
		return true
	}
	return false
}

func (p *parser) or() (*Filter, *value.Exception)  { return p.chain("||", p.and) }
func (p *parser) and() (*Filter, *value.Exception) { return p.chain("&&", p.term) }

// chain reads what next reads, with an operator between.
func (p *parser) chain(op string, next func() (*Filter, *value.Exception)) (*Filter, *value.Exception) {
	first, e := next()
	if e != nil || !p.accept(op) {
		return first, e
	}
	f := &Filter{Op: op, All: []*Filter{first}}
	for {
		right, e := next()
		if e != nil {
			return nil, e
		}
		if f.All, e = value.Append(p.thread, f.All, right); e != nil {
			return nil, e
		}
		if !p.accept(op) {
			return f, nil
		}
	}
}

// operators are the comparisons, the longer ones first.
var operators = []string{"===", "!==", "==", "!=", "<>", "<=", ">=", "=~", "<", ">"}

func (p *parser) term() (*Filter, *value.Exception) {
	if p.nested > maxNested {
		return nil, p.fail("The path is nested too deeply.")
	}
	p.nested++
	defer func() { p.nested-- }()
	if e := p.pay(stepBytes); e != nil {
		return nil, e
	}
	p.spaces()
	if p.peek() == '(' {
		p.i++
		f, e := p.or()
		if e == nil && !p.accept(")") {
			e = p.fail("Path ended with open query.")
		}
		return f, e
	}
	left, e := p.operand()
	if e != nil {
		return nil, e
	}
	for _, op := range operators {
		if !p.accept(op) {
			continue
		}
		right, e := p.operand()
		return &Filter{Op: op, Left: left, Right: right}, e
	}
	return &Filter{Left: left}, nil
}

func (p *parser) operand() (*Operand, *value.Exception) {
	p.spaces()
	switch c := p.peek(); c {
	case '@', '$':
		p.i++
		steps, e := p.innerPath()
		return &Operand{Path: true, Root: c == '$', Steps: steps}, e
	case '\'', '"':
		s, e := p.quoted()
		return &Operand{Quoted: true, Text: s}, e
	case '/':
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
	return &Operand{Text: text}, nil
}

// innerPath reads the steps after @ or $ in a query.
func (p *parser) innerPath() ([]Step, *value.Exception) {
	var steps []Step
	p.inQuery = true
	defer func() { p.inQuery = false }()
	for p.peek() == '.' || p.peek() == '[' {
		st, e := p.step(false)
		if e != nil {
			return nil, e
		}
		if steps, e = value.Append(p.thread, steps, st); e != nil {
			return nil, e
		}
	}
	return steps, nil
}

// regex reads /pattern/options.
func (p *parser) regex() (*Operand, *value.Exception) {
	end := strings.IndexByte(p.s[p.i+1:], '/')
	if end < 0 {
		return nil, p.fail("Path ended with an open regex.")
	}
	start := p.i
	p.i += end + 2
	for p.peek() >= 'a' && p.peek() <= 'z' {
		p.i++
	}
	return &Operand{Quoted: true, Text: p.s[start:p.i]}, nil
}
