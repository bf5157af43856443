package policy

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/policy/document"
	"github.com/sallyport/sallyport/internal/problem"
)

// Environment is what a document is compiled against: the policies that
// exist, the expression compiler, and the configuration that documents refer
// to. It is not changed by compiling.
type Environment struct {
	Policies    *Registry
	Expressions *expr.Compiler
	// NamedValue returns the value that {{name}} stands for.
	NamedValue func(name string) (value string, ok bool)
	// Fragment returns the text of a policy fragment.
	Fragment func(id string) (Source, bool)
	// Exists reports whether the configuration has a resource with that
	// relative id, such as "backends/orders". Nil: references are not checked.
	Exists func(id string) bool
	// Services is what the steps will run with; nil where documents are only
	// checked.
	Services *Services
	// MixedText takes a value in which an expression stands beside other text as
	// text, as API Management does; otherwise it is refused, because it is hardly
	// ever meant.
	MixedText bool
}

// Source is the text of a policy document or fragment, and where it is from.
type Source struct {
	Text     []byte
	Format   document.Format
	File     string // for errors; may be empty
	Resource string // resource id, for errors
}

// Compiler compiles one document. A Spec's Compile gets it to read values, to
// compile child policies and to report what is wrong.
type Compiler struct {
	env      *Environment
	source   Source // of the document or of the fragment that is being compiled
	section  Section
	scope    Scope
	path     []string        // nesting
	fragment []string        // fragments that are open, to find cycles
	open     []*Spec         // policies that are being compiled, innermost last
	seen     map[string]bool // policies of the current section that may stand there once
	used     dependencies
	included int    // bytes of fragments, each as often as it is included
	owner    string // resource of the document, while a fragment is compiled
	resumes  int    // steps compiled so far that keep responses
	problems problem.Problems
}

// dependencies records what a document was compiled from, so that a change
// recompiles only those that used it.
type dependencies struct {
	namedValues map[string]bool
	fragments   map[string]bool
}

// Section returns the section that is being compiled.
func (c *Compiler) Section() Section { return c.section }

// Scope returns the scope of the document that is being compiled.
func (c *Compiler) Scope() Scope { return c.scope }

// Resource returns the id of the resource whose document is being compiled.
func (c *Compiler) Resource() string { return c.source.Resource }

// Owner returns the id of the resource whose document is being compiled, also
// inside a fragment: what names a counter that belongs to the document.
func (c *Compiler) Owner() string {
	if len(c.fragment) > 0 {
		return c.owner
	}
	return c.source.Resource
}

// PathOf returns the nesting of the element that is being compiled; together
// with Resource it names the policy in its place, which stays the same when
// other documents change.
func (c *Compiler) PathOf() string { return strings.Join(c.path, "/") }

// Exists reports whether the configuration has a resource with that relative
// id. It is true where there is no configuration to check against.
func (c *Compiler) Exists(id string) bool { return c.env.Exists == nil || c.env.Exists(id) }

// Fail reports that something is wrong at a position of the document. hint
// says what would be right.
func (c *Compiler) Fail(at document.Position, element, message, hint string) {
	if len(c.problems) >= MaxProblems {
		return
	}
	c.problems = append(c.problems, problem.Problem{
		Location: problem.Location{File: c.source.File, Line: at.Line, Column: at.Column, Element: element, Resource: c.source.Resource},
		Message:  message, Hint: hint,
	})
}

// Mixed reports whether an expression stands beside other text and that is to be
// refused, and refuses it. advice says what to write.
func (c *Compiler) Mixed(label string, text document.Text, advice string) bool {
	if len(text.Mixed) == 0 || c.env.MixedText {
		return false
	}
	c.Fail(text.PositionAt(text.Mixed[0]), label, "an expression stands beside other text", advice)
	return true
}

// Failf reports that something is wrong with an element.
func (c *Compiler) Failf(el *document.Element, format string, args ...any) {
	c.Fail(el.Pos, el.Name, fmt.Sprintf(format, args...), "")
}

// String reads an attribute. Absent, it has the default of the shape, or is
// not set.
func (c *Compiler) String(el *document.Element, name string) String {
	text, ok := el.Attr(name)
	if !ok {
		if d := c.defaultOf(el, name); d != "" {
			return Literal(d)
		}
		return String{}
	}
	return c.Value(el, text)
}

// Value reads a text or an attribute's value.
func (c *Compiler) Value(el *document.Element, text document.Text) String {
	if !text.Expression {
		return Literal(text.Value)
	}
	program := c.expression(el, text)
	if program == nil {
		return String{set: true}
	}
	if _, known := program.Const(); known {
		if v, null, err := program.Text(&expr.Context{}); err == nil && !null {
			return Literal(v)
		}
	}
	return String{program: program, set: true}
}

// Expression compiles the expression that an attribute or text is, or returns
// nil where it is none or where it is wrong; the latter has then been reported.
func (c *Compiler) Expression(el *document.Element, text document.Text) *expr.Program {
	if !text.Expression {
		return nil
	}
	return c.expression(el, text)
}

// Bool reads an attribute that is a truth value.
func (c *Compiler) Bool(el *document.Element, name string) Bool {
	text, ok := el.Attr(name)
	if !ok {
		return Bool{value: strings.EqualFold(c.defaultOf(el, name), "true")}
	}
	if text.Expression {
		program := c.expression(el, text)
		if program != nil && !slices.Contains([]string{"bool", "string", "object"}, program.Type()) {
			c.Fail(text.Pos, el.Name+" "+name, "the expression gives "+program.Type()+" where bool is needed", "")
		}
		return Bool{program: program, set: true}
	}
	return Bool{value: strings.EqualFold(strings.TrimSpace(text.Value), "true"), set: true}
}

