// Package text is System.Text and System.IO for policy expressions: StringBuilder, Encoding, StringReader and
// StringWriter.
package text
