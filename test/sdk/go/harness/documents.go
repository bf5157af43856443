package harness

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"regexp"
	"strings"
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

// document writes what the link of an import leads to, in its format, with what
// the example expects to be read from it.
func document(format string, want map[string]any) string {
	properties, _ := want["properties"].(map[string]any)
	text := func(name string) string {
		s, _ := properties[name].(string)
		return s
	}
	title, _ := json.Marshal(text("displayName"))
	description, _ := json.Marshal(text("description"))
	server := text("serviceUrl")
	u, err := url.Parse(server)
	if err != nil {
		u = &url.URL{}
	}
	switch strings.TrimSuffix(strings.TrimSuffix(format, "-json"), "-link") {
	case "openapi", "openapi+json":
		return fmt.Sprintf("{\"openapi\": \"3.0.0\", \"info\": {\"title\": %s, \"version\": \"1\", \"description\": %s}, \"servers\": [{\"url\": %q}], "+
			"\"paths\": {\"/pets\": {\"get\": {\"operationId\": \"listPets\", \"responses\": {\"200\": {\"description\": \"ok\"}}}}}}", title, description, server)
	case "swagger":
		return fmt.Sprintf("{\"swagger\": \"2.0\", \"info\": {\"title\": %s, \"version\": \"1\", \"description\": %s}, \"host\": %q, \"basePath\": %q, \"schemes\": %s, "+
			"\"paths\": {\"/pets\": {\"get\": {\"operationId\": \"listPets\", \"responses\": {\"200\": {\"description\": \"ok\"}}}}}}", title, description, u.Host, u.Path, encode(properties["protocols"]))
	case "wadl":
		return fmt.Sprintf(`<application xmlns="http://wadl.dev.java.net/2009/02"><resources base=%q><resource path="pets">`+
			`<method name="GET" id="listPets"/></resource></resources></application>`, server)
	case "wsdl":
		return strings.ReplaceAll(wsdl, "ADDRESS", server)
	case "odata":
		return `<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>` +
			`<Schema Namespace="Trip" xmlns="http://docs.oasis-open.org/odata/ns/edm"><EntityType Name="Person"><Key><PropertyRef Name="UserName"/></Key>` +
			`<Property Name="UserName" Type="Edm.String" Nullable="false"/></EntityType><EntityContainer Name="Container"><EntitySet Name="People" EntityType="Trip.Person"/>` +
			`</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`
	case "grpc":
		return "syntax = \"proto3\";\npackage scaler;\nmessage Ref { string name = 1; }\nservice Scaler { rpc IsActive(Ref) returns (Ref) {} }\n"
	case "graphql":
		return "type Query { hello: String }\n"
	default:
		return ""
	}
}

// wsdl has the service and the endpoint that the examples select.
const wsdl = `<definitions name="CurrencyConvertor" targetNamespace="urn:c" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:t="urn:c"
 xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/">
<types><xsd:schema targetNamespace="urn:c" elementFormDefault="qualified">
<xsd:element name="Rate"><xsd:complexType><xsd:sequence><xsd:element name="From" type="xsd:string"/></xsd:sequence></xsd:complexType></xsd:element>
<xsd:element name="RateResponse"><xsd:complexType><xsd:sequence><xsd:element name="Result" type="xsd:double"/></xsd:sequence></xsd:complexType></xsd:element>
</xsd:schema></types>
<message name="RateIn"><part name="parameters" element="t:Rate"/></message>
<message name="RateOut"><part name="parameters" element="t:RateResponse"/></message>
<portType name="CurrencyConvertorSoap"><operation name="Rate"><input message="t:RateIn"/><output message="t:RateOut"/></operation></portType>
<binding name="CurrencyConvertorSoap" type="t:CurrencyConvertorSoap"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
<operation name="Rate"><soap:operation soapAction="urn:c/Rate" style="document"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation></binding>
<service name="CurrencyConvertor"><port name="CurrencyConvertorSoap" binding="t:CurrencyConvertorSoap"><soap:address location="ADDRESS"/></port></service>
</definitions>`

// certificatePassword is the password that the examples give.
const certificatePassword = "****Certificate Password******"

// placeholder is what stands in examples for a certificate in base64.
var placeholder = regexp.MustCompile(`^\*+ ?[Bb]ase ?64`)

// certificates puts certificates where a body has placeholders for them.
func certificates(body string) string {
	var tree any
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&tree) != nil || !certify(tree) {
		return body
	}
	return encode(tree)
}

// certify puts certificates into a tree, and says whether it has put any. What
// has a host name or is a client certificate has its key with it.
func certify(tree any) (changed bool) {
	switch v := tree.(type) {
	case []any:
		for _, one := range v {
			changed = certify(one) || changed
		}
	case map[string]any:
		_, host := v["hostName"]
		for name, field := range v {
			text, _ := field.(string)
			if (name != "data" && name != "encodedCertificate") || !placeholder.MatchString(text) {
				changed = certify(field) || changed
				continue
			}
			password, given := v["certificatePassword"].(string)
			if !given {
				password = certificatePassword
			}
			v[name], changed = certificate(host || name == "data", password), true
		}
	}
	return changed
}

// certificate makes a certificate in base64: with its key, as an archive, or alone.
func certificate(archive bool, password string) string {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return ""
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "contoso.com"},
		NotBefore: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2035, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return ""
	}
	if !archive {
		return base64.StdEncoding.EncodeToString(der)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return ""
	}
	pfx, err := pkcs12.Modern.Encode(key, parsed, nil, password)
	if err != nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(pfx)
}
