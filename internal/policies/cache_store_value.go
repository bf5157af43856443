package policies

import (
	"context"
	"errors"
	"time"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/portable"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// cacheStoreValue describes cache-store-value: keeping a value for later requests.
func cacheStoreValue() *policy.Spec {
	return &policy.Spec{
		Name:    "cache-store-value",
		Summary: "Keeps a value for later requests, which `cache-lookup-value` finds.",
		Details: "A literal is a `string`; the value of an expression keeps its type. Strings, numbers, truth values, dates, " +
			"`Guid`, `byte[]`, `JObject`, `JArray` and `JValue` can be kept, and arrays, `List` and `Dictionary` of them; a value of " +
			"another type, such as a response, fails the request, because it could never be found again. Null, and a value of more " +
			"than 2 MiB, only removes what was there. The value is kept in the background: nobody waits for an external cache.",
		Example:  `<cache-store-value key="@("profile-" + context.User.Id)" value="@((string)context.Variables["profile"])" duration="3600" />`,
		Sections: everySection,
		Scopes:   everyScope,
		Shape: policy.Shape{Attributes: []policy.Attribute{
			cacheKey(), cachingType(),
			{Name: "value", Required: true, Value: policy.Value{Type: policy.TypeAny, Expression: true, Doc: "what is kept; an expression's value keeps its type"}},
			{Name: "duration", Required: true, Value: policy.Value{Type: policy.TypeInteger, Expression: true, Doc: "how long it is kept, in seconds"}},
		}},
		Compile: func(c *policy.Compiler, el *document.Element) policy.Step {
			return &cacheStoreValueStep{
				cache: compileCachingType(c, el), key: c.String(el, "key"), value: compileAny(c, el, "value"),
				duration: c.Int(el, "duration"), expressions: c.Expressions(),
			}
		},
	}
}

type cacheStoreValueStep struct {
	cache       cache.Type
	key         policy.String
	value       anyValue
	duration    policy.Int
	expressions *expr.Compiler
}

// Run keeps the value.
func (s *cacheStoreValueStep) Run(c *policy.Call) error {
	key, err := evalCacheKey(c, s.key, "cache-store-value")
	if err != nil {
		return err
	}
	v, err := s.value.eval(c)
	if err != nil {
		return err
	}
	n, err := s.duration.Eval(c)
	if err != nil {
		return err
	}
	kept, ttl, err := s.form(v, n)
	if err != nil {
		return err
	}
	if values := c.Services.ValuesOf(s.cache); values != nil {
		values.Set(context.WithoutCancel(c.Request.Context), key, kept, ttl)
	}
	return nil
}

// form returns a value as it is kept and for how long; for no time where it is only
// to be removed.
func (s *cacheStoreValueStep) form(v value.Value, n int64) (cache.Value, time.Duration, error) {
	if v.IsNull() || n <= 0 {
		return cache.Value{}, 0, nil
	}
	name, data, err := s.expressions.Encode(v, cache.MaxEntryBytes)
	if wrong := (*portable.NotPortableError)(nil); errors.As(err, &wrong) {
		return cache.Value{}, 0, &policy.Fault{
			Status: statusNotKept, Source: "cache-store-value", Reason: reasonNotKept,
			Message: "The value of cache-store-value: " + wrong.Error() + ".", Err: err,
		}
	}
	if err != nil {
		return cache.Value{}, 0, nil //nolint:nilerr // It is too large: nothing is kept.
	}
	return cache.Value{Type: name, Data: data}, seconds(n), nil
}
