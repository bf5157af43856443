package types

import (
	"fmt"
	"slices"

	"github.com/sallyport/sallyport/internal/expr/syntax"
)

// predefined are the types by keyword.
var predefined = map[syntax.Kind]Special{
	syntax.KwObject: Object, syntax.KwString: String, syntax.KwBool: Boolean, syntax.KwChar: Char,
	syntax.KwSbyte: SByte, syntax.KwByte: Byte, syntax.KwShort: Int16, syntax.KwUshort: UInt16,
	syntax.KwInt: Int32, syntax.KwUint: UInt32, syntax.KwLong: Int64, syntax.KwUlong: UInt64,
	syntax.KwFloat: Single, syntax.KwDouble: Double, syntax.KwDecimal: Decimal,
}

// Predefined returns the type of a keyword, void included, or nil.
func (l *Library) Predefined(k syntax.Kind) *Type {
	if k == syntax.KwVoid {
		return l.Basic(Void)
	}
	if s, ok := predefined[k]; ok {
		return l.Special(s)
	}
	return nil
}

// resolve returns the type that the syntax of a table names; params are the type parameters in scope.
func (l *Library) resolve(x syntax.Type, params []*Type) (*Type, error) {
	switch x := x.(type) {
	case *syntax.PredefinedType:
		if t := l.Predefined(x.Kind); t != nil {
			return t, nil
		}
		return nil, fmt.Errorf("no table declares the type of the keyword")
	case *syntax.NullableType:
		t, err := l.resolve(x.Elem, params)
		if err != nil {
			return nil, err
		}
		// A reference type with a question mark is what Microsoft's newer pages write; it is the type itself.
		if !t.IsValueType() && t.Kind != Param {
			return t, nil
		}
		return l.NullableOf(t), nil
	case *syntax.ArrayType:
		t, err := l.resolve(x.Elem, params)
		if err != nil {
			return nil, err
		}
		return l.ArrayOf(t, x.Rank), nil
	case *syntax.TupleType:
		return l.resolveTuple(x, params)
	case *syntax.NamedType:
		return l.resolveNamed(x, params)
	default:
		return nil, fmt.Errorf("a type of the form %T cannot be declared", x)
	}
}

func (l *Library) resolveTuple(x *syntax.TupleType, params []*Type) (*Type, error) {
	elems, names := make([]*Type, len(x.Elems)), make([]string, len(x.Elems))
	for i, e := range x.Elems {
		t, err := l.resolve(e.Type, params)
		if err != nil {
			return nil, err
		}
		elems[i], names[i] = t, e.Name.Text
	}
	return l.TupleOf(elems, names), nil
}

func (l *Library) resolveNamed(x *syntax.NamedType, params []*Type) (*Type, error) {
	name := QualifiedName(x)
	if len(x.Args) == 0 {
		for _, p := range slices.Backward(params) {
			if p.ParamName == name {
				return p, nil
			}
		}
	}
	def := l.Lookup(name, len(x.Args))
	if def == nil {
		return nil, fmt.Errorf("no table declares the type %s", arityName(name, len(x.Args)))
	}
	args := make([]*Type, len(x.Args))
	for i, a := range x.Args {
		t, err := l.resolve(a, params)
		if err != nil {
			return nil, err
		}
		args[i] = t
	}
	return l.Construct(def, args...), nil
}

// QualifiedName returns a type's name with its qualifiers, without type arguments.
func QualifiedName(x *syntax.NamedType) string {
	if q, ok := x.Qualifier.(*syntax.NamedType); ok {
		return QualifiedName(q) + "." + x.Name.Text
	}
	return x.Name.Text
}
