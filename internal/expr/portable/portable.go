// Package portable writes C# values as bytes and reads them again, so that a value
// outlives its run: what policies keep in a cache. A value comes back with its type
// and its content, as a copy that nothing shares.
//
// Null, strings, numbers, truth values, characters, enumerations, dates, spans,
// Guid, byte[], JObject, JArray and JValue can be written, and arrays, List<T> and
// Dictionary<TKey, TValue> of them. What is alive (a response, a delegate, a
// sequence that is not finished) cannot.
package portable

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/sallyport/sallyport/internal/expr/library/collections"
	"github.com/sallyport/sallyport/internal/expr/library/json"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

const (
	// maxDepth is how deeply collections may lie in each other.
	maxDepth = 32
	// maxType is the longest name of a type, in bytes.
	maxType = 512
)

// errForm says that bytes are not the form of a value.
var errForm = errors.New("not the form of a value of that type")

// NotPortableError says that values of a type cannot be written.
type NotPortableError struct{ Type string }

// Error names the type.
func (e *NotPortableError) Error() string {
	return "a value of type " + e.Type + " cannot be kept: keep its text or its JSON"
}

// Encode returns the name of a value's type, "" for null, and the value's form. It
// takes no more than limit bytes. The error is a *NotPortableError, or says that
// the value is too large.
func Encode(env *object.Env, v value.Value, limit int) (typeName string, form []byte, err error) {
	w := &writer{env: env, limit: limit}
	name, form, err := w.value(nil, v, 0)
	if err == nil && len(form) > limit {
		err = w.tooLarge()
	}
	if err != nil {
		return "", nil, fmt.Errorf("writing a value: %w", err)
	}
	return name, form, nil
}

type writer struct {
	env   *object.Env
	limit int
}

func (w *writer) tooLarge() error { return fmt.Errorf("it has more than %d bytes", w.limit) }

// value appends the form of a value.
func (w *writer) value(b []byte, v value.Value, depth int) (string, []byte, error) {
	if depth > maxDepth {
		return "", nil, errors.New("it is nested too deeply")
	}
	if len(b) > w.limit {
		return "", nil, w.tooLarge()
	}
	if v.IsNull() {
		return "", b, nil
	}
	if s, ok := v.Str(); ok {
		return nameString, append(b, s.Go()...), nil
	}
	t := w.env.TypeOf(v)
	if t == nil {
		return "", nil, &NotPortableError{"unknown"}
	}
	if _, bits, ok := v.Boxed(); ok {
		if !hasBits(t) {
			return "", nil, &NotPortableError{t.Name()}
		}
		return nameOf(t), binary.BigEndian.AppendUint64(b, bits), nil
	}
	o, _ := v.Object()
	b, err := w.object(b, o, t, depth)
	return nameOf(t), b, err
}

// hasBits reports whether the bits of values of a type are all that they are.
func hasBits(t *types.Type) bool {
	s := t.Storage()
	return s == types.Bool || s == types.Int || s == types.Float
}

const nameString = "System.String"

// object appends the form of an object.
func (w *writer) object(b []byte, o value.Object, t *types.Type, depth int) ([]byte, error) {
	switch o := o.(type) {
	case *value.Decimal:
		lo, mid, hi := o.Words()
		b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, hi), mid), lo)
		return append(b, sign(o.Neg()), byte(o.Scale())), nil
	case *object.Guid:
		return append(b, o.ID[:]...), nil
	case *object.Offset:
		return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, uint64(o.Ticks)), uint64(o.By)), nil
	case *value.Bytes:
		return append(b, o.Data...), nil
	case *json.Token:
		return w.token(b, o)
	case *value.Array:
		if o.Dims == nil {
			return w.list(b, o.Items, depth)
		}
	case *collections.List:
		items := make([]value.Value, o.Count())
		for i := range items {
			items[i] = o.At(i)
		}
		return w.list(b, items, depth)
	case *collections.Dictionary:
		return w.dictionary(b, o, depth)
	}
	return nil, &NotPortableError{t.Name()}
}

func sign(negative bool) byte {
	if negative {
		return 1
	}
	return 0
}

// token appends a token as JSON, behind whether texts in it that look like dates
// are dates.
func (w *writer) token(b []byte, t *json.Token) ([]byte, error) {
	if !isJSON(t) {
		return nil, &NotPortableError{t.ObjectType().Name()}
	}
	text, e := json.Text(nil, t, false)
	if e != nil {
		return nil, fmt.Errorf("writing JSON: %s", e.Message)
	}
	return append(append(b, sign(hasDates(t))), text...), nil
}

// isJSON reports whether JSON text says all that a token is: an object, an array or
// a value, with nothing inside that JSON does not have.
func isJSON(t *json.Token) bool {
	return t != nil && t.Kind() != json.Property && every(t, func(scalar *json.Token) bool {
		switch scalar.Kind() {
		case json.Integer, json.Float, json.Boolean, json.Null, json.String, json.Date:
			return true
		}
		return false
	})
}

// hasDates reports whether dates are in a token: then its text is to be read with
// dates.
func hasDates(t *json.Token) bool {
	return !every(t, func(scalar *json.Token) bool { return scalar.Kind() != json.Date })
}

// every reports whether f holds of each value in a token.
func every(t *json.Token, f func(scalar *json.Token) bool) bool {
	switch t.Kind() {
	case json.Object, json.Array, json.Property:
	default:
		return f(t)
	}
	for i := range t.Count() {
		if item, ok := value.As[*json.Token](t.At(i)); !ok || !every(item, f) {
			return false
		}
	}
	return true
}

// list appends the number of elements, and each with its type.
func (w *writer) list(b []byte, items []value.Value, depth int) ([]byte, error) {
	b = binary.AppendUvarint(b, uint64(len(items)))
	for _, item := range items {
		var err error
		if b, err = w.element(b, item, depth); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// dictionary appends the number of pairs, and each with its types.
func (w *writer) dictionary(b []byte, d *collections.Dictionary, depth int) ([]byte, error) {
	b = binary.AppendUvarint(b, uint64(d.Count()))
	for next := d.Iterate(nil); ; {
		v, more, e := next()
		if e != nil {
			return nil, errors.New(e.Message)
		}
		if !more {
			return b, nil
		}
		pair, _ := value.As[*object.Pair](v)
		if pair == nil {
			return nil, errForm
		}
		for _, part := range []value.Value{pair.Key, pair.Value} {
			var err error
			if b, err = w.element(b, part, depth); err != nil {
				return nil, err
			}
		}
	}
}

// element appends a value inside another one: its type, its length and its form.
func (w *writer) element(b []byte, v value.Value, depth int) ([]byte, error) {
	name, form, err := w.value(nil, v, depth+1)
	if err != nil {
		return nil, err
	}
	b = append(binary.AppendUvarint(b, uint64(len(name))), name...)
	b = append(binary.AppendUvarint(b, uint64(len(form))), form...)
	if len(b) > w.limit {
		return nil, w.tooLarge()
	}
	return b, nil
}
