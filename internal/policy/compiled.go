package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/policy/document"
	"github.com/sallyport/sallyport/internal/problem"
)

// Document is a compiled policy document: the steps of its four sections. It
// is immutable.
type Document struct {
	sections [sectionCount]Steps
	present  [sectionCount]bool // a section that is absent inherits
	// NamedValues and Fragments are what the document was compiled from: when
	// one of them changes, and only then, it must be compiled again.
	NamedValues []string
	Fragments   []string
	preflight   Preflighter // the first cors policy of inbound, or nil
}

// Compile compiles a document of a scope. The problems are all that is wrong
// with it; where one is an error, the document is nil.
func Compile(env *Environment, source Source, scope Scope) (*Document, problem.Problems) {
	c := newCompiler(env, source, scope)
	var doc *Document
	c.guard(func() { doc = c.document() })
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	doc.NamedValues = sortedKeys(c.used.namedValues)
	doc.Fragments = sortedKeys(c.used.fragments)
	return doc, nil
}

// CompileAny is Compile for a text that may also be a fragment, which is only
// checked.
func CompileAny(env *Environment, source Source, scope Scope) (*Document, problem.Problems) {
	root, err := document.Parse(source.Text, source.Format, document.DefaultLimits())
	if err == nil && root.Name == document.RootFragment {
		return nil, CheckFragment(env, source)
	}
	return Compile(env, source, scope)
}

// CheckFragment compiles a fragment by itself, as it would be included in any
// of the sections: what is wrong in all of them is wrong.
func CheckFragment(env *Environment, source Source) problem.Problems {
	// What is wrong wherever the fragment is included comes first: it is what
	// its author wants to know.
	best := checkFragmentIn(env, source, AnySection, AnyScope)
	if len(best) > 0 {
		return best
	}
	for i, s := range sections {
		found := checkFragmentIn(env, source, s.section, AnyScope)
		if len(found) == 0 {
			return nil
		}
		if i == 0 || len(found) < len(best) {
			best = found
		}
	}
	return best
}

// checkFragmentIn compiles a fragment as it would be included in one of some
// sections, at one of some scopes.
func checkFragmentIn(env *Environment, source Source, section Section, scope Scope) problem.Problems {
	c := newCompiler(env, source, scope)
	c.section, c.fragment = section, []string{source.Resource}
	c.guard(func() {
		if root := c.read(source, "fragment"); root != nil {
			c.Steps(root)
		}
	})
	return c.problems
}

func newCompiler(env *Environment, source Source, scope Scope) *Compiler {
	return &Compiler{env: env, source: source, scope: scope, used: dependencies{namedValues: map[string]bool{}, fragments: map[string]bool{}}}
}

// InternalErrorPrefix begins the problem that a fault of the compiler itself
// becomes.
const InternalErrorPrefix = "the compiler itself failed; please report it: "

// guard runs f. Documents come from outside and are compiled beside requests: a
// fault of a policy's Compile or of the expression compiler is a problem of that
// document, and must not take the gateway down.
func (c *Compiler) guard(f func()) {
	defer func() {
		if p := recover(); p != nil {
			c.problems = append(c.problems, problem.Problem{
				Location: problem.Location{File: c.source.File, Element: c.PathOf(), Resource: c.source.Resource},
				Message:  fmt.Sprintf("%s%v", InternalErrorPrefix, p),
			})
		}
	}()
	f()
}

// read substitutes named values in a text and parses it. Positions are those
// of the original text.
func (c *Compiler) read(source Source, rootName string) *document.Element {
	for _, ref := range document.NamedValues(source.Text) {
		c.used.namedValues[ref.Name] = true
	}
	text, mapping, unknown := document.Substitute(source.Text, c.env.NamedValue)
	root, err := document.ParseMapped(text, mapping, source.Format, document.DefaultLimits())
	if err != nil {
		for _, p := range document.Problems(err, source.File) {
			p.Resource = source.Resource
			c.problems = append(c.problems, p)
		}
		return nil
	}
	for _, ref := range document.Unresolved(root, unknown) {
		c.Fail(ref.Pos, "{{"+ref.Name+"}}", "there is no named value of this name", "create it, or correct the name")
	}
	if root.Name != rootName {
		c.Fail(root.Pos, root.Name, "the root element must be "+rootName, "")
		return nil
	}
	return root
}

