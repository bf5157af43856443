package openapi

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer/document"
	"github.com/sallyport/sallyport/internal/model"
)

const (
	schemasPointer     = "#/components/schemas/"
	definitionsPointer = "#/definitions/"
)

// inlineSchema is a schema that an operation holds itself; it becomes a type
// with a name of its own.
type inlineSchema struct {
	name string
	node *document.Node
}

// schemas returns the named schemas of the document.
func (m *importer) schemas() []document.Member {
	list := m.root.Get("definitions")
	if !m.swagger {
		list = m.root.Get("components").Get("schemas")
	}
	if !list.Is(document.Object) {
		return nil
	}
	return list.Members
}

func (m *importer) pointer() string {
	if m.swagger {
		return definitionsPointer
	}
	return schemasPointer
}

// typeName returns the schema document's name and the name of the type that a
// schema is: that of a named schema, or one made of where the schema stands.
// Both are empty where a reference leads nowhere.
func (m *importer) typeName(schema *document.Node, where string) (schemaID, typeName string) {
	if ref := reference(schema); ref != nil {
		if m.target(ref) == nil {
			return "", ""
		}
		if name, ok := m.named(ref.Text); ok {
			return SchemaName, name
		}
	}
	return SchemaName, m.inlineName(schema, where)
}

// inlineName returns the name of an inline schema, the same each time.
func (m *importer) inlineName(schema *document.Node, where string) string {
	if name, ok := m.typeNames[schema]; ok {
		return name
	}
	base := pascal(where)
	name := base
	for i := 1; m.taken[name]; i++ {
		name = base + "-" + strconv.Itoa(i)
	}
	m.taken[name] = true
	m.typeNames[schema] = name
	m.inline = append(m.inline, inlineSchema{name: name, node: schema})
	return name
}

// named returns the name of the schema that a reference points at, where it
// points at a named schema.
func (m *importer) named(ref string) (string, bool) {
	name, ok := strings.CutPrefix(ref, m.pointer())
	if !ok || name == "" || strings.ContainsAny(name, "/~%") {
		return "", false
	}
	return name, true
}

// pascal makes a type's name of any text: "/pets/{id}.get200" is
// "PetsIdGet200".
func pascal(text string) string {
	var b strings.Builder
	upper := true
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z' && upper:
			b.WriteRune(r - 'a' + 'A')
			upper = false
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
			b.WriteRune(r)
			upper = false
		default:
			upper = true
		}
	}
	if b.Len() == 0 {
		return "Type"
	}
	return b.String()
}

// schemaDocument writes the Schema of the API: the named schemas and those of
// the operations.
func (m *importer) schemaDocument() {
	named := m.schemas()
	if len(named)+len(m.inline) == 0 {
		return
	}
	w := &schemaWriter{importer: m}
	if !m.swagger {
		w.b = append(w.b, `{"schemas":`...)
	}
	w.b = append(w.b, '{')
	first := true
	write := func(name string, n *document.Node) {
		if !first {
			w.b = append(w.b, ',')
		}
		first = false
		w.b = document.AppendString(w.b, name)
		w.b = append(w.b, ':')
		w.schema(n, 0)
	}
	for _, s := range named {
		write(s.Name, s.Value)
	}
	for _, s := range m.inline {
		write(s.name, s.node)
	}
	w.b = append(w.b, '}')
	m.out.Schema = &model.Schema{ID: m.api.Child("schemas", SchemaName), ContentType: model.SchemaOpenAPI}
	if m.swagger {
		m.out.Schema.ContentType = model.SchemaSwagger
		m.out.Schema.Document.Definitions = w.b
		return
	}
	w.b = append(w.b, '}')
	m.out.Schema.Document.Components = w.b
}

// schemaWriter writes schemas as JSON. References to named schemas stay; what
// any other reference points at is put in its place, a few times over at most,
// since only named schemas are in the Schema.
type schemaWriter struct {
	*importer
	b        []byte
	expanded int
	tooLarge bool
}

const (
	// maxExpanded bounds how many references in a row the writer replaces.
	maxExpanded = 8
	// MaxSchemaSize bounds what the schemas of a document come to once such
	// references are replaced, in bytes.
	MaxSchemaSize = 2 * MaxSize
)

func (w *schemaWriter) schema(n *document.Node, depth int) {
	switch {
	case n.Is(document.Object):
		w.object(n, depth)
	case n.Is(document.List):
		w.b = append(w.b, '[')
		for i, item := range n.Items {
			if i > 0 {
				w.b = append(w.b, ',')
			}
			w.schema(item, depth+1)
		}
		w.b = append(w.b, ']')
	default:
		w.b = n.AppendJSON(w.b)
	}
}

func (w *schemaWriter) object(n *document.Node, depth int) {
	if ref := reference(n); ref != nil {
		target := w.target(ref)
		if _, ok := w.named(ref.Text); !ok && target != nil {
			w.expand(target, depth)
			return
		}
	}
	w.b = append(w.b, '{')
	for i := range n.Members {
		member := &n.Members[i]
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = document.AppendString(w.b, member.Name)
		w.b = append(w.b, ':')
		if literal(member.Name) {
			w.b = member.Value.AppendJSON(w.b)
			continue
		}
		w.schema(member.Value, depth+1)
	}
	w.b = append(w.b, '}')
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

func (w *schemaWriter) expand(target *document.Node, depth int) {
	if len(w.b) > MaxSchemaSize && !w.tooLarge {
		w.tooLarge = true
		w.errorAt(target, "",
			fmt.Sprintf("the schemas, with what they refer to, are larger than %d bytes (limit MaxSchemaSize)", MaxSchemaSize),
			"put what is referred to below components/schemas")
	}
	if w.tooLarge || w.expanded >= maxExpanded || depth > document.MaxDepth {
		w.b = append(w.b, "{}"...)
		return
	}
	w.expanded++
	w.schema(target, depth+1)
	w.expanded--
}
