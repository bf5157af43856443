package export

import (
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer/document"
	"github.com/sallyport/sallyport/internal/model"
)

// template is a URL template in parts.
type template struct {
	path string
	// query are the names of parameters that the query of the template has, in
	// lower case; key, in which they stay, is where the operation is described:
	// the path, or the whole template where the path does not tell operations
	// apart.
	query map[string]bool
	key   string
	// extended is set where the key is for x-ms-paths.
	extended bool
}

// split takes a URL template apart. Its query moves to the parameters where
// each is NAME={NAME}; any other query stays in the key.
func split(urlTemplate string) template {
	path, query, _ := strings.Cut(urlTemplate, "?")
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	t := template{path: path, key: path, query: map[string]bool{}}
	if query == "" {
		return t
	}
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		inner, ok := strings.CutPrefix(value, "{")
		inner, closed := strings.CutSuffix(inner, "}")
		if !ok || !closed || !strings.EqualFold(inner, name) {
			t.extended = true
		}
		if ok && closed {
			t.query[strings.ToLower(inner)] = true
		}
	}
	if t.extended {
		t.key = path + "?" + query
	}
	return t
}

// paths writes all operations: paths, and x-ms-paths for those whose query
// tells them from others.
func (w *writer) paths(root object) {
	p := &pathList{writer: w, plain: newObject(), extended: newObject(), items: map[string]object{}, reserved: map[string]bool{}}
	for _, o := range w.source.Operations {
		if !strings.Contains(o.URLTemplate, "?") {
			p.reserved[strings.ToLower(o.Method)+" "+o.URLTemplate] = true
		}
	}
	for _, o := range w.source.Operations {
		p.add(o)
	}
	root.put("paths", p.plain.Node)
	root.put("x-ms-paths", p.extended.filled())
}

// pathList is what paths are put in.
type pathList struct {
	*writer
	plain, extended object
	items           map[string]object
	// reserved are the methods and paths of operations without a query.
	reserved map[string]bool
}

func (p *pathList) add(o *model.Operation) {
	method := strings.ToLower(o.Method)
	switch method {
	case "get", "put", "post", "delete", "options", "head", "patch":
	default:
		p.warn(o.ID, fmt.Sprintf("the method %q has no place in this format; the operation is left out", o.Method), "")
		return
	}
	t := split(o.URLTemplate)
	if len(t.query) > 0 && (p.reserved[method+" "+t.path] || p.has(t.key, method)) {
		_, query, _ := strings.Cut(o.URLTemplate, "?")
		t.extended, t.key = true, t.path+"?"+query
	}
	if p.has(t.key, method) {
		p.warn(o.ID, "another operation has the same method and URL template; this one is left out", "")
		return
	}
	p.item(t).put(method, p.operation(o, t))
}

func (p *pathList) has(key, method string) bool {
	item, ok := p.items[key]
	return ok && item.Get(method) != nil
}

// item returns the object of a path, which it makes where there is none.
func (p *pathList) item(t template) object {
	item, ok := p.items[t.key]
	if ok {
		return item
	}
	item = newObject()
	p.items[t.key] = item
	if t.extended {
		p.extended.put(t.key, item.Node)
	} else {
		p.plain.put(t.key, item.Node)
	}
	return item
}

func (w *writer) operation(o *model.Operation, t template) *document.Node {
	if w.swagger {
		return w.swaggerOperation(o, t)
	}
	return w.openAPIOperation(o, t)
}
