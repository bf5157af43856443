package description

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/portal/reference/document"
)

// Way says which way a body goes.
type Way int

// The ways. Properties that are read only are not in requests, and those that are
// written only not in responses.
const (
	Request Way = iota
	Answer
)

// Limits of examples that are made of schemas.
const (
	// maxMade bounds the values of an example, and maxMadeDepth how many are
	// inside each other.
	maxMade      = 600
	maxMadeDepth = 12
	// maxMadeItems and maxMadeLength bound lists and texts that have a least
	// length.
	maxMadeItems, maxMadeLength = 3, 200
)

// Make returns an example of a schema, as JSON. The same schema gives the same
// example. It is a missing value where none can be made, as of a type that holds
// itself.
func (d *Description) Make(s *Schema, way Way) document.Value {
	if s == nil {
		return document.Value{}
	}
	return d.make(s.node, way)
}

func (d *Description) make(schema document.Value, way Way) document.Value {
	m := &maker{d: d, way: way, left: maxMade}
	raw, ok := m.value(schema, nesting{})
	if !ok {
		return document.Value{}
	}
	return document.Of(raw)
}

// maker makes one example.
type maker struct {
	d    *Description
	way  Way
	left int
}

// nesting is how deep an example is, and which references led there.
type nesting struct {
	depth int
	stack []string
}

func (m *maker) value(v document.Value, at nesting) (raw []byte, ok bool) {
	if m.left--; m.left < 0 || at.depth > maxMadeDepth || !v.Exists() {
		return nil, false
	}
	at.depth++
	if v.Get("$ref").Kind() == document.String {
		to, pointer := m.d.doc.Follow(v)
		if slices.Contains(at.stack, pointer) {
			return nil, false
		}
		at.stack = append(slices.Clip(at.stack), pointer)
		return m.value(to, at)
	}
	if v.Kind() == document.Bool {
		return []byte("{}"), v.True()
	}
	if given := givenValue(v); given.Exists() {
		return given.JSON(), true
	}
	if v.Get("allOf").Exists() || v.Get("oneOf").Exists() || v.Get("anyOf").Exists() {
		return m.combined(v, at)
	}
	return m.typed(v, at)
}

// givenValue is the value that a schema itself gives as one.
func givenValue(v document.Value) document.Value {
	for _, word := range []string{"example", "const", "default"} {
		if given := v.Get(word); given.Exists() && given.Kind() != document.Null && len(given.JSON()) <= MaxExample {
			return given
		}
	}
	for _, word := range []string{"examples", "enum"} {
		for given := range v.Get(word).Items() {
			if given.Kind() != document.Null && len(given.JSON()) <= MaxExample {
				return given
			}
		}
	}
	return document.Value{}
}

// combined makes an example of all parts of allOf, and the first that can be made
// of the alternatives.
func (m *maker) combined(v document.Value, at nesting) ([]byte, bool) {
	merged := &objectWriter{}
	var other []byte
	take := func(raw []byte) {
		if value := document.Of(raw); value.Kind() == document.Object {
			merged.merge(value)
		} else if other == nil && value.Exists() {
			other = raw
		}
	}
	if v.Get("properties").Exists() {
		if raw, ok := m.object(v, at); ok {
			take(raw)
		}
	}
	for part := range v.Get("allOf").Items() {
		if raw, ok := m.value(part, at); ok {
			take(raw)
		}
	}
	for _, word := range []string{"oneOf", "anyOf"} {
		for part := range v.Get(word).Items() {
			if part.Get("type").Text() == "null" {
				continue
			}
			if raw, ok := m.value(part, at); ok {
				take(m.discriminated(v, part, raw))
				break
			}
		}
	}
	switch {
	case merged.names != nil:
		return merged.JSON(), true
	case other != nil:
		return other, true
	default:
		return []byte("{}"), v.Get("allOf").Exists()
	}
}

// discriminated gives an alternative the property that tells it from others.
func (m *maker) discriminated(v, part document.Value, raw []byte) []byte {
	d := discriminator(v.Get("discriminator"))
	value := document.Of(raw)
	if d == nil || d.Property == "" || value.Kind() != document.Object {
		return raw
	}
	name, _ := document.NameOf(part.Get("$ref").Text())
	if name == "" {
		return raw
	}
	said := name
	for _, mapping := range d.Mapping {
		if mapping.Schema == name {
			said = mapping.Value
			break
		}
	}
	text, err := json.Marshal(said)
	if err != nil {
		return raw
	}
	w := &objectWriter{}
	for member, inner := range value.Members() {
		if member == d.Property {
			inner = document.Of(text)
		}
		w.put(member, inner.JSON())
	}
	w.put(d.Property, text)
	return w.JSON()
}

// typed makes an example of what the type says.
func (m *maker) typed(v document.Value, at nesting) ([]byte, bool) {
	s := &Schema{}
	(&reader{d: m.d}).types(s, v)
	kind := ""
	if len(s.Types) > 0 {
		kind = s.Types[0]
	}
	switch kind {
	case "object":
		return m.object(v, at)
	case "array":
		return m.list(v, at), true
	case "string":
		raw, err := json.Marshal(madeText(v, s.Format))
		return raw, err == nil
	case "integer", "number":
		return madeNumber(v, kind == "integer"), true
	case "boolean":
		return []byte("true"), true
	default:
		if s.Nullable {
			return []byte("null"), true
		}
		return []byte("{}"), true
	}
}

