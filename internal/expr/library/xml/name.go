package xml

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/value"
)

const (
	xmlURI   = "http://www.w3.org/XML/1998/namespace"
	xmlnsURI = "http://www.w3.org/2000/xmlns/"
)

// qname is a name with its namespace.
type qname struct {
	local, ns string
}

// text is the expanded name: {namespace}local.
func (q qname) text() string {
	if q.ns == "" {
		return q.local
	}
	return "{" + q.ns + "}" + q.local
}

// name is an XName as a value.
type name struct {
	f *family
	qname
}

// ObjectType returns the type XName.
func (n *name) ObjectType() value.Type { return n.f.name }

// NetString returns the expanded name.
func (n *name) NetString() (value.String, *value.Exception) { return value.Str(n.text()), nil }

// EqualTo reports whether other is the same name.
func (n *name) EqualTo(other value.Value) bool {
	o, _ := other.Object()
	m, ok := o.(*name)
	return ok && m.qname == n.qname
}

// HashCode returns a hash of the name.
func (n *name) HashCode() uint64 { return object.HashString(n.text()) }

// ns is an XNamespace as a value.
type ns struct {
	f   *family
	uri string
}

// ObjectType returns the type XNamespace.
func (n *ns) ObjectType() value.Type { return n.f.namespace }

// NetString returns the URI.
func (n *ns) NetString() (value.String, *value.Exception) { return value.Str(n.uri), nil }

// EqualTo reports whether other is the same namespace.
func (n *ns) EqualTo(other value.Value) bool {
	o, _ := other.Object()
	m, ok := o.(*ns)
	return ok && m.uri == n.uri
}

// HashCode returns a hash of the URI.
func (n *ns) HashCode() uint64 { return object.HashString(n.uri) }

// parseName reads an expanded name.
func parseName(s string) (qname, *value.Exception) {
	var q qname
	if s == "" {
		return q, value.Argument("expandedName", "'' is an invalid expanded name.")
	}
	if s[0] == '{' {
		i := strings.LastIndexByte(s, '}')
		if i <= 1 || i == len(s)-1 {
			return q, value.Argument("expandedName", "'"+s+"' is an invalid expanded name.")
		}
		q.ns, s = s[1:i], s[i+1:]
	}
	q.local = s
	return q, checkName(s)
}

// checkName checks a name without colon.
func checkName(s string) *value.Exception {
	for i, r := range s {
		if nameStart(r) && r != ':' || i > 0 && nameChar(r) && r != ':' {
			continue
		}
		if i == 0 {
			return xmlError(fmt.Sprintf("Name cannot begin with the '%s' character, hexadecimal value 0x%02X.", string(r), r), 0, 0)
		}
		return xmlError(fmt.Sprintf("The '%s' character, hexadecimal value 0x%02X, cannot be included in a name.", string(r), r), 0, 0)
	}
	if s == "" {
		return value.Argument("name", "The name is empty.")
	}
	return nil
}

// nameStart reports whether a name may begin with r.
func nameStart(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '_', r == ':':
		return true
	case r < 0xC0, r == 0xD7, r == 0xF7, r == utf8.RuneError:
		return false
	case r >= 0x300 && r <= 0x36F, r >= 0x2000 && r <= 0x200B, r >= 0x200E && r <= 0x206F:
		return false
	default:
		return r < 0xD800 || r >= 0xF900 && r < 0xFFFE || r >= 0x10000
	}
}

// nameChar reports whether r may stand in a name.
func nameChar(r rune) bool {
	return nameStart(r) || r >= '0' && r <= '9' || r == '-' || r == '.' || r == 0xB7 || r >= 0x300 && r <= 0x36F
}

// prefixOf finds the prefix that is bound to a namespace at an element, "" for none.
func prefixOf(n *node, uri string) string {
	switch uri {
	case xmlURI:
		return "xml"
	case xmlnsURI:
		return "xmlns"
	}
	for e := n; e != nil; e = e.parent {
		for _, a := range e.attrs {
			if a.name.ns == xmlnsURI && a.value == uri && namespaceOf(n, a.name.local) == uri {
				return a.name.local
			}
		}
	}
	return ""
}

// namespaceOf finds the namespace that a prefix is bound to at an element, "" for none.
func namespaceOf(n *node, prefix string) string {
	switch prefix {
	case "xml":
		return xmlURI
	case "xmlns":
		return xmlnsURI
	}
	want := qname{local: prefix, ns: xmlnsURI}
	if prefix == "" {
		want = qname{local: "xmlns"}
	}
	for e := n; e != nil; e = e.parent {
		if a := e.attr(want); a != nil {
			return a.value
		}
	}
	return ""
}
