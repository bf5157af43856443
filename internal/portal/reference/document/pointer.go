package document

import (
	"net/url"
	"strconv"
	"strings"
)

// MaxReferences bounds how many references may follow each other.
const MaxReferences = 32

// Follow returns what a value refers to, or the value itself where it is no
// reference, with the last reference that led there. It is a missing value where
// a reference leads nowhere, out of the document, or in a circle.
func (d *Document) Follow(v Value) (to Value, reference string) {
	for range MaxReferences {
		ref := v.Get("$ref")
		if ref.Kind() != String {
			return v, reference
		}
		reference = ref.Text()
		v = d.At(reference)
		if !v.Exists() {
			return v, reference
		}
	}
	return Value{}, reference
}

// maxSteps bounds the steps of a pointer.
const maxSteps = 64

// At returns what a reference within the document, "#/components/schemas/Pet",
// leads to.
func (d *Document) At(reference string) Value {
	if v, ok := d.index[reference]; ok {
		return v
	}
	pointer, ok := strings.CutPrefix(reference, "#")
	if !ok || pointer != "" && pointer[0] != '/' {
		return Value{}
	}
	v, at := d.root, "#"
	steps := strings.Split(pointer, "/")
	if len(steps) > maxSteps {
		return Value{}
	}
	for i, step := range steps[1:] {
		if d.indexed(i, steps[1]) && v.Kind() == Object {
			at += "/" + escape(unescape(step))
			v = d.index[at]
		} else {
			v = child(v, step)
		}
		if !v.Exists() {
			return v
		}
	}
	return v
}

// indexed reports whether the index has all members of the objects that the step
// with a number is taken from, so that none of them has to be looked through for
// what is not there.
func (d *Document) indexed(step int, section string) bool {
	return step < 2 || step == 2 && section == "components"
}

func child(v Value, step string) Value {
	step = unescape(step)
	if v.Kind() != List {
		return v.Get(step)
	}
	n, err := strconv.Atoi(step)
	if err != nil || n < 0 {
		return Value{}
	}
	for item := range v.Items() {
		if n == 0 {
			return item
		}
		n--
	}
	return Value{}
}

// unescape is a step of a pointer as the member is called.
func unescape(step string) string {
	if strings.Contains(step, "%") {
		if plain, err := url.PathUnescape(step); err == nil {
			step = plain
		}
	}
	return strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
}

// NameOf is the name of the component that a reference names, and which kind of
// components it is of: "Pet", "schemas". Definitions of Swagger 2 are schemas.
func NameOf(reference string) (name, kind string) {
	rest, ok := strings.CutPrefix(reference, "#/")
	if !ok {
		return "", ""
	}
	steps := strings.Split(rest, "/")
	switch {
	case len(steps) == 3 && steps[0] == "components":
		return unescape(steps[2]), steps[1]
	case len(steps) == 2 && steps[0] == "definitions":
		return unescape(steps[1]), "schemas"
	default:
		return "", ""
	}
}
