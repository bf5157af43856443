package types

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// constant returns the value of a constant or of a parameter's default in a table.
func (l *Library) constant(x syntax.Expr, t *Type) (value.Value, error) {
	elem := t.Underlying()
	switch x := x.(type) {
	case nil:
		return value.Nil, fmt.Errorf("the constant has no value")
	case *syntax.DefaultExpr:
		return l.zero(t), nil
	case *syntax.LiteralExpr:
		switch x.Kind {
		case syntax.KwNull:
			return value.Nil, nil
		case syntax.StringLit:
			return value.OfGo(x.Value), nil
		case syntax.KwTrue, syntax.KwFalse:
			return value.BoxedBool(elem, x.Kind == syntax.KwTrue), nil
		case syntax.CharLit:
			return value.Boxed(elem, uint64(firstUnit(x.Value))), nil
		}
	}
	if elem.Kind == Enum {
		n, err := l.integer(x, elem.Def)
		return value.Boxed(elem, uint64(n)), err
	}
	if elem.Storage() == Float {
		f, err := realNumber(x)
		return value.BoxedFloat(elem, f), err
	}
	if elem.Storage() != Int {
		return value.Nil, fmt.Errorf("a table cannot hold a constant of type %s", t.Name())
	}
	n, err := l.integer(x, nil)
	return value.Boxed(elem, uint64(n)), err
}

// zero returns default(t) where bits or null can hold it.
func (l *Library) zero(t *Type) value.Value {
	switch {
	case !t.IsValueType() || t.NullableElem() != nil:
		return value.Nil
	default:
		return value.Boxed(t, 0)
	}
}

// firstUnit returns the first UTF-16 code unit of a character literal, which may be a lone surrogate in its
// three bytes.
func firstUnit(s string) uint16 {
	if len(s) == 3 && s[0] == 0xED && s[1] >= 0xA0 {
		return 0xD000 | uint16(s[1]&0x3F)<<6 | uint16(s[2]&0x3F)
	}
	for _, r := range s {
		return utf16.Encode([]rune{r})[0]
	}
	return 0
}

// integer computes an integer constant: literals, members of the enum, and - ~ + | << between them.
func (l *Library) integer(x syntax.Expr, enum *Definition) (int64, error) {
	switch x := x.(type) {
	case *syntax.ParenExpr:
		return l.integer(x.X, enum)
	case *syntax.LiteralExpr:
		return parseInteger(x.Text)
	case *syntax.IdentExpr:
		return enumMember(enum, x.Name.Text)
	case *syntax.MemberExpr:
		if id, ok := x.X.(*syntax.IdentExpr); ok && (enum == nil || enum.Name != id.Name.Text) {
			enum = l.Lookup(id.Name.Text, 0)
		}
		return enumMember(enum, x.Name.Text)
	case *syntax.UnaryExpr:
		n, err := l.integer(x.X, enum)
		switch x.Op {
		case syntax.Minus:
			return -n, err
		case syntax.Tilde:
			return ^n, err
		default:
			return n, err
		}
	case *syntax.BinaryExpr:
		a, err := l.integer(x.X, enum)
		if err != nil {
			return 0, err
		}
		b, err := l.integer(x.Y, enum)
		return combine(x.Op, a, b), err
	default:
		return 0, fmt.Errorf("a constant of the form %T cannot be computed", x)
	}
}

func combine(op syntax.Kind, a, b int64) int64 {
	switch op {
	case syntax.Pipe:
		return a | b
	case syntax.ShiftLeft:
		return a << (b & 63)
	case syntax.Plus:
		return a + b
	default:
		return a - b
	}
}

func enumMember(enum *Definition, name string) (int64, error) {
	if enum != nil {
		for _, m := range enum.Members {
			if m.Name == name {
				return m.Const.Int(), nil
			}
		}
	}
	return 0, fmt.Errorf("no member %s has been declared before", name)
}

func parseInteger(text string) (int64, error) {
	digits := strings.TrimRight(strings.ReplaceAll(text, "_", ""), "uUlL")
	base := 10
	if len(digits) > 1 && digits[1]|0x20 >= 'a' {
		base = 0 // 0x and 0b.
	}
	n, err := strconv.ParseUint(digits, base, 64)
	if err != nil {
		return 0, fmt.Errorf("reading the integer %s: %w", text, err)
	}
	return int64(n), nil
}

// realNumber computes a floating-point constant: a literal, its negative, or a quotient.
func realNumber(x syntax.Expr) (float64, error) {
	switch x := x.(type) {
	case *syntax.ParenExpr:
		return realNumber(x.X)
	case *syntax.UnaryExpr:
		f, err := realNumber(x.X)
		if x.Op == syntax.Minus {
			return math.Copysign(f, -math.Copysign(1, f)), err
		}
		return f, err
	case *syntax.BinaryExpr:
		a, err := realNumber(x.X)
		if err != nil {
			return 0, err
		}
		b, err := realNumber(x.Y)
		return a / b, err
	case *syntax.LiteralExpr:
		f, err := strconv.ParseFloat(strings.TrimRight(strings.ReplaceAll(x.Text, "_", ""), "fFdD"), 64)
		if err != nil {
			return 0, fmt.Errorf("reading the number %s: %w", x.Text, err)
		}
		return f, nil
	default:
		return 0, fmt.Errorf("a constant of the form %T cannot be computed", x)
	}
}
