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
	// has reports whether there is a name.
	has(name string) bool
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

func (h *headers) has(name string) bool {
	_, ok := h.joined(name)
	return ok
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
	vals := h.values(key.StringOrNull().Go())
	if vals == nil {
		return value.Nil, false, nil
	}
	return h.run.env.Strings(vals), true, nil
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

func pairsOf(m multi, env *object.Env, keys []string) value.Iterator {
	return pairs(env, env.Lib.ArrayOf(env.Type(types.String), 1), keys, func(key string) value.Value {
		a, _, _ := m.Lookup(nil, value.OfGo(key))
		return a
	})
}

func multiOf(o value.Value) multi {
	if h, ok := value.As[*headers](o); ok {
		return h
	}
	if l, ok := value.As[*list](o); ok {
		return l
	}
	return nil
}

func getOrDefault(_ *value.Thread, o value.Value, key, def value.String) (value.String, *value.Exception) {
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

// bindGetOrDefault binds a known name and default, of the headers of the run's own messages at best.
func bindGetOrDefault(u *types.Use) types.Impl {
	name, ok := u.Text(0)
	if ok && u.Path == "Request.Headers" && !u.AllKnown() {
		return bindGetOr(u, name)
	}
	if !ok || !u.AllKnown() {
		return nil
	}
	key, def := value.Str(name), u.Args[1].Value.StringOrNull()
	if !u.Rooted {
		return types.ObjStr(func(t *value.Thread, o value.Value) (value.String, *value.Exception) {
			return getOrDefault(t, o, key, def)
		})
	}
	root := rootOf[host.Headers](u)
	if root == nil {
		return nil
	}
	return types.RunStr(func(t *value.Thread) (value.String, *value.Exception) {
		h, ok := root(t)
		if !ok {
			return value.Null, value.NullReference()
		}
		if s, ok := h.Get(name); ok {
			return value.Str(s), nil
		}
		return def, nil
	})
}

// bindGetOr binds a known name of a header of the request, which each run has, where the default is computed.
func bindGetOr(u *types.Use, name string) types.Impl {
	root := rootOf[host.Headers](u)
	return types.NullStrStr(func(t *value.Thread, def value.String) (value.String, *value.Exception) {
		h, ok := root(t)
		if !ok {
			return value.Null, value.NullReference()
		}
		if s, ok := h.Get(name); ok {
			return value.Str(s), nil
		}
		return def, nil
	})
}

// multiTable declares one of the dictionaries of several values.
func multiTable(name string) types.Table {
	return types.Table{Namespace: namespace, Decl: "interface " + name + " : System.Collections.Generic.IReadOnlyDictionary<string, string[]>", Members: []types.Entry{
		{Sig: "string GetValueOrDefault(string name, string defaultValue = null)", Impl: types.Bindable{Impl: types.ObjStrStrStr(getOrDefault), Bind: bindGetOrDefault}},
		{Sig: "bool ContainsKey(string key)", Impl: types.ObjStrBool(func(_ *value.Thread, o value.Value, key value.String) (bool, *value.Exception) {
			if key.IsNull() {
				return false, value.NullArgument("key")
			}
			m := multiOf(o)
			return m != nil && m.has(key.Go()), nil
		})},
		{Sig: "string[] this[string key] { get; }", Impl: types.Bindable{Impl: types.ObjStrVal(arrayOf), Bind: bindArrayOf}},
	}}
}

// arrayOf returns the values of a name, which must be there.
func arrayOf(t *value.Thread, o value.Value, key value.String) (value.Value, *value.Exception) {
	if key.IsNull() {
		return value.Nil, value.NullArgument("key")
	}
	if l, ok := value.As[*list](o); ok {
		if a, ok := l.array(key.Go()); ok {
			return a, nil
		}
	} else if m := multiOf(o); m != nil {
		if a, ok, e := m.Lookup(t, value.OfString(key)); ok || e != nil {
			return a, e
		}
	}
	return value.Nil, value.KeyNotFound(key.Go())
}

// bindArrayOf binds a known name.
func bindArrayOf(u *types.Use) types.Impl {
	name, ok := u.Text(0)
	if !ok || u.Rooted {
		return nil
	}
	key := value.Str(name)
	return types.ObjVal(func(t *value.Thread, o value.Value) (value.Value, *value.Exception) { return arrayOf(t, o, key) })
}

// list is a dictionary of several values that has been read: a query, claims, a form.
type list struct {
	class value.Type
	env   *object.Env
	keys  []string
	vals  map[string][]string
	// fold says that names are looked up without case.
	fold bool
	// arrays are the values as string[], made once where the dictionary outlives a run; nil where it does not.
	arrays map[string]value.Value
}

// keepArrays makes the arrays: reading a name twice gives the same one, as a dictionary of .NET does.
func (l *list) keepArrays() {
	l.arrays = make(map[string]value.Value, len(l.vals))
	for name, vals := range l.vals {
		l.arrays[name] = l.env.Strings(vals)
	}
}

// array returns the values of a name as a string[].
func (l *list) array(name string) (value.Value, bool) {
	name = l.key(name)
	if a, ok := l.arrays[name]; ok {
		return a, true
	}
	if vals, ok := l.vals[name]; ok {
		return l.env.Strings(vals), true
	}
	return value.Nil, false
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

func (l *list) joined(name string) (string, bool) {
	v, ok := l.vals[l.key(name)]
	return strings.Join(v, ","), ok
}

func (l *list) has(name string) bool {
	_, ok := l.vals[l.key(name)]
	return ok
}

// Count returns the number of names.
func (l *list) Count() int { return len(l.keys) }

// Lookup returns the values of a name as a string[].
func (l *list) Lookup(_ *value.Thread, key value.Value) (value.Value, bool, *value.Exception) {
	a, ok := l.array(key.StringOrNull().Go())
	return a, ok, nil
}

// Iterate enumerates the names in their order.
func (l *list) Iterate(*value.Thread) value.Iterator { return pairsOf(l, l.env, l.keys) }
