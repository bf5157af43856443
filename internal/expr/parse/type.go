package parse

import (
	"slices"

	"github.com/sallyport/sallyport/internal/expr/syntax"
)

// isPredefinedType reports whether k is a keyword that names a type.
func isPredefinedType(k syntax.Kind) bool {
	switch k {
	case syntax.KwBool, syntax.KwByte, syntax.KwChar, syntax.KwDecimal, syntax.KwDouble, syntax.KwFloat,
		syntax.KwInt, syntax.KwLong, syntax.KwObject, syntax.KwSbyte, syntax.KwShort,
		syntax.KwString, syntax.KwUint, syntax.KwUlong, syntax.KwUshort:
		return true
	}
	return false
}

// parseType reads a type.
func (p *parser) parseType() syntax.Type {
	return p.typeSuffixes(p.elementType(), true)
}

// elementType reads a type without ?, [] and *.
func (p *parser) elementType() syntax.Type {
	if !p.enter() {
		return &syntax.BadType{Span: p.tok().Span}
	}
	defer p.leave()
	start := p.start()
	switch k := p.kind(); {
	case isPredefinedType(k) || k == syntax.KwVoid:
		p.advance()
		return &syntax.PredefinedType{Span: p.from(start), Kind: k}
	case k == syntax.LParen:
		return p.tupleType()
	case k == syntax.Ident:
		return p.namedType()
	}
	p.reportToken("CS1031", "Type expected")
	return &syntax.BadType{Span: span(start, start)}
}

// namedType reads A.B<C>.D, with global:: or an alias before it.
func (p *parser) namedType() syntax.Type {
	start := p.start()
	t := &syntax.NamedType{}
	if p.isWord(0, "global") && p.peek(1).Kind == syntax.ColonColon {
		p.advance()
		p.advance()
		t.Global = true
	}
	p.namePart(t, start)
	for p.kind() == syntax.Dot {
		p.advance()
		t = &syntax.NamedType{Qualifier: t}
		p.namePart(t, start)
	}
	return t
}

func (p *parser) namePart(t *syntax.NamedType, start syntax.Pos) {
	t.Name = p.name()
	if p.kind() == syntax.Less {
		t.Args = p.typeArgs()
	}
	t.Span = p.from(start)
}

// typeArgs reads <A, B>; <,> yields nil entries.
func (p *parser) typeArgs() []syntax.Type {
	p.expect(syntax.Less)
	var args []syntax.Type
	for {
		if p.kind() == syntax.Comma || p.kind() == syntax.Greater {
			args = append(args, nil)
		} else {
			args = append(args, p.parseType())
		}
		if !p.accept(syntax.Comma) {
			break
		}
	}
	p.expect(syntax.Greater)
	return args
}

// tupleType reads (A a, B b).
func (p *parser) tupleType() syntax.Type {
	start := p.start()
	p.expect(syntax.LParen)
	t := &syntax.TupleType{}
	for {
		elem := syntax.TupleElem{Type: p.parseType()}
		if p.kind() == syntax.Ident {
			elem.Name = p.name()
		}
		t.Elems = append(t.Elems, elem)
		if !p.accept(syntax.Comma) {
			break
		}
	}
	p.expect(syntax.RParen)
	t.Span = p.from(start)
	if len(t.Elems) < 2 {
		p.report(t.Span, "CS8124", "Tuple must contain at least two elements.")
	}
	return t
}

// typeSuffixes reads ?, * and [] after a type. The ranks of int[][,] are read from left to right, and the
// leftmost is the outermost.
func (p *parser) typeSuffixes(t syntax.Type, nullable bool) syntax.Type {
	start := t.Range().Start
	for {
		switch {
		case p.kind() == syntax.Question && nullable:
			p.advance()
			t = &syntax.NullableType{Span: p.from(start), Elem: t}
		case p.kind() == syntax.Star:
			p.advance()
			t = &syntax.PointerType{Span: p.from(start), Elem: t}
		case p.kind() == syntax.LBracket && p.isRank():
			var ranks []int
			for p.kind() == syntax.LBracket && p.isRank() {
				ranks = append(ranks, p.rank())
			}
			end := p.from(start)
			for _, rank := range slices.Backward(ranks) {
				t = &syntax.ArrayType{Span: end, Elem: t, Rank: rank}
			}
			if p.kind() != syntax.Question || !nullable {
				return t
			}
		default:
			return t
		}
	}
}

