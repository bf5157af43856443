package apim

import (
	"strings"

	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// multi is a dictionary of names with several values each: headers, query parameters, claims.
type multi interface {
	value.Mapping
	// joined returns the values of a name with commas between them.
	joined(name string) (string, bool)
	// values returns the values of a name, nil where it is not there.
	values(name string) []string
}

// headers is the headers of a message.
type headers node

// ObjectType returns the type IHeaders.
func (h *headers) ObjectType() value.Type { return h.class }

func (h *headers) host() host.Headers {
	x, _ := h.data.(host.Headers)
	return x
}

func (h *headers) joined(name string) (string, bool) {
	if x := h.host(); x != nil {
		return x.Get(name)
	}
	return "", false
}

func (h *headers) values(name string) []string {
	if x := h.host(); x != nil {
		return x.Values(name)
	}
	return nil
}

// Count returns the number of different names.
func (h *headers) Count() int {
	if x := h.host(); x != nil {
		return x.Len()
	}
	return 0
}

// Lookup returns the values of a header as a string[].
func (h *headers) Lookup(_ *value.Thread, key value.Value) (value.Value, bool, *value.Exception) {
	return lookupMulti(h, h.run.env, key)
}

// Iterate enumerates the headers in order.
func (h *headers) Iterate(*value.Thread) value.Iterator {
	var keys []string
	if x := h.host(); x != nil {
		x.Each(func(name string, _ []string) bool {
			keys = append(keys, name)
			return true
		})
	}
	return pairsOf(h, h.run.env, keys)
}

func lookupMulti(m multi, env *object.Env, key value.Value) (value.Value, bool, *value.Exception) {
	list := m.values(key.StringOrNull().Go())
	if list == nil {
		return value.Nil, false, nil
	}
	return env.Strings(list), true, nil
}

func pairsOf(m multi, env *object.Env, keys []string) value.Iterator {
	return pairs(env, env.Lib.ArrayOf(env.Type(types.String), 1), keys, func(key string) value.Value { return env.Strings(m.values(key)) })
}

func multiOf(o value.Value) multi {
	x, _ := o.Object()
	m, _ := x.(multi)
	return m
}

// multiTable declares one of the dictionaries of several values.
func multiTable(name string) types.Table {
	get := func(_ *value.Thread, o value.Value, key, def value.String) (value.String, *value.Exception) {
		if key.IsNull() {
			return value.Null, value.NullArgument("key")
		}
		if m := multiOf(o); m != nil {
			if s, ok := m.joined(key.Go()); ok {
				return value.Str(s), nil
			}
		}
		return def, nil
	}
	return types.Table{Namespace: namespace, Decl: "interface " + name + " : System.Collections.Generic.IReadOnlyDictionary<string, string[]>", Members: []types.Entry{
		{Sig: "string GetValueOrDefault(string name, string defaultValue = null)", Impl: types.ObjStrStrStr(get)},
		{Sig: "bool ContainsKey(string key)", Impl: types.ObjStrBool(func(_ *value.Thread, o value.Value, key value.String) (bool, *value.Exception) {
			if key.IsNull() {
				return false, value.NullArgument("key")
			}
			m := multiOf(o)
			if m == nil {
				return false, nil
			}
			_, ok := m.joined(key.Go())
			return ok, nil
		})},
		{Sig: "string[] this[string key] { get; }", Impl: types.ObjStrVal(func(t *value.Thread, o value.Value, key value.String) (value.Value, *value.Exception) {
			if key.IsNull() {
				return value.Nil, value.NullArgument("key")
			}
			if m := multiOf(o); m != nil {
				if list := m.values(key.Go()); list != nil {
					return object.Of(t).Strings(list), nil
				}
			}
			return value.Nil, value.KeyNotFound(key.Go())
		})},
	}}
}

// list is a dictionary of several values that has been read: a query, claims, a form.
type list struct {
	class value.Type
	env   *object.Env
	keys  []string
	vals  map[string][]string
	// fold says that names are looked up without case.
	fold bool
}

// ObjectType returns the dictionary's interface.
func (l *list) ObjectType() value.Type { return l.class }

func (l *list) add(name, v string) {
	key := l.key(name)
	if _, ok := l.vals[key]; !ok {
		l.keys = append(l.keys, name)
	}
	l.vals[key] = append(l.vals[key], v)
}

func (l *list) key(name string) string {
	if l.fold {
		return strings.ToLower(name)
	}
	return name
}

func (l *list) values(name string) []string { return l.vals[l.key(name)] }

func (l *list) joined(name string) (string, bool) {
	v, ok := l.vals[l.key(name)]
	return strings.Join(v, ","), ok
}

// Count returns the number of names.
func (l *list) Count() int { return len(l.keys) }

// Lookup returns the values of a name as a string[].
func (l *list) Lookup(_ *value.Thread, key value.Value) (value.Value, bool, *value.Exception) {
	return lookupMulti(l, l.env, key)
}

// Iterate enumerates the names in their order.
func (l *list) Iterate(*value.Thread) value.Iterator { return pairsOf(l, l.env, l.keys) }
