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
			"`vary-by-query-parameter`, the whole query counts. A `Vary` header of the kept answer is honoured.\n\n" +
			"Where several such requests find nothing at the same time, one of them calls the backend and the others wait for its " +
			"answer, for at most two seconds (`--cache-wait`); where that is not kept they go on by themselves, and the next ones " +
			"do not wait. A cache that cannot be reached has nothing: it costs a request at most 20 milliseconds, and fails none.",
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
				cachingType(),
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
	cache                                          cache.Type
	byDeveloper, byGroups, private, mustRevalidate policy.Bool
	downstream                                     policy.String
	headers                                        []cacheHeader
	parameters                                     []cacheParameter // nil for the whole query
}

func compileCacheLookup(c *policy.Compiler, el *document.Element) policy.Step {
	s := &cacheLookupStep{
		byDeveloper: c.Bool(el, "vary-by-developer"), byGroups: c.Bool(el, "vary-by-developer-groups"),
		private: c.Bool(el, "allow-private-response-caching"), mustRevalidate: c.Bool(el, "must-revalidate"),
		downstream: c.String(el, "downstream-caching-type"), cache: compileCachingType(c, el),
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
	responses := c.Services.ResponsesOf(s.cache)
	if c.Request.Method != methodGet || responses == nil {
		return nil
	}
	found := policy.CacheLookup{Cache: s.cache, Flight: c.Lookup.Flight}
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
	kept, key := lookUp(c, responses, found.Key)
	if kept == nil && found.Flight == nil {
		kept = s.await(c, responses, key, &found)
	}
	if kept != nil {
		c.Cached = policy.CacheHit
		return answerKept(c, kept)
	}
	c.Cached = policy.CacheMiss
	control, _ := c.Request.Header.Joined(message.CacheControl, ",")
	found.NoStore = hasDirective(control, directiveNoStore)
	for _, n := range conditionalHeaders {
		c.Request.Header.Delete(n)
	}
	c.Lookup = found
	return nil
}

// await waits for another request that is fetching the answer, or makes this one
// that which others wait for. It returns the answer, or nil.
func (s *cacheLookupStep) await(c *policy.Call, responses cache.Responses, key string, found *policy.CacheLookup) *cache.Response {
	flight, leads := c.Services.Flights.Join(key)
	switch {
	case leads:
		found.Flight = flight
		c.WhenSent(s)
	case flight != nil && flight.Wait(c.Request.Context):
		kept, _ := lookUp(c, responses, found.Key)
		return kept
	}
	return nil
}

// Release lets go those who still wait for the call's answer, whatever has become
// of it.
func (s *cacheLookupStep) Release(c *policy.Call, _ message.Sent) {
	how := cache.Unstorable
	if c.Failure != nil || c.Request.Context.Err() != nil {
		how = cache.Failed
	}
	c.Lookup.Flight.End(how)
}

// conditionalHeaders are those with which a client asks for something else than
// the whole answer.
var conditionalHeaders = [...]message.Name{
	message.CacheControl, message.NameOf("Pragma"), message.IfNoneMatch, message.IfModifiedSince,
	message.NameOf("If-Match"), message.NameOf("If-Unmodified-Since"), message.NameOf("If-Range"), message.NameOf("Range"),
}

// lookUp finds the answer that is kept for a request, or nil, and under which key
// it looked last. An entry without a status says by which headers the answers under
// the key differ.
func lookUp(c *policy.Call, responses cache.Responses, key string) (*cache.Response, string) {
	kept, ok := responses.Get(c.Request.Context, key)
	if !ok {
		return nil, key
	}
	if kept.Status != 0 {
		return kept, key
	}
	key = variantKey(c, key, kept.Header)
	kept, ok = responses.Get(c.Request.Context, key)
	if !ok || kept.Status == 0 {
		return nil, key
	}
	return kept, key
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
