package policies

import (
	"log/slog"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// cacheLookupValue describes cache-lookup-value: a variable from what was kept.
func cacheLookupValue() *policy.Spec {
	return &policy.Spec{
		Name:    "cache-lookup-value",
		Summary: "Sets a variable to a value that `cache-store-value` has kept.",
		Details: "The value has the type that it was kept with, and is a copy: what is done to it changes nothing in the cache. " +
			"Where nothing is kept under the key, or the cache cannot be reached, the variable gets `default-value`; without one it " +
			"is left as it is, so that `context.Variables.ContainsKey` tells whether something was found.\n\n" +
			"Every look-up for itself: requests do not wait for each other.",
		Example:  `<cache-lookup-value key="@("profile-" + context.User.Id)" variable-name="profile" />`,
		Sections: everySection,
		Scopes:   everyScope,
		Shape: policy.Shape{Attributes: []policy.Attribute{
			cacheKey(), cachingType(),
			{Name: "default-value", Value: policy.Value{Type: policy.TypeAny, Expression: true,
				Doc: "what the variable is where nothing is kept; an expression's value keeps its type"}},
			{Name: "variable-name", Required: true, Value: policy.Value{Doc: "name of the variable"}},
		}},
		Compile: compileCacheLookupValue,
	}
}

// cacheKey describes the attribute with the key of a value.
func cacheKey() policy.Attribute {
	return policy.Attribute{Name: "key", Required: true, Value: policy.Value{Expression: true,
		Doc: "under which the value is kept, the same for all documents of the service"}}
}

// What a call answers whose document asks for what no cache does.
const (
	statusNotKept = 500
	reasonNotKept = "ValueCannotBeCached"
)

// evalCacheKey returns the key of a value for this request.
func evalCacheKey(c *policy.Call, key policy.String, element string) (string, error) {
	text, null, err := key.EvalNull(c)
	if err != nil {
		return "", err
	}
	if null {
		return "", &policy.Fault{Status: statusNotKept, Source: element, Reason: reasonNotKept, Message: "The key of " + element + " is null."}
	}
	if len(text) > cache.MaxKeyBytes {
		return counter.BoundedKey(text), nil
	}
	return text, nil
}

// anyValue is a value that keeps the type that its expression gives it.
type anyValue struct {
	program *expr.Program
	literal value.Value
	set     bool
}

// compileAny reads an attribute of any type.
func compileAny(c *policy.Compiler, el *document.Element, name string) anyValue {
	text, ok := el.Attr(name)
	if !ok {
		return anyValue{}
	}
	return anyValue{program: c.Expression(el, text), literal: value.OfGo(text.Value), set: true}
}

// eval returns the value for this request.
func (a *anyValue) eval(c *policy.Call) (value.Value, error) {
	if a.program != nil {
		return a.program.Run(c.Expression())
	}
	return a.literal, nil
}

type cacheLookupValueStep struct {
	cache       cache.Type
	key         policy.String
	variable    string
	preset      anyValue
	expressions *expr.Compiler
}

func compileCacheLookupValue(c *policy.Compiler, el *document.Element) policy.Step {
	name, named := el.Attr("variable-name")
	if named && name.Value == "" {
		c.Failf(el, "the name of the variable is empty")
	}
	return &cacheLookupValueStep{
		cache: compileCachingType(c, el), key: c.String(el, "key"), variable: name.Value,
		preset: compileAny(c, el, "default-value"), expressions: c.Expressions(),
	}
}

// Run sets the variable.
func (s *cacheLookupValueStep) Run(c *policy.Call) error {
	key, err := evalCacheKey(c, s.key, "cache-lookup-value")
	if err != nil {
		return err
	}
	if values := c.Services.ValuesOf(s.cache); values != nil {
		if kept, ok := values.Get(c.Request.Context, key); ok {
			v, err := s.expressions.Decode(kept.Type, kept.Data)
			if err == nil {
				c.Variables.Set(s.variable, v)
				return nil
			}
			// It is as good as absent.
			c.Services.Log.Warn("a cached value cannot be read", slog.Any("error", err))
		}
	}
	if !s.preset.set {
		return nil
	}
	v, err := s.preset.eval(c)
	if err != nil {
		return err
	}
	c.Variables.Set(s.variable, v)
	return nil
}
