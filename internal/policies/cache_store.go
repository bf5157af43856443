package policies

import (
	"bytes"
	"context"
	"slices"
	"strconv"
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
			"One with `Vary: *`, a part of an answer (206) and the answer that nothing has changed (304) are never kept, and none " +
			"is whose caller asked for `no-store`. Fields that are about a connection and not about the answer are not kept.\n\n" +
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
	if responses := c.Services.ResponsesOf(c.Lookup.Cache); keep && responses != nil && c.Response.Body.Size() <= cache.MaxEntryBytes {
		s.store(c, responses, seconds(n))
		return nil
	}
	how := cache.Unstorable
	if c.Response.Status >= 500 {
		how = cache.Failed
	}
	c.Lookup.Flight.End(how)
	return nil
}

// keeps decides whether the response is one to keep.
func (s *cacheStoreStep) keeps(c *policy.Call) (bool, error) {
	if c.Lookup.NoStore || c.Response.Status == statusPartial || c.Response.Status == statusNotModified {
		return false, nil
	}
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
	if hasDirective(control, directiveNoStore) && !asked {
		return false, nil
	}
	personal := h.Has(message.SetCookie) || hasDirective(control, "private") || hasDirective(control, "no-cache")
	if personal && !asked && !c.Lookup.Private {
		return false, nil
	}
	vary, _ := h.Joined(message.Vary, ",")
	return !strings.Contains(vary, "*"), nil
}

const directiveNoStore = "no-store"

// The statuses of answers that are not whole.
const (
	statusPartial     = 206
	statusNotModified = 304
)

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
func (s *cacheStoreStep) store(c *policy.Call, responses cache.Responses, ttl time.Duration) {
	kept := &cache.Response{
		Status: c.Response.Status, Reason: strings.Clone(c.Response.Reason),
		Stored: c.Services.Clock.Now().Add(-ageOf(&c.Response.Header)), Header: keptFields(&c.Response.Header),
	}
	key, flight := c.Lookup.Key, c.Lookup.Flight
	ctx := context.WithoutCancel(c.Request.Context)
	var variants *cache.Response
	if fields := varyFields(c); len(fields) > 0 {
		variants = &cache.Response{Header: fields, Stored: kept.Stored}
		key = variantKey(c, key, fields)
	}
	put := func(body []byte) {
		kept.Body = fitted(body)
		if variants != nil {
			responses.Set(ctx, c.Lookup.Key, variants, ttl)
		}
		responses.Set(ctx, key, kept, ttl)
		flight.End(cache.Stored)
	}
	if body, ok := c.Response.Body.Buffered(); ok {
		put(slices.Clip(bytes.Clone(body)))
		return
	}
	c.Response.Body.Capture(cache.MaxEntryBytes, put)
}

// fitted is a body that holds no more memory than it has bytes, or little more.
func fitted(body []byte) []byte {
	if cap(body)-len(body) > len(body)/8 {
		return append(make([]byte, 0, len(body)), body...)
	}
	return body
}

// maxAge is the greatest age that an answer is taken to have, in seconds.
const maxAge = 1 << 31

// ageOf is how old an answer was when it came, as a cache on its way says.
func ageOf(h *message.Header) time.Duration {
	text, _ := h.Get(message.Age)
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return 0
	}
	return seconds(int64(min(n, maxAge))) //nolint:gosec // It is at most maxAge.
}

// keptFields are the header fields that a response is kept with: all but those of
// its connection and those that are made anew.
func keptFields(h *message.Header) []cache.Field {
	connection, _ := h.Joined(message.Connection, ",")
	fields := make([]cache.Field, 0, len(h.Fields()))
	for _, f := range h.Fields() {
		if f.Is(message.Age) || ofConnection(f, connection) {
			continue
		}
		fields = append(fields, cache.Field{Name: strings.Clone(f.Name), Value: strings.Clone(f.Value)})
	}
	return fields
}

// proxyFields are those for one connection that are not known to be.
var proxyFields = [...]message.Name{
	message.NameOf("Proxy-Authenticate"), message.NameOf("Proxy-Authentication-Info"), message.NameOf("Proxy-Authorization"),
}

// ofConnection reports whether a field is about the connection: by its name, or
// because Connection names it.
func ofConnection(f message.Field, connection string) bool {
	if f.Key().ForConnection() {
		return true
	}
	for _, n := range proxyFields {
		if f.Is(n) {
			return true
		}
	}
	return connection != "" && hasDirective(connection, f.Name)
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