// isRank reports whether [], [,] … follows.
func (p *parser) isRank() bool {
	n := 1
	for p.peek(n).Kind == syntax.Comma {
		n++
	}
	return p.peek(n).Kind == syntax.RBracket
}

// rank reads [,] and returns the number of dimensions.
func (p *parser) rank() int {
	p.expect(syntax.LBracket)
	n := 1
	for p.accept(syntax.Comma) {
		n++
	}
	p.expect(syntax.RBracket)
	return n
}

// typeScan is what looking ahead over a possible type found.
type typeScan uint8

const (
	// notType cannot be a type.
	notType typeScan = iota
	// maybeType is a name, or a name with type arguments: an expression as well.
	maybeType
	// mustType can only be a type: a keyword, an array, a nullable.
	mustType
	// nullableName is name?, which may begin a conditional expression.
	nullableName
)

// scanType goes over a type where one stands, without errors, and says how sure it is. The caller marks.
func (p *parser) scanType() typeScan {
	if !p.enter() {
		return notType
	}
	defer p.leave()
	result := maybeType
	switch k := p.kind(); {
	case isPredefinedType(k) || k == syntax.KwVoid:
		p.advance()
		result = mustType
	case k == syntax.LParen:
		if !p.scanTupleType() {
			return notType
		}
	case k == syntax.Ident:
		if !p.scanName() {
			return notType
		}
	default:
		return notType
	}
	return p.scanSuffixes(result)
}

func (p *parser) scanSuffixes(result typeScan) typeScan {
	for {
		switch {
		case p.kind() == syntax.Question && p.peek(1).Kind != syntax.Dot && (p.peek(1).Kind != syntax.LBracket || p.isNullableArray()):
			p.advance()
			if result != mustType {
				result = nullableName
			}
		case p.kind() == syntax.LBracket && p.isRank():
			p.rank()
			result = mustType
		default:
			return result
		}
	}
}

// isNullableArray reports whether ?[] or ?[,] follows.
func (p *parser) isNullableArray() bool {
	k := p.peek(2).Kind
	return k == syntax.RBracket || k == syntax.Comma
}

func (p *parser) scanName() bool {
	if p.isWord(0, "global") && p.peek(1).Kind == syntax.ColonColon {
		p.advance()
		p.advance()
	}
	for {
		if !p.accept(syntax.Ident) {
			return false
		}
		if p.kind() == syntax.Less && !p.scanTypeArgs() {
			return false
		}
		if p.kind() != syntax.Dot {
			return true
		}
		p.advance()
	}
}

// scanTypeArgs goes over <A, B>. Where it is none, it comes back.
func (p *parser) scanTypeArgs() bool {
	m := p.pos
	p.advance()
	for {
		if p.kind() != syntax.Comma && p.kind() != syntax.Greater && p.scanType() == notType {
			p.pos = m
			return false
		}
		if !p.accept(syntax.Comma) {
			break
		}
	}
	if p.accept(syntax.Greater) {
		return true
	}
	p.pos = m
	return false
}

func (p *parser) scanTupleType() bool {
	p.advance()
	n := 0
	for {
		if p.scanType() == notType {
			return false
		}
		p.accept(syntax.Ident)
		n++
		if !p.accept(syntax.Comma) {
			break
		}
	}
	return n >= 2 && p.accept(syntax.RParen)
}

// isGenericName decides whether the < after a name in an expression begins type arguments, by the token
// that follows them, as C# does.
func (p *parser) isGenericName() bool {
	m := p.pos
	defer func() { p.pos = m }()
	if !p.scanTypeArgs() {
		return false
	}
	switch p.kind() {
	case syntax.LParen, syntax.RParen, syntax.RBracket, syntax.RBrace, syntax.Colon, syntax.Semicolon,
		syntax.Comma, syntax.Dot, syntax.Question, syntax.EqEq, syntax.NotEq, syntax.Pipe, syntax.Caret,
		syntax.AmpAmp, syntax.PipePipe, syntax.Amp, syntax.LBracket, syntax.Greater, syntax.EOF:
		return true
	}
	return false
}
