package wsdl

import (
	"fmt"
	"strings"
	"testing"
)

// service is a document with a message of fields elements and a number of
// operations that all have it.
func service(operations int, fields string) []byte {
	var port, binding strings.Builder
	for i := range operations {
		fmt.Fprintf(&port, `<operation name="o%d"><input message="t:m"/><output message="t:m"/></operation>`, i)
		fmt.Fprintf(&binding, `<operation name="o%d"><soap:operation soapAction="urn:%d"/></operation>`, i, i)
	}
	return []byte(`<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t"><types><x:schema targetNamespace="urn:t">
  <x:complexType name="T"><x:sequence>` + fields + `</x:sequence></x:complexType><x:element name="In" type="t:T"/></x:schema></types>
  <message name="m"><part name="p" element="t:In"/></message><portType name="p">` + port.String() + `</portType>
  <binding name="b" type="t:p"><soap:binding/>` + binding.String() + `</binding>
  <service name="s"><port name="p" binding="t:b"><soap:address location="http://a.example/"/></port></service></definitions>`)
}

// TestLimits covers small documents that would become large ones.
func TestLimits(t *testing.T) {
	element := `<x:element name="a" type="x:int"/>`
	tests := []struct {
		name string
		in   []byte
		want string
	}{
		{"many fields", service(1, strings.Repeat(element, MaxFields)), "limit MaxFields)"},
		{"many fields in all", service(100, strings.Repeat(element, MaxFields-1)), "limit MaxFieldsInAll)"},
		{"many operations", service(MaxOperations+1, element), "limit MaxOperations"},
		{"deep sequences", service(1, strings.Repeat("<x:sequence>", MaxNesting+1)+element+strings.Repeat("</x:sequence>", MaxNesting+1)), "limit MaxNesting"},
		{"an error behind many warnings", service(1, strings.Repeat("<x:any/>", 2*MaxProblems)+`<x:element name="a" type="t:T"/>`), "holds itself"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := Read("apis/a", tt.in, Options{REST: true})
			if !problems.HasErrors() || !strings.Contains(problems.String(), tt.want) || len(problems) > MaxProblems {
				t.Errorf("%d problems: %.300v", len(problems), problems)
			}
		})
	}
	if in, problems := Read("apis/a", service(40, strings.Repeat(element, MaxFields-1)), Options{REST: true}); problems.HasErrors() {
		t.Error(problems)
	} else {
		compile(t, in.Policies[0].Value)
	}
	nested := strings.Repeat(element, MaxFields-20)
	for range 10 {
		nested = `<x:element name="Inner" maxOccurs="2"><x:complexType><x:sequence>` + nested + `</x:sequence></x:complexType></x:element>`
	}
	_, problems := Read("apis/a", service(1, nested), Options{REST: true})
	if !problems.HasErrors() || !strings.Contains(problems.String(), "limit MaxDocumentBytes") {
		t.Errorf("got %v", problems)
	}
}
