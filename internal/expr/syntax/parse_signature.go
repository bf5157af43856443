package syntax

import "fmt"

// ParseSignature reads one member of a type table; enclosing is the simple name of the table's type without
// type parameters, which tells a constructor. The forms are those of C# without access modifiers:
//
//	static int Parse(string s)                  TSource First<TSource>(this IEnumerable<TSource> source)
//	String(char c, int count)                   int Length { get; }
//	char this[int index] { get; set; }          const int MaxValue = 2147483647
//	static readonly string Empty                Ordinal = 4
//	static bool operator ==(string a, string b) static implicit operator XName(string name)
func ParseSignature(text, enclosing string) (*Signature, error) {
	var diags Diagnostics
	p := newParser(text, 0, len(text), 0, &diags)
	s := p.signature(enclosing)
	p.accept(Semicolon)
	if p.kind() != EOF {
		p.reportToken("CS1003", "Syntax error, '%s' unexpected", p.tok().Text)
	}
	if diags.Len() > 0 {
		return nil, fmt.Errorf("signature %q: %w", text, diags.All()[0])
	}
	return s, nil
}

func (p *parser) signature(enclosing string) *Signature {
	s := &Signature{}
	p.memberModifiers(s)
	switch next := p.peek(1).Kind; {
	case p.kind() == Ident && p.tok().Text == enclosing && next == LParen:
		s.Kind, s.Name = ConstructorMember, ".ctor"
		p.advance()
		s.Params = p.params(RParen)
		return s
	case p.kind() == Ident && (next == Assign || next == EOF):
		s.Kind, s.Static = EnumMember, true
		s.Name = p.name().Text
		if p.accept(Assign) {
			s.Value = p.expr()
		}
		return s
	case p.kind() == KwImplicit, p.kind() == KwExplicit:
		s.Kind, s.Static = ConversionMember, true
		s.Implicit = p.advance().Kind == KwImplicit
		p.expect(KwOperator)
		s.Type = p.parseType()
		s.Name = "op_Explicit"
		if s.Implicit {
			s.Name = "op_Implicit"
		}
		s.Params = p.params(RParen)
		return s
	}
	s.Type = p.parseType()
	p.memberRest(s)
	return s
}

// memberModifiers reads static, const and the modifiers that mean nothing here.
func (p *parser) memberModifiers(s *Signature) {
	for {
		switch p.kind() {
		case KwStatic:
			s.Static = true
		case KwConst:
			s.Kind, s.Static = ConstantMember, true
		case KwReadonly:
			s.Kind = FieldMember
		case KwPublic, KwVirtual, KwOverride, KwSealed, KwAbstract:
		default:
			return
		}
		p.advance()
	}
}

// memberRest reads what follows the type of a member.
func (p *parser) memberRest(s *Signature) {
	switch {
	case p.accept(KwOperator):
		s.Kind, s.Static = OperatorMember, true
		s.Name = p.operatorName()
		s.Params = p.params(RParen)
	case p.accept(KwThis):
		s.Kind, s.Name = IndexerMember, "this"
		s.Params = p.params(RBracket)
		p.accessors(s)
	default:
		s.Name = p.name().Text
		p.namedMember(s)
	}
}

func (p *parser) namedMember(s *Signature) {
	switch p.kind() {
	case LParen, Less:
		s.Kind = MethodMember
		if p.kind() == Less {
			s.TypeParams = p.typeParams()
		}
		s.Params = p.params(RParen)
		s.Constraints = p.constraints()
	case LBrace:
		s.Kind = PropertyMember
		p.accessors(s)
	case Assign:
		p.advance()
		s.Value = p.expr()
		if s.Kind != ConstantMember {
			s.Kind = FieldMember
		}
	default:
		s.Kind, s.Get = FieldMember, true
	}
}

// operatorName reads the symbol of an operator.
func (p *parser) operatorName() string {
	t := p.advance()
	if t.Kind == Greater && p.kind() == Greater && p.start() == t.End {
		p.advance()
		return ">>"
	}
	return t.Text
}

// accessors reads { get; set; }.
func (p *parser) accessors(s *Signature) {
	p.expect(LBrace)
	for p.kind() == Ident {
		switch p.advance().Text {
		case "get":
			s.Get = true
		case "set":
			s.Set = true
		default:
			p.reportToken("CS1014", "A get or set accessor expected")
		}
		p.expect(Semicolon)
	}
	p.expect(RBrace)
}

// ParseDeclaration reads the head of a type table:
//
//	class List<T> : IList<T>, IReadOnlyList<T>   static class Math      struct Guid : IComparable
//	interface IEnumerable<out T> : IEnumerable   enum Formatting        class TimeZoneInfo.AdjustmentRule
//	delegate TResult Func<in T, out TResult>(T arg)
func ParseDeclaration(text string) (*Declaration, error) {
	var diags Diagnostics
	p := newParser(text, 0, len(text), 0, &diags)
	d := p.declarationHead()
	p.accept(Semicolon)
	if p.kind() != EOF {
		p.reportToken("CS1003", "Syntax error, '%s' unexpected", p.tok().Text)
	}
	if diags.Len() > 0 {
		return nil, fmt.Errorf("declaration %q: %w", text, diags.All()[0])
	}
	return d, nil
}

func (p *parser) declarationHead() *Declaration {
	d := &Declaration{}
	for {
		switch p.kind() {
		case KwStatic:
			d.Static = true
		case KwAbstract:
			d.Abstract = true
		case KwSealed:
			d.Sealed = true
		case KwPublic, KwReadonly:
		default:
			return p.typeHead(d)
		}
		p.advance()
	}
}

func (p *parser) typeHead(d *Declaration) *Declaration {
	switch k := p.kind(); k {
	case KwClass, KwStruct, KwInterface, KwEnum, KwDelegate:
		d.Keyword = p.advance().Kind
	default:
		p.reportToken("CS1003", "Syntax error, 'class' expected")
	}
	if d.Keyword == KwDelegate {
		d.Result = p.parseType()
	}
	d.Name = p.name().Text
	for p.accept(Dot) {
		d.Name += "." + p.name().Text
	}
	if p.kind() == Less {
		p.variantParams(d)
	}
	if d.Keyword == KwDelegate {
		d.Params = p.params(RParen)
	}
	if p.accept(Colon) {
		for {
			d.Bases = append(d.Bases, p.parseType())
			if !p.accept(Comma) {
				break
			}
		}
	}
	p.constraints()
	return d
}

// variantParams reads <in T, out TResult>.
func (p *parser) variantParams(d *Declaration) {
	p.expect(Less)
	for {
		variance := ""
		if k := p.kind(); k == KwIn || k == KwOut {
			variance = p.advance().Text
		}
		d.Variance = append(d.Variance, variance)
		d.TypeParams = append(d.TypeParams, TypeParam{Name: p.name()})
		if !p.accept(Comma) {
			break
		}
	}
	p.expect(Greater)
}
