package policies

import (
	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// cachingType describes the attribute that the policies of the cache share.
func cachingType() policy.Attribute {
	return policy.Attribute{Name: "caching-type", Value: policy.Value{
		Type: policy.TypeEnum, Default: cache.TypeNames()[cache.PreferExternal], Enum: cache.TypeNames(),
		Doc: "which cache to use: the gateway's own, the external one (nothing is found where there is none), or the external " +
			"one where there is one",
	}}
}

// compileCachingType reads the caching-type of an element.
func compileCachingType(c *policy.Compiler, el *document.Element) cache.Type {
	word, _ := c.String(el, "caching-type").Constant()
	return cache.ParseType(word)
}
