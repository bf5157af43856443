package apim

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// urlText is IUrl.ToString(): the whole URL, without the port that the scheme implies.
func urlText(u *host.URL) string {
	var b strings.Builder
	b.WriteString(u.Scheme + "://" + u.Host)
	if u.Port != 0 && !(u.Scheme == "http" && u.Port == 80) && !(u.Scheme == "https" && u.Port == 443) {
		b.WriteString(":" + strconv.Itoa(u.Port))
	}
	b.WriteString(u.Path)
	if u.RawQuery != "" {
		b.WriteString("?" + u.RawQuery)
	}
	return b.String()
}

// unescaped is the text of a URL as System.Uri shows it: what needs no escape is not escaped.
func unescaped(t *value.Thread, u *host.URL) (value.String, *value.Exception) {
	text := urlText(u)
	class := object.Of(t).Named("System.Uri")
	if !strings.Contains(text, "%") {
		return value.Str(text), nil
	}
	uri, e := uriOf(t, text, class)
	if e != nil {
		return value.Str(text), nil
	}
	return object.Text(uri)
}

// maxPairs is the largest number of parameters of a query or a form that are read.
const maxPairs = 10_000

// readPairs adds the pairs of a query or a form.
func (l *list) readPairs(raw string) {
	for n := 0; raw != "" && n < maxPairs; n++ {
		var part string
		part, raw, _ = strings.Cut(raw, "&")
		if part == "" {
			continue
		}
		name, v, _ := strings.Cut(part, "=")
		l.add(unescape(name), unescape(v))
	}
}

// unescape decodes a part of a query; what cannot be decoded stays as it is.
func unescape(s string) string {
	if d, err := url.QueryUnescape(s); err == nil {
		return d
	}
	return s
}

// query returns the query as a dictionary. The one of context.Request.Url is read once in a run.
func query(r *run, u *host.URL) value.Value {
	keep := r.fixed(kindQuery)
	if l, ok := keep.data.(*list); ok && keep.class != nil && r.queryOf == u && r.queryRaw == u.RawQuery {
		return value.OfObject(l)
	}
	l := &list{class: r.kinds.of[kindQuery], env: r.env, vals: map[string][]string{}, fold: true}
	l.readPairs(u.RawQuery)
	keep.class, keep.data = l.class, l
	r.queryOf, r.queryRaw = u, u.RawQuery
	return value.OfObject(l)
}

func urlTable() types.Table {
	return types.Table{Namespace: namespace, Decl: "interface IUrl", Members: []types.Entry{
		{Sig: "string Host { get; }", Impl: strOf(func(u *host.URL) string { return u.Host })},
		{Sig: "string Path { get; }", Impl: strOf(func(u *host.URL) string { return u.Path })},
		{Sig: "int Port { get; }", Impl: intOf(func(u *host.URL) int64 { return int64(u.Port) })},
		{Sig: "string Scheme { get; }", Impl: strOf(func(u *host.URL) string { return u.Scheme })},
		{Sig: "string QueryString { get; }", Impl: strOf(func(u *host.URL) string {
			if u.RawQuery == "" {
				return ""
			}
			return "?" + u.RawQuery
		})},
		{Sig: "IQuery Query { get; }", Impl: valOf(query)},
		{Sig: "string ToString()", Impl: types.ObjStr(func(t *value.Thread, o value.Value) (value.String, *value.Exception) {
			_, u, ok := data[*host.URL](o)
			if !ok {
				return value.Null, value.NullReference()
			}
			return unescaped(t, u)
		})},
		{Sig: "System.Uri ToUri()", Impl: types.Func(toURI), Traits: types.Unlisted},
	}}
}

// toURI makes a System.Uri by its own constructor.
func toURI(c *value.Call) (value.Value, *value.Exception) {
	_, u, _ := data[*host.URL](c.Args[0])
	if u == nil {
		return value.Nil, value.NullReference()
	}
	return uriOf(c.Thread, urlText(u), asType(c.Result))
}

func uriOf(t *value.Thread, text string, class *types.Type) (value.Value, *value.Exception) {
	for _, m := range class.Members(".ctor") {
		if fn, ok := m.Impl.(types.Func); ok && len(m.Params) == 1 {
			return fn(&value.Call{Thread: t, Args: []value.Value{value.OfGo(text)}, Declaring: class, Result: class})
		}
	}
	return value.Nil, value.NotSupported("There is no System.Uri.")
}

// NetString makes IUrl's ToString what context.Request.Url shows in a text.
func (n *node) NetString() (value.String, *value.Exception) {
	if u, ok := n.data.(*host.URL); ok {
		return value.Str(urlText(u)), nil
	}
	return value.Str(n.class.FullName()), nil
}
