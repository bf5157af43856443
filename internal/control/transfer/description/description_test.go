package description

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/model"
)

func TestFormats(t *testing.T) {
	tests := []struct {
		name, format  string
		known, linked bool
	}{
		{"by value", "openapi", true, false},
		{"JSON by value", "openapi+json", true, false},
		{"by link", "openapi-link", true, true},
		{"JSON by link", "openapi+json-link", true, true},
		{"Swagger by value", "swagger-json", true, false},
		{"Swagger by link", "swagger-link-json", true, true},
		{"Swagger as an old client says it", "swagger-link", true, true},
		{"WADL", "wadl-xml", true, false},
		{"WADL by link", "wadl-link-json", true, true},
		{"WSDL", "wsdl", true, false},
		{"WSDL by link", "wsdl-link", true, true},
		{"GraphQL by link", "graphql-link", true, true},
		{"gRPC", "grpc", true, false},
		{"gRPC by link", "grpc-link", true, true},
		{"OData", "odata", true, false},
		{"OData by link", "odata-link", true, true},
		{"in capitals", "OpenAPI-Link", true, true},
		{"unknown", "raml", false, false},
		{"none", "", false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if Known(tt.format) != tt.known || Linked(tt.format) != tt.linked {
				t.Errorf("known %v, linked %v", Known(tt.format), Linked(tt.format))
			}
			_, problems := Read("apis/a", tt.format, nil, Options{})
			if !problems.HasErrors() {
				t.Fatal("an empty document is read without an error")
			}
			if unknown := problems[0].Element == "format"; unknown == tt.known {
				t.Errorf("got %v", problems)
			}
		})
	}
}

const swagger = `{"swagger": "2.0", "host": "pets.example", "basePath": "/v2", "schemes": ["https", "http", "ws"],
"info": {"title": "Pets", "description": "All.", "contact": {"name": "Pat"}, "license": {"name": "MIT"}, "termsOfService": "https://pets.example/terms"},
"paths": {"/pets": {"get": {"tags": ["pets"], "parameters": [{"in": "query", "name": "tag", "required": true, "type": "string"}], "responses": {}}}}}`

func TestReadOpenAPI(t *testing.T) {
	got, problems := Read("apis/pets", "swagger-json", []byte(swagger), Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	want := model.API{
		ID: "apis/pets", DisplayName: "Pets", Description: "All.", ServiceURL: "https://pets.example/v2",
		Protocols:         []model.Protocol{model.ProtocolHTTP, model.ProtocolHTTPS},
		TermsOfServiceURL: "https://pets.example/terms",
		Contact:           &model.Contact{Name: "Pat"}, License: &model.License{Name: "MIT"},
	}
	if diff := cmp.Diff(want, got.Properties); diff != "" {
		t.Error(diff)
	}
	if got.Operations[0].URLTemplate != "/pets?tag={tag}" || len(got.Tags) != 1 || got.Tags[0].Operations[0] != got.Operations[0].ID {
		t.Errorf("got %+v, tags %+v", got.Operations[0], got.Tags)
	}
	got, _ = Read("apis/pets", "swagger-json", []byte(swagger), Options{QueryStaysQuery: true})
	if got.Operations[0].URLTemplate != "/pets" {
		t.Errorf("got %s", got.Operations[0].URLTemplate)
	}
}

func TestFill(t *testing.T) {
	in, _ := Read("apis/pets", "swagger-json", []byte(swagger), Options{})
	api := model.API{ID: "apis/pets", DisplayName: "Mine", ServiceURL: "https://mine.example", Contact: &model.Contact{Name: "Me"}}
	in.Fill(&api)
	want := model.API{
		ID: "apis/pets", DisplayName: "Mine", Description: "All.", ServiceURL: "https://mine.example",
		Protocols: in.Properties.Protocols, TermsOfServiceURL: "https://pets.example/terms",
		Contact: &model.Contact{Name: "Me"}, License: &model.License{Name: "MIT"},
	}
	if diff := cmp.Diff(want, api); diff != "" {
		t.Error(diff)
	}
}

// TestFamilies reads a document of each family, and sees that the options
// reach those who read it.
func TestFamilies(t *testing.T) {
	const service = `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="urn:t" targetNamespace="urn:t">
<portType name="p"><operation name="Op"/></portType>
<binding name="b" type="t:p"><soap:binding/><operation name="Op"><soap:operation soapAction="urn:op"/></operation></binding>
<service name="One"><port name="A" binding="t:b"><soap:address location="http://one.example/"/></port></service>
<service name="Two"><port name="B" binding="t:b"><soap:address location="http://two.example/s"/></port></service></definitions>`
	tests := []struct {
		name, format, in string
		options          Options
		want             string // Type, name, URL, operations and content types of schemas.
	}{
		{"WSDL passed through", "wsdl", service, Options{APIType: model.APISOAP, WSDLService: "Two", WSDLEndpoint: "B"},
			"soap Two http://two.example/s POST /?soapAction=urn:op application/wsdl+xml"},
		{"WADL", "wadl-xml", `<application xmlns="http://wadl.dev.java.net/2009/02"><resources base="http://a.example"><resource path="x">` +
			`<method><request><param name="q" required="true"/></request></method></resource></resources></application>`, Options{QueryStaysQuery: true},
			"  http://a.example GET /x"},
		{"OData", "odata", `<Edmx xmlns="http://docs.oasis-open.org/odata/ns/edmx"><DataServices><Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="n">` +
			`<EntityContainer Name="C"/></Schema></DataServices></Edmx>`, Options{},
			"odata C  GET / GET /$metadata POST /$batch application/vnd.ms-azure-apim.odata.schema"},
		{"gRPC", "grpc", `syntax = "proto3"; service S { rpc M(A) returns (A); } message A {}`, Options{}, "grpc S  POST /S/M text/protobuf"},
		{"GraphQL", "graphql", "type Query { a: Int }", Options{}, "graphql   application/vnd.ms-azure-apim.graphql.schema"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in, problems := Read("apis/a", tt.format, []byte(tt.in), tt.options)
			if problems.HasErrors() {
				t.Fatal(problems)
			}
			p := in.Properties
			got := string(p.Type) + " " + p.DisplayName + " " + p.ServiceURL
			for _, o := range in.Operations {
				got += " " + o.Method + " " + o.URLTemplate
			}
			for _, s := range in.Schemas {
				got += " " + s.ContentType
			}
			if got != tt.want || p.ID != "apis/a" {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	_, problems := Read("apis/a", "wsdl", []byte(service), Options{})
	if !problems.HasErrors() { // Its operation has no message that could become JSON.
		t.Error("the service becomes a REST API")
	}
}

// TestNotAllowed has a document that is right, of which the management API does
// not allow all.
func TestNotAllowed(t *testing.T) {
	text := "openapi: 3.0.0\ninfo: {title: a}\npaths:\n  /" + strings.Repeat("a", 1000) + ":\n    get: {responses: {}}\n"
	_, problems := Read("apis/a", "openapi", []byte(text), Options{File: "f"})
	if !problems.HasErrors() || !strings.HasPrefix(problems.String(), "f:5:5: urlTemplate: ") {
		t.Errorf("got %v", problems)
	}
}

func TestLongTitle(t *testing.T) {
	text := strings.Replace(swagger, "Pets", strings.Repeat("é", 400), 1)
	got, _ := Read("apis/pets", "openapi", []byte(text), Options{})
	if got.Properties.DisplayName != strings.Repeat("é", maxDisplayName) {
		t.Errorf("the title has %d bytes", len(got.Properties.DisplayName))
	}
}
