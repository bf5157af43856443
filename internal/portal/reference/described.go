package reference

import (
	"cmp"
	"html/template"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/markdown"
	"github.com/sallyport/sallyport/internal/portal/reference/description"
)

// Described is an API with what is said of it. It does not change.
type Described struct {
	API *catalogue.API
	// Revision is the number of the revision; "" for the current one.
	Revision string
	// Operations are those that exist.
	Operations []*catalogue.Operation
	// Format is what the document is written in that the API was imported from; ""
	// where there is none.
	Format string

	// document is that document, and made what the management plane describes the
	// API as. Each is nil where it is not needed, or not there.
	document, made *description.Description
	// edited are the names, in lower case, of operations of which the document is
	// no longer true.
	edited map[string]bool
	// reached are the references that visible operations lead to, in each of the
	// two.
	reached, reachedMade map[string]bool
	// found has the entries of Operations, schemas the names of the schemas that are
	// reached, and tagTexts the tags of operations as they are shown, by their names
	// in lower case: what lists would look for again for each visitor.
	found    map[*catalogue.Operation]found
	schemas  []string
	tagTexts map[string]template.HTML
}

// found is the entry of an operation, and the description that it is of.
type found struct {
	entry *description.Entry
	of    *description.Description
}

// lacks reports whether there are operations of which the document says nothing
// that is true.
func (d *Described) lacks() bool {
	if d.document == nil {
		return d.API.Type != typeGraphQL && d.API.Type != typeWebSocket
	}
	for _, o := range d.Operations {
		if d.edited[strings.ToLower(o.Name)] {
			return true
		}
		if _, ok := d.document.Find(o.Method, o.Template); !ok {
			return true
		}
	}
	return false
}

// find returns the entry of an operation, and the description that it is of.
func (d *Described) find(o *catalogue.Operation) (*description.Entry, *description.Description) {
	if f, ok := d.found[o]; ok {
		return f.entry, f.of
	}
	return d.search(o)
}

// search finds the entry of an operation that is not one of Operations, as when
// the catalogue has changed since.
func (d *Described) search(o *catalogue.Operation) (*description.Entry, *description.Description) {
	if d.document != nil && !d.edited[strings.ToLower(o.Name)] {
		if e, ok := d.document.Find(o.Method, o.Template); ok {
			return e, d.document
		}
	}
	if d.made != nil {
		if e, ok := d.made.Find(o.Method, o.Template); ok {
			return e, d.made
		}
	}
	return nil, nil
}

// Operation returns an operation by its name in whatever case.
func (d *Described) Operation(name string) (*catalogue.Operation, bool) {
	for _, o := range d.Operations {
		if strings.EqualFold(o.Name, name) {
			return o, true
		}
	}
	return nil, false
}

// Read returns all that is said of an operation. What it is called and how it is
// described in words is what the API says, where it says something.
func (d *Described) Read(o *catalogue.Operation) (*description.Operation, *description.Description) {
	e, of := d.find(o)
	if e == nil {
		return &description.Operation{
			Name: o.Name, Method: o.Method, Path: o.Template, Summary: o.DisplayName, Text: o.Description, Tags: o.Tags,
		}, nil
	}
	read := of.Read(e)
	read.Name, read.Method, read.Path = o.Name, o.Method, o.Template
	if o.DisplayName != "" {
		read.Summary = o.DisplayName
	}
	// Where an import has cut the text, the document has all of it.
	if o.Description != "" && !strings.HasPrefix(read.Text, o.Description) {
		read.Text = o.Description
	}
	return read, of
}

// Tags are the tags of an operation: those that it has as a resource, or else
// those of the document.
func (d *Described) Tags(o *catalogue.Operation) []string {
	if len(o.Tags) > 0 || d == nil {
		return o.Tags
	}
	if e, _ := d.find(o); e != nil {
		return e.Tags
	}
	return nil
}

// reach finds what visible operations lead to.
func (d *Described) reach() {
	var inDocument, inMade []*description.Entry
	d.found = make(map[*catalogue.Operation]found, len(d.Operations))
	for _, o := range d.Operations {
		e, of := d.search(o)
		d.found[o] = found{e, of}
		switch {
		case e == nil:
		case of == d.document:
			inDocument = append(inDocument, e)
		default:
			inMade = append(inMade, e)
		}
	}
	if d.document != nil {
		d.reached = d.document.Reach(inDocument)
	}
	if d.made != nil {
		d.reachedMade = d.made.Reach(inMade)
	}
	d.schemas = d.namesOfSchemas()
	d.tagTexts = d.textsOfTags()
}

// namesOfSchemas are those that visible operations lead to.
func (d *Described) namesOfSchemas() []string {
	var out []string
	seen := map[string]bool{}
	for _, one := range []struct {
		of      *description.Description
		reached map[string]bool
	}{{d.document, d.reached}, {d.made, d.reachedMade}} {
		if one.of == nil {
			continue
		}
		for _, name := range one.of.Schemas() {
			if one.reached[one.of.Pointer(name)] && !seen[name] {
				seen[name] = true
				out = append(out, name)
			}
		}
	}
	slices.SortFunc(out, func(p, q string) int { return cmp.Compare(strings.ToLower(p), strings.ToLower(q)) })
	return out
}

// MaxTagTexts bounds the words about tags that are kept ready, in bytes of HTML;
// tags beyond are shown without them.
const MaxTagTexts = 512 << 10

// textsOfTags are what the document says of the tags that operations have.
func (d *Described) textsOfTags() map[string]template.HTML {
	out := map[string]template.HTML{}
	if d.document == nil {
		return out
	}
	has := map[string]bool{}
	for _, o := range d.Operations {
		for _, tag := range d.Tags(o) {
			has[strings.ToLower(tag)] = true
		}
	}
	left := MaxTagTexts
	for _, t := range d.document.Tags {
		name := strings.ToLower(t.Name)
		if _, there := out[name]; there || t.Text == "" || !has[name] || len(t.Text) > left {
			continue
		}
		out[name] = markdown.Render(t.Text, markdown.Options{Level: 3, Prefix: "tag-" + t.Name + "-"})
		left -= len(out[name])
	}
	return out
}

// Schemas are the names of the schemas that visible operations lead to, in
// alphabetical order. They must not be changed.
func (d *Described) Schemas() []string { return d.schemas }

// Schema returns a schema that a visible operation leads to.
func (d *Described) Schema(name string) (*description.Schema, *description.Description, bool) {
	if d.document != nil && d.reached[d.document.Pointer(name)] {
		if s, ok := d.document.Schema(name); ok {
			return s, d.document, true
		}
	}
	if d.made != nil && d.reachedMade[d.made.Pointer(name)] {
		if s, ok := d.made.Schema(name); ok {
			return s, d.made, true
		}
	}
	return nil, nil, false
}

// size is what it takes in memory, in bytes, about.
func (d *Described) size() int {
	const key = 64
	n := (len(d.reached) + len(d.reachedMade) + len(d.edited) + len(d.found) + len(d.schemas)) * key
	for _, text := range d.tagTexts {
		n += key + len(text)
	}
	if d.document != nil {
		n += d.document.Size()
	}
	if d.made != nil {
		n += d.made.Size()
	}
	return n
}

// The types of APIs that have no operations to call one by one.
const (
	typeSOAP      = "soap"
	typeGraphQL   = "graphql"
	typeWebSocket = "websocket"
	typeGRPC      = "grpc"
)
