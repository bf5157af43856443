package policy

import "github.com/sallyport/sallyport/internal/policy/document"

// Spec describes one policy wholly.
type Spec struct {
	Name     string  // element name, "set-header"
	Summary  string  // one sentence: what it does
	Details  string  // further paragraphs of Markdown for its page; may be empty
	Example  string  // policy XML for its page
	Sections Section // where it may stand
	Scopes   Scope   // at which scopes
	Once     bool    // at most once in a section of one document
	// Resumes says that the policy keeps the response: for one that comes from
	// the cache, outbound goes on behind it.
	Resumes bool
	Shape   Shape // attributes and content
	// Compile makes the step. The element has been checked against Shape, so
	// that only what Shape cannot say is left to check; what is wrong is
	// reported through Compiler.Fail. Where anything was wrong, Shape included,
	// the step is not used: Compile runs all the same, to find what else is.
	Compile func(*Compiler, *document.Element) Step
}

// Shape says which attributes and which content an element has.
type Shape struct {
	Attributes []Attribute
	Children   []Child
	// OneOf lists groups of attributes of which exactly one is to be present.
	OneOf [][]string
	// Text is the element's own text; nil where it has none.
	Text *Value
	// Policies says that the content is policies, in the section that the
	// element stands in.
	Policies bool
	// Only lists the policies that Policies is limited to; empty for all.
	Only []string
	// Payload says that the content is free markup, as in set-body.
	Payload bool
	// Unchecked takes whatever the element has: of policies that are not served.
	Unchecked bool
}

// Attribute is one attribute of an element.
type Attribute struct {
	Name     string
	Required bool
	Value    Value
}

// Child is one kind of child element.
type Child struct {
	Name  string
	Min   int // how many there must be
	Max   int // how many there may be; 0 for any number
	Doc   string
	Shape Shape
}

// Type is the type of a value.
type Type uint8

// The types that attribute values and texts have.
const (
	TypeString   Type = iota
	TypeInteger       // a whole number between Min and Max
	TypeBoolean       // true or false, in any case
	TypeEnum          // one of Enum
	TypeDuration      // seconds, or a TimeSpan ("00:01:30") where Value.TimeSpan says so
	TypeURL           // an absolute URL
	TypeDateTime      // yyyy-MM-ddTHH:mm:ssZ
	TypeAny           // whatever an expression gives
)

// Value describes the value of an attribute or of a text.
type Value struct {
	Type       Type
	Expression bool     // an expression may stand for the value
	Default    string   // what holds when the attribute is absent; "" for nothing
	Enum       []string // for TypeEnum
	Min, Max   int64    // for TypeInteger; both 0 for no range
	Doc        string   // one line
}

// Step is one compiled policy. It is read-only after Compile and shared by all
// requests. Run returns nil to go on with the next step, ErrDone to end the
// pipeline with the response that the call has, or a failure (a *Fault, or any
// other error, which becomes one).
type Step interface {
	Run(*Call) error
}

// Preflighter is a step that answers CORS preflight requests before a
// subscription key is asked for.
type Preflighter interface {
	// Preflight answers the request in c.Response and reports whether it did.
	Preflight(c *Call) (bool, error)
}

// StepFunc is a function that is a Step.
type StepFunc func(*Call) error

// Run calls the function.
func (f StepFunc) Run(c *Call) error { return f(c) }

// Registry is the list of policies that exist.
type Registry struct {
	byName map[string]*Spec
	all    []*Spec
}

// NewRegistry makes a registry of these policies, whose names differ.
func NewRegistry(specs ...*Spec) *Registry {
	r := &Registry{byName: make(map[string]*Spec, len(specs)), all: specs}
	for _, s := range specs {
		r.byName[s.Name] = s
	}
	return r
}

// Lookup returns the policy with that element name, or nil.
func (r *Registry) Lookup(name string) *Spec { return r.byName[name] }

// All returns the policies in the order of the list they were made from.
func (r *Registry) All() []*Spec { return r.all }
