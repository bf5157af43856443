// Package typename finds the types that the syntax names: those of the library, type parameters, arrays, tuples and
// nullable types. It reports why a name means none.
package typename

import (
	"github.com/sallyport/sallyport/internal/expr/scope"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// Resolver finds what the names of types mean.
type Resolver struct {
	lib      *types.Library
	names    *scope.Table
	reporter scope.Reporter
}

// New returns a resolver for a library and the type parameters in scope, which reports names that mean nothing.
func New(lib *types.Library, names *scope.Table, reporter scope.Reporter) *Resolver {
	return &Resolver{lib: lib, names: names, reporter: reporter}
}

// Type returns the type that the syntax names; where there is none it reports why and returns the
// invalid type.
func (r *Resolver) Type(t syntax.Type) *types.Type {
	invalid := r.lib.Basic(types.Invalid)
	switch t := t.(type) {
	case *syntax.PredefinedType:
		if p := r.lib.Predefined(t.Kind); p != nil {
			return p
		}
		r.reporter.Report(t, "CS0246", "This type is not available in policy expressions")
		return invalid
	case *syntax.NamedType:
		return r.namedType(t)
	case *syntax.NullableType:
		return r.nullableType(t)
	case *syntax.ArrayType:
		elem := r.Type(t.Elem)
		if elem.Kind == types.Invalid {
			return invalid
		}
		return r.lib.ArrayOf(elem, t.Rank)
	case *syntax.TupleType:
		return r.tupleType(t)
	case *syntax.PointerType:
		r.reporter.Report(t, "CS0214", "A policy expression cannot be unsafe: pointers are not allowed")
	}
	return invalid
}

func (r *Resolver) nullableType(t *syntax.NullableType) *types.Type {
	elem := r.Type(t.Elem)
	switch {
	case elem.Kind == types.Invalid:
		return elem
	case !elem.IsValueType():
		r.reporter.Report(t, "CS8370", "'%s?' is not C# 7: only value types can be nullable", elem.Name())
		return r.lib.Basic(types.Invalid)
	case elem.NullableElem() != nil:
		r.reporter.Report(t, "CS0453", "'%s' is nullable already", elem.Name())
		return r.lib.Basic(types.Invalid)
	}
	return r.lib.NullableOf(elem)
}

func (r *Resolver) tupleType(t *syntax.TupleType) *types.Type {
	elems, names := make([]*types.Type, len(t.Elems)), make([]string, len(t.Elems))
	for i, e := range t.Elems {
		elems[i], names[i] = r.Type(e.Type), e.Name.Text
		if elems[i].Kind == types.Invalid {
			return elems[i]
		}
	}
	return r.lib.TupleOf(elems, names)
}

// namedType resolves the name of a type of the allow-list.
func (r *Resolver) namedType(t *syntax.NamedType) *types.Type {
	name := types.QualifiedName(t)
	if p := r.names.TypeParam(name); p != nil && len(t.Args) == 0 {
		return p
	}
	def := r.Definition(name, len(t.Args))
	if def == nil {
		r.unknownType(t, name, len(t.Args))
		return r.lib.Basic(types.Invalid)
	}
	if HasHoles(t.Args) {
		r.reporter.Report(t, "CS7003", "The generic type '%s' needs its type arguments", name)
		return r.lib.Basic(types.Invalid)
	}
	args, ok := r.Args(t.Args)
	if !ok {
		return r.lib.Basic(types.Invalid)
	}
	return r.lib.Construct(def, args...)
}

// Definition finds a type that expressions can name.
func (r *Resolver) Definition(name string, arity int) *types.Definition {
	def := r.lib.Lookup(name, arity)
	if def == nil || def.Hidden {
		return nil
	}
	return def
}

// Args resolves type arguments.
func (r *Resolver) Args(list []syntax.Type) ([]*types.Type, bool) {
	args, ok := make([]*types.Type, len(list)), true
	for i, a := range list {
		if a == nil {
			return nil, false
		}
		args[i] = r.Type(a)
		switch args[i].Kind {
		case types.Invalid:
			ok = false
		case types.Void:
			r.reporter.Report(a, "CS1547", "'void' cannot be a type argument")
			ok = false
		}
	}
	return args, ok
}

// unknownType reports why a type's name does not lead to a type.
func (r *Resolver) unknownType(t *syntax.NamedType, name string, arity int) {
	for _, n := range r.lib.Arities(name) {
		if r.Definition(name, n) == nil {
			continue
		}
		if n == 0 {
			r.reporter.Report(t, "CS0308", "The type '%s' is not generic and takes no type arguments", name)
		} else {
			r.reporter.Report(t, "CS0305", "The generic type '%s' needs %d type arguments, not %d", name, n, arity)
		}
		return
	}
	switch q, _ := t.Qualifier.(*syntax.NamedType); {
	case q != nil && r.lib.IsNamespace(types.QualifiedName(q)):
		r.reporter.Report(t, "CS0234", "Policy expressions have no type '%s' in the namespace '%s'", t.Name.Text, types.QualifiedName(q))
	case q == nil && t.Name.Text == "var":
		r.reporter.Report(t, "CS0825", "'var' stands only where a variable is declared")
	case q == nil && t.Name.Text == "dynamic":
		r.reporter.Report(t, "CS1980", "Policy expressions have no 'dynamic'")
	default:
		r.reporter.Report(t, "CS0246", "Policy expressions have no type '%s'", name)
	}
}

// HasHoles reports whether type arguments are missing between the brackets, as in As<>.
func HasHoles(list []syntax.Type) bool {
	for _, t := range list {
		if t == nil {
			return true
		}
		if _, ok := t.(*syntax.BadType); ok {
			return true
		}
	}
	return false
}
