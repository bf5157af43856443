package contract

import (
	"fmt"
	"strconv"
	"strings"
)

// parser reads the file of models. Types are resolved when all lines are read,
// because a field may name a model that follows.
type parser struct {
	models map[string]*Model
	enums  map[string]*enum
	order  []*Model
}

// parse reads a whole file of models.
func parse(text string) (*Set, error) {
	p := &parser{models: map[string]*Model{}, enums: map[string]*enum{}}
	for i, line := range strings.Split(text, "\n") {
		if err := p.line(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	if err := p.resolve(); err != nil {
		return nil, err
	}
	return &Set{models: p.models}, nil
}

// line reads one line.
func (p *parser) line(line string) error {
	if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
		return nil
	}
	words := split(line)
	switch {
	case strings.HasPrefix(line, "  "):
		return p.field(words)
	case words[0] == "enum" && len(words) > 2:
		return p.enum(words[1], words[2:])
	case words[0] == "model" && len(words) == 2:
		return p.model(words[1])
	default:
		return fmt.Errorf("neither an enum, a model nor a field: %q", line)
	}
}

// split cuts a line at its spaces; a word between double quotes may hold some.
func split(line string) []string {
	var words []string
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			words = append(words, part)
			continue
		}
		words = append(words, strings.Fields(part)...)
	}
	return words
}

func (p *parser) enum(name string, values []string) error {
	if p.enums[name] != nil {
		return fmt.Errorf("enum %s is there twice", name)
	}
	p.enums[name] = &enum{name: name, values: values}
	return nil
}

func (p *parser) model(name string) error {
	if p.models[name] != nil {
		return fmt.Errorf("model %s is there twice", name)
	}
	m := &Model{Name: name, byName: map[string]*Field{}}
	p.models[name] = m
	p.order = append(p.order, m)
	return nil
}

// field reads a field of the model that was named last.
func (p *parser) field(words []string) error {
	if len(p.order) == 0 {
		return fmt.Errorf("field %s is before any model", words[0])
	}
	if len(words) < 2 {
		return fmt.Errorf("field %s has no type", words[0])
	}
	f := Field{Name: words[0], Type: words[1], size: maxString}
	for _, word := range words[2:] {
		if err := f.constraint(word); err != nil {
			return fmt.Errorf("field %s: %w", f.Name, err)
		}
	}
	m := p.order[len(p.order)-1]
	m.Fields = append(m.Fields, f)
	return nil
}

// constraint reads one word behind the type of a field.
func (f *Field) constraint(word string) error {
	name, value, valued := strings.Cut(word, "=")
	switch {
	case word == "required":
		f.Required = true
		return nil
	case word == "readonly":
		f.ReadOnly = true
		return nil
	case word == "pattern=identifier":
		f.Pattern = value
		return nil
	case !valued:
		return fmt.Errorf("unknown word %q", word)
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		return fmt.Errorf("%q: %w", word, err)
	}
	number := float64(n)
	switch name {
	case "minlength":
		f.MinLength = n
	case "maxlength":
		f.MaxLength = n
	case "minitems":
		f.MinItems = n
	case "maxitems":
		f.MaxItems = n
	case "minimum":
		f.Minimum = &number
	case "maximum":
		f.Maximum = &number
	default:
		return fmt.Errorf("unknown word %q", word)
	}
	return nil
}

// resolve turns the names of types into forms, indexes the fields by name and
// puts the exceptions in.
func (p *parser) resolve() error {
	for _, m := range p.order {
		for i := range m.Fields {
			f := &m.Fields[i]
			form, err := p.form(f.Type)
			if err != nil {
				return fmt.Errorf("model %s, field %s: %w", m.Name, f.Name, err)
			}
			f.form = form
			lower := strings.ToLower(f.Name)
			if m.byName[lower] != nil {
				return fmt.Errorf("model %s: field %s is there twice", m.Name, f.Name)
			}
			m.byName[lower], m.byName[f.Name] = f, f
		}
	}
	return p.except()
}

// except applies the tables of exceptions.go.
func (p *parser) except() error {
	for _, x := range lenient {
		f, err := p.named(x.model, x.field)
		if err != nil {
			return err
		}
		f.unless = x.unless
	}
	for _, x := range sizes {
		f, err := p.named(x.model, x.field)
		if err != nil {
			return err
		}
		f.size = x.bytes
	}
	return nil
}

// named finds the field that an exception is about.
func (p *parser) named(model, field string) (*Field, error) {
	if m := p.models[model]; m != nil {
		if f, ok := m.field(field); ok {
			return f, nil
		}
	}
	return nil, fmt.Errorf("an exception names %s.%s, which is not there", model, field)
}

// form resolves the name of a type.
func (p *parser) form(name string) (*form, error) {
	if rest, ok := strings.CutPrefix(name, "[]"); ok {
		return p.collection(kindList, rest)
	}
	if rest, ok := strings.CutPrefix(name, "{}"); ok {
		return p.collection(kindMap, rest)
	}
	switch name {
	case "string":
		return &form{kind: kindString}, nil
	case "integer":
		return &form{kind: kindInteger}, nil
	case "number":
		return &form{kind: kindNumber}, nil
	case "boolean":
		return &form{kind: kindBoolean}, nil
	case "time":
		return &form{kind: kindTime}, nil
	case "any":
		return &form{kind: kindAny}, nil
	}
	if e := p.enums[name]; e != nil {
		return &form{kind: kindEnum, enum: e}, nil
	}
	if m := p.models[name]; m != nil {
		return &form{kind: kindModel, model: m}, nil
	}
	return nil, fmt.Errorf("no such type: %s", name)
}

// collection resolves an array or a map of the type that name says.
func (p *parser) collection(k kind, name string) (*form, error) {
	elem, err := p.form(name)
	if err != nil {
		return nil, err
	}
	return &form{kind: k, elem: elem}, nil
}
