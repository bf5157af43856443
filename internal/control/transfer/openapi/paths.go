package openapi

import (
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/document"
	"github.com/sallyport/sallyport/internal/model"
)

// paths reads all operations.
func (m *importer) paths() {
	for _, section := range []string{"paths", "x-ms-paths"} {
		paths := m.root.Get(section)
		if paths == nil {
			if section == "paths" && !strings.HasPrefix(m.out.Version, "3.1") {
				m.errorAt(m.root, "paths", "is missing", "")
			}
			continue
		}
		if !paths.Is(document.Object) {
			m.errorAt(paths, section, "is "+paths.Kind.String()+", not an object of paths", "")
			continue
		}
		for i := range paths.Members {
			p := &paths.Members[i]
			if !strings.HasPrefix(p.Name, "x-") {
				m.path(p)
			}
		}
	}
}

func (m *importer) path(p *document.Member) {
	item := m.follow(p.Value)
	if item == nil {
		return
	}
	if !item.Is(document.Object) {
		m.errorAt(item, p.Name, "is "+item.Kind.String()+", not an object of operations", "")
		return
	}
	for i := range item.Members {
		o := &item.Members[i]
		switch o.Name {
		case "get", "put", "post", "delete", "options", "head", "patch":
			m.operation(p, item, o)
		case "trace":
			m.warnAt(at(o.Line, o.Column), p.Name, "the method trace is not imported", "API Management does not serve it")
		}
	}
}

// at is a position as a node, for problems.
func at(line, column int32) *document.Node {
	return &document.Node{Line: line, Column: column}
}

func (m *importer) operation(p *document.Member, item *document.Node, o *document.Member) {
	method, path := strings.ToUpper(o.Name), p.Name
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	if !o.Value.Is(document.Object) {
		m.errorAt(o.Value, path+"."+o.Name, "is "+o.Value.Kind.String()+", not an operation", "")
		return
	}
	if len(m.out.Operations) == MaxOperations {
		m.errorAt(at(o.Line, o.Column), "", fmt.Sprintf("the document has more than %d operations (limit MaxOperations)", MaxOperations), "")
		return
	}
	if len(m.out.Operations) > MaxOperations {
		return
	}
	out := &model.Operation{
		DisplayName: displayName(o.Value, method, path),
		Method:      method,
		URLTemplate: path,
		Description: cut(o.Value.Get("description").String(), maxDescription),
	}
	out.ID = m.api.Child("operations", m.name(o.Value, method, path))
	b := &operationReader{importer: m, out: out, node: o.Value, where: path + "." + o.Name}
	b.read(item)
	if !m.checkTemplate(p, o, out) {
		return
	}
	m.out.Operations = append(m.out.Operations, out)
	m.out.Positions[out.ID.Key()] = transfer.Position{Line: int(o.Line), Column: int(o.Column)}
	m.operationTags(o.Value, out.ID)
}

// checkTemplate refuses templates that cannot be matched or told apart.
func (m *importer) checkTemplate(p, o *document.Member, out *model.Operation) bool {
	if _, err := model.TemplateNames(out.URLTemplate); err != nil {
		m.errorAt(at(p.Line, p.Column), p.Name, err.Error(), "")
		return false
	}
	shape := out.Method + " " + shape(out.URLTemplate)
	if first, ok := m.templates[shape]; ok {
		m.errorAt(at(o.Line, o.Column), p.Name,
			fmt.Sprintf("the operation %q has the same method and URL template", first),
			"templates that differ only in the names of their parameters cannot be told apart")
		return false
	}
	m.templates[shape] = out.ID.Name()
	return true
}

// shape returns a template with the names of its parameters taken out.
func shape(template string) string {
	var b strings.Builder
	path, query, _ := strings.Cut(template, "?")
	for {
		before, rest, ok := strings.Cut(path, "{")
		b.WriteString(strings.ToLower(before))
		if !ok {
			break
		}
		_, path, _ = strings.Cut(rest, "}")
		b.WriteString("{}")
	}
	return b.String() + "?" + query
}

// operationReader reads one operation.
type operationReader struct {
	*importer
	out   *model.Operation
	node  *document.Node
	where string
}

func (r *operationReader) read(item *document.Node) {
	request := &model.Request{}
	r.parameters(item, request)
	if bodyAllowed(r.out.Method) {
		if r.swagger {
			r.swaggerBody(item, request)
		} else {
			r.body(request)
		}
	}
	if len(request.QueryParameters)+len(request.Headers)+len(request.Representations) > 0 || request.Description != "" {
		r.out.Request = request
	}
	r.responses()
}

// bodyAllowed is false for the methods whose bodies API Management discards on
// import.
func bodyAllowed(method string) bool {
	return method != "GET" && method != "HEAD" && method != "OPTIONS"
}
