package policies

import (
	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// cacheRemoveValue describes cache-remove-value: removing a value that was kept.
func cacheRemoveValue() *policy.Spec {
	return &policy.Spec{
		Name:    "cache-remove-value",
		Summary: "Removes a value that `cache-store-value` has kept.",
		Details: "It is gone when the policy has run, unless the external cache does not confirm within 100 milliseconds. Then the " +
			"request goes on, or fails with 500 where `fail-on-cache-removal-error` says so. That there was nothing is no error.",
		Example:  `<cache-remove-value key="@("profile-" + context.User.Id)" />`,
		Sections: everySection,
		Scopes:   everyScope,
		Shape: policy.Shape{Attributes: []policy.Attribute{
			cacheKey(), cachingType(),
			{Name: "fail-on-cache-removal-error", Value: policy.Value{Type: policy.TypeBoolean, Expression: true, Default: "false",
				Doc: "whether the request fails where the cache does not confirm the removal"}},
		}},
		Compile: func(c *policy.Compiler, el *document.Element) policy.Step {
			return &cacheRemoveValueStep{
				cache: compileCachingType(c, el), key: c.String(el, "key"), fails: c.Bool(el, "fail-on-cache-removal-error"),
			}
		},
	}
}

type cacheRemoveValueStep struct {
	cache cache.Type
	key   policy.String
	fails policy.Bool
}

// Run removes the value.
func (s *cacheRemoveValueStep) Run(c *policy.Call) error {
	key, err := evalCacheKey(c, s.key, "cache-remove-value")
	if err != nil {
		return err
	}
	fails, err := s.fails.Eval(c)
	if err != nil {
		return err
	}
	values := c.Services.ValuesOf(s.cache)
	if values == nil {
		return nil
	}
	if err := values.Delete(c.Request.Context, key); err != nil && fails {
		return &policy.Fault{
			Status: statusNotKept, Source: "cache-remove-value", Reason: "CacheRemovalFailed",
			Message: "The value could not be removed from the cache.", Err: err,
		}
	}
	return nil
}
