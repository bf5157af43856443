// Package xml is System.Xml.Linq for policy expressions: documents, elements, attributes and names, read and
// written as .NET does.
package xml
