package apim

import (
	"net/url"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// formTable declares the methods that write what AsFormUrlEncodedContent has read.
func formTable() types.Table {
	const form = "this System.Collections.Generic.IDictionary<string, System.Collections.Generic.IList<string>> form"
	return types.Table{Namespace: namespace, Decl: "static class FormExtensions", Hidden: true, Members: []types.Entry{
		{Sig: "static string ToFormUrlEncodedContent(" + form + ")", Impl: types.Func(formText(""))},
		{Sig: "static string ToQueryString(" + form + ")", Impl: types.Func(formText("?"))},
	}}
}

// formText writes name=value pairs with & between them, in the form's order, behind a prefix.
func formText(prefix string) func(c *value.Call) (value.Value, *value.Exception) {
	return func(c *value.Call) (value.Value, *value.Exception) {
		if e := c.NotNull(0, "form"); e != nil {
			return value.Nil, e
		}
		pairs, e := object.List(c.Thread, c.Args[0])
		if e != nil {
			return value.Nil, e
		}
		var b strings.Builder
		for _, p := range pairs {
			o, _ := p.Object()
			pair, ok := o.(*object.Pair)
			if !ok {
				continue
			}
			vals, e := object.Strings(c.Thread, pair.Value)
			if e != nil {
				return value.Nil, e
			}
			for _, v := range vals {
				if b.Len() > 0 {
					b.WriteByte('&')
				}
				b.WriteString(url.QueryEscape(pair.Key.StringOrNull().Go()) + "=" + url.QueryEscape(v))
			}
		}
		if b.Len() == 0 {
			return value.OfGo(""), nil
		}
		return c.ReturnString(prefix + b.String())
	}
}
