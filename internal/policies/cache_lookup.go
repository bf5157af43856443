package policies

import (
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// cacheLookup describes cache-lookup: an answer that was kept from an earlier
// request.
func cacheLookup() *policy.Spec {
	boolean := func(name, doc, preset string) policy.Attribute {
		return policy.Attribute{Name: name, Value: policy.Value{Type: policy.TypeBoolean, Expression: true, Default: preset, Doc: doc}}
	}
	developer := boolean("vary-by-developer", "whether each developer has answers of his own", "false")
	groups := boolean("vary-by-developer-groups", "whether the members of different groups have different answers", "false")
	developer.Required, groups.Required = true, true
	return &policy.Spec{
		Name:    "cache-lookup",
		Summary: "Answers from the cache, where an answer to the same request is kept.",
		Details: "On a hit the backend is not called, and outbound goes on behind `cache-store`: what stood before it is in the kept " +
			"answer already. On a miss the headers with which clients ask for parts and for newer versions are taken off " +
			"the request, so that the backend sends a whole answer that can be kept.\n\n" +
			"Only GET requests are looked up, and none with an `Authorization` header unless `allow-private-response-caching` says so. " +
			"Requests are the same when operation, host, path and the parts that vary-by names are; without " +
			"`vary-by-query-parameter`, the whole query counts. A `Vary` header of the kept answer is honoured.",
		Example: `<cache-lookup vary-by-developer="false" vary-by-developer-groups="false" downstream-caching-type="public">
    <vary-by-header>Accept</vary-by-header>
    <vary-by-query-parameter>version</vary-by-query-parameter>
</cache-lookup>`,
		Sections: policy.Inbound,
		Scopes:   everyScope,
		Once:     true,
		Shape: policy.Shape{
			Attributes: []policy.Attribute{
				developer, groups,
				{Name: "caching-type", Value: policy.Value{Type: policy.TypeEnum, Default: "prefer-external", Enum: []string{"internal", "external", "prefer-external"},
					Doc: "which cache to use; the gateway has one, so that all mean the same"}},
				{Name: "downstream-caching-type", Value: policy.Value{Type: policy.TypeEnum, Expression: true, Default: "none", Enum: []string{"none", "private", "public"},
					Doc: "who behind the gateway may keep the answer"}},
				boolean("must-revalidate", "whether they must ask again when it is too old", "true"),
				boolean("allow-private-response-caching",
					"whether requests with an Authorization header, and answers that are meant for one caller, are kept", "false"),
			},
			Children: []policy.Child{
				{Name: "vary-by-header", Doc: "a header by whose value answers differ", Shape: policy.Shape{Text: &policy.Value{}}},
				{Name: "vary-by-query-parameter", Doc: "query parameters by whose values answers differ, separated by semicolons", Shape: policy.Shape{Text: &policy.Value{}}},
			},
		},
		Compile: compileCacheLookup,
	}
}

// The methods that policies treat apart.
const (
	methodGet  = "GET"
	methodHead = "HEAD"
)

type cacheLookupStep struct {
	byDeveloper, byGroups, private, mustRevalidate policy.Bool
	downstream                                     policy.String
	headers                                        []cacheHeader
	parameters                                     []cacheParameter // nil for the whole query
}

func compileCacheLookup(c *policy.Compiler, el *document.Element) policy.Step {
	s := &cacheLookupStep{
		byDeveloper: c.Bool(el, "vary-by-developer"), byGroups: c.Bool(el, "vary-by-developer-groups"),
		private: c.Bool(el, "allow-private-response-caching"), mustRevalidate: c.Bool(el, "must-revalidate"),
		downstream: c.String(el, "downstream-caching-type"),
	}
	for _, child := range el.Children {
		for part := range strings.SplitSeq(child.Text.Value, ";") {
			part = strings.TrimSpace(part)
			switch {
			case part == "":
			case child.Name == "vary-by-query-parameter":
				s.parameters = append(s.parameters, cacheParameter{part, message.EscapeQuery(part)})
			case !message.ValidFieldName(part):
				c.Failf(child, "%q cannot be the name of a header", part)
			default:
				s.headers = append(s.headers, cacheHeader{message.NameOf(part), strings.ToLower(part)})
			}
		}
	}
	return s
}

// Run answers from the cache, or leaves for cache-store under which key the
// answer is to be kept.
func (s *cacheLookupStep) Run(c *policy.Call) error {
	if c.Request.Method != methodGet || c.Services.Responses == nil {
		return nil
	}
	found := policy.CacheLookup{}
	var err error
	if found.Private, err = s.private.Eval(c); err != nil {
		return err
	}
	if !found.Private && c.Request.Header.Has(message.Authorization) {
		return nil
	}
	if found.Downstream, err = s.downstream.Eval(c); err != nil {
		return err
	}
	if found.MustRevalidate, err = s.mustRevalidate.Eval(c); err != nil {
		return err
	}
	if found.Key, err = s.key(c); err != nil {
		return err
	}
	if len(found.Key) > cache.MaxKeyBytes {
		return nil
	}
	if kept := lookUp(c, found.Key); kept != nil {
		return answerKept(c, kept)
	}
	for _, n := range conditionalHeaders {
		c.Request.Header.Delete(n)
	}
	c.Lookup = found
	return nil
}

// conditionalHeaders are those with which a client asks for something else than
// the whole answer.
var conditionalHeaders = [...]message.Name{
	message.CacheControl, message.NameOf("Pragma"), message.IfNoneMatch, message.IfModifiedSince,
	message.NameOf("If-Match"), message.NameOf("If-Unmodified-Since"), message.NameOf("If-Range"), message.NameOf("Range"),
}

// lookUp finds the answer that is kept for a request, or nil. An entry without
// a status says by which headers the answers under the key differ.
func lookUp(c *policy.Call, key string) *cache.Response {
	kept, ok := c.Services.Responses.Get(c.Request.Context, key)
	if !ok || kept.Status != 0 {
		return kept
	}
	kept, ok = c.Services.Responses.Get(c.Request.Context, variantKey(c, key, kept.Header))
	if !ok || kept.Status == 0 {
		return nil
	}
	return kept
}

// answerKept makes a kept answer the response and ends inbound.
func answerKept(c *policy.Call, kept *cache.Response) error {
	if err := c.Response.Discard(); err != nil {
		return err
	}
	c.Response.Status, c.Response.Reason = kept.Status, kept.Reason
	for _, f := range kept.Header {
		c.Response.Header.Add(message.NameOf(f.Name), f.Value)
	}
	age := int64(c.Services.Clock.Since(kept.Stored).Seconds())
	c.Response.Header.Set(message.Age, c.Arena.Int(max(0, age)))
	if err := c.Response.Body.SetBytes(slices.Clip(kept.Body)); err != nil {
		return err
	}
	return policy.ErrCached
}

// boundedKey is a key that is no longer than caches take.
func boundedKey(key string) string {
	if len(key) <= cache.MaxKeyBytes {
		return key
	}
	return counter.BoundedKey(key)
}
