package reference_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// payloads are texts that do something in a page that does not escape them.
var payloads = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `javascript:alert(1)`, `</code></pre><svg onload=alert(1)>`,
	`[x](javascript:alert(1))`, `![x](https://evil.example/x.png)`, `<a href="javascript:alert(1)">x</a>`, `{{.Visitor}}`, `<iframe srcdoc="<script>alert(1)</script>">`,
	`data:text/html,<script>alert(1)</script>`, "\u202ealert(1)", `--><style>*{display:none}</style>`, `</textarea><math><mi xlink:href="data:x,<script>alert(1)</script>">`,
	`<details open ontoggle=alert(1)>`, `&lt;script&gt;alert(1)&lt;/script&gt;`, `[a]: javascript:alert(1) "x"`, `<javascript:alert(1)>`,
}

// hostileDocument has a text in every field.
func hostileDocument(x string) string {
	q := func(v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			return `""`
		}
		return string(raw)
	}
	schema := map[string]any{
		"type": "object", "title": x, "description": x, "format": x, "pattern": x, "default": x, "example": map[string]any{x: x}, "required": []string{x},
		"externalDocs":  map[string]any{"url": x, "description": x},
		"discriminator": map[string]any{"propertyName": x, "mapping": map[string]any{x: x, "y": "#/components/schemas/Evil"}},
		"properties": map[string]any{
			x:   map[string]any{"type": x, "format": x, "description": x, "enum": []string{x}, "example": x, "xml": map[string]any{"name": x}},
			"a": map[string]any{"$ref": "#/components/schemas/" + x}, "b": map[string]any{"$ref": "#/components/schemas/Evil"},
			"c": map[string]any{"type": "array", "items": map[string]any{"oneOf": []any{map[string]any{"title": x, "const": x}}}},
		},
		"patternProperties": map[string]any{x: map[string]any{"description": x}},
	}
	parameter := func(in string) map[string]any {
		return map[string]any{"name": x + in, "in": in, "description": x, "required": true, "schema": map[string]any{"type": "string", "default": x},
			"examples": map[string]any{x: map[string]any{"summary": x, "description": x, "value": x}}}
	}
	media := map[string]any{x: map[string]any{"schema": schema, "examples": map[string]any{x: map[string]any{"summary": x, "description": x, "value": map[string]any{x: x}, "externalValue": ""}, "far": map[string]any{"externalValue": x}},
		"encoding": map[string]any{x: map[string]any{"contentType": x}}}}
	operation := map[string]any{
		"operationId": x, "summary": x, "description": x, "tags": []string{x}, "deprecated": true, "externalDocs": map[string]any{"url": "https://ok.example/" + x, "description": x},
		"parameters":  []any{parameter("path"), parameter("query"), parameter("header"), parameter("cookie")},
		"requestBody": map[string]any{"description": x, "content": media},
		"responses": map[string]any{"200": map[string]any{"description": x, "headers": map[string]any{x: map[string]any{"description": x, "schema": map[string]any{"type": "string"}}}, "content": media,
			"links": map[string]any{x: map[string]any{"operationId": x, "description": x}}}, x: map[string]any{"description": x}},
		"callbacks": map[string]any{x: map[string]any{x: map[string]any{"post": map[string]any{"summary": x, "description": x, "requestBody": map[string]any{"content": media}}}}},
		"security":  []any{map[string]any{"key": []string{x}, x: []string{x}}},
	}
	schemes := map[string]any{"key": map[string]any{"type": "apiKey", "in": "header", "name": x, "description": x},
		x: map[string]any{"type": "oauth2", "description": x, "flows": map[string]any{x: map[string]any{"authorizationUrl": x, "tokenUrl": x, "scopes": map[string]any{x: x}}}}}
	return fmt.Sprintf(`{"openapi":"3.0.0","info":{"title":%[1]s,"description":%[1]s,"version":%[1]s},"tags":[{"name":%[1]s,"description":%[1]s}],
		"paths":{"/items/{id}":{"get":%[2]s}},"components":{"securitySchemes":%[3]s,"schemas":{"Evil":%[4]s,%[1]s:%[4]s}}}`, q(x), q(operation), q(schemes), q(schema))
}

