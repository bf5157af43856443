package parse

import (
	"fmt"

	"github.com/sallyport/sallyport/internal/expr/syntax"
)

// Signature reads one member of a type table; enclosing is the simple name of the table's type without
// type parameters, which tells a constructor. The forms are those of C# without access modifiers:
//
//	static int Parse(string s)                  TSource First<TSource>(this IEnumerable<TSource> source)
//	String(char c, int count)                   int Length { get; }
//	char this[int index] { get; set; }          const int MaxValue = 2147483647
//	static readonly string Empty                Ordinal = 4
//	static bool operator ==(string a, string b) static implicit operator XName(string name)
func Signature(text, enclosing string) (*syntax.Signature, error) {
	var diags syntax.Diagnostics
	p := newParser(text, 0, len(text), 0, 0, &diags)
	s := p.signature(enclosing)
	p.accept(syntax.Semicolon)
	if p.kind() != syntax.EOF {
		p.reportToken("CS1003", "Syntax error, '%s' unexpected", p.tok().Text)
	}
	if diags.Len() > 0 {
		return nil, fmt.Errorf("signature %q: %w", text, diags.All()[0])
	}
	return s, nil
}

func (p *parser) signature(enclosing string) *syntax.Signature {
	s := &syntax.Signature{}
	p.memberModifiers(s)
	switch next := p.peek(1).Kind; {
	case p.kind() == syntax.Ident && p.tok().Text == enclosing && next == syntax.LParen:
		s.Kind, s.Name = syntax.ConstructorMember, ".ctor"
		p.advance()
		s.Params = p.params(syntax.RParen)
		return s
	case p.kind() == syntax.Ident && (next == syntax.Assign || next == syntax.EOF):
		s.Kind, s.Static = syntax.EnumMember, true
		s.Name = p.name().Text
		if p.accept(syntax.Assign) {
			s.Value = p.expr()
		}
		return s
	case p.kind() == syntax.KwImplicit, p.kind() == syntax.KwExplicit:
		s.Kind, s.Static = syntax.ConversionMember, true
		s.Implicit = p.advance().Kind == syntax.KwImplicit
		p.expect(syntax.KwOperator)
		s.Type = p.parseType()
		s.Name = "op_Explicit"
		if s.Implicit {
			s.Name = "op_Implicit"
		}
		s.Params = p.params(syntax.RParen)
		return s
	}
	s.Type = p.parseType()
	p.memberRest(s)
	return s
}

// memberModifiers reads static, const and the modifiers that mean nothing here.
func (p *parser) memberModifiers(s *syntax.Signature) {
	for {
		switch p.kind() {
		case syntax.KwStatic:
			s.Static = true
		case syntax.KwConst:
			s.Kind, s.Static = syntax.ConstantMember, true
		case syntax.KwReadonly:
			s.Kind = syntax.FieldMember
		case syntax.KwPublic, syntax.KwVirtual, syntax.KwOverride, syntax.KwSealed, syntax.KwAbstract:
		default:
			return
		}
		p.advance()
	}
}

// memberRest reads what follows the type of a member.
func (p *parser) memberRest(s *syntax.Signature) {
	switch {
	case p.accept(syntax.KwOperator):
		s.Kind, s.Static = syntax.OperatorMember, true
		s.Name = p.operatorName()
		s.Params = p.params(syntax.RParen)
	case p.accept(syntax.KwThis):
		s.Kind, s.Name = syntax.IndexerMember, "this"
		s.Params = p.params(syntax.RBracket)
		p.accessors(s)
	default:
		s.Name = p.name().Text
		p.namedMember(s)
	}
}

