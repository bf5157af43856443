package wsdl

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer/markup"
)

// binding is the port that is imported, with what it is bound to.
type binding struct {
	*reader
	service *markup.Element
	element *markup.Element
	port    *markup.Element // The portType.
	address string
	// space is that of the SOAP elements: SOAP 1.1 or 1.2.
	space string
	// rpc is set where the style of the binding is rpc.
	rpc bool
}

// contentType is that of the messages.
func (b *binding) contentType() string {
	if b.space == soap12Space {
		return "application/soap+xml"
	}
	return "text/xml"
}

// choose finds the service and the port that the options name, or else the
// first that is bound to SOAP.
func (r *reader) choose() (*binding, bool) {
	var services []string
	for s := range r.root.All(wsdlSpace, "service") {
		name := s.Attribute("name")
		services = append(services, name)
		if r.options.Service != "" && name != r.options.Service {
			continue
		}
		if b, found, ok := r.endpoint(s); found {
			return b, ok
		}
		if r.options.Service != "" {
			r.fail(s, "service", r.noPort(s), "the ports that are bound to SOAP are: "+clip(strings.Join(r.ports(s), ", ")))
			return nil, false
		}
	}
	switch {
	case len(services) == 0:
		r.fail(r.root, "service", "the document has no service", "")
	case r.options.Service != "":
		r.fail(r.root, "wsdlServiceName", fmt.Sprintf("the document has no service %q", clip(r.options.Service)),
			"it has "+clip(strings.Join(services, ", ")))
	default:
		r.fail(r.root, "wsdlEndpointName", r.noPort(nil), "")
	}
	return nil, false
}

func (r *reader) noPort(service *markup.Element) string {
	if r.options.Endpoint != "" {
		return fmt.Sprintf("the service %q has no port %q that is bound to SOAP", clip(service.Attribute("name")), clip(r.options.Endpoint))
	}
	return fmt.Sprintf("the service %q has no port that is bound to SOAP over HTTP", clip(service.Attribute("name")))
}

func (r *reader) ports(service *markup.Element) []string {
	var out []string
	for p := range service.All(wsdlSpace, "port") {
		if space, _ := address(p); space != "" {
			out = append(out, p.Attribute("name"))
		}
	}
	return out
}

// address returns the namespace of a port's SOAP address, and the address.
func address(port *markup.Element) (space, location string) {
	for _, space := range []string{soap11Space, soap12Space} {
		if a := port.First(space, "address"); a != nil {
			return space, a.Attribute("location")
		}
	}
	return "", ""
}

// endpoint takes a port of the service. Found says that there is one, ok that
// it can be used; else what is wrong is reported.
func (r *reader) endpoint(service *markup.Element) (b *binding, found, ok bool) {
	for p := range service.All(wsdlSpace, "port") {
		if r.options.Endpoint != "" && p.Attribute("name") != r.options.Endpoint {
			continue
		}
		space, location := address(p)
		if space == "" {
			continue
		}
		u, err := url.Parse(location)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
			r.fail(p, "port", fmt.Sprintf("the address %q is not an http or https URL", clip(location)), "")
			return nil, true, false
		}
		b := &binding{reader: r, service: service, address: location, space: space}
		ok = b.bind(p)
		return b, true, ok
	}
	return nil, false, false
}

// bind follows the port to its binding and its portType.
func (b *binding) bind(port *markup.Element) bool {
	b.element = b.named(port, "binding", "binding")
	if b.element == nil {
		return false
	}
	b.rpc = b.element.First(b.space, "binding").Attribute("style") == "rpc"
	b.port = b.named(b.element, "type", "portType")
	return b.port != nil
}

// named finds what an attribute names among the definitions of the document.
func (b *binding) named(at *markup.Element, attribute, local string) *markup.Element {
	name, ok := at.Resolve(at.Attribute(attribute))
	if ok && (name.Space == b.root.Attribute("targetNamespace") || name.Space == "") {
		for e := range b.root.All(wsdlSpace, local) {
			if e.Attribute("name") == name.Local {
				return e
			}
		}
	}
	b.fail(at, at.Name.Local, fmt.Sprintf("the document has no %s %q", local, clip(at.Attribute(attribute))), "")
	return nil
}

// operation is one of a binding.
type operation struct {
	element     *markup.Element
	name        string
	description string
	action      string
	rpc         bool
	// encoded is set where the body is not literal.
	encoded       bool
	input, output message
}

// message is what an operation takes or gives.
type message struct {
	name string
	// element is the one part of the message, as literal document style has it;
	// its Local is empty where there is no such part.
	element xml.Name
	parts   int
}

func (b *binding) operations() []operation {
	var out []operation
	for e := range b.element.All(wsdlSpace, "operation") {
		o := operation{element: e, name: e.Attribute("name"), rpc: b.rpc}
		if s := e.First(b.space, "operation"); s != nil {
			o.action = s.Attribute("soapAction")
			if style := s.Attribute("style"); style != "" {
				o.rpc = style == "rpc"
			}
		}
		for _, direction := range []string{"input", "output"} {
			if e.First(wsdlSpace, direction).First(b.space, "body").Attribute("use") == "encoded" {
				o.encoded = true
			}
		}
		abstract := b.abstract(e)
		if abstract == nil {
			continue
		}
		o.description = documentation(e, abstract)
		o.input = b.message(abstract.First(wsdlSpace, "input"))
		o.output = b.message(abstract.First(wsdlSpace, "output"))
		out = append(out, o)
	}
	if len(out) == 0 {
		b.warn(b.element, "binding", "the binding has no operations")
	}
	return out
}

// abstract finds the operation of the portType; of several with the same name,
// that whose input is named alike.
func (b *binding) abstract(bound *markup.Element) *markup.Element {
	var first *markup.Element
	for e := range b.port.All(wsdlSpace, "operation") {
		if e.Attribute("name") != bound.Attribute("name") {
			continue
		}
		if first == nil {
			first = e
		}
		if name := bound.First(wsdlSpace, "input").Attribute("name"); name != "" && e.First(wsdlSpace, "input").Attribute("name") == name {
			return e
		}
	}
	if first == nil {
		b.fail(bound, "operation",
			fmt.Sprintf("the portType %q has no operation %q", clip(b.port.Attribute("name")), clip(bound.Attribute("name"))), "")
	}
	return first
}

// message reads what an input or an output names; an absent one is empty.
func (b *binding) message(at *markup.Element) message {
	if at == nil {
		return message{}
	}
	e := b.named(at, "message", "message")
	if e == nil {
		return message{}
	}
	out := message{name: e.Attribute("name")}
	for p := range e.All(wsdlSpace, "part") {
		out.parts++
		if name, ok := p.Resolve(p.Attribute("element")); ok && name.Local != "" && out.element.Local == "" {
			out.element = name
		}
	}
	return out
}
