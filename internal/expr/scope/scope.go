package scope

import (
	"maps"
	"slices"

	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// Symbol is what a simple name can mean inside an expression before types and namespaces are asked.
type Symbol struct {
	// Name is the C# name.
	Name string
	// At is where it is declared.
	At syntax.Span
	// Local is the variable, or nil.
	Local *bound.Local
	// Constant is the value of a const local, or nil.
	Constant *bound.Literal
	// Function is the local function, or nil; Body is its source.
	Function *bound.Function
	Body     *syntax.LocalFuncStmt
	// TypeParams are those of a generic local function.
	TypeParams []*types.Type

	// typ is the type parameter of a generic local function, or nil.
	typ *types.Type
}

// Scope is one level of declarations.
type Scope struct {
	// Locals are the variables declared, Functions the local functions.
	Locals    []*bound.Local
	Functions []*bound.Function
	// Later are the names that the block declares further down.
	Later map[string]bool
	// Block is what the scope became, so that generic functions can be added to it later; nil for others.
	Block *bound.Block

	parent *Scope
	names  map[string]*Symbol
	// inner are the names that closed scopes inside declared: C# allows no such name here any more.
	inner map[string]syntax.Span
	// section says that this is the scope of the pattern variables of a switch section whose statements are
	// being checked: what they declare belongs to the whole switch block.
	section bool
}

// Reporter takes errors.
type Reporter interface {
	// Report adds an error.
	Report(at syntax.Node, code, format string, args ...any)
}

// Table is what is declared around the place that is being checked.
type Table struct {
	// Fn is the function around.
	Fn *bound.Function
	// Top is the innermost level.
	Top *Scope

	reporter Reporter
	// calls are the local functions that a function calls or takes as a delegate.
	calls map[*bound.Function][]*bound.Function
}

// New returns a table without levels that reports names declared twice.
func New(r Reporter) *Table {
	return &Table{reporter: r, calls: map[*bound.Function][]*bound.Function{}}
}

// Open begins a level of declarations; later are the names that it will declare.
func (tb *Table) Open(later map[string]bool) *Scope {
	tb.Top = &Scope{parent: tb.Top, names: map[string]*Symbol{}, Later: later}
	return tb.Top
}

// Reopen continues the level of the labels of a switch section, whose pattern variables are known in the
// section's statements.
func (tb *Table) Reopen(s *Scope) {
	s.parent, s.section = tb.Top, true
	tb.Top = s
}

// Enter makes fn the current function, with a level of its own; the function returned goes back.
func (tb *Table) Enter(fn *bound.Function) (leave func()) {
	outer := tb.Fn
	tb.Fn = fn
	tb.Open(nil)
	return func() {
		tb.Close()
		tb.Fn = outer
	}
}

// EnterAt makes fn and a level that was open before the current ones, with a new level in it; the function
// returned goes back.
func (tb *Table) EnterAt(fn *bound.Function, s *Scope) (leave func()) {
	top, outer := tb.Top, tb.Fn
	tb.Top, tb.Fn = s, fn
	tb.Open(nil)
	return func() { tb.Top, tb.Fn = top, outer }
}

// Call notes that the current function calls a local function or takes it as a delegate.
func (tb *Table) Call(fn *bound.Function) { tb.calls[tb.Fn] = append(tb.calls[tb.Fn], fn) }

// Close ends the innermost level and tells the one around which names it used.
func (tb *Table) Close() *Scope {
	s := tb.Top
	tb.Top = s.parent
	if p := s.parent; p != nil && len(s.names)+len(s.inner) > 0 {
		if p.inner == nil {
			p.inner = map[string]syntax.Span{}
		}
		for name, sym := range s.names {
			p.inner[name] = sym.At
		}
		maps.Copy(p.inner, s.inner)
	}
	return s
}

// Own returns what a name means in the innermost level alone, or nil.
func (tb *Table) Own(name string) *Symbol { return tb.Top.names[name] }

// Declared reports whether a name is that of a variable, a parameter or a local function around.
func (tb *Table) Declared(name string) bool {
	for s := tb.Top; s != nil; s = s.parent {
		if sym := s.names[name]; sym != nil && sym.typ == nil {
			return true
		}
	}
	return false
}

// Lookup returns the innermost local, parameter or local function of that name, or nil. What it returns is
// taken as used: a variable of a function around is captured from now on.
func (tb *Table) Lookup(name string) *Symbol {
	for s := tb.Top; s != nil; s = s.parent {
		sym := s.names[name]
		if sym == nil || sym.typ != nil {
			continue
		}
		switch {
		case sym.Local != nil && sym.Constant == nil:
			tb.capture(tb.Fn, sym.Local)
		case sym.Function != nil:
			tb.Call(sym.Function)
		}
		return sym
	}
	return nil
}

// TypeParam returns the type that a type parameter of a local function around stands for, or nil.
func (tb *Table) TypeParam(name string) *types.Type {
	for s := tb.Top; s != nil; s = s.parent {
		if sym := s.names[name]; sym != nil && sym.typ != nil {
			return sym.typ
		}
	}
	return nil
}

// UsedEarly reports whether the name is that of a variable declared further down in a block around.
func (tb *Table) UsedEarly(name string) bool {
	for s := tb.Top; s != nil; s = s.parent {
		if s.Later[name] {
			return true
		}
	}
	return false
}

// DeclareTypeParam adds a type parameter of a local function to the innermost level; typ is what it stands for.
func (tb *Table) DeclareTypeParam(name syntax.Name, typ *types.Type) {
	tb.Top.names[name.Text] = &Symbol{Name: name.Text, At: name.Span, typ: typ}
}

// DeclareParam adds a parameter of the current function and reports two of one name: CS0100.
func (tb *Table) DeclareParam(name syntax.Name, v *bound.Local) {
	if tb.Top.names[name.Text] != nil {
		tb.reporter.Report(name, "CS0100", "There are two parameters '%s'", name.Text)
		return
	}
	tb.DeclareSymbol(name, &Symbol{Name: name.Text, At: name.Span, Local: v})
}

// capture notes that fn uses a variable; where it is one of a function around, every function in between
// passes it down.
func (tb *Table) capture(fn *bound.Function, v *bound.Local) {
	for f := fn; f != nil && f != v.Owner; f = f.Parent {
		v.Captured = true
		if !slices.Contains(f.Captures, v) {
			f.Captures = append(f.Captures, v)
		}
	}
}

// PropagateCaptures gives each function the captures of the local functions that it calls, since it calls
// them with its own cells.
func (tb *Table) PropagateCaptures() {
	for changed := true; changed; {
		changed = false
		for fn, callees := range tb.calls {
			for _, callee := range callees {
				for _, v := range callee.Captures {
					if v.Owner != fn && !slices.Contains(fn.Captures, v) && within(fn, v.Owner) {
						tb.capture(fn, v)
						changed = true
					}
				}
			}
		}
	}
}

// within reports whether fn is inside of outer.
func within(fn, outer *bound.Function) bool {
	for f := fn; f != nil; f = f.Parent {
		if f == outer {
			return true
		}
	}
	return false
}

// Declare adds a variable to the current scope and reports a name that is taken: CS0128 in the same scope,
// CS0136 in one around or inside.
func (tb *Table) Declare(name syntax.Name, t *types.Type) *bound.Local {
	v := tb.NewLocal(name.Text, t)
	tb.DeclareSymbol(name, &Symbol{Name: name.Text, At: name.Span, Local: v})
	return v
}

// DeclareLate is Declare for a variable that an expression declares.
func (tb *Table) DeclareLate(name syntax.Name, t *types.Type) *bound.Local {
	v := tb.Declare(name, t)
	v.Late = true
	return v
}

// NewLocal adds a variable to the current function and scope without a name that can be looked up.
func (tb *Table) NewLocal(name string, t *types.Type) *bound.Local {
	v := &bound.Local{Name: name, Type: t, Owner: tb.Fn}
	tb.Fn.Locals = append(tb.Fn.Locals, v)
	s := tb.declaring()
	s.Locals = append(s.Locals, v)
	return v
}

// declaring is the scope that a declaration at the current place belongs to.
func (tb *Table) declaring() *Scope {
	if tb.Top.section {
		return tb.Top.parent
	}
	return tb.Top
}

// Temp adds a temporary to the current function.
func (tb *Table) Temp(t *types.Type) *bound.Local { return tb.NewLocal("", t) }

// DeclareSymbol adds a name to the innermost level and reports where it is taken.
func (tb *Table) DeclareSymbol(name syntax.Name, sym *Symbol) {
	if name.Text == "" {
		return
	}
	tb.checkName(name)
	s := tb.declaring()
	s.names[name.Text] = sym
	delete(s.Later, name.Text)
}

// checkName reports a name that is taken.
func (tb *Table) checkName(name syntax.Name) {
	if at, ok := tb.declaring().inner[name.Text]; ok && !tb.Top.section {
		tb.reporter.Report(at, "CS0136", msgShadows, name.Text)
		return
	}
	for s := tb.Top; s != nil; s = s.parent {
		if s.names[name.Text] == nil {
			continue
		}
		if s == tb.declaring() {
			tb.reporter.Report(name, "CS0128", "A local variable or function named '%s' is already defined in this scope", name.Text)
		} else {
			tb.reporter.Report(name, "CS0136", msgShadows, name.Text)
		}
		return
	}
}

const msgShadows = "The name '%s' is that of another variable of a scope around or inside; choose another"

// DeclaredNames returns the names that the statements of one block declare, for errors about using one too
// early.
func DeclaredNames(list []syntax.Stmt) map[string]bool {
	var names map[string]bool
	for _, s := range list {
		d, ok := s.(*syntax.LocalDeclStmt)
		if !ok {
			continue
		}
		for _, v := range d.Vars {
			if names == nil {
				names = map[string]bool{}
			}
			names[v.Name.Text] = true
		}
	}
	return names
}
