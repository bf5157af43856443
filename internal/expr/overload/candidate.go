package overload

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// Argument is one argument of a call, typed.
type Argument struct {
	// Name is that of a named argument; Receiver marks what stands before the dot of an extension method's
	// call.
	Name syntax.Name
	// Mode is KwRef, KwOut, KwIn, or Invalid for a value.
	Mode syntax.Kind
	// X is the argument, a Lambda, a Group or an OutDecl among them; At is its place.
	X  bound.Expr
	At syntax.Node
}

// Receiver is the Name of the argument that stands before the dot of an extension method's call.
const Receiver = "this"

// Candidate is one method in one form: as declared, or with its params array expanded.
type Candidate struct {
	// M is the method.
	M *types.Member
	// TypeArgs are the type arguments, given or inferred.
	TypeArgs []*types.Type

	// given says that the type arguments were written.
	given    bool
	expanded bool
	// params are the parameters with the type arguments filled in.
	params []types.Parameter
	// places has for each argument the parameter that it goes to.
	places []int
	fits   []convert.Fit
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
	wrongTypeArgs
	wrongCount
	unknownName
	takenName
	misplacedName
	missingArg
	notInferred
	wrongMode
	wrongType
)

// Result is the type of what the candidate returns.
func (k *Candidate) Result(lib *types.Library) *types.Type {
	return lib.Substitute(k.M.Result, k.M.TypeParams, k.TypeArgs)
}

// paramType is the type that the n-th argument converts to.
func (k *Candidate) paramType(n int) *types.Type {
	p := k.params[k.places[n]]
	if k.expanded && p.Params {
		return p.Type.Elem
	}
	return p.Type
}

// GroupCandidates are the methods of a group.
func (c *Resolver) GroupCandidates(g *Group) []*Candidate {
	return NewCandidates(g.Methods, g.TypeArgs)
}

// ExtensionCandidates are the extension methods that a group may mean.
func (c *Resolver) ExtensionCandidates(g *Group) []*Candidate {
	return NewCandidates(c.Lib.Extensions(g.Name.Text), g.TypeArgs)
}

// NewCandidates makes candidates of methods; the type arguments are those written, nil for none.
func NewCandidates(methods []*types.Member, typeArgs []*types.Type) []*Candidate {
	list := make([]*Candidate, len(methods))
	for i, m := range methods {
		list[i] = &Candidate{M: m, TypeArgs: typeArgs, given: len(typeArgs) > 0}
	}
	return list
}

// Choose finds the best of the candidates that take the arguments. Without any, it returns nil and the one
// that was nearest to fitting. Two candidates of which none is better are both returned.
func (c *Resolver) Choose(list []*Candidate, args []Argument) (best, other *Candidate) {
	var fitting []*Candidate
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
func nearer(a, b *Candidate) bool {
	if a.fault.kind != b.fault.kind {
		return a.fault.kind > b.fault.kind
	}
	return a.fault.kind == wrongType && a.fault.arg > b.fault.arg && !b.expanded
}

// forms are the candidate as declared, and with its params array expanded.
func (k *Candidate) forms() []*Candidate {
	n := len(k.M.Params)
	if n == 0 || !k.M.Params[n-1].Params {
		return []*Candidate{k}
	}
	e := *k
	e.expanded = true
	return []*Candidate{k, &e}
}

// mostDerived drops the candidates of a base type where one of a derived type fits.
func mostDerived(list []*Candidate) []*Candidate {
	var kept []*Candidate
	for _, k := range list {
		hidden := false
		for _, d := range list {
			hidden = hidden || d.M.Declaring != k.M.Declaring && d.M.Declaring != nil && k.M.Declaring != nil &&
				!d.M.Extension && d.M.Declaring.Inherits(k.M.Declaring)
		}
		if !hidden {
			kept = append(kept, k)
		}
	}
	return kept
}

// test finds out whether a candidate takes the arguments: it places them, infers the type arguments, and
// classifies the conversions.
func (c *Resolver) test(k *Candidate, args []Argument) {
	if k.given && len(k.TypeArgs) != len(k.M.TypeParams) {
		k.fault = fault{kind: wrongTypeArgs}
		return
	}
	if !k.place(args) {
		return
	}
	k.params = k.M.Params
	if len(k.M.TypeParams) > 0 {
		if !k.given {
			typeArgs, bad := c.infer(k, args)
			if typeArgs == nil {
				k.fault = fault{kind: notInferred, arg: bad}
				return
			}
			k.TypeArgs = typeArgs
		}
		k.params = c.Lib.SubstituteMember(k.M, k.M.TypeParams, k.TypeArgs).Params
	}
	k.fits = make([]convert.Fit, len(args))
	for i, a := range args {
		k.fits[i], k.fault = c.argumentFits(k, i, a)
		if k.fault.kind != noFault {
			return
		}
	}
}

// argumentFits classifies the conversion of one argument.
func (c *Resolver) argumentFits(k *Candidate, i int, a Argument) (convert.Fit, fault) {
	p := k.params[k.places[i]]
	to := k.paramType(i)
	if p.Mode == syntax.KwIn && a.Mode == syntax.Invalid {
		p.Mode = syntax.Invalid
	}
	if a.Mode != p.Mode {
		return convert.Fit{}, fault{kind: wrongMode, arg: i}
	}
	if d, ok := a.X.(*OutDecl); ok {
		if d.Typ == nil || d.Typ == to {
			return convert.Fit{Form: convert.ByShape}, fault{}
		}
		return convert.Fit{}, fault{kind: wrongType, arg: i}
	}
	if a.Mode != syntax.Invalid {
		if convert.IsBad(a.X) || a.X.Type().Plain == to.Plain {
			return convert.Fit{Form: convert.ByShape}, fault{}
		}
		return convert.Fit{}, fault{kind: wrongType, arg: i}
	}
	f := c.Fits(a.X, to)
	if i == 0 && k.M.Extension && a.Name.Text == Receiver && f.OK() {
		switch f.Conv.Kind {
		case types.ToSame, types.ToBase, types.ToObject:
		default:
			return convert.Fit{}, fault{kind: wrongType, arg: i}
		}
	}
	if !f.OK() {
		return convert.Fit{}, fault{kind: wrongType, arg: i}
	}
	return f, fault{}
}

// place finds the parameter of each argument.
func (k *Candidate) place(args []Argument) bool {
	params := k.M.Params
	k.places = make([]int, len(args))
	used := make([]bool, len(params))
	misplaced := -1
	for i, a := range args {
		n := i
		switch {
		case a.Name.Text != "" && a.Name.Text != Receiver:
			n = paramNamed(params, a.Name.Text)
			if n < 0 || used[n] {
				k.fault = fault{kind: unknownName, arg: i}
				if n >= 0 {
					k.fault.kind = takenName
				}
				return false
			}
			if n != i && misplaced < 0 {
				misplaced = i
			}
		case misplaced >= 0:
			k.fault = fault{kind: misplacedName, arg: misplaced}
			return false
		case k.expanded && i >= len(params)-1:
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
				if a.Name.Text != "" && a.Name.Text != Receiver {
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

// NewCandidate makes a candidate of one method without written type arguments.
func NewCandidate(m *types.Member) *Candidate { return &Candidate{M: m} }

// NearerThan reports whether an extension method was nearer to taking the arguments than a method of the
// type, the receiver being taken.
func (k *Candidate) NearerThan(o *Candidate) bool {
	return k.fault.arg > 0 && k.fault.kind > o.fault.kind
}
