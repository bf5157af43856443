package export

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/transfer/document"
	"github.com/sallyport/sallyport/internal/control/transfer/openapi"
	"github.com/sallyport/sallyport/internal/model"
)

func operation(name, method, template string, parameters ...string) *model.Operation {
	o := &model.Operation{ID: model.NewID("apis", "a", "operations", name), DisplayName: name, Method: method, URLTemplate: template}
	for _, p := range parameters {
		o.TemplateParameters = append(o.TemplateParameters, model.Parameter{Name: p, Type: "string", Required: true})
	}
	return o
}

// TestTemplates exports templates that OpenAPI has no plain word for, and
// imports them again.
func TestTemplates(t *testing.T) {
	s := Source{API: &model.API{ID: "apis/a", Path: "a"}, Operations: []*model.Operation{
		operation("plain", "GET", "/orders/{id}", "id"),
		operation("query", "GET", "/orders?kind={kind}", "kind"),
		operation("no query", "GET", "/orders"),
		operation("other query", "GET", "/orders?tag={tag}", "tag"),
		operation("fixed", "POST", "/?soapAction=Add"),
		operation("fixed 2", "POST", "/?soapAction=Divide&v={v}", "v"),
		operation("another name", "GET", "/a?x={y}", "y"),
		operation("all below", "GET", "/files/*"),
		operation("rest", "PUT", "/files/{*path}", "path"),
	}}
	for _, format := range formats {
		t.Run(format, func(t *testing.T) {
			d, problems := Write(format, s)
			if len(problems) > 0 {
				t.Error(problems)
			}
			again, problems := openapi.Read("apis/a", d.Data, openapi.Options{})
			if len(problems) > 0 {
				t.Error(problems)
			}
			got := map[string]string{}
			for _, o := range again.Operations {
				got[o.ID.Name()] = o.Method + " " + o.URLTemplate
			}
			want := map[string]string{}
			for _, o := range s.Operations {
				want[o.ID.Name()] = o.Method + " " + o.URLTemplate
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s\n%s", diff, d.Data)
			}
		})
	}
}

func TestLeftOut(t *testing.T) {
	s := Source{API: &model.API{ID: "apis/a"}, Operations: []*model.Operation{
		operation("odd", "PURGE", "/a"), operation("first", "GET", "/b"), operation("second", "GET", "/b"),
	}}
	d, problems := Write("openapi+json-link", s)
	if len(problems) != 2 || problems.HasErrors() || problems[0].Resource != "apis/a/operations/odd" || problems[1].Resource != "apis/a/operations/second" {
		t.Errorf("got %v", problems)
	}
	if !strings.Contains(string(d.Data), `"first"`) || strings.Contains(string(d.Data), `"second"`) {
		t.Errorf("got %s", d.Data)
	}
	if _, problems := Write("raml", s); !problems.HasErrors() || Known("raml") || !Known("OpenAPI-Link") {
		t.Errorf("got %v", problems)
	}
}

// TestTypesOfSeveralSchemas has two schemas with a type of the same name, of
// which one is Swagger's.
func TestTypesOfSeveralSchemas(t *testing.T) {
	o := operation("get", "GET", "/")
	o.Responses = []model.Response{{StatusCode: 200, Representations: []model.Representation{
		{ContentType: "a/a", SchemaID: "one", TypeName: "T"},
		{ContentType: "a/b", SchemaID: "/apis/a/schemas/Two", TypeName: "T"},
		{ContentType: "a/c", SchemaID: "one", TypeName: "missing"},
	}}}
	s := Source{API: &model.API{ID: "apis/a"}, Operations: []*model.Operation{o}, Schemas: []*model.Schema{
		{ID: "apis/a/schemas/one", ContentType: model.SchemaOpenAPI, Document: model.SchemaDocument{
			Components: []byte(`{"schemas":{"T":{"type":["null","string"]},"U":{"$ref":"#/components/schemas/T"}}}`)}},
		{ID: "apis/a/schemas/two", ContentType: model.SchemaSwagger, Document: model.SchemaDocument{
			Definitions: []byte(`{"T":{"type":"object","properties":{"next":{"$ref":"#/definitions/T"},"$ref":{"example":{"$ref":"#/definitions/T"}}}}}`)}},
		{ID: "apis/a/schemas/broken", ContentType: model.SchemaOpenAPI, Document: model.SchemaDocument{Components: []byte(`{`)}},
		{ID: "apis/a/schemas/xsd", ContentType: "application/vnd.ms-azure-apim.xsd+xml", Document: model.SchemaDocument{Value: "<a/>"}},
	}}
	want := map[string]string{
		"openapi+json-link": `{"schemas":{"T":{"type":"string","nullable":true},"U":{"$ref":"#/components/schemas/T"},` +
			`"T-1":{"type":"object","properties":{"next":{"$ref":"#/components/schemas/T-1"},"$ref":{"example":{"$ref":"#/definitions/T"}}}}}`,
		"swagger-link": `{"T":{"type":"string"},"U":{"$ref":"#/definitions/T"},` +
			`"T-1":{"type":"object","properties":{"next":{"$ref":"#/definitions/T-1"},"$ref":{"example":{"$ref":"#/definitions/T"}}}}}`,
	}
	for format, text := range want {
		d, _ := Write(format, s)
		root, err := document.Parse(d.Data)
		if err != nil {
			t.Fatal(err)
		}
		got := root.Get("definitions")
		if format == "openapi+json-link" {
			got = root.Get("components")
			text += strings.TrimPrefix(`{,"securitySchemes":`+string(got.Get("securitySchemes").AppendJSON(nil))+`}`, "{")
			if c := root.Get("paths").Get("/").Get("get").Get("responses").Get("200").Get("content"); c.Get("a/b").Get("schema").Get("$ref").String() != "#/components/schemas/T-1" || c.Get("a/c").Get("schema") != nil {
				t.Errorf("got %s", c.AppendJSON(nil))
			}
		}
		if diff := cmp.Diff(text, string(got.AppendJSON(nil))); diff != "" {
			t.Error(diff)
		}
	}
}
