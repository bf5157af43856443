package json

import (
	"encoding/base64"
	"math"

	"github.com/sallyport/sallyport/internal/expr/library/clr"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/date"
)

// base64Text is a byte[] in base64.
func base64Text(th *value.Thread, v value.Value) (value.Value, *value.Exception) {
	o, _ := v.Object()
	b, ok := o.(*value.Bytes)
	if !ok {
		return value.OfGo(""), nil
	}
	if e := th.Budget.AllocString(2 * int64(base64.StdEncoding.EncodedLen(len(b.Data)))); e != nil {
		return value.Nil, e
	}
	return value.OfGo(base64.StdEncoding.EncodeToString(b.Data)), nil
}

// Convertible returns the value that Convert.ToX works on.
func (t *Token) Convertible() (value.Value, *value.Exception) {
	if t.kind == Null || t.kind == Undefined {
		return value.Nil, value.Argument("", "Can not convert "+describe(t)+" to another type.")
	}
	if t.isContainer() {
		return value.Nil, value.Throw(value.InvalidCastException, "Unable to cast object of type '"+t.className()+"' to type 'System.IConvertible'.")
	}
	return t.val, nil
}

// The kinds that an explicit conversion takes, by its target, as in Newtonsoft's JToken.
const (
	numbers  = 1<<Integer | 1<<Float | 1<<String | 1<<Comment | 1<<Raw | 1<<Boolean
	texts    = numbers | 1<<Date | 1<<Bytes | 1<<Guid | 1<<TimeSpan | 1<<URI
	guids    = 1<<String | 1<<Comment | 1<<Raw | 1<<Guid | 1<<Bytes
	spans    = 1<<String | 1<<Comment | 1<<Raw | 1<<TimeSpan
	uris     = 1<<String | 1<<Comment | 1<<Raw | 1<<URI
	dates    = 1<<Date | 1<<String | 1<<Comment | 1<<Raw
	binaries = 1<<String | 1<<Comment | 1<<Raw | 1<<Bytes | 1<<Integer
)

// explicit is the conversion operator from JToken to the result type of the call.
func explicit(c *value.Call) (value.Value, *value.Exception) {
	to, _ := c.Result.(*types.Type)
	return convert(c.Thread, asToken(c.Args[0]), to)
}

// convert does what (T)token does. A property converts as its value does.
func convert(th *value.Thread, t *Token, to *types.Type) (value.Value, *value.Exception) {
	if t == nil {
		if to.AcceptsNull() {
			return value.Nil, nil
		}
		return value.Nil, value.NullArgument("value")
	}
	if t.kind == Property {
		t = t.items[0]
	}
	plain := to.Underlying()
	allowed, name := targets(plain)
	nullable := to.AcceptsNull()
	if nullable && plain.Kind != types.Array && (t.kind == Null || t.kind == Undefined) {
		return value.Nil, nil
	}
	if allowed&(1<<t.kind) == 0 || t.isContainer() {
		return value.Nil, value.Argument("", "Can not convert "+describe(t)+" to "+name+".")
	}
	if b, ok := bigOf(t.val); ok {
		return b.convert(th, plain)
	}
	if t.kind == Integer && plain.Kind == types.Array {
		return value.Nil, value.Argument("", "Can not convert Integer to byte array.")
	}
	return convertScalar(th, t, plain)
}

func describe(t *Token) string { return t.kind.String() }

// targets returns the kinds that convert to a type, and its name in messages.
func targets(to *types.Type) (int, string) {
	switch to.Special() {
	case types.String:
		return texts, "String"
	case types.Boolean:
		return numbers, "Boolean"
	case types.DateTime:
		return dates, "DateTime"
	case types.TimeSpan:
		return spans, "TimeSpan"
	case types.Char:
		return numbers &^ (1 << Boolean), "Char"
	}
	if to.Kind == types.Array {
		return binaries, "byte array"
	}
	switch to.Def.Name {
	case "Guid":
		return guids, "Guid"
	case "Uri":
		return uris, "Uri"
	case "DateTimeOffset":
		return dates, "DateTimeOffset"
	}
	return numbers, to.Def.Name
}

func convertScalar(th *value.Thread, t *Token, to *types.Type) (value.Value, *value.Exception) {
	env := t.world.env
	s, isText := t.val.Str()
	switch {
	case to.Special() == types.String:
		if t.kind == Bytes {
			return base64Text(th, t.val)
		}
		text, e := object.TextIn(th, t.val)
		return value.OfString(text), e
	case to.Special() == types.TimeSpan && isText:
		ticks, e := date.ParseSpan(s.Go())
		return value.Boxed(to, uint64(ticks)), e
	case to.Kind == types.Array && isText:
		if e := th.Budget.Alloc(int64(base64.StdEncoding.DecodedLen(len(s.Go())))); e != nil {
			return value.Nil, e
		}
		data, err := base64.StdEncoding.DecodeString(s.Go())
		if err != nil {
			return value.Nil, value.BadFormat("The input is not a valid Base-64 string as it contains a non-base 64 character, more than two padding characters, or an illegal character among the padding characters.")
		}
		return env.Bytes(data), nil
	case to.Special() == types.NotSpecial:
		return convertNamed(th, t, to)
	case t.kind == Date:
		return dateValue(t.val, to), nil
	}
	return clr.ChangeType(th, t.val, to)
}

