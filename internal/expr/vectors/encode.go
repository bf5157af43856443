package vectors

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// encoded is a value as a vector writes it.
type encoded struct {
	Type  string `json:"type"`
	Value any    `json:"value"`
	Enum  string `json:"enum,omitempty"`
	Str   string `json:"str,omitempty"`
}

// encoders yield the text of a value that is in the variable "v".
var encoders = map[string]string{
	"double":         `((double)context.Variables["v"]).ToString("R")`,
	"float":          `((float)context.Variables["v"]).ToString("R")`,
	"DateTime":       `((DateTime)context.Variables["v"]).ToString("o")`,
	"DateTimeOffset": `((DateTimeOffset)context.Variables["v"]).ToString("o")`,
	"TimeSpan":       `((TimeSpan)context.Variables["v"]).ToString("c")`,
	"byte[]":         `Convert.ToBase64String((byte[])context.Variables["v"])`,
	"JObject":        `((JToken)context.Variables["v"]).ToString(Formatting.None)`,
}

// maxEncoded is the number of elements of a sequence that are encoded.
const maxEncoded = 10_000

// encode writes a value as vectors do.
func (r *Runner) encode(v expr.Value, depth int) (encoded, error) {
	if v.IsNull() {
		return encoded{Type: "null"}, nil
	}
	if depth > 20 {
		return encoded{}, fmt.Errorf("encoding a value: nested too deeply")
	}
	if s, ok := v.Str(); ok {
		return encoded{Type: "string", Value: s.Go(), Str: s.Go()}, nil
	}
	name := typeName(v)
	out := encoded{Type: name}
	text, err := r.apply("text", `context.Variables["v"].ToString()`, v)
	if err != nil {
		return out, err
	}
	if s, ok := text.Str(); ok {
		out.Str = s.Go()
	}
	err = r.content(v, &out, depth)
	return out, err
}

// content fills in the value of an encoding.
func (r *Runner) content(v expr.Value, out *encoded, depth int) error {
	out.Value = out.Str
	if t, bits, ok := v.Boxed(); ok && t.Name() == "bool" {
		out.Value = bits != 0
		return nil
	}
	code := encoders[out.Type]
	if strings.HasPrefix(out.Type, "J") && isToken(v) {
		code = encoders["JObject"]
	}
	if code != "" {
		text, err := r.apply("encode "+out.Type, code, v)
		if s, ok := text.Str(); ok {
			out.Value = s.Go()
		}
		return err
	}
	if e, ok := v.Object(); ok {
		if seq, ok := e.(value.Enumerable); ok && !strings.HasPrefix(out.Type, "X") {
			return r.elements(seq, out, depth)
		}
	}
	return nil
}

// isToken reports whether a value is a JToken.
func isToken(v expr.Value) bool {
	o, ok := v.Object()
	return ok && strings.HasPrefix(o.ObjectType().FullName(), "Newtonsoft.Json.Linq.") &&
		!strings.HasPrefix(o.ObjectType().Name(), "JEnumerable")
}

// isCollection reports whether vectors name the type of a sequence; they call all others IEnumerable.
func isCollection(name string) bool {
	for _, prefix := range []string{"List<", "Dictionary<", "HashSet<", "Queue<", "Stack<"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return strings.HasSuffix(name, "]")
}

// elements encodes a sequence; the elements of a dictionary are pairs.
func (r *Runner) elements(seq value.Enumerable, out *encoded, depth int) error {
	if !isCollection(out.Type) {
		// A lazy sequence runs code, which needs all that a program has.
		list, err := r.apply("list", `((System.Collections.IEnumerable)context.Variables["v"]).Cast<object>().ToList()`, value.OfObject(seq))
		if err != nil {
			return err
		}
		o, _ := list.Object()
		if seq, _ = o.(value.Enumerable); seq == nil {
			return fmt.Errorf("encoding a sequence of the type %s", out.Type)
		}
	}
	thread := &value.Thread{Budget: value.NewBudget(value.Limits{}, nil)}
	next := seq.Iterate(thread)
	list := []any{}
	for len(list) < maxEncoded {
		v, ok, e := next()
		if e != nil {
			return &expr.Exception{Type: e.Type, Message: e.Message}
		}
		if !ok {
			break
		}
		one, err := r.element(v, out.Type, depth)
		if err != nil {
			return err
		}
		list = append(list, one)
	}
	out.Value = list
	if !isCollection(out.Type) {
		out.Type, out.Str = "IEnumerable", ""
	}
	return nil
}

// element encodes one element; that of a dictionary as key and value.
func (r *Runner) element(v expr.Value, container string, depth int) (any, error) {
	if !strings.HasPrefix(container, "Dictionary<") {
		return r.encode(v, depth+1)
	}
	key, value, err := r.pair(v)
	if err != nil {
		return nil, err
	}
	k, err := r.encode(key, depth+1)
	if err != nil {
		return nil, err
	}
	x, err := r.encode(value, depth+1)
	return []any{k, x}, err
}

// pair takes a KeyValuePair apart, as foreach over a dictionary would.
func (r *Runner) pair(v expr.Value) (key, val expr.Value, err error) {
	o, ok := v.Object()
	if !ok {
		return v, v, fmt.Errorf("encoding a dictionary: element %v is no pair", typeName(v))
	}
	name := strings.ReplaceAll(o.ObjectType().Name(), " ", "")
	key, err = r.apply("key "+name, fmt.Sprintf(`((%s)context.Variables["v"]).Key`, name), v)
	if err != nil {
		return key, val, err
	}
	val, err = r.apply("value "+name, fmt.Sprintf(`((%s)context.Variables["v"]).Value`, name), v)
	return key, val, err
}

// typeName is the C# name of a value's run-time type as vectors write it.
func typeName(v expr.Value) string {
	if t, _, ok := v.Boxed(); ok {
		return strings.ReplaceAll(t.Name(), " ", "")
	}
	if o, ok := v.Object(); ok {
		return strings.ReplaceAll(o.ObjectType().Name(), " ", "")
	}
	return "string"
}

// text shows an encoding for a report.
func (e encoded) text() string {
	data, err := json.Marshal(e)
	if err != nil {
		return err.Error()
	}
	return string(data)
}
