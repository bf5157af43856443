package check

import (
	"maps"
	"slices"

	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// symbol is what a simple name can mean inside an expression before types and namespaces are asked.
type symbol struct {
	// name is the C# name.
	name string
	// at is where it is declared.
	at syntax.Span
	// local is the variable, or nil.
	local *bound.Local
	// constant is the value of a const local, or nil.
	constant *bound.Literal
	// function is the local function, or nil; body is its source.
	function *bound.Function
	body     *syntax.LocalFuncStmt
	// typeParams are those of a generic local function.
	typeParams []*types.Type
	// typ is the type parameter of a generic local function, or nil.
	typ *types.Type
}

// scope is one level of declarations.
type scope struct {
	parent *scope
	fn     *bound.Function
	names  map[string]*symbol
	// inner are the names that closed scopes inside declared: C# allows no such name here any more.
	inner map[string]syntax.Span
	// later are the names that the block declares further down.
	later map[string]bool
	// locals are the variables declared, functions the local functions.
	locals    []*bound.Local
	functions []*bound.Function
	// block is what the scope became, so that generic functions can be added to it later; nil for others.
	block *bound.Block
	// section says that this is the scope of the pattern variables of a switch section whose statements are
	// being checked: what they declare belongs to the whole switch block.
	section bool
}

// openScope begins a level of declarations; later are the names that it will declare.
func (c *checker) openScope(later map[string]bool) *scope {
	c.scope = &scope{parent: c.scope, fn: c.fn, names: map[string]*symbol{}, later: later}
	return c.scope
}

// closeScope ends the innermost level and tells the one around which names it used.
func (c *checker) closeScope() *scope {
	s := c.scope
	c.scope = s.parent
	if p := s.parent; p != nil && len(s.names)+len(s.inner) > 0 {
		if p.inner == nil {
			p.inner = map[string]syntax.Span{}
		}
		for name, sym := range s.names {
			p.inner[name] = sym.at
		}
		maps.Copy(p.inner, s.inner)
	}
	return s
}

// lookup returns the innermost local, parameter or local function of that name, or nil. What it returns is
// taken as used: a variable of a function around is captured from now on.
func (c *checker) lookup(name string) *symbol {
	for s := c.scope; s != nil; s = s.parent {
		sym := s.names[name]
		if sym == nil || sym.typ != nil {
			continue
		}
		switch {
		case sym.local != nil && sym.constant == nil:
			c.capture(c.fn, sym.local)
		case sym.function != nil:
			c.calls[c.fn] = append(c.calls[c.fn], sym.function)
		}
		return sym
	}
	return nil
}

// typeParam returns the type that a type parameter of a local function around stands for, or nil.
func (c *checker) typeParam(name string) *types.Type {
	for s := c.scope; s != nil; s = s.parent {
		if sym := s.names[name]; sym != nil && sym.typ != nil {
			return sym.typ
		}
	}
	return nil
}

// usedEarly reports whether the name is that of a variable declared further down in a block around.
func (c *checker) usedEarly(name string) bool {
	for s := c.scope; s != nil; s = s.parent {
		if s.later[name] {
			return true
		}
	}
	return false
}

// capture notes that fn uses a variable; where it is one of a function around, every function in between
// passes it down.
func (c *checker) capture(fn *bound.Function, v *bound.Local) {
	for f := fn; f != nil && f != v.Owner; f = f.Parent {
		v.Captured = true
		if !slices.Contains(f.Captures, v) {
			f.Captures = append(f.Captures, v)
		}
	}
}

// propagateCaptures gives each function the captures of the local functions that it calls, since it calls
// them with its own cells.
func (c *checker) propagateCaptures() {
	for changed := true; changed; {
		changed = false
		for fn, callees := range c.calls {
			for _, callee := range callees {
				for _, v := range callee.Captures {
					if v.Owner != fn && !slices.Contains(fn.Captures, v) && within(fn, v.Owner) {
						c.capture(fn, v)
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

// declare adds a variable to the current scope and reports a name that is taken: CS0128 in the same scope,
// CS0136 in one around or inside.
func (c *checker) declare(name syntax.Name, t *types.Type) *bound.Local {
	v := c.newLocal(name.Text, t)
	c.declareSymbol(name, &symbol{name: name.Text, at: name.Span, local: v})
	return v
}

// newLocal adds a variable to the current function and scope without a name that can be looked up.
func (c *checker) newLocal(name string, t *types.Type) *bound.Local {
	v := &bound.Local{Name: name, Type: t, Owner: c.fn}
	c.fn.Locals = append(c.fn.Locals, v)
	s := c.declaring()
	s.locals = append(s.locals, v)
	return v
}

// declaring is the scope that a declaration at the current place belongs to.
func (c *checker) declaring() *scope {
	if c.scope.section {
		return c.scope.parent
	}
	return c.scope
}

// temp adds a temporary to the current function.
func (c *checker) temp(t *types.Type) *bound.Local { return c.newLocal("", t) }

func (c *checker) declareSymbol(name syntax.Name, sym *symbol) {
	if name.Text == "" {
		return
	}
	c.checkName(name)
	s := c.declaring()
	s.names[name.Text] = sym
	delete(s.later, name.Text)
}

// checkName reports a name that is taken.
func (c *checker) checkName(name syntax.Name) {
	if at, ok := c.declaring().inner[name.Text]; ok && !c.scope.section {
		c.report(at, "CS0136", msgShadows, name.Text)
		return
	}
	for s := c.scope; s != nil; s = s.parent {
		if s.names[name.Text] == nil {
			continue
		}
		if s == c.declaring() {
			c.report(name, "CS0128", "A local variable or function named '%s' is already defined in this scope", name.Text)
		} else {
			c.report(name, "CS0136", msgShadows, name.Text)
		}
		return
	}
}

const msgShadows = "The name '%s' is that of another variable of a scope around or inside; choose another"

// declaredNames returns the names that the statements of one block declare, for errors about using one too
// early.
func declaredNames(list []syntax.Stmt) map[string]bool {
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
