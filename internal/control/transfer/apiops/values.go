package apiops

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/document"
)

// additionsMember is the member of an information file, beside "properties",
// that holds what is ours and not the management API's.
const additionsMember = "sallyport"

// valuesFrom sets the properties whose values are elsewhere, as in
//
//	"sallyport": {"valueFrom": {"value": {"env": "BACKEND_KEY"}}}
//
// and returns the properties with them, and where they came from.
func (r *reader) valuesFrom(file string, properties, additions *document.Node) (*document.Node, map[string]transfer.ValueSource) {
	if additions == nil {
		return properties, nil
	}
	for i := range additions.Members {
		if m := &additions.Members[i]; m.Name != "valueFrom" {
			r.at(file, m.Value, additionsMember+"."+m.Name, "is unknown", "the member valueFrom is the only one")
		}
	}
	from := additions.Get("valueFrom")
	if from == nil {
		return properties, nil
	}
	if !from.Is(document.Object) {
		r.at(file, from, additionsMember+".valueFrom", "is "+from.Kind.String()+", not an object of property to source", "")
		return properties, nil
	}
	sources := map[string]transfer.ValueSource{}
	for i := range from.Members {
		m := &from.Members[i]
		source, value, ok := r.valueFrom(file, m)
		if !ok {
			continue
		}
		sources[m.Name] = source
		over := &document.Node{Kind: document.String, Text: value, Line: m.Line, Column: m.Column}
		steps := strings.Split(m.Name, ".")
		for _, step := range slices.Backward(steps) {
			over = &document.Node{Kind: document.Object, Line: m.Line, Column: m.Column,
				Members: []document.Member{{Name: step, Line: m.Line, Column: m.Column, Value: over}}}
		}
		properties = merge(properties, over)
	}
	return properties, sources
}

// valueFrom reads one source and its value. It never says the value.
func (r *reader) valueFrom(file string, m *document.Member) (source transfer.ValueSource, value string, ok bool) {
	element := additionsMember + ".valueFrom." + m.Name
	source.Env, source.File = m.Value.Get("env").String(), m.Value.Get("file").String()
	fail := func(message, hint string) (transfer.ValueSource, string, bool) {
		r.at(file, m.Value, element, message, hint)
		return source, "", false
	}
	switch {
	case (source.Env == "") == (source.File == "") || len(m.Value.Members) != 1:
		return fail("must be one of env and file", `write {"env": "NAME"} or {"file": "PATH"}`)
	case source.Env != "" && r.options.Env == nil:
		return fail("values from the environment are off", "they are read only where that is asked for")
	case source.File != "" && r.options.ReadValue == nil:
		return fail("values from files are off", "they are read only where that is asked for")
	case source.Env != "":
		if value, ok = r.options.Env(source.Env); !ok {
			return fail(fmt.Sprintf("the environment variable %s is not set", source.Env), "")
		}
	default:
		data, err := r.options.ReadValue(source.File)
		if err != nil {
			return fail(fmt.Sprintf("the file %s cannot be read: %v", source.File, err), "")
		}
		value = strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	}
	if len(value) > MaxValueSize {
		return fail(fmt.Sprintf("the value has %d bytes (limit MaxValueSize, %d)", len(value), MaxValueSize), "")
	}
	return source, value, true
}
