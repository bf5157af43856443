package contract

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/problem"
)

// Mode says what a body is for.
type Mode int

const (
	// Create is the mode of a PUT: required members must be there, and null is the
	// same as leaving a member out.
	Create Mode = iota
	// Merge is the mode of a PATCH (RFC 7396): nothing is required, and null takes
	// a member away. Inside arrays, which are replaced as a whole, it is as Create.
	Merge
)

// Clean checks a decoded object against the model and returns a new tree as the
// service keeps it: members and enum values are spelled as in the contract (they
// are matched without regard to case), read-only and unknown members are left
// out, times are in RFC 3339 and UTC, nulls are left out (Create) or kept
// (Merge). Numbers must be json.Number, as DecodeObject gives them.
//
// Every fault is a Detail with a path as its target, for example
// "properties.responses[0].statusCode"; there are at most 50. With a fault, the
// tree holds what was right.
func (m *Model) Clean(object map[string]any, mode Mode) (map[string]any, []problem.Detail) {
	c := &cleaner{mode: mode}
	tree := c.object(m, object, "", 1)
	return tree, c.details
}

// cleaner is one walk over one body.
type cleaner struct {
	mode    Mode
	details []problem.Detail
	nodes   int
}

// fault notes what is wrong at a place.
func (c *cleaner) fault(target, format string, args ...any) {
	if len(c.details) < maxDetails {
		c.details = append(c.details, problem.Detail{
			Code: problem.CodeValidation, Target: target, Message: fmt.Sprintf(format, args...),
		})
	}
}

// enter counts a value and says whether the walk may go on into it.
func (c *cleaner) enter(value any, path string, depth int) bool {
	c.nodes++
	switch {
	case depth > maxDepth && nests(value):
		c.fault(path, "The body is nested more than %d deep here.", maxDepth)
		return false
	case c.nodes == maxNodes+1:
		c.fault(path, "The body has more than %d values.", maxNodes)
	}
	return c.nodes <= maxNodes
}

// nests says whether a value holds others.
func nests(value any) bool {
	switch value.(type) {
	case map[string]any, []any:
		return true
	default:
		return false
	}
}

// object cleans the members of an object that a model describes.
func (c *cleaner) object(m *Model, object map[string]any, path string, depth int) map[string]any {
	if !c.enter(object, path, depth) {
		return nil
	}
	clean := make(map[string]any, len(object))
	for _, name := range sortedNames(object) {
		f, ok := m.field(name)
		if !ok || f.ReadOnly {
			continue
		}
		at := join(path, f.Name)
		if _, twice := clean[f.Name]; twice {
			c.fault(at, "%s is there twice, in different spellings; give it once.", f.Name)
			continue
		}
		value := object[name]
		if value == nil {
			if c.mode == Merge {
				clean[f.Name] = nil
			}
			continue
		}
		if v, ok := c.value(f, f.form, value, at, depth+1); ok {
			clean[f.Name] = v
		}
	}
	c.require(m, object, path)
	return clean
}

// require asks for the members that a PUT must give. A resource without any
// properties is asked for what would have to be in them.
func (c *cleaner) require(m *Model, object map[string]any, path string) {
	if c.mode == Merge {
		return
	}
	for i := range m.Fields {
		f := &m.Fields[i]
		if f.ReadOnly || given(object, f.Name) {
			continue
		}
		at := join(path, f.Name)
		switch {
		case f.Required && (f.unless == nil || !f.unless(object)):
			c.fault(at, "%s is required and is missing.", f.Name)
		case path == "" && f.Name == "properties" && f.form.kind == kindModel:
			c.require(f.form.model, nil, at)
		}
	}
}

// given says whether the object has a member of this name that is not null.
func given(object map[string]any, name string) bool {
	if v, ok := object[name]; ok && v != nil {
		return true
	}
	for key, v := range object {
		if v != nil && strings.EqualFold(key, name) {
			return true
		}
	}
	return false
}

// value cleans one value of a field. It says whether the value may be kept.
func (c *cleaner) value(f *Field, form *form, value any, path string, depth int) (any, bool) {
	if form.kind != kindModel && form.kind != kindAny && !c.enter(value, path, depth) {
		return nil, false
	}
	switch form.kind {
	case kindString:
		return c.text(f, value, path)
	case kindInteger, kindNumber:
		return c.number(f, form, value, path)
	case kindBoolean:
		return c.boolean(value, path)
	case kindTime:
		return c.time(value, path)
	case kindEnum:
		return c.enum(form.enum, value, path)
	case kindList:
		return c.list(f, form, value, path, depth)
	case kindMap:
		return c.members(f, form, value, path, depth)
	case kindModel:
		object, ok := value.(map[string]any)
		if !ok {
			return c.wrong(path, "an object", value)
		}
		return c.object(form.model, object, path, depth), true
	default:
		return c.any(value, path, depth)
	}
}

