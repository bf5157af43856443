package overload

import (
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// Site is what a message says about a call.
type Site struct {
	// Name is what is called, At its place.
	Name string
	At   syntax.Node
	// Count is the number of the error of a wrong number of arguments.
	Count string
	// Single says that there is only one method, so that the message can name what is missing.
	Single bool
	// Query says that a clause of a query was translated to the call.
	Query bool
}

// NoMatch reports why the candidate that was nearest to fitting does not take the arguments.
func (c *Resolver) NoMatch(site Site, k *Candidate, args []Argument) {
	for _, a := range args {
		if convert.IsBad(a.X) {
			return
		}
	}
	if c.lambdaErrors(k, args) {
		return
	}
	switch k.fault.kind {
	case wrongTypeArgs:
		c.Host.Report(site.At, "CS0305", "'%s' takes %d type arguments", site.Name, len(k.M.TypeParams))
	case unknownName:
		a := args[k.fault.arg]
		c.Host.Report(a.Name, "CS1739", "'%s' has no parameter named '%s'", site.Name, a.Name.Text)
	case takenName:
		a := args[k.fault.arg]
		c.Host.Report(a.Name, "CS1744", "The parameter '%s' of '%s' has an argument already", a.Name.Text, site.Name)
	case misplacedName:
		a := args[k.fault.arg]
		c.Host.Report(a.Name, "CS8323", "The argument for '%s' is out of its place and followed by one without name", a.Name.Text)
	case missingArg:
		c.Host.Report(site.At, "CS7036", "'%s' needs an argument for its parameter '%s'", site.Name, k.fault.name)
	case notInferred:
		c.notInferred(site)
	case wrongMode:
		c.modeMismatch(k, args)
	case wrongType:
		c.typeMismatch(k, args)
	default:
		if site.Single && k.fault.name != "" {
			c.Host.Report(site.At, "CS7036", "'%s' needs an argument for its parameter '%s'", site.Name, k.fault.name)
			return
		}
		c.Host.Report(site.At, site.Count, "'%s' does not take %d arguments", site.Name, given(args))
	}
}

// notInferred reports that type arguments do not follow; of a query, in the terms of queries.
func (c *Resolver) notInferred(site Site) {
	switch {
	case !site.Query:
		c.Host.Report(site.At, "CS0411", "The type arguments of '%s' do not follow from the arguments; write them", site.Name)
	case site.Name == "Join" || site.Name == "GroupJoin":
		c.Host.Report(site.At, "CS1941", "The two sides of 'equals' in the join clause have different types")
	default:
		c.Host.Report(site.At, "CS1942", "The type of what the clause yields cannot be told")
	}
}

// given is the number of arguments written: the receiver of an extension method is none.
func given(args []Argument) int {
	n := len(args)
	if n > 0 && args[0].Name.Text == Receiver {
		n--
	}
	return n
}

func (c *Resolver) modeMismatch(k *Candidate, args []Argument) {
	i := k.fault.arg
	want := modeText(k.params[k.places[i]].Mode)
	if want == "" {
		c.Host.Report(args[i].At, "CS1615", "Argument %d is passed without '%s'", i+1, modeText(args[i].Mode))
		return
	}
	c.Host.Report(args[i].At, "CS1620", "Argument %d must be passed with '%s'", i+1, want)
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

func (c *Resolver) typeMismatch(k *Candidate, args []Argument) {
	i := k.fault.arg
	a, to := args[i], k.paramType(i)
	n := i + 1
	if args[0].Name.Text == Receiver {
		n--
	}
	if n == 0 {
		c.Host.Report(a.At, "CS1929", "'%s' has no extension method '%s' that takes it", a.X.Type().Name(), k.M.Name)
		return
	}
	c.Host.Report(a.At, "CS1503", "Argument %d of the type '%s' does not convert to '%s'", n, a.X.Type().Name(), to.Name())
}

// lambdaErrors reports the errors in the bodies of lambdas with the parameters that the nearest candidate
// gives them, and whether there are any.
func (c *Resolver) lambdaErrors(k *Candidate, args []Argument) bool {
	if k.fault.kind != notInferred && k.fault.kind != wrongType || k.params == nil {
		return false
	}
	known := k.M.TypeParams
	fixed := k.TypeArgs
	if k.fault.kind == notInferred {
		fixed = c.inferWhatCanBe(k, args)
	}
	found := false
	for i, a := range args {
		x, ok := a.X.(*Lambda)
		if !ok {
			continue
		}
		to := k.paramType(i)
		if len(fixed) == len(known) {
			to = c.Lib.Substitute(to, known, fixed)
		}
		if inv := to.Invoke(); inv == nil || !c.lambdaTakes(x.Syntax, inv) {
			if k.fault.kind == wrongType && k.fault.arg == i {
				c.lambdaMismatch(x, to)
				return true
			}
			continue
		}
		n := c.Host.Errors()
		c.Binder.Lambda(x.Syntax, to)
		found = found || c.Host.Errors() > n
	}
	return found
}

// inferWhatCanBe returns the type arguments that the arguments other than lambdas determine, and object for
// the others.
func (c *Resolver) inferWhatCanBe(k *Candidate, args []Argument) []*types.Type {
	n := &inference{c: c, k: k, args: args, f: c.Lib.NewInference(k.M.TypeParams)}
	for i, a := range args {
		n.first(i, a)
	}
	fixed := append([]*types.Type(nil), n.f.Fixed()...)
	for i := range fixed {
		if n.f.HasBounds(i) && n.f.Fix(i) {
			fixed[i] = n.f.Fixed()[i]
			continue
		}
		fixed[i] = c.Special(types.Object)
	}
	return fixed
}