// document compiles the whole document.
func (c *Compiler) document() *Document {
	root := c.read(c.source, "policies")
	if root == nil {
		return nil
	}
	doc := &Document{}
	c.checkAttributes(root, &Shape{})
	for _, el := range root.Children {
		s := sectionNamed(el.Name)
		switch {
		case s == 0:
			c.Fail(el.Pos, el.Name, "there is no section of this name", "the sections are inbound, backend, outbound and on-error")
			continue
		case doc.present[s.index()]:
			c.Fail(el.Pos, el.Name, "the section stands twice", "")
			continue
		}
		doc.present[s.index()] = true
		c.checkAttributes(el, &Shape{})
		c.section, c.seen = s, map[string]bool{}
		doc.sections[s.index()] = c.Steps(el)
	}
	doc.preflight = findPreflight(doc.sections[Inbound.index()])
	return doc
}

// findPreflight returns the first step that answers preflight requests.
func findPreflight(steps Steps) Preflighter {
	for _, n := range steps {
		switch s := n.Step.(type) {
		case Preflighter:
			return s
		case includedSteps:
			if p := findPreflight(s.steps); p != nil {
				return p
			}
		}
	}
	return nil
}

// hasBase reports whether a section of the document goes on to the next scope.
func (d *Document) hasBase(s Section) bool {
	return slices.ContainsFunc(d.sections[s.index()], func(n Node) bool {
		_, ok := n.Step.(baseStep)
		return ok
	})
}

func sortedKeys(m map[string]bool) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// includedSteps is a fragment in its place.
type includedSteps struct{ steps Steps }

// Run runs the fragment's steps.
func (s includedSteps) Run(c *Call) error { return s.steps.Run(c) }

// Include compiles a fragment in the place of el, which is an
// include-fragment. It returns nil after it has reported what is wrong.
func (c *Compiler) Include(el *document.Element, id string) Step {
	if slices.ContainsFunc(c.fragment, func(open string) bool { return strings.EqualFold(open, id) }) {
		c.Fail(el.Pos, el.Name, "the policy fragment "+id+" includes itself", "remove one of the includes")
		return nil
	}
	if len(c.fragment) >= MaxFragmentDepth {
		c.Failf(el, "policy fragments are nested more than %d deep", MaxFragmentDepth)
		return nil
	}
	c.used.fragments[id] = true
	source, ok := c.env.Fragment(id)
	if !ok {
		c.Fail(el.Pos, el.Name, "there is no policy fragment "+id, "create it, or correct the fragment-id")
		return nil
	}
	if c.included += len(source.Text); c.included > MaxIncludedBytes {
		c.Failf(el, "the policy fragments of the document have more than %d bytes together (MaxIncludedBytes)", MaxIncludedBytes)
		return nil
	}
	if len(c.fragment) == 0 {
		c.owner = c.source.Resource
	}
	outer := c.source
	c.source, c.fragment = source, append(c.fragment, id)
	defer func() { c.source, c.fragment = outer, c.fragment[:len(c.fragment)-1] }()
	root := c.read(source, "fragment")
	if root == nil {
		return nil
	}
	return includedSteps{steps: c.Steps(root)}
}

// MaxFragmentDepth bounds how deep fragments include each other. Azure API
// Management allows none; configurations that nest a few are read all the same.
const MaxFragmentDepth = 8

// MaxIncludedBytes bounds the fragments of one document, each counted as often as
// it is included: a few that include each other many times grow without bound.
const MaxIncludedBytes = 4 << 20

// MaxProblems bounds the problems that are reported of one document.
const MaxProblems = 200
