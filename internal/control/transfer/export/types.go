package export

import (
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer/document"
	"github.com/sallyport/sallyport/internal/model"
)

// typeKey names a type as representations do.
type typeKey struct{ schema, name string }

// types are the types of all schemas of an API, which become one list in the
// description.
type types struct {
	names map[typeKey]string // As they are called in the description.
	nodes map[string]*document.Node
	order []string
}

const (
	schemasPointer     = "#/components/schemas/"
	definitionsPointer = "#/definitions/"
)

// collect reads the types of all schemas. Where two schemas have a type of the
// same name, the second is called NAME-1.
func (w *writer) collect() {
	w.types = types{names: map[typeKey]string{}, nodes: map[string]*document.Node{}}
	for _, s := range w.source.Schemas {
		members := schemaTypes(s)
		schema := strings.ToLower(s.ID.Name())
		for i := range members {
			name := w.types.free(members[i].Name)
			w.types.names[typeKey{schema, members[i].Name}] = name
			w.types.nodes[name] = members[i].Value
			w.types.order = append(w.types.order, name)
		}
		for i := range members {
			rewriter := &rewriter{types: &w.types, schema: schema, swagger: w.swagger}
			rewriter.schemaNode(members[i].Value, 0)
		}
	}
}

// schemaTypes returns the types of a schema; those of other formats have none
// that a description could name.
func schemaTypes(s *model.Schema) []document.Member {
	switch s.ContentType {
	case model.SchemaOpenAPI:
		if n := raw(s.Document.Components).Get("schemas"); n.Is(document.Object) {
			return n.Members
		}
	case model.SchemaSwagger:
		if n := raw(s.Document.Definitions); n.Is(document.Object) {
			return n.Members
		}
	}
	return nil
}

func (t *types) free(name string) string {
	candidate := name
	for i := 1; t.nodes[candidate] != nil; i++ {
		candidate = name + "-" + strconv.Itoa(i)
	}
	return candidate
}

// reference returns a reference to a type, or nil where there is no such.
func (w *writer) reference(schemaID, typeName string) *document.Node {
	name, ok := w.types.names[typeKey{strings.ToLower(lastSegment(schemaID)), typeName}]
	if !ok {
		return nil
	}
	o := newObject()
	o.put("$ref", str(w.pointer()+escapePointer(name)))
	return o.Node
}

func (w *writer) pointer() string {
	if w.swagger {
		return definitionsPointer
	}
	return schemasPointer
}

// lastSegment returns the name of a schema that is named by its full id.
func lastSegment(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }

func escapePointer(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// rewriter makes the references of a schema document those of the description,
// and what only newer versions of OpenAPI have what older ones do.
type rewriter struct {
	types   *types
	schema  string
	swagger bool
}

func (r *rewriter) schemaNode(n *document.Node, depth int) {
	if depth > document.MaxDepth {
		return
	}
	if n.Is(document.List) {
		for _, item := range n.Items {
			r.schemaNode(item, depth+1)
		}
		return
	}
	if !n.Is(document.Object) {
		return
	}
	if ref := n.Get("$ref"); ref.Is(document.String) {
		r.reference(ref)
	}
	r.typeList(n)
	for i := range n.Members {
		if !literal(n.Members[i].Name) {
			r.schemaNode(n.Members[i].Value, depth+1)
		}
	}
}

func (r *rewriter) reference(ref *document.Node) {
	for _, pointer := range []string{schemasPointer, definitionsPointer} {
		rest, ok := strings.CutPrefix(ref.Text, pointer)
		if !ok {
			continue
		}
		step, below, deep := strings.Cut(rest, "/")
		name := strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		if renamed, ok := r.types.names[typeKey{r.schema, name}]; ok {
			step = escapePointer(renamed)
		}
		if deep {
			step += "/" + below
		}
		ref.Text = schemasPointer + step
		if r.swagger {
			ref.Text = definitionsPointer + step
		}
		return
	}
}

// typeList writes a list of types, which OpenAPI 3.1 has and 3.0 has not, as
// the first of them that is not null.
func (r *rewriter) typeList(n *document.Node) {
	t := n.Get("type")
	if !t.Is(document.List) {
		return
	}
	nullable := false
	first := ""
	for _, item := range t.Items {
		if item.String() == "null" {
			nullable = true
		} else if first == "" {
			first = item.String()
		}
	}
	if first == "" {
		return
	}
	*t = *str(first)
	if nullable && n.Get("nullable") == nil && !r.swagger {
		object{n}.put("nullable", yes)
	}
}

// literal reports whether a keyword's value is data and not a schema.
func literal(keyword string) bool {
	switch keyword {
	case "example", "examples", "default", "enum", "const":
		return true
	default:
		return strings.HasPrefix(keyword, "x-")
	}
}
