package odata

import (
	"slices"
	"strings"
)

// parser reads the grammar by recursive descent.
type parser struct {
	lexer
	fields   Fields
	token    token
	variable string // the name that a lambda gives to the element
	over     *Field // the field that the lambda is about
	depth    int
	nodes    int
}

// next reads the next token.
func (p *parser) next() error {
	t, err := p.scan()
	if err != nil {
		return err
	}
	p.token = t
	return nil
}

// is says whether the token is this word or this mark.
func (p *parser) is(text string) bool {
	return p.token.kind == mark && p.token.text == text ||
		p.token.kind == word && strings.EqualFold(p.token.text, text)
}

// expect steps over a mark.
func (p *parser) expect(text string) error {
	if !p.is(text) {
		return p.unexpected(text)
	}
	return p.next()
}

// unexpected says what is there instead of what should be.
func (p *parser) unexpected(want string) error {
	if p.token.kind == end {
		return fault("column %d: it ends where %s should be", p.token.column, want)
	}
	return fault("column %d: %q is where %s should be", p.token.column, p.token.text, want)
}

// enter counts a node and a level; leave takes the level back.
func (p *parser) enter() error {
	p.nodes++
	p.depth++
	switch {
	case p.depth > maxDepth:
		return fault("column %d: it is nested more than %d deep", p.token.column, maxDepth)
	case p.nodes > maxNodes:
		return fault("column %d: it has more than %d parts", p.token.column, maxNodes)
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// or reads alternatives.
func (p *parser) or() (node, error) {
	return p.chain("or", p.and, func(nodes []node) node { return anyOf(nodes) })
}

// and reads what must hold together.
func (p *parser) and() (node, error) {
	return p.chain("and", p.not, func(nodes []node) node { return allOf(nodes) })
}

// chain reads operands with one connective between them.
func (p *parser) chain(connective string, operand func() (node, error), join func([]node) node) (node, error) {
	first, err := operand()
	if err != nil || !p.is(connective) {
		return first, err
	}
	nodes := []node{first}
	for p.is(connective) {
		if err := p.next(); err != nil {
			return nil, err
		}
		n, err := operand()
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
	return join(nodes), nil
}

// not reads a negation, a group or one condition.
func (p *parser) not() (node, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	switch {
	case p.is("not"):
		if err := p.next(); err != nil {
			return nil, err
		}
		n, err := p.not()
		return negation{n}, err
	case p.is("("):
		return p.group()
	default:
		return p.condition()
	}
}

// group reads what is in parentheses.
func (p *parser) group() (node, error) {
	if err := p.next(); err != nil {
		return nil, err
	}
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	return p.truth(n)
}

// condition reads a function, a lambda or a comparison.
func (p *parser) condition() (node, error) {
	if p.token.kind == word && slices.Contains(functions, strings.ToLower(p.token.text)) {
		n, err := p.function()
		if err != nil {
			return nil, err
		}
		return p.truth(n)
	}
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	if left.lambda != nil {
		return p.truth(left.lambda)
	}
	return p.comparison(left)
}

// truth reads an optional "eq true" behind what is true or false already.
func (p *parser) truth(n node) (node, error) {
	equal := p.is("eq")
	if !equal && !p.is("ne") {
		return n, nil
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	if !p.is("true") && !p.is("false") {
		return nil, p.unexpected("true or false")
	}
	positive := p.is("true") == equal
	if err := p.next(); err != nil {
		return nil, err
	}
	if positive {
		return n, nil
	}
	return negation{n}, nil
}

// function reads one of the functions of text, whose arguments may come in
// either order: substringof has the text first, the others have it second.
func (p *parser) function() (node, error) {
	name, column := strings.ToLower(p.token.text), p.token.column
	if err := p.next(); err != nil {
		return nil, err
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	a, err := p.operand()
	if err != nil {
		return nil, err
	}
	if err := p.expect(","); err != nil {
		return nil, err
	}
	b, err := p.operand()
	if err != nil {
		return nil, err
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	if a.literal != nil {
		a, b = b, a
	}
	if !a.isPlace() || b.literal == nil || b.literal.kind != literalText {
		return nil, fault("column %d: %s takes a field and a string, as in %s(name,'x')", column, name, name)
	}
	if f := a.field; !slices.Contains(f.Functions, name) {
		return nil, fault("column %d: %s cannot be asked %s; allowed are %s", column, f.Name, name, f.allowed())
	}
	return &textFunction{place: a.place, name: name, bytes: []byte(fold(b.literal.text))}, nil
}

// comparison reads the operator and the right side of a comparison.
func (p *parser) comparison(left operand) (node, error) {
	operator, column := strings.ToLower(p.token.text), p.token.column
	if p.token.kind != word || !slices.Contains(operators, operator) {
		return nil, p.unexpected("eq, ne, gt, lt, ge or le")
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	right, err := p.operand()
	if err != nil {
		return nil, err
	}
	if left.literal != nil {
		left, right, operator = right, left, mirrored(operator)
	}
	if !left.isPlace() || right.literal == nil {
		return nil, fault("column %d: %s compares a field with a value", column, operator)
	}
	f := left.field
	if !slices.Contains(f.Operators, operator) {
		return nil, fault("column %d: %s cannot be compared with %s; allowed are %s", column, f.Name, operator, f.allowed())
	}
	return &comparison{place: left.place, operator: operator, literal: *right.literal}, nil
}

// mirrored turns the operator of 'x' lt name into that of name gt 'x'.
func mirrored(operator string) string {
	switch operator {
	case "gt":
		return "lt"
	case "lt":
		return "gt"
	case "ge":
		return "le"
	case "le":
		return "ge"
	default:
		return operator
	}
}

// allowed lists what may be asked of a field.
func (f *Field) allowed() string {
	return strings.Join(slices.Concat(f.Operators, f.Functions), ", ")
}