func (p *parser) namedMember(s *syntax.Signature) {
	switch p.kind() {
	case syntax.LParen, syntax.Less:
		s.Kind = syntax.MethodMember
		if p.kind() == syntax.Less {
			s.TypeParams = p.typeParams()
		}
		s.Params = p.params(syntax.RParen)
		s.Constraints = p.constraints()
	case syntax.LBrace:
		s.Kind = syntax.PropertyMember
		p.accessors(s)
	case syntax.Assign:
		p.advance()
		s.Value = p.expr()
		if s.Kind != syntax.ConstantMember {
			s.Kind = syntax.FieldMember
		}
	default:
		s.Kind, s.Get = syntax.FieldMember, true
	}
}

// operatorName reads the symbol of an operator.
func (p *parser) operatorName() string {
	t := p.advance()
	if t.Kind == syntax.Greater && p.kind() == syntax.Greater && p.start() == t.End {
		p.advance()
		return ">>"
	}
	return t.Text
}

// accessors reads { get; set; }.
func (p *parser) accessors(s *syntax.Signature) {
	p.expect(syntax.LBrace)
	for p.kind() == syntax.Ident {
		switch p.advance().Text {
		case "get":
			s.Get = true
		case "set":
			s.Set = true
		default:
			p.reportToken("CS1014", "A get or set accessor expected")
		}
		p.expect(syntax.Semicolon)
	}
	p.expect(syntax.RBrace)
}

// Declaration reads the head of a type table:
//
//	class List<T> : IList<T>, IReadOnlyList<T>   static class Math      struct Guid : IComparable
//	interface IEnumerable<out T> : IEnumerable   enum Formatting        class TimeZoneInfo.AdjustmentRule
//	delegate TResult Func<in T, out TResult>(T arg)
func Declaration(text string) (*syntax.Declaration, error) {
	var diags syntax.Diagnostics
	p := newParser(text, 0, len(text), 0, 0, &diags)
	d := p.declarationHead()
	p.accept(syntax.Semicolon)
	if p.kind() != syntax.EOF {
		p.reportToken("CS1003", "Syntax error, '%s' unexpected", p.tok().Text)
	}
	if diags.Len() > 0 {
		return nil, fmt.Errorf("declaration %q: %w", text, diags.All()[0])
	}
	return d, nil
}

func (p *parser) declarationHead() *syntax.Declaration {
	d := &syntax.Declaration{}
	for {
		switch p.kind() {
		case syntax.KwStatic:
			d.Static = true
		case syntax.KwAbstract:
			d.Abstract = true
		case syntax.KwSealed:
			d.Sealed = true
		case syntax.KwPublic, syntax.KwReadonly:
		default:
			return p.typeHead(d)
		}
		p.advance()
	}
}

func (p *parser) typeHead(d *syntax.Declaration) *syntax.Declaration {
	switch k := p.kind(); k {
	case syntax.KwClass, syntax.KwStruct, syntax.KwInterface, syntax.KwEnum, syntax.KwDelegate:
		d.Keyword = p.advance().Kind
	default:
		p.reportToken("CS1003", "Syntax error, 'class' expected")
	}
	if d.Keyword == syntax.KwDelegate {
		d.Result = p.parseType()
	}
	d.Name = p.name().Text
	for p.accept(syntax.Dot) {
		d.Name += "." + p.name().Text
	}
	if p.kind() == syntax.Less {
		p.variantParams(d)
	}
	if d.Keyword == syntax.KwDelegate {
		d.Params = p.params(syntax.RParen)
	}
	if p.accept(syntax.Colon) {
		for {
			d.Bases = append(d.Bases, p.parseType())
			if !p.accept(syntax.Comma) {
				break
			}
		}
	}
	p.constraints()
	return d
}

// variantParams reads <in T, out TResult>.
func (p *parser) variantParams(d *syntax.Declaration) {
	p.expect(syntax.Less)
	for {
		variance := ""
		if k := p.kind(); k == syntax.KwIn || k == syntax.KwOut {
			variance = p.advance().Text
		}
		d.Variance = append(d.Variance, variance)
		d.TypeParams = append(d.TypeParams, syntax.TypeParam{Name: p.name()})
		if !p.accept(syntax.Comma) {
			break
		}
	}
	p.expect(syntax.Greater)
}
