package json

import (
	"github.com/sallyport/sallyport/internal/expr/library/json/isodate"
	"github.com/sallyport/sallyport/internal/expr/library/json/shape"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// serialError is the full name of the exception of an object that is not serialised.
const serialError = "Newtonsoft.Json.JsonSerializationException"

// From returns an object as a token, as JToken.FromObject and JsonConvert.SerializeObject see it. A token is
// taken as it is.
func From(th *value.Thread, v value.Value) (*Token, *value.Exception) {
	s := &serializer{thread: th, world: of(th)}
	return s.from(v)
}

type serializer struct {
	thread *value.Thread
	world  *world
	depth  int
}

func (s *serializer) from(v value.Value) (*Token, *value.Exception) {
	if s.depth++; s.depth > maxDepth {
		return nil, value.Throw(serialError, "Self referencing loop detected.")
	}
	defer func() { s.depth-- }()
	if e := s.thread.Budget.Alloc(tokenBytes); e != nil {
		return nil, e
	}
	if v.IsNull() {
		return s.world.scalar(Null, value.Nil), nil
	}
	if str, ok := v.Str(); ok {
		return s.world.scalar(String, value.OfString(str)), nil
	}
	if o, ok := v.Object(); ok {
		return s.object(v, o)
	}
	return s.world.number(v), nil
}

// number returns a boxed number as a token of the kind that Newtonsoft gives its type.
func (w *world) number(v value.Value) *Token {
	bt, bits, _ := v.Boxed()
	t, _ := bt.(*types.Type)
	switch t.Special() {
	case types.Boolean:
		return w.scalar(Boolean, v)
	case types.Single, types.Double:
		return w.scalar(Float, v)
	case types.DateTime:
		return w.scalar(Date, v)
	case types.TimeSpan:
		return w.scalar(TimeSpan, v)
	case types.Char:
		return w.scalar(String, value.OfGo(value.UnitString(uint16(bits))))
	}
	if t.Kind == types.Enum {
		return w.integer(int64(bits))
	}
	return w.scalar(Integer, v)
}

func (s *serializer) object(v value.Value, o value.Object) (*Token, *value.Exception) {
	switch x := o.(type) {
	case *Token:
		return x, nil
	case *value.Decimal:
		return s.world.scalar(Float, v), nil
	case *value.Bytes:
		return s.world.scalar(Bytes, v), nil
	case *object.Guid:
		return s.world.scalar(Guid, v), nil
	case *object.Offset:
		return s.world.scalar(Date, v), nil
	case *bigInteger:
		return s.world.scalar(Integer, v), nil
	case *object.Pair:
		return s.members([]string{"Key", "Value"}, []value.Value{x.Key, x.Value})
	case *value.Record:
		return s.record(x)
	case value.Mapping:
		return s.mapping(x)
	case *value.Array:
		if len(x.Dims) > 1 {
			rows, e := shape.Rows(s.thread, x)
			if e != nil {
				return nil, e
			}
			return s.sequence(&value.Array{Items: rows})
		}
		return s.sequence(x)
	case value.Enumerable:
		return s.sequence(x)
	case formed:
		form, e := x.JSONForm(s.thread)
		if e != nil {
			return nil, e
		}
		return s.from(form)
	}
	if t, ok := o.ObjectType().(*types.Type); ok && t.Def != nil {
		if t.Def.Name == "Uri" {
			text, e := originalText(s.thread, t, v)
			return s.world.scalar(URI, value.OfString(text)), e
		}
		return s.properties(v, t)
	}
	return nil, value.Throw(serialError, "Error getting value from '"+o.ObjectType().FullName()+"'.")
}

// formed is an object that says itself what it becomes: a node of XML.
type formed interface {
	JSONForm(t *value.Thread) (value.Value, *value.Exception)
}

// memberName is the name that a key of a dictionary becomes.
func memberName(th *value.Thread, key value.Value) (value.String, *value.Exception) {
	t := object.Of(th).TypeOf(key)
	if _, isOffset := value.As[*object.Offset](key); isOffset || t.Special() == types.DateTime {
		return value.Str(isodate.Text(key)), nil
	}
	return object.TextIn(th, key)
}

// originalText is a Uri as it was written.
func originalText(th *value.Thread, t *types.Type, v value.Value) (value.String, *value.Exception) {
	for _, m := range t.Def.Members {
		if m.Name == "OriginalString" {
			got, ok, e := read(th, m, v)
			if ok {
				return got.StringOrNull(), e
			}
		}
	}
	return object.TextIn(th, v)
}

// members makes an object of names and values.
func (s *serializer) members(names []string, values []value.Value) (*Token, *value.Exception) {
	t := s.world.token(Object)
	for i, name := range names {
		v, e := s.from(values[i])
		if e != nil {
			return nil, e
		}
		if e := t.setProperty(s.thread, name, v); e != nil {
			return nil, e
		}
	}
	return t, nil
}

// record is an anonymous object or a tuple.
func (s *serializer) record(r *value.Record) (*Token, *value.Exception) {
	names := r.Names
	if names == nil {
		for i := range r.Items {
			names = append(names, "Item"+string(rune('1'+i)))
		}
	}
	return s.members(names, r.Items)
}

// mapping is a dictionary: an object with the keys' texts as names.
func (s *serializer) mapping(m value.Mapping) (*Token, *value.Exception) {
	t := s.world.token(Object)
	next := m.Iterate(s.thread)
	for {
		v, ok, e := next()
		if e != nil || !ok {
			return t, e
		}
		if e := s.thread.Budget.Step(); e != nil {
			return nil, e
		}
		o, _ := v.Object()
		p, ok := o.(*object.Pair)
		if !ok {
			continue
		}
		name, e := memberName(s.thread, p.Key)
		if e != nil {
			return nil, e
		}
		item, e := s.from(p.Value)
		if e != nil {
			return nil, e
		}
		if e := t.setProperty(s.thread, name.Go(), item); e != nil {
			return nil, e
		}
	}
}

func (s *serializer) sequence(seq value.Enumerable) (*Token, *value.Exception) {
	t := s.world.token(Array)
	next := seq.Iterate(s.thread)
	for {
		v, ok, e := next()
		if e != nil || !ok {
			return t, e
		}
		if e := s.thread.Budget.Step(); e != nil {
			return nil, e
		}
		item, e := s.from(v)
		if e != nil {
			return nil, e
		}
		if e := t.append(s.thread, item); e != nil {
			return nil, e
		}
	}
}

// properties is an object of the library: those of its properties that can be read, in the table's order.
func (s *serializer) properties(v value.Value, t *types.Type) (*Token, *value.Exception) {
	var names []string
	var values []value.Value
	for _, m := range t.Def.Members {
		if !m.CanGet || m.Static || len(m.Params) > 0 || m.Impl == nil {
			continue
		}
		got, ok, e := read(s.thread, m, v)
		if e != nil {
			return nil, e
		}
		if ok {
			names, values = append(names, m.Name), append(values, got)
		}
	}
	return s.members(names, values)
}

// read reads a property by whatever convention it has.
func read(th *value.Thread, m *types.Member, v value.Value) (value.Value, bool, *value.Exception) {
	switch fn := m.Impl.(type) {
	case types.Func:
		got, e := fn(&value.Call{Thread: th, Args: []value.Value{v}, Declaring: m.Declaring, Result: m.Result})
		return got, true, e
	case types.ObjStr:
		s, e := fn(th, v)
		return value.OfString(s), true, e
	case types.ObjInt:
		n, e := fn(th, v)
		return value.Boxed(m.Result, uint64(n)), true, e
	case types.ObjBool:
		b, e := fn(th, v)
		return object.Of(th).Bool(b), true, e
	case types.ObjVal:
		got, e := fn(th, v)
		return got, true, e
	}
	return value.Nil, false, nil
}

// Content returns the tokens that a value adds to a container: a sequence adds its elements, everything else
// one token.
func content(th *value.Thread, v value.Value) ([]*Token, *value.Exception) {
	o, _ := v.Object()
	switch x := o.(type) {
	case *Token, *value.Bytes, *value.Record:
	case value.Mapping:
	case value.Enumerable:
		var list []*Token
		next := x.Iterate(th)
		for {
			item, ok, e := next()
			if e != nil || !ok {
				return list, e
			}
			if e := th.Budget.Step(); e != nil {
				return nil, e
			}
			t, e := single(th, item)
			if e != nil {
				return nil, e
			}
			if list, e = value.Append(th, list, t); e != nil {
				return nil, e
			}
		}
	}
	t, e := single(th, v)
	return []*Token{t}, e
}

// single returns one value as a token: a JValue takes primitives only.
func single(th *value.Thread, v value.Value) (*Token, *value.Exception) {
	t, e := From(th, v)
	if bt, _, ok := v.Boxed(); ok && bt.Name() == "char" || e == nil && t.isContainer() && asToken(v) == nil {
		return nil, value.Argument("", "Could not determine JSON object type for type "+object.Of(th).TypeOf(v).FullName()+".")
	}
	return t, e
}
