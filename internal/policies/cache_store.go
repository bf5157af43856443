package policies

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// cacheStore describes cache-store: keeping an answer for later requests.
func cacheStore() *policy.Spec {
	return &policy.Spec{
		Name:    "cache-store",
		Summary: "Keeps the response for later requests that `cache-lookup` finds to be the same.",
		Details: "Only responses with status 200 are kept, or whatever `cache-response` says. The response is kept as it stands " +
			"here while it streams to the caller; it may have 2 MiB.\n\n" +
			"A response that is meant for one caller (`Set-Cookie`, `Cache-Control: private` or `no-cache`) is kept only where " +
			"`allow-private-response-caching` or `cache-response` says so, and one with `no-store` only where `cache-response` does. " +
			"One with `Vary: *` is never kept.\n\n" +
			"The `Cache-Control` of the answer is set as `downstream-caching-type` of `cache-lookup` says.",
		Example:  `<cache-store duration="300" />`,
		Sections: policy.Outbound,
		Scopes:   everyScope,
		Once:     true,
		Resumes:  true,
		Shape: policy.Shape{Attributes: []policy.Attribute{
			{Name: "duration", Required: true, Value: policy.Value{Type: policy.TypeInteger, Expression: true, Doc: "how long the response is kept, in seconds"}},
			{Name: "cache-response", Value: policy.Value{Type: policy.TypeBoolean, Expression: true, Doc: "whether this response is kept; where absent, those with status 200 are"}},
		}},
		Compile: func(c *policy.Compiler, el *document.Element) policy.Step {
			return &cacheStoreStep{duration: c.Int(el, "duration"), keep: c.Bool(el, "cache-response")}
		},
	}
}

type cacheStoreStep struct {
	duration policy.Int
	keep     policy.Bool
}

// Run keeps the response, unless it comes from the cache itself.
func (s *cacheStoreStep) Run(c *policy.Call) error {
	if c.Resumed() || c.Lookup.Key == "" {
		return nil
	}
	keep, err := s.keeps(c)
	if err != nil {
		return err
	}
	n, err := s.duration.Eval(c)
	if err != nil {
		return err
	}
	keep = keep && n > 0
	setDownstream(c, keep, n)
	if keep {
		s.store(c, seconds(n))
	}
	return nil
}

// keeps decides whether the response is one to keep.
func (s *cacheStoreStep) keeps(c *policy.Call) (bool, error) {
	asked := false
	if s.keep.IsSet() {
		var err error
		if asked, err = s.keep.Eval(c); err != nil || !asked {
			return false, err
		}
	}
	if !asked && c.Response.Status != 200 {
		return false, nil
	}
	h := &c.Response.Header
	control, _ := h.Joined(message.CacheControl, ",")
	if hasDirective(control, "no-store") && !asked {
		return false, nil
	}
	personal := h.Has(message.SetCookie) || hasDirective(control, "private") || hasDirective(control, "no-cache")
	if personal && !asked && !c.Lookup.Private {
		return false, nil
	}
	vary, _ := h.Joined(message.Vary, ",")
	return !strings.Contains(vary, "*"), nil
}

// hasDirective reports whether a Cache-Control has a directive, also with an
// argument.
func hasDirective(control, name string) bool {
	for part := range strings.SplitSeq(control, ",") {
		directive, _, _ := strings.Cut(strings.TrimSpace(part), "=")
		if message.EqualFold(strings.TrimSpace(directive), name) {
			return true
		}
	}
	return false
}

var pragma = message.NameOf("Pragma")

// setDownstream tells caches behind the gateway what they may do with the
// answer.
func setDownstream(c *policy.Call, keep bool, n int64) {
	h := &c.Response.Header
	kind := strings.ToLower(c.Lookup.Downstream)
	switch {
	case kind == "private" || kind == "public":
		if !keep {
			return
		}
		control := kind
		if c.Lookup.MustRevalidate {
			control += ", must-revalidate"
		}
		h.Set(message.CacheControl, control+", max-age="+formatInt(n))
		h.Delete(pragma)
	default:
		h.Set(message.CacheControl, "no-store, must-revalidate, no-cache")
		h.Set(pragma, "no-cache")
	}
	h.Delete(message.Expires)
}

// store keeps the response when all of its body has passed. What is kept is
// cloned, because the message's strings end with the exchange.
func (s *cacheStoreStep) store(c *policy.Call, ttl time.Duration) {
	kept := &cache.Response{Status: c.Response.Status, Reason: strings.Clone(c.Response.Reason), Stored: c.Services.Clock.Now()}
	for _, f := range c.Response.Header.Fields() {
		if f.Is(message.ContentLength) || f.Is(message.Age) {
			continue
		}
		kept.Header = append(kept.Header, cache.Field{Name: strings.Clone(f.Name), Value: strings.Clone(f.Value)})
	}
	key := c.Lookup.Key
	responses, ctx := c.Services.Responses, context.WithoutCancel(c.Request.Context)
	var variants *cache.Response
	if fields := varyFields(c); len(fields) > 0 {
		variants = &cache.Response{Header: fields, Stored: kept.Stored}
		key = variantKey(c, key, fields)
	}
	put := func(body []byte) {
		kept.Body = body
		if variants != nil {
			responses.Set(ctx, c.Lookup.Key, variants, ttl)
		}
		responses.Set(ctx, key, kept, ttl)
	}
	if body, ok := c.Response.Body.Buffered(); ok {
		put(bytes.Clone(body))
		return
	}
	c.Response.Body.Capture(cache.MaxEntryBytes, put)
}

// acceptEncoding is Accept-Encoding as varyFields has names.
const acceptEncoding = "accept-encoding"

// varyFields returns the request headers that the response says it differs by.
// One with a content encoding differs by what the caller accepts also where it
// does not say so.
func varyFields(c *policy.Call) []cache.Field {
	vary, _ := c.Response.Header.Joined(message.Vary, ",")
	var fields []cache.Field
	encoded := c.Response.Header.Has(message.ContentEncoding)
	for _, name := range splitTokens(vary) {
		if message.ValidFieldName(name) {
			name = strings.Clone(strings.ToLower(name))
			encoded = encoded && name != acceptEncoding
			fields = append(fields, cache.Field{Name: name})
		}
	}
	if encoded {
		fields = append(fields, cache.Field{Name: acceptEncoding})
	}
	return fields
}
