package wsdl

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	envelope11 = "http://schemas.xmlsoap.org/soap/envelope/"
	envelope12 = "http://www.w3.org/2003/05/soap-envelope"
	instance   = "http://www.w3.org/2001/XMLSchema-instance"
)

// generator writes the policy of an operation: C# that builds the envelope of
// the call, and C# that reads the answer. All names of the document stand in
// string literals in which nothing but letters, digits and a few signs is
// written as it is.
type generator struct {
	*binding
	operation *operation
	path      string
	b         strings.Builder
	variables int
	spaces    map[string]string // Variables of namespaces.
	indent    int
}

func (g *generator) envelope() string {
	if g.space == soap12Space {
		return envelope12
	}
	return envelope11
}

// policy writes the whole document.
func (g *generator) policy(input, output *field) string {
	g.line("<policies>")
	g.line("    <inbound>")
	g.line("        <base />")
	g.line("        <rewrite-uri template=\"" + attribute(g.path) + "\" copy-unmatched-params=\"false\" />")
	g.line("        <set-body>@{")
	g.request(input)
	g.line("        }</set-body>")
	g.header("Content-Type", g.requestType())
	if g.space == soap11Space {
		g.header("SOAPAction", `"`+g.operation.action+`"`)
	}
	g.line("    </inbound>")
	g.line("    <backend>\n        <base />\n    </backend>")
	g.line("    <outbound>")
	g.line("        <base />")
	g.line("        <choose>")
	g.line("            <when condition=\"@(400 > context.Response.StatusCode)\">")
	g.line("                <set-body>@{")
	g.response(output)
	g.line("                }</set-body>")
	g.line("            </when>")
	g.line("            <otherwise>")
	g.line("                <set-body>@{")
	g.fault()
	g.line("                }</set-body>")
	g.line("            </otherwise>")
	g.line("        </choose>")
	g.header("Content-Type", jsonType)
	g.line("    </outbound>")
	g.line("    <on-error>\n        <base />\n    </on-error>")
	g.line("</policies>")
	return g.b.String()
}

func (g *generator) requestType() string {
	if g.space == soap12Space {
		return `application/soap+xml; charset=utf-8; action="` + g.operation.action + `"`
	}
	return "text/xml; charset=utf-8"
}

func (g *generator) header(name, value string) {
	g.line("        <set-header name=\"" + name + "\" exists-action=\"override\">")
	g.line("            <value>" + text(value) + "</value>")
	g.line("        </set-header>")
}

func (g *generator) line(text string) { g.b.WriteString(text + "\n") }

// code writes a line of C#, indented.
func (g *generator) code(format string, args ...any) {
	g.line(strings.Repeat("  ", g.indent+6) + fmt.Sprintf(format, args...))
}

func (g *generator) variable(prefix string) string {
	g.variables++
	return prefix + strconv.Itoa(g.variables)
}

// request builds the envelope. The body is the member with the name of the
// message, or the members themselves.
func (g *generator) request(input *field) {
	g.code("XNamespace soap = %s;", literal(g.envelope()))
	g.declare(input)
	g.code("var message = new XElement(%s);", g.name(input))
	if len(input.fields) > 0 {
		g.code("JToken body = context.Request.Body.As<JObject>(preserveContent: true);")
		g.code("body = body[%s] ?? body;", literal(input.json()))
		for _, f := range input.fields {
			g.write(f, "message", "body")
		}
	}
	g.code("var prefix = new XAttribute(XNamespace.Xmlns + \"soap\", soap.NamespaceName);")
	g.code("return new XElement(soap + \"Envelope\", prefix, new XElement(soap + \"Body\", message)).ToString();")
}

// write adds a field of the JSON object in one variable to the element in
// another.
func (g *generator) write(f *field, to, from string) {
	token := g.variable("json")
	g.code("JToken %s = %s[%s];", token, from, literal(f.json()))
	if f.list {
		item := g.variable("item")
		g.code("if (%s != null && %s.Type == JTokenType.Array) {", token, token)
		g.indent++
		g.code("foreach (JToken %s in (JArray)%s) {", item, token)
		g.indent++
		g.one(f, to, item)
		g.indent--
		g.code("}")
		g.indent--
		g.code("}")
		return
	}
	g.one(f, to, token)
}

// one adds one value. A null is nil where the element may be, and left out
// elsewhere, as what is absent.
func (g *generator) one(f *field, to, token string) {
	if f.nillable {
		g.code("if (%s != null && %s.Type == JTokenType.Null) {", token, token)
		g.code("  %s.Add(new XElement(%s, new XAttribute(XNamespace.Get(%s) + \"nil\", \"true\")));", to, g.name(f), literal(instance))
		g.code("}")
	}
	g.code("if (%s != null && %s.Type != JTokenType.Null) {", token, token)
	g.indent++
	if f.kind == kindObject {
		element := g.variable("element")
		g.code("var %s = new XElement(%s);", element, g.name(f))
		g.code("%s.Add(%s);", to, element)
		for _, c := range f.fields {
			g.write(c, element, token)
		}
	} else {
		g.code("%s.Add(new XElement(%s, ((JValue)%s).Value));", to, g.name(f), token)
	}
	g.indent--
	g.code("}")
}

