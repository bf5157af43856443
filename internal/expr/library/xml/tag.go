package xml

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/expr/value"
)

func (p *parser) space() {
	for p.pos < len(p.src) && strings.IndexByte(" \t\r\n", p.src[p.pos]) >= 0 {
		p.pos++
	}
}

// name reads a name with colons, "" where none stands.
func (p *parser) name() string {
	at := p.pos
	for p.pos < len(p.src) {
		r, n := utf8.DecodeRuneInString(p.src[p.pos:])
		if !nameChar(r) || p.pos == at && !nameStart(r) {
			break
		}
		p.pos += n
	}
	return p.src[at:p.pos]
}

// rawAttribute is an attribute before its prefix is looked up.
type rawAttribute struct {
	name, value string
	at          int
}

// startTag reads <name …> or <name …/>.
func (p *parser) startTag() *value.Exception {
	at := p.pos
	p.pos++
	tag := p.name()
	if tag == "" {
		return p.badName()
	}
	if len(p.open) == 0 && p.root() != nil {
		return p.fail(at+1, "There are multiple root elements.")
	}
	if len(p.open) >= maxDepth {
		return p.fail(at, "The XML is nested too deeply.")
	}
	list, empty, e := p.attributes()
	if e != nil {
		return e
	}
	n := &node{kind: elementNode, full: !empty}
	if e := p.add(n); e != nil {
		return e
	}
	if e := p.t.Budget.Alloc(attributeBytes * int64(len(list))); e != nil {
		return e
	}
	for _, a := range list {
		if prefix, local, ok := strings.Cut(a.name, ":"); ok && prefix == "xmlns" || a.name == "xmlns" {
			q := qname{local: "xmlns"}
			if ok {
				q = qname{local, xmlnsURI}
			}
			n.attrs = append(n.attrs, &attribute{f: p.f, parent: n, name: q, value: a.value})
		}
	}
	if n.name, e = p.qualified(n, tag, at+1, true); e != nil {
		return e
	}
	if e := p.plain(n, list); e != nil {
		return e
	}
	if !empty {
		p.open, p.names = append(p.open, n), append(p.names, tag)
	}
	return nil
}

// plain gives an element all its attributes in the order in which they are written.
func (p *parser) plain(n *node, list []rawAttribute) *value.Exception {
	if len(list) == 0 {
		return nil
	}
	declarations := n.attrs
	attrs := make([]*attribute, 0, len(list))
	for _, a := range list {
		if a.name == "xmlns" || strings.HasPrefix(a.name, "xmlns:") {
			attrs = append(attrs, declarations[0])
			declarations = declarations[1:]
			continue
		}
		q, e := p.qualified(n, a.name, a.at, false)
		if e != nil {
			return e
		}
		if e := p.t.Budget.Steps(int64(len(attrs)) / movedStep); e != nil {
			return e
		}
		if named(attrs, q) != nil {
			return p.fail(a.at, "'%s' is a duplicate attribute name.", a.name)
		}
		attrs = append(attrs, &attribute{f: p.f, parent: n, name: q, value: a.value})
	}
	n.attrs = attrs
	return nil
}

// qualified looks a prefix up; an attribute without prefix has no namespace.
func (p *parser) qualified(n *node, name string, at int, element bool) (qname, *value.Exception) {
	prefix, local, ok := strings.Cut(name, ":")
	if !ok {
		if !element {
			return qname{local: name}, nil
		}
		return qname{name, namespaceOf(n, "")}, nil
	}
	if prefix == "" || local == "" || strings.Contains(local, ":") {
		return qname{}, p.fail(at, "The ':' character, hexadecimal value 0x3A, cannot be included in a name.")
	}
	uri := namespaceOf(n, prefix)
	if uri == "" {
		return qname{}, p.fail(at, "'%s' is an undeclared prefix.", prefix)
	}
	return qname{local, uri}, nil
}

// attributes reads the attributes of a start tag and its end.
func (p *parser) attributes() (list []rawAttribute, empty bool, e *value.Exception) {
	for {
		before := p.pos
		p.space()
		switch {
		case p.pos >= len(p.src):
			return nil, false, p.fail(p.pos, "Unexpected end of file has occurred.")
		case p.src[p.pos] == '>':
			p.pos++
			return list, false, nil
		case strings.HasPrefix(p.src[p.pos:], "/>"):
			p.pos += 2
			return list, true, nil
		case before == p.pos:
			return nil, false, p.badName()
		}
		at := p.pos
		name := p.name()
		if name == "" {
			return nil, false, p.badName()
		}
		v, e := p.attributeValue(name, at)
		if e != nil {
			return nil, false, e
		}
		if e := p.t.Budget.Steps(int64(len(list)) / movedStep); e != nil {
			return nil, false, e
		}
		for _, a := range list {
			if a.name == name {
				return nil, false, p.fail(at, "'%s' is a duplicate attribute name.", name)
			}
		}
		if list, e = value.Append(p.t, list, rawAttribute{name, v, at}); e != nil {
			return nil, false, e
		}
	}
}

