package portable

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/library/collections"
	"github.com/sallyport/sallyport/internal/expr/library/json"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Decode returns the value of a type that Encode has written. It takes the form from
// anywhere: what breaks its rules is an error, and no value is larger than a run of
// an expression may make it.
func Decode(env *object.Env, typeName string, form []byte) (value.Value, error) {
	r := &reader{env: env, thread: &value.Thread{Env: env, Budget: value.NewBudget(value.Limits{}, nil)}}
	v, err := r.value(typeName, form, 0)
	if err != nil {
		return value.Nil, fmt.Errorf("reading a value of type %.60q: %w", typeName, err)
	}
	return v, nil
}

type reader struct {
	env    *object.Env
	thread *value.Thread
}

// value reads a value from all of a form.
func (r *reader) value(name string, form []byte, depth int) (value.Value, error) {
	switch {
	case depth > maxDepth || len(name) > maxType:
		return value.Nil, errForm
	case name == "" && len(form) == 0:
		return value.Nil, nil
	case name == nameString:
		return value.OfGo(string(form)), nil
	}
	t := r.typeOf(name, 0)
	if t == nil {
		return value.Nil, errForm
	}
	if t.Kind == types.Array {
		return r.array(t, form, depth)
	}
	if strings.HasPrefix(name, nameTokens) {
		return r.token(t, form)
	}
	if t.Def != nil && len(t.Args) > 0 {
		return r.collection(t, form, depth)
	}
	return r.scalar(t, form)
}

// nameTokens is what the names of JSON tokens begin with.
const nameTokens = "Newtonsoft.Json.Linq."

// scalar reads what has bits of a fixed number.
func (r *reader) scalar(t *types.Type, form []byte) (value.Value, error) {
	switch {
	case hasBits(t) && len(form) == 8 && (t.Storage() != types.Bool || binary.BigEndian.Uint64(form) <= 1):
		return value.Boxed(t, binary.BigEndian.Uint64(form)), nil
	case t.Special() == types.Decimal && len(form) == 14 && form[12] <= 1 && form[13] <= value.MaxDecimalScale:
		word := binary.BigEndian.Uint32
		return value.OfObject(value.DecimalOfWords(t, word(form[8:]), word(form[4:]), word(form), form[12] == 1, form[13])), nil
	case t == r.env.Named("System.Guid") && len(form) == 16:
		return value.OfObject(&object.Guid{Class: t, ID: [16]byte(form)}), nil
	case t == r.env.Named("System.DateTimeOffset") && len(form) == 16:
		ticks, by := binary.BigEndian.Uint64(form), binary.BigEndian.Uint64(form[8:])
		return value.OfObject(&object.Offset{Class: t, Ticks: int64(ticks), By: int64(by)}), nil
	}
	return value.Nil, errForm
}

// token reads a JSON token of a class.
func (r *reader) token(t *types.Type, form []byte) (value.Value, error) {
	if len(form) == 0 || form[0] > 1 {
		return value.Nil, errForm
	}
	token, e := json.Parse(r.thread, string(form[1:]), form[0] == 1)
	if e != nil {
		return value.Nil, fmt.Errorf("reading JSON: %s", e.Message)
	}
	if !isJSON(token) || token.ObjectType() != value.Type(t) {
		return value.Nil, errForm
	}
	return value.OfObject(token), nil
}

// array reads an array.
func (r *reader) array(t *types.Type, form []byte, depth int) (value.Value, error) {
	if t.Elem.Special() == types.Byte {
		return r.env.Bytes(append([]byte(nil), form...)), nil
	}
	items, err := r.items(form, 1, depth, t.Elem)
	if err != nil {
		return value.Nil, err
	}
	return value.OfObject(&value.Array{Class: t, Elem: t.Elem, Items: items}), nil
}

// collection reads a list or a dictionary.
func (r *reader) collection(t *types.Type, form []byte, depth int) (value.Value, error) {
	if t.NullableElem() != nil {
		return value.Nil, errForm // It is in a box as what it is.
	}
	items, err := r.items(form, len(t.Args), depth, t.Args...)
	if err != nil {
		return value.Nil, err
	}
	if len(t.Args) == 1 {
		return value.OfObject(collections.NewList(t, items)), nil
	}
	d := collections.NewDictionary(r.thread, t, nil)
	for i := 0; i < len(items); i += 2 {
		if items[i].IsNull() {
			return value.Nil, errForm
		}
		if _, e := d.Put(r.thread, items[i], items[i+1]); e != nil {
			return value.Nil, fmt.Errorf("filling a dictionary: %s", e.Message)
		}
	}
	return value.OfObject(d), nil
}

// items reads the elements of a list, or the keys and values of a dictionary, each
// of the type that stands for it.
func (r *reader) items(form []byte, group, depth int, of ...*types.Type) ([]value.Value, error) {
	n, form, ok := number(form)
	if !ok || n > len(form)/2+1 { // Each element has two lengths.
		return nil, errForm
	}
	if e := r.thread.Budget.AllocElements(int64(n*group), 24); e != nil {
		return nil, fmt.Errorf("reading elements: %s", e.Message)
	}
	items := make([]value.Value, 0, n*group)
	for i := range n * group {
		name, rest, ok := part(form)
		if !ok {
			return nil, errForm
		}
		content, rest, ok := part(rest)
		if !ok {
			return nil, errForm
		}
		v, err := r.value(string(name), content, depth+1)
		if err != nil {
			return nil, err
		}
		t := of[i%group]
		if v.IsNull() && !t.AcceptsNull() || !v.IsNull() && !r.env.Is(v, t) {
			return nil, errForm
		}
		items, form = append(items, v), rest
	}
	if len(form) > 0 {
		return nil, errForm
	}
	return items, nil
}

// number reads a length.
func number(form []byte) (n int, rest []byte, ok bool) {
	u, size := binary.Uvarint(form)
	if size <= 0 || u > uint64(len(form)) {
		return 0, nil, false
	}
	return int(u), form[size:], true
}

// part reads a length and as many bytes.
func part(form []byte) (content, rest []byte, ok bool) {
	n, rest, ok := number(form)
	if !ok || n > len(rest) {
		return nil, nil, false
	}
	return rest[:n], rest[n:], true
}
