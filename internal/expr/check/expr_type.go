package check

import (
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// resolveType returns the type that the syntax names; where there is none it reports why and returns the
// invalid type.
func (c *checker) resolveType(t syntax.Type) *types.Type {
	invalid := c.lib.Basic(types.Invalid)
	switch t := t.(type) {
	case *syntax.PredefinedType:
		if p := c.lib.Predefined(t.Kind); p != nil {
			return p
		}
		c.report(t, "CS0246", "This type is not available in policy expressions")
		return invalid
	case *syntax.NamedType:
		return c.namedType(t)
	case *syntax.NullableType:
		return c.nullableType(t)
	case *syntax.ArrayType:
		elem := c.resolveType(t.Elem)
		if elem.Kind == types.Invalid {
			return invalid
		}
		return c.lib.ArrayOf(elem, t.Rank)
	case *syntax.TupleType:
		return c.tupleType(t)
	case *syntax.PointerType:
		c.report(t, "CS0214", "A policy expression cannot be unsafe: pointers are not allowed")
	}
	return invalid
}

func (c *checker) nullableType(t *syntax.NullableType) *types.Type {
	elem := c.resolveType(t.Elem)
	switch {
	case elem.Kind == types.Invalid:
		return elem
	case !elem.IsValueType():
		c.report(t, "CS8370", "'%s?' is not C# 7: only value types can be nullable", elem.Name())
		return c.lib.Basic(types.Invalid)
	case elem.NullableElem() != nil:
		c.report(t, "CS0453", "'%s' is nullable already", elem.Name())
		return c.lib.Basic(types.Invalid)
	}
	return c.lib.NullableOf(elem)
}

func (c *checker) tupleType(t *syntax.TupleType) *types.Type {
	elems, names := make([]*types.Type, len(t.Elems)), make([]string, len(t.Elems))
	for i, e := range t.Elems {
		elems[i], names[i] = c.resolveType(e.Type), e.Name.Text
		if elems[i].Kind == types.Invalid {
			return elems[i]
		}
	}
	return c.lib.TupleOf(elems, names)
}

// namedType resolves the name of a type of the allow-list.
func (c *checker) namedType(t *syntax.NamedType) *types.Type {
	name := types.QualifiedName(t)
	if p := c.names.TypeParam(name); p != nil && len(t.Args) == 0 {
		return p
	}
	def := c.definition(name, len(t.Args))
	if def == nil {
		c.unknownType(t, name, len(t.Args))
		return c.lib.Basic(types.Invalid)
	}
	if hasHoles(t.Args) {
		c.report(t, "CS7003", "The generic type '%s' needs its type arguments", name)
		return c.lib.Basic(types.Invalid)
	}
	args, ok := c.typeArgs(t.Args)
	if !ok {
		return c.lib.Basic(types.Invalid)
	}
	return c.lib.Construct(def, args...)
}

// definition finds a type that expressions can name.
func (c *checker) definition(name string, arity int) *types.Definition {
	def := c.lib.Lookup(name, arity)
	if def == nil || def.Hidden {
		return nil
	}
	return def
}

// typeArgs resolves type arguments.
func (c *checker) typeArgs(list []syntax.Type) ([]*types.Type, bool) {
	args, ok := make([]*types.Type, len(list)), true
	for i, a := range list {
		if a == nil {
			return nil, false
		}
		args[i] = c.resolveType(a)
		switch args[i].Kind {
		case types.Invalid:
			ok = false
		case types.Void:
			c.report(a, "CS1547", "'void' cannot be a type argument")
			ok = false
		}
	}
	return args, ok
}

// unknownType reports why a type's name does not lead to a type.
func (c *checker) unknownType(t *syntax.NamedType, name string, arity int) {
	for _, n := range c.lib.Arities(name) {
		if c.definition(name, n) == nil {
			continue
		}
		if n == 0 {
			c.report(t, "CS0308", "The type '%s' is not generic and takes no type arguments", name)
		} else {
			c.report(t, "CS0305", "The generic type '%s' needs %d type arguments, not %d", name, n, arity)
		}
		return
	}
	switch q, _ := t.Qualifier.(*syntax.NamedType); {
	case q != nil && c.lib.IsNamespace(types.QualifiedName(q)):
		c.report(t, "CS0234", "Policy expressions have no type '%s' in the namespace '%s'", t.Name.Text, types.QualifiedName(q))
	case q == nil && t.Name.Text == "var":
		c.report(t, "CS0825", "'var' stands only where a variable is declared")
	case q == nil && t.Name.Text == "dynamic":
		c.report(t, "CS1980", "Policy expressions have no 'dynamic'")
	default:
		c.report(t, "CS0246", "Policy expressions have no type '%s'", name)
	}
}
