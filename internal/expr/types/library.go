package types

import (
	"fmt"
	"sync"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// Library is all that expressions can name: built once by New from the tables, immutable after that, and
// safe for concurrent use. (The constructed types it has made are cached inside, under a lock.)
type Library struct {
	defs  map[string]*Definition // by full name with arity: System.Collections.Generic.List`1
	names map[string][]*Definition

	mu       sync.RWMutex
	interned map[string]*Type
}

// New builds a library from tables. It fails with every signature that does not parse or resolve.
func New(tables ...[]Table) (*Library, error) {
	n := 0
	for _, list := range tables {
		n += len(list)
	}
	return nil, fmt.Errorf("building the library of %d tables: not written yet", n)
}

// Special returns the type that the language knows by that name, nil for an open generic one.
func (l *Library) Special(Special) *Type { return nil }

// Lookup returns the definition with that simple or full name and number of type parameters, or nil.
// Where a simple name is in two namespaces, the allow-list decides which one policies mean.
func (l *Library) Lookup(name string, arity int) *Definition { return nil }

// IsNamespace reports whether name is a namespace or the beginning of one.
func (l *Library) IsNamespace(name string) bool { return false }

// Construct returns the type of def with these arguments.
func (l *Library) Construct(def *Definition, args ...*Type) *Type { return nil }

// ArrayOf returns the array type with that element type and rank.
func (l *Library) ArrayOf(elem *Type, rank int) *Type { return nil }

// NullableOf returns T? for a value type T.
func (l *Library) NullableOf(t *Type) *Type { return nil }

// TupleOf returns the tuple type; names may be nil.
func (l *Library) TupleOf(elems []*Type, names []string) *Type { return nil }

// AnonymousOf returns the type of an anonymous object with these properties.
func (l *Library) AnonymousOf(names []string, props []*Type) *Type { return nil }

// Extensions returns the extension methods with that name.
func (l *Library) Extensions(name string) []*Member { return nil }

// Definitions returns every definition in a stable order, for the documentation page.
func (l *Library) Definitions() []*Definition { return nil }

type memberSet struct{}

// Name returns the C# name, such as "int" or "List<string>".
func (t *Type) Name() string { return "" }

// FullName returns the .NET name, such as "System.Int32".
func (t *Type) FullName() string { return "" }

// AssignableTo reports whether a value of type t is a value of type u by identity, inheritance, interfaces
// with variance, or boxing.
func (t *Type) AssignableTo(u value.Type) bool { return false }

// Storage returns in which typed slot values of the type are kept.
func (t *Type) Storage() Storage { return Val }

// Special returns which type of the language it is, NotSpecial otherwise.
func (t *Type) Special() Special { return NotSpecial }

// IsValueType reports whether the type is a struct, an enum or a tuple.
func (t *Type) IsValueType() bool { return false }

// NullableElem returns T for T?, and nil for every other type.
func (t *Type) NullableElem() *Type { return nil }

// Members returns the members with that name that the type itself declares, substituted.
func (t *Type) Members(name string) []*Member { return nil }

// Base returns the base class, substituted, or nil.
func (t *Type) Base() *Type { return nil }

// Interfaces returns all interfaces, those of base types and interfaces included, substituted.
func (t *Type) Interfaces() []*Type { return nil }

// Invoke returns the signature of a delegate type, substituted, or nil.
func (t *Type) Invoke() *Member { return nil }

// Substitute returns t with each type parameter in params replaced by the argument at its place.
func (l *Library) Substitute(t *Type, params, args []*Type) *Type { return nil }
