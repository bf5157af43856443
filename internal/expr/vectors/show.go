package vectors

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/policy"
)

// Shown is a value as people and programs outside of C# can read it, in the encoding of vectors.
type Shown struct {
	// Type is the C# name of the value's run-time type, "null" for null.
	Type string `json:"type"`
	// Value is the value: text, true or false, a list, nil.
	Value any `json:"value"`
	// Text is the value's ToString(), what a policy would put where it needs a text; "" for null and for a
	// sequence without a text of its own.
	Text string `json:"text"`
}

// Show returns a value as vectors write it. The error is that of a lazy sequence that throws.
func (r *Runner) Show(v expr.Value) (Shown, error) {
	e, err := r.encode(v, 0)
	return Shown{Type: e.Type, Value: e.Value, Text: e.Str}, err
}

// String shows the value for people: a text as it is, the elements of a sequence in brackets.
func (s Shown) String() string {
	if text, ok := s.Value.(string); ok {
		return text
	}
	return encoded{Type: s.Type, Value: s.Value, Str: s.Text}.show()
}

// show shows an element.
func (e encoded) show() string {
	switch v := e.Value.(type) {
	case nil:
		return "null"
	case bool:
		return e.Str
	case []any:
		return "[" + showAll(v, ", ") + "]"
	case string:
		if e.Type == "string" {
			return strconv.Quote(v)
		}
		return v
	}
	return e.Str
}

// showAll shows elements, those of a dictionary as key and value.
func showAll(list []any, between string) string {
	texts := make([]string, len(list))
	for i, one := range list {
		switch one := one.(type) {
		case encoded:
			texts[i] = one.show()
		case []any:
			texts[i] = showAll(one, ": ")
		}
	}
	return strings.Join(texts, between)
}

// SetVariables sets variables from a JSON object in its order: texts, numbers (int, long or double), true and
// false, null, lists (JArray) and objects (JObject); an object of exactly type and value is a variable of that C#
// type, as the contexts of vectors have it.
func (r *Runner) SetVariables(data []byte, into *policy.Variables) error {
	return eachMember(data, func(name string, raw json.RawMessage) error {
		v, err := r.plain(raw)
		if err != nil {
			return fmt.Errorf("variable %s: %w", name, err)
		}
		into.Set(name, v)
		return nil
	})
}

// plain makes a variable of a JSON value.
func (r *Runner) plain(raw json.RawMessage) (value.Value, error) {
	text := strings.TrimSpace(string(raw))
	switch {
	case text == "null":
		return value.Nil, nil
	case text == "true", text == "false":
		return r.compiler.BoolValue(text == "true"), nil
	case text[0] == '"':
		return r.variable(variableDoc{Type: "string", Value: raw})
	case text[0] == '[':
		return r.variable(variableDoc{Type: "JArray", Value: raw})
	case text[0] == '{':
		return r.object(raw)
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		if n == int64(int32(max(min(n, math.MaxInt32), math.MinInt32))) {
			return r.compiler.IntValue(int32(n)), nil
		}
		return r.variable(variableDoc{Type: "long", Value: raw})
	}
	return r.variable(variableDoc{Type: "double", Value: raw})
}

// object makes a variable of a JSON object.
func (r *Runner) object(raw json.RawMessage) (value.Value, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return value.Nil, err
	}
	typeName, typed := members["type"]
	if content, ok := members["value"]; ok && typed && len(members) == 2 {
		d := variableDoc{Value: content}
		if json.Unmarshal(typeName, &d.Type) == nil && (makers[d.Type] != "" || d.Type == "IResponse" || d.Type == "Authorization") {
			return r.variable(d)
		}
	}
	return r.variable(variableDoc{Type: "JObject", Value: raw})
}
