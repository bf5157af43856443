package policy_test

import (
	"context"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
	"github.com/sallyport/sallyport/internal/problem"
)

// notes is what the steps of a test have done, in order.
type notes struct{ list []string }

func (n *notes) add(text string) { n.list = append(n.list, text) }

func (n *notes) String() string { return strings.Join(n.list, " ") }

// registry makes small policies: note writes down its text and the section; fail
// fails; done ends the pipeline; group and only-notes hold policies; once,
// inbound-only and product-only are what their names say; typed has an attribute
// of each type.
func (n *notes) registry() *policy.Registry {
	anywhere := func(name string, shape policy.Shape, compile func(*policy.Compiler, *document.Element) policy.Step) *policy.Spec {
		return &policy.Spec{Name: name, Sections: policy.AnySection, Scopes: policy.AnyScope, Shape: shape, Compile: compile}
	}
	nothing := func(*policy.Compiler, *document.Element) policy.Step {
		return policy.StepFunc(func(*policy.Call) error { return nil })
	}
	text := policy.Shape{Attributes: []policy.Attribute{{Name: "text", Required: true, Value: policy.Value{Expression: true, Doc: "what to note"}}}}
	once := anywhere("once", policy.Shape{}, nothing)
	once.Once = true
	inbound := anywhere("inbound-only", policy.Shape{}, nothing)
	inbound.Sections = policy.Inbound
	product := anywhere("product-only", policy.Shape{}, nothing)
	product.Scopes = policy.ScopeProduct
	return policy.NewRegistry(
		anywhere("note", text, n.note), anywhere("fail", policy.Shape{}, n.fail), anywhere("done", policy.Shape{}, func(*policy.Compiler, *document.Element) policy.Step {
			return policy.StepFunc(func(*policy.Call) error { return policy.ErrDone })
		}),
		anywhere("group", policy.Shape{Policies: true}, group),
		anywhere("only-notes", policy.Shape{Policies: true, Only: []string{"note"}}, group),
		anywhere("include-fragment", policy.Shape{Attributes: []policy.Attribute{{Name: "fragment-id", Required: true}}},
			func(c *policy.Compiler, el *document.Element) policy.Step {
				id, _ := el.Attr("fragment-id")
				return c.Include(el, id.Value)
			}),
		anywhere("typed", typedShape(), n.typed), once, inbound, product,
	)
}

func typedShape() policy.Shape {
	return policy.Shape{
		Attributes: []policy.Attribute{
			{Name: "number", Value: policy.Value{Type: policy.TypeInteger, Expression: true, Min: 1, Max: 5, Default: "3"}},
			{Name: "flag", Value: policy.Value{Type: policy.TypeBoolean, Expression: true, Default: "true"}},
			{Name: "colour", Value: policy.Value{Type: policy.TypeEnum, Enum: []string{"red", "blue"}, Default: "red"}},
			{Name: "wait", Value: policy.Value{Type: policy.TypeDuration}},
			{Name: "url", Value: policy.Value{Type: policy.TypeURL}},
			{Name: "date", Value: policy.Value{Type: policy.TypeDateTime}},
			{Name: "plain"}, {Name: "a"}, {Name: "b"},
		},
		OneOf:    [][]string{{"a", "b"}},
		Children: []policy.Child{{Name: "value", Min: 1, Max: 2, Doc: "a value", Shape: policy.Shape{Text: &policy.Value{Type: policy.TypeInteger}}}},
	}
}

func (n *notes) note(c *policy.Compiler, el *document.Element) policy.Step {
	text := c.String(el, "text")
	return policy.StepFunc(func(c *policy.Call) error {
		v, err := text.Eval(c)
		n.add(c.Section().String() + ":" + v)
		return err
	})
}

func (n *notes) fail(*policy.Compiler, *document.Element) policy.Step {
	return policy.StepFunc(func(c *policy.Call) error {
		n.add(c.Section().String() + ":fail")
		return policy.NewFault(418, "fail", "Failed", "it failed")
	})
}

func (n *notes) typed(c *policy.Compiler, el *document.Element) policy.Step {
	number, flag, colour := c.Int(el, "number"), c.Bool(el, "flag"), c.String(el, "colour")
	return policy.StepFunc(func(c *policy.Call) error {
		v, err := number.Eval(c)
		if err != nil {
			return err
		}
		b, err := flag.Eval(c)
		if err != nil {
			return err
		}
		s, err := colour.Eval(c)
		n.add(strings.Join([]string{string(rune('0' + v)), map[bool]string{true: "yes", false: "no"}[b], s}, ","))
		return err
	})
}

func group(c *policy.Compiler, el *document.Element) policy.Step {
	steps := c.Steps(el)
	return policy.StepFunc(steps.Run)
}

// environment compiles against the notes' policies, a named value colour, and
// fragments.
func (n *notes) environment(tb testing.TB, fragments map[string]string) *policy.Environment {
	tb.Helper()
	compiler, err := expr.NewCompiler()
	if err != nil {
		tb.Fatal(err)
	}
	return &policy.Environment{
		Policies: n.registry(), Expressions: compiler,
		NamedValue: func(name string) (string, bool) {
			return map[string]string{"colour": "blue", "five": "5"}[name], name == "colour" || name == "five"
		},
		Fragment: func(id string) (policy.Source, bool) {
			text, ok := fragments[strings.ToLower(id)]
			return policy.Source{Text: []byte(text), File: "fragment-" + id, Resource: "policyFragments/" + id}, ok
		},
	}
}

// compile compiles a document that may be wrong.
func (n *notes) compile(tb testing.TB, scope policy.Scope, text string, fragments map[string]string) (*policy.Document, problem.Problems) {
	tb.Helper()
	return policy.Compile(n.environment(tb, fragments), policy.Source{Text: []byte(text), File: "policy.xml", Resource: "apis/echo"}, scope)
}

// must compiles a document that is right.
func (n *notes) must(tb testing.TB, scope policy.Scope, text string) *policy.Document {
	tb.Helper()
	doc, problems := n.compile(tb, scope, text, nil)
	if len(problems) > 0 {
		tb.Fatalf("the document does not compile:\n%s", problems)
	}
	return doc
}

// backend notes that a call was forwarded.
type backend struct {
	n   *notes
	err error
}

// Forward answers the call with 200.
func (b backend) Forward(c *policy.Call, _ *policy.ForwardOptions) error {
	b.n.add("forward")
	if b.err != nil {
		return b.err
	}
	return c.Answer(200, "text/plain", []byte("ok"))
}

// call makes a call with documents by scope.
func (n *notes) call(tb testing.TB, documents map[policy.Scope]string) *policy.Call {
	tb.Helper()
	fake := clock.NewFake(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	c := &policy.Call{}
	c.Reset()
	c.Request = &message.Request{Method: "GET", Context: context.Background(), Client: netip.MustParseAddrPort("[::ffff:192.0.2.1]:1"),
		URL: message.URL{Scheme: "https", Host: "backend.example", Path: "/a"}}
	c.Response, c.ID, c.Begin = &message.Response{}, "id", fake.Now()
	c.Original = message.URL{Scheme: "https", Host: "gateway.example", Path: "/echo/a"}
	c.API = &model.API{ID: "apis/echo"}
	c.Services = &policy.Services{Clock: fake, Log: slog.New(slog.DiscardHandler), Forwarder: backend{n: n}, Concurrency: policy.NewConcurrency()}
	c.Expr.Now, c.Expr.Timestamp = fake.Now, c.Begin
	for scope, text := range documents {
		c.Chain.Set(scope, n.must(tb, scope, text))
	}
	return c
}
