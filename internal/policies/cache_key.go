package policies

import (
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// key returns the text by which requests are the same. Its parts are divided by
// line breaks, which none of them can have.
func (s *cacheLookupStep) key(c *policy.Call) (string, error) {
	var b strings.Builder
	part := func(texts ...string) {
		for _, t := range texts {
			b.WriteString(t)
		}
		b.WriteByte('\n')
	}
	part("response")
	if c.API != nil {
		part(string(c.API.ID))
	}
	if c.Operation != nil {
		part(string(c.Operation.ID))
	}
	part(c.Original.Scheme, "://", c.Original.Authority(), c.Original.Path)
	s.writeQuery(c, part)
	for _, n := range s.headers {
		v, ok := c.Request.Header.Joined(n, ",")
		part(strings.ToLower(n.String()), presence(ok), v)
	}
	return b.String(), s.writeCaller(c, part)
}

// presence tells an absent value from an empty one.
func presence(ok bool) string {
	if ok {
		return "="
	}
	return "!"
}

// writeQuery adds the query, or what varies of it.
func (s *cacheLookupStep) writeQuery(c *policy.Call, part func(...string)) {
	if s.parameters == nil {
		keyName := ""
		if c.API != nil {
			_, keyName = c.API.KeyNames()
		}
		for p := range c.Original.QueryParameters() {
			// The key tells who calls, not what for.
			if p.RawName != keyName {
				part("?", p.Raw)
			}
		}
		return
	}
	for _, name := range s.parameters {
		v, ok := c.Original.QueryParameter(name)
		part("?", message.EscapeQuery(name), presence(ok), message.EscapeQuery(v))
	}
}

// writeCaller adds who calls, where answers vary by it.
func (s *cacheLookupStep) writeCaller(c *policy.Call, part func(...string)) error {
	byDeveloper, err := s.byDeveloper.Eval(c)
	if err != nil {
		return err
	}
	if byDeveloper {
		switch {
		case c.User != nil:
			part("user ", string(c.User.ID))
		case c.Subscription != nil:
			part("subscription ", string(c.Subscription.ID))
		}
	}
	byGroups, err := s.byGroups.Eval(c)
	if err != nil || !byGroups || c.Expr.User == nil {
		return err
	}
	ids := make([]string, 0, len(c.Expr.User.Groups))
	for _, g := range c.Expr.User.Groups {
		ids = append(ids, g.ID)
	}
	slices.Sort(ids)
	part("groups ", strings.Join(ids, " "))
	return nil
}

// variantKey returns the key of one of the answers that differ by the request
// headers that fields names.
func variantKey(c *policy.Call, key string, fields []cache.Field) string {
	var b strings.Builder
	b.WriteString(key)
	for _, f := range fields {
		v, ok := c.Request.Header.Joined(message.NameOf(f.Name), ",")
		b.WriteString("vary ")
		b.WriteString(strings.ToLower(f.Name))
		b.WriteString(presence(ok))
		b.WriteString(v)
		b.WriteByte('\n')
	}
	return boundedKey(b.String())
}
