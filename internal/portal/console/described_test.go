package console

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/reference/description"
)

const described = `{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{"/pets/{id}":{"post":{
 "parameters":[
  {"name":"id","in":"path","required":true,"description":"Which pet.","schema":{"type":"integer"},"example":7},
  {"name":"kind","in":"query","schema":{"type":"string","enum":["cat","dog"],"default":"cat"}},
  {"name":"X-Mark","in":"header","required":true,"schema":{"type":"string"}},
  {"name":"Accept","in":"header","schema":{"type":"string"}}],
 "requestBody":{"content":{
  "application/json":{"schema":{"type":"object","properties":{"name":{"type":"string","example":"Rex"}}}},
  "multipart/form-data":{"schema":{"type":"object","properties":{"note":{"type":"string","example":"hi"},"photo":{"type":"string","format":"binary"}}}}}},
 "responses":{"200":{"description":"ok"}}}}}}`

func TestAdopt(t *testing.T) {
	d, err := description.Read([]byte(described))
	if err != nil {
		t.Fatal(err)
	}
	e, ok := d.Find("POST", "/pets/{id}")
	if !ok {
		t.Fatal("the operation is not found")
	}
	o := &client.Operation{Method: "POST", URLTemplate: "/pets/{id}", TemplateParameters: []client.Parameter{{Name: "id", Type: "string", Required: true}}}
	adopt(d.Read(e), o)
	if p := o.TemplateParameters; len(p) != 1 || p[0].Type != "integer" || p[0].Description != "Which pet." || exampleOf(p[0].Examples) != "7" {
		t.Errorf("path: %+v", p)
	}
	if p := o.Request.QueryParameters; len(p) != 1 || p[0].DefaultValue != "cat" || !cmp.Equal(p[0].Values, []string{"cat", "dog"}) {
		t.Errorf("query: %+v", p)
	}
	if p := o.Request.Headers; len(p) != 1 || p[0].Name != "X-Mark" || !p[0].Required {
		t.Errorf("header: %+v", p)
	}
	bodies := filled{}.bodies(o)
	if len(bodies) != 2 || !strings.Contains(bodies[0].Example, `"name": "Rex"`) || len(bodies[1].Fields) != 1 || bodies[1].Fields[0].Value != "hi" || len(bodies[1].Files) != 1 {
		t.Errorf("bodies: %+v", bodies)
	}
}

func TestShowBodies(t *testing.T) {
	tests := []struct {
		name, media, body string
		want              shown
	}{
		{"none", "text/plain", "", shown{Kind: kindNone}},
		{"json", "application/problem+json; charset=utf-8", `{"a":[1,2.50]}`, shown{kindText, "json", "{\n  \"a\": [\n    1,\n    2.50\n  ]\n}", true, ""}},
		{"json without a type", "", `[]`, shown{kindText, "json", "[]", true, ""}},
		{"broken json", "application/json", `{"a":`, shown{kindText, "json", `{"a":`, false, ""}},
		{"xml", "text/xml", `<a x="1"><b>t</b><c/><d><e/></d></a>`, shown{kindText, "xml", "<a x=\"1\">\n  <b>t</b>\n  <c/>\n  <d>\n    <e/>\n  </d>\n</a>", true, ""}},
		{"mixed xml", "text/xml", `<a>x<b/>y</a>`, shown{kindText, "xml", `<a>x<b/>y</a>`, false, ""}},
		{"broken xml", "text/xml", `</a></b><a>`, shown{kindText, "xml", `</a></b><a>`, false, ""}},
		{"html is text", "text/html", "<p>x", shown{kindText, "xml", "<p>x", false, ""}},
		{"svg is text", "image/svg+xml", "<svg/>", shown{kindText, "xml", "<svg/>", true, ""}},
		{"a picture", "image/png", "\x89PNG\r\n\x1a\nrest", shown{Kind: kindImage, Media: "image/png"}},
		{"no picture", "image/png", "<script>", shown{Kind: kindText, Text: "<script>"}},
		{"binary", "application/json", "\x00\x01", shown{Kind: kindBinary}},
		{"half a character at the end", "text/plain", "é\xc3", shown{Kind: kindText, Text: "é\xc3"}},
		{"no UTF-8", "text/plain", "\xff\xfe\xff\xfe\xff\xfe", shown{Kind: kindBinary}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, show(test.media, []byte(test.body))); diff != "" {
				t.Errorf("shown (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzShow(f *testing.F) {
	f.Add("text/xml", []byte("<a><b/></a>"))
	f.Add("application/json", []byte(`{"a":1}`))
	f.Fuzz(func(t *testing.T, media string, body []byte) {
		if s := show(media, body); len(s.Text) > 8*maxPretty+len(body) {
			t.Fatalf("%d bytes became %d", len(body), len(s.Text))
		}
	})
}
