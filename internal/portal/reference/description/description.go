// Package description reads what OpenAPI 3.0, OpenAPI 3.1 and Swagger 2 documents
// say of an API into one model of our own, for pages that show it. It is lenient:
// what a document has wrong is left out, and the rest is shown.
//
// A Description holds the text of its document and an index of the operations;
// an operation or a schema is read when it is asked for, and not kept.
package description

import (
	"errors"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/portal/reference/document"
)

// Limits of what is read of a document. What is beyond them is left out.
const (
	// MaxOperations bounds the operations of a document.
	MaxOperations = 20_000
	// MaxTags bounds the tags of a document.
	MaxTags = 2000
	// MaxShown bounds the schemas, one for each property, of one operation.
	MaxShown = 1500
	// MaxShownEach bounds those of one body or parameter.
	MaxShownEach = 400
	// MaxNested bounds how many schemas are shown inside each other.
	MaxNested = 16
	// MaxList bounds the parameters, the media types, the responses, the headers,
	// the examples, and the alternatives of a schema, each.
	MaxList = 200
	// MaxExample bounds an example that is shown, in bytes.
	MaxExample = 64 << 10
	// MaxExamples bounds all those of one operation, in bytes.
	MaxExamples = 192 << 10
	// MaxText bounds a description in words, in bytes.
	MaxText = 64 << 10
)

// ErrUnknown is returned for documents that are no OpenAPI.
var ErrUnknown = errors.New("the document is neither OpenAPI 3 nor Swagger 2")

// Description is what a document says of an API. It does not change, and may be
// used by many goroutines.
type Description struct {
	// Version is the document's own word: "3.0.3", "3.1.0", "2.0".
	Version string
	// Tags are those that the document describes, in its order.
	Tags []Tag
	// Operations are in the order of the document.
	Operations []Entry
	// Webhooks are what the API calls by itself.
	Webhooks []Entry
	// External is further documentation; nil where there is none.
	External *External

	doc     *document.Document
	swagger bool
	places  map[string]int // Of operations, by method and shape of the path.
}

// Entry is an operation in the list.
type Entry struct {
	// Name is the operationId, which may be empty.
	Name, Method, Path, Summary string
	Tags                        []string
	Deprecated                  bool

	node, item document.Value
}

// Tag is what a document says of a tag.
type Tag struct {
	Name, Text string
	External   *External
}

// External is documentation elsewhere. URL is http or https.
type External struct{ URL, Text string }

// Read reads a document.
func Read(data []byte) (*Description, error) {
	doc, err := document.Read(data)
	if err != nil {
		return nil, err
	}
	d := &Description{doc: doc, places: map[string]int{}}
	root := doc.Root()
	openapi, swagger := root.Get("openapi").Text(), root.Get("swagger").Text()
	switch {
	case strings.HasPrefix(openapi, "3."):
		d.Version = openapi
	case swagger == "2.0" || swagger == "2":
		d.Version, d.swagger = swagger, true
	default:
		return nil, ErrUnknown
	}
	d.External = external(root)
	for tag := range root.Get("tags").Items() {
		if len(d.Tags) == MaxTags {
			break
		}
		d.Tags = append(d.Tags, Tag{tag.Get("name").Text(), text(tag), external(tag)})
	}
	d.list()
	return d, nil
}

// Document is what was read.
func (d *Description) Document() *document.Document { return d.doc }

// Size is what the description takes in memory, in bytes, about.
func (d *Description) Size() int {
	const entry = 320 // An Entry with its texts and its place.
	return d.doc.Size() + (len(d.Operations)+len(d.Webhooks))*entry
}

// methods are those of operations.
var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

func (d *Description) list() {
	root := d.doc.Root()
	for _, section := range []string{"paths", "x-ms-paths"} {
		for path, item := range root.Get(section).Members() {
			if strings.HasPrefix(path, "x-") {
				continue
			}
			if !strings.HasPrefix(path, "/") {
				path = "/" + path
			}
			d.Operations = d.entries(d.Operations, path, item)
		}
	}
	for name, item := range root.Get("webhooks").Members() {
		d.Webhooks = d.entries(d.Webhooks, name, item)
	}
	for i := range d.Operations {
		key := place(d.Operations[i].Method, d.Operations[i].Path)
		if _, there := d.places[key]; !there {
			d.places[key] = i
		}
	}
}

func (d *Description) entries(to []Entry, path string, item document.Value) []Entry {
	item, _ = d.doc.Follow(item)
	for method, node := range item.Members() {
		if len(to) == MaxOperations || !slices.Contains(methods, method) || node.Kind() != document.Object {
			continue
		}
		to = append(to, Entry{
			Name: node.Get("operationId").Text(), Method: strings.ToUpper(method), Path: path,
			Summary: node.Get("summary").Text(), Tags: node.Get("tags").Texts(), Deprecated: node.Get("deprecated").True(),
			node: node, item: item,
		})
	}
	return to
}

// Find returns the operation with a method and a URL template, as the API has
// it: names of parameters do not count, and neither does what the template has
// of the query where the document has a path only.
func (d *Description) Find(method, template string) (*Entry, bool) {
	path, _, _ := strings.Cut(template, "?")
	for _, candidate := range []string{template, path} {
		if i, ok := d.places[place(method, candidate)]; ok {
			return &d.Operations[i], true
		}
	}
	return nil, false
}

// place is what operations are told apart by.
func place(method, template string) string {
	var b strings.Builder
	b.WriteString(strings.ToUpper(method) + " ")
	for {
		before, rest, ok := strings.Cut(template, "{")
		b.WriteString(strings.ToLower(before))
		if !ok {
			break
		}
		b.WriteString("{}")
		_, template, _ = strings.Cut(rest, "}")
	}
	return strings.TrimSuffix(b.String(), "/")
}

// text is the description of a value in words, bounded.
func text(v document.Value) string {
	t := v.Get("description").Text()
	if len(t) <= MaxText {
		return t
	}
	return strings.ToValidUTF8(t[:MaxText], "") + "…"
}

func external(v document.Value) *External {
	e := v.Get("externalDocs")
	url := Link(e.Get("url").Text())
	if url == "" {
		return nil
	}
	return &External{url, text(e)}
}

// Link returns an address of a document that may be shown as a link: one of http
// or https. It is "" for others.
func Link(url string) string {
	lower := strings.ToLower(url)
	if strings.HasPrefix(lower, "https://") || strings.HasPrefix(lower, "http://") {
		return url
	}
	return ""
}
