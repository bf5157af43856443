package vectors

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr"
)

// expectation returns the value and the text that a vector expects of a runtime. Of .NET, the text of a
// floating-point number that it has not confirmed is unknown: the .NET Framework writes fewer digits.
func (v *Vector) expectation(runtime expr.Runtime) (value json.RawMessage, str *string) {
	value, str = v.Expected.Value, v.Expected.Str
	if runtime == expr.NetFramework {
		return value, str
	}
	if isFloat(v.Expected.Type) && !v.Confirmed && v.Net10 == nil {
		str = nil
	}
	if v.Net10 != nil && v.Net10.Value != nil {
		value = v.Net10.Value
	}
	if v.Net10 != nil && v.Net10.Str != nil {
		str = v.Net10.Str
	}
	return value, str
}

// matches reports whether a value is what a vector expects of a runtime.
func matches(got encoded, v *Vector, runtime expr.Runtime) bool {
	want := &v.Expected
	value, str := v.expectation(runtime)
	if runtime == expr.NetFramework && isFloat(want.Type) && !sameText(value, fmt.Sprint(got.Value)) {
		return false
	}
	switch want.Type {
	case "enum":
		return sameText(value, got.Str)
	case "anonymous", "IEnumerable":
		if want.Type == "IEnumerable" && got.Type != want.Type {
			return false
		}
	default:
		if got.Type != want.Type && !strings.HasPrefix(want.Type, "ValueTuple") && !strings.HasPrefix(want.Type, "Tuple") {
			return false
		}
		if str != nil && got.Str != *str {
			return false
		}
	}
	return sameValue(value, got.Value, want.Type)
}

// sameText compares a JSON string with a text.
func sameText(raw json.RawMessage, text string) bool {
	var s string
	return json.Unmarshal(raw, &s) == nil && s == text
}

// sameValue compares an encoding with what a vector has. Floating-point numbers are compared as numbers,
// since the frameworks write different numbers of digits.
func sameValue(raw json.RawMessage, got any, typeName string) bool {
	if isFloat(typeName) {
		return sameFloat(raw, got, typeName)
	}
	var want any
	if json.Unmarshal(raw, &want) != nil {
		return false
	}
	data, err := json.Marshal(got)
	if err != nil {
		return false
	}
	var have any
	if json.Unmarshal(data, &have) != nil {
		return false
	}
	return sameJSON(want, have)
}

func isFloat(typeName string) bool { return typeName == "double" || typeName == "float" }

func sameFloat(raw json.RawMessage, got any, typeName string) bool {
	bits := 64
	if typeName == "float" {
		bits = 32
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return false
	}
	a, err1 := strconv.ParseFloat(text, bits)
	b, err2 := strconv.ParseFloat(fmt.Sprint(got), bits)
	if err1 != nil || err2 != nil {
		return text == fmt.Sprint(got)
	}
	return a == b && math.Signbit(a) == math.Signbit(b) || math.IsNaN(a) && math.IsNaN(b)
}

// sameJSON compares encodings: an object by the members that the vector has.
func sameJSON(want, got any) bool {
	switch want := want.(type) {
	case map[string]any:
		have, ok := got.(map[string]any)
		if !ok {
			return false
		}
		if t, ok := want["type"].(string); ok && (t == "double" || t == "float") {
			return sameNumber(want["value"], have["value"], t)
		}
		for k, v := range want {
			if k != "str" && k != "num" && !sameJSON(v, have[k]) {
				return false
			}
		}
		return true
	case []any:
		have, ok := got.([]any)
		if !ok || len(have) != len(want) {
			return false
		}
		for i, v := range want {
			if !sameJSON(v, have[i]) {
				return false
			}
		}
		return true
	}
	return want == got
}

func sameNumber(want, got any, typeName string) bool {
	raw, err := json.Marshal(want)
	return err == nil && sameFloat(raw, got, typeName)
}
