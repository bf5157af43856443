package check

import (
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// callSite is what a message says about a call.
type callSite struct {
	// name is what is called, at its place.
	name string
	at   syntax.Node
	// count is the number of the error of a wrong number of arguments.
	count string
}

// noMatch reports why the candidate that was nearest to fitting does not take the arguments.
func (c *checker) noMatch(site callSite, k *candidate, args []argument) {
	for _, a := range args {
		if isBad(a.x) {
			return
		}
	}
	if c.lambdaErrors(k, args) {
		return
	}
	switch k.fault.kind {
	case wrongTypeArgs:
		c.report(site.at, "CS0305", "'%s' takes %d type arguments", site.name, len(k.m.TypeParams))
	case unknownName:
		a := args[k.fault.arg]
		c.report(a.name, "CS1739", "'%s' has no parameter named '%s'", site.name, a.name.Text)
	case missingArg:
		c.report(site.at, "CS7036", "'%s' needs an argument for its parameter '%s'", site.name, k.fault.name)
	case notInferred:
		c.report(site.at, "CS0411", "The type arguments of '%s' do not follow from the arguments; write them", site.name)
	case wrongMode:
		c.modeMismatch(k, args)
	case wrongType:
		c.typeMismatch(k, args)
	default:
		c.report(site.at, site.count, "'%s' does not take %d arguments", site.name, given(args))
	}
}

// given is the number of arguments written: the receiver of an extension method is none.
func given(args []argument) int {
	n := len(args)
	if n > 0 && args[0].name.Text == receiverName {
		n--
	}
	return n
}

func (c *checker) modeMismatch(k *candidate, args []argument) {
	i := k.fault.arg
	want := modeText(k.params[k.places[i]].Mode)
	if want == "" {
		c.report(args[i].at, "CS1615", "Argument %d is passed without '%s'", i+1, modeText(args[i].mode))
		return
	}
	c.report(args[i].at, "CS1620", "Argument %d must be passed with '%s'", i+1, want)
}

func modeText(k syntax.Kind) string {
	switch k {
	case syntax.KwOut:
		return "out"
	case syntax.KwRef:
		return "ref"
	case syntax.KwIn:
		return "in"
	default:
		return ""
	}
}

func (c *checker) typeMismatch(k *candidate, args []argument) {
	i := k.fault.arg
	a, to := args[i], k.paramType(i)
	n := i + 1
	if args[0].name.Text == receiverName {
		n--
	}
	if n == 0 {
		c.report(a.at, "CS1929", "'%s' has no extension method '%s' that takes it", a.x.Type().Name(), k.m.Name)
		return
	}
	c.report(a.at, "CS1503", "Argument %d of the type '%s' does not convert to '%s'", n, a.x.Type().Name(), to.Name())
}

// lambdaErrors reports the errors in the bodies of lambdas with the parameters that the nearest candidate
// gives them, and whether there are any.
func (c *checker) lambdaErrors(k *candidate, args []argument) bool {
	if k.fault.kind != notInferred && k.fault.kind != wrongType || k.params == nil {
		return false
	}
	known := k.m.TypeParams
	fixed := k.typeArgs
	if k.fault.kind == notInferred {
		fixed = c.inferWhatCanBe(k, args)
	}
	found := false
	for i, a := range args {
		x, ok := a.x.(*lambdaExpr)
		if !ok {
			continue
		}
		to := k.paramType(i)
		if len(fixed) == len(known) {
			to = c.lib.Substitute(to, known, fixed)
		}
		if inv := to.Invoke(); inv == nil || !c.lambdaTakes(x.syntax, inv) {
			if k.fault.kind == wrongType && k.fault.arg == i {
				c.lambdaMismatch(x, to)
				return true
			}
			continue
		}
		n := c.diags.Len()
		c.lambda(x.syntax, to)
		found = found || c.diags.Len() > n
	}
	return found
}

// inferWhatCanBe returns the type arguments that the arguments other than lambdas determine, and object for
// the others.
func (c *checker) inferWhatCanBe(k *candidate, args []argument) []*types.Type {
	n := &inference{c: c, k: k, args: args, f: c.lib.NewInference(k.m.TypeParams)}
	for i, a := range args {
		n.first(i, a)
	}
	fixed := append([]*types.Type(nil), n.f.Fixed()...)
	for i := range fixed {
		if n.f.HasBounds(i) && n.f.Fix(i) {
			fixed[i] = n.f.Fixed()[i]
			continue
		}
		fixed[i] = c.special(types.Object)
	}
	return fixed
}