// wrong notes a value of the wrong type.
func (c *cleaner) wrong(path, want string, value any) (any, bool) {
	c.fault(path, "%s must be %s, and is %s.", last(path), want, describe(value))
	return nil, false
}

// list cleans an array. It is replaced as a whole, so that even in a PATCH its
// elements must be complete.
func (c *cleaner) list(f *Field, form *form, value any, path string, depth int) (any, bool) {
	array, ok := value.([]any)
	if !ok {
		return c.wrong(path, "an array", value)
	}
	if f.MaxItems > 0 && len(array) > f.MaxItems {
		c.fault(path, "%s has %d elements; at most %d are allowed.", f.Name, len(array), f.MaxItems)
	}
	if len(array) < f.MinItems {
		c.fault(path, "%s has %d elements; at least %d must be there.", f.Name, len(array), f.MinItems)
	}
	outer := c.mode
	c.mode = Create
	defer func() { c.mode = outer }()
	clean := make([]any, 0, len(array))
	for i, element := range array {
		at := path + "[" + strconv.Itoa(i) + "]"
		if element == nil {
			c.fault(at, "An element of %s is null; leave it out.", f.Name)
			continue
		}
		if v, ok := c.value(f, form.elem, element, at, depth+1); ok {
			clean = append(clean, v)
		}
		if c.nodes > maxNodes {
			break
		}
	}
	return clean, true
}

// members cleans an object whose members have any names and one type.
func (c *cleaner) members(f *Field, form *form, value any, path string, depth int) (any, bool) {
	object, ok := value.(map[string]any)
	if !ok {
		return c.wrong(path, "an object", value)
	}
	clean := make(map[string]any, len(object))
	for _, name := range sortedNames(object) {
		at := join(path, shorten(name))
		if !c.memberName(name, at) {
			continue
		}
		if object[name] == nil {
			if c.mode == Merge {
				clean[name] = nil
			}
			continue
		}
		if v, ok := c.value(f, form.elem, object[name], at, depth+1); ok {
			clean[name] = v
		}
	}
	return clean, true
}

// memberName checks the name of a member that the client chose.
func (c *cleaner) memberName(name, path string) bool {
	switch {
	case len(name) > maxMember:
		c.fault(path, "The name of a member has %d bytes; at most %d are allowed.", len(name), maxMember)
	case strings.ContainsRune(name, 0):
		c.fault(path, "The name of a member holds the character U+0000, which is not allowed.")
	default:
		return true
	}
	return false
}

// any copies a value of any form. Null is a value here.
func (c *cleaner) any(value any, path string, depth int) (any, bool) {
	if !c.enter(value, path, depth) {
		return nil, false
	}
	switch v := value.(type) {
	case map[string]any:
		clean := make(map[string]any, len(v))
		for _, name := range sortedNames(v) {
			at := join(path, shorten(name))
			if !c.memberName(name, at) {
				continue
			}
			if inner, ok := c.any(v[name], at, depth+1); ok {
				clean[name] = inner
			}
		}
		return clean, true
	case []any:
		clean := make([]any, 0, len(v))
		for i, element := range v {
			if inner, ok := c.any(element, path+"["+strconv.Itoa(i)+"]", depth+1); ok {
				clean = append(clean, inner)
			}
		}
		return clean, true
	case string:
		return v, c.plain(v, maxDocument, path)
	case json.Number:
		if len(v) > maxNumber {
			c.fault(path, "%s is a number of %d characters; at most %d are allowed.", last(path), len(v), maxNumber)
			return nil, false
		}
	}
	return value, true
}

// sortedNames makes the walk, and with it the order of faults, the same each time.
func sortedNames(object map[string]any) []string {
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	if !slices.IsSorted(names) {
		sort.Strings(names)
	}
	return names
}

// join appends a name to a path.
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// last gives the last name of a path, for sentences.
func last(path string) string {
	return path[strings.LastIndexByte(path, '.')+1:]
}
