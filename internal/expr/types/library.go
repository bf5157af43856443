package types

import (
	"sort"
	"sync"
	"weak"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// Library is all that expressions can name: built once by New from the tables, immutable after that, and
// safe for concurrent use. (The constructed types it has made are cached inside, under a lock.)
type Library struct {
	runtime    value.Runtime
	defs       []*Definition
	names      map[string][]*Definition // by simple and by full name, each with its arity: List`1
	namespaces map[string]bool
	extensions map[string][]*Member
	special    [TypeOf + 1]*Definition
	basic      [Typeless + 1]*Type
	arrays     []*Definition // the interfaces of one type parameter that T[] has.

	mu       sync.RWMutex
	interned map[string]weak.Pointer[Type]
	nextID   int
}

// Runtime returns the runtime whose answers the library gives.
func (l *Library) Runtime() value.Runtime { return l.runtime }

// Basic returns the type of a kind that no table declares: Invalid, Void, Null, DefaultLiteral or Typeless.
func (l *Library) Basic(k Kind) *Type { return l.basic[k] }

// Special returns the type that the language knows by that name, the open one for a generic one, and nil
// where no table declares it.
func (l *Library) Special(s Special) *Type {
	if d := l.special[s]; d != nil {
		return d.self
	}
	return nil
}

// Lookup returns the definition with that simple or full name and number of type parameters, or nil.
// Where a simple name is in two namespaces, one that can be named comes before one that is hidden, and
// the one whose table comes first before the others.
func (l *Library) Lookup(name string, arity int) *Definition {
	list := l.names[arityName(name, arity)]
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// Arities returns the numbers of type parameters with which there is a type of that simple or full name.
func (l *Library) Arities(name string) []int {
	var list []int
	for n := range maxArity + 1 {
		if l.Lookup(name, n) != nil {
			list = append(list, n)
		}
	}
	return list
}

// IsNamespace reports whether name is a namespace or the beginning of one.
func (l *Library) IsNamespace(name string) bool { return l.namespaces[name] }

// Extensions returns the extension methods with that name.
func (l *Library) Extensions(name string) []*Member { return l.extensions[name] }

// Definitions returns every definition in a stable order, for the documentation page.
func (l *Library) Definitions() []*Definition {
	list := append([]*Definition(nil), l.defs...)
	sort.SliceStable(list, func(i, j int) bool {
		return list[i].FullName() < list[j].FullName()
	})
	return list
}

// FullName returns the .NET name with the number of type parameters: System.Collections.Generic.List`1.
func (d *Definition) FullName() string {
	return arityName(qualified(d.Namespace, d.Name), len(d.Params))
}