func (m *maker) object(v document.Value, at nesting) ([]byte, bool) {
	needed := v.Get("required").Texts()
	w := &objectWriter{}
	for name, p := range v.Get("properties").Members() {
		to, _ := m.d.doc.Follow(p)
		hidden := "readOnly"
		if m.way == Answer {
			hidden = "writeOnly"
		}
		if to.Get(hidden).True() || p.Get(hidden).True() || to.Get("deprecated").True() && !slices.Contains(needed, name) {
			continue
		}
		if raw, ok := m.value(p, at); ok {
			w.put(name, raw)
		} else if slices.Contains(needed, name) && m.left > 0 {
			w.put(name, emptyOf(to))
		}
	}
	if others := v.Get("additionalProperties"); len(w.names) == 0 && others.Kind() == document.Object {
		if raw, ok := m.value(others, at); ok {
			w.put("name", raw)
		}
	}
	return w.JSON(), true
}

// emptyOf stands for a value that must be there and cannot be made, since it
// holds itself.
func emptyOf(v document.Value) []byte {
	switch v.Get("type").Text() {
	case "array":
		return []byte("[]")
	case "object":
		return []byte("{}")
	default:
		return []byte("null")
	}
}

func (m *maker) list(v document.Value, at nesting) []byte {
	var items [][]byte
	for part := range v.Get("prefixItems").Items() {
		if raw, ok := m.value(part, at); ok {
			items = append(items, raw)
		}
	}
	least, _ := strconv.Atoi(v.Get("minItems").Text())
	if raw, ok := m.value(v.Get("items"), at); ok && (len(items) == 0 || len(items) < least) {
		for range max(1, min(least-len(items), maxMadeItems)) {
			items = append(items, raw)
		}
	}
	out := []byte{'['}
	for i, item := range items {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, item...)
	}
	return append(out, ']')
}

// formats are texts of formats.
var formats = map[string]string{
	"date-time": "2026-01-15T09:30:00Z", "date": "2026-01-15", "time": "09:30:00Z", "duration": "P1D",
	"email": "ann@example.com", "idn-email": "ann@example.com", "hostname": "example.com", "idn-hostname": "example.com",
	"ipv4": "192.0.2.1", "ipv6": "2001:db8::1", "uri": "https://example.com/", "url": "https://example.com/", "iri": "https://example.com/",
	"uri-reference": "/path", "iri-reference": "/path", "uuid": "3fa85f64-5717-4562-b3fc-2c963f66afa6", "byte": "U2FsbHlwb3J0",
	"binary": "", "password": "********", "json-pointer": "/name", "regex": ".*", "int64": "1", "decimal": "1.0",
}

func madeText(v document.Value, format string) string {
	made, known := formats[format]
	if known {
		return made
	}
	made = "string"
	if pattern := v.Get("pattern").Text(); pattern != "" {
		if matching, ok := matching(pattern); ok {
			made = matching
		}
	}
	if least, err := strconv.Atoi(v.Get("minLength").Text()); err == nil && least <= maxMadeLength && len(made) < least {
		made += strings.Repeat("x", least-len(made))
	}
	ascii := !strings.ContainsFunc(made, func(c rune) bool { return c > '~' })
	if most, err := strconv.Atoi(v.Get("maxLength").Text()); err == nil && most >= 0 && len(made) > most && ascii {
		made = made[:most]
	}
	return made
}

func madeNumber(v document.Value, integer bool) []byte {
	n := 1.0
	bound := func(word string) (float64, bool) {
		f, err := strconv.ParseFloat(v.Get(word).Text(), 64)
		return f, err == nil
	}
	if most, ok := bound("maximum"); ok && n > most {
		n = most
	}
	if most, ok := bound("exclusiveMaximum"); ok && n >= most {
		n = most - 1
	}
	if least, ok := bound("minimum"); ok && n < least {
		n = least
		if v.Get("exclusiveMinimum").True() {
			n++
		}
	}
	if least, ok := bound("exclusiveMinimum"); ok && n <= least {
		n = least + 1
	}
	if step, ok := bound("multipleOf"); ok && step > 0 && n/step < 1<<53 {
		if k := n / step; k != float64(int64(k)) {
			n = float64(int64(k)+1) * step
		}
	}
	if integer && n > -1<<53 && n < 1<<53 {
		return strconv.AppendInt(nil, int64(n), 10)
	}
	raw, err := json.Marshal(n)
	if err != nil {
		return []byte("1")
	}
	return raw
}

// objectWriter writes an object; the first value of a name stays.
type objectWriter struct {
	names map[string]bool
	out   []byte
}

func (w *objectWriter) put(name string, raw []byte) {
	if w.names == nil {
		w.names = map[string]bool{}
	}
	key, err := json.Marshal(name)
	if err != nil || w.names[name] {
		return
	}
	if len(w.names) > 0 {
		w.out = append(w.out, ',')
	}
	w.names[name] = true
	w.out = append(append(append(w.out, key...), ':'), raw...)
}

func (w *objectWriter) merge(v document.Value) {
	if w.names == nil {
		w.names = map[string]bool{}
	}
	for name, value := range v.Members() {
		w.put(name, value.JSON())
	}
}

func (w *objectWriter) JSON() []byte {
	return append(append([]byte{'{'}, w.out...), '}')
}
