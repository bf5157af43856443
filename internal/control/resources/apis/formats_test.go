package apis_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/publish"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/apis"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/policies"
	"github.com/sallyport/sallyport/internal/snapshot"
)

const shop = `<?xml version="1.0"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:tns="http://shop.example/" targetNamespace="http://shop.example/">
  <wsdl:types><xsd:schema elementFormDefault="qualified" targetNamespace="http://shop.example/">
    <xsd:element name="Add"><xsd:complexType><xsd:sequence><xsd:element name="A" type="xsd:int"/></xsd:sequence></xsd:complexType></xsd:element>
    <xsd:element name="AddResponse"><xsd:complexType><xsd:sequence><xsd:element name="Sum" type="xsd:int"/></xsd:sequence></xsd:complexType></xsd:element>
  </xsd:schema></wsdl:types>
  <wsdl:message name="AddIn"><wsdl:part name="parameters" element="tns:Add"/></wsdl:message>
  <wsdl:message name="AddOut"><wsdl:part name="parameters" element="tns:AddResponse"/></wsdl:message>
  <wsdl:portType name="ShopType"><wsdl:operation name="Add"><wsdl:input message="tns:AddIn"/><wsdl:output message="tns:AddOut"/></wsdl:operation></wsdl:portType>
  <wsdl:binding name="ShopBinding" type="tns:ShopType">
    <soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <wsdl:operation name="Add"><soap:operation soapAction="http://shop.example/Add" style="document"/>
      <wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation>
  </wsdl:binding>
  <wsdl:service name="Shop"><wsdl:port name="ShopSoap" binding="tns:ShopBinding"><soap:address location="http://shop.example/shop.asmx"/></wsdl:port></wsdl:service>
</wsdl:definitions>`

const wadl = `<application xmlns="http://wadl.dev.java.net/2009/02"><resources base="http://bank.example/v1">
  <resource path="accounts/{id}"><param name="id" style="template"/><method name="GET" id="getAccount"/></resource></resources></application>`

const edmx = `<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
  <Schema Namespace="Trip" xmlns="http://docs.oasis-open.org/odata/ns/edm">
    <EntityType Name="Person"><Key><PropertyRef Name="Name"/></Key><Property Name="Name" Type="Edm.String" Nullable="false"/></EntityType>
    <EntityContainer Name="Container"><EntitySet Name="People" EntityType="Trip.Person"/></EntityContainer>
  </Schema></edmx:DataServices></edmx:Edmx>`

// TestImportFormats imports a document of each format, twice, and has gateways
// compile what comes of it.
func TestImportFormats(t *testing.T) {
	tests := []struct {
		name string
		body map[string]any
		want map[string]any
		// operations and schemas are how many there are.
		operations, schemas int
	}{
		{"soap", importOf("wsdl", shop, "path", "soap", "apiType", "soap"), map[string]any{"type": "soap", "displayName": "Shop"}, 1, 2},
		{"soap-to-rest", importOf("wsdl-link", "https://docs.example/shop", "path", "rest", "wsdlSelector",
			map[string]any{"wsdlServiceName": "Shop", "wsdlEndpointName": "ShopSoap"}), map[string]any{"displayName": "Shop"}, 1, 2},
		{"wadl", importOf("wadl-xml", wadl, "path", "wadl"), map[string]any{"displayName": "http://bank.example/v1", "serviceUrl": "http://bank.example/v1"}, 1, 0},
		{"graphql", importOf("graphql-link", "https://docs.example/graphql", "path", "graph", "serviceUrl", "https://graph.example"), map[string]any{"type": "graphql"}, 0, 1},
		{"grpc", importOf("grpc", `syntax = "proto3"; package shop; message A {} service Shop { rpc Add(A) returns (A); }`, "path", "shop.Shop", "serviceUrl", "https://grpc.example"),
			map[string]any{"type": "grpc"}, 1, 1},
		{"odata", importOf("odata", edmx, "path", "odata", "serviceUrl", "https://odata.example"), map[string]any{"type": "odata"}, 0, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := resourcestest.New(t, apis.Exporter{})
			s.Documents["https://docs.example/shop"] = shop
			s.Documents["https://docs.example/graphql"] = "type Query { hello: String }"
			for _, status := range []int{http.StatusCreated, http.StatusOK} {
				body := s.Must(http.MethodPut, "apis/x", tt.body, status)
				for name, want := range tt.want {
					if diff := cmp.Diff(want, at(body, "properties."+name)); diff != "" {
						t.Errorf("%s: %s", name, diff)
					}
				}
				if names := s.Names("apis/x/operations"); len(names) < tt.operations || tt.operations == 0 && tt.name == "graphql" && len(names) > 0 {
					t.Errorf("the operations are %v", names)
				}
				if names := s.Names("apis/x/schemas"); len(names) != tt.schemas {
					t.Errorf("the schemas are %v", names)
				}
				compile(t, s)
			}
			if format := map[string]string{"soap": "wsdl-link", "wadl": "wadl-link"}[tt.name]; format != "" {
				link, _ := at(s.Get("apis/x?export=true&format="+format), "value.link").(string)
				status, header, document := s.Raw(http.MethodGet, strings.TrimPrefix(link, "https://management.example"), nil)
				if status != http.StatusOK || !strings.Contains(header.Get("Content-Type"), "xml") || !strings.Contains(string(document), "apimService1.example") {
					t.Errorf("status %d, %v: %s", status, header, document)
				}
			}
		})
	}
}

// compilerOf makes the compiler of expressions, once.
var compilerOf = sync.OnceValues(expr.NewCompiler)

// compile has a gateway compile what the service has.
func compile(t *testing.T, s *resourcestest.Server) {
	t.Helper()
	compiler, err := compilerOf()
	if err != nil {
		t.Fatal(err)
	}
	settings := &snapshot.Settings{Policies: policies.All(), Expressions: compiler}
	err = s.Plane.Read(t.Context(), &resource.Call{}, func(session *resource.Session) error {
		doc, err := publish.Document(session, resource.ID(resourcestest.Service))
		if err != nil {
			return err
		}
		_, problems := snapshot.Compile(doc, settings)
		return problems.Err()
	})
	if err != nil {
		t.Error(err)
	}
}
