package apim

import (
	"maps"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

const generic = "System.Collections.Generic."

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }

// pairs enumerates KeyValuePair<string, T> for keys in order.
func pairs(env *object.Env, elem *types.Type, keys []string, get func(key string) value.Value) value.Iterator {
	class := env.Generic(generic+"KeyValuePair", env.Type(types.String), elem)
	i := -1
	return func() (value.Value, bool, *value.Exception) {
		if i+1 >= len(keys) {
			return value.Nil, false, nil
		}
		i++
		return value.OfObject(&object.Pair{Class: class, Key: value.OfGo(keys[i]), Value: get(keys[i])}), true, nil
	}
}

// variables is context.Variables.
type variables node

// ObjectType returns the type IVariables.
func (v *variables) ObjectType() value.Type { return v.class }

func (v *variables) vars() host.Variables {
	if v.run == nil || v.run.host == nil {
		return nil
	}
	return v.run.host.Variables
}

// Count returns the number of variables.
func (v *variables) Count() int {
	if v.vars() == nil {
		return 0
	}
	return v.vars().Len()
}

// Lookup returns a variable.
func (v *variables) Lookup(_ *value.Thread, key value.Value) (value.Value, bool, *value.Exception) {
	if v.vars() == nil {
		return value.Nil, false, nil
	}
	x, ok := v.vars().Get(key.StringOrNull().Go())
	return x, ok, nil
}

// Iterate enumerates the variables as they are now.
func (v *variables) Iterate(*value.Thread) value.Iterator {
	var keys []string
	values := map[string]value.Value{}
	if v.vars() != nil {
		v.vars().Each(func(name string, x value.Value) bool {
			keys = append(keys, name)
			values[name] = x
			return true
		})
	}
	return pairs(v.run.env, v.run.env.Type(types.Object), keys, func(key string) value.Value { return values[key] })
}

func asVariables(o value.Value) *variables {
	v, _ := value.As[*variables](o)
	return v
}

func variablesTable() types.Table {
	return types.Table{Namespace: namespace, Decl: "interface IVariables : System.Collections.Generic.IReadOnlyDictionary<string, object>", Members: []types.Entry{
		{Sig: "object this[string key] { get; }", Impl: types.Bindable{Impl: types.ObjStrVal(variable), Bind: bindVariable}},
		{Sig: "bool ContainsKey(string key)", Impl: types.ObjStrBool(func(_ *value.Thread, o value.Value, name value.String) (bool, *value.Exception) {
			v := asVariables(o)
			if name.IsNull() {
				return false, value.NullArgument("key")
			}
			if v == nil || v.vars() == nil {
				return false, nil
			}
			_, ok := v.vars().Get(name.Go())
			return ok, nil
		})},
		{Sig: "T GetValueOrDefault<T>(string variableName, T defaultValue = default(T))", Impl: types.Bindable{Impl: types.ObjStrValAs(variableAs), Bind: bindVariableAs}},
		{Sig: "object GetValueOrDefault(string variableName, object defaultValue = null)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			v := asVariables(c.Args[0])
			if v != nil && v.vars() != nil {
				if x, ok := v.vars().Get(c.Go(1)); ok {
					return x, nil
				}
			}
			return c.Args[2], nil
		}), Traits: types.Unlisted},
	}}
}

// variable reads a variable that must be there.
func variable(_ *value.Thread, o value.Value, name value.String) (value.Value, *value.Exception) {
	v := asVariables(o)
	if name.IsNull() {
		return value.Nil, value.NullArgument("key")
	}
	if v != nil && v.vars() != nil {
		if x, ok := v.vars().Get(name.Go()); ok {
			return x, nil
		}
	}
	return value.Nil, value.KeyNotFound(name.Go())
}

// bindVariable binds the name of a variable of the run.
func bindVariable(u *types.Use) types.Impl {
	name, ok := u.Text(0)
	root := rootOf[host.Variables](u)
	if !ok || root == nil {
		return nil
	}
	return types.RunVal(func(t *value.Thread) (value.Value, *value.Exception) {
		if v, ok := root(t); ok {
			if x, ok := v.Get(name); ok {
				return x, nil
			}
		}
		return value.Nil, value.KeyNotFound(name)
	})
}

// bindVariableAs binds the name and the default of a variable of the run.
func bindVariableAs(u *types.Use) types.Impl {
	name, ok := u.Text(0)
	root := rootOf[host.Variables](u)
	if !ok || root == nil || !u.AllKnown() {
		return nil
	}
	def, as := u.Args[1].Value, u.TypeArgs[0]
	get := func(t *value.Thread) (value.Value, *value.Exception) {
		if v, ok := root(t); ok {
			if x, ok := v.Get(name); ok {
				return castVariable(t, x, as)
			}
		}
		return defaultOf(def, as), nil
	}
	if as.Storage() != types.Str {
		return types.RunVal(get)
	}
	return types.RunStr(func(t *value.Thread) (value.String, *value.Exception) {
		x, e := get(t)
		return x.StringOrNull(), e
	})
}

