package types

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"weak"

	"github.com/sallyport/sallyport/internal/expr/parse"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// builder makes a library of tables: first all definitions, so that signatures can name each other's types,
// then their heads, then their members.
type builder struct {
	lib   *Library
	heads []head
	errs  []error
}

// head is a table with its declaration read.
type head struct {
	table *Table
	decl  *syntax.Declaration
	def   *Definition
}

// New builds a library from tables, for .NET. It fails with every signature that does not parse or resolve.
func New(tables ...[]Table) (*Library, error) { return NewFor(value.Net, tables...) }

// NewFor builds a library from tables. Its types know the runtime that it is for.
func NewFor(runtime value.Runtime, tables ...[]Table) (*Library, error) {
	b := &builder{lib: &Library{
		runtime:    runtime,
		names:      map[string][]*Definition{},
		namespaces: map[string]bool{},
		extensions: map[string][]*Member{},
		interned:   map[string]weak.Pointer[Type]{},
	}}
	for k := Invalid; k <= Typeless; k++ {
		if basicNames[k] != "" {
			b.lib.basic[k] = b.lib.adopt(&Type{Kind: k})
		}
	}
	for _, list := range tables {
		for i := range list {
			b.declare(&list[i])
		}
	}
	for _, h := range b.heads {
		b.bases(h)
	}
	b.findArrayInterfaces()
	if len(b.errs) == 0 {
		b.checkCycles()
	}
	for _, h := range b.heads {
		b.members(h)
	}
	if len(b.errs) > 0 {
		return nil, errors.Join(b.errs...)
	}
	return b.lib, nil
}

func (b *builder) fail(h head, format string, args ...any) {
	name := qualified(h.table.Namespace, h.table.Decl)
	b.errs = append(b.errs, fmt.Errorf("type table %q: %s", name, fmt.Sprintf(format, args...)))
}

// declarationKinds are the kinds of types by their keyword.
var declarationKinds = map[syntax.Kind]Kind{
	syntax.KwClass: Class, syntax.KwStruct: Struct, syntax.KwInterface: Interface,
	syntax.KwEnum: Enum, syntax.KwDelegate: Delegate,
}

// declare reads the head of a table and makes its definition, without bases and members.
func (b *builder) declare(t *Table) {
	d, err := parse.Declaration(t.Decl)
	if err != nil {
		b.errs = append(b.errs, fmt.Errorf("type table %q: %w", t.Decl, err))
		return
	}
	def := &Definition{
		Namespace: t.Namespace, Name: d.Name, Kind: declarationKinds[d.Keyword], Special: t.Special,
		Static: d.Static, Abstract: d.Abstract, Sealed: d.Sealed, Hidden: t.Hidden, Flags: t.Flags, Storage: t.Storage,
	}
	for i, p := range d.TypeParams {
		param := b.lib.adopt(&Type{Kind: Param, ParamName: p.Name.Text, ParamIndex: i})
		def.Params = append(def.Params, param)
		def.Variance = append(def.Variance, variance(d.Variance, i))
	}
	def.self = b.lib.adopt(&Type{Kind: def.Kind, Def: def, Args: def.Params})
	if len(def.Params) > 0 {
		b.lib.interned[typesKey('g', def.self.id, def.Params)] = weak.Make(def.self)
	}
	h := head{table: t, decl: d, def: def}
	if b.register(h) {
		b.heads = append(b.heads, h)
	}
}

func variance(list []string, i int) byte {
	if i >= len(list) {
		return 0
	}
	switch list[i] {
	case "out":
		return '+'
	case "in":
		return '-'
	default:
		return 0
	}
}

// register enters a definition under its names.
func (b *builder) register(h head) bool {
	l, def := b.lib, h.def
	full := def.FullName()
	if l.names[full] != nil {
		b.fail(h, "the type %s is declared twice", full)
		return false
	}
	l.defs = append(l.defs, def)
	l.names[full] = append(l.names[full], def)
	if simple := arityName(def.Name, len(def.Params)); simple != full {
		l.names[simple] = append(l.names[simple], def)
		sort.SliceStable(l.names[simple], func(i, j int) bool {
			return !l.names[simple][i].Hidden && l.names[simple][j].Hidden
		})
	}
	if def.Special != NotSpecial {
		l.special[def.Special] = def
	}
	for ns := def.Namespace; ns != ""; {
		l.namespaces[ns] = true
		ns = ns[:max(strings.LastIndexByte(ns, '.'), 0)]
	}
	return true
}

// bases resolves the base class and the interfaces of a definition.
func (b *builder) bases(h head) {
	def := h.def
	for _, x := range h.decl.Bases {
		t, err := b.lib.resolve(x, def.Params)
		switch {
		case err != nil:
			b.fail(h, "%v", err)
		case def.Kind == Enum:
			def.Underlying = t
		case t.Kind == Interface:
			def.Interfaces = append(def.Interfaces, t)
		case def.Base != nil || t.Kind != Class:
			b.fail(h, "%s cannot be a base here", t.Name())
		default:
			def.Base = t
		}
	}
	if def.Base == nil && def.Special != Object {
		def.Base = b.lib.defaultBase(def.Kind, def.Special)
	}
	if def.Kind == Enum && def.Underlying == nil {
		def.Underlying = b.lib.Special(Int32)
	}
	if s, ok := storages[def.Special]; ok {
		def.Storage = s
	}
}

// storages are fixed for the types that compiled code computes with.
var storages = map[Special]Storage{
	String: Str, Boolean: Bool, Char: Int, SByte: Int, Byte: Int, Int16: Int, UInt16: Int, Int32: Int, UInt32: Int,
	Int64: Int, UInt64: Int, Single: Float, Double: Float, DateTime: Int, TimeSpan: Int,
}

func (l *Library) defaultBase(k Kind, s Special) *Type {
	switch {
	case k == Enum:
		return l.firstOf(EnumBase, ValueType, Object)
	case k == Delegate:
		return l.firstOf(DelegateBase, Object)
	case k == Struct:
		return l.firstOf(ValueType, Object)
	case k == Class && s == EnumBase:
		return l.firstOf(ValueType, Object)
	case k == Class:
		return l.Special(Object)
	default:
		return nil
	}
}

// arrayInterfaces are the generic interfaces of arrays by their .NET names.
var arrayInterfaces = []string{"IList", "ICollection", "IEnumerable", "IReadOnlyList", "IReadOnlyCollection"}

func (b *builder) findArrayInterfaces() {
	for _, name := range arrayInterfaces {
		if d := b.lib.Lookup("System.Collections.Generic."+name, 1); d != nil {
			b.lib.arrays = append(b.lib.arrays, d)
		}
	}
}

// checkCycles refuses a type that is its own base.
func (b *builder) checkCycles() {
	const visiting, done = 1, 2
	state := map[*Definition]int{}
	var visit func(d *Definition) bool
	visit = func(d *Definition) bool {
		if state[d] != 0 {
			return state[d] == done
		}
		state[d] = visiting
		for _, t := range append([]*Type{d.Base}, d.Interfaces...) {
			if t != nil && !visit(t.Def) {
				return false
			}
		}
		state[d] = done
		return true
	}
	for _, h := range b.heads {
		if !visit(h.def) {
			b.fail(h, "the type is its own base")
			return
		}
	}
}