// convertNamed converts to Guid, Uri and DateTimeOffset.
func convertNamed(th *value.Thread, t *Token, to *types.Type) (value.Value, *value.Exception) {
	s, isText := t.val.Str()
	if !isText {
		if to.Def != nil && to.Def.Name == "DateTimeOffset" {
			return dateValue(t.val, to), nil
		}
		return t.val, nil
	}
	if to.Def != nil && to.Def.Name == "DateTimeOffset" {
		ticks, by, e := date.ParseOffset(s.Go(), 0, th.Now())
		return value.OfObject(&object.Offset{Class: to, Ticks: ticks, By: by}), e
	}
	return clr.ParseNamed(th, s.Go(), to)
}

// dateValue turns a DateTime into a DateTimeOffset or back, as the target needs it.
func dateValue(v value.Value, to *types.Type) value.Value {
	o, isOffset := v.Object()
	switch {
	case isOffset && to.Special() == types.DateTime:
		if x, ok := o.(*object.Offset); ok {
			return value.Boxed(to, uint64(date.Bits(x.Ticks, date.Unspecified)))
		}
	case !isOffset && to.Special() != types.DateTime:
		return value.OfObject(&object.Offset{Class: to, Ticks: date.Ticks(v.Int())})
	}
	return v
}

func bigOf(v value.Value) (*bigInteger, bool) {
	o, _ := v.Object()
	b, ok := o.(*bigInteger)
	return b, ok
}

// convert converts a BigInteger: OverflowException where it does not fit.
func (b *bigInteger) convert(th *value.Thread, to *types.Type) (value.Value, *value.Exception) {
	switch {
	case to.Special() == types.String:
		return value.OfGo(b.n.String()), nil
	case to.Special() == types.Boolean:
		if !b.n.IsInt64() || b.n.Int64() != int64(int32(b.n.Int64())) {
			return value.Nil, value.Throw(value.OverflowException, "Value was either too large or too small for an Int32.")
		}
		return object.Of(th).Bool(b.n.Sign() != 0), nil
	case to.Special() == types.Double, to.Special() == types.Single:
		f, _ := b.n.Float64()
		return value.BoxedFloat(to, f), nil
	case to.Special() == types.Decimal:
		d, e := value.NewDecimal(to, b.n.Sign() < 0, b.n, 0)
		if e != nil {
			return value.Nil, e
		}
		return value.OfObject(d), nil
	}
	return clr.IntegerOf(b.n, to)
}

// extract does what Extensions.Value<T> does with a token: a token of the type as it is, otherwise the value
// of a JValue through Convert.ChangeType.
func extract(th *value.Thread, t *Token, to *types.Type) (value.Value, *value.Exception) {
	env := object.Of(th)
	switch {
	case t == nil:
		return object.Zero(to), nil
	case env.Is(value.OfObject(t), to):
		return value.OfObject(t), nil
	case t.isContainer():
		return value.Nil, value.Throw(value.InvalidCastException, "Cannot cast "+t.className()+" to "+castName(to)+".")
	case !t.val.IsNull() && env.Is(t.val, to):
		return t.val, nil
	case t.val.IsNull() && to.AcceptsNull():
		return value.Nil, nil
	}
	if _, ok := bigOf(t.val); ok {
		return value.Nil, value.Throw(value.InvalidCastException, "Object must implement IConvertible.")
	}
	return clr.ChangeType(th, t.val, to.Underlying())
}

func castName(to *types.Type) string {
	if to.Def != nil && to.NullableElem() == nil {
		return to.FullName()
	}
	return to.Name()
}

// numberOf returns a scalar as a float, for comparisons; false where it is no number.
func numberOf(t *Token) (float64, bool) {
	if b, ok := bigOf(t.val); ok {
		f, _ := b.n.Float64()
		return f, true
	}
	if o, ok := t.val.Object(); ok {
		if d, ok := o.(*value.Decimal); ok {
			return d.Float(), true
		}
	}
	switch t.kind {
	case Integer:
		return float64(t.val.Int()), true
	case Float:
		return t.val.Float(), true
	case String:
		return math.NaN(), false
	}
	return 0, false
}
