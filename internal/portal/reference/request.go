package reference

import (
	"net/url"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/portal/reference/description"
	"github.com/sallyport/sallyport/internal/portal/reference/sample"
)

// requestOf is a call of an operation as samples make it: with the examples that
// there are, and otherwise with names in capitals in their place.
func requestOf(p place, o *description.Operation, of *description.Description) sample.Request {
	b := &builder{place: p, operation: o, of: of}
	r := sample.Request{Method: o.Method, URL: b.url()}
	if b.of != nil && o.Body != nil {
		b.body(&r)
	}
	r.Headers = append(b.headers(), r.Headers...)
	return r
}

type builder struct {
	place
	operation *description.Operation
	of        *description.Description
}

// url fills in the template, and adds what of the query is needed.
func (b *builder) url() string {
	path, query, _ := strings.Cut(b.operation.Path, "?")
	address := b.URL + fill(path, func(name string) string { return escapeSegments(b.value("path", name)) })
	var fields []string
	for field := range strings.SplitSeq(query, "&") {
		if field != "" {
			fields = append(fields, fill(field, func(name string) string { return url.QueryEscape(b.value("query", name)) }))
		}
	}
	named := func(name string) bool {
		return slices.ContainsFunc(fields, func(field string) bool { return strings.HasPrefix(field, name+"=") })
	}
	for i := range b.operation.Parameters {
		p := &b.operation.Parameters[i]
		if p.In == "query" && (p.Required || len(p.Examples) > 0) && !named(p.Name) {
			fields = append(fields, url.QueryEscape(p.Name)+"="+url.QueryEscape(b.of.Example(p)))
		}
	}
	if b.Query != "" {
		fields = append(fields, url.QueryEscape(b.Query)+"="+url.QueryEscape(b.Version))
	}
	if len(fields) > 0 {
		address += "?" + strings.Join(fields, "&")
	}
	return address
}

// value is the example of a parameter, or its name in capitals.
func (b *builder) value(in, name string) string {
	for i := range b.operation.Parameters {
		p := &b.operation.Parameters[i]
		if strings.EqualFold(p.Name, name) && p.In == in && b.of != nil && p.Given() {
			if value := b.of.Example(p); value != "" {
				return value
			}
		}
	}
	return strings.Map(func(c rune) rune {
		if c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			return c
		}
		return '_'
	}, strings.ToUpper(strings.TrimPrefix(name, "*")))
}

// fill puts values in the place of the names in braces.
func fill(template string, value func(name string) string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(template, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			b.WriteString("{" + rest)
			return b.String()
		}
		b.WriteString(value(name))
		template = after
	}
}

// escapeSegments escapes a value that may be several segments of a path.
func escapeSegments(value string) string {
	segments := strings.Split(value, "/")
	for i := range segments {
		segments[i] = url.PathEscape(segments[i])
	}
	return strings.Join(segments, "/")
}

// headers are those that a call needs.
func (b *builder) headers() []sample.Pair {
	var out []sample.Pair
	add := func(name, value string) {
		if !slices.ContainsFunc(out, func(h sample.Pair) bool { return strings.EqualFold(h.Name, name) }) {
			out = append(out, sample.Pair{Name: name, Value: value})
		}
	}
	if b.SubscriptionRequired && b.KeyHeader != "" {
		add(b.KeyHeader, "YOUR_SUBSCRIPTION_KEY")
	}
	if b.Header != "" {
		add(b.Header, b.Version)
	}
	b.credentials(add)
	for i := range b.operation.Parameters {
		p := &b.operation.Parameters[i]
		if p.In == "header" && (p.Required || len(p.Examples) > 0) && !reserved(p.Name) {
			add(p.Name, b.of.Example(p))
		}
	}
	if accept := b.accept(); accept != "" {
		add("Accept", accept)
	}
	return out
}

// reserved are the headers that are told apart: OpenAPI has them say nothing.
func reserved(name string) bool {
	return strings.EqualFold(name, "Accept") || strings.EqualFold(name, "Content-Type") || strings.EqualFold(name, "Authorization")
}

// credentials adds what the first alternative of the document's security needs.
func (b *builder) credentials(add func(name, value string)) {
	if len(b.operation.Security) == 0 {
		return
	}
	for _, n := range b.operation.Security[0].Schemes {
		s := n.Scheme
		switch {
		case s.Type == "http" && strings.EqualFold(s.HTTP, "basic"):
			add("Authorization", "Basic YOUR_CREDENTIALS")
		case s.Type == "http" && s.HTTP != "":
			add("Authorization", "Bearer YOUR_TOKEN")
		case s.Type == "oauth2" || s.Type == "openIdConnect":
			add("Authorization", "Bearer YOUR_TOKEN")
		case s.Type == "apiKey" && s.In == "header" && !strings.EqualFold(s.Parameter, b.KeyHeader):
			add(s.Parameter, "YOUR_API_KEY")
		}
	}
}

// accept is the media type of the first answer that is a success.
func (b *builder) accept() string {
	for _, r := range b.operation.Responses {
		if strings.HasPrefix(r.Status, "2") && len(r.Media) > 0 && !strings.Contains(r.Media[0].Type, "*") {
			return r.Media[0].Type
		}
	}
	return ""
}

// body adds an example of the body, as JSON where it may be that.
func (b *builder) body(r *sample.Request) {
	media := b.operation.Body.Media
	if len(media) == 0 {
		return
	}
	m := &media[max(0, slices.IndexFunc(media, func(m description.Media) bool { return strings.HasSuffix(m.Type, "json") }))]
	if strings.HasPrefix(m.Type, "multipart/") {
		for _, f := range m.Fields() {
			value := f.Value
			if f.File && value == "" {
				value = "file.bin"
			}
			r.Form = append(r.Form, sample.Field{Name: f.Name, Value: value, File: f.File})
		}
		return
	}
	r.Body, _ = m.Example(description.Request)
	if r.Body != "" && !strings.Contains(m.Type, "*") {
		r.Headers = append(r.Headers, sample.Pair{Name: "Content-Type", Value: m.Type})
	}
}
