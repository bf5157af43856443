package uri

import (
	"strings"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

const namespace = "System"

// Tables returns the tables of the package.
func Tables() []types.Table {
	members := []types.Entry{
		{Sig: "Uri(string uriString)", Impl: types.Func(newURI)},
		{Sig: "Uri(string uriString, UriKind uriKind)", Impl: types.Func(newURI)},
		{Sig: "Uri(Uri baseUri, string relativeUri)", Impl: types.Func(newRelative)},
		{Sig: "Uri(Uri baseUri, Uri relativeUri)", Impl: types.Func(newRelative)},
		{Sig: "static string EscapeDataString(string stringToEscape)", Impl: escaping("stringToEscape", escapeData)},
		{Sig: "static string EscapeUriString(string stringToEscape)", Impl: escaping("stringToEscape", escapeURI)},
		{Sig: "static string UnescapeDataString(string stringToUnescape)", Impl: escaping("stringToUnescape", unescapeData)},
		{Sig: "static bool TryCreate(string uriString, UriKind uriKind, out Uri result)", Impl: types.Func(tryCreate)},
		{Sig: "static bool TryCreate(Uri baseUri, string relativeUri, out Uri result)", Impl: types.Func(tryCombine)},
		{Sig: "static bool IsWellFormedUriString(string uriString, UriKind uriKind)", Impl: types.Func(isWellFormed)},
		{Sig: "static bool CheckSchemeName(string schemeName)", Impl: types.NullStrBool(func(s value.String) bool { return isScheme(s.Go()) })},
		{Sig: "static UriHostNameType CheckHostName(string name)", Impl: types.Func(checkHostName)},
		{Sig: "bool IsBaseOf(Uri uri)", Impl: types.Func(isBaseOf)},
		{Sig: "Uri MakeRelativeUri(Uri uri)", Impl: types.Func(makeRelative)},
		{Sig: "string GetLeftPart(UriPartial part)", Impl: types.Func(leftPart)},
		{Sig: "static bool operator ==(Uri uri1, Uri uri2)", Impl: types.Func(same)},
		{Sig: "static bool operator !=(Uri uri1, Uri uri2)", Impl: types.Func(other)},
	}
	return []types.Table{
		{Namespace: namespace, Decl: "class Uri", Members: append(append(members, properties()...), hexMembers()...)},
		{Namespace: namespace, Decl: "enum UriPartial", Members: enum("Scheme", "Authority", "Path", "Query")},
		{Namespace: namespace, Decl: "enum UriKind", Members: enum("RelativeOrAbsolute", "Absolute", "Relative")},
		{Namespace: namespace, Decl: "enum UriHostNameType", Members: enum("Unknown", "Basic", "Dns", "IPv4", "IPv6")},
	}
}

func enum(sigs ...string) []types.Entry {
	list := make([]types.Entry, len(sigs))
	for i, s := range sigs {
		list[i].Sig = s
	}
	return list
}

func properties() []types.Entry {
	list := []types.Entry{
		{Sig: "bool IsAbsoluteUri { get; }", Impl: types.ObjBool(func(_ *value.Thread, o value.Value) (bool, *value.Exception) { return !of(o).relative, nil })},
		{Sig: "string OriginalString { get; }", Impl: types.ObjStr(func(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
			return value.Str(of(o).original), nil
		})},
		{Sig: "int Port { get; }", Impl: types.ObjInt(port)},
		{Sig: "bool IsDefaultPort { get; }", Impl: flag((*reference).isDefaultPort)},
		{Sig: "bool IsFile { get; }", Impl: flag(func(r *reference) bool { return r.scheme == "file" })},
		{Sig: "bool IsUnc { get; }", Impl: flag(func(r *reference) bool { return r.scheme == "file" && r.host != "" })},
		{Sig: "bool IsLoopback { get; }", Impl: flag(isLoopback)},
		{Sig: "UriHostNameType HostNameType { get; }", Impl: types.ObjInt(hostNameType)},
		{Sig: "string[] Segments { get; }", Impl: types.Func(segments)},
	}
	for _, p := range []struct {
		name string
		get  func(*reference) string
	}{
		{"AbsolutePath", func(r *reference) string { return r.path }},
		{"AbsoluteUri", (*reference).absolute},
		{"Authority", (*reference).authority},
		{"DnsSafeHost", func(r *reference) string { return strings.Trim(r.host, "[]") }},
		{"IdnHost", func(r *reference) string { return strings.Trim(r.host, "[]") }},
		{"Fragment", func(r *reference) string { return r.fragment }},
		{"Host", func(r *reference) string { return r.host }},
		{"LocalPath", func(r *reference) string { return unescapeData(r.path) }},
		{"PathAndQuery", func(r *reference) string { return r.path + r.query }},
		{"Query", func(r *reference) string { return r.query }},
		{"Scheme", func(r *reference) string { return r.scheme }},
		{"UserInfo", func(r *reference) string { return r.user }},
	} {
		list = append(list, types.Entry{Sig: "string " + p.name + " { get; }", Impl: text(p.get)})
	}
	for _, scheme := range []string{"Http", "Https", "Ftp", "File", "Mailto"} {
		list = append(list, types.Entry{Sig: "const string UriScheme" + scheme + ` = "` + strings.ToLower(scheme) + `"`})
	}
	return list
}

// of returns a receiver.
func of(v value.Value) *reference {
	o, _ := v.Object()
	if r, ok := o.(*reference); ok {
		return r
	}
	return &reference{relative: true}
}

func relativeError() *value.Exception {
	return value.InvalidOperation("This operation is not supported for a relative URI.")
}

// text is a property of absolute references.
func text(f func(*reference) string) types.ObjStr {
	return func(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
		r := of(o)
		if r.relative {
			return value.Null, relativeError()
		}
		return value.Str(f(r)), nil
	}
}

func flag(f func(*reference) bool) types.ObjBool {
	return func(_ *value.Thread, o value.Value) (bool, *value.Exception) {
		r := of(o)
		if r.relative {
			return false, relativeError()
		}
		return f(r), nil
	}
}

func port(_ *value.Thread, o value.Value) (int64, *value.Exception) {
	r := of(o)
	if r.relative {
		return 0, relativeError()
	}
	return int64(r.port), nil
}

func escaping(param string, f func(string) string) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		if e := c.NotNull(0, param); e != nil {
			return value.Nil, e
		}
		if e := c.Thread.Budget.Steps(int64(len(c.Go(0)))/16 + 1); e != nil {
			return value.Nil, e
		}
		return c.ReturnString(f(c.Go(0)))
	}
}

func segments(c *value.Call) (value.Value, *value.Exception) {
	r := of(c.Args[0])
	if r.relative {
		return value.Nil, relativeError()
	}
	list := strings.SplitAfter(r.path, "/")
	if n := len(list); list[n-1] == "" {
		list = list[:n-1]
	}
	return object.Of(c.Thread).Strings(list), nil
}