// variableAs is GetValueOrDefault<T>: the variable cast to T.
func variableAs(t *value.Thread, o value.Value, name value.String, def value.Value, as value.Type) (value.Value, *value.Exception) {
	v, tt := asVariables(o), asType(as)
	if name.IsNull() {
		return value.Nil, value.NullArgument("key")
	}
	if v == nil || v.vars() == nil {
		return defaultOf(def, tt), nil
	}
	x, ok := v.vars().Get(name.Go())
	if !ok {
		return defaultOf(def, tt), nil
	}
	return castVariable(t, x, tt)
}

// castVariable is the cast of a variable's value to T.
func castVariable(t *value.Thread, x value.Value, as *types.Type) (value.Value, *value.Exception) {
	if x.IsNull() {
		if as.IsValueType() && as.NullableElem() == nil {
			return value.Nil, value.NullReference()
		}
		return value.Nil, nil
	}
	if as.Storage() == types.Str {
		if _, ok := x.Str(); ok {
			return x, nil
		}
	}
	env := object.Of(t)
	if !env.Is(x, as) {
		return value.Nil, value.BadCast(env.TypeOf(x).FullName(), as.FullName())
	}
	return x, nil
}

func asType(t value.Type) *types.Type {
	tt, _ := t.(*types.Type)
	return tt
}

func defaultOf(def value.Value, t *types.Type) value.Value {
	if def.IsNull() {
		return object.Zero(t)
	}
	return def
}

// parameters is context.Request.MatchedParameters.
type parameters node

// ObjectType returns the type IMatchedParameters.
func (p *parameters) ObjectType() value.Type { return p.class }

func (p *parameters) request() host.Request {
	r, _ := p.data.(host.Request)
	return r
}

// maxParameters is the largest number of parameters of a URL template that are looked at.
const maxParameters = 1000

// each calls f with each parameter until it returns false.
func (p *parameters) each(f func(name, v string) bool) {
	r := p.request()
	for i := 0; r != nil && i < maxParameters; i++ {
		name, v := r.Parameter(i)
		if name == "" || !f(name, v) {
			return
		}
	}
}

func (p *parameters) get(name string) (v string, ok bool) {
	p.each(func(n, x string) bool {
		if n == name || strings.EqualFold(n, name) {
			v, ok = x, true
		}
		return !ok
	})
	return v, ok
}

// Count returns the number of parameters.
func (p *parameters) Count() int {
	n := 0
	p.each(func(string, string) bool { n++; return true })
	return n
}

// Lookup returns a parameter.
func (p *parameters) Lookup(_ *value.Thread, key value.Value) (value.Value, bool, *value.Exception) {
	v, ok := p.get(key.StringOrNull().Go())
	return value.OfGo(v), ok, nil
}

// Iterate enumerates the parameters.
func (p *parameters) Iterate(*value.Thread) value.Iterator {
	var keys []string
	p.each(func(name, _ string) bool { keys = append(keys, name); return true })
	return pairs(p.run.env, p.run.env.Type(types.String), keys, func(key string) value.Value {
		v, _ := p.get(key)
		return value.OfGo(v)
	})
}

func parametersTable() types.Table {
	get := func(o value.Value, name value.String) (string, bool) {
		x, _ := o.Object()
		p, ok := x.(*parameters)
		if !ok || name.IsNull() {
			return "", false
		}
		return p.get(name.Go())
	}
	return types.Table{Namespace: namespace, Decl: "interface IMatchedParameters : System.Collections.Generic.IReadOnlyDictionary<string, string>", Members: []types.Entry{
		{Sig: "string this[string key] { get; }", Impl: types.ObjStrVal(func(_ *value.Thread, o value.Value, name value.String) (value.Value, *value.Exception) {
			if name.IsNull() {
				return value.Nil, value.NullArgument("key")
			}
			v, ok := get(o, name)
			if !ok {
				return value.Nil, value.KeyNotFound(name.Go())
			}
			return value.OfGo(v), nil
		})},
		{Sig: "bool ContainsKey(string key)", Impl: types.ObjStrBool(func(_ *value.Thread, o value.Value, name value.String) (bool, *value.Exception) {
			_, ok := get(o, name)
			return ok, nil
		})},
		{Sig: "string GetValueOrDefault(string key, string defaultValue = null)", Impl: types.ObjStrStrStr(func(_ *value.Thread, o value.Value, name, def value.String) (value.String, *value.Exception) {
			if v, ok := get(o, name); ok {
				return value.Str(v), nil
			}
			return def, nil
		})},
	}}
}
