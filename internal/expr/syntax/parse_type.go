package syntax

// isPredefinedType reports whether k is a keyword that names a type.
func isPredefinedType(k Kind) bool {
	switch k {
	case KwBool, KwByte, KwChar, KwDecimal, KwDouble, KwFloat, KwInt, KwLong, KwObject, KwSbyte, KwShort,
		KwString, KwUint, KwUlong, KwUshort:
		return true
	}
	return false
}

// parseType reads a type.
func (p *parser) parseType() Type {
	return p.typeSuffixes(p.elementType(), true)
}

// elementType reads a type without ?, [] and *.
func (p *parser) elementType() Type {
	if !p.enter() {
		return &BadType{Span: p.tok().Span}
	}
	defer p.leave()
	start := p.start()
	switch k := p.kind(); {
	case isPredefinedType(k) || k == KwVoid:
		p.advance()
		return &PredefinedType{Span: p.from(start), Kind: k}
	case k == LParen:
		return p.tupleType()
	case k == Ident:
		return p.namedType()
	}
	p.reportToken("CS1031", "Type expected")
	return &BadType{Span: Span{start, start}}
}

// namedType reads A.B<C>.D, with global:: or an alias before it.
func (p *parser) namedType() Type {
	start := p.start()
	t := &NamedType{}
	if p.isWord(0, "global") && p.peek(1).Kind == ColonColon {
		p.advance()
		p.advance()
		t.Global = true
	}
	p.namePart(t, start)
	for p.kind() == Dot {
		p.advance()
		t = &NamedType{Qualifier: t}
		p.namePart(t, start)
	}
	return t
}

func (p *parser) namePart(t *NamedType, start Pos) {
	t.Name = p.name()
	if p.kind() == Less {
		t.Args = p.typeArgs()
	}
	t.Span = p.from(start)
}

// typeArgs reads <A, B>; <,> yields nil entries.
func (p *parser) typeArgs() []Type {
	p.expect(Less)
	var args []Type
	for {
		if p.kind() == Comma || p.kind() == Greater {
			args = append(args, nil)
		} else {
			args = append(args, p.parseType())
		}
		if !p.accept(Comma) {
			break
		}
	}
	p.expect(Greater)
	return args
}

// tupleType reads (A a, B b).
func (p *parser) tupleType() Type {
	start := p.start()
	p.expect(LParen)
	t := &TupleType{}
	for {
		elem := TupleElem{Type: p.parseType()}
		if p.kind() == Ident {
			elem.Name = p.name()
		}
		t.Elems = append(t.Elems, elem)
		if !p.accept(Comma) {
			break
		}
	}
	p.expect(RParen)
	t.Span = p.from(start)
	if len(t.Elems) < 2 {
		p.report(t.Span, "CS8124", "Tuple must contain at least two elements.")
	}
	return t
}

// typeSuffixes reads ?, * and [] after a type. The ranks of int[][,] are read from left to right, and the
// leftmost is the outermost.
func (p *parser) typeSuffixes(t Type, nullable bool) Type {
	start := t.Range().Start
	for {
		switch {
		case p.kind() == Question && nullable:
			p.advance()
			t = &NullableType{Span: p.from(start), Elem: t}
		case p.kind() == Star:
			p.advance()
			t = &PointerType{Span: p.from(start), Elem: t}
		case p.kind() == LBracket && p.isRank():
			var ranks []int
			for p.kind() == LBracket && p.isRank() {
				ranks = append(ranks, p.rank())
			}
			end := p.from(start)
			for i := len(ranks) - 1; i >= 0; i-- {
				t = &ArrayType{Span: end, Elem: t, Rank: ranks[i]}
			}
			if p.kind() != Question || !nullable {
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
	for p.peek(n).Kind == Comma {
		n++
	}
	return p.peek(n).Kind == RBracket
}

// rank reads [,] and returns the number of dimensions.
func (p *parser) rank() int {
	p.expect(LBracket)
	n := 1
	for p.accept(Comma) {
		n++
	}
	p.expect(RBracket)
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
	case isPredefinedType(k) || k == KwVoid:
		p.advance()
		result = mustType
	case k == LParen:
		if !p.scanTupleType() {
			return notType
		}
	case k == Ident:
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
		case p.kind() == Question && p.peek(1).Kind != Dot && (p.peek(1).Kind != LBracket || p.isNullableArray()):
			p.advance()
			if result != mustType {
				result = nullableName
			}
		case p.kind() == LBracket && p.isRank():
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
	return k == RBracket || k == Comma
}

func (p *parser) scanName() bool {
	if p.isWord(0, "global") && p.peek(1).Kind == ColonColon {
		p.advance()
		p.advance()
	}
	for {
		if !p.accept(Ident) {
			return false
		}
		if p.kind() == Less && !p.scanTypeArgs() {
			return false
		}
		if p.kind() != Dot {
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
		if p.kind() != Comma && p.kind() != Greater && p.scanType() == notType {
			p.pos = m
			return false
		}
		if !p.accept(Comma) {
			break
		}
	}
	if p.accept(Greater) {
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
		p.accept(Ident)
		n++
		if !p.accept(Comma) {
			break
		}
	}
	return n >= 2 && p.accept(RParen)
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
	case LParen, RParen, RBracket, RBrace, Colon, Semicolon, Comma, Dot, Question, EqEq, NotEq, Pipe, Caret,
		AmpAmp, PipePipe, Amp, LBracket, Greater, EOF:
		return true
	}
	return false
}
