// Package xml is System.Xml.Linq for policy expressions: XElement, XDocument and their kin.
package xml