// Int reads an attribute that is a whole number.
func (c *Compiler) Int(el *document.Element, name string) Int {
	n := Int{name: el.Name + " " + name}
	if a := c.attribute(el, name); a != nil {
		n.min, n.max = a.Value.Min, a.Value.Max
	}
	text, ok := el.Attr(name)
	switch {
	case !ok:
		n.value, _ = strconv.ParseInt(c.defaultOf(el, name), 10, 64)
		return n
	case text.Expression:
		n.program = c.expression(el, text)
	default:
		// The shape check has refused what is no number.
		n.value, _ = strconv.ParseInt(strings.TrimSpace(text.Value), 10, 64)
	}
	n.set = true
	return n
}

// Steps compiles the policies that an element contains.
func (c *Compiler) Steps(el *document.Element) Steps {
	var steps Steps
	counts := map[string]int{}
	for _, child := range el.Children {
		counts[child.Name]++
		c.path = append(c.path, child.Name+"["+strconv.Itoa(counts[child.Name])+"]")
		if node, ok := c.step(child); ok {
			steps = append(steps, node)
		}
		c.path = c.path[:len(c.path)-1]
	}
	return steps
}

// Nested compiles the policies inside a child element that is no policy
// itself, such as when in choose, with its place in the path.
func (c *Compiler) Nested(el *document.Element, place string) Steps {
	c.path = append(c.path, place)
	steps := c.Steps(el)
	c.path = c.path[:len(c.path)-1]
	return steps
}

// step compiles one policy.
func (c *Compiler) step(el *document.Element) (Node, bool) {
	if el.Name == "base" {
		return c.base(el)
	}
	spec := c.env.Policies.Lookup(el.Name)
	if spec == nil {
		c.Fail(el.Pos, el.Name, "there is no policy of this name", nearest(el.Name, c.env.Policies))
		return Node{}, false
	}
	if !c.allowed(el, spec) || !c.onlyOnce(el, spec) {
		return Node{}, false
	}
	before, resumes := len(c.problems), c.resumes
	if spec.Resumes {
		c.resumes++
	}
	// Where the shape is wrong the policy is compiled all the same, so that what
	// is wrong inside it is reported too.
	c.checkShape(el, &spec.Shape)
	c.open = append(c.open, spec)
	step := spec.Compile(c, el)
	c.open = c.open[:len(c.open)-1]
	if step == nil || len(c.problems) > before {
		return Node{}, false
	}
	return Node{Step: step, Meta: c.meta(el), resumes: c.resumes > resumes}, true
}

// meta describes the place of an element.
func (c *Compiler) meta(el *document.Element) *Meta {
	id, _ := el.Attr("id")
	return &Meta{Policy: el.Name, ID: id.Value, Path: c.PathOf(), Section: c.section, Scope: c.scope}
}

// allowed checks a policy's sections and scopes.
func (c *Compiler) allowed(el *document.Element, spec *Spec) bool {
	if spec.Sections&c.section == 0 {
		c.Fail(el.Pos, el.Name, "this policy cannot stand in "+c.section.String(), "it can stand in "+spec.Sections.String())
		return false
	}
	if spec.Scopes&c.scope == 0 {
		c.Fail(el.Pos, el.Name, "this policy cannot be used at "+c.scope.String()+" scope", "it can be used at "+spec.Scopes.String()+" scope")
		return false
	}
	return true
}

// onlyOnce checks that a policy that may stand once in a section does.
func (c *Compiler) onlyOnce(el *document.Element, spec *Spec) bool {
	if !spec.Once || c.seen == nil {
		return true
	}
	if c.seen[spec.Name] {
		c.Fail(el.Pos, el.Name, "this policy can stand only once in "+c.section.String(), "remove one of them")
		return false
	}
	c.seen[spec.Name] = true
	return true
}

// base compiles <base/>: the same section of the next broader scope.
func (c *Compiler) base(el *document.Element) (Node, bool) {
	c.checkShape(el, &Shape{})
	switch {
	case len(c.fragment) > 0:
		c.Fail(el.Pos, el.Name, "a policy fragment cannot contain base", "move it to the document that includes the fragment")
	case len(c.path) > 1:
		c.Fail(el.Pos, el.Name, "base cannot stand inside another policy", "place it directly in "+c.section.String())
	default:
		return Node{Step: baseStep{section: c.section, scope: c.scope}, Meta: c.meta(el)}, true
	}
	return Node{}, false
}

// expression compiles the expression of a text and reports its errors at their
// places in the document.
func (c *Compiler) expression(el *document.Element, text document.Text) *expr.Program {
	program, err := c.env.Expressions.Compile(expr.Source{
		Code: text.Value, Block: text.Block, File: c.source.File,
		Locate: func(offset int) expr.Position {
			at := text.PositionAt(offset)
			return expr.Position{Line: at.Line, Column: at.Column}
		},
	})
	if err == nil {
		return program
	}
	var list expr.Errors
	if !errors.As(err, &list) {
		c.Fail(text.Pos, el.Name, err.Error(), "")
	}
	for _, e := range list {
		c.Fail(text.PositionAt(e.Offset), el.Name, e.Code+": "+e.Message, "")
	}
	return nil
}
