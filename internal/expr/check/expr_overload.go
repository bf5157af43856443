package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// argument is one argument of a call, typed.
type argument struct {
	name syntax.Name
	// mode is KwRef, KwOut, KwIn, or Invalid for a value.
	mode syntax.Kind
	x    bound.Expr
	at   syntax.Node
}

// candidate is one method in one form: as declared, or with its params array expanded.
type candidate struct {
	m *types.Member
	// given says that the type arguments were written.
	given    bool
	typeArgs []*types.Type
	expanded bool
	// params are the parameters with the type arguments filled in.
	params []types.Parameter
	// places has for each argument the parameter that it goes to.
	places []int
	fits   []fit
	fault  fault
}

// fault says why a candidate does not take the arguments; later ones are nearer to fitting.
type fault struct {
	kind faultKind
	// arg is the argument that is wrong.
	arg int
	// name is the parameter that has no argument.
	name string
}

type faultKind uint8

// The faults, in the order of how near the candidate was.
const (
	noFault faultKind = iota
	wrongCount
	wrongTypeArgs
	unknownName
	missingArg
	notInferred
	wrongMode
	wrongType
)

// result is the type of what the candidate returns.
func (k *candidate) result(c *checker) *types.Type {
	return c.lib.Substitute(k.m.Result, k.m.TypeParams, k.typeArgs)
}

// paramType is the type that the n-th argument converts to.
func (k *candidate) paramType(n int) *types.Type {
	p := k.params[k.places[n]]
	if k.expanded && p.Params {
		return p.Type.Elem
	}
	return p.Type
}

// groupCandidates are the methods of a group.
func (c *checker) groupCandidates(g *groupExpr) []*candidate {
	if g.local != nil {
		return []*candidate{{m: c.signature(g.local), typeArgs: g.typeArgs, given: len(g.typeArgs) > 0}}
	}
	return newCandidates(g.methods, g.typeArgs)
}

// extensionCandidates are the extension methods that a group may mean.
func (c *checker) extensionCandidates(g *groupExpr) []*candidate {
	return newCandidates(c.lib.Extensions(g.name.Text), g.typeArgs)
}

func newCandidates(methods []*types.Member, typeArgs []*types.Type) []*candidate {
	list := make([]*candidate, len(methods))
	for i, m := range methods {
		list[i] = &candidate{m: m, typeArgs: typeArgs, given: len(typeArgs) > 0}
	}
	return list
}

// choose finds the best of the candidates that take the arguments. Without any, it returns nil and the one
// that was nearest to fitting. Two candidates of which none is better are both returned.
func (c *checker) choose(list []*candidate, args []argument) (best, other *candidate) {
	var fitting []*candidate
	for _, k := range list {
		for _, form := range k.forms() {
			c.test(form, args)
			if form.fault.kind == noFault {
				fitting = append(fitting, form)
				break
			}
			if other == nil || nearer(form, other) {
				other = form
			}
		}
	}
	fitting = mostDerived(fitting)
	if len(fitting) == 0 {
		return nil, other
	}
	best = fitting[0]
	for _, k := range fitting[1:] {
		if c.compare(k, best, args) > 0 {
			best = k
		}
	}
	for _, k := range fitting {
		if k != best && c.compare(best, k, args) <= 0 {
			return best, k
		}
	}
	return best, nil
}

// nearer reports whether a fits less badly than b.
func nearer(a, b *candidate) bool {
	if a.fault.kind != b.fault.kind {
		return a.fault.kind > b.fault.kind
	}
	return a.fault.kind == wrongType && a.fault.arg > b.fault.arg && !b.expanded
}

// forms are the candidate as declared, and with its params array expanded.
func (k *candidate) forms() []*candidate {
	n := len(k.m.Params)
	if n == 0 || !k.m.Params[n-1].Params {
		return []*candidate{k}
	}
	e := *k
	e.expanded = true
	return []*candidate{k, &e}
}

// mostDerived drops the candidates of a base type where one of a derived type fits.
func mostDerived(list []*candidate) []*candidate {
	var kept []*candidate
	for _, k := range list {
		hidden := false
		for _, d := range list {
			hidden = hidden || d.m.Declaring != k.m.Declaring && d.m.Declaring != nil && k.m.Declaring != nil &&
				!d.m.Extension && d.m.Declaring.Inherits(k.m.Declaring)
		}
		if !hidden {
			kept = append(kept, k)
		}
	}
	return kept
}

