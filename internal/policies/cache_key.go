package policies

import (
	"slices"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// cacheHeader is a header by which answers differ.
type cacheHeader struct {
	name  message.Name
	lower string // the name in lower case
}

// cacheParameter is a query parameter by which answers differ.
type cacheParameter struct{ name, escaped string }

// key returns the text by which requests are the same. Its parts are divided by
// line breaks, which none of them can have. It lasts as long as the exchange.
func (s *cacheLookupStep) key(c *policy.Call) (string, error) {
	byDeveloper, err := s.byDeveloper.Eval(c)
	if err != nil {
		return "", err
	}
	byGroups, err := s.byGroups.Eval(c)
	if err != nil {
		return "", err
	}
	b := append(c.Arena.Begin(), "response\n"...)
	if c.API != nil {
		b = appendPart(b, string(c.API.ID))
	}
	if c.Operation != nil {
		b = appendPart(b, string(c.Operation.ID))
	}
	b = append(append(b, c.Original.Scheme...), "://"...)
	b = appendPart(c.Original.AppendAuthority(b), c.Original.Path)
	b = s.appendQuery(b, c)
	for i := range s.headers {
		b = appendHeader(append(b, s.headers[i].lower...), c, s.headers[i].name)
	}
	if byDeveloper {
		b = appendCaller(b, c)
	}
	if byGroups {
		b = appendGroups(b, c)
	}
	return c.Arena.End(b), nil
}

// appendPart appends one part and what divides it from the next.
func appendPart(b []byte, text string) []byte { return append(append(b, text...), '\n') }

// appendHeader appends the value of a request header.
func appendHeader(b []byte, c *policy.Call, name message.Name) []byte {
	v, ok := c.Request.Header.Joined(name, ",")
	return appendPart(append(b, presence(ok)...), v)
}

// presence tells an absent value from an empty one.
func presence(ok bool) string {
	if ok {
		return "="
	}
	return "!"
}

// appendQuery appends the query, or what varies of it.
func (s *cacheLookupStep) appendQuery(b []byte, c *policy.Call) []byte {
	if s.parameters == nil {
		keyName := ""
		if c.API != nil {
			_, keyName = c.API.KeyNames()
		}
		for p := range c.Original.QueryParameters() {
			// The key tells who calls, not what for.
			if p.RawName != keyName {
				b = appendPart(append(b, '?'), p.Raw)
			}
		}
		return b
	}
	for i := range s.parameters {
		v, ok := c.Original.QueryParameter(s.parameters[i].name)
		b = append(append(b, '?'), s.parameters[i].escaped...)
		b = appendPart(append(b, presence(ok)...), message.EscapeQuery(v))
	}
	return b
}

// appendCaller appends who calls.
func appendCaller(b []byte, c *policy.Call) []byte {
	switch {
	case c.User != nil:
		return appendPart(append(b, "user "...), string(c.User.ID))
	case c.Subscription != nil:
		return appendPart(append(b, "subscription "...), string(c.Subscription.ID))
	}
	return b
}

// fewGroups is how many groups of a caller are put in order without an
// allocation.
const fewGroups = 16

// appendGroups appends the groups of who calls.
func appendGroups(b []byte, c *policy.Call) []byte {
	if c.Expr.User == nil {
		return b
	}
	var space [fewGroups]string
	ids := space[:0]
	for _, g := range c.Expr.User.Groups {
		ids = append(ids, g.ID)
	}
	slices.Sort(ids)
	b = append(b, "groups"...)
	for _, id := range ids {
		b = append(append(b, ' '), id...)
	}
	return append(b, '\n')
}

// variantKey returns the key of one of the answers that differ by the request
// headers that fields names, which are in lower case. It lasts as long as the
// exchange.
func variantKey(c *policy.Call, key string, fields []cache.Field) string {
	b := append(c.Arena.Begin(), key...)
	for _, f := range fields {
		b = append(append(b, "vary "...), f.Name...)
		b = appendHeader(b, c, message.NameOf(f.Name))
	}
	return boundedKey(c.Arena.End(b))
}