// attributeValue reads ="value".
func (p *parser) attributeValue(name string, at int) (string, *value.Exception) {
	p.space()
	if p.pos >= len(p.src) || p.src[p.pos] != '=' {
		return "", p.unexpected("=")
	}
	p.pos++
	p.space()
	if p.pos >= len(p.src) || p.src[p.pos] != '"' && p.src[p.pos] != '\'' {
		return "", p.unexpected("\"' or ''")
	}
	quote := p.src[p.pos]
	p.pos++
	end := strings.IndexByte(p.src[p.pos:], quote)
	if end < 0 {
		return "", p.fail(len(p.src), "Unexpected end of file has occurred in the attribute '%s' that begins at %d.", name, at)
	}
	raw := p.src[p.pos : p.pos+end]
	if i := strings.IndexByte(raw, '<'); i >= 0 {
		return "", p.fail(p.pos+i, "'<', hexadecimal value 0x3C, is an invalid attribute character.")
	}
	start := p.pos
	p.pos += end + 1
	if strings.ContainsAny(raw, "\r\n\t") {
		if e := p.t.Budget.Alloc(int64(len(raw))); e != nil {
			return "", e
		}
		raw = attributeSpaces.Replace(raw)
	}
	return p.decode(raw, start)
}

// attributeSpaces makes one space of each white space in an attribute's value.
var attributeSpaces = strings.NewReplacer("\r\n", " ", "\n", " ", "\t", " ", "\r", " ")

// endTag reads </name>.
func (p *parser) endTag() *value.Exception {
	p.pos += len("</")
	at := p.pos
	tag := p.name()
	p.space()
	switch {
	case tag == "":
		return p.badName()
	case p.pos >= len(p.src) || p.src[p.pos] != '>':
		return p.unexpected(">")
	case len(p.open) == 0:
		return p.fail(at, "Unexpected end tag.")
	case p.names[len(p.names)-1] != tag:
		return p.fail(at, "The '%s' start tag does not match the end tag of '%s'.", p.names[len(p.names)-1], tag)
	}
	p.pos++
	p.open, p.names = p.open[:len(p.open)-1], p.names[:len(p.names)-1]
	return nil
}

func (p *parser) badName() *value.Exception {
	if p.pos >= len(p.src) {
		return p.fail(p.pos, "Unexpected end of file has occurred.")
	}
	r, _ := utf8.DecodeRuneInString(p.src[p.pos:])
	return p.fail(p.pos, "Name cannot begin with the '%s' character, hexadecimal value 0x%02X.", string(r), r)
}

func (p *parser) unexpected(want string) *value.Exception {
	if p.pos >= len(p.src) {
		return p.fail(p.pos, "Unexpected end of file has occurred.")
	}
	r, _ := utf8.DecodeRuneInString(p.src[p.pos:])
	return p.fail(p.pos, "'%s' is an unexpected token. The expected token is '%s'.", string(r), want)
}

var entities = map[string]string{"lt": "<", "gt": ">", "amp": "&", "quot": `"`, "apos": "'"}

// decode replaces entities and normalises line ends; at is where raw stands.
func (p *parser) decode(raw string, at int) (string, *value.Exception) {
	if strings.Contains(raw, "\r\n") {
		if e := p.t.Budget.Alloc(int64(len(raw))); e != nil {
			return "", e
		}
		raw = strings.ReplaceAll(raw, "\r\n", "\n")
	}
	if strings.Contains(raw, "]]>") {
		return "", p.fail(at+strings.Index(raw, "]]>"), "']]>' is not allowed in character data.")
	}
	if !strings.Contains(raw, "&") {
		return raw, nil
	}
	b := value.NewText(p.t)
	for i := 0; i < len(raw); {
		if raw[i] != '&' {
			b.Char(raw[i])
			i++
			continue
		}
		end := strings.IndexByte(raw[i:], ';')
		if end < 0 {
			return "", p.fail(at+i+1, "An error occurred while parsing EntityName.")
		}
		name := raw[i+1 : i+end]
		s, ok := entity(name)
		if !ok {
			return "", p.fail(at+i+1, "Reference to undeclared entity '%s'.", name)
		}
		b.Add(s)
		i += end + 1
	}
	return b.Done()
}

// entity is the text of a named or numeric entity.
func entity(name string) (string, bool) {
	if s, ok := entities[name]; ok {
		return s, true
	}
	digits, ok := strings.CutPrefix(name, "#")
	if !ok {
		return "", false
	}
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || !validChar(rune(n)) {
		return "", false
	}
	return string(rune(n)), true
}

func validChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r < 0xD800 || r >= 0xE000 && r < 0xFFFE || r >= 0x10000 && r <= utf8.MaxRune
}