// TestS18_HostileDescriptions shows documents with every payload in every field: no
// page has an element, an attribute or a link that is theirs.
func TestS18_HostileDescriptions(t *testing.T) {
	pages := 0
	for i, x := range payloads {
		s := newPlane()
		s.documents["pets"] = hostileDocument(x)
		s.exports["pets.openapi+json-link"] = made
		s.Put("apis/pets/operations/pets-get", map[string]any{"displayName": x, "method": "GET", "urlTemplate": "/items/{id}", "description": x})
		s.Put("apis/pets/operations/pets-get/tags/evil", map[string]any{"displayName": x})
		p := newRig(t, s)
		for _, path := range []string{"operations", "operations?q=%22%3E%3Csvg%20onload%3D1%3E", "operations/pets-get", "schemas", "schemas/Evil"} {
			a := p.Get("/apis/pets/" + path)
			if a.Status != http.StatusOK {
				t.Fatalf("payload %d: %s answers %d", i, path, a.Status)
			}
			pages++
			inspect(t, x+" in "+path, a.Body)
		}
		if a := p.Get("/apis/pets/export/original"); a.Status != http.StatusOK || !strings.Contains(a.Header.Get("Content-Disposition"), "attachment") || !json.Valid([]byte(a.Body)) {
			t.Errorf("payload %d: the export answers %d", i, a.Status)
		}
	}
	fmt.Printf("S18: %d payloads in every field of a description, %d pages: 0 elements, attributes or links of theirs (limit 0)\n", len(payloads), pages)
}

// TestHostileRows shows operations with every payload as their method and their
// template, in the list, which no template escapes.
func TestHostileRows(t *testing.T) {
	s := newPlane()
	for i, x := range payloads {
		s.Put(fmt.Sprintf("apis/pets/operations/hostile%d", i), map[string]any{"displayName": x, "method": x, "urlTemplate": "/" + x})
	}
	p := newRig(t, s)
	inspect(t, "the list", p.Get("/apis/pets/operations").Want(t, http.StatusOK, "hostile0", html.EscapeString(payloads[0])).Body)
}

// inspect fails where a page has what no page of ours has.
func inspect(t *testing.T, name, body string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	allowed := map[string]bool{"script": true, "svg": true}
	ids := map[string]bool{}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "iframe", "img", "style", "math", "object", "embed", "base", "video", "audio", "textarea":
			if !allowed[n.Data] {
				t.Errorf("%s: the page has a <%s>", name, n.Data)
			}
		case "script":
			if n.FirstChild != nil {
				t.Errorf("%s: the page has a script of its own", name)
			}
		}
		for _, a := range n.Attr {
			value := strings.ToLower(strings.TrimSpace(a.Val))
			switch {
			case strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc":
				t.Errorf("%s: <%s> has the attribute %s=%q", name, n.Data, a.Key, a.Val)
			case (a.Key == "href" || a.Key == "src" || a.Key == "action") && (strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "data:")):
				t.Errorf("%s: <%s> leads to %q", name, n.Data, a.Val)
			case a.Key == "id":
				if ids[a.Val] {
					t.Errorf("%s: the id %q is there twice", name, a.Val)
				}
				ids[a.Val] = true
			}
		}
	}
}

// TestS18_HostileDescriptions_NegativeControl shows that inspect sees what it looks for.
func TestS18_HostileDescriptions_NegativeControl(t *testing.T) {
	for _, body := range []string{`<p onclick="x">`, `<a href=" JavaScript:x">`, `<script>x</script>`, `<iframe>`, `<p id=a><p id=a>`} {
		inner := &testing.T{}
		inspect(inner, "control", body)
		if !inner.Failed() {
			t.Errorf("%s was not seen", body)
		}
	}
}
