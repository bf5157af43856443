package xml

import (
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Tables returns the tables of the package.
func Tables() []types.Table {
	list := []types.Table{
		{Namespace: namespace, Decl: "abstract class XObject", Members: []types.Entry{
			{Sig: "XDocument Document { get; }", Impl: types.ObjVal(objectDocument)},
			{Sig: "XElement Parent { get; }", Impl: types.ObjVal(objectParent)},
			{Sig: "XmlNodeType NodeType { get; }", Impl: types.ObjInt(nodeType)},
		}},
		{Namespace: namespace, Decl: "abstract class XNode : XObject", Members: nodeMembers()},
		{Namespace: namespace, Decl: "abstract class XContainer : XNode", Members: containerMembers()},
		{Namespace: namespace, Decl: "class XElement : XContainer", Members: append(elementMembers(), casts("XElement")...)},
		{Namespace: namespace, Decl: "class XDocument : XContainer", Members: documentMembers()},
		{Namespace: namespace, Decl: "class XAttribute : XObject", Members: append(attributeMembers(), casts("XAttribute")...)},
		{Namespace: namespace, Decl: "class XText : XNode", Members: textMembers("XText", textNode)},
		{Namespace: namespace, Decl: "class XCData : XText", Members: textMembers("XCData", cdataNode)},
		{Namespace: namespace, Decl: "class XComment : XNode", Members: textMembers("XComment", commentNode)},
		{Namespace: namespace, Decl: "class XProcessingInstruction : XNode", Members: []types.Entry{
			{Sig: "XProcessingInstruction(string target, string data)", Impl: types.Func(newInstruction)},
			{Sig: "string Target { get; }", Impl: str(func(n *node) string { return n.target })},
			{Sig: "string Data { get; set; }", Impl: str(func(n *node) string { return n.text }), Set: types.Func(setValue)},
		}},
		{Namespace: namespace, Decl: "class XDocumentType : XNode"},
		{Namespace: namespace, Decl: "class XDeclaration", Members: []types.Entry{
			{Sig: "XDeclaration(string version, string encoding, string standalone)", Impl: types.Func(newDeclaration)},
			{Sig: "string Version { get; }", Impl: declared(func(d *declaration) value.String { return d.version })},
			{Sig: "string Encoding { get; }", Impl: declared(func(d *declaration) value.String { return d.encoding })},
			{Sig: "string Standalone { get; }", Impl: declared(func(d *declaration) value.String { return d.standalone })},
		}},
		{Namespace: namespace, Decl: "static class Extensions", Members: extensions()},
		{Namespace: namespace, Decl: "sealed class XNodeEqualityComparer", Members: []types.Entry{
			{Sig: "XNodeEqualityComparer()", Impl: types.Func(newComparer)},
			{Sig: "bool Equals(XNode x, XNode y)", Impl: types.Func(compareEqual)},
		}},
		{Namespace: namespace, Decl: "sealed class XNodeDocumentOrderComparer", Members: []types.Entry{
			{Sig: "XNodeDocumentOrderComparer()", Impl: types.Func(newComparer)},
			{Sig: "int Compare(XNode x, XNode y)", Impl: types.Func(compareOrder)},
		}},
		{Namespace: namespace, Decl: "enum SaveOptions", Flags: true, Members: enum("None", "DisableFormatting", "OmitDuplicateNamespaces")},
		{Namespace: namespace, Decl: "enum LoadOptions", Flags: true, Members: []types.Entry{
			{Sig: "None = 0"}, {Sig: "PreserveWhitespace = 1"}, {Sig: "SetBaseUri = 2"}, {Sig: "SetLineInfo = 4"},
		}},
		{Namespace: "System.Xml", Decl: "enum XmlNodeType", Members: enum("None", "Element", "Attribute", "Text", "CDATA", "EntityReference",
			"Entity", "ProcessingInstruction", "Comment", "Document", "DocumentType", "DocumentFragment", "Notation", "Whitespace",
			"SignificantWhitespace", "EndElement", "EndEntity", "XmlDeclaration")},
	}
	return append(list, nameTables()...)
}

func enum(sigs ...string) []types.Entry {
	list := make([]types.Entry, len(sigs))
	for i, s := range sigs {
		list[i].Sig = s
	}
	return list
}

// contentOf is the property Value of an element.
func contentOf(t *value.Thread, o value.Value) (value.String, *value.Exception) {
	s, e := asNode(o).content(t)
	return value.Str(s), e
}

// str is a property that is a string.
func str(f func(*node) string) types.ObjStr {
	return func(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
		return value.Str(f(asNode(o))), nil
	}
}

func declared(f func(*declaration) value.String) types.ObjStr {
	return func(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
		x, _ := o.Object()
		if d, ok := x.(*declaration); ok {
			return f(d), nil
		}
		return value.Null, nil
	}
}

// The content parameters of the members that take any.
const one, many = "object content", "params object[] content"

// both are two overloads of a member that takes content.
func both(before string, f types.Func) []types.Entry {
	return []types.Entry{{Sig: before + one + ")", Impl: f}, {Sig: before + many + ")", Impl: f}}
}

func nodeMembers() []types.Entry {
	list := []types.Entry{
		{Sig: "static bool DeepEquals(XNode n1, XNode n2)", Impl: types.Func(deepEquals)},
		{Sig: "string ToString(SaveOptions options)", Impl: types.Func(toText)},
		{Sig: "XNode NextNode { get; }", Impl: getter(nextNode)},
		{Sig: "XNode PreviousNode { get; }", Impl: getter(previousNode)},
		{Sig: "IEnumerable<XElement> Ancestors()", Impl: ancestors(false)},
		{Sig: "IEnumerable<XElement> Ancestors(XName name)", Impl: ancestors(false)},
		{Sig: "IEnumerable<XElement> ElementsAfterSelf()", Impl: siblingElements(true)},
		{Sig: "IEnumerable<XElement> ElementsAfterSelf(XName name)", Impl: siblingElements(true)},
		{Sig: "IEnumerable<XElement> ElementsBeforeSelf()", Impl: siblingElements(false)},
		{Sig: "IEnumerable<XElement> ElementsBeforeSelf(XName name)", Impl: siblingElements(false)},
		{Sig: "IEnumerable<XNode> NodesAfterSelf()", Impl: siblingNodes(true)},
		{Sig: "IEnumerable<XNode> NodesBeforeSelf()", Impl: siblingNodes(false)},
		{Sig: "void Remove()", Impl: types.Func(removeNode)},
	}
	list = append(list, both("void AddAfterSelf(", addBeside(true))...)
	list = append(list, both("void AddBeforeSelf(", addBeside(false))...)
	return append(list, both("void ReplaceWith(", types.Func(replaceWith))...)
}

func containerMembers() []types.Entry {
	list := []types.Entry{
		{Sig: "XElement Element(XName name)", Impl: types.Func(childElement)},
		{Sig: "IEnumerable<XElement> Elements()", Impl: types.Func(childElements)},
		{Sig: "IEnumerable<XElement> Elements(XName name)", Impl: types.Func(childElements)},
		{Sig: "IEnumerable<XElement> Descendants()", Impl: descendantElements(false)},
		{Sig: "IEnumerable<XElement> Descendants(XName name)", Impl: descendantElements(false)},
		{Sig: "IEnumerable<XNode> DescendantNodes()", Impl: descendantNodes(false)},
		{Sig: "IEnumerable<XNode> Nodes()", Impl: types.Func(nodes)},
		{Sig: "XNode FirstNode { get; }", Impl: getter(firstNode)},
		{Sig: "XNode LastNode { get; }", Impl: getter(lastNode)},
		{Sig: "void RemoveNodes()", Impl: types.Func(removeNodes)},
	}
	list = append(list, both("void Add(", add(false))...)
	list = append(list, both("void AddFirst(", add(true))...)
	return append(list, both("void ReplaceNodes(", replace(false))...)
}

func elementMembers() []types.Entry {
	list := []types.Entry{
		{Sig: "XElement(XName name)", Impl: types.Func(newElement)},
		{Sig: "XElement(XElement other)", Impl: types.Func(newElement)},
		{Sig: "static XElement Parse(string text)", Impl: types.Func(parseElement)},
		{Sig: "static XElement Parse(string text, LoadOptions options)", Impl: types.Func(parseElement)},
		{Sig: "XName Name { get; set; }", Impl: types.ObjVal(elementName), Set: types.Func(setName)},
		{Sig: "string Value { get; set; }", Impl: types.ObjStr(contentOf), Set: types.Func(setValue)},
		{Sig: "void ReplaceAttributes(object content)", Impl: types.Func(replaceAttributes)},
		{Sig: "void ReplaceAttributes(params object[] content)", Impl: types.Func(replaceAttributes)},
		{Sig: "bool HasAttributes { get; }", Impl: flag(func(n *node) bool { return len(n.attrs) > 0 })},
		{Sig: "bool HasElements { get; }", Impl: flag(func(n *node) bool { return rootOf(n) != nil })},
		{Sig: "bool IsEmpty { get; }", Impl: flag(func(n *node) bool { return len(n.kids) == 0 && !n.full })},
		{Sig: "XAttribute Attribute(XName name)", Impl: types.Func(attributeNamed)},
		{Sig: "IEnumerable<XAttribute> Attributes()", Impl: types.Func(liveAttributes)},
		{Sig: "IEnumerable<XAttribute> Attributes(XName name)", Impl: types.Func(liveAttributes)},
		{Sig: "XAttribute FirstAttribute { get; }", Impl: types.ObjVal(firstAttribute)},
		{Sig: "XAttribute LastAttribute { get; }", Impl: types.ObjVal(lastAttribute)},
		{Sig: "IEnumerable<XElement> AncestorsAndSelf()", Impl: ancestors(true)},
		{Sig: "IEnumerable<XElement> AncestorsAndSelf(XName name)", Impl: ancestors(true)},
		{Sig: "IEnumerable<XElement> DescendantsAndSelf()", Impl: descendantElements(true)},
		{Sig: "IEnumerable<XElement> DescendantsAndSelf(XName name)", Impl: descendantElements(true)},
		{Sig: "IEnumerable<XNode> DescendantNodesAndSelf()", Impl: descendantNodes(true)},
		{Sig: "XNamespace GetDefaultNamespace()", Impl: types.Func(defaultNamespace)},
		{Sig: "XNamespace GetNamespaceOfPrefix(string prefix)", Impl: types.Func(prefixNamespace)},
		{Sig: "string GetPrefixOfNamespace(XNamespace ns)", Impl: types.Func(namespacePrefix)},
		{Sig: "void SetAttributeValue(XName name, object value)", Impl: types.Func(setAttributeValue)},
		{Sig: "void SetElementValue(XName name, object value)", Impl: types.Func(setElementValue)},
		{Sig: "void SetValue(object value)", Impl: types.Func(setValue)},
		{Sig: "void RemoveAll()", Impl: types.Func(removeEverything)},
		{Sig: "void RemoveAttributes()", Impl: types.Func(removeAttributes)},
	}
	list = append(list, both("XElement(XName name, ", types.Func(newElement))...)
	list = append(list, both("void ReplaceAll(", replace(true))...)
	return list
}

func documentMembers() []types.Entry {
	return []types.Entry{
		{Sig: "XDocument()", Impl: types.Func(newDocument)},
		{Sig: "XDocument(XDocument other)", Impl: types.Func(newDocument)},
		{Sig: "XDocument(params object[] content)", Impl: types.Func(newDocument)},
		{Sig: "XDocument(XDeclaration declaration, params object[] content)", Impl: types.Func(newDocument)},
		{Sig: "static XDocument Parse(string text)", Impl: types.Func(parseDocument)},
		{Sig: "static XDocument Parse(string text, LoadOptions options)", Impl: types.Func(parseDocument)},
		{Sig: "XElement Root { get; }", Impl: getter(rootOf)},
		{Sig: "XDeclaration Declaration { get; set; }", Impl: types.ObjVal(documentDeclaration), Set: types.Func(setDeclaration)},
	}
}

func textMembers(class string, k kind) []types.Entry {
	return []types.Entry{
		{Sig: class + "(string value)", Impl: newText(k)},
		{Sig: class + "(" + class + " other)", Impl: newText(k)},
		{Sig: "string Value { get; set; }", Impl: types.ObjStr(contentOf), Set: types.Func(setValue)},
	}
}

func attributeMembers() []types.Entry {
	return []types.Entry{
		{Sig: "XAttribute(XName name, object value)", Impl: types.Func(newAttribute)},
		{Sig: "XAttribute(XAttribute other)", Impl: types.Func(newAttribute)},
		{Sig: "XName Name { get; }", Impl: types.ObjVal(attributeName)},
		{Sig: "string Value { get; set; }", Impl: types.ObjStr(attributeValue), Set: types.Func(setValue)},
		{Sig: "bool IsNamespaceDeclaration { get; }", Impl: types.ObjBool(isDeclaration)},
		{Sig: "XAttribute NextAttribute { get; }", Impl: types.ObjVal(nextAttribute)},
		{Sig: "XAttribute PreviousAttribute { get; }", Impl: types.ObjVal(previousAttribute)},
		{Sig: "void SetValue(object value)", Impl: types.Func(setValue)},
		{Sig: "void Remove()", Impl: types.Func(removeAttribute)},
	}
}

func extensions() []types.Entry {
	const containers, elements = "<T>(this IEnumerable<T> source", "(this IEnumerable<XElement> source"
	return []types.Entry{
		{Sig: "static IEnumerable<XElement> Elements" + containers + ")", Impl: ofSequence(kidsOf)},
		{Sig: "static IEnumerable<XElement> Elements" + containers + ", XName name)", Impl: ofSequence(kidsOf)},
		{Sig: "static IEnumerable<XElement> Descendants" + containers + ")", Impl: ofSequence(descendantsOf)},
		{Sig: "static IEnumerable<XElement> Descendants" + containers + ", XName name)", Impl: ofSequence(descendantsOf)},
		{Sig: "static IEnumerable<XAttribute> Attributes" + elements + ")", Impl: types.Func(attributesOf)},
		{Sig: "static IEnumerable<XAttribute> Attributes" + elements + ", XName name)", Impl: types.Func(attributesOf)},
		{Sig: "static void Remove(this IEnumerable<XAttribute> source)", Impl: types.Func(removeAll)},
		{Sig: "static void Remove(this IEnumerable<XNode> source)", Impl: types.Func(removeAll)},
	}
}

func nameTables() []types.Table {
	return []types.Table{
		{Namespace: namespace, Decl: "sealed class XName", Members: []types.Entry{
			{Sig: "static XName Get(string expandedName)", Impl: types.Func(getName)},
			{Sig: "static XName Get(string localName, string namespaceName)", Impl: types.Func(getName)},
			{Sig: "string LocalName { get; }", Impl: ofName(func(q qname) string { return q.local })},
			{Sig: "string NamespaceName { get; }", Impl: ofName(func(q qname) string { return q.ns })},
			{Sig: "XNamespace Namespace { get; }", Impl: types.ObjVal(nameNamespace)},
			{Sig: "static implicit operator XName(string expandedName)", Impl: types.Func(toName)},
			{Sig: "static bool operator ==(XName left, XName right)", Impl: types.Func(sameName)},
			{Sig: "static bool operator !=(XName left, XName right)", Impl: types.Func(otherName)},
		}},
		{Namespace: namespace, Decl: "sealed class XNamespace", Members: []types.Entry{
			{Sig: "static XNamespace None { get; }", Impl: known("")},
			{Sig: "static XNamespace Xml { get; }", Impl: known(xmlURI)},
			{Sig: "static XNamespace Xmlns { get; }", Impl: known(xmlnsURI)},
			{Sig: "static XNamespace Get(string namespaceName)", Impl: types.Func(toNamespace)},
			{Sig: "string NamespaceName { get; }", Impl: types.ObjStr(namespaceName)},
			{Sig: "XName GetName(string localName)", Impl: types.Func(inNamespace)},
			{Sig: "static XName operator +(XNamespace ns, string localName)", Impl: types.Func(inNamespace)},
			{Sig: "static implicit operator XNamespace(string namespaceName)", Impl: types.Func(toNamespace)},
			{Sig: "static bool operator ==(XNamespace left, XNamespace right)", Impl: types.Func(sameNamespace)},
			{Sig: "static bool operator !=(XNamespace left, XNamespace right)", Impl: types.Func(otherNamespace)},
		}},
	}
}
