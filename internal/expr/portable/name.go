package portable

import (
	"strings"

	"github.com/sallyport/sallyport/internal/expr/types"
)

// genericNames are the collections that have a form, with the number of their type
// arguments, and what their elements may be besides.
var genericNames = map[string]int{
	"System.Nullable":                       1,
	"System.Collections.Generic.List":       1,
	"System.Collections.Generic.Dictionary": 2,
}

// maxTypeDepth is how deeply types may lie in each other.
const maxTypeDepth = 8

// nameOf is the name of a type as typeOf reads it: System.Int32, System.Int32[],
// System.Collections.Generic.List[System.Int32].
func nameOf(t *types.Type) string {
	if t.Kind == types.Array {
		return nameOf(t.Elem) + "[]"
	}
	if t.Def == nil {
		return t.FullName()
	}
	full := strings.TrimPrefix(t.Def.Namespace+"."+t.Def.Name, ".")
	if len(t.Args) == 0 {
		return full
	}
	names := make([]string, len(t.Args))
	for i, arg := range t.Args {
		names[i] = nameOf(arg)
	}
	return full + "[" + strings.Join(names, ",") + "]"
}

// typeOf returns the type of a name, nil where there is none that has a form.
func (r *reader) typeOf(name string, depth int) *types.Type {
	if depth > maxTypeDepth {
		return nil
	}
	if elem, isArray := strings.CutSuffix(name, "[]"); isArray {
		if t := r.typeOf(elem, depth+1); t != nil {
			return r.env.Lib.ArrayOf(t, 1)
		}
		return nil
	}
	full, args, generic := strings.Cut(name, "[")
	if !generic {
		if d := r.env.Lib.Lookup(full, 0); d != nil {
			return d.Self()
		}
		return nil
	}
	return r.genericOf(full, strings.TrimSuffix(args, "]"), depth)
}

func (r *reader) genericOf(full, args string, depth int) *types.Type {
	arity, known := genericNames[full]
	names := split(args)
	if !known || len(names) != arity {
		return nil
	}
	list := make([]*types.Type, arity)
	for i, name := range names {
		if list[i] = r.typeOf(name, depth+1); list[i] == nil {
			return nil
		}
	}
	return r.env.Generic(full, list...)
}

// split divides names at the commas that are not inside of brackets.
func split(names string) []string {
	var list []string
	depth, begin := 0, 0
	for i := range len(names) {
		switch names[i] {
		case '[':
			depth++
		case ']':
			depth--
		case ',':
			if depth == 0 {
				list, begin = append(list, names[begin:i]), i+1
			}
		}
	}
	return append(list, names[begin:])
}