// response reads the answer.
func (g *generator) response(output *field) {
	g.code("var answer = new JObject();")
	if output == nil {
		g.code("return answer.ToString();")
		return
	}
	g.code("XNamespace soap = %s;", literal(g.envelope()))
	g.declare(output)
	g.code("var message = context.Response.Body.As<XElement>(preserveContent: true).Element(soap + \"Body\")?.Element(%s);", g.name(output))
	g.code("if (message == null) { return new JObject(new JProperty(%s, null)).ToString(); }", literal(output.json()))
	if output.kind == kindObject {
		for _, f := range output.fields {
			g.read(f, "answer", "message")
		}
		g.code("return new JObject(new JProperty(%s, answer)).ToString();", literal(output.json()))
		return
	}
	g.code("return new JObject(new JProperty(%s, %s)).ToString();", literal(output.json()), scalar(output, "message"))
}

// read puts a field of the element in one variable in the JSON object in
// another.
func (g *generator) read(f *field, to, from string) {
	if f.list {
		array, item := g.variable("array"), g.variable("item")
		g.code("var %s = new JArray();", array)
		g.code("foreach (var %s in %s.Elements(%s)) {", item, from, g.name(f))
		g.indent++
		if f.kind == kindObject {
			object := g.variable("object")
			g.code("var %s = new JObject();", object)
			for _, c := range f.fields {
				g.read(c, object, item)
			}
			g.code("%s.Add(%s);", array, object)
		} else {
			g.code("%s.Add(%s);", array, scalar(f, item))
		}
		g.indent--
		g.code("}")
		g.code("%s[%s] = %s;", to, literal(f.json()), array)
		return
	}
	element := g.variable("element")
	g.code("var %s = %s.Element(%s);", element, from, g.name(f))
	g.code("if (%s != null) {", element)
	g.indent++
	if f.kind == kindObject {
		object := g.variable("object")
		g.code("var %s = new JObject();", object)
		for _, c := range f.fields {
			g.read(c, object, element)
		}
		g.code("%s[%s] = %s;", to, literal(f.json()), object)
	} else {
		g.code("%s[%s] = %s;", to, literal(f.json()), scalar(f, element))
	}
	g.indent--
	g.code("}")
}

// scalar is an expression for the value of an element. An element that is empty
// is null where it would be a number or a boolean.
func scalar(f *field, element string) string {
	cast := map[kind]string{kindInteger: "long", kindNumber: "double", kindBoolean: "bool"}[f.kind]
	if cast == "" {
		return "new JValue(" + element + ".Value)"
	}
	return fmt.Sprintf("%s.Value == \"\" ? JValue.CreateNull() : new JValue((%s)%s)", element, cast, element)
}

// fault makes an error in JSON of a SOAP fault, in the form that the guidelines
// for REST APIs have for errors.
func (g *generator) fault() {
	g.code("var code = \"InvalidErrorResponseBody\";")
	g.code("var message = \"The error response of the backend is not a SOAP fault.\";")
	g.code("try {")
	g.indent++
	g.code("XNamespace soap = %s;", literal(g.envelope()))
	g.code("var fault = context.Response.Body.As<XElement>(preserveContent: true).Element(soap + \"Body\")?.Element(soap + \"Fault\");")
	g.code("if (fault != null) {")
	if g.space == soap12Space {
		g.code("  code = fault.Element(soap + \"Code\")?.Element(soap + \"Value\")?.Value;")
		g.code("  message = fault.Element(soap + \"Reason\")?.Element(soap + \"Text\")?.Value;")
	} else {
		g.code("  code = fault.Element(\"faultcode\")?.Value;")
		g.code("  message = fault.Element(\"faultstring\")?.Value;")
	}
	g.code("}")
	g.indent--
	g.code("} catch (Exception) { }")
	g.code("var error = new JObject(new JProperty(\"code\", code), new JProperty(\"message\", message));")
	g.code("return new JObject(new JProperty(\"error\", error)).ToString();")
}

// declare names the namespaces of a message in variables.
func (g *generator) declare(message *field) {
	g.spaces = map[string]string{}
	g.declareAll(message)
}

func (g *generator) declareAll(f *field) {
	if space := f.name.Space; space != "" && g.spaces[space] == "" {
		g.spaces[space] = "ns" + strconv.Itoa(len(g.spaces))
		g.code("XNamespace %s = %s;", g.spaces[space], literal(space))
	}
	for _, c := range f.fields {
		g.declareAll(c)
	}
}

// name is a C# expression for the name of a field's element.
func (g *generator) name(f *field) string {
	if f.name.Space == "" {
		return literal(f.name.Local)
	}
	return g.spaces[f.name.Space] + " + " + literal(f.name.Local)
}

// literal writes a C# string. What could end it, or mean something to those who
// read the policy around it (named values, XML), is written as a number.
func literal(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		plain := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(" -._:/#?=,;+()", r)
		switch {
		case plain:
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08X`, r)
		default:
			fmt.Fprintf(&b, `\u%04X`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// escaper writes text in XML, where {{ }} would be a named value and a leading
// @ an expression.
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "{", "&#123;", "}", "&#125;", "@", "&#64;",
	"\n", " ", "\r", " ", "\t", " ")

func attribute(text string) string { return escaper.Replace(text) }

func text(value string) string { return escaper.Replace(value) }