// test finds out whether a candidate takes the arguments: it places them, infers the type arguments, and
// classifies the conversions.
func (c *checker) test(k *candidate, args []argument) {
	if k.given && len(k.typeArgs) != len(k.m.TypeParams) {
		k.fault = fault{kind: wrongTypeArgs}
		return
	}
	if !k.place(args) {
		return
	}
	k.params = k.m.Params
	if len(k.m.TypeParams) > 0 {
		if !k.given {
			typeArgs, bad := c.infer(k, args)
			if typeArgs == nil {
				k.fault = fault{kind: notInferred, arg: bad}
				return
			}
			k.typeArgs = typeArgs
		}
		k.params = c.lib.SubstituteMember(k.m, k.m.TypeParams, k.typeArgs).Params
	}
	k.fits = make([]fit, len(args))
	for i, a := range args {
		k.fits[i], k.fault = c.argumentFits(k, i, a)
		if k.fault.kind != noFault {
			return
		}
	}
}

// argumentFits classifies the conversion of one argument.
func (c *checker) argumentFits(k *candidate, i int, a argument) (fit, fault) {
	p := k.params[k.places[i]]
	to := k.paramType(i)
	if p.Mode == syntax.KwIn && a.mode == syntax.Invalid {
		p.Mode = syntax.Invalid
	}
	if a.mode != p.Mode {
		return fit{}, fault{kind: wrongMode, arg: i}
	}
	if d, ok := a.x.(*outDecl); ok {
		if d.typ == nil || d.typ == to {
			return fit{form: byShape}, fault{}
		}
		return fit{}, fault{kind: wrongType, arg: i}
	}
	if a.mode != syntax.Invalid {
		if isBad(a.x) || a.x.Type().Plain == to.Plain {
			return fit{form: byShape}, fault{}
		}
		return fit{}, fault{kind: wrongType, arg: i}
	}
	f := c.fits(a.x, to)
	if i == 0 && k.m.Extension && a.name.Text == receiverName && f.ok() {
		switch f.conv.Kind {
		case types.ToSame, types.ToBase, types.ToObject:
		default:
			return fit{}, fault{kind: wrongType, arg: i}
		}
	}
	if !f.ok() {
		return fit{}, fault{kind: wrongType, arg: i}
	}
	return f, fault{}
}

// receiverName marks the argument that stands before the dot of an extension method's call.
const receiverName = "this"

// place finds the parameter of each argument.
func (k *candidate) place(args []argument) bool {
	params := k.m.Params
	k.places = make([]int, len(args))
	used := make([]bool, len(params))
	for i, a := range args {
		n := i
		if a.name.Text != "" && a.name.Text != receiverName {
			n = paramNamed(params, a.name.Text)
			if n < 0 {
				k.fault = fault{kind: unknownName, arg: i}
				return false
			}
		} else if k.expanded && i >= len(params)-1 {
			n = len(params) - 1
		}
		if n >= len(params) || used[n] && (!k.expanded || n != len(params)-1) {
			k.fault = fault{kind: wrongCount, arg: i}
			return false
		}
		k.places[i], used[n] = n, true
	}
	for n, p := range params {
		if !used[n] && !p.Optional && (!k.expanded || n != len(params)-1) {
			k.fault = fault{kind: wrongCount, name: p.Name}
			for _, a := range args {
				if a.name.Text != "" && a.name.Text != receiverName {
					k.fault.kind = missingArg
				}
			}
			return false
		}
	}
	return true
}

func paramNamed(params []types.Parameter, name string) int {
	for i, p := range params {
		if p.Name == name {
			return i
		}
	}
	return -1
}

// signature is what a local function is called by: its parameters with modes and defaults, and its result.
func (c *checker) signature(s *symbol) *types.Member {
	m := &types.Member{Kind: syntax.MethodMember, Name: s.name, Static: true, Result: s.function.Result, Text: s.name}
	for i, v := range s.function.Params {
		p := types.Parameter{Name: v.Name, Type: v.Type}
		declared := s.body.Params[i]
		switch declared.Mode {
		case syntax.KwOut, syntax.KwRef, syntax.KwIn:
			p.Mode = declared.Mode
		case syntax.KwParams:
			p.Params = v.Type.Kind == types.Array
		}
		if declared.Default != nil {
			p.Optional = true
			c.try(func() {
				if lit, ok := c.exprOf(declared.Default, v.Type).(*bound.Literal); ok {
					p.Default = lit.Value
				}
			})
		}
		m.Params = append(m.Params, p)
	}
	return m
}
