// Package rewrite writes descriptions anew: for those who call the API through
// the gateway, as OpenAPI 3.1, and as YAML.
package rewrite

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/portal/reference/document"
)

// Publication says what of a document is published.
type Publication struct {
	// URL is where the gateway serves the API.
	URL string
	// Exists reports whether there is an operation, by method in capitals and path
	// as in the document, and Leads whether a component is one that such an
	// operation leads to, by its reference.
	Exists func(method, path string) bool
	Leads  func(reference string) bool
}

// methods are those of operations.
var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// Publish returns a document with the operations that exist and the components
// that these lead to. Servers are the gateway, and extensions, which often are of
// the backend, are left out.
func Publish(root document.Value, p Publication) []byte {
	w := &object{}
	swagger := root.Get("swagger").Exists()
	for name, v := range root.Members() {
		switch {
		case extension(name) && name != "x-ms-paths" || slices.Contains(unpublished, name):
		case name == "paths" || name == "x-ms-paths":
			w.put(name, p.paths(v))
		case name == "components":
			w.put(name, p.components(v))
		case name == "definitions" || name == "parameters" || name == "responses":
			w.put(name, p.led(v, "#/"+name+"/"))
		default:
			w.put(name, v.JSON())
		}
		if name == "info" {
			p.servers(w, swagger)
		}
	}
	if !root.Get("info").Exists() {
		p.servers(w, swagger)
	}
	return w.bytes()
}

// unpublished are the members of a document that say where the backend is, or
// what it does by itself.
var unpublished = []string{"servers", "host", "basePath", "schemes", "webhooks"}

func extension(name string) bool { return strings.HasPrefix(name, "x-") }

// servers writes where the gateway is.
func (p Publication) servers(w *object, swagger bool) {
	u, err := url.Parse(p.URL)
	if err != nil || u.Host == "" {
		return
	}
	if !swagger {
		server := &object{}
		server.put("url", text(p.URL))
		w.put("servers", slices.Concat([]byte("["), server.bytes(), []byte("]")))
		return
	}
	w.put("host", text(u.Host))
	w.put("basePath", text("/"+strings.Trim(u.Path, "/")))
	w.put("schemes", slices.Concat([]byte("["), text(u.Scheme), []byte("]")))
}

func (p Publication) paths(paths document.Value) []byte {
	w := &object{}
	for path, item := range paths.Members() {
		inner, some := &object{}, false
		template := path
		if !strings.HasPrefix(template, "/") {
			template = "/" + template
		}
		for name, v := range item.Members() {
			switch {
			case extension(name) || name == "servers":
			case !slices.Contains(methods, name):
				inner.put(name, v.JSON())
				some = some || name == "$ref"
			case p.Exists(strings.ToUpper(name), template):
				some = true
				inner.put(name, without(v))
			}
		}
		if some {
			w.put(path, inner.bytes())
		}
	}
	return w.bytes()
}

// without is an operation without its servers and extensions.
func without(operation document.Value) []byte {
	w := &object{}
	for name, v := range operation.Members() {
		if !extension(name) && name != "servers" && name != "schemes" {
			w.put(name, v.JSON())
		}
	}
	return w.bytes()
}

func (p Publication) components(components document.Value) []byte {
	w := &object{}
	for name, v := range components.Members() {
		switch {
		case extension(name):
		case name == "securitySchemes":
			w.put(name, v.JSON())
		default:
			w.put(name, p.led(v, "#/components/"+name+"/"))
		}
	}
	return w.bytes()
}

// led keeps the members that operations lead to.
func (p Publication) led(v document.Value, prefix string) []byte {
	w := &object{}
	for name, inner := range v.Members() {
		if p.Leads(prefix + strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")) {
			w.put(name, inner.JSON())
		}
	}
	return w.bytes()
}

// object writes an object.
type object struct{ out []byte }

func (w *object) put(name string, value []byte) {
	if len(w.out) > 0 {
		w.out = append(w.out, ',')
	}
	w.out = append(append(append(w.out, text(name)...), ':'), value...)
}

func (w *object) bytes() []byte { return slices.Concat([]byte("{"), w.out, []byte("}")) }

// text is a text as JSON.
func text(s string) []byte {
	raw, err := json.Marshal(s)
	if err != nil {
		return []byte(`""`) // Texts can always be written.
	}
	return raw
}

// Indent is JSON that can be read.
func Indent(data []byte) []byte {
	var out bytes.Buffer
	if err := json.Indent(&out, data, "", "  "); err != nil {
		return data
	}
	out.WriteByte('\n')
	return out.Bytes()
}
